//! A key that personal data was sealed with.

use sea_orm::entity::prelude::*;

/// A key that personal data was sealed with; version 0 is the key of ids.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "data_key")]
pub struct Model {
    /// Its version in the ring.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// What only the holder of the key can compute.
    #[sea_orm(column_type = "Blob")]
    pub proof: Vec<u8>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
