//! Clerical review: the pairs a steward should look at, most consequential first.

use std::collections::HashSet;

use domain::id::RecordId;

use crate::block::Pair;
use crate::cluster::Bonds;
use crate::compare::{Comparator, compare};
use crate::corpus::Corpus;
use crate::model::Model;
use crate::owner::DIFFERENT_NIK;
use crate::score::Scorer;

/// Why a pair is put to a steward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReviewReason {
    /// Its weight lies between the two thresholds and it was not linked.
    Doubtful,
    /// Its own weight would link it, but the rest of the two enterprises speaks against.
    LinkRefused,
    /// It was linked although the two records carry two different NIK.
    TwoNik,
    /// It was linked through other records although its own evidence speaks against.
    InnerConflict,
}

impl ReviewReason {
    /// The reason's name in stored reviews and the API.
    pub fn code(self) -> &'static str {
        match self {
            ReviewReason::Doubtful => "doubtful",
            ReviewReason::LinkRefused => "link_refused",
            ReviewReason::TwoNik => "two_nik",
            ReviewReason::InnerConflict => "inner_conflict",
        }
    }
}

/// A pair for a steward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReviewPair {
    /// The lesser record id.
    pub a: RecordId,
    /// The greater record id.
    pub b: RecordId,
    /// Log2 odds that the two are one enterprise.
    pub weight_bits: f64,
    /// The same as a probability.
    pub probability: f64,
    /// Why it is here.
    pub reason: ReviewReason,
    /// How many records change their enterprise if the steward answers against the engine.
    pub consequence: u32,
}

/// What a run found, for looking back at it.
pub(crate) struct Found<'a> {
    pub(crate) corpus: &'a Corpus<'a>,
    pub(crate) scorer: &'a Scorer,
    pub(crate) model: &'a Model,
    pub(crate) bonds: &'a Bonds,
    /// Which records stand beside another business of their owner.
    pub(crate) known: &'a [bool],
}

/// Bits from which a linked pair's own evidence counts as speaking against the link.
const AGAINST: f64 = -6.0;

impl Found<'_> {
    /// The review queue. Of several pairs that raise the same question about two enterprises, or about one,
    /// only the most telling is put.
    pub(crate) fn queue(
        &self,
        links: &[(u32, u32, f64)],
        members: &[Vec<u32>],
        enterprise_of: &[u32],
    ) -> Vec<ReviewPair> {
        let settled: HashSet<Pair> =
            self.bonds.same.iter().chain(&self.bonds.never).copied().collect();
        let size = |it: u32| members[enterprise_of[it as usize] as usize].len() as u32;
        let between = links.iter().filter(|(a, b, bits)| {
            self.model.review_bits <= *bits
                && enterprise_of[*a as usize] != enterprise_of[*b as usize]
        });
        let between = between.map(|(a, b, bits)| {
            let refused = self.model.link_bits <= *bits;
            let reason = if refused { ReviewReason::LinkRefused } else { ReviewReason::Doubtful };
            ((*a, *b), *bits, reason, size(*a) + size(*b))
        });
        let inside = members.iter().flat_map(|group| {
            group
                .iter()
                .enumerate()
                .flat_map(|(place, a)| group[place + 1..].iter().map(|b| (*a, *b)))
        });
        let nik = self.corpus.plan.comparisons.iter().position(|it| it.by == Comparator::Nik);
        let inside = inside.filter_map(|(a, b)| {
            let found = compare(self.corpus, a as usize, b as usize);
            let score = self.scorer.score(&found);
            let known = self.known[a as usize] || self.known[b as usize];
            let bits = score.weight + self.model.other_business.bits(score.person, known);
            let two_nik = nik.is_some_and(|it| found.levels[it] == DIFFERENT_NIK);
            let reason = match (two_nik, bits < AGAINST) {
                (true, _) => ReviewReason::TwoNik,
                (_, true) => ReviewReason::InnerConflict,
                _ => return None,
            };
            Some(((a, b), bits, reason, size(a)))
        });
        let open = between.chain(inside).filter(|it| !settled.contains(&it.0));
        let mut queue: Vec<(Pair, f64, ReviewReason, u32)> = open.collect();
        // The most consequential first; among equals the most uncertain, then by record.
        queue.sort_by(|x, y| {
            y.3.cmp(&x.3).then(x.1.abs().total_cmp(&y.1.abs())).then(x.0.cmp(&y.0))
        });
        let mut asked: HashSet<Pair> = HashSet::new();
        queue.retain(|((a, b), ..)| {
            let (one, two) = (enterprise_of[*a as usize], enterprise_of[*b as usize]);
            asked.insert((one.min(two), one.max(two)))
        });
        let id = |it: u32| self.corpus.features.ids[it as usize];
        queue
            .into_iter()
            .map(|((a, b), weight_bits, reason, consequence)| ReviewPair {
                a: id(a),
                b: id(b),
                weight_bits,
                probability: Model::probability(weight_bits),
                reason,
                consequence,
            })
            .collect()
    }
}
