//! A blocking key of a record that was linked after the last run over everything.

use sea_orm::entity::prelude::*;

/// A blocking key of a record that was linked after the last run over everything.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "block_entry")]
pub struct Model {
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
    /// The version of the record that has it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version_seq: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
