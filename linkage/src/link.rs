//! Linking: normalised records and stewards' decisions, under a frozen model, to enterprises and owners.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::id::{DecisionId, RecordId};
use rayon::prelude::*;

use crate::block::{Blocks, Pair, StopKeys, WordKeys};
use crate::cluster::{self, Bonds, Rule};
use crate::corpus::Corpus;
use crate::model::Model;
use crate::normalise::NormalisedRecord;
use crate::review;
pub use crate::review::{ReviewPair, ReviewReason};
use crate::score::Scorer;
use crate::{estimate, owner};

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
    /// Pairs taken over from the run before.
    pub reused_pairs: usize,
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
    /// Decisions that contradict each other.
    pub contradictions: Vec<Contradiction>,
    /// Blocking keys whose blocks were left out for their size.
    pub capped: Vec<u64>,
    /// Figures of the run.
    pub counts: Counts,
}

/// What [`relink`] needs to know of the run before, under the same model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Previous {
    /// [`Linkage::pairs`] of that run.
    pub pairs: Vec<ScoredPair>,
    /// [`Linkage::enterprises`] of that run.
    pub enterprises: Vec<Vec<RecordId>>,
    /// [`Linkage::capped`] of that run.
    pub capped: Vec<u64>,
    /// The decisions that bound it.
    pub decisions: Vec<Decision>,
}

impl Previous {
    /// What to keep of a run for the next.
    pub fn of(linkage: &Linkage, decisions: &[Decision]) -> Previous {
        Previous {
            pairs: linkage.pairs.clone(),
            enterprises: linkage.enterprises.clone(),
            capped: linkage.capped.clone(),
            decisions: decisions.to_vec(),
        }
    }
}

/// The stages of a run, for those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Records become columns.
    Prepare,
    /// Candidate pairs are found.
    Block,
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
    records: &[NormalisedRecord],
    model: &Model,
    decisions: &[Decision],
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Linkage {
    run(records, model, decisions, None, progress)
}

/// Links after a change: the same answer as [`link`], comparing only pairs that touch `changed` records and
/// clustering only what they touch. `changed` holds the records whose content changed; new and withdrawn
/// records and decisions are noticed.
pub fn relink(
    records: &[NormalisedRecord],
    model: &Model,
    decisions: &[Decision],
    previous: &Previous,
    changed: &HashSet<RecordId>,
) -> Linkage {
    run(records, model, decisions, Some((previous, changed)), &|_, _| {})
}

/// The pairs that blocking proposes, to measure its recall.
pub fn candidate_pairs(records: &[NormalisedRecord], model: &Model) -> Vec<(RecordId, RecordId)> {
    let (corpus, blocks) = prepared(&sorted(records), model);
    let pairs = blocks.pairs(&|_, _| true);
    pairs.into_iter().map(|(a, b)| (corpus.ids[a as usize], corpus.ids[b as usize])).collect()
}

fn sorted(records: &[NormalisedRecord]) -> Vec<&NormalisedRecord> {
    let mut sorted: Vec<&NormalisedRecord> = records.iter().collect();
    sorted.sort_by_key(|it| it.id);
    sorted.dedup_by_key(|it| it.id);
    sorted
}

fn prepared(records: &[&NormalisedRecord], model: &Model) -> (Corpus, Blocks) {
    let corpus = Corpus::new(records, model);
    let words = WordKeys::new(&corpus);
    let (alone, refined) = estimate::stop_sets(model);
    let stop = StopKeys { alone: &alone, refined: &refined };
    let blocks = Blocks::new(&corpus, &words, stop, model.settings.block_limit as usize);
    (corpus, blocks)
}

/// A scored pair by position: weight and person bits.
type Scored = (u32, u32, f64, f64);

fn run(
    records: &[NormalisedRecord],
    model: &Model,
    decisions: &[Decision],
    previous: Option<(&Previous, &HashSet<RecordId>)>,
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Linkage {
    progress(Stage::Prepare, 0.0);
    let sorted = sorted(records);
    let (corpus, blocks) = prepared(&sorted, model);
    let scorer = Scorer::new(model);
    let capped = blocks.capped();
    progress(Stage::Block, 0.0);
    let changed = changed_records(&corpus, &blocks, &capped, previous);
    let is_changed = |it: u32| changed[it as usize];
    let candidates = blocks.pairs(&|a, b| is_changed(a) || is_changed(b));
    drop(blocks);
    progress(Stage::Score, 0.0);
    let floor = model.settings.floor_bits;
    let mut pairs = scored(&corpus, &scorer, &candidates, floor, progress);
    let fresh = pairs.len();
    if let Some((previous, _)) = previous {
        pairs.extend(reused(&corpus, &previous.pairs, &changed));
        pairs.sort_unstable_by_key(|it| (it.0, it.1));
    }
    progress(Stage::Cluster, 0.0);
    let (bonds, contradictions) = bonds(&corpus, decisions);
    let links: Vec<(u32, u32, f64)> = pairs.iter().map(|it| (it.0, it.1, it.2)).collect();
    let touched = previous.map(|(previous, _)| {
        touched_records(&corpus, &changed, previous, decisions, model.link_bits)
    });
    let kept = touched.as_ref().zip(previous.map(|it| it.0));
    let enterprises = enterprises(&corpus, &scorer, model, &links, &bonds, kept);
    progress(Stage::Owners, 0.0);
    let mut enterprise_of = vec![0; corpus.len()];
    for (number, members) in enterprises.iter().enumerate() {
        for member in members {
            enterprise_of[*member as usize] = number as u32;
        }
    }
    let persons: Vec<(u32, u32, f64)> = pairs.iter().map(|it| (it.0, it.1, it.3)).collect();
    let owners = owner::owners(&corpus, &scorer, model, &persons, &enterprise_of, &enterprises);
    progress(Stage::Review, 0.0);
    let found = review::Found { corpus: &corpus, scorer: &scorer, model, bonds: &bonds };
    let review = found.queue(&links, &enterprises, &enterprise_of);
    let counts = Counts {
        records: corpus.len(),
        candidate_pairs: candidates.len(),
        reused_pairs: pairs.len() - fresh,
        capped_blocks: capped.len(),
        enterprises: enterprises.len(),
        owners: owners.len(),
    };
    let id = |it: u32| corpus.ids[it as usize];
    let named = |groups: &[Vec<u32>]| -> Vec<Vec<RecordId>> {
        groups.iter().map(|group| group.iter().map(|it| id(*it)).collect()).collect()
    };
    let pairs = pairs
        .iter()
        .map(|(a, b, weight_bits, person_bits)| ScoredPair {
            a: id(*a),
            b: id(*b),
            weight_bits: *weight_bits,
            probability: Model::probability(*weight_bits),
            person_bits: *person_bits,
            linked: enterprise_of[*a as usize] == enterprise_of[*b as usize],
        })
        .collect();
    progress(Stage::Review, 1.0);
    Linkage {
        enterprises: named(&enterprises),
        owners: named(&owners),
        pairs,
        review,
        contradictions,
        capped,
        counts,
    }
}

/// Which records must be compared afresh, by position.
fn changed_records(
    corpus: &Corpus,
    blocks: &Blocks,
    capped: &[u64],
    previous: Option<(&Previous, &HashSet<RecordId>)>,
) -> Vec<bool> {
    let Some((previous, changed)) = previous else { return vec![true; corpus.len()] };
    let known: HashSet<RecordId> = previous.enterprises.iter().flatten().copied().collect();
    let mut flags: Vec<bool> =
        corpus.ids.iter().map(|it| changed.contains(it) || !known.contains(it)).collect();
    // A block that crossed the limit gives or takes pairs of records that did not change.
    let (now, before): (HashSet<u64>, HashSet<u64>) =
        (capped.iter().copied().collect(), previous.capped.iter().copied().collect());
    let crossed: HashSet<u64> = now.symmetric_difference(&before).copied().collect();
    if !crossed.is_empty() {
        for record in blocks.members_of(&crossed) {
            flags[record as usize] = true;
        }
    }
    flags
}

fn scored(
    corpus: &Corpus,
    scorer: &Scorer,
    candidates: &[Pair],
    floor: f64,
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Vec<Scored> {
    const CHUNK: usize = 1 << 20;
    let mut pairs = vec![];
    for (number, chunk) in candidates.chunks(CHUNK).enumerate() {
        progress(Stage::Score, (number * CHUNK) as f32 / candidates.len() as f32);
        let scored = chunk.par_iter().filter_map(|(a, b)| {
            let score = scorer.weight(corpus, *a as usize, *b as usize);
            let kept = floor <= score.weight || floor <= score.person;
            kept.then_some((*a, *b, score.weight, score.person))
        });
        pairs.par_extend(scored);
    }
    pairs
}

/// The stored pairs whose records are both here and unchanged.
fn reused(corpus: &Corpus, pairs: &[ScoredPair], changed: &[bool]) -> Vec<Scored> {
    let place = |id: &RecordId| {
        let place = corpus.ids.binary_search(id).ok().filter(|it| !changed[*it]);
        place.map(|it| it as u32)
    };
    let known = |it: &ScoredPair| {
        let (a, b) = (place(&it.a)?, place(&it.b)?);
        Some((a.min(b), a.max(b), it.weight_bits, it.person_bits))
    };
    pairs.par_iter().filter_map(known).collect()
}

/// The decisions on records that are here; a *same* that would break a *never* is left out and told.
fn bonds(corpus: &Corpus, decisions: &[Decision]) -> (Bonds, Vec<Contradiction>) {
    let place = |id: &RecordId| corpus.ids.binary_search(id).ok().map(|it| it as u32);
    let mut sorted: Vec<&Decision> = decisions.iter().collect();
    sorted.sort();
    let of_kind = |kind: DecisionKind| -> Vec<(DecisionId, Pair)> {
        let kept = sorted.iter().filter(|it| it.kind == kind);
        kept.filter_map(|it| {
            let (a, b) = (place(&it.a)?, place(&it.b)?);
            (a != b).then_some((it.id, (a.min(b), a.max(b))))
        })
        .collect()
    };
    let never = of_kind(DecisionKind::Never);
    let mut bonds = Bonds { same: vec![], never: never.iter().map(|it| it.1).collect() };
    let mut contradictions = vec![];
    let mut set_of: HashMap<u32, u32> = HashMap::new();
    let mut sets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (same, (a, b)) in of_kind(DecisionKind::Same) {
        let set = |it: u32| set_of.get(&it).copied().unwrap_or(it);
        let (one, two) = (set(a), set(b));
        let broken = never.iter().find(|(_, (x, y))| {
            let (x, y) = (set(*x), set(*y));
            (x, y) == (one, two) || (y, x) == (one, two)
        });
        if let Some((never, _)) = broken {
            contradictions.push(Contradiction { same, never: *never });
            continue;
        }
        bonds.same.push((a, b));
        if one != two {
            let mut moved = sets.remove(&two).unwrap_or_else(|| vec![two]);
            set_of.extend(moved.iter().map(|it| (*it, one)));
            sets.entry(one).or_insert_with(|| vec![one]).append(&mut moved);
        }
    }
    contradictions.sort();
    (bonds, contradictions)
}

/// Which records' groups must be clustered afresh: the changed ones, what was linked to a changed or
/// withdrawn one, and whatever a decision speaks or spoke of.
fn touched_records(
    corpus: &Corpus,
    changed: &[bool],
    previous: &Previous,
    decisions: &[Decision],
    threshold: f64,
) -> Vec<bool> {
    let mut touched = changed.to_vec();
    let place = |id: &RecordId| corpus.ids.binary_search(id).ok();
    let same = |id: &RecordId| place(id).filter(|it| !changed[*it]);
    for pair in previous.pairs.iter().filter(|it| threshold <= it.weight_bits) {
        for (one, other) in [(&pair.a, &pair.b), (&pair.b, &pair.a)] {
            if let (Some(here), None) = (place(one), same(other)) {
                touched[here] = true;
            }
        }
    }
    for decision in previous.decisions.iter().chain(decisions) {
        for here in [place(&decision.a), place(&decision.b)].into_iter().flatten() {
            touched[here] = true;
        }
    }
    touched
}

fn enterprises(
    corpus: &Corpus,
    scorer: &Scorer,
    model: &Model,
    links: &[(u32, u32, f64)],
    bonds: &Bonds,
    kept: Option<(&Vec<bool>, &Previous)>,
) -> Vec<Vec<u32>> {
    let threshold = model.link_bits;
    let groups = cluster::groups(corpus.len(), links, bonds, threshold);
    let is_touched = |group: &[u32]| {
        kept.is_none_or(|(touched, _)| group.iter().any(|it| touched[*it as usize]))
    };
    let (afresh, untouched): (Vec<_>, Vec<_>) = groups.into_iter().partition(|it| is_touched(it));
    let pieces: Vec<Vec<u32>> =
        afresh.iter().flat_map(|it| cluster::pieces(it, links, bonds, threshold)).collect();
    let rule = Rule {
        threshold,
        best_share: model.settings.best_pair_share,
        cap: model.settings.pair_bits_cap,
    };
    let weight = |a: u32, b: u32| scorer.weight(corpus, a as usize, b as usize).weight;
    let mut found = cluster::clusters(&pieces, bonds, rule, &weight);
    if let Some((_, previous)) = kept {
        let here: HashSet<u32> = untouched.into_iter().flatten().collect();
        let place = |id: &RecordId| corpus.ids.binary_search(id).ok().map(|it| it as u32);
        let clusters = previous.enterprises.iter().filter_map(|cluster| {
            let members: Vec<u32> = cluster.iter().filter_map(place).collect();
            members.first().is_some_and(|it| here.contains(it)).then_some(members)
        });
        found.extend(clusters);
    }
    for members in &mut found {
        members.sort_unstable();
    }
    found.sort();
    found
}
