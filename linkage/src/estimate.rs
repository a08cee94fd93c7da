//! Estimation: a model from records without labels.
//!
//! What unrelated records agree in is counted on random pairs. What records of one enterprise, and of one
//! person's several enterprises, agree in is estimated by expectation maximisation over candidate pairs,
//! with the former held fixed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::block::{self, Blocks, StopKeys, WordKeys};
use crate::compare::{ComparedField, FIELDS, LEVELS, compare, levels_of};
use crate::corpus::Corpus;
use crate::model::{CLASSES, FieldParameters, Model, WordFrequencies};
use crate::normalise::NormalisedRecord;
use crate::score::Scorer;
use crate::settings::Settings;
use crate::text::mix;

mod starting;

/// See [`Model::train`].
pub(crate) fn train(records: &[NormalisedRecord], settings: &Settings) -> Model {
    let mut sorted: Vec<&NormalisedRecord> = records.iter().collect();
    sorted.sort_by_key(|it| it.id);
    let mut model = frequencies(&sorted, settings);
    let corpus = Corpus::new(&sorted, &model);
    let words = WordKeys::new(&corpus);
    stop_keys(&mut model, &corpus, &words);
    model.number_bits = number_bits(&corpus);
    unrelated(&mut model, &corpus);
    if corpus.len() < 2 {
        return model;
    }
    let patterns = patterns(&model, &corpus, &words);
    settle(&mut model, &patterns);
    thresholds(&mut model, &patterns);
    model
}

fn frequencies(records: &[&NormalisedRecord], settings: &Settings) -> Model {
    let owners = records.iter().map(|it| {
        it.owner
            .iter()
            .flat_map(|it| it.tokens.iter().chain(&it.alias))
            .map(String::as_str)
            .collect()
    });
    let business = records
        .iter()
        .map(|it| it.business.iter().flat_map(|it| &it.core).map(String::as_str).collect());
    let streets = records
        .iter()
        .map(|it| it.street.iter().flat_map(|it| &it.tokens).map(String::as_str).collect());
    Model {
        settings: settings.clone(),
        records: u32::try_from(records.len()).unwrap_or(u32::MAX),
        owner_words: WordFrequencies::count(owners),
        business_words: WordFrequencies::count(business),
        street_words: WordFrequencies::count(streets),
        number_bits: 5.0,
        dummies: dummies(records, settings.dummy_holders),
        stop_keys: BTreeSet::new(),
        refined_stop_keys: BTreeSet::new(),
        // Of a record's pairs, about one is the same enterprise; the other classes are rarer.
        priors: STARTING_GAPS.map(|it| -(records.len().max(2) as f64).log2() - it),
        fields: starting::fields(),
        link_bits: 0.0,
        review_bits: (settings.review_probability / (1.0 - settings.review_probability)).log2(),
        expected_precision: 0.0,
        converged: false,
        rounds: 0,
    }
}

/// Identifiers and phones that more records hold than one enterprise or field officer explains.
fn dummies(records: &[&NormalisedRecord], holders: u32) -> BTreeSet<u64> {
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for record in records {
        let phones = record.phones.iter().map(|it| it.reveal());
        let others = [
            record.nik.as_ref().map(|it| it.reveal()),
            record.nib.as_ref().map(|it| it.reveal()),
            record.npwp.as_ref().map(|it| it.reveal()),
        ];
        for text in phones.chain(others.into_iter().flatten()) {
            *counts.entry(mix(crate::corpus::number_of(text))).or_default() += 1;
        }
    }
    counts.into_iter().filter(|it| holders < it.1).map(|it| it.0).collect()
}

fn stop_keys(model: &mut Model, corpus: &Corpus, words: &WordKeys) {
    let size = model.settings.block_size;
    let none = HashSet::new();
    let firsts: Vec<Vec<u64>> = (0..corpus.len())
        .into_par_iter()
        .map(|record| {
            let mut keys = block::firsts(corpus, words, record);
            keys.sort_unstable();
            keys.dedup();
            keys
        })
        .collect();
    let alone = block::common(firsts.into_iter().flatten(), size);
    let stop = StopKeys { alone: &alone, refined: &none };
    let all: Vec<Vec<u64>> = (0..corpus.len())
        .into_par_iter()
        .map(|record| block::keys_of(corpus, words, stop, record))
        .collect();
    let refined = block::common(all.into_iter().flatten(), size);
    model.stop_keys = alone.into_iter().collect();
    model.refined_stop_keys = refined.into_iter().collect();
}

/// How surprising an equal house number is: from the chance that two numbers of the list are equal.
fn number_bits(corpus: &Corpus) -> f64 {
    let mut counts: BTreeMap<u16, f64> = BTreeMap::new();
    for number in corpus.rows.iter().map(|it| it.number).filter(|it| *it != 0) {
        *counts.entry(number).or_default() += 1.0;
    }
    let all: f64 = counts.values().sum();
    if all < 50.0 {
        return 5.0;
    }
    -counts.values().map(|it| (it / all).powi(2)).sum::<f64>().log2()
}

/// Counts the levels of random pairs: the probability of each level when records are unrelated.
fn unrelated(model: &mut Model, corpus: &Corpus) {
    let records = corpus.len();
    let scale = model.scale();
    let order = shuffled(records);
    let strides = (model.settings.random_pairs / records.max(1)).clamp(1, 64).min(records / 2);
    let counts: Vec<[[u32; LEVELS]; FIELDS]> = (0..records)
        .into_par_iter()
        .chunks(4096)
        .map(|places| {
            let mut counts = [[0; LEVELS]; FIELDS];
            for place in places {
                for stride in 1..=strides {
                    let other = order[(place + stride) % records];
                    let found = compare(corpus, &scale, order[place], other);
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
        // What one expects stands behind what one saw, as if seen in fifty pairs.
        const IMAGINED: f64 = 50.0;
        for (level, it) in parameters.levels.iter_mut().enumerate().skip(1) {
            if !starting::is_rare(ComparedField::ALL[field], level) {
                it.unrelated = (of(level) + IMAGINED * it.unrelated) / (known + IMAGINED);
            }
        }
    }
}

/// Positions in an order that has nothing to do with the ids.
fn shuffled(records: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..records).collect();
    order.sort_by_key(|it| mix(*it as u64));
    order
}

/// A pattern of levels, the rare bits in quarters, and for how many pairs it stands.
struct Patterns {
    found: Vec<(u64, f64, f64)>,
    all_pairs: f64,
}

fn patterns(model: &Model, corpus: &Corpus, words: &WordKeys) -> Patterns {
    let (alone, refined) = stop_sets(model);
    let stop = StopKeys { alone: &alone, refined: &refined };
    let limit = model.settings.block_limit as usize;
    let pairs = Blocks::new(corpus, words, stop, limit).pairs(&|_, _| true);
    let step = (pairs.len() / model.settings.training_pairs.max(1)).max(1) as u64;
    let scale = model.scale();
    // Pairs with an anchor teach the parameters, so all of them count; of the others a sample will do.
    let mut found: Vec<(u64, i32, u64)> = pairs
        .into_par_iter()
        .filter_map(|(a, b)| {
            let found = compare(corpus, &scale, a as usize, b as usize);
            let anchored = 0 < anchors(&found.levels).1;
            let sampled = mix(u64::from(a) << 32 | u64::from(b)).is_multiple_of(step);
            let stands_for = if anchored { 1 } else { step };
            let quarters = (found.rare_bits() * 4.0).round() as i32;
            (anchored || sampled).then_some((found.pattern(), quarters, stands_for))
        })
        .collect();
    found.par_sort_unstable();
    let groups = found.chunk_by(|a, b| a == b);
    let found = groups
        .map(|it| (it[0].0, f64::from(it[0].1) / 4.0, (it.len() as u64 * it[0].2) as f64))
        .collect();
    let records = corpus.len() as f64;
    Patterns { found, all_pairs: records * (records - 1.0) / 2.0 }
}

/// The stop keys of a model as sets.
pub(crate) fn stop_sets(model: &Model) -> (HashSet<u64>, HashSet<u64>) {
    (model.stop_keys.iter().copied().collect(), model.refined_stop_keys.iter().copied().collect())
}

/// The probability of each class for a pattern.
fn posterior(scorer: &Scorer, pattern: u64, rare_bits: f64) -> [f64; CLASSES] {
    let odds = scorer.odds(pattern, rare_bits);
    let top = odds.iter().copied().fold(0.0, f64::max);
    let shares = odds.map(|it| (it - top).exp2());
    let sum = shares.iter().sum::<f64>() + (-top).exp2();
    shares.map(|it| it / sum)
}

/// The fields that name one person or licence: where one of them agrees, two records have to do with each
/// other, and one can see in what else such records agree.
const ANCHORS: usize = 5;

/// Which anchors agree, one bit each, and how many.
fn anchors(levels: &[u8; FIELDS]) -> (u32, u32) {
    let agreeing = (0..ANCHORS).filter(|it| levels[*it] == 1).fold(0, |bits, it| bits | 1 << it);
    (agreeing, agreeing.count_ones())
}

/// How many pairs of each class are expected at each level of each field, and in all.
struct Expected {
    counts: [[[f64; LEVELS]; FIELDS]; CLASSES],
    pairs: [f64; CLASSES],
}

fn expect(scorer: &Scorer, anchored: &[(u64, f64, f64)]) -> Expected {
    let mut expected =
        Expected { counts: [[[0.0; LEVELS]; FIELDS]; CLASSES], pairs: [0.0; CLASSES] };
    for (pattern, rare_bits, pairs) in anchored {
        let posterior = posterior(scorer, *pattern, *rare_bits);
        let levels = levels_of(*pattern);
        let (agreeing, number) = anchors(&levels);
        for (class, probability) in posterior.into_iter().enumerate() {
            let share = probability * pairs;
            expected.pairs[class] += share;
            for (field, level) in levels.iter().enumerate() {
                // An anchor is counted only where another brought the pair here.
                if number < 2 && field < ANCHORS && agreeing >> field & 1 == 1 {
                    continue;
                }
                expected.counts[class][field][usize::from(*level)] += share;
            }
        }
    }
    expected
}

/// Moves the parameters to what was expected; answers how far the farthest moved.
fn maximise(model: &mut Model, expected: &Expected, start: &[FieldParameters], all: f64) -> f64 {
    let weight = model.settings.starting_weight;
    let mut moved: f64 = 0.0;
    for (class, counts) in expected.counts.iter().enumerate() {
        for (field, parameters) in model.fields.iter_mut().enumerate() {
            let known: f64 = counts[field][1..].iter().sum();
            for (level, it) in parameters.levels.iter_mut().enumerate().skip(1) {
                let imagined = weight * start[field].levels[level].related[class];
                let new = (counts[field][level] + imagined) / (known + weight);
                moved = moved.max((new - it.related[class]).abs());
                it.related[class] = new;
            }
        }
        // What share of the pairs of a class has an anchor that agrees, and so how many pairs there are.
        let without =
            counts[..ANCHORS].iter().map(|of| 1.0 - of[1] / of.iter().sum::<f64>().max(1.0));
        let anchored = (1.0 - without.product::<f64>()).max(LEAST_ANCHORED);
        let prior = ((expected.pairs[class] / anchored).max(0.5) / all).log2();
        // Where few pairs of a class have an anchor, their number is a guess and must not run away.
        let middle = model.priors[0] - STARTING_GAPS[class];
        let prior = if class == 0 {
            prior
        } else {
            prior.clamp(middle - WIDEST_DRIFT, middle + WIDEST_DRIFT)
        };
        // Priors are in bits, the other parameters are shares.
        moved = moved.max((prior - model.priors[class]).abs() / 10.0);
        model.priors[class] = prior;
    }
    moved
}

/// The least share of a class's pairs that is believed to have an anchor, so that a few pairs do not stand for
/// very many.
const LEAST_ANCHORED: f64 = 0.05;

/// How much rarer than the first each class is taken to be at the start, in bits.
const STARTING_GAPS: [f64; CLASSES] = [0.0, 4.0, 4.5, 1.5, 2.0, 4.0];

/// How much rarer or commoner than that it can be found to be, in bits.
const WIDEST_DRIFT: f64 = 2.5;

/// Expectation maximisation until the parameters rest.
fn settle(model: &mut Model, patterns: &Patterns) {
    let start = starting::fields();
    let anchored: Vec<_> =
        patterns.found.iter().filter(|it| 0 < anchors(&levels_of(it.0)).1).copied().collect();
    for round in 1..=model.settings.rounds {
        let expected = expect(&Scorer::new(model), &anchored);
        let moved = maximise(model, &expected, &start, patterns.all_pairs);
        model.rounds = round as u32;
        if moved < model.settings.tolerance {
            model.converged = true;
            return;
        }
    }
}

/// The lowest threshold, not below even odds, at which the model expects the target precision.
fn thresholds(model: &mut Model, patterns: &Patterns) {
    let scorer = Scorer::new(model);
    let mut expected: Vec<(f64, f64)> = patterns
        .found
        .iter()
        .map(|(pattern, rare_bits, pairs)| {
            let [same, moved, two_owners, ..] = posterior(&scorer, *pattern, *rare_bits);
            (same + moved + two_owners, *pairs)
        })
        .filter(|it| 0.5 <= it.0)
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
    let threshold = threshold.clamp(0.5, 1.0 - 1e-6);
    model.link_bits = (threshold / (1.0 - threshold)).log2();
    model.review_bits = model.review_bits.min(model.link_bits);
}
