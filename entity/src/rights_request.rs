//! What a person asked for by right, and what became of it.

use sea_orm::entity::prelude::*;

/// What a person asked for by right, and what became of it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rights_request")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Rectification, restriction or erasure.
    pub kind: String,
    /// Open, sent to the agency, done or refused.
    pub status: String,
    /// The row that names her; none once she is erased.
    pub anchor: Option<Uuid>,
    /// It is for every enterprise of hers, not only that of the anchor.
    pub every_enterprise: bool,
    /// The agency that is to correct its row.
    pub agency: Option<String>,
    /// The row to be corrected.
    pub record_id: Option<Uuid>,
    /// What of it.
    pub field: Option<String>,
    /// What it should say; gone once settled.
    pub proposed: Option<String>,
    /// Why.
    pub reason: String,
    /// Who wrote it down.
    pub made_by: String,
    /// When, in milliseconds since 1970.
    pub made_at: i64,
    /// When it must be settled.
    pub due_at: i64,
    /// What was answered.
    pub answer: Option<String>,
    /// Who settled it.
    pub settled_by: Option<String>,
    /// When.
    pub settled_at: Option<i64>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
