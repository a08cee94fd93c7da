//! How far a live source was read, when it is read next, and who reads it now.

use sea_orm::entity::prelude::*;

/// How far a live source was read, when it is read next, and who reads it now.
///
/// Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "live_source")]
pub struct Model {
    /// Its name, as declared.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The greatest watermark among the rows taken, as the source writes it.
    pub watermark: Option<String>,
    /// A keyed digest of what a pull by watermark brings if nothing changes.
    pub seen: Option<String>,
    /// The same of its whole list.
    pub whole: Option<String>,
    /// When its whole list was last read.
    pub full_at: Option<i64>,
    /// When it is read next.
    pub next_at: i64,
    /// Pulls that failed since the last that did not.
    pub failures: i32,
    /// The node that reads it, or did last.
    pub holder: Option<String>,
    /// Grows with each pull: what an earlier one brings is not kept any more.
    pub fence: i64,
    /// Until when it is the holder's; in the past when nobody reads it.
    pub lease_until: i64,
    /// The pull that runs is to stop.
    pub stopping: bool,
    /// What became of the last pull: `TAKEN`, `NOTHING_NEW` or why it failed.
    pub result: Option<String>,
    /// What that is about; nothing of a row.
    pub detail: Option<String>,
    /// Rows the last pull brought.
    pub rows: i64,
    /// When the last pull began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// When one last came to its end.
    pub succeeded_at: Option<i64>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
