//! One agency that sends lists.

use sea_orm::entity::prelude::*;

/// One agency that sends lists.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agency")]
pub struct Model {
    /// Its short name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Its name on its letterhead.
    pub name: String,
    /// `office`, `kecamatan` or `association`.
    pub kind: String,
    /// The kecamatan a sub-district office serves.
    pub kecamatan: Option<i32>,
    /// The confirmed meaning of its headings, as JSON.
    pub mapping: Option<String>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
