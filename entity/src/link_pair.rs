//! One compared pair whose weight is worth keeping.

use sea_orm::entity::prelude::*;

/// One compared pair whose weight is worth keeping.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "link_pair")]
pub struct Model {
    /// The record with the smaller id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub a: Uuid,
    /// The other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub b: Uuid,
    /// Match weight in bits.
    pub weight: f64,
    /// The part of it that comes from other records of the person.
    pub context: f64,
    /// Probability that they are one enterprise.
    pub probability: f64,
    /// Match weight in bits of their being one person.
    pub person_weight: f64,
    /// Both are in one enterprise.
    pub linked: bool,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
