//! Names of persons: titles off, abbreviations spelt out, tokens free of order.

use std::borrow::Cow;

use crate::text::{Words, is_placeholder, tidy};

/// A person's name as it is compared and shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    /// As the agency wrote it, white space tidied.
    pub display: String,
    /// Its words in canonical spelling without titles, in the order written.
    pub tokens: Vec<String>,
    /// Words of a second name given as an alias or in brackets.
    pub alias: Vec<String>,
}

impl std::fmt::Debug for PersonName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "PersonName({} words)", self.tokens.len())
    }
}

/// What is said before a name and is no part of it.
const TITLES: &[&str] = &[
    "h",
    "hj",
    "haji",
    "hajah",
    "hajjah",
    "hjh",
    "kh",
    "kyai",
    "kiai",
    "ust",
    "ustad",
    "ustadz",
    "ustadzah",
    "ustazah",
    "ir",
    "drs",
    "dra",
    "dr",
    "drg",
    "prof",
    "bpk",
    "bapak",
    "pak",
    "ibu",
    "bu",
    "sdr",
    "sdri",
    "saudara",
    "saudari",
    "tn",
    "ny",
    "nn",
    "tuan",
    "nyonya",
    "nona",
    "teh",
    "teteh",
    "ceu",
    "mang",
    "kang",
    "mas",
    "mba",
    "mbak",
    "bang",
    "abang",
    "pa",
    "ibuk",
    "bpk2",
    "alm",
    "almh",
    "almarhum",
    "almarhumah",
    "rd",
];

/// Degrees, which stand after a name.
const DEGREES: &[&str] = &[
    "se", "sh", "st", "mm", "mh", "msi", "spd", "spdi", "mpd", "mpdi", "sag", "mag", "skom",
    "mkom", "sip", "sos", "ssos", "skm", "mkes", "sp", "spt", "spi", "ssi", "sstp", "amd",
    "amdkeb", "akt", "ba", "bsc", "msc", "mba", "skep", "ners", "apt", "sfarm", "ssn", "sthi",
    "shi", "sei", "shum", "map", "phd", "str", "stp", "si", "pd", "kom", "ag", "keb",
];

/// A person's name as it is compared.
pub(crate) struct NameWords {
    /// See [`PersonName::tokens`].
    pub(crate) tokens: Words,
    /// See [`PersonName::alias`].
    pub(crate) alias: Words,
}

impl NameWords {
    /// The name as it is shown, read from `text`.
    pub(super) fn shown(&self, text: &str) -> PersonName {
        let (tokens, alias) = (self.tokens.strings(), self.alias.strings());
        PersonName { display: tidy(text), tokens, alias }
    }
}

/// Reads a person's name; `None` for a placeholder.
pub(crate) fn read(text: &str) -> Option<NameWords> {
    if is_placeholder(&Words::of(text)) {
        return None;
    }
    let text = tidy(text);
    let (name, alias) = split_alias(&text);
    let mut tokens = tokens(&name);
    let mut alias = tokens_of_alias(alias);
    if tokens.is_empty() {
        tokens = std::mem::take(&mut alias);
    }
    // A cell may hold a whole story; a name has no more words than this.
    tokens.truncate(8);
    alias.truncate(4);
    (!tokens.is_empty()).then_some(NameWords { tokens, alias })
}

/// `Titin alias Erna` and `Titin (Erna)` are two names of one person.
fn split_alias(text: &str) -> (Cow<'_, str>, &str) {
    if let (Some(open), Some(close)) = (text.find('('), text.rfind(')'))
        && open < close
    {
        let outside = [&text[..open], " ", &text[close + 1..]].concat();
        return (outside.into(), &text[open + 1..close]);
    }
    let begins = |it: &[u8]| it[0] == b' ' && it[1].eq_ignore_ascii_case(&b'a');
    if text.contains('/') || text.as_bytes().windows(2).any(begins) {
        let lower = text.to_ascii_lowercase();
        for mark in [" alias ", " als ", " als. ", " a.k.a ", " / ", "/"] {
            if let Some(at) = lower.find(mark) {
                return (text[..at].into(), &text[at + mark.len()..]);
            }
        }
    }
    (text.into(), "")
}

fn tokens_of_alias(alias: &str) -> Words {
    let mut kept = Words::default();
    if !alias.is_empty() {
        for word in tokens(alias).iter().filter(|it| !is_trailing(it) && !TITLES.contains(it)) {
            kept.push(word);
        }
    }
    kept
}

fn tokens(name: &str) -> Words {
    let (before_comma, _) = name.split_once(',').unwrap_or((name, ""));
    let mut parts = Words::with_room(name.len());
    for part in before_comma.split_whitespace() {
        let inner = part.trim_end_matches('.');
        // "S.Pd.I" is one word, "M.Yusuf" two.
        if inner.contains('.') && is_degree(&inner.replace('.', "").to_ascii_lowercase()) {
            parts.push(&inner.replace('.', "").to_ascii_lowercase());
        } else {
            parts.read(part);
        }
    }
    let mut first = 0;
    while first + 1 < parts.len() && TITLES.contains(&parts.get(first)) {
        first += 1;
    }
    let mut end = parts.len();
    while first + 1 < end && is_trailing(parts.get(end - 1)) {
        end -= 1;
    }
    let mut tokens = Words::with_room(name.len() + 8);
    for (index, word) in (first..end).map(|it| parts.get(it)).enumerate() {
        if !word.bytes().all(|byte| byte.is_ascii_digit()) {
            tokens.push_canonical(spelt_out(word, index == 0, end - first));
        }
    }
    tokens
}

fn is_degree(word: &str) -> bool {
    DEGREES.contains(&word)
}

fn is_trailing(word: &str) -> bool {
    is_degree(word) || matches!(word, "alm" | "almh" | "almarhum" | "almarhumah")
}

/// The full form of an abbreviation that is usual in names.
fn spelt_out(word: &str, is_first: bool, count: usize) -> &str {
    if count < 2 {
        return word;
    }
    match word {
        "m" if is_first => "muhamad",
        "muh" | "moh" | "mohd" | "muhd" | "md" | "mhd" | "mochamad" | "mochammad" | "mohamad"
        | "mohammad" | "mohamed" | "muhammad" | "muhamad" | "muhammed" | "moehamad"
        | "moehammad" | "moch" | "much" | "mukhamad" | "mukhammad" => "muhamad",
        "tb" | "tbg" => "tubagus",
        "rt" => "ratu",
        "st" => "siti",
        "abd" | "abdl" => "abdul",
        "ach" | "akh" | "ahm" | "achm" => "ahmad",
        "nr" => "nur",
        "noor" | "noer" | "nor" => "nur",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = read(text).map(|it| it.tokens.strings()).unwrap_or_default();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn titles_and_degrees_are_no_part_of_a_name() {
        check("Hj. Siti Komariah, S.Pd.I", &["siti", "komaria"]);
        check("Bpk. Sarjo Widyadi SE", &["sario", "widiadi"]);
        check("KH. IMAM RUDI ROPIK", &["imam", "rudi", "ropik"]);
        check("Haji", &["hayi"]);
    }

    #[test]
    fn abbreviations_are_spelt_out() {
        check("M. Yusuf", &["muhamad", "yusup"]);
        check("Tb. Moch Arief", &["tubagus", "muhamad", "arip"]);
        check("Hj. Widnengsih St. Komariah", &["widnengsi", "siti", "komaria"]);
        check("Suharja Nasyono S", &["suharia", "nasono", "s"]);
    }

    #[test]
    fn an_alias_is_kept_apart_and_a_placeholder_is_no_name() {
        let name = read("Titin alias Erna").expect("a name").shown("Titin alias Erna");
        assert_eq!((name.tokens, name.alias), (vec!["titin".into()], vec!["erna".into()]));
        check("-", &[]);
        check("(Alm) Asep Sunandar", &["asep", "sunandar"]);
    }
}
