//! Expectation maximisation over candidate pairs with an anchor.

use super::counts::starting_fields;
use super::pairs::Patterns;
use crate::compare::{LEVELS, levels_of};
use crate::model::{FieldParameters, Model};
use crate::score::Scorer;
use crate::settings::{MOST_CLASSES, MOST_COMPARISONS};

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
pub(super) fn settle(model: &mut Model, patterns: &Patterns) {
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
