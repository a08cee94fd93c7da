//! Clerical review: the pairs a steward should look at, most consequential first.

use std::collections::HashSet;

use domain::id::RecordId;

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

/// A pair that may be put to a steward.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doubt {
    pair: (RecordId, RecordId),
    bits: f64,
    reason: ReviewReason,
    consequence: u32,
    /// The numbers of the two enterprises, the lesser first; one twice for a pair inside it.
    between: (usize, usize),
}

impl Doubt {
    /// About two records that were not linked although they weigh `review_bits` or more; `homes` are the numbers
    /// of their enterprises and `sizes` how many records each has.
    pub(crate) fn apart(
        pair: (RecordId, RecordId),
        bits: f64,
        model: &Model,
        homes: [usize; 2],
        sizes: &[u32],
    ) -> Doubt {
        let refused = model.link_bits <= bits;
        let reason = if refused { ReviewReason::LinkRefused } else { ReviewReason::Doubtful };
        let [one, two] = homes;
        let consequence = sizes[one] + sizes[two];
        Doubt { pair, bits, reason, consequence, between: (one.min(two), one.max(two)) }
    }
}

/// What enterprises are looked at again with.
pub(crate) struct Within<'a> {
    pub(crate) corpus: &'a Corpus<'a>,
    pub(crate) scorer: &'a Scorer,
    pub(crate) model: &'a Model,
    /// Which records stand beside another business of their owner.
    pub(crate) known: &'a [bool],
}

/// Bits from which a linked pair's own evidence counts as speaking against the link.
const AGAINST: f64 = -6.0;

impl Within<'_> {
    /// The pairs inside an enterprise that speak against it; `number` is its number.
    pub(crate) fn doubts(&self, records: &[u32], number: usize) -> Vec<Doubt> {
        let nik = self.corpus.plan.comparisons.iter().position(|it| it.by == Comparator::Nik);
        let id = |it: u32| self.corpus.features.ids[it as usize];
        let mut doubts = vec![];
        for (place, a) in records.iter().enumerate() {
            for b in &records[place + 1..] {
                let found = compare(self.corpus, *a as usize, *b as usize);
                let score = self.scorer.score(&found);
                let known = self.known[*a as usize] || self.known[*b as usize];
                let bits = score.weight + self.model.other_business.bits(score.person, known);
                let two_nik = nik.is_some_and(|it| found.levels[it] == DIFFERENT_NIK);
                let reason = match (two_nik, bits < AGAINST) {
                    (true, _) => ReviewReason::TwoNik,
                    (_, true) => ReviewReason::InnerConflict,
                    _ => continue,
                };
                doubts.push(Doubt {
                    pair: (id(*a), id(*b)),
                    bits,
                    reason,
                    consequence: records.len() as u32,
                    between: (number, number),
                });
            }
        }
        doubts
    }
}

/// The review queue. Of several pairs that raise the same question about two enterprises, or about one, only
/// the most telling is put, and none of the `settled` ones.
pub(crate) fn queue(
    mut doubts: Vec<Doubt>,
    settled: &HashSet<(RecordId, RecordId)>,
) -> Vec<ReviewPair> {
    doubts.retain(|it| !settled.contains(&it.pair));
    // The most consequential first; among equals the most uncertain, then by record.
    doubts.sort_by(|x, y| {
        let uncertain = x.bits.abs().total_cmp(&y.bits.abs());
        y.consequence.cmp(&x.consequence).then(uncertain).then(x.pair.cmp(&y.pair))
    });
    let mut asked = HashSet::new();
    doubts.retain(|it| asked.insert(it.between));
    doubts
        .into_iter()
        .map(|it| ReviewPair {
            a: it.pair.0,
            b: it.pair.1,
            weight_bits: it.bits,
            probability: Model::probability(it.bits),
            reason: it.reason,
            consequence: it.consequence,
        })
        .collect()
}
