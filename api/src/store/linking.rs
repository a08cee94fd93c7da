//! What linking reads and what it leaves behind: one transaction a run, so that a run is seen whole or
//! not at all.

mod changes;

use std::collections::HashMap;

pub use changes::{EnterpriseRow, RunChanges};

use chrono::{DateTime, Utc};
use domain::agency::AgencyCode;
use domain::id::{DecisionId, EnterpriseId, FileId, ModelId, OwnerId, RecordId, RunId};
use domain::record::SourceRecord;
use entity::{decision, enterprise_redirect, link_pair, linkage_model, membership, source_record};
use linkage::link::{Decision, DecisionKind};
use linkage::model::Model;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement, TransactionTrait,
};
use uuid::Uuid;

use super::Store;
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

/// A decision as stored.
#[derive(Debug, Clone)]
pub struct StoredDecision {
    /// What it binds.
    pub decision: Decision,
    /// Which enterprise each touched record was in before it.
    pub before: HashMap<RecordId, EnterpriseId>,
    /// It has been taken back.
    pub undone: bool,
}

/// A run that is over.
#[derive(Debug)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The model it ran under.
    pub model: ModelId,
    /// `link`, or the decision that caused it.
    pub cause: String,
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

    /// Every pair kept since the last run.
    pub async fn pairs(&self) -> Result<Vec<link_pair::Model>, Error> {
        Ok(link_pair::Entity::find().all(self.reader()).await?)
    }

    /// The enterprise ids that are retired.
    pub async fn retired(&self) -> Result<HashMap<EnterpriseId, EnterpriseId>, Error> {
        let rows = enterprise_redirect::Entity::find().all(self.reader()).await?;
        Ok(rows.into_iter().map(|it| (EnterpriseId(it.retired), EnterpriseId(it.heir))).collect())
    }

    /// When each of `ids` last changed, with its stored profile.
    pub async fn stored_profiles(
        &self,
        ids: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, (String, DateTime<Utc>)>, Error> {
        let mut stored = HashMap::new();
        for ids in ids.chunks(2_000) {
            let rows: Vec<(Uuid, String, DateTime<Utc>)> = entity::enterprise::Entity::find()
                .select_only()
                .columns([
                    entity::enterprise::Column::Id,
                    entity::enterprise::Column::Profile,
                    entity::enterprise::Column::UpdatedAt,
                ])
                .filter(entity::enterprise::Column::Id.is_in(ids.iter().map(|it| it.0)))
                .into_tuple()
                .all(self.reader())
                .await?;
            stored.extend(rows.into_iter().map(|it| (EnterpriseId(it.0), (it.1, it.2))));
        }
        Ok(stored)
    }

    /// Every decision that stands, the oldest first.
    pub async fn standing_decisions(&self) -> Result<Vec<Decision>, Error> {
        let rows = decision::Entity::find()
            .filter(decision::Column::UndoneAt.is_null())
            .order_by_asc(decision::Column::Seq)
            .all(self.reader())
            .await?;
        rows.into_iter().map(|it| Ok(to_decision(it)?.decision)).collect()
    }

    /// One decision.
    pub async fn decision(&self, id: DecisionId) -> Result<Option<StoredDecision>, Error> {
        let row = decision::Entity::find()
            .filter(decision::Column::Id.eq(id.0))
            .one(self.reader())
            .await?;
        row.map(to_decision).transpose()
    }

    /// Keeps a run, what it changes, and the decision or undoing that caused it, at once.
    pub async fn keep_run(
        &self,
        run: Run,
        changes: RunChanges,
        decision: Option<DecisionChange>,
    ) -> Result<(), Error> {
        let transaction = self.writer().begin().await?;
        match decision {
            Some(DecisionChange::Make(row)) => {
                decision::Entity::insert(*row).exec_without_returning(&transaction).await?;
            }
            Some(DecisionChange::Undo { id, by, at }) => {
                decision::Entity::update_many()
                    .col_expr(decision::Column::UndoneBy, by.into())
                    .col_expr(decision::Column::UndoneAt, at.into())
                    .filter(decision::Column::Id.eq(id.0))
                    .exec(&transaction)
                    .await?;
            }
            None => {}
        }
        changes::write(&transaction, &run, changes).await?;
        entity::link_run::ActiveModel {
            id: Set(run.id.0),
            model_id: Set(run.model.0),
            cause: Set(run.cause),
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

/// What happens to a decision together with a run.
#[derive(Debug)]
pub enum DecisionChange {
    /// It is made.
    Make(Box<decision::ActiveModel>),
    /// It is taken back.
    Undo {
        /// Which.
        id: DecisionId,
        /// Subject of whoever takes it back.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
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

fn to_decision(row: decision::Model) -> Result<StoredDecision, Error> {
    let before: HashMap<Uuid, Uuid> = serde_json::from_str(&row.before)?;
    let kind = match row.kind.as_str() {
        "same" => DecisionKind::Same,
        "never" => DecisionKind::Never,
        _ => return Err(Error::internal("unknown kind of decision")),
    };
    let (a, b) = (RecordId(row.a), RecordId(row.b));
    Ok(StoredDecision {
        decision: Decision { id: DecisionId(row.id), kind, a, b },
        before: before.into_iter().map(|(r, e)| (RecordId(r), EnterpriseId(e))).collect(),
        undone: row.undone_at.is_some(),
    })
}
