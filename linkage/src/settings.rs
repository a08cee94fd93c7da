//! Settings: what the records hold, how they are blocked and compared, and every number the engine is free to
//! choose. One file is one kind of register; [`Settings::shipped`] names those that come with the engine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use fields::{FieldSettings, Kind};

mod fields;

/// The names of the settings that come with the engine.
pub const SHIPPED: &[&str] = &["umkm", "person"];

/// Why settings are refused: which entry, what is wrong with it, what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("settings: {0}")]
pub struct SettingsError(pub String);

/// A register's fields, keys, classes and comparisons, and the engine's numbers. Part of the frozen model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The share of automatic links that shall be right: the automatic threshold is the lowest at which
    /// the model expects this of the links above it.
    #[serde(default = "defaults::target_precision")]
    pub target_precision: f64,
    /// A pair less probable than this is not put to a steward.
    #[serde(default = "defaults::review_probability")]
    pub review_probability: f64,
    /// A pair below this weight, in bits, is forgotten; it could neither be linked nor reviewed.
    #[serde(default = "defaults::floor_bits")]
    pub floor_bits: f64,
    /// How many pairs at most the parameters are estimated from.
    #[serde(default = "defaults::training_pairs")]
    pub training_pairs: usize,
    /// How many random pairs show what unrelated records agree in by chance.
    #[serde(default = "defaults::random_pairs")]
    pub random_pairs: usize,
    /// Rounds of expectation maximisation at most.
    #[serde(default = "defaults::rounds")]
    pub rounds: usize,
    /// The estimate has converged when no parameter moves more than this in a round.
    #[serde(default = "defaults::tolerance")]
    pub tolerance: f64,
    /// How many imagined pairs stand behind the starting values, so that a small list does not run wild.
    #[serde(default = "defaults::starting_weight")]
    pub starting_weight: f64,
    /// Of the bits a rare word gives, the part that counts: words of one name go together.
    #[serde(default = "defaults::word_bits_share")]
    pub word_bits_share: f64,
    /// Bits that a word gives less when it agrees but for a typing error.
    #[serde(default = "defaults::near_word_loss")]
    pub near_word_loss: f64,
    /// Bits at most that the words of one field give together.
    #[serde(default = "defaults::word_bits_cap")]
    pub word_bits_cap: f64,
    /// Bits that an equal identifier gives above `log2(records)`: how seldom unrelated records share one by
    /// mistake.
    #[serde(default = "defaults::identifier_bits")]
    pub identifier_bits: f64,
    /// The same for a telephone number, which families and field officers share.
    #[serde(default = "defaults::phone_bits")]
    pub phone_bits: f64,
    /// An identifier or phone that more records hold than this is a dummy and no evidence.
    #[serde(default = "defaults::dummy_holders")]
    pub dummy_holders: u32,
    /// A blocking key that more records share is a stop key: it blocks only together with a second.
    #[serde(default = "defaults::block_size")]
    pub block_size: u32,
    /// A block larger than this is left out and reported, whatever its key.
    #[serde(default = "defaults::block_limit")]
    pub block_limit: u32,
    /// Of the bits between two clusters, the part their best pair decides; the mean of all pairs decides the
    /// rest. At 1 chains join, at 0 one record with little in it parts a cluster.
    #[serde(default = "defaults::best_pair_share")]
    pub best_pair_share: f64,
    /// Bits a pair counts at most for or against in a cluster.
    #[serde(default = "defaults::pair_bits_cap")]
    pub pair_bits_cap: f64,
    /// Bits of evidence, prior included, for two records to name one owner.
    #[serde(default = "defaults::owner_threshold_bits")]
    pub owner_threshold_bits: f64,
    /// What a record holds.
    pub field: Vec<FieldSettings>,
    /// Which pairs are worth comparing.
    pub block: BlockSettings,
    /// What two records can be to each other when they have to do with each other at all; the first is the
    /// plainest way to be the same.
    pub class: Vec<ClassSettings>,
    /// What of two records is compared.
    pub compare: Vec<ComparisonSettings>,
}

/// The keys that make two records candidates: sharing one is enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSettings {
    /// Keys such as `nik`, `phone/3` (without its last three digits), `phone%7` (its last seven),
    /// `owner.word & place.kelurahan` (any word of the owner's name together with the kelurahan).
    pub keys: Vec<String>,
    /// Parts that are joined to a key which too many records share.
    pub refine: Vec<String>,
}

/// A relation between two records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassSettings {
    /// Its name.
    pub name: String,
    /// The two are one entity.
    #[serde(default)]
    pub same: bool,
    /// The two name one person.
    #[serde(default)]
    pub person: bool,
    /// How much rarer than the first class it is taken to be at the start, in bits.
    #[serde(default)]
    pub rarer_bits: f64,
}

/// A comparison of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonSettings {
    /// Its name in explanations.
    pub name: String,
    /// How it is made.
    pub by: crate::compare::Comparator,
    /// The field.
    pub field: String,
    /// Names one person or licence: where it agrees, two records have to do with each other, and one can see
    /// in what else such records agree. Anchors come first in the list.
    #[serde(default)]
    pub anchor: bool,
    /// Made only where the comparison named here agrees; a name after `!` means: only where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_if: Option<String>,
    /// Probabilities of its levels, the missing one left out, before anything was seen: by class names
    /// separated by spaces, `*` standing for every other class.
    pub start: BTreeMap<String, Vec<f64>>,
    /// The same for unrelated records; counted on random pairs, except where the rarity of the value itself
    /// is counted.
    pub unrelated: Vec<f64>,
}

/// How many classes there can be.
pub(crate) const MOST_CLASSES: usize = 8;
/// How many comparisons there can be: their levels are packed into one number, three bits each.
pub(crate) const MOST_COMPARISONS: usize = 21;

impl Settings {
    /// The settings called `name` that come with the engine; one of [`SHIPPED`].
    ///
    /// # Errors
    /// When there are none of that name.
    pub fn shipped(name: &str) -> Result<Settings, SettingsError> {
        Settings::parse(Settings::shipped_text(name)?)
    }

    /// The file of the settings called `name`, to start one's own from.
    ///
    /// # Errors
    /// When there are none of that name.
    pub fn shipped_text(name: &str) -> Result<&'static str, SettingsError> {
        match name {
            "umkm" => Ok(include_str!("settings/umkm.toml")),
            "person" => Ok(include_str!("settings/person.toml")),
            _ => Err(SettingsError(format!(
                "there are none called {name:?}; shipped are {}",
                SHIPPED.join(", ")
            ))),
        }
    }

    /// The settings of enterprises, as the register uses them.
    pub fn umkm() -> Settings {
        Settings::shipped("umkm").expect("the shipped settings are tested")
    }

    /// Reads settings written in TOML.
    ///
    /// # Errors
    /// When the text is no TOML, has an unknown entry, or an entry does not fit another.
    pub fn parse(text: &str) -> Result<Settings, SettingsError> {
        let settings: Settings =
            toml::from_str(text).map_err(|it| SettingsError(it.to_string()))?;
        settings.check()?;
        Ok(settings)
    }

    /// The names of all columns that are read, alternatives included.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.field.iter().flat_map(|it| it.from.iter().flat_map(|it| it.split('|')))
    }

    /// Whether every entry fits the others.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), SettingsError> {
        let fail = |text: String| Err(SettingsError(text));
        if self.class.is_empty() || !self.class[0].same || MOST_CLASSES < self.class.len() {
            return fail(format!(
                "there must be 1 to {MOST_CLASSES} classes, the first with same = true"
            ));
        }
        if self.compare.is_empty() || MOST_COMPARISONS < self.compare.len() {
            return fail(format!("there must be 1 to {MOST_COMPARISONS} comparisons"));
        }
        for share in [self.target_precision, self.review_probability] {
            if !(0.0 < share && share < 1.0) {
                return fail(
                    "target_precision and review_probability must lie between 0 and 1".into(),
                );
            }
        }
        if !(2..=254).contains(&self.block_size) || self.block_limit < self.block_size {
            return fail("block_size must be 2 to 254, and block_limit no less".into());
        }
        if !(1..=1_000).contains(&self.rounds) || self.training_pairs == 0 || self.random_pairs == 0
        {
            return fail(
                "rounds must be 1 to 1000, training_pairs and random_pairs above 0".into(),
            );
        }
        let anchors = self.compare.iter().take_while(|it| it.anchor).count();
        if anchors == 0 || self.compare[anchors..].iter().any(|it| it.anchor) {
            return fail(
                "the anchors must come first among the comparisons, and there must be one".into(),
            );
        }
        let fields = self.field.iter().map(|it| it.name.as_str());
        let classes = self.class.iter().map(|it| it.name.as_str());
        let comparisons = self.compare.iter().map(|it| it.name.as_str());
        let twice = twice(fields).or(twice(classes)).or(twice(comparisons));
        if let Some(name) = twice {
            return fail(format!("there are two entries called {name:?}"));
        }
        if let Some(it) = self.field.iter().find(|it| it.from.is_empty()) {
            return fail(format!("field {:?}: from must name a column", it.name));
        }
        for it in &self.compare {
            self.check_comparison(it)?;
        }
        crate::plan::Plan::new(self).map(|_| ())
    }

    fn check_comparison(&self, it: &ComparisonSettings) -> Result<(), SettingsError> {
        let fail = |text: String| Err(SettingsError(format!("compare {:?}: {text}", it.name)));
        let levels = it.by.levels().len() - 1;
        let lists = it.start.values().chain([&it.unrelated]);
        if let Some(list) = lists.clone().find(|list| list.len() != levels) {
            return fail(format!("{levels} probabilities are needed, not {}", list.len()));
        }
        if lists.flatten().any(|share| !(0.0 < *share && *share <= 1.0)) {
            return fail("a probability must be above 0 and at most 1".into());
        }
        for class in &self.class {
            if self.start_of(it, &class.name).is_none() {
                return fail(format!("no starting probabilities for class {:?}", class.name));
            }
        }
        let named = it.start.keys().flat_map(|it| it.split(' ')).filter(|it| *it != "*");
        if let Some(name) = named.into_iter().find(|it| self.class.iter().all(|of| of.name != *it))
        {
            return fail(format!("there is no class {name:?}"));
        }
        Ok(())
    }

    /// The starting probabilities of a comparison in a class.
    pub(crate) fn start_of<'a>(
        &self,
        comparison: &'a ComparisonSettings,
        class: &str,
    ) -> Option<&'a [f64]> {
        let named = comparison.start.iter().find(|it| it.0.split(' ').any(|name| name == class));
        named.map(|it| it.1).or(comparison.start.get("*")).map(Vec::as_slice)
    }
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().find(|it| !seen.insert(*it))
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::umkm()
    }
}

mod defaults {
    macro_rules! defaults {
        ($($name:ident: $type:ty = $value:expr;)+) => {
            $(pub(super) fn $name() -> $type { $value })+
        };
    }
    defaults! {
        target_precision: f64 = 0.98;
        review_probability: f64 = 0.2;
        floor_bits: f64 = -8.0;
        training_pairs: usize = 400_000;
        random_pairs: usize = 60_000;
        rounds: usize = 40;
        tolerance: f64 = 0.001;
        starting_weight: f64 = 60.0;
        word_bits_share: f64 = 0.85;
        near_word_loss: f64 = 2.0;
        word_bits_cap: f64 = 16.0;
        identifier_bits: f64 = 4.0;
        phone_bits: f64 = 2.0;
        dummy_holders: u32 = 12;
        block_size: u32 = 40;
        block_limit: u32 = 2_000;
        best_pair_share: f64 = 0.6;
        pair_bits_cap: f64 = 12.0;
        owner_threshold_bits: f64 = 0.0;
    }
}
