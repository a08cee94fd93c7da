//! Finding records, the pairs they make, and what stewards said of them.

use domain::id::{EnterpriseId, FileId, RecordId};
use domain::record::SourceRecord;
use domain::viewer::Scope;
use entity::{link_pair, membership, source_record};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::linking::to_record;
use super::owners::open_enterprises;
use super::slice::{At, Key, Slice};
use crate::error::Error;
use crate::store::Store;

/// A record as linked, with where it belongs and its cells.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    /// The record.
    pub record: SourceRecord,
    /// Its enterprise.
    pub enterprise: EnterpriseId,
    /// The cells of the row, as written.
    pub cells: Vec<String>,
    /// The complete list of its agency that no longer has the row.
    pub absent_from: Option<FileId>,
}

/// A pair as stored, with the enterprise both its records are in.
#[derive(Debug, Clone)]
pub struct StoredPair {
    /// The pair.
    pub pair: link_pair::Model,
    /// The enterprise.
    pub enterprise: EnterpriseId,
}

impl Store {
    /// The linked versions of the records of `enterprises`, where `scope` opens them.
    pub async fn records_of(
        &self,
        scope: &Scope,
        enterprises: &[EnterpriseId],
    ) -> Result<Vec<StoredRecord>, Error> {
        let members = membership::Column::EnterpriseId.is_in(enterprises.iter().map(|it| it.0));
        self.linked_records(scope, Condition::all().add(members)).await
    }

    /// The linked versions of `records`, where `scope` opens their enterprises.
    pub async fn linked_by_id(
        &self,
        scope: &Scope,
        records: &[RecordId],
    ) -> Result<Vec<StoredRecord>, Error> {
        let members = membership::Column::RecordId.is_in(records.iter().map(|it| it.0));
        self.linked_records(scope, Condition::all().add(members)).await
    }

    async fn linked_records(
        &self,
        scope: &Scope,
        members: Condition,
    ) -> Result<Vec<StoredRecord>, Error> {
        let members = membership::Entity::find()
            .filter(members)
            .filter(membership::Column::EnterpriseId.in_subquery(open_enterprises(scope)))
            .all(self.reader())
            .await?;
        let mut found = vec![];
        for members in members.chunks(2_000) {
            let versions = members.iter().map(|it| it.version_seq);
            let rows = source_record::Entity::find()
                .filter(source_record::Column::Seq.is_in(versions))
                .all(self.reader())
                .await?;
            for row in rows {
                let member = members.iter().find(|it| it.version_seq == row.seq);
                let Some(member) = member else { continue };
                found.push(stored_record(row, EnterpriseId(member.enterprise_id))?);
            }
        }
        found.sort_by_key(|it| it.record.id);
        Ok(found)
    }

    /// The pairs inside each of `enterprises` that `scope` opens, the strongest first.
    pub async fn links_within(
        &self,
        scope: &Scope,
        enterprises: &[EnterpriseId],
    ) -> Result<Vec<StoredPair>, Error> {
        let members: Vec<(Uuid, Uuid)> = membership::Entity::find()
            .select_only()
            .column(membership::Column::RecordId)
            .column(membership::Column::EnterpriseId)
            .filter(membership::Column::EnterpriseId.is_in(enterprises.iter().map(|it| it.0)))
            .filter(membership::Column::EnterpriseId.in_subquery(open_enterprises(scope)))
            .into_tuple()
            .all(self.reader())
            .await?;
        let home: std::collections::HashMap<Uuid, Uuid> = members.into_iter().collect();
        let mut found = vec![];
        for ids in home.keys().copied().collect::<Vec<_>>().chunks(1_000) {
            let rows = link_pair::Entity::find()
                .filter(link_pair::Column::A.is_in(ids.iter().copied()))
                .filter(link_pair::Column::Kept.eq(true))
                .all(self.reader())
                .await?;
            found.extend(rows.into_iter().filter_map(|pair| {
                let (a, b) = (home.get(&pair.a)?, home.get(&pair.b)?);
                (a == b).then_some(StoredPair { pair, enterprise: EnterpriseId(*a) })
            }));
        }
        found.sort_by(|x, y| {
            let order = y.pair.weight.total_cmp(&x.pair.weight);
            order.then_with(|| (x.pair.a, x.pair.b).cmp(&(y.pair.a, y.pair.b)))
        });
        Ok(found)
    }

    /// The pair of these two records, where it was worth keeping.
    pub async fn pair(&self, a: RecordId, b: RecordId) -> Result<Option<link_pair::Model>, Error> {
        let key = (a.min(b).0, a.max(b).0);
        Ok(link_pair::Entity::find_by_id(key).one(self.reader()).await?)
    }

    /// The pairs a steward should look at, those on which most hangs first, and whether there are
    /// more.
    pub async fn review_page(
        &self,
        scope: &Scope,
        reason: Option<&str>,
        slice: &Slice,
    ) -> Result<(Vec<link_pair::Model>, bool), Error> {
        use link_pair::Column;
        let columns = [Column::Consequence, Column::A, Column::B];
        let bound = slice.bounds(&columns.map(|it| Expr::col((link_pair::Entity, it))));
        let mut query = link_pair::Entity::find().filter(to_review(scope, reason)).filter(bound);
        for column in columns {
            query = query.order_by(column, slice.direction());
        }
        let rows = query.limit(slice.limit + 1).all(self.reader()).await?;
        Ok(slice.cut(rows))
    }

    /// How many pairs a steward should look at.
    pub async fn review_count(&self, scope: &Scope, reason: Option<&str>) -> Result<u64, Error> {
        let query = link_pair::Entity::find().filter(to_review(scope, reason));
        Ok(query.count(self.reader()).await?)
    }
}

/// Where a pair stands in the queue for review.
pub fn pair_key(pair: &link_pair::Model) -> Key {
    Key(vec![At::Number(pair.consequence), At::Id(pair.a), At::Id(pair.b)])
}

/// A key of the kind that the queue for review has.
pub fn pair_key_kind() -> Key {
    Key(vec![At::Number(0.0), At::Id(Uuid::nil()), At::Id(Uuid::nil())])
}

/// A pair is open only to those to whom every enterprise is.
fn to_review(scope: &Scope, reason: Option<&str>) -> Condition {
    Condition::all()
        .add_option((*scope != Scope::All).then(|| Expr::val(1).eq(0)))
        .add(link_pair::Column::Review.is_not_null())
        .add_option(reason.map(|it| link_pair::Column::Review.eq(it)))
}

fn stored_record(
    row: source_record::Model,
    enterprise: EnterpriseId,
) -> Result<StoredRecord, Error> {
    let cells = serde_json::from_str(&row.cells)?;
    let absent_from = row.absent_from.map(FileId);
    Ok(StoredRecord { record: to_record(row)?, enterprise, cells, absent_from })
}
