//! One run from records to enterprises, afresh or after a change.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::id::{DecisionId, RecordId};
use rayon::prelude::*;

use super::{Contradiction, Counts, Decision, DecisionKind, Linkage, Previous, ScoredPair, Stage};
use crate::block::{Blocks, Pair, Search, Which};
use crate::cluster::{self, Bonds, Link, Rule};
use crate::compare::compare;
use crate::context;
use crate::corpus::Corpus;
use crate::features::Features;
use crate::model::Model;
use crate::score::Scorer;
use crate::{owner, review};

/// A scored pair by position: weight and person bits.
type Scored = (u32, u32, f64, f64);

pub(super) fn run(
    records: &Features,
    model: &Model,
    decisions: &[Decision],
    previous: Option<(&Previous, &HashSet<RecordId>)>,
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Linkage {
    progress(Stage::Prepare, 0.0);
    let features = model.settled(records.clone());
    let corpus = Corpus::new(&features, model);
    let blocks = Blocks::new(&corpus, model);
    let scorer = Scorer::new(model);
    let capped = blocks.capped();
    progress(Stage::Block, 0.0);
    let changed = changed_records(&corpus, &blocks, &capped, previous);
    progress(Stage::Score, 0.0);
    let floor = model.settings.floor_bits;
    let wanted = |a: usize, b: usize| changed[a] || changed[b];
    let (mut pairs, candidate_pairs) = scored(&corpus, &scorer, &blocks, &wanted, floor, progress);
    drop(blocks);
    let fresh = pairs.len();
    if let Some((previous, _)) = previous {
        pairs.extend(reused(&corpus, &previous.pairs, &changed));
        pairs.sort_unstable_by_key(|it| (it.0, it.1));
    }
    progress(Stage::Cluster, 0.0);
    let (bonds, contradictions) = bonds(&corpus, decisions);
    let known = context::known(corpus.len(), &pairs);
    let links = context::links(&pairs, &known, &model.other_business);
    let touched = previous.map(|(previous, _)| {
        touched_records(&corpus, &changed, &known, previous, decisions, model)
    });
    let kept = touched.as_ref().zip(previous.map(|it| it.0));
    let judge = Judge { corpus: &corpus, scorer: &scorer, model, known: &known };
    let enterprises = enterprises(&judge, &links, &bonds, kept);
    progress(Stage::Owners, 0.0);
    let mut enterprise_of = vec![0; corpus.len()];
    for (number, members) in enterprises.iter().enumerate() {
        for member in members {
            enterprise_of[*member as usize] = number as u32;
        }
    }
    let persons: Vec<Link> = pairs.iter().map(|it| (it.0, it.1, it.3)).collect();
    let owners = owner::owners(&corpus, &scorer, model, &persons, &enterprise_of, &enterprises);
    progress(Stage::Review, 0.0);
    let found =
        review::Found { corpus: &corpus, scorer: &scorer, model, bonds: &bonds, known: &known };
    let review = found.queue(&links, &enterprises, &enterprise_of);
    let counts = Counts {
        records: corpus.len(),
        candidate_pairs,
        reused_pairs: pairs.len() - fresh,
        capped_blocks: capped.len(),
        enterprises: enterprises.len(),
        owners: owners.len(),
    };
    let id = |it: u32| corpus.features.ids[it as usize];
    let named = |groups: &[Vec<u32>]| -> Vec<Vec<RecordId>> {
        groups.iter().map(|group| group.iter().map(|it| id(*it)).collect()).collect()
    };
    let pairs = pairs
        .iter()
        .zip(&links)
        .map(|((a, b, base, person_bits), (.., weight_bits))| ScoredPair {
            a: id(*a),
            b: id(*b),
            weight_bits: *weight_bits,
            context_bits: weight_bits - base,
            probability: Model::probability(*weight_bits),
            person_bits: *person_bits,
            linked: enterprise_of[*a as usize] == enterprise_of[*b as usize],
        })
        .collect();
    let beside = (0..corpus.len()).filter(|it| known[*it]).map(|it| id(it as u32)).collect();
    progress(Stage::Review, 1.0);
    Linkage {
        enterprises: named(&enterprises),
        owners: named(&owners),
        pairs,
        review,
        beside,
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
        corpus.features.ids.iter().map(|it| changed.contains(it) || !known.contains(it)).collect();
    // A block that crossed the limit gives or takes pairs of records that did not change.
    let (now, before): (HashSet<u64>, HashSet<u64>) =
        (capped.iter().copied().collect(), previous.capped.iter().copied().collect());
    let crossed: Vec<u64> = now.symmetric_difference(&before).copied().collect();
    if !crossed.is_empty() {
        for record in blocks.members_of(&crossed) {
            flags[record as usize] = true;
        }
    }
    flags
}

/// The pairs that share a block and are wanted, those above the floor, in order; also how many were compared.
pub(super) fn scored(
    corpus: &Corpus,
    scorer: &Scorer,
    blocks: &Blocks,
    wanted: &(dyn Fn(usize, usize) -> bool + Sync),
    floor: f64,
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> (Vec<Scored>, usize) {
    const CHUNK: usize = 4_096;
    let (done, compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let chunks: Vec<Vec<Scored>> = (0..corpus.len().div_ceil(CHUNK))
        .into_par_iter()
        .map_init(Search::default, |search, chunk| {
            let records = chunk * CHUNK..((chunk + 1) * CHUNK).min(corpus.len());
            let mut found = vec![];
            let mut count = 0;
            for record in records.clone() {
                let partners = blocks.partners(record, Which::Before, search);
                corpus.touch(partners);
                for other in partners.iter().filter(|it| wanted(**it as usize, record)) {
                    count += 1;
                    let of = compare(corpus, *other as usize, record);
                    if let Some(it) = scorer.score_above(&of, floor) {
                        found.push((*other, record as u32, it.weight, it.person));
                    }
                }
            }
            compared.fetch_add(count, Ordering::Relaxed);
            let done = done.fetch_add(records.len(), Ordering::Relaxed) + records.len();
            progress(Stage::Score, done as f32 / corpus.len() as f32);
            found
        })
        .collect();
    let mut pairs = chunks.concat();
    pairs.par_sort_unstable_by_key(|it| (it.0, it.1));
    (pairs, compared.into_inner())
}

/// The stored pairs whose records are both here and unchanged.
fn reused(corpus: &Corpus, pairs: &[ScoredPair], changed: &[bool]) -> Vec<Scored> {
    let place = |id: &RecordId| {
        let place = corpus.features.ids.binary_search(id).ok().filter(|it| !changed[*it]);
        place.map(|it| it as u32)
    };
    let known = |it: &ScoredPair| {
        let (a, b) = (place(&it.a)?, place(&it.b)?);
        Some((a.min(b), a.max(b), it.weight_bits - it.context_bits, it.person_bits))
    };
    pairs.par_iter().filter_map(known).collect()
}

/// The decisions on records that are here; a *same* that would break a *never* is left out and told.
fn bonds(corpus: &Corpus, decisions: &[Decision]) -> (Bonds, Vec<Contradiction>) {
    let place = |id: &RecordId| corpus.features.ids.binary_search(id).ok().map(|it| it as u32);
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
/// withdrawn one, what has other surroundings than before, and whatever a decision speaks or spoke of.
fn touched_records(
    corpus: &Corpus,
    changed: &[bool],
    known: &[bool],
    previous: &Previous,
    decisions: &[Decision],
    model: &Model,
) -> Vec<bool> {
    let mut touched = changed.to_vec();
    let place = |id: &RecordId| corpus.features.position(*id);
    let same = |id: &RecordId| place(id).filter(|it| !changed[*it]);
    let mut knew = vec![false; corpus.len()];
    for pair in &previous.pairs {
        if context::shows_two(pair.weight_bits - pair.context_bits, pair.person_bits) {
            for here in [place(&pair.a), place(&pair.b)].into_iter().flatten() {
                knew[here] = true;
            }
        }
    }
    let least = model.link_bits - model.other_business.unknown_bits;
    for pair in previous.pairs.iter().filter(|it| least <= it.weight_bits - it.context_bits) {
        for (one, other) in [(&pair.a, &pair.b), (&pair.b, &pair.a)] {
            let Some(here) = place(one) else { continue };
            touched[here] |= match same(other) {
                None => true,
                Some(there) => known[there] != knew[there] || known[here] != knew[here],
            };
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
    judge: &Judge,
    links: &[Link],
    bonds: &Bonds,
    kept: Option<(&Vec<bool>, &Previous)>,
) -> Vec<Vec<u32>> {
    let corpus = judge.corpus;
    let groups = cluster::groups(corpus.len(), links, bonds, judge.model.link_bits);
    let is_touched = |group: &[u32]| {
        kept.is_none_or(|(touched, _)| group.iter().any(|it| touched[*it as usize]))
    };
    let (afresh, untouched): (Vec<_>, Vec<_>) = groups.into_iter().partition(|it| is_touched(it));
    let mut found = judge.clustered(afresh, links, bonds);
    if let Some((_, previous)) = kept {
        let here: HashSet<u32> = untouched.into_iter().flatten().collect();
        let place = |id: &RecordId| corpus.features.position(*id).map(|it| it as u32);
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

/// What clusters are judged by.
pub(super) struct Judge<'a> {
    pub(super) corpus: &'a Corpus<'a>,
    pub(super) scorer: &'a Scorer,
    pub(super) model: &'a Model,
    /// Which records stand beside another business of their owner.
    pub(super) known: &'a [bool],
}

impl Judge<'_> {
    /// Bits of two records, their context counted in.
    fn bits(&self, a: u32, b: u32) -> f64 {
        let score = self.scorer.weight(self.corpus, a as usize, b as usize);
        let known = self.known[a as usize] || self.known[b as usize];
        score.weight + self.model.other_business.bits(score.person, known)
    }

    /// All records in clusters, in order.
    pub(super) fn grouped(&self, links: &[Link], bonds: &Bonds) -> Vec<Vec<u32>> {
        let groups = cluster::groups(self.corpus.len(), links, bonds, self.model.link_bits);
        self.clustered(groups, links, bonds)
    }

    fn clustered(&self, groups: Vec<Vec<u32>>, links: &[Link], bonds: &Bonds) -> Vec<Vec<u32>> {
        let threshold = self.model.link_bits;
        let pieces = groups.into_iter().flat_map(|it| cluster::pieces(it, links, bonds, threshold));
        let pieces: Vec<Vec<u32>> = pieces.collect();
        let rule = Rule {
            threshold,
            best_share: self.model.settings.best_pair_share,
            cap: self.model.settings.pair_bits_cap,
        };
        cluster::clusters(&pieces, links, bonds, rule, &|a, b| self.bits(a, b))
    }
}
