//! Linkage models, what a change of model was found to do, and what a run did to enterprises.

use chrono::{DateTime, Utc};
use domain::id::{DecisionId, EnterpriseId, ModelId, RunId};
use entity::{
    enterprise_event, link_run, linkage_model, model_preview, source_file, source_record,
};
use linkage::model::Model;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Statement, TransactionTrait,
};
use uuid::Uuid;

use super::Store;
use super::history::EventKind;
use super::linking::RunCause;
use super::slice::Slice;
use super::sources::state;
use super::sql::{Execute, Transaction};
use crate::error::Error;
use crate::sealing::{Place, Sealer, What};

/// A model but for its parameters, which may be large.
#[derive(Debug, Clone, PartialEq, sea_orm::FromQueryResult)]
pub struct ModelRow {
    /// Its id.
    pub id: Uuid,
    /// Its number, from 1.
    pub version: i32,
    /// New records are linked with this one.
    pub active: bool,
    /// When it was estimated.
    pub created_at: DateTime<Utc>,
}

/// What happened to one enterprise in a run: its id, what, and the other id.
pub type RunEvent = (EnterpriseId, EventKind, Option<EnterpriseId>);

impl Store {
    /// The models, the newest first, and whether there are more.
    pub async fn model_page(&self, slice: &Slice) -> Result<(Vec<ModelRow>, bool), Error> {
        let rows = model_rows()
            .filter(
                slice.bounds(&[Expr::col((linkage_model::Entity, linkage_model::Column::Version))]),
            )
            .order_by(linkage_model::Column::Version, slice.direction())
            .limit(slice.limit + 1)
            .into_model::<ModelRow>()
            .all(self.reader())
            .await?;
        Ok(slice.cut(rows))
    }

    /// How many models there are.
    pub async fn model_count(&self) -> Result<u64, Error> {
        Ok(linkage_model::Entity::find().count(self.reader()).await?)
    }

    /// The model with this id.
    pub async fn model_row(&self, id: ModelId) -> Result<Option<ModelRow>, Error> {
        let query = model_rows().filter(linkage_model::Column::Id.eq(id.0));
        Ok(query.into_model::<ModelRow>().one(self.reader()).await?)
    }

    /// The model that new records are linked with.
    pub async fn active_model_row(&self) -> Result<Option<ModelRow>, Error> {
        let query = model_rows().filter(linkage_model::Column::Active.eq(true));
        Ok(query.into_model::<ModelRow>().one(self.reader()).await?)
    }

    /// The parameters of the model with this id.
    pub async fn model(&self, id: ModelId) -> Result<Option<Model>, Error> {
        let row = linkage_model::Entity::find_by_id(id.0).one(self.reader()).await?;
        let Some(mut row) = row else { return Ok(None) };
        let place = Place::of(row.id);
        let opened = self.sealer();
        let parameters = opened.open(What::Parameters, place, &mut row.parameters)?;
        Ok(Some(serde_json::from_slice(parameters)?))
    }

    /// When each model's first and last run under it ended; `None` for one that never linked.
    pub async fn model_runs(
        &self,
        id: ModelId,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, Error> {
        let runs = || {
            let query = link_run::Entity::find().filter(link_run::Column::ModelId.eq(id.0));
            query.select_only().column(link_run::Column::FinishedAt).limit(1)
        };
        let first =
            runs().order_by_asc(link_run::Column::Seq).into_tuple().one(self.reader()).await?;
        let last =
            runs().order_by_desc(link_run::Column::Seq).into_tuple().one(self.reader()).await?;
        Ok(first.zip(last))
    }

    /// Keeps a model, inactive, with what it was found to change on the state `basis` of the register.
    /// A second preview of the same model takes the place of the first.
    pub async fn keep_preview(
        &self,
        model: &Model,
        basis: &str,
        found: &str,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<ModelId, Error> {
        let parameters = serde_json::to_string(model)?;
        let id = ModelId(Uuid::new_v5(&domain::id::NAMESPACE, parameters.as_bytes()));
        let transaction = self.writer().begin().await?;
        let version = linkage_model::Entity::find().count(&transaction).await? + 1;
        let row = linkage_model::ActiveModel {
            id: Set(id.0),
            version: Set(i32::try_from(version).unwrap_or(i32::MAX)),
            parameters: Set(sealed(&self.sealer(), id, &parameters)?),
            active: Set(false),
            created_at: Set(at),
        };
        let known = linkage_model::Entity::find_by_id(id.0).count(&transaction).await?;
        if known == 0 {
            linkage_model::Entity::insert(row).exec_without_returning(&transaction).await?;
        }
        let preview = model_preview::ActiveModel {
            model_id: Set(id.0),
            basis: Set(basis.to_owned()),
            found: Set(found.to_owned()),
            made_by: Set(by.to_owned()),
            made_at: Set(at),
        };
        let again = OnConflict::column(model_preview::Column::ModelId)
            .update_columns([
                model_preview::Column::Basis,
                model_preview::Column::Found,
                model_preview::Column::MadeBy,
                model_preview::Column::MadeAt,
            ])
            .to_owned();
        let insert = model_preview::Entity::insert(preview).on_conflict(again);
        insert.exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// What a model was found to change.
    pub async fn preview(&self, id: ModelId) -> Result<Option<model_preview::Model>, Error> {
        Ok(model_preview::Entity::find_by_id(id.0).one(self.reader()).await?)
    }

    /// A text that is another one as soon as a record, a decision, a run or the active model is.
    pub async fn linkage_state(&self) -> Result<String, Error> {
        let files = source_file::Entity::find()
            .select_only()
            .column(source_file::Column::Id)
            .filter(source_file::Column::Status.eq("imported"));
        let (records, newest): (i64, Option<i64>) = source_record::Entity::find()
            .select_only()
            .column_as(source_record::Column::Seq.count(), "records")
            .column_as(source_record::Column::Seq.max(), "newest")
            .filter(source_record::Column::State.eq(state::CURRENT))
            .filter(source_record::Column::FileId.in_subquery(files.into_query()))
            .into_tuple()
            .one(self.reader())
            .await?
            .unwrap_or_default();
        let run = self.last_run().await?.map(|it| RunId(it.id).to_string()).unwrap_or_default();
        Ok(format!("{run} {records} {}", newest.unwrap_or_default()))
    }

    /// The run with this id.
    pub async fn run(&self, id: RunId) -> Result<Option<link_run::Model>, Error> {
        let query = link_run::Entity::find().filter(link_run::Column::Id.eq(id.0));
        Ok(query.one(self.reader()).await?)
    }

    /// The run that took a decision back, where one did.
    pub async fn undo_run(&self, decision: DecisionId) -> Result<Option<RunId>, Error> {
        let query = link_run::Entity::find()
            .filter(link_run::Column::SubjectId.eq(decision.0))
            .filter(link_run::Column::Cause.eq(RunCause::Undo(decision).code()));
        Ok(query.one(self.reader()).await?.map(|it| RunId(it.id)))
    }

    /// What a run did to enterprises.
    pub async fn events_of_run(&self, run: RunId) -> Result<Vec<RunEvent>, Error> {
        let rows = enterprise_event::Entity::find()
            .filter(enterprise_event::Column::RunId.eq(run.0))
            .order_by_asc(enterprise_event::Column::Seq)
            .all(self.reader())
            .await?;
        let event = |it: enterprise_event::Model| {
            let kind = EventKind::from_code(&it.kind)?;
            Some((EnterpriseId(it.enterprise_id), kind, it.other.map(EnterpriseId)))
        };
        Ok(rows.into_iter().filter_map(event).collect())
    }
}

/// The parameters of a model as its row keeps them.
pub(super) fn sealed(sealer: &Sealer, id: ModelId, parameters: &str) -> Result<Vec<u8>, Error> {
    sealer.seal(What::Parameters, Place::of(id.0), parameters.as_bytes())
}

/// Makes `id` the model that new records are linked with, as part of a run's transaction.
pub(super) async fn make_active(transaction: &Transaction, id: ModelId) -> Result<(), Error> {
    let backend = transaction.backend();
    let parameters = super::bulk::placeholders(backend, 1, 2);
    let (one, two) = parameters.split_once(", ").unwrap_or_default();
    let text =
        format!("UPDATE linkage_model SET active = (id = {one}) WHERE active <> (id = {two})");
    let values = [id.0.into(), id.0.into()];
    Ok(transaction.execute(Statement::from_sql_and_values(backend, text, values)).await?)
}

fn model_rows() -> sea_orm::Select<linkage_model::Entity> {
    linkage_model::Entity::find().select_only().columns([
        linkage_model::Column::Id,
        linkage_model::Column::Version,
        linkage_model::Column::Active,
        linkage_model::Column::CreatedAt,
    ])
}
