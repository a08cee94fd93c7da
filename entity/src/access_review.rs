//! What an auditor found of an access that was taken by breaking the glass.

use sea_orm::entity::prelude::*;

/// What an auditor found of an access that was taken by breaking the glass.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_review")]
pub struct Model {
    /// The entry of the access log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Whether the reason holds.
    pub justified: bool,
    /// In the auditor's words.
    pub note: String,
    /// The auditor.
    pub settled_by: String,
    /// When, in milliseconds since 1970.
    pub settled_at: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
