//! Where an institution is told that there are changes.

use sea_orm::entity::prelude::*;

/// Where an institution is told that there are changes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The institution.
    pub institution: String,
    /// The programme.
    pub programme: String,
    /// Where to.
    pub url: String,
    /// How often it was given a secret; the number of the one that signs.
    pub generation: i32,
    /// Until when the secret before signs as well, in milliseconds since 1970.
    pub previous_until: i64,
    /// The position in the feed up to which it was told.
    pub seen: i64,
    /// It is not told anything.
    pub disabled: bool,
    /// When it is looked next whether there are changes; a node that looks puts it off.
    pub look_at: i64,
    /// When it was made.
    pub made_at: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
