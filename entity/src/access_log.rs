//! One act on personal data, allowed or refused; the columns are what its hash is over.

use sea_orm::entity::prelude::*;

/// One act on personal data, allowed or refused; the columns are what its hash is over.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_log")]
pub struct Model {
    /// Place in the log, from 1 and without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// By how many milliseconds the clock was behind the entry in front.
    pub behind: i64,
    /// The id of the request.
    pub request: String,
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// Of which agency; empty without one.
    pub agency: String,
    /// Of which institution; empty without one.
    pub institution: String,
    /// Through which client; empty without one.
    pub client: String,
    /// For which purpose.
    pub purpose: String,
    /// Why, in her own words; empty where the purpose asks for none.
    pub reason: String,
    /// What was asked.
    pub operation: String,
    /// Which rights were made use of.
    pub rights: String,
    /// How it ended.
    pub outcome: String,
    /// The digest of the receipt that went with the answer; empty without one.
    pub receipt: String,
    /// What was read, as JSON.
    pub reads: String,
    /// The chain's hash at this entry.
    pub hash: Vec<u8>,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
