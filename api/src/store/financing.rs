//! How enterprises stand with financing programmes: a row for each enterprise and programme, as last
//! assessed, by which lists are found and counted. Nothing in it is a value of a profile.

pub mod feed;
pub mod figures;
mod open;

pub use open::{Open, Part};

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::amount::Rupiah;
use domain::id::{EnterpriseId, RecordId};
use entity::{enterprise, financing_standing};
use financing::verdict::Status;
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement, Value,
};
use uuid::Uuid;

use super::enterprises::{FOUND, StoredEnterprise, found, found_row, stored, whole};
use super::profile_json::Wanted;
use super::sql::{Execute, Row, Transaction, parameters};
use super::{Store, bulk};
use crate::error::Error;
use crate::parallel;

/// Under which key of `setting` it is kept by which rules, of which day, everything was last assessed.
const ASSESSED: &str = "financing_assessed";

/// By which rules, of which day, every enterprise was assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The fingerprint of the rules.
    pub fingerprint: String,
    /// The day.
    pub on: NaiveDate,
}

/// How an enterprise stands with a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The programme.
    pub programme: String,
    /// Its version.
    pub version: String,
    /// The status.
    pub status: Status,
    /// The highest ceiling reachable as things are.
    pub ceiling: Option<Rupiah>,
    /// The highest ceiling reachable with one more paper, when that is higher.
    pub next: Option<Rupiah>,
    /// The papers asked for that are not there.
    pub missing: Vec<String>,
    /// The paper that alone would make it likely eligible.
    pub one_away: Option<String>,
}

/// An enterprise, how it stands with a programme, and since when in milliseconds since 1970.
pub type Standee = (StoredEnterprise, Standing, i64);

/// Every standing of some enterprises; those of programmes that are not named are no more.
pub type Standings = Vec<(EnterpriseId, Vec<Standing>)>;

/// Which standings are asked for; what is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandingFilter {
    /// With this status.
    pub status: Option<Status>,
    /// One paper away from being likely eligible.
    pub one_away: bool,
    /// This paper is asked for and not there.
    pub missing: Option<String>,
}

impl StandingFilter {
    /// Whether it asks for everything.
    pub fn is_empty(&self) -> bool {
        *self == StandingFilter::default()
    }

    fn condition(&self) -> Condition {
        use financing_standing::Column;
        let missing = |paper: &String| Column::Missing.contains(format!(",{paper},"));
        Condition::all()
            .add_option(self.status.map(|it| Column::Status.eq(it as i16)))
            .add_option(self.one_away.then(|| Column::OneAway.is_not_null()))
            .add_option(self.missing.as_ref().map(missing))
    }
}

fn papers(written: &str) -> Vec<String> {
    written.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

fn write_papers(papers: &[String]) -> String {
    if papers.is_empty() { String::new() } else { format!(",{},", papers.join(",")) }
}

fn status(number: i16) -> Result<Status, Error> {
    let status = usize::try_from(number).ok().and_then(|it| Status::ALL.get(it));
    status.copied().ok_or_else(|| Error::internal("a standing of no known status"))
}

fn read(row: financing_standing::Model) -> Result<(Standing, i64), Error> {
    let standing = Standing {
        programme: row.programme,
        version: row.version,
        status: status(row.status)?,
        ceiling: row.ceiling.map(Rupiah),
        next: row.next_ceiling.map(Rupiah),
        missing: papers(&row.missing),
        one_away: row.one_away,
    };
    Ok((standing, row.since))
}

/// Writes what became of `assessed` where it differs from what is written, with `at` as the moment since
/// when; and takes away those of enterprises that are `gone`.
pub(super) async fn write(
    transaction: &Transaction,
    assessed: Standings,
    gone: &[EnterpriseId],
    at: i64,
) -> Result<(), Error> {
    bulk::delete(
        transaction,
        "financing_standing",
        "enterprise_id",
        gone.iter().map(|it| it.0.into()),
    )
    .await?;
    let ids: Vec<Uuid> = assessed.iter().map(|it| it.0.0).collect();
    let mut before: HashMap<Uuid, BTreeMap<String, (Standing, i64)>> = HashMap::new();
    for ids in ids.chunks(2_048) {
        let query = financing_standing::Entity::find()
            .filter(financing_standing::Column::EnterpriseId.is_in(super::sql::padded(ids)))
            .build(transaction.backend());
        for row in transaction.rows(query, |it| model(it, 0)).await? {
            let (id, programme) = (row.enterprise_id, row.programme.clone());
            before.entry(id).or_default().insert(programme, read(row)?);
        }
    }
    let (mut stale, mut rows): (Vec<Value>, Vec<[Value; 9]>) = (vec![], vec![]);
    for (id, standings) in assessed {
        let was = before.remove(&id.0).unwrap_or_default();
        let same = |it: &Standing| was.get(&it.programme).is_some_and(|was| was.0 == *it);
        if was.len() == standings.len() && standings.iter().all(same) {
            continue;
        }
        stale.push(id.0.into());
        for it in standings {
            let since = was.get(&it.programme).filter(|was| was.0 == it).map_or(at, |was| was.1);
            rows.push([
                id.0.into(),
                it.programme.into(),
                it.version.into(),
                (it.status as i16).into(),
                it.ceiling.map(|it| it.0).into(),
                it.next.map(|it| it.0).into(),
                write_papers(&it.missing).into(),
                it.one_away.into(),
                since.into(),
            ]);
        }
    }
    bulk::delete(transaction, "financing_standing", "enterprise_id", stale).await?;
    let columns = [
        "enterprise_id",
        "programme",
        "version",
        "status",
        "ceiling",
        "next_ceiling",
        "missing",
        "one_away",
        "since",
    ];
    Ok(bulk::insert(transaction, "financing_standing", columns, rows).await?)
}

/// The columns of the table's entity, in its order, from the column with this number on.
fn model(row: &Row<'_>, first: usize) -> Result<financing_standing::Model, DbErr> {
    Ok(financing_standing::Model {
        programme: row.get(first)?,
        enterprise_id: row.get(first + 1)?,
        version: row.get(first + 2)?,
        status: row.get(first + 3)?,
        ceiling: row.get(first + 4)?,
        next_ceiling: row.get(first + 5)?,
        missing: row.get(first + 6)?,
        one_away: row.get(first + 7)?,
        since: row.get(first + 8)?,
    })
}

impl Store {
    /// How some enterprises stand with each programme, and since when, in milliseconds since 1970.
    pub async fn standings_of(
        &self,
        ids: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, Vec<(Standing, i64)>>, Error> {
        use financing_standing::Column;
        let ids: Vec<Uuid> = ids.iter().map(|it| it.0).collect();
        let found = financing_standing::Entity::find()
            .filter(Column::EnterpriseId.is_in(super::sql::padded(&ids)))
            .order_by_asc(Column::Programme);
        let mut all: HashMap<EnterpriseId, Vec<(Standing, i64)>> = HashMap::new();
        for row in found.all(self.reader()).await? {
            all.entry(EnterpriseId(row.enterprise_id)).or_default().push(read(row)?);
        }
        Ok(all)
    }

    /// By which rules, of which day, everything was last assessed; none before the first time.
    pub async fn financing_assessed(&self) -> Result<Option<Assessed>, Error> {
        let Some(value) = self.setting(ASSESSED).await? else { return Ok(None) };
        let parts = value.split_once(' ');
        Ok(parts.and_then(|(on, fingerprint)| {
            Some(Assessed { on: on.parse().ok()?, fingerprint: fingerprint.to_owned() })
        }))
    }

    /// Writes down that everything was assessed by these rules, of that day.
    pub async fn keep_financing_assessed(&self, it: &Assessed) -> Result<(), Error> {
        self.set_setting(ASSESSED, &format!("{} {}", it.on, it.fingerprint)).await
    }

    /// Writes standings that differ from those written, `at` being now in milliseconds since 1970.
    pub async fn keep_standings(&self, assessed: Standings, at: i64) -> Result<(), Error> {
        let transaction = self.begin().await?;
        write(&transaction, assessed, &[], at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Enterprises behind the id `after`, in the order of their ids: for who goes through all of them.
    pub async fn enterprises_after(
        &self,
        after: Option<EnterpriseId>,
        limit: u64,
    ) -> Result<Vec<StoredEnterprise>, Error> {
        use enterprise::Column::Id;
        let rows = enterprise::Entity::find()
            .filter(Condition::all().add_option(after.map(|it| Id.gt(it.0))))
            .order_by_asc(Id)
            .limit(limit)
            .all(self.reader())
            .await?;
        let sealer = self.sealer();
        rows.into_iter().map(|it| stored(it, &sealer)).collect()
    }

    /// Enterprises with how they stand with `programme` and since when, in the order of their ids, and
    /// whether there are more: one statement, whatever the page.
    pub async fn standing_page(
        &self,
        open: Open<'_>,
        programme: &str,
        filter: &StandingFilter,
        part: Part<'_>,
        limit: u64,
    ) -> Result<(Vec<Standee>, bool), Error> {
        let mut query = found().limit(limit + 1).into_query();
        open.narrow(&mut query, part);
        with_standing(&mut query, programme, filter);
        query
            .columns(financing_standing::Column::iter().map(|it| (financing_standing::Entity, it)));
        let row = |it: &Row<'_>| Ok((found_row(it)?, model(it, FOUND)?));
        let mut rows = self.rows(self.backend().build(&query), row).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (more, sealer) = (limit < rows.len(), self.sealer());
        rows.truncate(limit);
        let rows = parallel::map(rows, |(enterprise, standing)| {
            let (standing, since) = read(standing)?;
            Ok((whole(enterprise, &sealer, Wanted::ALL)?, standing, since))
        });
        Ok((rows.into_iter().collect::<Result<_, Error>>()?, more))
    }

    /// For each row of `enterprises` the weight in bits of the strongest link that holds it there; a row that
    /// no measured link holds is absent.
    pub async fn holding_links(
        &self,
        enterprises: &[EnterpriseId],
    ) -> Result<HashMap<RecordId, f64>, Error> {
        let mut weights: HashMap<RecordId, f64> = HashMap::new();
        for ids in enterprises.chunks(2_048) {
            let values = parameters(&ids.iter().map(|it| it.0).collect::<Vec<_>>());
            let list = bulk::placeholders(self.backend(), 1, values.len());
            let text = format!(
                "SELECT p.a, p.b, p.weight FROM membership m JOIN link_pair p ON p.a = m.record_id \
                 JOIN membership o ON o.record_id = p.b AND o.enterprise_id = m.enterprise_id \
                 WHERE p.linked AND m.enterprise_id IN ({list})"
            );
            let query = Statement::from_sql_and_values(self.backend(), text, values);
            let pair = |it: &Row<'_>| Ok((it.get(0)?, it.get(1)?, it.get::<f64>(2)?));
            for (a, b, weight) in self.rows(query, pair).await? {
                for record in [RecordId(a), RecordId(b)] {
                    let strongest = weights.entry(record).or_insert(weight);
                    *strongest = strongest.max(weight);
                }
            }
        }
        Ok(weights)
    }
}

/// Joins enterprises with how they stand with `programme`.
fn with_standing(query: &mut SelectStatement, programme: &str, filter: &StandingFilter) {
    use financing_standing::Column;
    let same = Expr::col((financing_standing::Entity, Column::EnterpriseId))
        .equals((enterprise::Entity, enterprise::Column::Id));
    query
        .join(JoinType::InnerJoin, financing_standing::Entity, same)
        .and_where(Expr::col((financing_standing::Entity, Column::Programme)).eq(programme))
        .cond_where(filter.condition());
}
