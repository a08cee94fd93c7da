//! Where a retired id leads.

use sea_orm::entity::prelude::*;

/// Where a retired id leads.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise_redirect")]
pub struct Model {
    /// The id that is no longer used.
    #[sea_orm(primary_key, auto_increment = false)]
    pub retired: Uuid,
    /// The id that most of its records passed to.
    pub heir: Uuid,
    /// The run that retired it.
    pub run_id: Uuid,
    /// The id came with a decision and went with its undoing.
    pub undone: bool,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
