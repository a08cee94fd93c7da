//! What a feed of enterprises is told from: events in the order in which they were written, and restrictions.
//!
//! Events are written by runs alone, one run at a time over all processes, and within its transaction. So none
//! becomes visible before one with a smaller number.

use chrono::{DateTime, Utc};
use domain::agency::AgencyCode;
use domain::id::EnterpriseId;
use domain::viewer::Scope;
use entity::{enterprise, enterprise_agency, enterprise_event};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Statement,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::enterprises::StoredEnterprise;
use super::history::EventKind;
use super::profile_json::Wanted;
use super::{Store, enterprises, scope, ties};
use crate::error::Error;

/// How far what is told of enterprises has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last event.
    pub events: i64,
    /// Another number whenever a restriction was set, lifted or erased.
    pub restrictions: i64,
}

/// An event of an enterprise, as much as a feed needs of it.
#[derive(Debug, Clone)]
pub struct FeedEvent {
    /// Its number.
    pub seq: i64,
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// What happened.
    pub kind: EventKind,
    /// The other enterprise, for what happened between two.
    pub other: Option<EnterpriseId>,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the enterprise had a record of the reader's agency before; for readers of every agency, whether
    /// it was in use.
    pub was_there: bool,
}

impl Store {
    /// How far what is told of enterprises has come.
    pub async fn feed_head(&self) -> Result<Head, Error> {
        let text = "SELECT COALESCE((SELECT MAX(seq) FROM enterprise_event), 0), \
                    (SELECT COUNT(*) FROM restriction), \
                    (SELECT COUNT(lifted_at) FROM restriction), \
                    COALESCE((SELECT MAX(set_at) FROM restriction), 0), \
                    COALESCE((SELECT MAX(lifted_at) FROM restriction), 0)";
        let query = Statement::from_string(self.backend(), text);
        let rows = self.rows(query, |it| {
            (0..5).map(|column| it.get::<i64>(column)).collect::<Result<Vec<i64>, _>>()
        });
        let numbers = rows.await?.pop().unwrap_or_default();
        let (events, restrictions) = numbers.split_first().ok_or(Error::internal("no numbers"))?;
        let bytes: Vec<u8> = restrictions.iter().flat_map(|it| it.to_be_bytes()).collect();
        let digest = Sha256::digest(&bytes);
        let mut short = [0; 8];
        short.copy_from_slice(&digest[..8]);
        Ok(Head { events: *events, restrictions: i64::from_be_bytes(short) })
    }

    /// At most `limit` events behind the number `after`, in their order, for a reader of `scope`.
    pub async fn feed_events(
        &self,
        scope: &Scope,
        after: i64,
        limit: u64,
    ) -> Result<Vec<FeedEvent>, Error> {
        use enterprise_event::Column;
        let query = enterprise_event::Entity::find()
            .select_only()
            .columns([
                Column::Seq,
                Column::EnterpriseId,
                Column::Kind,
                Column::Other,
                Column::At,
                Column::Agencies,
            ])
            .filter(Column::Seq.gt(after))
            .order_by_asc(Column::Seq)
            .limit(limit)
            .build(self.backend());
        type Stored = (i64, Uuid, String, Option<Uuid>, DateTime<Utc>, String);
        let rows: Vec<Stored> = self
            .rows(query, |it| {
                Ok((it.get(0)?, it.get(1)?, it.get(2)?, it.get(3)?, it.get(4)?, it.get(5)?))
            })
            .await?;
        let event = |(seq, enterprise, kind, other, at, agencies): Stored| {
            let kind = EventKind::from_code(&kind);
            Ok(FeedEvent {
                seq,
                enterprise: EnterpriseId(enterprise),
                kind: kind.ok_or_else(|| Error::internal("an event of no known kind"))?,
                other: other.map(EnterpriseId),
                at,
                was_there: match scope {
                    Scope::Agency(own) => agencies.split(' ').any(|it| it == own.as_str()),
                    _ => !agencies.is_empty(),
                },
            })
        };
        rows.into_iter().map(event).collect()
    }

    /// At most `limit` of the enterprises that `scope` opens behind an id, in the order of ids, and whether there
    /// are more.
    pub async fn enterprises_behind(
        &self,
        scope: &Scope,
        behind: Option<EnterpriseId>,
        limit: u64,
    ) -> Result<(Vec<StoredEnterprise>, bool), Error> {
        let query = enterprises::found()
            .filter(scope::within(scope))
            .filter(past(behind))
            .order_by_asc(enterprise::Column::Id)
            .limit(limit + 1);
        Ok(cut(self.found(&query, Wanted::ALL).await?, limit))
    }

    /// At most `limit` of the enterprises that a restriction reaches or reached and that have a record of the
    /// agency of `scope`, behind an id, in the order of ids, and whether there are more.
    pub async fn ever_restricted(
        &self,
        scope: &Scope,
        behind: Option<EnterpriseId>,
        limit: u64,
    ) -> Result<(Vec<EnterpriseId>, bool), Error> {
        let of_agency = match scope {
            Scope::Agency(own) => Some(enterprise::Column::Id.in_subquery(listed_by(own))),
            _ => None,
        };
        let query = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(enterprise::Column::Id.in_subquery(ties::ever_restricted()))
            .filter(Condition::all().add_option(of_agency))
            .filter(past(behind))
            .order_by_asc(enterprise::Column::Id)
            .limit(limit + 1)
            .build(self.backend());
        Ok(cut(self.rows(query, |it| it.get(0).map(EnterpriseId)).await?, limit))
    }
}

fn past(behind: Option<EnterpriseId>) -> Condition {
    Condition::all().add_option(behind.map(|it| enterprise::Column::Id.gt(it.0)))
}

fn listed_by(agency: &AgencyCode) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(enterprise_agency::Column::EnterpriseId)
        .from(enterprise_agency::Entity)
        .and_where(enterprise_agency::Column::Agency.eq(agency.as_str()))
        .to_owned()
}

fn cut<T>(mut rows: Vec<T>, limit: u64) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = limit < rows.len();
    rows.truncate(limit);
    (rows, more)
}
