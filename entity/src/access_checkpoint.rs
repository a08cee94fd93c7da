//! A signed statement of what the access log was at one moment.

use sea_orm::entity::prelude::*;

/// A signed statement of what the access log was at one moment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_checkpoint")]
pub struct Model {
    /// The how many-th, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Entries it vouches for.
    pub size: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The checkpoint itself.
    pub content: String,
    /// It is where it was to be exported to.
    pub exported: bool,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
