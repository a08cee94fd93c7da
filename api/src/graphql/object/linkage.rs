//! The engine's runs.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::id::{ModelId, RunId};

use super::changes::EnterpriseChanges;
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, some};
use crate::service::models;

/// A count of a run, by its name.
#[derive(Debug, Clone, SimpleObject)]
pub struct RunCount {
    /// What was counted. Example: "enterprises".
    pub name: String,
    /// How many, or how long in seconds.
    pub value: f64,
}

/// One run of the engine.
pub struct LinkRun(pub entity::link_run::Model);

/// One run of the engine.
#[Object]
impl LinkRun {
    /// The run's id. Example: `run_...`.
    async fn id(&self) -> ID {
        ID(RunId(self.0.id).to_string())
    }

    /// The model it ran under. Example: `mdl_...`.
    async fn model_id(&self) -> ID {
        ID(ModelId(self.0.model_id).to_string())
    }

    /// `link`, or the decision that caused it.
    async fn cause(&self) -> &str {
        &self.0.cause
    }

    /// What it found, count by count.
    async fn counts(&self) -> Vec<RunCount> {
        let read: serde_json::Value = serde_json::from_str(&self.0.counts).unwrap_or_default();
        let counts = read.as_object().into_iter().flatten();
        counts
            .filter_map(|(name, value)| {
                Some(RunCount { name: name.clone(), value: value.as_f64()? })
            })
            .collect()
    }

    /// What it changed in the enterprises.
    #[graphql(complexity = "20 + child_complexity")]
    async fn changes(&self, ctx: &Context<'_>) -> Soft<EnterpriseChanges> {
        let found = models::outcome(ctx.app(), RunId(self.0.id)).await;
        some(found.map(EnterpriseChanges))
    }

    /// When it began.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at)
    }

    /// When it ended.
    async fn finished_at(&self) -> DateTime {
        DateTime(self.0.finished_at)
    }
}
