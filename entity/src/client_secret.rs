//! A secret by which a client signs in.

use sea_orm::entity::prelude::*;

/// A secret by which a client signs in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client_secret")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose: the name of an account.
    pub account: String,
    /// Its digest.
    pub kept: String,
    /// Since when it is there.
    pub made_at: DateTimeUtc,
    /// Not taken from then on.
    pub expires_at: Option<DateTimeUtc>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
