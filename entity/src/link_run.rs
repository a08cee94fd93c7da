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
    /// Why it was made: the codes of `api::store::linking::RunCause`.
    pub cause: String,
    /// The decision that was made or taken back.
    pub subject_id: Option<Uuid>,
    /// Subject of whoever caused it; none at the command line.
    pub made_by: Option<String>,
    /// What it found, as JSON.
    pub counts: String,
    /// Begin.
    pub started_at: DateTimeUtc,
    /// End.
    pub finished_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
