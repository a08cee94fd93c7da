//! The engine's models as the API shows them, and what a change of model would do.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::id::{EnterpriseId, ModelId, RecordId};
use tokio::sync::OnceCell;

use super::enterprise::Enterprise;
use crate::error::Error;
use crate::graphql::loader::Loaders;
use crate::graphql::page::count;
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, soft};
use crate::service::models::{self, Preview, SampledChange};
use crate::store::models::ModelRow;

/// A frozen set of linkage parameters: under one model, the same rows give the same enterprises.
pub struct LinkageModel {
    row: ModelRow,
    parameters: OnceCell<Arc<linkage::model::Model>>,
}

impl From<ModelRow> for LinkageModel {
    fn from(row: ModelRow) -> LinkageModel {
        LinkageModel { row, parameters: OnceCell::new() }
    }
}

/// A setting of the engine.
#[derive(Debug, Clone, SimpleObject)]
pub struct ModelSetting {
    /// Its name. Example: "target_precision".
    pub name: String,
    /// Its value, as JSON. Example: "0.98".
    pub value: String,
}

impl LinkageModel {
    fn id(&self) -> ModelId {
        ModelId(self.row.id)
    }

    async fn parameters(&self, ctx: &Context<'_>) -> Result<Arc<linkage::model::Model>, Error> {
        let load = async || {
            let model = ctx.app().store.model(self.id()).await?;
            model.map(Arc::new).ok_or(Error::NotFound { noun: "model" })
        };
        Ok(Arc::clone(self.parameters.get_or_try_init(load).await?))
    }

    async fn of<T>(
        &self,
        ctx: &Context<'_>,
        read: impl FnOnce(&linkage::model::Model) -> T,
    ) -> Soft<T> {
        soft(self.parameters(ctx).await.map(|it| Some(read(&it))))
    }
}

/// A frozen set of linkage parameters: under one model, the same rows give the same enterprises.
#[Object]
impl LinkageModel {
    /// The model's id. Example: `mdl_...`.
    #[graphql(name = "id")]
    async fn model_id(&self) -> ID {
        ID(self.id().to_string())
    }

    /// Its number, from 1.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// New rows are linked with this one.
    async fn active(&self) -> bool {
        self.row.active
    }

    /// When it was estimated.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When rows were first linked under it; null while it never was active.
    async fn first_linked_at(&self, ctx: &Context<'_>) -> Soft<DateTime> {
        let runs = ctx.app().store.model_runs(self.id()).await;
        soft(runs.map(|it| it.map(|it| DateTime(it.0))))
    }

    /// When rows were last linked under it; null while it never was active.
    async fn last_linked_at(&self, ctx: &Context<'_>) -> Soft<DateTime> {
        let runs = ctx.app().store.model_runs(self.id()).await;
        soft(runs.map(|it| it.map(|it| DateTime(it.1))))
    }

    /// Match weight in bits from which a pair is linked without a person's word.
    #[graphql(complexity = 5)]
    async fn link_bits(&self, ctx: &Context<'_>) -> Soft<f64> {
        self.of(ctx, |it| it.link_bits).await
    }

    /// Match weight in bits from which a pair is put to a person.
    #[graphql(complexity = 5)]
    async fn review_bits(&self, ctx: &Context<'_>) -> Soft<f64> {
        self.of(ctx, |it| it.review_bits).await
    }

    /// The share of right links that the model itself expects above its threshold, from 0 to 1. What
    /// stewards' answers say of it is `linkageQuality`.
    #[graphql(complexity = 5)]
    async fn expected_precision(&self, ctx: &Context<'_>) -> Soft<f64> {
        self.of(ctx, |it| it.expected_precision).await
    }

    /// The estimate came to rest before its rounds ran out.
    #[graphql(complexity = 5)]
    async fn converged(&self, ctx: &Context<'_>) -> Soft<bool> {
        self.of(ctx, |it| it.converged).await
    }

    /// Whether the estimate can be relied on, in one sentence.
    #[graphql(complexity = 5)]
    async fn statement(&self, ctx: &Context<'_>) -> Soft<String> {
        self.of(ctx, models::statement).await
    }

    /// How many rows it was estimated from.
    #[graphql(complexity = 5)]
    async fn source_records(&self, ctx: &Context<'_>) -> Soft<i32> {
        self.of(ctx, |it| count(u64::from(it.records))).await
    }

    /// The settings it was estimated with.
    #[graphql(complexity = "5 + 20 * child_complexity")]
    async fn settings(&self, ctx: &Context<'_>) -> Soft<Vec<ModelSetting>> {
        let settings = async || {
            let model = self.parameters(ctx).await?;
            let settings = serde_json::to_value(&model.settings)?;
            let settings = settings.as_object().cloned().unwrap_or_default();
            let setting = |(name, value): (String, serde_json::Value)| ModelSetting {
                name,
                value: value.to_string(),
            };
            Ok(Some(settings.into_iter().map(setting).collect()))
        };
        soft(settings().await)
    }

    /// What activating it was last found to change; null for a model that was never previewed.
    #[graphql(complexity = "5 + child_complexity")]
    async fn preview(&self, ctx: &Context<'_>) -> Soft<ModelPreview> {
        let read = async || {
            let store = &ctx.app().store;
            let Some(row) = store.preview(self.id()).await? else { return Ok(None) };
            let holds = !self.row.active && row.basis == store.linkage_state().await?;
            let found = serde_json::from_str(&row.found)?;
            Ok(Some(ModelPreview { found, holds, made_by: row.made_by, made_at: row.made_at }))
        };
        soft(read().await)
    }
}

/// What activating a model would change, as found when it was previewed.
pub struct ModelPreview {
    found: Preview,
    holds: bool,
    made_by: String,
    made_at: chrono::DateTime<chrono::Utc>,
}

/// What activating a model would change, as found when it was previewed.
#[Object]
impl ModelPreview {
    /// Nothing changed since: `activateModel` does exactly this.
    async fn holds(&self) -> bool {
        self.holds
    }

    /// Enterprises when it was previewed.
    async fn enterprises_now(&self) -> i32 {
        count(self.found.enterprises_now)
    }

    /// Enterprises there would be.
    async fn enterprises_then(&self) -> i32 {
        count(self.found.enterprises_then)
    }

    /// Ids that would be retired, their records merged into another enterprise.
    async fn merged_count(&self) -> i32 {
        count(self.found.merged)
    }

    /// Enterprises that would be split off another.
    async fn split_count(&self) -> i32 {
        count(self.found.split)
    }

    /// Enterprises that would keep their id and change their records or profile.
    async fn touched_count(&self) -> i32 {
        count(self.found.touched)
    }

    /// Pairs that would wait for a person.
    async fn review_pairs(&self) -> i32 {
        count(self.found.review_pairs)
    }

    /// Up to 20 of the merges and splits, those with the most rows first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn sample(&self) -> Vec<PreviewedChange> {
        self.found.sample.iter().cloned().map(PreviewedChange).collect()
    }

    /// The subject of whoever previewed it.
    async fn made_by(&self) -> &str {
        &self.made_by
    }

    /// When it was previewed.
    async fn made_at(&self) -> DateTime {
        DateTime(self.made_at)
    }
}

/// One merge or split that a model would make.
pub struct PreviewedChange(SampledChange);

/// One merge or split that a model would make.
#[Object]
impl PreviewedChange {
    /// The enterprises as they are now.
    #[graphql(complexity = "3 * child_complexity")]
    async fn enterprises(&self, ctx: &Context<'_>) -> Soft<Vec<Enterprise>> {
        let ids: Vec<EnterpriseId> = self.0.enterprises.iter().copied().map(EnterpriseId).collect();
        Some(ctx.data_unchecked::<Loaders>().enterprises(&ids).await)
    }

    /// Their ids. Example: `ent_...`.
    async fn enterprise_ids(&self, ctx: &Context<'_>) -> Vec<ID> {
        self.0.enterprises.iter().map(|it| ctx.named(EnterpriseId(*it))).collect()
    }

    /// The groups their rows would make, one enterprise each. Example: `rec_...`.
    async fn groups(&self, ctx: &Context<'_>) -> Vec<Vec<ID>> {
        let ids =
            |group: &Vec<uuid::Uuid>| group.iter().map(|it| ctx.named(RecordId(*it))).collect();
        self.0.groups.iter().map(ids).collect()
    }
}
