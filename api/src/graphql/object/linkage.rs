//! The engine's models and runs.

use async_graphql::{ID, Object, SimpleObject};
use domain::id::{ModelId, RunId};

use crate::graphql::scalar::DateTime;

/// A frozen set of linkage parameters: under one model, the same rows give the same enterprises.
#[derive(Debug, Clone, SimpleObject)]
pub struct LinkageModel {
    /// The model's id. Example: `mdl_...`.
    pub id: ID,
    /// Its number, from 1.
    pub version: i32,
    /// New rows are linked with this one.
    pub active: bool,
    /// When it was estimated.
    pub created_at: DateTime,
}

impl From<entity::linkage_model::Model> for LinkageModel {
    fn from(row: entity::linkage_model::Model) -> LinkageModel {
        LinkageModel {
            id: ID(ModelId(row.id).to_string()),
            version: row.version,
            active: row.active,
            created_at: DateTime(row.created_at),
        }
    }
}

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

    /// When it began.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at)
    }

    /// When it ended.
    async fn finished_at(&self) -> DateTime {
        DateTime(self.0.finished_at)
    }
}
