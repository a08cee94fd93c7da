//! Something an agency is, or was, asked to correct in its own list.

use sea_orm::entity::prelude::*;

/// Something an agency is, or was, asked to correct in its own list. It holds no value of the row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "correction")]
pub struct Model {
    /// The row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record_id: Uuid,
    /// A keyed digest of what is asked and of the values it rests on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Whose row it is.
    pub agency: String,
    /// What sort of correction it is.
    pub kind: String,
    /// The field that is asked about.
    pub field: String,
    /// The problem of a value that cannot be read.
    pub problem: Option<String>,
    /// `open`, `accepted`, `rejected` or `overtaken`.
    pub status: String,
    /// The version of the row when it was asked.
    pub version: i64,
    /// When it was asked, in milliseconds since 1970.
    pub asked_at: i64,
    /// When it was settled, in milliseconds since 1970.
    pub settled_at: Option<i64>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
