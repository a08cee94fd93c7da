//! Who works on two records that wait for a person.

use sea_orm::entity::prelude::*;

/// Who works on two records that wait for a person.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_assignment")]
pub struct Model {
    /// The record with the smaller id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub a: Uuid,
    /// The other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub b: Uuid,
    /// Subject of the steward who works on it.
    pub assignee: String,
    /// Subject of whoever assigned it.
    pub assigned_by: String,
    /// When.
    pub assigned_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
