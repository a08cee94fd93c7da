//! How good an agency's list was on a day, in numbers of rows and values.

use sea_orm::entity::prelude::*;

/// How good an agency's list was on a day, in numbers of rows and values.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agency_quality")]
pub struct Model {
    /// The agency.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency: String,
    /// The day, by the city's clocks.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Rows that it listed and that may be used.
    pub rows: i64,
    /// Of what each row should say, how much they said.
    pub filled: i64,
    /// Of how much.
    pub wanted: i64,
    /// Values that can be what their columns promise.
    pub valid: i64,
    /// Of how many that a column promises something of.
    pub checked: i64,
    /// Rows that no other row of the list repeats.
    pub unique: i64,
    /// Rows written or sent within a year.
    pub recent: i64,
    /// Rows that other agencies do not contradict.
    pub agreeing: i64,
    /// Of how many whose enterprise other agencies know.
    pub shared: i64,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
