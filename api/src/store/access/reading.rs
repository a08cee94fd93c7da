//! Reading the access log: entry by entry for auditors, and by month for everybody.

use entity::{access_log, access_review};
use evidence::Outcome;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use crate::error::Error;
use crate::store::slice::Slice;
use crate::store::{Store, bulk};

/// Which entries are asked for; every condition that is set must hold. Moments are in milliseconds since
/// 1970.
#[derive(Debug, Clone, Default)]
pub struct AccessFilter {
    /// About one of these ids.
    pub whose: Option<Vec<String>>,
    /// By this person or machine.
    pub subject: Option<String>,
    /// In this role.
    pub role: Option<&'static str>,
    /// For somebody of this institution.
    pub institution: Option<String>,
    /// For somebody of this agency.
    pub agency: Option<String>,
    /// For this purpose.
    pub purpose: Option<&'static str>,
    /// With this outcome.
    pub outcome: Option<&'static str>,
    /// At or after this moment.
    pub since: Option<i64>,
    /// Before this moment.
    pub until: Option<i64>,
    /// The glass was broken, and whether an auditor has said what she thinks of it.
    pub settled: Option<bool>,
}

impl AccessFilter {
    fn condition(&self) -> Condition {
        use access_log::Column;
        let about = |ids: &Vec<String>| {
            let mut query = Query::select();
            query.column(Alias::new("seq")).from(Alias::new("access_whose"));
            query.and_where(Expr::col(Alias::new("whose")).is_in(ids));
            Column::Seq.in_subquery(query)
        };
        let settled = |settled: bool| {
            let mut query = Query::select();
            query.column(access_review::Column::Seq).from(access_review::Entity);
            let settled = match settled {
                true => Column::Seq.in_subquery(query),
                false => Column::Seq.not_in_subquery(query),
            };
            let broken = Column::Purpose.eq("break_glass");
            broken.and(Column::Outcome.ne(Outcome::Refused.code())).and(settled)
        };
        Condition::all()
            .add_option(self.whose.as_ref().map(about))
            .add_option(self.subject.as_deref().map(|it| Column::Subject.eq(it)))
            .add_option(self.role.map(|it| Column::Role.eq(it)))
            .add_option(self.institution.as_deref().map(|it| Column::Institution.eq(it)))
            .add_option(self.agency.as_deref().map(|it| Column::Agency.eq(it)))
            .add_option(self.purpose.map(|it| Column::Purpose.eq(it)))
            .add_option(self.outcome.map(|it| Column::Outcome.eq(it)))
            .add_option(self.since.map(|it| Column::At.gte(it)))
            .add_option(self.until.map(|it| Column::At.lt(it)))
            .add_option(self.settled.map(settled))
    }
}

/// An entry, and what an auditor found of it.
pub type Reviewed = (access_log::Model, Option<access_review::Model>);

/// How often somebody read for a purpose on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyUse {
    /// The day in Western Indonesian Time, counted from 1970-01-01.
    pub day: i64,
    /// Of which institution; empty without one.
    pub institution: String,
    /// Of which agency; empty without one.
    pub agency: String,
    /// In which role.
    pub role: String,
    /// For which purpose.
    pub purpose: String,
    /// How many requests showed something.
    pub reads: u64,
}

/// The day of a moment in Western Indonesian Time (UTC+7), in SQL.
pub(super) const DAY: &str = "((at + 25200000) / 86400000)";

impl Store {
    /// A page of the access log, the latest first, and whether there are more.
    pub async fn access_page(
        &self,
        filter: &AccessFilter,
        slice: &Slice,
    ) -> Result<(Vec<Reviewed>, bool), Error> {
        use access_log::Column;
        self.index_for(filter).await?;
        let bounds = slice.bounds(&[Expr::col((access_log::Entity, Column::Seq))]);
        let rows = access_log::Entity::find()
            .filter(filter.condition())
            .filter(bounds)
            .order_by(Column::Seq, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        let (rows, more) = slice.cut(rows);
        let reviews = access_review::Entity::find()
            .filter(access_review::Column::Seq.is_in(rows.iter().map(|it| it.seq)))
            .all(self.reader())
            .await?;
        let review = |seq| reviews.iter().find(|it| it.seq == seq).cloned();
        Ok((rows.into_iter().map(|it| (it.clone(), review(it.seq))).collect(), more))
    }

    async fn index_for(&self, filter: &AccessFilter) -> Result<(), Error> {
        if filter.whose.is_some() { self.index_log().await } else { Ok(()) }
    }

    /// How many entries there are.
    pub async fn access_count(&self, filter: &AccessFilter) -> Result<u64, Error> {
        self.index_for(filter).await?;
        let query = access_log::Entity::find().filter(filter.condition());
        Ok(query.count(self.reader()).await?)
    }

    /// One entry, and what an auditor found of it.
    pub async fn access_entry(&self, seq: i64) -> Result<Option<Reviewed>, Error> {
        let entry = access_log::Entity::find_by_id(seq).one(self.reader()).await?;
        let review = access_review::Entity::find_by_id(seq).one(self.reader()).await?;
        Ok(entry.map(|it| (it, review)))
    }

    /// Keeps what an auditor found of an entry; `false` when somebody has settled it already.
    pub async fn settle_access(&self, review: access_review::Model) -> Result<bool, Error> {
        let row = access_review::ActiveModel {
            seq: Set(review.seq),
            justified: Set(review.justified),
            note: Set(review.note),
            settled_by: Set(review.settled_by),
            settled_at: Set(review.settled_at),
        };
        let kept = access_review::Entity::insert(row)
            .on_conflict(OnConflict::column(access_review::Column::Seq).do_nothing().to_owned())
            .exec_without_returning(self.writer())
            .await?;
        Ok(kept == 1)
    }

    /// Who read how often for what on which day, over the entries behind `after` up to `until`.
    pub async fn daily_use(&self, after: u64, until: u64) -> Result<Vec<DailyUse>, Error> {
        let backend = self.backend();
        let [after_at, until_at] = [1, 2].map(|it| bulk::placeholders(backend, it, 1));
        let text = format!(
            "SELECT {DAY} AS day, institution, agency, role, purpose, COUNT(*) AS reads \
             FROM access_log WHERE seq > {after_at} AND seq <= {until_at} AND outcome = 'allowed' \
             GROUP BY 1, 2, 3, 4, 5"
        );
        let values = [after.cast_signed().into(), until.cast_signed().into()];
        let query = Statement::from_sql_and_values(backend, text, values);
        let rows = self.reader().query_all_raw(query).await?;
        let read = |it: &sea_orm::QueryResult| {
            Ok(DailyUse {
                day: it.try_get("", "day")?,
                institution: it.try_get("", "institution")?,
                agency: it.try_get("", "agency")?,
                role: it.try_get("", "role")?,
                purpose: it.try_get("", "purpose")?,
                reads: it.try_get::<i64>("", "reads")?.cast_unsigned(),
            })
        };
        rows.iter().map(read).collect()
    }
}
