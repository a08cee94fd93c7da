//! One run from records to enterprises, afresh or after a change.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::id::{DecisionId, RecordId};
use rayon::prelude::*;

use super::{Contradiction, Counts, Decision, DecisionKind, Linkage, Previous, ScoredPair, Stage};
use crate::block::{Blocks, Pair, StopKeys, WordKeys};
use crate::cluster::{self, Bonds, Rule};
use crate::corpus::Corpus;
use crate::model::Model;
use crate::normalise::NormalisedRecord;
use crate::score::Scorer;
use crate::{estimate, owner, review};

pub(super) fn sorted(records: &[NormalisedRecord]) -> Vec<&NormalisedRecord> {
    let mut sorted: Vec<&NormalisedRecord> = records.iter().collect();
    sorted.sort_by_key(|it| it.id);
    sorted.dedup_by_key(|it| it.id);
    sorted
}

pub(super) fn prepared(records: &[&NormalisedRecord], model: &Model) -> (Corpus, Blocks) {
    let corpus = Corpus::new(records, model);
    let words = WordKeys::new(&corpus);
    let (alone, refined) = estimate::stop_sets(model);
    let stop = StopKeys { alone: &alone, refined: &refined };
    let blocks = Blocks::new(&corpus, &words, stop, model.settings.block_limit as usize);
    (corpus, blocks)
}

/// A scored pair by position: weight and person bits.
type Scored = (u32, u32, f64, f64);

pub(super) fn run(
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
