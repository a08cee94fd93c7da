//! Estimation: a model from records without labels.
//!
//! What unrelated records agree in is counted on random pairs. What records of each related class agree in
//! is estimated by expectation maximisation over candidate pairs, with the former held fixed.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::affinity::{Affinity, Counter};
use crate::block::{Blocks, Search, Which};
use crate::compare::{Comparator, LEVELS, compare, levels_of};
use crate::context;
use crate::corpus::{Corpus, list_cells};
use crate::features::Features;
use crate::link::Stage;
use crate::model::{
    FieldParameters, LevelParameters, Model, OtherBusiness, WordFrequencies, number_cells, phrase,
    place_cells,
};
use crate::plan::Plan;
use crate::score::{Score, Scorer};
use crate::settings::{Kind, MOST_CLASSES, MOST_COMPARISONS, Settings};
use crate::text::mix;

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

fn frequencies(features: &Features, settings: &Settings, plan: &Plan) -> Model {
    let words = list_cells(plan).into_par_iter().map(|at| words(features, at)).collect();
    let rarer = settings.class.iter().map(|it| it.rarer_bits);
    Model {
        settings: settings.clone(),
        records: u32::try_from(features.len()).unwrap_or(u32::MAX),
        words,
        gazetteer: gazetteer(features, plan),
        affinity: Affinity::default(),
        number_bits: 5.0,
        dummies: dummies(features, plan, settings.dummy_holders),
        stop_keys: vec![],
        refined_stop_keys: vec![],
        // Of a record's pairs, about one is the same enterprise; the other classes are rarer.
        priors: rarer.map(|it| -(features.len().max(2) as f64).log2() - it).collect(),
        fields: starting_fields(settings),
        other_business: OtherBusiness::default(),
        link_bits: 0.0,
        review_bits: (settings.review_probability / (1.0 - settings.review_probability)).log2(),
        expected_precision: 0.0,
        converged: false,
        rounds: 0,
    }
}

/// How often each word, and each several words together, occur in one list.
fn words(features: &Features, at: usize) -> WordFrequencies {
    let vocabulary = &features.vocabulary;
    let mut counts = vec![0_u32; vocabulary.len()];
    let mut phrases: FxHashMap<u64, u32> = FxHashMap::default();
    let mut records = 0;
    for record in 0..features.len() {
        let words = features.words(record, at);
        if words.is_empty() {
            continue;
        }
        records += 1;
        for (index, word) in words.iter().enumerate() {
            if !words[..index].contains(word) {
                counts[word.token as usize] += 1;
            }
        }
        if 1 < words.len() {
            let hashes: Vec<u64> =
                words.iter().map(|it| vocabulary.whole[it.token as usize]).collect();
            *phrases.entry(phrase(&hashes)).or_default() += 1;
        }
    }
    let counts = counts.into_iter().enumerate().filter(|it| 1 < it.1);
    WordFrequencies {
        records,
        counts: counts
            .map(|(word, count)| (vocabulary.word(word as u32).to_owned(), count))
            .collect(),
        phrases: phrases.into_iter().filter(|it| 1 < it.1).collect(),
    }
}

/// The parameters before anything was seen.
fn starting_fields(settings: &Settings) -> Vec<FieldParameters> {
    let of = |comparison: &crate::settings::ComparisonSettings| {
        let starts: Vec<&[f64]> = settings
            .class
            .iter()
            .map(|it| settings.start_of(comparison, &it.name).unwrap_or_default())
            .collect();
        let levels = comparison.by.levels().iter().enumerate().map(|(index, level)| {
            let at = |list: &[f64]| index.checked_sub(1).map_or(1.0, |it| list[it]);
            LevelParameters {
                level: (*level).to_owned(),
                related: starts.iter().map(|it| at(it)).collect(),
                unrelated: at(&comparison.unrelated),
            }
        });
        FieldParameters { field: comparison.name.clone(), levels: levels.collect() }
    };
    settings.compare.iter().map(of).collect()
}

/// Identifiers and phones that more records hold than one enterprise or field officer explains.
fn dummies(features: &Features, plan: &Plan, holders: u32) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    for at in number_cells(plan) {
        let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
        for record in 0..features.len() {
            let cells = features.cells(record);
            let number = u64::from(cells[at]) | u64::from(cells[at + 1]) << 32;
            if number != 0 {
                *counts.entry(mix(number)).or_default() += 1;
            }
        }
        found.extend(counts.into_iter().filter(|it| holders < it.1).map(|it| it.0));
    }
    found
}

/// Whether most places that are named are in the gazetteer.
fn gazetteer(features: &Features, plan: &Plan) -> bool {
    let (mut named, mut known) = (0_usize, 0_usize);
    for at in place_cells(plan) {
        for record in 0..features.len() {
            let cells = features.cells(record);
            if cells[at + 3] | cells[at + 4] != 0 {
                named += 1;
                known += usize::from(cells[at] | cells[at + 1] != 0);
            }
        }
    }
    named <= 2 * known
}

/// How surprising an equal house number is: from the chance that two numbers of the list are equal.
fn number_bits(corpus: &Corpus) -> f64 {
    let streets = corpus.plan.fields.iter().filter(|it| it.kind == Kind::Street);
    let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
    for at in streets.map(|it| it.at + 1) {
        let numbers = (0..corpus.len()).map(|it| corpus.features.cells(it)[at]);
        for number in numbers.filter(|it| *it != 0) {
            *counts.entry(number).or_default() += 1.0;
        }
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

/// A pattern of levels, the rare bits, and for how many pairs it stands.
struct Patterns {
    found: Vec<(u64, f64, f64)>,
    anchors: usize,
    all_pairs: f64,
}

/// Candidate pairs that the parameters are estimated from.
struct TrainingPairs {
    /// Two records, their pattern of levels, their rare bits in quarters.
    pairs: Vec<(u32, u32, u64, i32)>,
    /// For how many pairs each stands.
    step: u64,
    anchors: usize,
    all_pairs: f64,
}

fn compared(corpus: &Corpus, a: u32, b: u32) -> (u32, u32, u64, i32) {
    let of = compare(corpus, a as usize, b as usize);
    (a, b, of.pattern(), (of.rare_bits() * 4.0).round() as i32)
}

fn training_pairs(model: &Model, corpus: &Corpus, blocks: &Blocks) -> TrainingPairs {
    let anchors = model.settings.compare.iter().take_while(|it| it.anchor).count();
    let all = sampled_pairs(blocks, corpus.len(), 1_000);
    let step = (all as usize / model.settings.training_pairs.max(1)).max(1) as u64;
    let chosen: Vec<usize> =
        (0..corpus.len()).filter(|it| mix(*it as u64 ^ 0x7ea1).is_multiple_of(step)).collect();
    let pairs = chosen
        .par_chunks(1_024)
        .map_init(
            Search::default,
            |search, records| {
                let mut found = vec![];
                for &record in records {
                    let partners = blocks.partners(record, Which::Before, search);
                    corpus.touch(partners);
                    found.extend(partners.iter().map(|it| compared(corpus, *it, record as u32)));
                }
                found
            },
        )
        .collect::<Vec<_>>()
        .concat();
    let records = corpus.len() as f64;
    TrainingPairs { pairs, step, anchors, all_pairs: records * (records - 1.0) / 2.0 }
}

impl TrainingPairs {
    /// The same pairs compared again.
    fn again(&self, corpus: &Corpus) -> TrainingPairs {
        let pairs = self.pairs.par_iter().map(|it| compared(corpus, it.0, it.1)).collect();
        TrainingPairs { pairs, ..*self }
    }

    fn patterns(&self) -> Patterns {
        let mut found: Vec<(u64, i32)> = self.pairs.iter().map(|it| (it.2, it.3)).collect();
        found.par_sort_unstable();
        let groups = found.chunk_by(|a, b| a == b);
        let found = groups
            .map(|it| (it[0].0, f64::from(it[0].1) / 4.0, (it.len() as u64 * self.step) as f64))
            .collect();
        Patterns { found, anchors: self.anchors, all_pairs: self.all_pairs }
    }
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

/// Which anchors agree, one bit each, and how many.
fn agreeing(levels: &[u8; MOST_COMPARISONS], anchors: usize) -> (u32, u32) {
    let agreeing = (0..anchors).filter(|it| levels[*it] == 1).fold(0, |bits, it| bits | 1 << it);
    (agreeing, agreeing.count_ones())
}

/// How many pairs of each class are expected at each level of each field, and in all.
struct Expected {
    counts: Vec<[[f64; LEVELS]; MOST_COMPARISONS]>,
    pairs: [f64; MOST_CLASSES],
}

fn expect(
    scorer: &Scorer,
    anchored: &[(u64, f64, f64)],
    anchors: usize,
    classes: usize,
) -> Expected {
    let mut expected = Expected {
        counts: vec![[[0.0; LEVELS]; MOST_COMPARISONS]; classes],
        pairs: [0.0; MOST_CLASSES],
    };
    for (pattern, rare_bits, pairs) in anchored {
        let posterior = scorer.posterior(*pattern, *rare_bits);
        let levels = levels_of(*pattern);
        let (agreeing, number) = agreeing(&levels, anchors);
        for (class, probability) in posterior.into_iter().enumerate().take(classes) {
            let share = probability * pairs;
            expected.pairs[class] += share;
            for (field, level) in levels.iter().enumerate() {
                // An anchor is counted only where another brought the pair here.
                if number < 2 && field < anchors && agreeing >> field & 1 == 1 {
                    continue;
                }
                expected.counts[class][field][usize::from(*level)] += share;
            }
        }
    }
    expected
}

/// Moves the parameters to what was expected; answers how far the farthest moved.
fn maximise(
    model: &mut Model,
    expected: &Expected,
    start: &[FieldParameters],
    patterns: &Patterns,
) -> f64 {
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
        let without = counts[..patterns.anchors]
            .iter()
            .map(|of| 1.0 - of[1] / of.iter().sum::<f64>().max(1.0));
        let anchored = (1.0 - without.product::<f64>()).max(LEAST_ANCHORED);
        let pairs = (expected.pairs[class] / anchored).max(0.5);
        let prior = (pairs / patterns.all_pairs).log2();
        // Where few pairs of a class have an anchor, their number is a guess and must not run away.
        let middle = model.priors[0] - model.settings.class[class].rarer_bits;
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

/// How much rarer or commoner a class can be found to be than the settings say, in bits.
const WIDEST_DRIFT: f64 = 2.5;

/// Expectation maximisation until the parameters rest.
fn settle(model: &mut Model, patterns: &Patterns) {
    let start = starting_fields(&model.settings);
    let (anchors, classes) = (patterns.anchors, model.settings.class.len());
    let is_anchored = |it: &&(u64, f64, f64)| 0 < agreeing(&levels_of(it.0), anchors).1;
    let anchored: Vec<_> = patterns.found.iter().filter(is_anchored).copied().collect();
    for round in 1..=model.settings.rounds {
        let expected = expect(&Scorer::new(model), &anchored, anchors, classes);
        let moved = maximise(model, &expected, &start, patterns);
        model.rounds = round as u32;
        if moved < model.settings.tolerance {
            model.converged = true;
            return;
        }
    }
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
    let threshold = threshold.clamp(0.5, 1.0 - 1e-6);
    model.link_bits = (threshold / (1.0 - threshold)).log2();
    model.review_bits = model.review_bits.min(model.link_bits);
}
