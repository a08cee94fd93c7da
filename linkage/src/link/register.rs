//! What linking a change asks of a register that is linked already.

use std::collections::{HashMap, HashSet};

use domain::id::{EnterpriseId, OwnerId, RecordId};

use super::ScoredPair;
use crate::features::Features;

/// Where a linked record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// The record.
    pub record: RecordId,
    /// Its enterprise.
    pub enterprise: EnterpriseId,
    /// The person it names.
    pub owner: OwnerId,
}

/// A linked register, as the last run left it. Whatever it is asked, it is asked for many records at once; it
/// may be asked for the same again.
pub trait Register {
    /// Why it could not answer.
    type Error;

    /// The linked records that have each of these blocking keys, by what they were linked with; `None` where
    /// more than `most` have it. A key nobody has may be left out.
    fn holders(
        &mut self,
        keys: &[u64],
        most: usize,
    ) -> Result<HashMap<u64, Option<Vec<RecordId>>>, Self::Error>;

    /// The records as they are now, read by the model's settings; those that are no more are left out.
    fn current(&mut self, ids: &[RecordId]) -> Result<Features, Self::Error>;

    /// The records as they were linked, read likewise; those that were not are left out.
    fn linked(&mut self, ids: &[RecordId]) -> Result<Features, Self::Error>;

    /// The kept pairs that have one of these records.
    fn pairs(&mut self, ids: &[RecordId]) -> Result<Vec<ScoredPair>, Self::Error>;

    /// Those of the records that stood beside another business of their owner ([`super::Linkage::beside`]).
    fn beside(&mut self, ids: &[RecordId]) -> Result<HashSet<RecordId>, Self::Error>;

    /// Where these records are, and every record that shares an enterprise or a person with one of them.
    fn homes(&mut self, ids: &[RecordId]) -> Result<Vec<Home>, Self::Error>;
}
