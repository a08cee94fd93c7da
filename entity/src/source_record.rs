//! One version of one row of an agency's list: never changed, never deleted.

use sea_orm::entity::prelude::*;

/// One version of one row of an agency's list: never changed, never deleted.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "source_record")]
pub struct Model {
    /// Order of arrival.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The row, the same in every version.
    pub record_id: Uuid,
    /// Who wrote it.
    pub agency: String,
    /// The file this version came in.
    pub file_id: Uuid,
    /// The sheet; empty for a text file.
    pub sheet: String,
    /// The row in the sheet, from 1.
    pub row: i32,
    /// The cells as written, a JSON array, sealed.
    #[sea_orm(column_type = "Blob")]
    pub cells: Vec<u8>,
    /// The texts by meaning, a JSON object, sealed.
    #[sea_orm(column_type = "Blob")]
    pub fields: Vec<u8>,
    /// When the agency wrote the row.
    pub recorded_on: Option<Date>,
    /// 0 pending, 1 current, 2 superseded.
    pub state: i16,
    /// The latest file that has the row.
    pub seen_in: Uuid,
    /// The complete list that no longer has the row.
    pub absent_from: Option<Uuid>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
