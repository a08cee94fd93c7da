//! Linking: normalised records and stewards' decisions, under a frozen model, to enterprises and owners.

use domain::id::{DecisionId, RecordId};
use rayon::prelude::*;

use crate::block::{Blocks, Search, StopKeys, Which, keys_of};
use crate::corpus::Corpus;
use crate::features::Features;
use crate::model::Model;
pub use crate::review::{ReviewPair, ReviewReason};

mod register;
mod relink;
mod run;
mod whole;

pub use crate::context::shows_two;
pub use register::{Home, Register};
pub use relink::{Change, Ready, Relinked, relink};
pub use whole::{Whole, link_whole};

use run::run;

/// What a steward says of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DecisionKind {
    /// They are one enterprise.
    Same,
    /// They are not one enterprise, and no third record makes them one.
    Never,
}

/// A steward's answer; binds every run until it is undone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// What is said.
    pub kind: DecisionKind,
    /// One record.
    pub a: RecordId,
    /// The other.
    pub b: RecordId,
}

/// A compared pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredPair {
    /// The lesser record id.
    pub a: RecordId,
    /// The greater record id.
    pub b: RecordId,
    /// Log2 odds that the two are one enterprise; what [`crate::score::explain`] explains.
    pub weight_bits: f64,
    /// The part of it that does not come from the two themselves but from the other records of the person.
    pub context_bits: f64,
    /// The same as a probability.
    pub probability: f64,
    /// Log2 odds that the two name one person, whether one enterprise or two.
    pub person_bits: f64,
    /// The two ended in one enterprise.
    pub linked: bool,
}

/// A *same* that could not be followed because a *never* stands against it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradiction {
    /// The *same* that was left out.
    pub same: DecisionId,
    /// The *never* it would break, by itself or through other *same* decisions.
    pub never: DecisionId,
}

/// Figures of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records linked.
    pub records: usize,
    /// Pairs that blocking proposed and that were compared in this run.
    pub candidate_pairs: usize,
    /// Blocks left out for their size.
    pub capped_blocks: usize,
    /// Enterprises found.
    pub enterprises: usize,
    /// Owners found.
    pub owners: usize,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Linkage {
    /// The records of each enterprise, in order; every record is in one.
    pub enterprises: Vec<Vec<RecordId>>,
    /// The records that name each person, in order; every record is in one.
    pub owners: Vec<Vec<RecordId>>,
    /// Every compared pair above the floor, in order.
    pub pairs: Vec<ScoredPair>,
    /// What a steward should look at, most consequential first.
    pub review: Vec<ReviewPair>,
    /// Records that stand beside another business of their owner, in order.
    pub beside: Vec<RecordId>,
    /// Decisions that contradict each other.
    pub contradictions: Vec<Contradiction>,
    /// Figures of the run.
    pub counts: Counts,
}

/// The stages of a run, for those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Records become columns.
    Prepare,
    /// Records are put under their keys.
    Block,
    /// The model is estimated.
    Train,
    /// Candidate pairs are compared and scored.
    Score,
    /// Pairs become enterprises.
    Cluster,
    /// Records are grouped by the person they name.
    Owners,
    /// The review queue is made.
    Review,
}

/// Links all records afresh. `progress` hears the stage and how much of it is done, from 0 to 1.
///
/// The answer does not depend on the order of records or decisions. Of two records with one id the first
/// counts.
pub fn link(
    records: &Features,
    model: &Model,
    decisions: &[Decision],
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Linkage {
    run(records, model, decisions, progress)
}

/// The blocking keys of every record under `model`, in the order of the ids; what [`Register::holders`] answers
/// from.
pub fn keys(records: &Features, model: &Model) -> Vec<(RecordId, Vec<u64>)> {
    let features = model.settled(records.clone());
    let corpus = Corpus::new(&features, model);
    let stop = StopKeys::of(model);
    let of = |record: usize| (features.ids[record], keys_of(&corpus, record, &stop));
    (0..features.len()).into_par_iter().map(of).collect()
}

/// The pairs that blocking proposes, to measure its recall.
pub fn candidate_pairs(records: &Features, model: &Model) -> Vec<(RecordId, RecordId)> {
    let features = model.settled(records.clone());
    let corpus = Corpus::new(&features, model);
    let blocks = Blocks::new(&corpus, model);
    let mut search = Search::default();
    let mut pairs = vec![];
    for record in 0..corpus.len() {
        let partners = blocks.partners(record, Which::Before, &mut search);
        pairs.extend(partners.iter().map(|it| (features.ids[*it as usize], features.ids[record])));
    }
    pairs
}
