//! The linkage model: everything that depends on the whole register, frozen.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::compare::{ComparedField, Scale};
use crate::normalise::NormalisedRecord;
use crate::settings::Settings;
use crate::{estimate, text};

/// How often each word occurs in one field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WordFrequencies {
    /// How many records have the field.
    pub records: u32,
    /// In how many of them a word occurs; words that occur once are left out.
    pub counts: BTreeMap<String, u32>,
}

impl WordFrequencies {
    /// How surprising it is, in bits, that an unrelated record has this word.
    pub fn bits(&self, word: &str) -> f32 {
        let count = self.counts.get(word).copied().unwrap_or(1);
        let records = f64::from(self.records.max(2));
        // Half a record is added so that a word seen once or never is not infinitely rare.
        -((f64::from(count) + 0.5) / (records + 1.0)).log2().min(0.0) as f32
    }

    /// Counts the words of each record once.
    pub(crate) fn count<'a>(lists: impl Iterator<Item = Vec<&'a str>>) -> WordFrequencies {
        let mut counts: std::collections::HashMap<&str, u32> = std::collections::HashMap::new();
        let mut records = 0;
        for mut words in lists.filter(|it| !it.is_empty()) {
            records += 1;
            words.sort_unstable();
            words.dedup();
            for word in words {
                *counts.entry(word).or_default() += 1;
            }
        }
        let kept = counts.into_iter().filter(|it| 1 < it.1);
        WordFrequencies { records, counts: kept.map(|(word, n)| (word.to_owned(), n)).collect() }
    }
}

/// How probable a level of agreement is in each class of pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelParameters {
    /// The level's name.
    pub level: String,
    /// Its probability when both records are one enterprise (m).
    pub same_enterprise: f64,
    /// Its probability when they are two enterprises of one person.
    pub same_person: f64,
    /// Its probability when they have nothing to do with each other (u); 1 where the rarity of the value
    /// itself is counted.
    pub unrelated: f64,
}

/// The parameters of one compared field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldParameters {
    /// The field's code.
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
    /// Words of owners' names.
    pub owner_words: WordFrequencies,
    /// Distinctive words of business names.
    pub business_words: WordFrequencies,
    /// Words of streets.
    pub street_words: WordFrequencies,
    /// Bits that an equal house number gives.
    pub number_bits: f64,
    /// Hashes of identifiers and phones that too many records hold.
    pub dummies: BTreeSet<u64>,
    /// Blocking keys too common to block alone.
    pub stop_keys: BTreeSet<u64>,
    /// Blocking keys too common even with a second.
    pub refined_stop_keys: BTreeSet<u64>,
    /// Log2 odds that two random records are one enterprise.
    pub prior_same_enterprise: f64,
    /// Log2 odds that two random records are two enterprises of one person.
    pub prior_same_person: f64,
    /// The parameters of each field, in the order of [`ComparedField::ALL`].
    pub fields: Vec<FieldParameters>,
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
    pub fn train(records: &[NormalisedRecord], settings: &Settings) -> Model {
        estimate::train(records, settings)
    }

    /// Whether so many records hold this number that it says nothing.
    pub(crate) fn is_dummy(&self, number: u64) -> bool {
        number != 0 && !self.dummies.is_empty() && self.dummies.contains(&text::mix(number))
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

    /// The parameters of `field` at `level`.
    pub(crate) fn level(&self, field: ComparedField, level: u8) -> &LevelParameters {
        &self.fields[field as usize].levels[usize::from(level)]
    }
}
