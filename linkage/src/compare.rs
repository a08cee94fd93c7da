//! Comparison: two records -> one level of agreement for each field, and the bits of rare values.

use serde::{Deserialize, Serialize};

use crate::corpus::Corpus;
use crate::settings::{Kind, MOST_COMPARISONS};

mod names;
mod values;
mod words;

macro_rules! comparators {
    ($($(#[$doc:meta])* $name:ident of $($kind:ident)|+ : [$($level:literal),+] rare $rare:literal),+ $(,)?) => {
        /// How two values of a field are compared.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Comparator { $($(#[$doc])* $name),+ }

        impl Comparator {
            /// The names of the levels; the first is "missing" and never evidence, the last is
            /// disagreement.
            pub fn levels(self) -> &'static [&'static str] {
                match self { $(Comparator::$name => &["missing", $($level),+]),+ }
            }

            /// How many of the first levels, "missing" apart, count the rarity of the value that agrees
            /// instead of a chance estimated for the level.
            pub(crate) fn rare(self) -> usize {
                match self { $(Comparator::$name => $rare),+ }
            }

            /// Whether it can be made of a field of this kind.
            pub(crate) fn suits(self, kind: Kind) -> bool {
                match self { $(Comparator::$name => matches!(kind, $(Kind::$kind)|+)),+ }
            }
        }
    };
}

comparators! {
    /// Digits of a number or code.
    Number of Nib | Npwp | Identifier: ["equal", "one_digit_off", "different"] rare 2,
    /// A NIK, whose first twelve digits are region, birthday and sex.
    Nik of Nik: ["equal", "one_digit_off", "same_birth_and_region", "different"] rare 2,
    /// The digits that a spreadsheet left of one NIK against the whole other.
    KnownDigits of Nik: ["equal", "different"] rare 0,
    /// Telephone numbers: the best of all.
    Phone of Phone: ["equal", "one_digit_off", "different"] rare 2,
    /// An e-mail address.
    Email of Email: ["equal", "same_name_part", "different"] rare 2,
    /// A person's name.
    PersonName of PersonName: ["equal", "nearly_equal", "contained", "nearly_contained", "partly_equal", "different"] rare 5,
    /// The distinctive words of a business name, the owner's name among them.
    Brand of BusinessName: ["equal", "nearly_equal", "contained", "partly_equal", "different"] rare 4,
    /// The same where the owners agree: words that come from the owner's name are no evidence then.
    BrandOfOwner of BusinessName: ["equal", "nearly_equal", "contained", "partly_equal", "owners_name", "one_without_brand", "different"] rare 4,
    /// Whether a business without a name has none in the other record either.
    Named of BusinessName: ["neither_named", "one_named"] rare 0,
    /// The trade words of the business name.
    NameTrade of BusinessName: ["same_kind", "same_group", "different"] rare 0,
    /// Trades in the senders' words: how often these go together in one enterprise.
    Sector of Trade: ["fits_very_well", "fits_well", "fits", "unclear", "fits_badly", "fits_not"] rare 0,
    /// The KBLI code.
    Code of Trade: ["same_code", "same_class", "same_division", "different"] rare 0,
    /// Street, block and number.
    Street of Street: ["equal_with_number", "equal", "equal_but_number", "partly_equal", "different"] rare 4,
    /// RT and RW.
    RtRw of Street: ["equal", "partly_equal", "different"] rare 0,
    /// Kelurahan and kecamatan.
    Place of Place: ["same_kelurahan", "same_kecamatan", "kelurahan_differs", "kecamatan_differs"] rare 0,
    /// When something began: to the day where both are known so well, else the year.
    Began of Date: ["same_day", "same_year", "other_day_of_year", "within_two_years", "different"] rare 0,
    /// A whole date.
    Day of Date: ["equal", "one_digit_off", "same_month_or_day", "different"] rare 0,
    /// An amount or a count.
    Magnitude of Amount | Count: ["equal", "close", "within_four_times", "far"] rare 0,
    /// A value of a list.
    Category of Category | Identifier: ["same", "different"] rare 0,
    /// Words of a text.
    Text of Text | PersonName | Street: ["equal", "nearly_equal", "contained", "partly_equal", "different"] rare 4,
}

impl Comparator {
    /// Whether this level says that the values agree, at least in part.
    pub(crate) fn agrees(self, level: u8) -> bool {
        level != 0 && usize::from(level) + 1 < self.levels().len()
    }
}

/// How many levels a comparison has at most.
pub(crate) const LEVELS: usize = 8;

/// The level of each comparison and the bits that rare values add to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) levels: [u8; MOST_COMPARISONS],
    pub(crate) bits: [f32; MOST_COMPARISONS],
}

impl Comparison {
    /// The levels in one number, three bits each.
    pub(crate) fn pattern(&self) -> u64 {
        self.levels.iter().fold(0, |pattern, level| pattern << 3 | u64::from(*level))
    }

    /// The bits of rare values, all fields together.
    pub(crate) fn rare_bits(&self) -> f64 {
        self.bits.iter().copied().map(f64::from).sum()
    }
}

/// The levels of a pattern.
pub(crate) fn levels_of(pattern: u64) -> [u8; MOST_COMPARISONS] {
    let mut levels = [0; MOST_COMPARISONS];
    for (index, level) in levels.iter_mut().enumerate() {
        *level = (pattern >> (3 * (MOST_COMPARISONS - 1 - index)) & 7) as u8;
    }
    levels
}

/// The figures a comparison needs beside the records: a frozen excerpt of the model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) identifier_bits: f32,
    pub(crate) phone_bits: f32,
    pub(crate) number_bits: f32,
    pub(crate) word_share: f32,
    pub(crate) near_loss: f32,
    pub(crate) word_cap: f32,
}

/// Compares two records of the corpus.
pub(crate) fn compare(corpus: &Corpus, a: usize, b: usize) -> Comparison {
    let mut found = Comparison { levels: [0; MOST_COMPARISONS], bits: [0.0; MOST_COMPARISONS] };
    let (one, two) = (corpus.features.cells(a), corpus.features.cells(b));
    for (index, it) in corpus.plan.comparisons.iter().enumerate() {
        if let Some((other, must_agree)) = it.only_if
            && corpus.plan.comparisons[other].by.agrees(found.levels[other]) != must_agree
        {
            continue;
        }
        let cells = [&one[it.at..], &two[it.at..]];
        let scale = &corpus.scale;
        let plain = |level: u8| (level, 0.0);
        let names = names::Names { corpus, records: [a, b], at: it.at, list: it.list };
        let (level, bits) = match it.by {
            Comparator::Number => values::number(cells, scale.identifier_bits),
            Comparator::Nik => values::nik(cells, scale.identifier_bits),
            Comparator::KnownDigits => values::known_digits(cells),
            Comparator::Phone => values::phone(cells, scale.phone_bits),
            Comparator::Email => values::email(cells, scale),
            Comparator::PersonName => names.person(),
            Comparator::Brand => names.brand(cells),
            Comparator::BrandOfOwner => names.brand_of_owner(cells),
            Comparator::Named => plain(values::named(cells)),
            Comparator::NameTrade => plain(values::name_trade(cells)),
            Comparator::Sector => plain(values::sector(cells, corpus.affinity_bits(a, b))),
            Comparator::Street => names.street(cells),
            Comparator::RtRw => plain(values::rt_rw(cells)),
            Comparator::Place => plain(values::place(cells)),
            Comparator::Began => plain(values::began(cells)),
            Comparator::Code => plain(values::code(cells)),
            Comparator::Day => plain(values::day(cells)),
            Comparator::Magnitude => plain(values::magnitude(cells)),
            Comparator::Category => plain(values::category(cells)),
            Comparator::Text => names.text(),
        };
        found.levels[index] = level;
        found.bits[index] = bits;
    }
    found
}
