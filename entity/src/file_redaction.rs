//! A file whose bytes are no longer those that were received: a person's rows were taken out.

use sea_orm::entity::prelude::*;

/// A file whose bytes are no longer those that were received: a person's rows were taken out.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "file_redaction")]
pub struct Model {
    /// The file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: Uuid,
    /// How many rows are empty now, in all.
    pub rows: i64,
    /// When it was last done, in milliseconds since 1970.
    pub at: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
