//! The candidate pairs that the parameters are estimated from.

use rayon::prelude::*;

use crate::block::{Blocks, Search, Which};
use crate::compare::compare;
use crate::corpus::Corpus;
use crate::model::Model;
use crate::text::mix;

/// A pattern of levels, the rare bits, and for how many pairs it stands.
pub(super) struct Patterns {
    pub(super) found: Vec<(u64, f64, f64)>,
    pub(super) anchors: usize,
    pub(super) all_pairs: f64,
}

/// Candidate pairs that the parameters are estimated from.
pub(super) struct TrainingPairs {
    /// Two records, their pattern of levels, their rare bits in quarters.
    pub(super) pairs: Vec<(u32, u32, u64, i32)>,
    /// For how many pairs each stands.
    step: u64,
    anchors: usize,
    all_pairs: f64,
}

fn compared(corpus: &Corpus, a: u32, b: u32) -> (u32, u32, u64, i32) {
    let of = compare(corpus, a as usize, b as usize);
    (a, b, of.pattern(), (of.rare_bits() * 4.0).round() as i32)
}

pub(super) fn training_pairs(model: &Model, corpus: &Corpus, blocks: &Blocks) -> TrainingPairs {
    let anchors = model.settings.compare.iter().take_while(|it| it.anchor).count();
    let all = sampled_pairs(blocks, corpus.len(), 1_000);
    let step = (all as usize / model.settings.training_pairs.max(1)).max(1) as u64;
    let chosen: Vec<usize> =
        (0..corpus.len()).filter(|it| mix(*it as u64 ^ 0x7ea1).is_multiple_of(step)).collect();
    let pairs = chosen
        .par_chunks(1_024)
        .map_init(Search::default, |search, records| {
            let mut found = vec![];
            for &record in records {
                let partners = blocks.partners(record, Which::Before, search);
                corpus.touch(partners);
                found.extend(partners.iter().map(|it| compared(corpus, *it, record as u32)));
            }
            found
        })
        .collect::<Vec<_>>()
        .concat();
    let records = corpus.len() as f64;
    TrainingPairs { pairs, step, anchors, all_pairs: records * (records - 1.0) / 2.0 }
}

impl TrainingPairs {
    /// The same pairs compared again.
    pub(super) fn again(&self, corpus: &Corpus) -> TrainingPairs {
        let pairs = self.pairs.par_iter().map(|it| compared(corpus, it.0, it.1)).collect();
        TrainingPairs { pairs, ..*self }
    }

    pub(super) fn patterns(&self) -> Patterns {
        let mut found: Vec<(u64, i32)> = self.pairs.iter().map(|it| (it.2, it.3)).collect();
        found.par_sort_unstable();
        let groups = found.chunk_by(|a, b| a == b);
        let found = groups
            .map(|it| (it[0].0, f64::from(it[0].1) / 4.0, (it.len() as u64 * self.step) as f64))
            .collect();
        Patterns { found, anchors: self.anchors, all_pairs: self.all_pairs }
    }
}

/// About how many pairs the blocks propose, from `sample` records.
fn sampled_pairs(blocks: &Blocks, records: usize, sample: usize) -> f64 {
    let step = (records / sample).max(1);
    let mut search = Search::default();
    let (mut pairs, mut looked) = (0, 0_u64);
    for record in (0..records).step_by(step) {
        looked += 1;
        pairs += blocks.partners(record, Which::All, &mut search).len();
    }
    pairs as f64 / 2.0 / looked.max(1) as f64 * records as f64
}
