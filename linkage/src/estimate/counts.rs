//! What is counted, not estimated: words, dummies, places, house numbers.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::corpus::{Corpus, list_cells};
use crate::features::Features;
use crate::model::{
    Affinity, FieldParameters, LevelParameters, Model, OtherBusiness, WordFrequencies,
    number_cells, phrase, place_cells,
};
use crate::plan::Plan;
use crate::settings::{Kind, Settings};
use crate::text::mix;

pub(super) fn frequencies(features: &Features, settings: &Settings, plan: &Plan) -> Model {
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
pub(super) fn starting_fields(settings: &Settings) -> Vec<FieldParameters> {
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
pub(super) fn number_bits(corpus: &Corpus) -> f64 {
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
