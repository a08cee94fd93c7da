//! Where records belong since the last run.

use std::collections::{HashMap, HashSet};

use domain::id::{EnterpriseId, OwnerId, RecordId};
use entity::membership;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};
use uuid::Uuid;

use crate::error::Error;
use crate::store::Store;
use crate::store::sql::{Row, padded};

/// Where a record belongs since the last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// The person it names.
    pub owner: Option<OwnerId>,
    /// The version that was linked.
    pub version: i64,
    /// It stands beside another business of its owner.
    pub beside: bool,
}

impl Store {
    /// Where every record belongs since the last run.
    pub async fn members(&self) -> Result<HashMap<RecordId, Member>, Error> {
        let rows = membership::Entity::find().all(self.whole_reader()).await?;
        Ok(rows.into_iter().map(member).collect())
    }

    /// Where those of `ids` belong that are linked.
    pub async fn members_among(
        &self,
        ids: &[RecordId],
    ) -> Result<HashMap<RecordId, Member>, Error> {
        let ids = ids.iter().map(|it| it.0);
        self.members_where(membership::Column::RecordId, ids.collect()).await
    }

    /// Those of `ids` that stand beside another business of their owner.
    pub async fn beside(&self, ids: &[RecordId]) -> Result<HashSet<RecordId>, Error> {
        let mut found = HashSet::new();
        for ids in ids.chunks(2_048) {
            let query = membership::Entity::find()
                .select_only()
                .column(membership::Column::RecordId)
                .filter(membership::Column::RecordId.is_in(padded(ids).map(|it| it.0)))
                .filter(membership::Column::Beside.eq(true))
                .build(self.backend());
            found.extend(self.rows(query, |it| it.get(0).map(RecordId)).await?);
        }
        Ok(found)
    }

    /// Every record that belongs to one of these enterprises or names one of these persons.
    pub async fn members_beside(
        &self,
        enterprises: &[EnterpriseId],
        owners: &[OwnerId],
    ) -> Result<HashMap<RecordId, Member>, Error> {
        let enterprises = enterprises.iter().map(|it| it.0).collect();
        let mut found = self.members_where(membership::Column::EnterpriseId, enterprises).await?;
        let owners = owners.iter().map(|it| it.0).collect();
        found.extend(self.members_where(membership::Column::OwnerId, owners).await?);
        Ok(found)
    }

    /// The records whose linked version is one of these, by version.
    pub async fn members_of_versions(
        &self,
        versions: &[i64],
    ) -> Result<HashMap<i64, RecordId>, Error> {
        let found = self.members_where(membership::Column::VersionSeq, versions.to_vec()).await?;
        Ok(found.into_iter().map(|(record, it)| (it.version, record)).collect())
    }

    async fn members_where<T: Into<Value> + Clone>(
        &self,
        column: membership::Column,
        values: Vec<T>,
    ) -> Result<HashMap<RecordId, Member>, Error> {
        let mut found = HashMap::new();
        for values in values.chunks(2_048) {
            let query = membership::Entity::find()
                .select_only()
                .columns(COLUMNS)
                .filter(column.is_in(padded(values)))
                .build(self.backend());
            found.extend(self.rows(query, read).await?);
        }
        Ok(found)
    }

    /// The enterprises of those of `records` that are linked.
    pub async fn homes(
        &self,
        records: &[RecordId],
    ) -> Result<HashMap<RecordId, EnterpriseId>, Error> {
        let members = self.members_among(records).await?;
        Ok(members.into_iter().map(|(record, it)| (record, it.enterprise)).collect())
    }

    /// The records of an enterprise, in order.
    pub async fn members_of(&self, id: EnterpriseId) -> Result<Vec<RecordId>, Error> {
        let members = membership::Entity::find()
            .filter(membership::Column::EnterpriseId.eq(id.0))
            .order_by_asc(membership::Column::RecordId)
            .all(self.whole_reader())
            .await?;
        Ok(members.into_iter().map(|it| RecordId(it.record_id)).collect())
    }
}

/// What [`read`] reads.
const COLUMNS: [membership::Column; 5] = [
    membership::Column::RecordId,
    membership::Column::EnterpriseId,
    membership::Column::OwnerId,
    membership::Column::VersionSeq,
    membership::Column::Beside,
];

fn read(row: &Row<'_>) -> Result<(RecordId, Member), DbErr> {
    let member = Member {
        enterprise: EnterpriseId(row.get(1)?),
        owner: row.get::<Option<Uuid>>(2)?.map(OwnerId),
        version: row.get(3)?,
        beside: row.get(4)?,
    };
    Ok((RecordId(row.get(0)?), member))
}

fn member(it: membership::Model) -> (RecordId, Member) {
    let member = Member {
        enterprise: EnterpriseId(it.enterprise_id),
        owner: it.owner_id.map(OwnerId),
        version: it.version_seq,
        beside: it.beside,
    };
    (RecordId(it.record_id), member)
}
