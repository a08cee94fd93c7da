//! How far it was told one institution how enterprises stand with one programme.

use sea_orm::entity::prelude::*;

/// How far it was told one institution how enterprises stand with one programme.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "financing_feed")]
pub struct Model {
    /// The institution.
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution: String,
    /// The programme.
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme: String,
    /// The position of the last change; the first has 1.
    pub head: i64,
    /// How often this row was written.
    pub turn: i64,
    /// On which state of the register the last comparison began; empty before the first.
    pub compared: String,
    /// The enterprise up to which the comparison that is under way has come, nil at its beginning; null when
    /// none is under way.
    pub behind: Option<Uuid>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
