//! How many enterprises stand how with a programme.

use domain::viewer::Scope;
use entity::{enterprise, financing_standing};
use financing::verdict::Status;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::{Open, StandingFilter, papers, status, with_standing};
use crate::error::Error;
use crate::store::Store;
use crate::store::scope::within_for;
use crate::store::sql::Row;

/// Enterprises and their way to a programme, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunnelCounts {
    /// Rows of lists.
    pub records: u64,
    /// Enterprises.
    pub enterprises: u64,
    /// Those with an NIB.
    pub with_nib: u64,
    /// Those with an NIB and an NPWP.
    pub with_npwp: u64,
    /// Enterprises by status, the papers that are missing, and whether they are one paper away.
    pub standings: Vec<(Status, Vec<String>, bool, u64)>,
}

impl Store {
    /// How many enterprises have such a standing.
    pub async fn standing_count(
        &self,
        open: Open<'_>,
        programme: &str,
        filter: &StandingFilter,
    ) -> Result<u64, Error> {
        let mut query = enterprise::Entity::find()
            .select_only()
            .expr(Expr::cust("COUNT(*)"))
            .filter(open.condition())
            .into_query();
        with_standing(&mut query, programme, filter);
        let counts = self.rows(self.backend().build(&query), |it| it.get::<i64>(0)).await?;
        Ok(counts.first().map_or(0, |it| it.cast_unsigned()))
    }

    /// How many enterprises `scope` opens.
    pub async fn enterprises_within(&self, scope: &Scope) -> Result<u64, Error> {
        let query = enterprise::Entity::find()
            .select_only()
            .expr(Expr::cust("COUNT(*)"))
            .filter(within_for(scope, &[]))
            .build(self.backend());
        let counts = self.rows(query, |it| it.get::<i64>(0)).await?;
        Ok(counts.first().map_or(0, |it| it.cast_unsigned()))
    }

    /// Rows, enterprises, and how they stand with `programme`, counted.
    pub async fn funnel(&self, open: Open<'_>, programme: &str) -> Result<FunnelCounts, Error> {
        let of_scope = || open.condition();
        let counted = "COUNT(*), SUM(CASE WHEN nib IS NULL THEN 0 ELSE 1 END), \
                       SUM(CASE WHEN nib IS NULL OR has_npwp = FALSE THEN 0 ELSE 1 END), \
                       SUM(records)";
        let query = enterprise::Entity::find()
            .select_only()
            .expr(Expr::cust(counted))
            .filter(of_scope())
            .build(self.backend());
        let number = |row: &Row<'_>, column| {
            let number: Option<i64> = row.get(column)?;
            Ok::<u64, sea_orm::DbErr>(number.unwrap_or(0).cast_unsigned())
        };
        let all = |row: &Row<'_>| {
            Ok((number(row, 0)?, number(row, 1)?, number(row, 2)?, number(row, 3)?))
        };
        let counts = self.rows(query, all).await?.pop().unwrap_or_default();
        let mut query = enterprise::Entity::find().select_only().filter(of_scope()).into_query();
        with_standing(&mut query, programme, &StandingFilter::default());
        use financing_standing::Column;
        let column = |it| Expr::col((financing_standing::Entity, it));
        query.expr(column(Column::Status)).expr(column(Column::Missing));
        let away = "CASE WHEN financing_standing.one_away IS NULL THEN 0 ELSE 1 END";
        query.expr(Expr::cust(format!("CAST({away} AS BIGINT), COUNT(*)")));
        query.add_group_by([column(Column::Status), column(Column::Missing), Expr::cust(away)]);
        let of = |row: &Row<'_>| {
            let (status, missing): (i16, String) = (row.get(0)?, row.get(1)?);
            Ok((status, missing, row.get::<i64>(2)? == 1, row.get::<i64>(3)?))
        };
        let rows = self.rows(self.backend().build(&query), of).await?;
        let standings = rows.into_iter().map(|(number, missing, away, count)| {
            Ok((status(number)?, papers(&missing), away, count.cast_unsigned()))
        });
        Ok(FunnelCounts {
            records: counts.3,
            enterprises: counts.0,
            with_nib: counts.1,
            with_npwp: counts.2,
            standings: standings.collect::<Result<_, Error>>()?,
        })
    }
}
