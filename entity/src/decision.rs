//! A steward's answer about two records.

use sea_orm::entity::prelude::*;

/// A steward's answer about two records.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub struct Model {
    /// Order of decisions.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// `same` or `never`.
    pub kind: String,
    /// One record.
    pub a: Uuid,
    /// The other.
    pub b: Uuid,
    /// Why, in the words of the steward.
    pub reason: String,
    /// Which enterprise each touched record was in before, as JSON.
    pub before: String,
    /// Subject.
    pub made_by: String,
    /// When.
    pub made_at: DateTimeUtc,
    /// Who took it back.
    pub undone_by: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<DateTimeUtc>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
