//! One pair of the random sample that the quality of the links is estimated from.

use sea_orm::entity::prelude::*;

/// One pair of the random sample that the quality of the links is estimated from.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quality_sample")]
pub struct Model {
    /// The model under which it was drawn.
    pub model_id: Uuid,
    /// The record with the smaller id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub a: Uuid,
    /// The other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub b: Uuid,
    /// The engine had linked the two when it was drawn.
    pub linked: bool,
    /// Its band of probability, from 0.
    pub band: i16,
    /// With which probability it was drawn.
    pub inclusion: f64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
