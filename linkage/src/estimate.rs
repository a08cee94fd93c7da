//! Estimation: a model from records without labels.
//!
//! What unrelated records agree in is counted on random pairs. What records of each related class agree in
//! is estimated by expectation maximisation over candidate pairs, with the former held fixed.

use rayon::prelude::*;

use counts::{frequencies, number_bits, starting_fields};
use maximise::settle;
use pairs::{TrainingPairs, training_pairs};

use crate::affinity::{Affinity, Counter};
use crate::block::Blocks;
use crate::compare::{Comparator, LEVELS, compare};
use crate::context;
use crate::corpus::Corpus;
use crate::features::Features;
use crate::link::Stage;
use crate::model::Model;
use crate::plan::Plan;
use crate::score::{Score, Scorer};
use crate::settings::{MOST_COMPARISONS, Settings};
use crate::text::mix;

mod counts;
mod maximise;
mod pairs;

/// See [`Model::train`].
pub(crate) fn train(features: &Features, settings: &Settings) -> Model {
    let model = counted(features, settings);
    let features = model.settled(features.clone());
    estimated(&features, model, &|_, _| {}).model
}

/// A trained model and what was prepared to train it, which serves for linking the same records.
pub(crate) struct Trained<'a> {
    pub(crate) model: Model,
    pub(crate) corpus: Corpus<'a>,
    pub(crate) blocks: Blocks,
}

/// A model that knows what is counted, not yet what is estimated.
pub(crate) fn counted(features: &Features, settings: &Settings) -> Model {
    let plan = Plan::new(settings).expect("settings are checked when they are read");
    frequencies(features, settings, &plan)
}

/// Estimates the parameters from records that have lost the model's dummies.
pub(crate) fn estimated<'a>(
    features: &'a Features,
    mut model: Model,
    progress: &(dyn Fn(Stage, f32) + Sync),
) -> Trained<'a> {
    progress(Stage::Block, 0.0);
    let mut corpus = Corpus::new(features, &model);
    let blocks = Blocks::first(&corpus, &mut model);
    progress(Stage::Train, 0.0);
    model.number_bits = number_bits(&corpus);
    corpus.scale = model.scale();
    unrelated(&mut model, &corpus);
    if 2 <= corpus.len() {
        let mut pairs = training_pairs(&model, &corpus, &blocks);
        settle(&mut model, &pairs.patterns());
        if let Some(affinity) = learned(&model, &corpus, &pairs) {
            corpus.learn(&affinity);
            model.affinity = affinity;
            model.fields = starting_fields(&model.settings);
            unrelated(&mut model, &corpus);
            pairs = pairs.again(&corpus);
            settle(&mut model, &pairs.patterns());
        }
        thresholds(&mut model, &corpus, &blocks, &pairs);
    }
    Trained { model, corpus, blocks }
}

/// Counts the levels of random pairs: the probability of each level when records are unrelated.
fn unrelated(model: &mut Model, corpus: &Corpus) {
    let records = corpus.len();
    let order = shuffled(records);
    let strides = (model.settings.random_pairs / records.max(1)).clamp(1, 64).min(records / 2);
    let places = records.min(model.settings.random_pairs);
    let counts: Vec<[[u32; LEVELS]; MOST_COMPARISONS]> = (0..places)
        .into_par_iter()
        .chunks(4096)
        .map(|places| {
            let mut counts = [[0; LEVELS]; MOST_COMPARISONS];
            for place in places {
                for stride in 1..=strides {
                    let other = order[(place + stride) % records];
                    let found = compare(corpus, order[place], other);
                    for (field, level) in found.levels.iter().enumerate() {
                        counts[field][usize::from(*level)] += 1;
                    }
                }
            }
            counts
        })
        .collect();
    for (field, parameters) in model.fields.iter_mut().enumerate() {
        let of = |level: usize| counts.iter().map(|it| f64::from(it[field][level])).sum::<f64>();
        let known: f64 = (1..parameters.levels.len()).map(of).sum();
        let rare = corpus.plan.comparisons[field].by.rare();
        // What one expects stands behind what one saw, as if seen in fifty pairs.
        const IMAGINED: f64 = 50.0;
        for (level, it) in parameters.levels.iter_mut().enumerate().skip(1 + rare) {
            it.unrelated = (of(level) + IMAGINED * it.unrelated) / (known + IMAGINED);
        }
    }
}

/// Positions in an order that has nothing to do with the ids.
fn shuffled(records: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..records).collect();
    order.par_sort_by_key(|it| mix(*it as u64));
    order
}

/// What pairs that are surely one enterprise, by everything but their trades, teach of trade labels; `None` when
/// trades are not compared.
fn learned(model: &Model, corpus: &Corpus, pairs: &TrainingPairs) -> Option<Affinity> {
    const SURE: f64 = 0.9;
    let sector = corpus.plan.comparisons.iter().position(|it| it.by == Comparator::Sector)?;
    let without = !(7_u64 << (3 * (MOST_COMPARISONS - 1 - sector)));
    let scorer = Scorer::new(model);
    let sure: Vec<(u32, u32, f64)> = pairs
        .pairs
        .par_iter()
        .map(|(a, b, pattern, quarters)| {
            let posterior = scorer.posterior(pattern & without, f64::from(*quarters) / 4.0);
            (*a, *b, scorer.same(&posterior))
        })
        .filter(|it| SURE <= it.2)
        .collect();
    let mut counter = Counter::default();
    for (a, b, probability) in sure {
        let (one, two) = (corpus.labels(a as usize), corpus.labels(b as usize));
        counter.add(one, two, probability);
    }
    Some(counter.learned())
}

/// What the context of a pair says, and the lowest threshold, not below even odds, at which the model expects
/// the target precision.
fn thresholds(model: &mut Model, corpus: &Corpus, blocks: &Blocks, pairs: &TrainingPairs) {
    /// How many pairs that could go either way are looked at with their surroundings.
    const LOOKED_AT: usize = 8_000;
    /// Beyond this many bits the surroundings change nothing.
    const OPEN: f64 = 8.0;
    let scorer = Scorer::new(model);
    let weigh = |it: &(u32, u32, u64, i32)| {
        let score = scorer.of_pattern(it.2, f64::from(it.3) / 4.0);
        (it.0, it.1, score)
    };
    let likely = |it: &(u32, u32, Score)| -OPEN <= it.2.weight;
    let weighed: Vec<(u32, u32, Score)> =
        pairs.pairs.par_iter().map(weigh).filter(likely).collect();
    let (open, sure): (Vec<_>, Vec<_>) = weighed.into_iter().partition(|it| it.2.weight < OPEN);
    let sample = |of: &[(u32, u32, Score)], most: usize| -> Vec<(u32, u32)> {
        let step = of.len().div_ceil(most).max(1) as u64;
        let chosen = of.iter().map(|it| (it.0, it.1));
        let chosen =
            chosen.filter(|(a, b)| mix(u64::from(*a) << 32 | u64::from(*b)).is_multiple_of(step));
        chosen.collect()
    };
    let looked = context::observe(corpus, blocks, &scorer, &sample(&open, LOOKED_AT));
    let has_other = model.settings.class.iter().any(|it| it.person && !it.same);
    if has_other {
        let beside_sure = sample(&sure, LOOKED_AT / 2);
        let mut all = context::observe(corpus, blocks, &scorer, &beside_sure);
        all.extend(looked.iter().map(|it| context::Observed { known: it.known, score: it.score }));
        model.other_business = context::estimated(&all);
    }
    let stands_for = open.len() as f64 / looked.len().max(1) as f64;
    let sure = sure.iter().map(|it| (it.2.weight, 1.0));
    let looked = looked.iter().map(|it| {
        let context = model.other_business.bits(it.score.person, it.known);
        (it.score.weight + context, stands_for)
    });
    let mut expected: Vec<(f64, f64)> = sure
        .chain(looked)
        .filter(|it| 0.0 <= it.0)
        .map(|(weight, pairs)| (Model::probability(weight), pairs))
        .collect();
    expected.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut all) = (0.0, 0.0);
    let mut threshold = 1.0_f64;
    for (probability, pairs) in expected {
        (right, all) = (right + probability * pairs, all + pairs);
        if model.settings.target_precision <= right / all {
            threshold = probability;
            model.expected_precision = right / all;
        }
    }
    if all == 0.0 {
        model.expected_precision = 1.0;
    }
    // A pair that by itself is as probable as the links shall be may be linked, whatever the others are.
    let threshold = threshold.min(model.settings.target_precision).clamp(0.5, 1.0 - 1e-6);
    // More than the cap no pair counts in a cluster, so above it nothing would be linked.
    model.link_bits = (threshold / (1.0 - threshold)).log2().min(model.settings.pair_bits_cap);
    model.review_bits = model.review_bits.min(model.link_bits);
}
