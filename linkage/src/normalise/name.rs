//! Names of persons: titles off, abbreviations spelt out, tokens free of order.

use crate::text::{canonical, is_placeholder, words};

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

/// Reads a person's name; `None` for a placeholder.
pub(crate) fn read(text: &str) -> Option<PersonName> {
    if is_placeholder(&words(text)) {
        return None;
    }
    let display = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, alias) = split_alias(&display);
    let mut tokens = tokens(&name);
    let mut alias = tokens_of_alias(&alias);
    if tokens.is_empty() {
        tokens = std::mem::take(&mut alias);
    }
    // A cell may hold a whole story; a name has no more words than this.
    tokens.truncate(8);
    alias.truncate(4);
    (!tokens.is_empty()).then_some(PersonName { display, tokens, alias })
}

/// `Titin alias Erna` and `Titin (Erna)` are two names of one person.
fn split_alias(text: &str) -> (String, String) {
    if let (Some(open), Some(close)) = (text.find('('), text.rfind(')'))
        && open < close
    {
        let outside = format!("{} {}", &text[..open], &text[close + 1..]);
        return (outside, text[open + 1..close].to_owned());
    }
    let lower = text.to_ascii_lowercase();
    for mark in [" alias ", " als ", " als. ", " a.k.a ", " / ", "/"] {
        if let Some(at) = lower.find(mark) {
            return (text[..at].to_owned(), text[at + mark.len()..].to_owned());
        }
    }
    (text.to_owned(), String::new())
}

fn tokens_of_alias(alias: &str) -> Vec<String> {
    let mut tokens = if alias.is_empty() { vec![] } else { tokens(alias) };
    tokens.retain(|it| !is_trailing(it) && !TITLES.contains(&it.as_str()));
    tokens
}

fn tokens(name: &str) -> Vec<String> {
    let (before_comma, _) = name.split_once(',').unwrap_or((name, ""));
    let mut parts: Vec<String> = Vec::with_capacity(5);
    for part in before_comma.split_whitespace() {
        let inner = part.trim_end_matches('.');
        // "S.Pd.I" is one word, "M.Yusuf" two.
        if inner.contains('.') && is_degree(&inner.replace('.', "").to_ascii_lowercase()) {
            parts.push(inner.replace('.', "").to_ascii_lowercase());
        } else {
            parts.extend(words(part));
        }
    }
    let mut first = 0;
    while first + 1 < parts.len() && TITLES.contains(&parts[first].as_str()) {
        first += 1;
    }
    let mut end = parts.len();
    while first + 1 < end && is_trailing(&parts[end - 1]) {
        end -= 1;
    }
    let kept = &parts[first..end];
    let digits_only = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    kept.iter()
        .enumerate()
        .filter(|(_, it)| !digits_only(it))
        .map(|(index, it)| canonical(spelt_out(it, index == 0, kept.len())))
        .collect()
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
        let found = read(text).map(|it| it.tokens).unwrap_or_default();
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
        let name = read("Titin alias Erna").expect("a name");
        assert_eq!((name.tokens, name.alias), (vec!["titin".into()], vec!["erna".into()]));
        check("-", &[]);
        check("(Alm) Asep Sunandar", &["asep", "sunandar"]);
    }
}
