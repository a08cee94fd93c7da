//! What linking reads and what it leaves behind: one transaction a run, so that a run is seen whole or
//! not at all.

mod changes;

use std::collections::HashMap;

pub use changes::{EnterpriseRow, NewEvent, RunChanges};

use chrono::{DateTime, Utc};
use domain::agency::AgencyCode;
use domain::id::{DecisionId, EnterpriseId, FileId, ModelId, OwnerId, RecordId, RunId};
use domain::record::SourceRecord;
use entity::{enterprise_redirect, link_pair, linkage_model, membership, source_record};
use linkage::model::Model;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement, TransactionTrait,
};
use uuid::Uuid;

use super::Store;
use super::decisions::{self, DecisionChange};
use super::sources::{fields_from_json, state};
use crate::error::Error;

/// Rows read at once.
const PAGE: u64 = 20_000;

/// A record as it stands now, with its place in the order of arrival.
#[derive(Debug, Clone)]
pub struct CurrentRecord {
    /// Which version this is; also orders records by arrival.
    pub version: i64,
    /// The record.
    pub record: SourceRecord,
}

/// Where a record belongs since the last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// The person it names.
    pub owner: Option<OwnerId>,
    /// The version that was linked.
    pub version: i64,
}

/// Why a run was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCause {
    /// Records were new.
    Link,
    /// Everything was to be linked afresh.
    Everything,
    /// Another model was activated.
    Activate,
    /// Several decisions came into force at once.
    Together,
    /// A decision came into force.
    Decision(DecisionId),
    /// A decision was taken back.
    Undo(DecisionId),
}

impl RunCause {
    /// The word for it in the table.
    pub fn code(self) -> &'static str {
        match self {
            RunCause::Link => "link",
            RunCause::Everything => "everything",
            RunCause::Activate => "activate",
            RunCause::Together => "decisions",
            RunCause::Decision(_) => "decision",
            RunCause::Undo(_) => "undo",
        }
    }

    /// The decision it is about.
    pub fn decision(self) -> Option<DecisionId> {
        match self {
            RunCause::Decision(id) | RunCause::Undo(id) => Some(id),
            RunCause::Link | RunCause::Everything | RunCause::Activate | RunCause::Together => None,
        }
    }
}

/// A run that is over.
#[derive(Debug)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The model it ran under.
    pub model: ModelId,
    /// Why it was made.
    pub cause: RunCause,
    /// Subject of whoever caused it; none at the command line.
    pub by: Option<String>,
    /// What it found, as JSON.
    pub counts: String,
    /// Blocking keys whose blocks were left out, as JSON.
    pub capped_blocks: String,
    /// Begin.
    pub started_at: DateTime<Utc>,
    /// End.
    pub finished_at: DateTime<Utc>,
}

impl Store {
    /// Every current record of every file whose import is complete, in the order of arrival.
    pub async fn current_records(&self) -> Result<Vec<CurrentRecord>, Error> {
        let mut records = Vec::new();
        let mut after = 0;
        loop {
            let query = Statement::from_string(
                self.backend(),
                format!(
                    "SELECT r.* FROM source_record r JOIN source_file f ON f.id = r.file_id \
                     WHERE r.seq > {after} AND r.state = {} AND f.status = 'imported' \
                     ORDER BY r.seq LIMIT {PAGE}",
                    state::CURRENT
                ),
            );
            let rows = source_record::Entity::find().from_raw_sql(query).all(self.reader()).await?;
            let Some(last) = rows.last() else { return Ok(records) };
            after = last.seq;
            for row in rows {
                records.push(CurrentRecord { version: row.seq, record: to_record(row)? });
            }
        }
    }

    /// The current version of one record.
    pub async fn current_record(&self, id: RecordId) -> Result<Option<SourceRecord>, Error> {
        let row = source_record::Entity::find()
            .filter(source_record::Column::RecordId.eq(id.0))
            .filter(source_record::Column::State.eq(state::CURRENT))
            .one(self.reader())
            .await?;
        row.map(to_record).transpose()
    }

    /// The model that new records are linked with.
    pub async fn active_model(&self) -> Result<Option<(ModelId, Model)>, Error> {
        let row = linkage_model::Entity::find()
            .filter(linkage_model::Column::Active.eq(true))
            .one(self.reader())
            .await?;
        row.map(|it| Ok((ModelId(it.id), serde_json::from_str(&it.parameters)?))).transpose()
    }

    /// Keeps a model and makes it the one that new records are linked with.
    pub async fn activate_model(&self, model: &Model, at: DateTime<Utc>) -> Result<ModelId, Error> {
        let transaction = self.writer().begin().await?;
        let version = linkage_model::Entity::find().count(&transaction).await? + 1;
        transaction
            .execute_unprepared("UPDATE linkage_model SET active = FALSE WHERE active")
            .await?;
        let parameters = serde_json::to_string(model)?;
        let id = ModelId(Uuid::new_v5(&domain::id::NAMESPACE, parameters.as_bytes()));
        let row = linkage_model::ActiveModel {
            id: Set(id.0),
            version: Set(i32::try_from(version).unwrap_or(i32::MAX)),
            parameters: Set(parameters),
            active: Set(true),
            created_at: Set(at),
        };
        linkage_model::Entity::insert(row).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Whether every current record, and no other, has been linked in its current version.
    pub async fn is_linked(&self) -> Result<bool, Error> {
        let current = state::CURRENT;
        let query = Statement::from_string(
            self.backend(),
            format!(
                "SELECT (SELECT COUNT(*) FROM source_record r JOIN source_file f ON f.id = r.file_id \
                 WHERE r.state = {current} AND f.status = 'imported') AS records, \
                 (SELECT COUNT(*) FROM membership m JOIN source_record r ON r.seq = m.version_seq \
                 WHERE r.state = {current}) AS linked, \
                 (SELECT COUNT(*) FROM membership) AS members"
            ),
        );
        let row = self.reader().query_one_raw(query).await?;
        let row = row.ok_or_else(|| Error::internal("no row of counts"))?;
        let count = |column: &str| row.try_get::<i64>("", column);
        let (records, linked, members) = (count("records")?, count("linked")?, count("members")?);
        Ok(records == linked && linked == members)
    }

    /// The last run.
    pub async fn last_run(&self) -> Result<Option<entity::link_run::Model>, Error> {
        Ok(entity::link_run::Entity::find()
            .order_by_desc(entity::link_run::Column::Seq)
            .one(self.reader())
            .await?)
    }

    /// Where every record belongs since the last run.
    pub async fn members(&self) -> Result<HashMap<RecordId, Member>, Error> {
        let rows = membership::Entity::find().all(self.reader()).await?;
        let member = |it: membership::Model| {
            let member = Member {
                enterprise: EnterpriseId(it.enterprise_id),
                owner: it.owner_id.map(OwnerId),
                version: it.version_seq,
            };
            (RecordId(it.record_id), member)
        };
        Ok(rows.into_iter().map(member).collect())
    }

    /// The enterprises of those of `records` that are linked.
    pub async fn homes(
        &self,
        records: &[RecordId],
    ) -> Result<HashMap<RecordId, EnterpriseId>, Error> {
        let members = membership::Entity::find()
            .filter(membership::Column::RecordId.is_in(records.iter().map(|it| it.0)))
            .all(self.reader())
            .await?;
        let home = |it: membership::Model| (RecordId(it.record_id), EnterpriseId(it.enterprise_id));
        Ok(members.into_iter().map(home).collect())
    }

    /// The records of an enterprise, in order.
    pub async fn members_of(&self, id: EnterpriseId) -> Result<Vec<RecordId>, Error> {
        let members = membership::Entity::find()
            .filter(membership::Column::EnterpriseId.eq(id.0))
            .order_by_asc(membership::Column::RecordId)
            .all(self.reader())
            .await?;
        Ok(members.into_iter().map(|it| RecordId(it.record_id)).collect())
    }

    /// Every pair kept since the last run.
    pub async fn pairs(&self) -> Result<Vec<link_pair::Model>, Error> {
        Ok(link_pair::Entity::find().all(self.reader()).await?)
    }

    /// The enterprise ids that are retired.
    pub async fn retired(&self) -> Result<HashMap<EnterpriseId, EnterpriseId>, Error> {
        let rows = enterprise_redirect::Entity::find().all(self.reader()).await?;
        Ok(rows.into_iter().map(|it| (EnterpriseId(it.retired), EnterpriseId(it.heir))).collect())
    }

    /// The stored profiles of `ids`.
    pub async fn stored_profiles(
        &self,
        ids: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, String>, Error> {
        let mut stored = HashMap::new();
        for ids in ids.chunks(2_000) {
            let rows: Vec<(Uuid, String)> = entity::enterprise::Entity::find()
                .select_only()
                .columns([entity::enterprise::Column::Id, entity::enterprise::Column::Profile])
                .filter(entity::enterprise::Column::Id.is_in(ids.iter().map(|it| it.0)))
                .into_tuple()
                .all(self.reader())
                .await?;
            stored.extend(rows.into_iter().map(|it| (EnterpriseId(it.0), it.1)));
        }
        Ok(stored)
    }

    /// Keeps a run, what it changes, and the decision or undoing that caused it, at once.
    pub async fn keep_run(
        &self,
        run: Run,
        changes: RunChanges,
        made: Vec<DecisionChange>,
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        let by = run.by.clone().unwrap_or_default();
        let alone = made.len() == 1;
        for change in made {
            let moves = if alone { changes.moves.clone() } else { change.of_these(&changes.moves) };
            decisions::change(&transaction, change, &by, run.finished_at, run.id, &moves).await?;
        }
        changes::write(&transaction, &run, changes).await?;
        super::models::make_active(&transaction, run.model).await?;
        entity::link_run::ActiveModel {
            id: Set(run.id.0),
            model_id: Set(run.model.0),
            cause: Set(run.cause.code().to_owned()),
            subject_id: Set(run.cause.decision().map(|it| it.0)),
            made_by: Set(run.by),
            counts: Set(run.counts),
            capped_blocks: Set(run.capped_blocks),
            started_at: Set(run.started_at),
            finished_at: Set(run.finished_at),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// A stored version as the domain knows it.
pub fn to_record(row: source_record::Model) -> Result<SourceRecord, Error> {
    Ok(SourceRecord {
        id: RecordId(row.record_id),
        agency: AgencyCode::parse(&row.agency).map_err(Error::internal)?,
        file: FileId(row.file_id),
        sheet: row.sheet,
        row: row.row.cast_unsigned(),
        fields: fields_from_json(&row.fields)?,
        recorded_on: row.recorded_on,
    })
}
