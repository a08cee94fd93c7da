//! The linkage model: everything that depends on the whole register, frozen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::affinity::Affinity;
use crate::compare::Scale;
pub use crate::context::OtherBusiness;
use crate::estimate;
use crate::features::Features;
use crate::plan::Plan;
use crate::settings::{Kind, Settings};
use crate::text;

/// How often each word occurs in one field.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WordFrequencies {
    /// How many records have the field.
    pub records: u32,
    /// In how many of them a word occurs; words that occur once are left out.
    pub counts: BTreeMap<String, u32>,
    /// How many of them have exactly these several words, as a hash of the words in order of the alphabet;
    /// what occurs once is left out.
    pub phrases: BTreeMap<u64, u32>,
}

impl fmt::Debug for WordFrequencies {
    /// The words are parts of names, so only their number is shown.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "WordFrequencies({} words of {} records)", self.counts.len(), self.records)
    }
}

impl WordFrequencies {
    /// How surprising it is, in bits, that an unrelated record has this word.
    pub fn bits(&self, word: &str) -> f32 {
        self.surprise(self.counts.get(word).copied())
    }

    /// How surprising it is, in bits, that an unrelated record has exactly these words, given by their
    /// hashes.
    pub(crate) fn phrase_bits(&self, words: &[u64]) -> f32 {
        self.surprise(self.phrases.get(&phrase(words)).copied())
    }

    fn surprise(&self, count: Option<u32>) -> f32 {
        let records = f64::from(self.records.max(2));
        // Half a record is added so that what was seen once or never is not infinitely rare.
        let share = (f64::from(count.unwrap_or(1)) + 0.5) / (records + 1.0);
        -share.log2().min(0.0) as f32
    }
}

/// A hash of several words that does not depend on their order.
pub(crate) fn phrase(words: &[u64]) -> u64 {
    let sum = words.iter().fold(0_u64, |sum, it| sum.wrapping_add(text::mix(*it)));
    text::mix(sum ^ words.len() as u64)
}

/// How probable a level of agreement is in each class of pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelParameters {
    /// The level's name.
    pub level: String,
    /// Its probability in each class, in the order of the settings (m).
    pub related: Vec<f64>,
    /// Its probability when the records have nothing to do with each other (u); 1 where the rarity of the
    /// value itself is counted.
    pub unrelated: f64,
}

/// The parameters of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldParameters {
    /// The comparison's name.
    pub field: String,
    /// Its levels, "missing" first.
    pub levels: Vec<LevelParameters>,
}

/// A frozen set of parameters. The same records under the same model give the same clusters, whether they
/// came all at once or one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The settings it was trained with.
    pub settings: Settings,
    /// How many records it was trained on.
    pub records: u32,
    /// Words of each field that holds words, in the order of the settings.
    pub words: Vec<WordFrequencies>,
    /// The places of the records are those of the gazetteer; otherwise they are compared by what they are
    /// called.
    pub gazetteer: bool,
    /// Which trade labels go together in one enterprise.
    pub affinity: Affinity,
    /// Bits that an equal house number gives.
    pub number_bits: f64,
    /// Hashes of identifiers and phones that too many records hold.
    pub dummies: BTreeSet<u64>,
    /// Blocking keys too common to block alone, in order.
    pub stop_keys: Vec<u64>,
    /// Blocking keys too common even with a second, in order.
    pub refined_stop_keys: Vec<u64>,
    /// Log2 odds of each class against unrelated, for two random records.
    pub priors: Vec<f64>,
    /// The parameters of each comparison, in the order of the settings.
    pub fields: Vec<FieldParameters>,
    /// What the other records of a person add to a pair of them.
    pub other_business: OtherBusiness,
    /// The weight in bits from which a pair is linked without a person's word.
    pub link_bits: f64,
    /// The weight in bits from which a pair is put to a steward.
    pub review_bits: f64,
    /// The share of right links the model expects above `link_bits`.
    pub expected_precision: f64,
    /// The estimate came to rest before the rounds ran out.
    pub converged: bool,
    /// How many rounds it took.
    pub rounds: u32,
}

impl Model {
    /// Estimates a model from records, without labels. The order of the records does not matter.
    ///
    /// # Panics
    /// When the settings do not hold together ([`Settings::check`]).
    pub fn train(records: &Features, settings: &Settings) -> Model {
        estimate::train(records, settings)
    }

    /// The records without the numbers that say nothing because too many records hold them, and with their
    /// places as the model knows places.
    pub(crate) fn settled(&self, mut features: Features) -> Features {
        let plan = Plan::new(&self.settings).expect("a model's settings were checked");
        let numbers = if self.dummies.is_empty() { vec![] } else { number_cells(&plan) };
        let places = if self.gazetteer { vec![] } else { place_cells(&plan) };
        if numbers.is_empty() && places.is_empty() {
            return features;
        }
        for cells in features.cells_mut() {
            for at in &numbers {
                let number = u64::from(cells[*at]) | u64::from(cells[at + 1]) << 32;
                if number != 0 && self.dummies.contains(&text::mix(number)) {
                    (cells[*at], cells[at + 1]) = (0, 0);
                }
            }
            for at in &places {
                cells.copy_within(at + 3..at + 6, *at);
            }
        }
        features
    }

    /// The figures comparisons need.
    pub(crate) fn scale(&self) -> Scale {
        let records = f64::from(self.records.max(2)).log2();
        Scale {
            identifier_bits: (records + self.settings.identifier_bits) as f32,
            phone_bits: (records + self.settings.phone_bits) as f32,
            number_bits: self.number_bits as f32,
            word_share: self.settings.word_bits_share as f32,
            near_loss: self.settings.near_word_loss as f32,
            word_cap: self.settings.word_bits_cap as f32,
        }
    }

    /// The probability that belongs to a weight.
    pub fn probability(weight_bits: f64) -> f64 {
        1.0 / (1.0 + (-weight_bits).exp2())
    }
}

/// The cells of numbers that can be dummies.
pub(crate) fn number_cells(plan: &Plan) -> Vec<usize> {
    let of = |kind: Kind, at: usize| match kind {
        Kind::Nik | Kind::Nib | Kind::Npwp | Kind::Identifier => vec![at],
        Kind::Phone => vec![at, at + 2],
        _ => vec![],
    };
    plan.fields.iter().flat_map(|it| of(it.kind, it.at)).collect()
}

/// The first cells of places.
pub(crate) fn place_cells(plan: &Plan) -> Vec<usize> {
    plan.fields.iter().filter(|it| it.kind == Kind::Place).map(|it| it.at).collect()
}
