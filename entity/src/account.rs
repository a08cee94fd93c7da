//! Somebody who may sign in, or may not.

use sea_orm::entity::prelude::*;

/// Somebody who may sign in, or may not.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Her name, as tokens and logs have it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// A person, a client, or a subject whose tokens come from elsewhere.
    pub kind: String,
    /// The role; none for a subject.
    pub role: Option<String>,
    /// Of which agency.
    pub agency: Option<String>,
    /// Of which institution.
    pub institution: Option<String>,
    /// For an owner: a row that names her.
    pub person: Option<Uuid>,
    /// The scopes a client is held to, parted by spaces.
    pub scopes: Option<String>,
    /// The hash of a person's password.
    pub password: Option<String>,
    /// Shut out.
    pub disabled: bool,
    /// How often the tokens were revoked.
    pub generation: i64,
    /// Wrong passwords since the last right one.
    pub failures: i32,
    /// No password is looked at before.
    pub locked_until: Option<DateTimeUtc>,
    /// Shut out from then on.
    pub expires_at: Option<DateTimeUtc>,
    /// Since when it is there.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
