//! How long the rows of an agency are kept.

use sea_orm::entity::prelude::*;

/// How long the rows of an agency are kept.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "retention")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency: String,
    /// For how many months after they were last listed.
    pub months: i32,
    /// The rule that says so.
    pub ground: String,
    /// Who set it.
    pub set_by: String,
    /// When, in milliseconds since 1970.
    pub set_at: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
