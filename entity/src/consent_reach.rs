//! Which enterprises a consent reaches.

use sea_orm::entity::prelude::*;

/// One enterprise that a consent reaches, whether the consent holds just now or not.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_reach")]
pub struct Model {
    /// To which institution it was given.
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution: String,
    /// For which purpose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// The enterprise.
    #[sea_orm(primary_key, auto_increment = false)]
    pub enterprise_id: Uuid,
    /// The consent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub consent_id: Uuid,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
