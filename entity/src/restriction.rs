//! A person whose data is held and not used for the time being.

use sea_orm::entity::prelude::*;

/// A person whose data is held and not used for the time being.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "restriction")]
pub struct Model {
    /// The request it came of.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The row that names her.
    pub anchor: Uuid,
    /// It is for every enterprise of hers, not only that of the anchor.
    pub every_enterprise: bool,
    /// Since when, in milliseconds since 1970.
    pub set_at: i64,
    /// Until when.
    pub lifted_at: Option<i64>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
