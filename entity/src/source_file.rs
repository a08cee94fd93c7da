//! One file as an agency sent it.

use sea_orm::entity::prelude::*;

/// One file as an agency sent it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "source_file")]
pub struct Model {
    /// Derived from agency and content: the same file again is the same row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who sent it.
    pub agency: String,
    /// The file's name as sent.
    pub name: String,
    /// Keyed digest of its bytes.
    #[sea_orm(column_type = "Blob")]
    pub digest: Vec<u8>,
    /// Bytes.
    pub size: i64,
    /// What it turned out to be: `csv`, `xlsx`, ...
    pub format: String,
    /// `asking`, `importing` or `imported`.
    pub status: String,
    /// A run has linked its rows.
    pub linked: bool,
    /// The file is the whole list of its agency: rows it lacks are marked absent.
    pub complete_list: bool,
    /// How its headings were read, as JSON.
    pub mapping: Option<String>,
    /// What must be answered before it can be imported, as JSON.
    pub questions: Option<String>,
    /// Rows durably stored so far; an interrupted import goes on from here.
    pub rows_done: i64,
    /// What became of its rows, as JSON.
    pub counts: String,
    /// Subject of whoever sent it.
    pub received_by: String,
    /// When it was received.
    pub received_at: DateTimeUtc,
    /// When its last row was stored.
    pub finished_at: Option<DateTimeUtc>,
    /// The live source it was pulled from.
    pub source: Option<String>,
    /// What taking it moves in the state of that source, as JSON.
    pub moves: Option<String>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
