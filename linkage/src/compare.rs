//! Comparison: two records -> one level of agreement for each field, and the bits of rare words.

use crate::corpus::Corpus;

mod names;
mod values;
mod words;

use names::{business, owned_business, owner, street};
use values::{
    email, established, magnitude, nik, nik_digits, number, phone, place, rt_rw, sector, trade,
};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal : [$($level:literal),+]),+ $(,)?) => {
        /// What of two records is compared.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ComparedField { $($(#[$doc])* $name),+ }

        impl ComparedField {
            /// Every field, in the order of an explanation.
            pub const ALL: &'static [ComparedField] = &[$(ComparedField::$name),+];

            /// The field's name in explanations and stored models.
            pub fn code(self) -> &'static str {
                match self { $(ComparedField::$name => $code),+ }
            }

            /// The names of its levels; the first is "missing" and never evidence.
            pub fn levels(self) -> &'static [&'static str] {
                match self { $(ComparedField::$name => &[$($level),+]),+ }
            }
        }
    };
}

fields! {
    /// The owner's NIK.
    Nik = "nik": ["missing", "equal", "one_digit_off", "same_birth_and_region", "different"],
    /// The NIB.
    Nib = "nib": ["missing", "equal", "one_digit_off", "different"],
    /// The NPWP.
    Npwp = "npwp": ["missing", "equal", "one_digit_off", "different"],
    /// Telephone numbers.
    Phone = "phone": ["missing", "equal", "one_digit_off", "different"],
    /// The e-mail address.
    Email = "email": ["missing", "equal", "same_name_part", "different"],
    /// The digits that a spreadsheet left of one NIK against the whole other.
    NikDigits = "nik_digits": ["missing", "equal", "different"],
    /// The owner's name.
    Owner = "owner": ["missing", "equal", "nearly_equal", "contained", "nearly_contained", "partly_equal", "different"],
    /// The distinctive words of the business names, where the owners' names do not agree or one is missing.
    Business = "business": ["missing", "equal", "nearly_equal", "contained", "partly_equal", "different"],
    /// The same where the owners' names agree: words that come from the owner's name are no evidence then.
    OwnedBusiness = "owned_business": ["missing", "equal", "nearly_equal", "contained", "partly_equal", "owners_name", "one_without_brand", "different"],
    /// Whether a business without a name has none in the other record either.
    Named = "named": ["missing", "neither_named", "one_named"],
    /// The trade words of the business name.
    NameTrade = "name_trade": ["missing", "same_kind", "same_group", "different"],
    /// Sector, product and KBLI columns.
    Sector = "sector": ["missing", "same_kind", "same_group", "different"],
    /// Street, block and number.
    Street = "street": ["missing", "equal_with_number", "equal", "equal_but_number", "partly_equal", "different"],
    /// RT and RW.
    RtRw = "rt_rw": ["missing", "equal", "partly_equal", "different"],
    /// Kelurahan and kecamatan, where the streets do not agree or one is missing.
    Place = "place": ["missing", "same_kelurahan", "same_kecamatan", "kelurahan_differs", "kecamatan_differs"],
    /// The same where the streets agree: a street lies in few kelurahan, so there it is less evidence.
    StreetPlace = "street_place": ["missing", "same_kelurahan", "same_kecamatan", "kelurahan_differs", "kecamatan_differs"],
    /// The year the business began.
    Established = "established": ["missing", "same_year", "within_two_years", "different"],
    /// Annual sales.
    Sales = "sales": ["missing", "close", "within_four_times", "far"],
    /// Workers.
    Workers = "workers": ["missing", "close", "within_four_times", "far"],
    /// Which agency wrote the two records.
    Agency = "agency": ["missing", "same", "different"],
}

/// How many fields are compared.
pub(crate) const FIELDS: usize = ComparedField::ALL.len();

/// How many levels a field has at most.
pub(crate) const LEVELS: usize = 8;

/// The level of each field and the bits that rare values add to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) levels: [u8; FIELDS],
    pub(crate) bits: [f32; FIELDS],
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
pub(crate) fn levels_of(pattern: u64) -> [u8; FIELDS] {
    let mut levels = [0; FIELDS];
    for (index, level) in levels.iter_mut().enumerate() {
        *level = (pattern >> (3 * (FIELDS - 1 - index)) & 7) as u8;
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
pub(crate) fn compare(corpus: &Corpus, scale: &Scale, a: usize, b: usize) -> Comparison {
    let mut found = Comparison { levels: [0; FIELDS], bits: [0.0; FIELDS] };
    let mut set = |field: ComparedField, (level, bits): (u8, f32)| {
        found.levels[field as usize] = level;
        found.bits[field as usize] = bits;
    };
    let (one, two) = (&corpus.rows[a], &corpus.rows[b]);
    let identifier = scale.identifier_bits;
    set(ComparedField::Nik, nik(one, two, identifier));
    set(ComparedField::NikDigits, nik_digits(one, two));
    set(ComparedField::Nib, number(one.nib, two.nib, identifier));
    set(ComparedField::Npwp, number(one.npwp, two.npwp, identifier));
    set(ComparedField::Phone, phone(one, two, scale.phone_bits));
    set(ComparedField::Email, email(one, two, scale));
    let owner = owner(corpus, scale, a, b);
    set(ComparedField::Owner, owner);
    if matches!(owner.0, 1..=5) {
        set(ComparedField::OwnedBusiness, owned_business(corpus, scale, a, b));
    } else {
        set(ComparedField::Business, business(corpus, scale, a, b));
    }
    let named = match (one.is_named, two.is_named) {
        (true, true) => 0,
        (false, false) => 1,
        _ => 2,
    };
    set(ComparedField::Named, (named, 0.0));
    let name_trade = trade([one.name_kinds, two.name_kinds], [one.name_groups, two.name_groups]);
    set(ComparedField::NameTrade, (name_trade, 0.0));
    set(ComparedField::Sector, (sector(one, two), 0.0));
    let street = street(corpus, scale, a, b);
    set(ComparedField::Street, street);
    set(ComparedField::RtRw, (rt_rw(one, two), 0.0));
    let place_of =
        if matches!(street.0, 1..=4) { ComparedField::StreetPlace } else { ComparedField::Place };
    set(place_of, (place(one, two), 0.0));
    set(ComparedField::Established, (established(one.year, two.year), 0.0));
    set(ComparedField::Sales, (magnitude(one.sales, two.sales), 0.0));
    set(ComparedField::Workers, (magnitude(one.workers, two.workers), 0.0));
    set(ComparedField::Agency, (if one.agency == two.agency { 1 } else { 2 }, 0.0));
    found
}
