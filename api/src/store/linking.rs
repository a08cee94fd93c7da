//! What linking reads and what it leaves behind: one transaction a run, so that a run is seen whole or
//! not at all.

mod changes;
mod members;
mod records;

use std::collections::{HashMap, HashSet};

pub use changes::{EnterpriseRow, NewEvent, RunChanges};
pub use members::Member;
pub use records::CurrentRecord;

use chrono::{DateTime, Utc};
use domain::id::{DecisionId, EnterpriseId, ModelId, OwnerId, RecordId, RunId};
use entity::{enterprise_redirect, link_pair, linkage_model};
use linkage::model::Model;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement, TransactionTrait,
};
use uuid::Uuid;

use super::Store;
use super::decisions::{self, DecisionChange};
use super::sql::{Execute, Row, padded};
use crate::error::Error;

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
    /// Rows were erased.
    Erase,
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
            RunCause::Erase => "erase",
        }
    }

    /// The decision it is about.
    pub fn decision(self) -> Option<DecisionId> {
        match self {
            RunCause::Decision(id) | RunCause::Undo(id) => Some(id),
            RunCause::Link
            | RunCause::Everything
            | RunCause::Activate
            | RunCause::Together
            | RunCause::Erase => None,
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
    /// Begin.
    pub started_at: DateTime<Utc>,
    /// End.
    pub finished_at: DateTime<Utc>,
}

impl Store {
    /// The id of the model that new records are linked with.
    pub async fn active_model_id(&self) -> Result<Option<ModelId>, Error> {
        let query = linkage_model::Entity::find()
            .select_only()
            .column(linkage_model::Column::Id)
            .filter(linkage_model::Column::Active.eq(true))
            .build(self.backend());
        Ok(self.rows(query, |it| it.get(0).map(ModelId)).await?.pop())
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
            parameters: Set(super::models::sealed(&self.sealer(), id, &parameters)?),
            active: Set(true),
            created_at: Set(at),
        };
        linkage_model::Entity::insert(row).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The last run.
    pub async fn last_run(&self) -> Result<Option<entity::link_run::Model>, Error> {
        Ok(entity::link_run::Entity::find()
            .order_by_desc(entity::link_run::Column::Seq)
            .one(self.whole_reader())
            .await?)
    }

    /// Every pair kept since the last run.
    pub async fn pairs(&self) -> Result<Vec<link_pair::Model>, Error> {
        Ok(link_pair::Entity::find().all(self.whole_reader()).await?)
    }

    /// The kept pairs that have one of `ids`.
    pub async fn pairs_of(&self, ids: &[RecordId]) -> Result<Vec<link_pair::Model>, Error> {
        let mut found = vec![];
        for ids in ids.chunks(1_024) {
            let here = || padded(ids).map(|it| it.0);
            let either = Condition::any()
                .add(link_pair::Column::A.is_in(here()))
                .add(link_pair::Column::B.is_in(here()));
            let query = link_pair::Entity::find().filter(either).build(self.backend());
            found.extend(self.rows(query, read_pair).await?);
        }
        Ok(found)
    }

    /// Those of `ids` that were ever given to an enterprise.
    pub async fn ever_used(&self, ids: &[EnterpriseId]) -> Result<HashSet<EnterpriseId>, Error> {
        let mut used = HashSet::new();
        for ids in ids.chunks(2_048) {
            let query = entity::enterprise::Entity::find()
                .select_only()
                .column(entity::enterprise::Column::Id)
                .filter(entity::enterprise::Column::Id.is_in(padded(ids).map(|it| it.0)))
                .build(self.backend());
            used.extend(self.rows(query, |it| it.get(0).map(EnterpriseId)).await?);
            used.extend(self.retired_among(ids).await?.into_keys());
        }
        Ok(used)
    }

    /// Those of `ids` that persons have.
    pub async fn owners_among(&self, ids: &[OwnerId]) -> Result<HashSet<OwnerId>, Error> {
        let mut used = HashSet::new();
        for ids in ids.chunks(2_048) {
            let query = entity::owner::Entity::find()
                .select_only()
                .column(entity::owner::Column::Id)
                .filter(entity::owner::Column::Id.is_in(padded(ids).map(|it| it.0)))
                .build(self.backend());
            used.extend(self.rows(query, |it| it.get(0).map(OwnerId)).await?);
        }
        Ok(used)
    }

    /// Those of `ids` that are retired, and their next heirs.
    pub async fn retired_among(
        &self,
        ids: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, EnterpriseId>, Error> {
        let mut found = HashMap::new();
        for ids in ids.chunks(2_048) {
            use enterprise_redirect::Column;
            let query = enterprise_redirect::Entity::find()
                .select_only()
                .columns([Column::Retired, Column::Heir])
                .filter(Column::Retired.is_in(padded(ids).map(|it| it.0)))
                .build(self.backend());
            let of = |it: &Row<'_>| Ok((EnterpriseId(it.get(0)?), EnterpriseId(it.get(1)?)));
            found.extend(self.rows(query, of).await?);
        }
        Ok(found)
    }

    /// The enterprise ids that are retired.
    pub async fn retired(&self) -> Result<HashMap<EnterpriseId, EnterpriseId>, Error> {
        let rows = enterprise_redirect::Entity::find().all(self.whole_reader()).await?;
        Ok(rows.into_iter().map(|it| (EnterpriseId(it.retired), EnterpriseId(it.heir))).collect())
    }

    /// The stored profiles of `ids`.
    pub async fn stored_profiles(
        &self,
        ids: &[EnterpriseId],
    ) -> Result<HashMap<EnterpriseId, String>, Error> {
        use entity::enterprise::Column;
        let (mut stored, sealer) = (HashMap::new(), self.sealer());
        for ids in ids.chunks(2_048) {
            let query = entity::enterprise::Entity::find()
                .select_only()
                .columns([Column::Id, Column::WrittenAt, Column::Profile])
                .filter(Column::Id.is_in(padded(ids).map(|it| it.0)))
                .build(self.backend());
            let of = |it: &Row<'_>| Ok((it.get(0)?, it.get(1)?, it.get(2)?));
            for (id, since, profile) in self.rows(query, of).await? {
                let profile = super::enterprises::opened(&sealer, id, since, profile)?;
                stored.insert(EnterpriseId(id), profile);
            }
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
        let sealer = self.sealer();
        let transaction = self.begin().await?;
        let by = run.by.clone().unwrap_or_default();
        let alone = made.len() == 1;
        for change in made {
            let moves = if alone { changes.moves.clone() } else { change.of_these(&changes.moves) };
            decisions::change(&transaction, &sealer, change, &by, &run, &moves).await?;
        }
        changes::write(&transaction, &sealer, &run, changes).await?;
        let linked =
            "UPDATE source_file SET linked = TRUE WHERE linked = FALSE AND status = 'imported'";
        transaction.execute(Statement::from_string(transaction.backend(), linked)).await?;
        super::models::make_active(&transaction, run.model).await?;
        let row = entity::link_run::ActiveModel {
            id: Set(run.id.0),
            model_id: Set(run.model.0),
            cause: Set(run.cause.code().to_owned()),
            subject_id: Set(run.cause.decision().map(|it| it.0)),
            made_by: Set(run.by),
            counts: Set(run.counts),
            started_at: Set(run.started_at),
            finished_at: Set(run.finished_at),
            ..Default::default()
        };
        let row = entity::link_run::Entity::insert(row);
        transaction.execute(row.build(transaction.backend())).await?;
        super::channels::tell_register(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn read_pair(row: &Row<'_>) -> Result<link_pair::Model, DbErr> {
    Ok(link_pair::Model {
        a: row.get(0)?,
        b: row.get(1)?,
        weight: row.get(2)?,
        context: row.get(3)?,
        probability: row.get(4)?,
        person_weight: row.get(5)?,
        linked: row.get(6)?,
    })
}
