//! One run from records to enterprises.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::id::{DecisionId, RecordId};
use rayon::prelude::*;

use super::{Contradiction, Counts, Decision, DecisionKind, Linkage, ScoredPair, Stage};
use crate::block::{Blocks, Pair, Search, Which};
use crate::cluster::{self, Bonds, Link, Rule};
use crate::compare::compare;
use crate::context;
use crate::corpus::Corpus;
use crate::features::Features;
use crate::model::Model;
use crate::review::Doubt;
use crate::score::Scorer;
use crate::{owner, review};

/// A scored pair by position: weight and person bits.
type Scored = (u32, u32, f64, f64);

pub(super) fn run(
    records: &Features,
    model: &Model,
    decisions: &[Decision],
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Linkage {
    progress(Stage::Prepare, 0.0);
    let features = model.settled(records.clone());
    let corpus = Corpus::new(&features, model);
    let blocks = Blocks::new(&corpus, model);
    let scorer = Scorer::new(model);
    let capped_blocks = blocks.capped();
    progress(Stage::Block, 0.0);
    progress(Stage::Score, 0.0);
    let floor = model.settings.floor_bits;
    let (pairs, candidate_pairs) = scored(&corpus, &scorer, &blocks, &|_, _| true, floor, progress);
    drop(blocks);
    progress(Stage::Cluster, 0.0);
    let (bonds, contradictions) = bonds(&corpus, decisions);
    let known = context::known(corpus.len(), &pairs);
    let links = context::links(&pairs, &known, &model.other_business);
    let judge = Judge { corpus: &corpus, scorer: &scorer, model, known: &known };
    let mut enterprises = judge.grouped(&links, &bonds);
    for members in &mut enterprises {
        members.sort_unstable();
    }
    enterprises.sort();
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
    let doubts = doubts(&judge, &links, &enterprises, &enterprise_of);
    let review = review::queue(doubts, &left_out(decisions, &contradictions));
    let counts = Counts {
        records: corpus.len(),
        candidate_pairs,
        capped_blocks,
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
        counts,
    }
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

/// The decisions on records that are here; a *same* that would break a *never* is left out and told.
pub(super) fn bonds(corpus: &Corpus, decisions: &[Decision]) -> (Bonds, Vec<Contradiction>) {
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

/// The pairs of which decisions speak, but for those *same* that were left out.
pub(super) fn left_out(
    decisions: &[Decision],
    contradictions: &[Contradiction],
) -> HashSet<(RecordId, RecordId)> {
    let without: HashSet<DecisionId> = contradictions.iter().map(|it| it.same).collect();
    let followed = decisions.iter().filter(|it| !without.contains(&it.id));
    followed.map(|it| (it.a.min(it.b), it.a.max(it.b))).collect()
}

/// What a steward may be asked between and inside enterprises.
fn doubts(
    judge: &Judge<'_>,
    links: &[Link],
    enterprises: &[Vec<u32>],
    enterprise_of: &[u32],
) -> Vec<Doubt> {
    let id = |it: u32| judge.corpus.features.ids[it as usize];
    let sizes: Vec<u32> = enterprises.iter().map(|it| it.len() as u32).collect();
    let home = |it: u32| enterprise_of[it as usize] as usize;
    let apart = links
        .iter()
        .filter(|(a, b, bits)| judge.model.review_bits <= *bits && home(*a) != home(*b));
    let mut doubts: Vec<Doubt> = apart
        .map(|(a, b, bits)| {
            Doubt::apart((id(*a), id(*b)), *bits, judge.model, [home(*a), home(*b)], &sizes)
        })
        .collect();
    let Judge { corpus, scorer, model, known } = *judge;
    let within = review::Within { corpus, scorer, model, known };
    let inner = enterprises.par_iter().enumerate();
    let inner = inner.flat_map_iter(|(number, records)| within.doubts(records, number));
    doubts.par_extend(inner);
    doubts
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
