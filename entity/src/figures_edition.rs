//! The figures that were last told.

use sea_orm::entity::prelude::*;

/// The figures that were last told.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "figures_edition")]
pub struct Model {
    /// Order of editions.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// When the register was counted.
    pub made_at: i64,
    /// Counts below this were hidden.
    pub threshold: i64,
    /// What the register was counted by: a digest of all categories.
    pub cubes: String,
    /// How many enterprises there were when the series began.
    pub began_with: i64,
    /// How many have come, left or changed since.
    pub changed: i64,
    /// Rows of each agency's lists, as JSON.
    pub records: String,
    /// Each enterprise and where it was counted, sealed.
    #[sea_orm(column_type = "Blob")]
    pub spots: Vec<u8>,
    /// The cells that were hidden: digests of their names.
    #[sea_orm(column_type = "Blob")]
    pub hidden: Vec<u8>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
