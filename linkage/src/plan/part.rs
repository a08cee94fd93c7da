//! Parts of blocking keys: what of a record is hashed.

use crate::features::{Features, Word};
use crate::settings::Kind;
use crate::text::{hash, mix};

/// A part of a key, by the cell it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A number of two cells, divided and then taken modulo (1 and 0 for neither).
    Number { at: usize, divisor: u64, modulus: u64 },
    /// Several such, one after the other.
    Numbers { at: usize, divisor: u64, modulus: u64 },
    /// A number of one cell, divided.
    Small { at: usize, divisor: u32 },
    /// House number and block together.
    HouseNumber { at: usize },
    /// The kinds of trade.
    Kinds { at: usize },
    /// Each word.
    Word { at: usize },
    /// The consonants of each word.
    Sound { at: usize },
    /// Each two words.
    Pair { at: usize },
    /// The word, if there is only one.
    Only { at: usize },
    /// The first letters of all words run together.
    Start { at: usize },
}

/// How many first letters [`Part::Start`] takes.
const START: usize = 7;

impl Part {
    /// Reads what stands after the field's name.
    pub(super) fn parse(kind: Kind, at: usize, rest: &str) -> Option<Part> {
        if rest.is_empty() || rest.starts_with(['/', '%']) {
            let digits = rest.get(1..).filter(|it| !it.is_empty()).map(str::parse::<u32>);
            let power = digits.transpose().ok()?.map(|it| 10_u64.pow(it.min(18)));
            let (divisor, modulus) = match (rest.chars().next(), power) {
                (Some('/'), Some(power)) => (power, u64::MAX),
                (Some('%'), Some(power)) => (1, power),
                (None, None) => (1, u64::MAX),
                _ => return None,
            };
            return match kind {
                Kind::Nik | Kind::Nib | Kind::Npwp | Kind::Identifier => {
                    Some(Part::Number { at, divisor, modulus })
                }
                Kind::Category | Kind::Email if rest.is_empty() => {
                    Some(Part::Number { at, divisor, modulus })
                }
                Kind::Phone => Some(Part::Numbers { at, divisor, modulus }),
                Kind::Date if rest.is_empty() => Some(Part::Small { at, divisor: 1 }),
                _ => None,
            };
        }
        Some(match (kind, rest) {
            (Kind::PersonName | Kind::BusinessName | Kind::Street | Kind::Text, ".word") => {
                Part::Word { at }
            }
            (Kind::PersonName | Kind::BusinessName | Kind::Street | Kind::Text, ".sound") => {
                Part::Sound { at }
            }
            (Kind::PersonName | Kind::BusinessName | Kind::Street | Kind::Text, ".pair") => {
                Part::Pair { at }
            }
            (Kind::PersonName | Kind::BusinessName | Kind::Street | Kind::Text, ".only") => {
                Part::Only { at }
            }
            (Kind::PersonName | Kind::BusinessName | Kind::Street | Kind::Text, ".start") => {
                Part::Start { at }
            }
            (Kind::Email, ".name") => Part::Number { at: at + 2, divisor: 1, modulus: u64::MAX },
            (Kind::BusinessName, ".kind") => Part::Kinds { at: at + 2 },
            (Kind::Trade, ".kind") => Part::Kinds { at },
            (Kind::Street, ".number") => Part::HouseNumber { at: at + 1 },
            (Kind::Street, ".rt_rw") => Part::Small { at: at + 3, divisor: 1 },
            (Kind::Place, ".kelurahan") => Part::Number { at, divisor: 1, modulus: u64::MAX },
            (Kind::Place, ".kecamatan") => Part::Small { at: at + 2, divisor: 1 },
            (Kind::Date, ".month") => Part::Small { at, divisor: 100 },
            (Kind::Date, ".year") => Part::Small { at, divisor: 10_000 },
            _ => return None,
        })
    }

    /// Calls `take` with each value the part has in a record; with none where it is missing.
    pub(crate) fn each(self, of: &Features, record: usize, mut take: impl FnMut(u64)) {
        let cells = of.cells(record);
        let wide = |at: usize| u64::from(cells[at]) | u64::from(cells[at + 1]) << 32;
        match self {
            Part::Number { at, divisor, modulus } => {
                if wide(at) != 0 {
                    take(wide(at) / divisor % modulus);
                }
            }
            Part::Numbers { at, divisor, modulus } => {
                for at in [at, at + 2] {
                    if wide(at) != 0 {
                        take(wide(at) / divisor % modulus);
                    }
                }
            }
            Part::Small { at, divisor } => {
                if cells[at] / divisor != 0 {
                    take(u64::from(cells[at] / divisor));
                }
            }
            Part::HouseNumber { at } => {
                if wide(at) != 0 {
                    take(wide(at));
                }
            }
            Part::Kinds { at } => {
                for kind in [cells[at] & 0xffff, cells[at] >> 16, cells[at + 1] & 0xffff] {
                    if kind != 0 {
                        take(u64::from(kind));
                    }
                }
            }
            Part::Word { at } => {
                for word in of.words(record, at) {
                    take(of.vocabulary.whole[word.token as usize]);
                }
            }
            Part::Sound { at } => {
                for word in of.words(record, at) {
                    take(of.vocabulary.sound[word.token as usize]);
                }
            }
            Part::Pair { at } => {
                let words = of.words(record, at);
                for (index, word) in words.iter().enumerate() {
                    for other in &words[index + 1..] {
                        let whole = |it: &Word| of.vocabulary.whole[it.token as usize];
                        let (one, two) = (whole(word), whole(other));
                        take(mix(one.min(two)) ^ one.max(two));
                    }
                }
            }
            Part::Only { at } => {
                if let [only] = of.words(record, at) {
                    take(of.vocabulary.whole[only.token as usize]);
                }
            }
            Part::Start { at } => {
                let letters = of.words(record, at).iter();
                let mut letters =
                    letters.flat_map(|it| of.vocabulary.letters(it.token).iter().copied());
                let mut start = [0; START];
                let mut length = 0;
                for (place, letter) in start.iter_mut().zip(&mut letters) {
                    *place = letter;
                    length += 1;
                }
                if 0 < length {
                    take(hash(&[&start[..length]]));
                }
            }
        }
    }
}
