//! What was erased and may not come back, as a keyed hash.

use sea_orm::entity::prelude::*;

/// What was erased and may not come back, as a keyed hash.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tombstone")]
pub struct Model {
    /// HMAC-SHA256, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// Of what: a row or a number.
    pub kind: String,
    /// The request it came of.
    pub request_id: Uuid,
    /// When, in milliseconds since 1970.
    pub made_at: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
