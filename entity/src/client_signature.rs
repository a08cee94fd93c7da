//! How a client signs its requests.

use sea_orm::entity::prelude::*;

/// How a client signs its requests.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client_signature")]
pub struct Model {
    /// Whose: the name of an account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: String,
    /// The key that its requests for tokens are checked with (SubjectPublicKeyInfo, DER).
    pub public_key: Vec<u8>,
    /// The one before.
    pub previous_key: Option<Vec<u8>>,
    /// Until when the one before is taken as well.
    pub previous_key_until: Option<DateTimeUtc>,
    /// The number of the secret that calls are signed with; the secret itself is kept nowhere.
    pub generation: i32,
    /// Until when the secret before is taken as well.
    pub previous_until: Option<DateTimeUtc>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
