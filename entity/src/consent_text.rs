//! What an owner was told before she agreed: never changed, known by its version.

use sea_orm::entity::prelude::*;

/// What an owner was told before she agreed: never changed, known by its version.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_text")]
pub struct Model {
    /// Its name. Example: "bjb-pembiayaan-1".
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    /// The text, in Indonesian.
    pub content: String,
    /// Who added it.
    pub added_by: String,
    /// When, in milliseconds since 1970.
    pub added_at: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
