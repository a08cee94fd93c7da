//! What happened to an enterprise id.

use sea_orm::entity::prelude::*;

/// What happened to an enterprise id.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise_event")]
pub struct Model {
    /// Order of events.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The id.
    pub enterprise_id: Uuid,
    /// What happened: the codes of `api::store::history::EventKind`.
    pub kind: String,
    /// The other id, for what happened between two.
    pub other: Option<Uuid>,
    /// The records it is about, a JSON array of ids.
    pub records: String,
    /// The attribute, where one value was set.
    pub attribute: Option<String>,
    /// The run.
    pub run_id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// Since when nothing remains of it: a decision that was taken back did it, or the taking back.
    pub undone_at: Option<DateTimeUtc>,
    /// The agencies that had a record in it before, their codes parted by spaces; empty when it was not in use.
    pub agencies: String,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
