//! One reading of personal data, allowed or refused.

use sea_orm::entity::prelude::*;

/// One reading of personal data, allowed or refused.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "access_log")]
pub struct Model {
    /// Order.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// When.
    pub at: DateTimeUtc,
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// Of which agency.
    pub agency: Option<String>,
    /// Of which institution.
    pub institution: Option<String>,
    /// Which operation.
    pub operation: String,
    /// Which enterprises, as JSON.
    pub enterprises: String,
    /// Which attributes, as JSON.
    pub attributes: String,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
