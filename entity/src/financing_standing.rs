//! How one enterprise stands with one financing programme, as last assessed.

use sea_orm::entity::prelude::*;

/// How one enterprise stands with one financing programme, as last assessed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "financing_standing")]
pub struct Model {
    /// The programme.
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme: String,
    /// The enterprise.
    #[sea_orm(primary_key, auto_increment = false)]
    pub enterprise_id: Uuid,
    /// The version of the programme.
    pub version: String,
    /// 0 not eligible, 1 cannot say, 2 papers are missing, 3 likely eligible.
    pub status: i16,
    /// The highest ceiling reachable as things are, in rupiah.
    pub ceiling: Option<i64>,
    /// The highest ceiling reachable with one more paper, in rupiah.
    pub next_ceiling: Option<i64>,
    /// The papers asked for that are not there, each between commas; empty when none is.
    pub missing: String,
    /// The paper that alone would make it likely eligible.
    pub one_away: Option<String>,
    /// Since when all of this is so.
    pub since: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
