//! What an owner agreed to, and whether she took it back.

use sea_orm::entity::prelude::*;

/// What an owner agreed to, and whether she took it back.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The row that names her.
    pub anchor: Uuid,
    /// It is for every enterprise of hers, not only that of the anchor.
    pub every_enterprise: bool,
    /// To which institution.
    pub institution: String,
    /// For which purpose.
    pub purpose: String,
    /// The attributes, each between commas: `,business_name,phone,`.
    pub fields: String,
    /// The text she was told.
    pub text_version: String,
    /// How she gave it.
    pub channel: String,
    /// Where the proof is kept.
    pub evidence: String,
    /// The institution's own number of her application there, where she applied.
    pub reference: Option<String>,
    /// Who wrote it down.
    pub given_by: String,
    /// When, in milliseconds since 1970.
    pub given_at: i64,
    /// From when on it no longer holds.
    pub expires_at: i64,
    /// Who wrote down that she took it back.
    pub withdrawn_by: Option<String>,
    /// When she did.
    pub withdrawn_at: Option<i64>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
