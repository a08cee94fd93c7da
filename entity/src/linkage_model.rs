//! One frozen set of linkage parameters.

use sea_orm::entity::prelude::*;

/// One frozen set of linkage parameters.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "linkage_model")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its number, from 1.
    pub version: i32,
    /// Settings and estimates, as JSON, sealed.
    #[sea_orm(column_type = "Blob")]
    pub parameters: Vec<u8>,
    /// New records are linked with this one.
    pub active: bool,
    /// When it was estimated.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
