//! What a steward said.

use sea_orm::entity::prelude::*;

/// What a steward said: of two records, of one record's place, or of one value.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub struct Model {
    /// Order of decisions.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// What is said: the codes of `api::store::decisions::Verdict`.
    pub kind: String,
    /// `pending`, `standing`, `undone`, `rejected` or `withdrawn`.
    pub status: String,
    /// The record it is about.
    pub a: Uuid,
    /// The other record, where it is about two.
    pub b: Option<Uuid>,
    /// The records that `a` was split from, a JSON array of ids.
    pub others: Option<String>,
    /// The weight in bits that a *not sure* was said of.
    pub weight: Option<f64>,
    /// The attribute whose value is set.
    pub attribute: Option<String>,
    /// The value that is set, as profiles write it, and why, in the words of the steward: a JSON array of the
    /// two, sealed.
    #[sea_orm(column_type = "Blob")]
    pub said: Vec<u8>,
    /// What its run moved, as JSON: by record the enterprise and owner before and after.
    pub before: String,
    /// The run that put it into force.
    pub run_id: Option<Uuid>,
    /// Subject.
    pub made_by: String,
    /// When.
    pub made_at: DateTimeUtc,
    /// Who approved, rejected or withdrew what needed a second person.
    pub settled_by: Option<String>,
    /// When that was.
    pub settled_at: Option<DateTimeUtc>,
    /// Who took it back.
    pub undone_by: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<DateTimeUtc>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
