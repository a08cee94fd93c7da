//! Scoring: levels of agreement -> the weight of a pair in bits, and why.
//!
//! A pair is one enterprise, two enterprises of one person, or neither. The weight is the log2 odds of the
//! first against the other two. It is a plain sum: the prior, for each field `log2(m / u)` and the rarity of
//! what agrees, and two corrections, for how well the same evidence fits one enterprise that moved or has two owners and
//! another business of the same person.

use crate::compare::{ComparedField, Comparison, FIELDS, LEVELS, Scale, compare, levels_of};
use crate::corpus::Corpus;
use crate::model::{CLASSES, Model};
use crate::normalise::NormalisedRecord;

/// The model's weights as tables, for scoring many pairs.
pub(crate) struct Scorer {
    pub(crate) scale: Scale,
    priors: [f64; CLASSES],
    /// Bits of each level of each field, for each class.
    weights: [[[f64; CLASSES]; LEVELS]; FIELDS],
}

/// What a pair's evidence comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// Log2 odds of one enterprise against everything else.
    pub(crate) weight: f64,
    /// Log2 odds of one person against two, both enterprises or one.
    pub(crate) person: f64,
}

impl Scorer {
    pub(crate) fn new(model: &Model) -> Scorer {
        let mut weights = [[[0.0; CLASSES]; LEVELS]; FIELDS];
        for (index, field) in ComparedField::ALL.iter().enumerate() {
            for (level, weights) in
                weights[index].iter_mut().enumerate().take(field.levels().len()).skip(1)
            {
                let of = model.level(*field, level as u8);
                *weights = of.related.map(|it| (it / of.unrelated).log2());
            }
        }
        Scorer { scale: model.scale(), priors: model.priors, weights }
    }

    /// Log2 odds of each class against unrelated records, for a pattern of levels and rare bits.
    pub(crate) fn odds(&self, pattern: u64, rare_bits: f64) -> [f64; CLASSES] {
        let mut odds = self.priors.map(|it| it + rare_bits);
        for (level, weights) in levels_of(pattern).iter().zip(&self.weights) {
            let weights = &weights[usize::from(*level)];
            for (odds, weight) in odds.iter_mut().zip(weights) {
                *odds += weight;
            }
        }
        odds
    }

    pub(crate) fn score(&self, found: &Comparison) -> Score {
        let odds = self.odds(found.pattern(), found.rare_bits());
        let [same, moved, two_owners, here, elsewhere, neighbours] = odds;
        let [gain, loss] = corrections(odds);
        let person = either(either(same, moved), either(here, elsewhere));
        let person = person - either(0.0, either(two_owners, neighbours));
        Score { weight: same + gain - loss, person }
    }

    /// The weight of two records of the corpus.
    pub(crate) fn weight(&self, corpus: &Corpus, a: usize, b: usize) -> Score {
        self.score(&compare(corpus, &self.scale, a.min(b), a.max(b)))
    }
}

/// What the classes beside the first add to its odds: one enterprise that moved or has two owners speaks for
/// the same, another business of the person or at the address against it.
fn corrections(odds: [f64; CLASSES]) -> [f64; 2] {
    let [same, moved, two_owners, here, elsewhere, neighbours] = odds;
    let others = either(either(here, elsewhere), neighbours);
    [either(0.0, either(moved, two_owners) - same), either(0.0, others)]
}

/// Log2 odds of one or the other of two exclusive things.
fn either(a: f64, b: f64) -> f64 {
    let (more, less) = if a < b { (b, a) } else { (a, b) };
    more + (less - more).exp2().ln_1p() / std::f64::consts::LN_2
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
    /// What other explanations of the same evidence add or take away: the sum of the next two.
    pub correction_bits: f64,
    /// Bits given back because the evidence also fits one enterprise that moved or has two owners; never
    /// negative.
    pub moved_or_two_owners_bits: f64,
    /// Bits taken off because the evidence also fits another business of the same person or at the same
    /// address; never positive.
    pub other_business_bits: f64,
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
                level_bits: scorer.weights[index][level][0],
                rarity_bits: f64::from(found.bits[index]),
            }
        })
        .collect();
    let [gain, loss] = corrections(scorer.odds(found.pattern(), found.rare_bits()));
    Explanation {
        prior_bits: scorer.priors[0],
        fields,
        correction_bits: gain - loss,
        moved_or_two_owners_bits: gain,
        other_business_bits: -loss,
        weight_bits: scorer.score(&found).weight,
    }
}
