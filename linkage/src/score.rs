//! Scoring: levels of agreement -> the weight of a pair in bits, and why.
//!
//! A pair is of one enterprise (same), of two enterprises of one person (person), or of neither. The
//! weight is the log2 odds of the first against the other two. It is a plain sum over the fields of
//! `log2(m / u)`, plus the prior, less one correction: how much of the same evidence speaks for another
//! business of the same person.

use crate::compare::{ComparedField, Comparison, FIELDS, Scale, compare, levels_of};
use crate::corpus::Corpus;
use crate::model::Model;
use crate::normalise::NormalisedRecord;

const LEVELS: usize = 8;

/// The model's weights as tables, for scoring many pairs.
pub(crate) struct Scorer {
    pub(crate) scale: Scale,
    prior: [f64; 2],
    /// For one enterprise and for one person: bits of each level of each field.
    weights: [[[f64; LEVELS]; FIELDS]; 2],
}

/// What a pair's evidence comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// Log2 odds of one enterprise against everything else.
    pub(crate) weight: f64,
    /// Log2 odds of one person against none, both enterprises or one.
    pub(crate) person: f64,
}

impl Scorer {
    pub(crate) fn new(model: &Model) -> Scorer {
        let mut weights = [[[0.0; LEVELS]; FIELDS]; 2];
        for (index, field) in ComparedField::ALL.iter().enumerate() {
            for level in 1..field.levels().len() {
                let of = model.level(*field, level as u8);
                weights[0][index][level] = (of.same_enterprise / of.unrelated).log2();
                weights[1][index][level] = (of.same_person / of.unrelated).log2();
            }
        }
        let prior = [model.prior_same_enterprise, model.prior_same_person];
        Scorer { scale: model.scale(), prior, weights }
    }

    /// Log2 odds of the two classes against unrelated records, for a pattern of levels and rare bits.
    pub(crate) fn odds(&self, pattern: u64, rare_bits: f64) -> [f64; 2] {
        let levels = levels_of(pattern);
        [0, 1].map(|class| {
            let fields = levels.iter().zip(&self.weights[class]);
            let sum: f64 = fields.map(|(level, weights)| weights[usize::from(*level)]).sum();
            self.prior[class] + rare_bits + sum
        })
    }

    pub(crate) fn score(&self, found: &Comparison) -> Score {
        let [same, person] = self.odds(found.pattern(), f64::from(found.rare_bits()));
        Score {
            weight: same - correction(person),
            person: same.max(person) + correction(-(same - person).abs()),
        }
    }

    /// The weight of two records of the corpus.
    pub(crate) fn weight(&self, corpus: &Corpus, a: usize, b: usize) -> Score {
        self.score(&compare(corpus, &self.scale, a.min(b), a.max(b)))
    }
}

/// `log2(1 + 2^bits)`: what a second explanation that is `bits` more likely than chance takes away.
fn correction(bits: f64) -> f64 {
    if 40.0 < bits { bits } else { bits.exp2().ln_1p() / std::f64::consts::LN_2 }
}

/// The evidence of one field for a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldEvidence {
    /// The field.
    pub field: ComparedField,
    /// The name of the level at which it agrees; "missing" is no evidence.
    pub level: &'static str,
    /// Bits of the level: `log2(m / u)`.
    pub level_bits: f64,
    /// Bits for how rare the shared value is.
    pub rarity_bits: f64,
}

/// Why two records weigh what they weigh. [`Explanation::sum`] is the stored weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Bits before any evidence: how seldom two random records are one enterprise.
    pub prior_bits: f64,
    /// The evidence of each field, missing ones included, in the order of [`ComparedField::ALL`].
    pub fields: Vec<FieldEvidence>,
    /// Bits taken off because the evidence also fits another business of the same person; never positive.
    pub correction_bits: f64,
    /// The weight as the engine computes and stores it.
    pub weight_bits: f64,
}

impl Explanation {
    /// Prior, evidence and correction added up.
    pub fn sum(&self) -> f64 {
        let fields = self.fields.iter().map(|it| it.level_bits + it.rarity_bits);
        self.prior_bits + fields.sum::<f64>() + self.correction_bits
    }
}

/// Explains the weight of two records under `model`.
pub fn explain(a: &NormalisedRecord, b: &NormalisedRecord, model: &Model) -> Explanation {
    let (a, b) = if a.id <= b.id { (a, b) } else { (b, a) };
    let corpus = Corpus::new(&[a, b], model);
    let scorer = Scorer::new(model);
    let found = compare(&corpus, &scorer.scale, 0, 1);
    let fields = ComparedField::ALL
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let level = usize::from(found.levels[index]);
            FieldEvidence {
                field: *field,
                level: field.levels()[level],
                level_bits: scorer.weights[0][index][level],
                rarity_bits: f64::from(found.bits[index]),
            }
        })
        .collect();
    let [_, person] = scorer.odds(found.pattern(), f64::from(found.rare_bits()));
    Explanation {
        prior_bits: scorer.prior[0],
        fields,
        correction_bits: -correction(person),
        weight_bits: scorer.score(&found).weight,
    }
}
