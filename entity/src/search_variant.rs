//! A word with one letter left out, for search that forgives.

use sea_orm::entity::prelude::*;

/// A word with one letter left out, for search that forgives.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "search_variant")]
pub struct Model {
    /// The shortened word.
    #[sea_orm(primary_key, auto_increment = false)]
    pub variant: String,
    /// The word.
    #[sea_orm(primary_key, auto_increment = false)]
    pub word: String,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
