//! The figures of a run.

use std::collections::HashSet;

use linkage::link::Linkage;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::corpus::Corpus;
use crate::store::linking::RunChanges;

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkReport {
    /// Records that are current.
    pub records: u64,
    /// Enterprises they are.
    pub enterprises: u64,
    /// Records beyond the first of their enterprise.
    pub duplicates: u64,
    /// Persons named as owners.
    pub owners: u64,
    /// Pairs that were compared.
    pub candidate_pairs: u64,
    /// Pairs a person should look at.
    pub review_pairs: u64,
    /// Blocks that were too large and were refined.
    pub capped_blocks: u64,
    /// Enterprises whose profile or records changed.
    pub changed: u64,
    /// Ids retired in this run.
    pub retired: u64,
    /// Nothing was new, so nothing was done.
    pub up_to_date: bool,
    /// Seconds it took.
    pub seconds: f64,
}

/// The figures after a run: those of the part it looked at, in place of what they were.
pub(super) fn after(
    before: &LinkReport,
    corpus: &Corpus,
    linkage: &Linkage,
    planned: &RunChanges,
    waiting: i64,
    capped_blocks: i64,
) -> LinkReport {
    let old = match corpus.reached {
        Some(_) => before.clone(),
        None => LinkReport { review_pairs: before.review_pairs, ..LinkReport::default() },
    };
    let were = |it: usize| if corpus.reached.is_some() { it as i64 } else { 0 };
    let distinct = |all: HashSet<Uuid>| were(all.len());
    let enterprises = distinct(corpus.members.values().map(|it| it.enterprise.0).collect());
    let owners = distinct(corpus.members.values().filter_map(|it| Some(it.owner?.0)).collect());
    let now = |old: u64, were: i64, are: usize| old.saturating_add_signed(are as i64 - were);
    let records = now(old.records, were(corpus.members.len()), corpus.current.len());
    let enterprises = now(old.enterprises, enterprises, linkage.enterprises.len());
    LinkReport {
        records,
        enterprises,
        duplicates: records - enterprises,
        owners: now(old.owners, owners, linkage.owners.len()),
        candidate_pairs: linkage.counts.candidate_pairs as u64,
        review_pairs: old.review_pairs.saturating_add_signed(waiting),
        capped_blocks: old.capped_blocks.saturating_add_signed(capped_blocks),
        changed: planned.enterprises.len() as u64,
        retired: planned.redirects.len() as u64,
        up_to_date: false,
        seconds: 0.0,
    }
}
