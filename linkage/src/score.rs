//! Scoring: levels of agreement -> the weight of a pair, and its explanation.
//!
//! Two records that have to do with each other belong to one of the settings' classes; each class and
//! "unrelated" has its own odds. The weight sets the classes that are one entity against everything else, so
//! that it already accounts for what the evidence would be for another business of the same person.

use crate::compare::{Comparison, LEVELS, compare, levels_of};
use crate::corpus::Corpus;
use crate::features::{Features, Texts};
use crate::model::Model;
use crate::settings::{MOST_CLASSES, MOST_COMPARISONS};

/// Log2 odds of each class; classes that are not there have none.
pub(crate) type Odds = [f64; MOST_CLASSES];

/// The model's weights as tables, for scoring many pairs.
pub(crate) struct Scorer {
    priors: Odds,
    classes: usize,
    same: [bool; MOST_CLASSES],
    person: [bool; MOST_CLASSES],
    /// Bits of each level of each field, for each class.
    weights: [[Odds; LEVELS]; MOST_COMPARISONS],
    /// The most bits that a level gives in any class, and the greatest prior: a cheap bound.
    most: [[f32; LEVELS]; MOST_COMPARISONS],
    most_prior: f32,
}

/// What a pair's evidence comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// Log2 odds of one entity against everything else.
    pub(crate) weight: f64,
    /// Log2 odds of one person against two, both enterprises or one.
    pub(crate) person: f64,
}

impl Scorer {
    pub(crate) fn new(model: &Model) -> Scorer {
        let classes = model.settings.class.len();
        let mut scorer = Scorer {
            priors: [f64::NEG_INFINITY; MOST_CLASSES],
            classes,
            same: [false; MOST_CLASSES],
            person: [false; MOST_CLASSES],
            weights: [[[0.0; MOST_CLASSES]; LEVELS]; MOST_COMPARISONS],
            most: [[0.0; LEVELS]; MOST_COMPARISONS],
            most_prior: model.priors.iter().copied().fold(f64::NEG_INFINITY, f64::max) as f32,
        };
        scorer.priors[..classes].copy_from_slice(&model.priors);
        for (index, class) in model.settings.class.iter().enumerate() {
            scorer.same[index] = class.same;
            scorer.person[index] = class.person;
        }
        for (of, field) in scorer.weights.iter_mut().zip(&model.fields) {
            for (weights, level) in of.iter_mut().zip(&field.levels).skip(1) {
                for (weight, m) in weights.iter_mut().zip(&level.related) {
                    *weight = (m / level.unrelated).log2();
                }
            }
        }
        for (most, weights) in scorer.most.iter_mut().zip(&scorer.weights) {
            for (most, weights) in most.iter_mut().zip(weights).skip(1) {
                let of = weights[..classes].iter().copied();
                *most = of.fold(f64::NEG_INFINITY, f64::max) as f32;
            }
        }
        scorer
    }

    /// Log2 odds of each class against unrelated records, for levels and rare bits.
    pub(crate) fn odds(&self, levels: &[u8; MOST_COMPARISONS], rare_bits: f64) -> Odds {
        let mut odds = self.priors.map(|it| it + rare_bits);
        for (level, weights) in levels.iter().zip(&self.weights) {
            if *level != 0 {
                let weights = &weights[usize::from(*level)];
                for (odds, weight) in odds.iter_mut().zip(weights) {
                    *odds += weight;
                }
            }
        }
        odds
    }

    /// The probability of each class.
    pub(crate) fn posterior(&self, pattern: u64, rare_bits: f64) -> Odds {
        let odds = self.odds(&levels_of(pattern), rare_bits);
        let top = odds.iter().copied().fold(0.0, f64::max);
        let shares = odds.map(|it| (it - top).exp2());
        let sum = shares.iter().sum::<f64>() + (-top).exp2();
        shares.map(|it| it / sum)
    }

    /// The probability that the records are one entity.
    pub(crate) fn same(&self, posterior: &Odds) -> f64 {
        posterior.iter().zip(&self.same).filter(|it| *it.1).map(|it| it.0).sum()
    }

    pub(crate) fn score(&self, found: &Comparison) -> Score {
        self.of_odds(self.odds(&found.levels, found.rare_bits()))
    }

    /// The score of a pattern of levels.
    pub(crate) fn of_pattern(&self, pattern: u64, rare_bits: f64) -> Score {
        self.of_odds(self.odds(&levels_of(pattern), rare_bits))
    }

    fn of_odds(&self, odds: Odds) -> Score {
        let [gain, loss] = self.corrections(&odds);
        let of = |wanted: bool| {
            let classes = (0..self.classes).filter(|it| self.person[*it] == wanted);
            any(classes.map(|it| odds[it]), if wanted { f64::NEG_INFINITY } else { 0.0 })
        };
        Score { weight: exact(odds[0] + gain - loss), person: of(true) - of(false) }
    }

    /// The score, unless no class reaches `floor`.
    pub(crate) fn score_above(&self, found: &Comparison, floor: f64) -> Option<Score> {
        let levels = found.levels.iter().zip(&self.most).map(|it| it.1[usize::from(*it.0)]);
        // Two sums that do not wait for each other.
        let most = self.most_prior + levels.sum::<f32>() + found.bits.iter().sum::<f32>();
        // The sum of all classes is at most three bits above the greatest.
        if f64::from(most) < floor - 3.5 {
            return None;
        }
        let odds = self.odds(&found.levels, found.rare_bits());
        if odds.iter().all(|it| *it < floor - 3.0) {
            return None;
        }
        let score = self.score(found);
        (floor <= score.weight || floor <= score.person).then_some(score)
    }

    /// The weight of two records of the corpus.
    pub(crate) fn weight(&self, corpus: &Corpus, a: usize, b: usize) -> Score {
        self.score(&compare(corpus, a.min(b), a.max(b)))
    }

    /// What the classes beside the first add to its odds: the other ways to be one entity speak for it, the
    /// ways to be two against it.
    fn corrections(&self, odds: &Odds) -> [f64; 2] {
        let classes = |wanted: bool| (1..self.classes).filter(move |it| self.same[*it] == wanted);
        let more = any(classes(true).map(|it| odds[it]), f64::NEG_INFINITY);
        let gain = if more.is_finite() { either(0.0, more - odds[0]) } else { 0.0 };
        [gain, any(classes(false).map(|it| odds[it]), 0.0)]
    }
}

/// Bits rounded to a millionth, so that adding to them and taking away again changes nothing.
pub(crate) fn exact(bits: f64) -> f64 {
    const MILLION: f64 = (1 << 20) as f64;
    (bits * MILLION).round() / MILLION
}

/// Log2 odds of any of several exclusive things, beside a first.
fn any(odds: impl Iterator<Item = f64>, first: f64) -> f64 {
    odds.fold(first, either)
}

/// Log2 odds of one or the other of two exclusive things.
fn either(a: f64, b: f64) -> f64 {
    let (more, less) = if a < b { (b, a) } else { (a, b) };
    if less == f64::NEG_INFINITY || less + 60.0 < more {
        return more;
    }
    more + (less - more).exp2().ln_1p() / std::f64::consts::LN_2
}

/// The evidence of one field for a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldEvidence {
    /// The comparison's name.
    pub field: String,
    /// The name of the level at which it agrees; "missing" is no evidence.
    pub level: &'static str,
    /// The probability of the level when the two are one entity, plainly (m); 1 when missing.
    pub m: f64,
    /// The probability of the level when they have nothing to do with each other (u); 1 when missing, and
    /// where the rarity of the value is counted instead.
    pub u: f64,
    /// Bits of the level: `log2(m / u)`.
    pub level_bits: f64,
    /// Bits for how rare the shared value is.
    pub rarity_bits: f64,
}

/// Why two records weigh what they weigh. [`Explanation::sum`] is the stored weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Bits before any evidence: how seldom two random records are one entity.
    pub prior_bits: f64,
    /// The evidence of each field, missing ones included, in the order of the settings.
    pub fields: Vec<FieldEvidence>,
    /// What other explanations of the same evidence add or take away: the sum of the next two.
    pub correction_bits: f64,
    /// Bits given back because the evidence also fits one enterprise that moved or has two owners; never
    /// negative.
    pub moved_or_two_owners_bits: f64,
    /// Bits taken off because the evidence also fits another business of the same person or at the same
    /// address; never positive.
    pub other_business_bits: f64,
    /// Bits that the other records of the person add or take away: whether another business of hers is known.
    pub context_bits: f64,
    /// The weight as the engine computes and stores it.
    pub weight_bits: f64,
}

impl Explanation {
    /// Prior, evidence, correction and context added up.
    pub fn sum(&self) -> f64 {
        let fields = self.fields.iter().map(|it| it.level_bits + it.rarity_bits);
        self.prior_bits + fields.sum::<f64>() + self.correction_bits + self.context_bits
    }
}

/// Explains the weight of two records under `model`. `beside` tells whether one of them stands beside another
/// business of its owner ([`crate::link::Linkage::beside`]).
pub fn explain<T: Texts>(a: &T, b: &T, model: &Model, beside: bool) -> Explanation {
    let features = Features::read(&model.settings, &[a, b]);
    let features = model.settled(features);
    let corpus = Corpus::new(&features, model);
    let scorer = Scorer::new(model);
    let found = compare(&corpus, 0, 1);
    let compared = corpus.plan.comparisons.iter().zip(&model.fields).enumerate();
    let fields = compared
        .map(|(index, (by, field))| {
            let level = usize::from(found.levels[index]);
            let parameters = &field.levels[level];
            FieldEvidence {
                field: field.field.clone(),
                level: by.by.levels()[level],
                m: parameters.related[0],
                u: parameters.unrelated,
                level_bits: scorer.weights[index][level][0],
                rarity_bits: f64::from(found.bits[index]),
            }
        })
        .collect();
    let [gain, loss] = scorer.corrections(&scorer.odds(&found.levels, found.rare_bits()));
    let score = scorer.score(&found);
    let context_bits = model.other_business.bits(score.person, beside);
    Explanation {
        prior_bits: scorer.priors[0],
        fields,
        correction_bits: gain - loss,
        moved_or_two_owners_bits: gain,
        other_business_bits: -loss,
        context_bits,
        weight_bits: score.weight + context_bits,
    }
}
