//! A message to an institution that there are changes.

use sea_orm::entity::prelude::*;

/// A message to an institution that there are changes.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    /// Its id, the same at each attempt.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Where it goes.
    pub webhook_id: Uuid,
    /// 0: it waits; 1: it was taken; 2: it was given up.
    pub state: i16,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was made, in milliseconds since 1970.
    pub made_at: i64,
    /// When it is tried next.
    pub next_at: i64,
    /// Until when a node is trying it.
    pub lease_until: i64,
    /// When it was tried last.
    pub tried_at: Option<i64>,
    /// What became of that.
    pub result: Option<String>,
    /// The status that the receiver answered with, if it did.
    pub status: Option<i32>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
