//! Comparison: two records -> one level of agreement for each field, and the bits of rare words.

use crate::corpus::{Corpus, Row};
use crate::text;

mod names;
mod words;

use names::{business, owned_business, owner, street};

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

fn nik(a: &Row, b: &Row, bits: f32) -> (u8, f32) {
    match number(a.nik, b.nik, bits) {
        (3, _) if a.nik / 10_000 == b.nik / 10_000 => (3, 0.0),
        (3, _) => (4, 0.0),
        found => found,
    }
}

fn nik_digits(a: &Row, b: &Row) -> (u8, f32) {
    let (whole, (known, length)) = match (a.nik, b.nik) {
        (0, whole) => (whole, a.nik_known),
        (whole, 0) => (whole, b.nik_known),
        _ => return (0, 0.0),
    };
    // Five digits name a regency and part of a kecamatan; with twelve the birthday is known too.
    match length {
        _ if whole == 0 || length < 5 => (0, 0.0),
        _ if whole / 10_u64.pow(16 - u32::from(length.min(16))) != known => (2, 0.0),
        12.. => (1, 8.0),
        _ => (1, 0.0),
    }
}

fn number(a: u64, b: u64, bits: f32) -> (u8, f32) {
    match (a, b) {
        (0, _) | (_, 0) => (0, 0.0),
        _ if a == b => (1, bits),
        _ if one_digit_off(a, b) => (2, bits - 4.0),
        _ => (3, 0.0),
    }
}

/// One digit wrong, lost, added or changed places with its neighbour.
fn one_digit_off(a: u64, b: u64) -> bool {
    // Cheap for the many pairs that share neither half.
    let close = a / 100_000_000 == b / 100_000_000 || a % 1_000_000 == b % 1_000_000;
    if !close {
        return false;
    }
    let written = |mut number: u64| {
        let mut digits = [0_u8; 20];
        let mut length = 0;
        while number != 0 && length < 20 {
            digits[length] = (number % 10) as u8;
            number /= 10;
            length += 1;
        }
        (digits, length)
    };
    let ((a, a_length), (b, b_length)) = (written(a), written(b));
    text::distance(&a[..a_length], &b[..b_length], 1) == 1
}

fn phone(a: &Row, b: &Row, bits: f32) -> (u8, f32) {
    if a.phones[0] == 0 || b.phones[0] == 0 {
        return (0, 0.0);
    }
    let mut best = (3, 0.0);
    for one in a.phones.iter().filter(|it| **it != 0) {
        for two in b.phones.iter().filter(|it| **it != 0) {
            let found = number(*one, *two, bits);
            if found.0 < best.0 {
                best = found;
            }
        }
    }
    best
}

fn email(a: &Row, b: &Row, scale: &Scale) -> (u8, f32) {
    match (a.email, b.email) {
        (0, _) | (_, 0) => (0, 0.0),
        (one, two) if one == two => (1, scale.identifier_bits),
        _ if a.email_name != 0 && a.email_name == b.email_name => (2, scale.phone_bits),
        _ => (3, 0.0),
    }
}

fn trade(kinds: [[u16; 3]; 2], groups: [u16; 2]) -> u8 {
    if groups[0] == 0 || groups[1] == 0 {
        return 0;
    }
    if kinds[0].iter().any(|it| *it != 0 && kinds[1].contains(it)) {
        1
    } else if kinds[0][0] != 0 && kinds[1][0] != 0 {
        3
    } else if groups[0] & groups[1] != 0 {
        2
    } else {
        3
    }
}

fn sector(a: &Row, b: &Row) -> u8 {
    let same_code = a.kbli != 0 && a.kbli == b.kbli;
    if same_code {
        return 1;
    }
    if a.sector_groups == 0 || b.sector_groups == 0 {
        return 0;
    }
    if a.sector_kinds.iter().any(|it| *it != 0 && b.sector_kinds.contains(it)) {
        1
    } else if a.sector_groups & b.sector_groups != 0 {
        2
    } else {
        3
    }
}

fn rt_rw(a: &Row, b: &Row) -> u8 {
    let known = |one: u16, two: u16| one != 0 && two != 0;
    if !known(a.rt, b.rt) && !known(a.rw, b.rw) {
        return 0;
    }
    match (a.rt == b.rt, a.rw == b.rw) {
        (true, true) => 1,
        (false, false) => 3,
        _ => 2,
    }
}

fn place(a: &Row, b: &Row) -> u8 {
    if a.kelurahan != 0 && b.kelurahan != 0 {
        return match (a.kelurahan == b.kelurahan, a.kecamatan == b.kecamatan) {
            (true, _) => 1,
            (_, true) => 3,
            _ => 4,
        };
    }
    match (a.kecamatan, b.kecamatan) {
        (0, _) | (_, 0) => 0,
        (one, two) if one == two => 2,
        _ => 4,
    }
}

fn established(a: u16, b: u16) -> u8 {
    match (a, b) {
        (0, _) | (_, 0) => 0,
        _ if a == b => 1,
        _ if a.abs_diff(b) <= 2 => 2,
        _ => 3,
    }
}

/// How far apart two figures are: within a third, within four times, farther.
fn magnitude(a: f32, b: f32) -> u8 {
    if a <= 0.0 || b <= 0.0 {
        return 0;
    }
    match a.max(b) / a.min(b) {
        ratio if ratio <= 1.34 => 1,
        ratio if ratio <= 4.0 => 2,
        _ => 3,
    }
}
