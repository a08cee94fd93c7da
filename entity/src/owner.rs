//! One person named as owner.

use sea_orm::entity::prelude::*;

/// One person named as owner.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "owner")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The name as lists are ordered.
    pub sort_name: String,
    /// The NIK, sealed.
    #[sea_orm(column_type = "Blob", nullable)]
    pub nik: Option<Vec<u8>>,
    /// Records that name the person.
    pub records: i32,
    /// Enterprises of the person.
    pub enterprises: i32,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
