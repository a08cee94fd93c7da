//! Streets: names, numbers, blocks, RT and RW, without the words that only mark them.

use domain::place::rt_rw::HIGHEST;

use crate::text::{Words, hash, is_placeholder, tidy};

/// Where a business lies below the kelurahan.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Street {
    /// As the agency wrote it, white space tidied.
    pub display: String,
    /// The words of the street, kampung, estate or market in canonical spelling.
    pub tokens: Vec<String>,
    /// The house, stall or plot number; 0 when none is written.
    pub number: u16,
    /// The block, as a hash of its letters and digits; 0 when none is written.
    pub block: u32,
}

impl std::fmt::Debug for Street {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Street({} words)", self.tokens.len())
    }
}

/// Words that mark a street, an estate or a part of the address.
const MARKS: &[&str] = &[
    "jl",
    "jln",
    "jalan",
    "jlan",
    "kp",
    "kmp",
    "kampung",
    "kamp",
    "link",
    "lingk",
    "ling",
    "lingkungan",
    "lk",
    "komp",
    "komplek",
    "kompleks",
    "kom",
    "perum",
    "perumahan",
    "prm",
    "prum",
    "perumnas",
    "gg",
    "gang",
    "dusun",
    "dsn",
    "raya",
    "depan",
    "dekat",
    "samping",
    "belakang",
    "sebelah",
];

/// A street as it is compared.
#[derive(Default)]
pub(crate) struct StreetWords {
    /// See [`Street::tokens`].
    pub(crate) tokens: Words,
    /// See [`Street::number`].
    pub(crate) number: u16,
    /// See [`Street::block`].
    pub(crate) block: u32,
}

impl StreetWords {
    /// The street as it is shown, read from `text`.
    pub(super) fn shown(&self, text: &str) -> Street {
        let StreetWords { tokens, number, block } = self;
        Street { display: tidy(text), tokens: tokens.strings(), number: *number, block: *block }
    }
}

/// Reads a street; also the RT and RW written inside it. `None` for a placeholder and for trade on the move.
pub(crate) fn read(text: &str) -> (Option<StreetWords>, (u16, u16)) {
    let all = split_digits(Words::of(text));
    if is_placeholder(&all) || matches!(all.get(0), "keliling" | "pindah") {
        return (None, (0, 0));
    }
    let mut street = StreetWords { tokens: Words::with_room(text.len() + 8), number: 0, block: 0 };
    let mut rt_rw = (0, 0);
    let mut index = 0;
    while index < all.len() {
        let (word, next, after) = (all.get(index), all.get(index + 1), all.get(index + 2));
        index += match (word, number(next)) {
            ("rt", _) if next == "rw" => {
                rt_rw = (number(after).unwrap_or(0), number(all.get(index + 3)).unwrap_or(0));
                4
            }
            ("rt", Some(rt)) => {
                rt_rw.0 = rt;
                // "RT 02/04"
                match (after != "rw").then(|| number(after)).flatten() {
                    Some(rw) => {
                        rt_rw.1 = rw;
                        3
                    }
                    None => 2,
                }
            }
            ("rw", Some(rw)) => {
                rt_rw.1 = rw;
                2
            }
            ("no" | "nomor" | "nomer" | "nmr", Some(found)) => {
                street.number = found;
                2
            }
            ("km", Some(found)) => {
                // Kilometres are no house numbers.
                street.number = found.saturating_add(10_000);
                2
            }
            ("blok" | "blk" | "block", _) if !next.is_empty() => {
                let (block, used) = block_at(&all, index + 1);
                street.block = block;
                // "Blok J3/12"
                if let Some(found) = number(all.get(index + 1 + used)) {
                    street.number = found;
                    used + 2
                } else {
                    used + 1
                }
            }
            ("kel" | "kelurahan" | "desa" | "ds" | "kec" | "kecamatan", _) => all.len(),
            _ => {
                if let Some(found) = number(word) {
                    street.number = found;
                } else if word.len() == 1 && number(next).is_some() {
                    // "J3 no.12" without the word for block
                    street.block = block_at(&all, index).0;
                    index += 1;
                } else if !MARKS.contains(&word) {
                    street.tokens.push_canonical(word);
                }
                1
            }
        };
    }
    street.tokens.truncate(8);
    for it in [&mut rt_rw.0, &mut rt_rw.1] {
        if HIGHEST < *it {
            *it = 0;
        }
    }
    let empty = street.tokens.is_empty() && street.number == 0 && street.block == 0;
    ((!empty).then_some(street), rt_rw)
}

fn number(word: &str) -> Option<u16> {
    word.parse().ok()
}

/// The block that begins at `index` and how many words it takes: `C2`, `C 2`, `A`.
fn block_at(all: &Words, index: usize) -> (u32, usize) {
    let first = all.get(index).as_bytes();
    let letters = first.iter().all(u8::is_ascii_alphabetic) && first.len() <= 2;
    let next = all.get(index + 1);
    let digits = letters && number(next).is_some_and(|it| it < 100);
    let code = hash(&[first, if digits { next.as_bytes() } else { &[] }]);
    ((code >> 32) as u32 | 1, if digits { 2 } else { 1 })
}

/// Parts letters from the digits that follow them: `c2` becomes `c` and `2`, `rt04` `rt` and `04`.
fn split_digits(words: Words) -> Words {
    let digits = |it: &str| it.find(|it: char| it.is_ascii_digit()).filter(|at| 0 < *at);
    if words.iter().all(|it| digits(it).is_none()) {
        return words;
    }
    let mut parts = Words::default();
    for word in words.iter() {
        let (letters, rest) = word.split_at(digits(word).unwrap_or(0));
        if !letters.is_empty() {
            parts.push(letters);
        }
        parts.push(rest);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, tokens: &[&str], number: u16, has_block: bool, rt_rw: (u16, u16)) {
        let (street, found) = read(text);
        let street = street.unwrap_or_default();
        assert_eq!(street.tokens.strings(), tokens, "{text}");
        assert_eq!((street.number, street.block != 0), (number, has_block), "{text}");
        assert_eq!(found, rt_rw, "{text}");
    }

    #[test]
    fn a_street_is_its_words_its_number_and_its_block() {
        check(
            "Jl. Trip Jamaksari No. 26 Kp. Secang",
            &["trip", "jamaksari", "secang"],
            26,
            false,
            (0, 0),
        );
        check("Komp. Depag Blok H10/8 RT/RW 07/13", &["depag"], 8, true, (7, 13));
        check("Kp. Kadu Pare RT 14 RW 12", &["kadu", "pare"], 0, false, (14, 12));
        check("Jln. Ciwaru No 3 Kel. Sumurpecung", &["ciwaru"], 3, false, (0, 0));
        check("tidak tetap", &[], 0, false, (0, 0));
    }

    #[test]
    fn a_block_is_the_same_however_it_is_written() {
        let block = |text: &str| read(text).0.map(|it| (it.block, it.number));
        assert_eq!(block("Perum Asri Blok J3 No. 12"), block("Asri Blok J3/12"));
        assert_eq!(block("Perum Asri Blok J3 No. 12"), block("Asri J3 no.12"));
        assert_ne!(block("Perum Asri Blok J3 No. 12"), block("Asri Blok J4 No. 12"));
    }

    #[test]
    fn an_rt_or_rw_too_high_is_not_believed() {
        assert_eq!(read("Kp. Baru RT 2025 RW 003").1, (0, 3));
        assert_eq!(read("Kp. Baru RT 02/2025").1, (2, 0));
    }
}
