//! A signed request that was taken, so that it is not taken again.

use sea_orm::entity::prelude::*;

/// A signed request that was taken, so that it is not taken again.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signed_request")]
pub struct Model {
    /// Whose: the name of an account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: String,
    /// The day that the request's timestamp bears.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// The digest of the name that the client gave it, one of its own that day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// The digest of the text that was signed, one of its own for the client.
    pub signed: String,
    /// When it came.
    pub taken_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
