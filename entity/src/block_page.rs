//! A part of the blocking keys of the records, as the last run over everything left them.

use sea_orm::entity::prelude::*;

/// A part of the blocking keys of the records, as the last run over everything left them.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "block_page")]
pub struct Model {
    /// The first bits of its keys.
    #[sea_orm(primary_key, auto_increment = false)]
    pub page: i32,
    /// The version of the data key that keys are kept under, the same on every page and in `block_entry`.
    pub key_version: i32,
    /// Keys and the versions that have them.
    pub entries: Vec<u8>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
