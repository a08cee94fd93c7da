//! One problem met in a row of a source file.

use sea_orm::entity::prelude::*;

/// One problem met in a row of a source file.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "row_problem")]
pub struct Model {
    /// Order within the file.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The file.
    pub file_id: Uuid,
    /// The sheet.
    pub sheet: String,
    /// The row.
    pub row: i32,
    /// The column, from 0.
    pub col: Option<i32>,
    /// The heading of the column.
    pub heading: Option<String>,
    /// What the column means.
    pub field: Option<String>,
    /// What is wrong.
    pub code: String,
    /// 0 note, 1 warning, 2 error.
    pub severity: i16,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
