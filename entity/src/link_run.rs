//! One run of the engine.

use sea_orm::entity::prelude::*;

/// One run of the engine.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "link_run")]
pub struct Model {
    /// Order of runs.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// The model it ran under.
    pub model_id: Uuid,
    /// `link`, or the decision that caused it.
    pub cause: String,
    /// What it found, as JSON.
    pub counts: String,
    /// Blocking keys whose blocks were left out for their size, as JSON.
    pub capped_blocks: String,
    /// Begin.
    pub started_at: DateTimeUtc,
    /// End.
    pub finished_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
