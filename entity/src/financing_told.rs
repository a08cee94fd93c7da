//! What one institution was last told of one enterprise and one programme.

use sea_orm::entity::prelude::*;

/// What one institution was last told of one enterprise and one programme.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "financing_told")]
pub struct Model {
    /// The institution.
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution: String,
    /// The programme.
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme: String,
    /// The enterprise.
    #[sea_orm(primary_key, auto_increment = false)]
    pub enterprise_id: Uuid,
    /// Where its last change stands in the feed.
    pub position: i64,
    /// 0 it is there, 1 it is there and was split from another; how it went: 2 otherwise than below, 3 merged,
    /// 4 its consent was withdrawn, 5 that has expired, 6 it is in the register no more.
    pub kind: i16,
    /// The enterprise that it was split from, or that it was merged into.
    pub other: Option<Uuid>,
    /// When that change was seen.
    pub at: i64,
    /// The position at which it last entered.
    pub entered: i64,
    /// When that was.
    pub entered_at: i64,
    /// For each part of what is told the position at which it last changed, and a keyed digest of it; empty
    /// when it is there no more.
    pub parts: String,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
