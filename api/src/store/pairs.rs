//! Finding records, the pairs they make, and what stewards said of them.

use domain::id::{EnterpriseId, FileId, RecordId};
use domain::record::SourceRecord;
use domain::viewer::Scope;
use entity::{link_pair, membership, source_record};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::owners::opened;
use super::sources::{cells_of, to_record};
use crate::error::Error;
use crate::sealing::Sealer;
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
            .filter(opened(scope))
            .all(self.reader())
            .await?;
        let (mut found, sealer) = (vec![], self.sealer());
        for members in members.chunks(2_000) {
            let versions = members.iter().map(|it| it.version_seq);
            let rows = source_record::Entity::find()
                .filter(source_record::Column::Seq.is_in(versions))
                .all(self.reader())
                .await?;
            for row in rows {
                let member = members.iter().find(|it| it.version_seq == row.seq);
                let Some(member) = member else { continue };
                found.push(stored_record(row, EnterpriseId(member.enterprise_id), &sealer)?);
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
            .filter(opened(scope))
            .into_tuple()
            .all(self.reader())
            .await?;
        let home: std::collections::HashMap<Uuid, Uuid> = members.into_iter().collect();
        let mut found = vec![];
        for ids in home.keys().copied().collect::<Vec<_>>().chunks(1_000) {
            let rows = link_pair::Entity::find()
                .filter(link_pair::Column::A.is_in(ids.iter().copied()))
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
}

fn stored_record(
    mut row: source_record::Model,
    enterprise: EnterpriseId,
    sealer: &Sealer,
) -> Result<StoredRecord, Error> {
    let cells = cells_of(&mut row, sealer)?;
    let absent_from = row.absent_from.map(FileId);
    Ok(StoredRecord { record: to_record(row, sealer)?, enterprise, cells, absent_from })
}
