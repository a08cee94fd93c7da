//! Two records a steward should look at.

use sea_orm::entity::prelude::*;

/// Two records a steward should look at.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_item")]
pub struct Model {
    /// The record with the smaller id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub a: Uuid,
    /// The other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub b: Uuid,
    /// `pair` of two enterprises, or `cluster`: both are in one.
    pub kind: String,
    /// Why a person should look.
    pub reason: String,
    /// Match weight in bits.
    pub weight: f64,
    /// Probability that they are one enterprise.
    pub probability: f64,
    /// Records that change their enterprise if the answer goes against the engine.
    pub records: i32,
    /// Different agencies know them, so aid may be given twice or not at all.
    pub aid: bool,
    /// One of them holds a NIB, so a lender may read the profile.
    pub financing: bool,
    /// How near the weight is to the automatic threshold, from 0 to 1.
    pub nearness: f64,
    /// What hangs on the answer; larger comes first.
    pub consequence: f64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
