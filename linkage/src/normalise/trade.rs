//! Trades: words of business names and sector columns, and KBLI codes, to one code.

use std::sync::LazyLock;

use domain::kbli::Kbli;
use rustc_hash::FxHashMap;

use crate::text::{Words, canonical, distance};

use dictionary::{FILLERS, HINTS, KINDS};
use group::*;

mod dictionary;
mod group;

/// What the words of a text say about the trade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TradeWords {
    /// Codes of definite goods or services ("bakso", "laundry"), ordered; 0 fills up.
    pub kinds: [u16; 3],
    /// The broad groups the words may mean, one bit each; 0 when the words say nothing.
    pub groups: u16,
}

/// What a word says: kind (or 0), groups.
pub(super) type Sense = (u16, u16);

struct Dictionary {
    /// By canonical spelling; fillers say nothing.
    senses: FxHashMap<String, Sense>,
    /// The words that are left when one letter of a long word is dropped: finds typing errors.
    shortened: FxHashMap<String, Vec<String>>,
}

/// The shortest word in which a typing error is looked for.
const LONG: usize = 6;

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| {
    let mut senses: FxHashMap<String, Sense> = FxHashMap::default();
    for (groups, hint) in HINTS {
        for word in hint.split(' ') {
            senses.entry(canonical(word)).or_insert((0, *groups));
        }
    }
    let mut code = 0;
    for (groups, kinds) in KINDS {
        for kind in *kinds {
            code += 1;
            for word in kind.split(' ') {
                senses.entry(canonical(word)).or_insert((code, *groups));
            }
        }
    }
    for word in FILLERS {
        senses.entry(canonical(word)).or_insert((0, 0));
    }
    let mut shortened: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for word in senses.keys().filter(|it| LONG <= it.len()) {
        for short in shortened_by_one(word) {
            shortened.entry(short).or_default().push(word.clone());
        }
    }
    for words in shortened.values_mut() {
        words.sort();
        words.dedup();
    }
    Dictionary { senses, shortened }
});

fn shortened_by_one(word: &str) -> impl Iterator<Item = String> {
    (0..word.len()).filter(|it| word.is_char_boundary(*it)).filter_map(|at| {
        let letter = word[at..].chars().next()?;
        Some([&word[..at], &word[at + letter.len_utf8()..]].concat())
    })
}

/// What a word of a business name says of the trade, a typing error in a long word allowed; `None` for a word
/// that is not a trade word.
pub(super) fn sense(canonical: &str) -> Option<Sense> {
    let dictionary = &*DICTIONARY;
    if let Some(sense) = dictionary.senses.get(canonical) {
        return Some(*sense);
    }
    if canonical.len() + 1 < LONG {
        return None;
    }
    let near = |short: &str| {
        let words = dictionary.shortened.get(short)?;
        words.iter().find(|it| distance(it.as_bytes(), canonical.as_bytes(), 1) <= 1)
    };
    let found = near(canonical).or_else(|| shortened_by_one(canonical).find_map(|it| near(&it)));
    found.and_then(|it| dictionary.senses.get(it)).copied()
}

/// What words that say this say together about the trade.
pub(super) fn of_senses(senses: impl IntoIterator<Item = Sense>) -> TradeWords {
    let mut kinds: Vec<u16> = vec![];
    let (mut definite, mut vague) = (0, 0);
    for (kind, groups) in senses {
        if kind == 0 {
            vague |= groups;
        } else {
            definite |= groups;
            kinds.push(kind);
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    let mut read =
        TradeWords { groups: if definite == 0 { vague } else { definite }, kinds: [0; 3] };
    for (slot, kind) in read.kinds.iter_mut().zip(kinds) {
        *slot = kind;
    }
    read
}

/// What a sector column says about the trade.
pub(crate) fn of_sector(text: &str) -> TradeWords {
    of_senses(Words::of(text).iter().filter_map(|it| sense(&canonical(it))))
}

/// The groups a KBLI code stands for.
pub(crate) fn of_kbli(code: Kbli) -> u16 {
    match (code.prefix(2), code.prefix(3)) {
        (_, 14 | 17) => ANIMAL, // 014 and 017: animal production and hunting
        (1..=2, _) => FARM,
        (3, _) => ANIMAL,
        (10..=12, _) => PROCESSED,
        (13..=15, _) => FASHION | CRAFT,
        (16 | 23 | 31 | 32, _) => CRAFT,
        (18, _) => DIGITAL,
        (17 | 19..=22 | 24..=30, _) => INDUSTRY,
        (33 | 45, _) => WORKSHOP,
        (46 | 47, _) => RETAIL,
        (55, _) => TOURISM,
        (56, _) => MEAL,
        (58..=63 | 73 | 74, _) => DIGITAL,
        (79 | 93, _) => TOURISM,
        (35..=43 | 49..=53 | 64..=72 | 75..=78 | 80..=99, _) => SERVICE,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_are_one_kind_and_a_hint_is_none() {
        let of = |text: &str| of_sector(text);
        assert_eq!(of("Bakso"), of("baso"));
        assert_eq!(of("Makanan & Minuman").kinds, [0; 3]);
        assert_ne!(of("Makanan & Minuman").groups & of("bakso").groups, 0);
        assert_eq!(of("Bengkel").groups & of("bakso").groups, 0);
        assert_eq!(of("ABC"), TradeWords::default());
    }
}
