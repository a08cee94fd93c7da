//! What a model would change, as found on one state of the register.

use sea_orm::entity::prelude::*;

/// What a model would change, as found on one state of the register.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "model_preview")]
pub struct Model {
    /// The model.
    #[sea_orm(primary_key, auto_increment = false)]
    pub model_id: Uuid,
    /// The state of the register it was found on.
    pub basis: String,
    /// What would change, as JSON.
    pub found: String,
    /// Subject.
    pub made_by: String,
    /// When.
    pub made_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
