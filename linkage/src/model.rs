//! The linkage model: everything that depends on the whole register, frozen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::compare::{ComparedField, Scale};
use crate::normalise::NormalisedRecord;
use crate::settings::Settings;
use crate::{estimate, text};

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

    /// How surprising it is, in bits, that an unrelated record has exactly these words.
    pub(crate) fn phrase_bits(&self, words: &[&str]) -> f32 {
        match words {
            [only] => self.bits(only),
            _ => self.surprise(self.phrases.get(&phrase(words)).copied()),
        }
    }

    fn surprise(&self, count: Option<u32>) -> f32 {
        let records = f64::from(self.records.max(2));
        // Half a record is added so that what was seen once or never is not infinitely rare.
        let share = (f64::from(count.unwrap_or(1)) + 0.5) / (records + 1.0);
        -share.log2().min(0.0) as f32
    }

    /// Counts the words of each record once, and the words together.
    pub(crate) fn count<'a>(lists: impl Iterator<Item = Vec<&'a str>>) -> WordFrequencies {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        let mut phrases: HashMap<u64, u32> = HashMap::new();
        let mut records = 0;
        for mut words in lists.filter(|it| !it.is_empty()) {
            records += 1;
            if 1 < words.len() {
                *phrases.entry(phrase(&words)).or_default() += 1;
            }
            words.sort_unstable();
            words.dedup();
            for word in words {
                *counts.entry(word).or_default() += 1;
            }
        }
        let kept = counts.into_iter().filter(|it| 1 < it.1);
        let counts = kept.map(|(word, count)| (word.to_owned(), count)).collect();
        let phrases = phrases.into_iter().filter(|it| 1 < it.1).collect();
        WordFrequencies { records, counts, phrases }
    }
}

fn phrase(words: &[&str]) -> u64 {
    let mut sorted: Vec<&[u8]> = words.iter().map(|it| it.as_bytes()).collect();
    sorted.sort_unstable();
    text::hash(&sorted)
}

/// What two records can be to each other when they have to do with each other at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// One enterprise at one address.
    Same,
    /// One enterprise, written at two addresses: it moved, or one is the home of the owner.
    SameMoved,
    /// One enterprise, two owners named, such as spouses.
    SameTwoOwners,
    /// Two enterprises of one person at one address.
    PersonHere,
    /// Two enterprises of one person at two addresses.
    PersonElsewhere,
    /// Two enterprises of two persons at one address: a family, or stalls side by side.
    Neighbours,
}

/// How many classes there are beside unrelated records.
pub(crate) const CLASSES: usize = 6;

/// How probable a level of agreement is in each class of pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelParameters {
    /// The level's name.
    pub level: String,
    /// Its probability in each [`Class`], in their order (m).
    pub related: [f64; CLASSES],
    /// Its probability when the records have nothing to do with each other (u); 1 where the rarity of the
    /// value itself is counted.
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
    /// Log2 odds of each [`Class`] against unrelated, for two random records.
    pub priors: [f64; CLASSES],
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
