//! Context: what the other records of a person say about two of them.
//!
//! Two records that name one person and tell no more may be one enterprise or two. It is rather one when no
//! record shows that the person has another business, and rather two when one does. How much that says is
//! estimated, without labels, from how often such a business is known beside pairs that are surely one
//! enterprise and beside pairs that could be either.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::block::{Blocks, Search, Which};
use crate::cluster::Link;
use crate::compare::compare;
use crate::corpus::Corpus;
use crate::score::{Score, Scorer, exact};

/// Bits that the records of one person together add to a pair of them. Part of the frozen model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct OtherBusiness {
    /// When another business of the person is on record; not positive.
    pub known_bits: f64,
    /// When none is; not negative.
    pub unknown_bits: f64,
}

/// Bits from which two records surely name one person.
pub(crate) const ONE_PERSON: f64 = 3.0;
/// Bits below which they are surely two enterprises.
const TWO_ENTERPRISES: f64 = -4.0;

impl OtherBusiness {
    /// What the context adds to a pair of which one record or the other is `known` to have such a business
    /// beside it.
    pub(crate) fn bits(&self, person: f64, known: bool) -> f64 {
        match (ONE_PERSON <= person, known) {
            (false, _) => 0.0,
            (true, true) => self.known_bits,
            (true, false) => self.unknown_bits,
        }
    }
}

/// Whether a pair shows two businesses of one person; `weight` without context.
pub fn shows_two(weight: f64, person: f64) -> bool {
    weight <= TWO_ENTERPRISES && ONE_PERSON <= person
}

/// Which records stand beside another business of their owner, from all scored pairs: two records, weight,
/// person bits.
pub(crate) fn known(records: usize, pairs: &[(u32, u32, f64, f64)]) -> Vec<bool> {
    let mut known = vec![false; records];
    for (a, b, weight, person) in pairs {
        if shows_two(*weight, *person) {
            known[*a as usize] = true;
            known[*b as usize] = true;
        }
    }
    known
}

/// Scored pairs as links, the context counted in.
pub(crate) fn links(
    pairs: &[(u32, u32, f64, f64)],
    known: &[bool],
    context: &OtherBusiness,
) -> Vec<Link> {
    let of = |(a, b, weight, person): &(u32, u32, f64, f64)| {
        let known = known[*a as usize] || known[*b as usize];
        (*a, *b, weight + context.bits(*person, known))
    };
    pairs.iter().map(of).collect()
}

/// A pair that taught something: its probability of one enterprise, whether another business is known beside
/// it, its score.
pub(crate) struct Observed {
    pub(crate) known: bool,
    pub(crate) score: Score,
}

/// Looks at the surroundings of pairs.
pub(crate) fn observe(
    corpus: &Corpus,
    blocks: &Blocks,
    scorer: &Scorer,
    pairs: &[(u32, u32)],
) -> Vec<Observed> {
    pairs
        .par_chunks(256)
        .map_init(Search::default, |search, chunk| {
            let mut beside = |record: u32| {
                let partners = blocks.partners(record as usize, Which::All, search);
                corpus.touch(partners);
                partners.iter().any(|other| {
                    let (a, b) = (record.min(*other) as usize, record.max(*other) as usize);
                    let score = scorer.score_above(&compare(corpus, a, b), ONE_PERSON);
                    score.is_some_and(|it| shows_two(it.weight, it.person))
                })
            };
            let observed = |&(a, b): &(u32, u32)| {
                let score = scorer.weight(corpus, a as usize, b as usize);
                Observed { known: beside(a) || beside(b), score }
            };
            chunk.iter().map(observed).collect::<Vec<_>>()
        })
        .collect::<Vec<_>>()
        .into_iter()
        .flatten()
        .collect()
}

/// Estimates what the context says from observed pairs.
pub(crate) fn estimated(observed: &[Observed]) -> OtherBusiness {
    const SURE: f64 = 0.98;
    const IMAGINED: f64 = 10.0;
    let (mut sure, mut sure_known) = (0.0, 0.0);
    let (mut open, mut open_known, mut open_same) = (0.0, 0.0, 0.0);
    for it in observed.iter().filter(|it| ONE_PERSON <= it.score.person) {
        let same = 1.0 / (1.0 + (-it.score.weight).exp2());
        if SURE <= same {
            sure += 1.0;
            sure_known += f64::from(u8::from(it.known));
        } else if (0.3..=0.9).contains(&same) {
            open += 1.0;
            open_same += same;
            open_known += f64::from(u8::from(it.known));
        }
    }
    if sure < 50.0 || open < 50.0 {
        return OtherBusiness::default();
    }
    let of_same = ((sure_known + 1.0) / (sure + IMAGINED)).min(0.9);
    let share_same = open_same / open;
    // Among the open pairs both kinds are mixed in known parts.
    let of_two = (open_known / open - share_same * of_same) / (1.0 - share_same);
    let of_two = of_two.clamp(of_same, 0.9);
    OtherBusiness {
        known_bits: exact((of_same / of_two).log2().min(0.0)),
        unknown_bits: exact(((1.0 - of_same) / (1.0 - of_two)).log2().max(0.0)),
    }
}
