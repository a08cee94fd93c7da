//! Which enterprise and which owner a record belongs to.

use sea_orm::entity::prelude::*;

/// Which enterprise and which owner a record belongs to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    /// The record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record_id: Uuid,
    /// Its enterprise.
    pub enterprise_id: Uuid,
    /// The person it names.
    pub owner_id: Option<Uuid>,
    /// Who wrote the record.
    pub agency: String,
    /// The version that was linked.
    pub version_seq: i64,
    /// It stands beside another business of its owner.
    pub beside: bool,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
