//! A profile that is no longer the present one.

use sea_orm::entity::prelude::*;

/// A profile that is no longer the present one; the present one is in `enterprise`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise_version")]
pub struct Model {
    /// The enterprise.
    #[sea_orm(primary_key, auto_increment = false)]
    pub enterprise_id: Uuid,
    /// From when it was the present one.
    pub valid_from: DateTimeUtc,
    /// Until when, exclusive.
    #[sea_orm(primary_key, auto_increment = false)]
    pub valid_to: DateTimeUtc,
    /// What its `updated_at` was.
    pub updated_at: DateTimeUtc,
    /// The run that replaced it.
    pub run_id: Uuid,
    /// Every value with its sources, as JSON, sealed.
    #[sea_orm(column_type = "Blob")]
    pub profile: Vec<u8>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
