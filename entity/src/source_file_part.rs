//! A piece of the bytes of a source file.

use sea_orm::entity::prelude::*;

/// A piece of the bytes of a source file.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "source_file_part")]
pub struct Model {
    /// The file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: Uuid,
    /// The piece, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    /// Its bytes, compressed where that helps, sealed.
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
