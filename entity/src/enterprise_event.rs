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
    /// `created`, `changed`, `merged`, `split`, `retired` or `restored`.
    pub kind: String,
    /// The other id, for a merge or a split.
    pub other: Option<Uuid>,
    /// The run.
    pub run_id: Uuid,
    /// When.
    pub at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
