//! Names of businesses: what is the brand, what only says the trade, the form, or whose it is.

use super::name::PersonName;
use super::trade::{self, TradeWords};
use crate::text::{canonical, is_placeholder, words};

/// A business name taken apart.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BusinessName {
    /// As the agency wrote it, white space tidied.
    pub display: String,
    /// The distinctive words in canonical spelling, in the order written.
    pub core: Vec<String>,
    /// Which of `core` (bit by position) also stand in the owner's name of the same record, and so are no
    /// evidence of their own.
    pub from_owner: u16,
    /// What the other words say about the trade.
    pub trade: TradeWords,
    /// The legal form among the words: CV, PT, UD, ...
    pub legal_form: Option<&'static str>,
}

impl std::fmt::Debug for BusinessName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "BusinessName({} words)", self.core.len())
    }
}

const LEGAL_FORMS: &[(&str, &str)] = &[
    ("cv", "CV"),
    ("pt", "PT"),
    ("ud", "UD"),
    ("pd", "PD"),
    ("fa", "Firma"),
    ("firma", "Firma"),
    ("koperasi", "Koperasi"),
    ("kop", "Koperasi"),
    ("kub", "KUB"),
    ("yayasan", "Yayasan"),
];

/// How people are addressed; before an owner's name in a business name.
const ADDRESS: &[&str] = &[
    "bu", "ibu", "pak", "bapak", "bpk", "mang", "teh", "teteh", "ceu", "mas", "mbak", "mba",
    "bang", "kang", "bunda", "mama", "mak", "emak", "abah", "haji", "hajah", "h", "hj", "neng",
    "nyai", "uni", "uda", "bude", "pakde", "wa", "nini", "aki", "abang", "om", "tante", "bi",
    "bibi", "ummi", "kh", "mpok", "cak",
];

/// The legal form a text names, if it names one alone.
pub(super) fn legal_form(text: &str) -> Option<&'static str> {
    words(text).iter().find_map(|word| form_of(word))
}

fn form_of(word: &str) -> Option<&'static str> {
    LEGAL_FORMS.iter().find(|it| it.0 == word).map(|it| it.1)
}

/// Takes a business name apart; `None` for a placeholder.
pub(crate) fn read(text: &str, owner: Option<&PersonName>) -> Option<BusinessName> {
    let display = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut all = words(&display);
    if is_placeholder(&all) {
        return None;
    }
    let mut legal_form = None;
    if 1 < all.len() {
        all.retain(|word| {
            let form = form_of(word);
            legal_form = legal_form.or(form);
            form.is_none()
        });
    }
    let mut core: Vec<String> = vec![];
    let mut said: Vec<String> = vec![];
    let spelt: Vec<String> = all.iter().map(|it| canonical(it)).collect();
    for (index, (word, written)) in spelt.iter().zip(&all).enumerate() {
        let is_trade = trade::sense(word).is_some();
        // "Teh" is tea at the end or before a trade word, and an elder sister before a name.
        let names_follow = spelt.get(index + 1).is_some_and(|it| trade::sense(it).is_none());
        if names_follow && (ADDRESS.contains(&written.as_str()) || ADDRESS.contains(&word.as_str()))
        {
            continue;
        }
        if is_trade {
            said.push(word.clone());
        } else {
            core.push(word.clone());
        }
    }
    core.truncate(10);
    let mut from_owner = 0;
    if let Some(owner) = owner {
        let of_owner = |word: &String| {
            let names = owner.tokens.iter().chain(&owner.alias);
            let cut = |it: &String| 3 <= word.len() && it.starts_with(word.as_str());
            names.into_iter().any(|it| {
                it == word
                    || cut(it)
                    || (4 <= it.len() && it.ends_with(word.as_str()) && 3 <= word.len())
            })
        };
        for (index, word) in core.iter().enumerate() {
            from_owner |= u16::from(of_owner(word)) << index;
        }
    }
    let trade = trade::of_words(&said);
    Some(BusinessName { display, core, from_owner, trade, legal_form })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::name;

    fn check(text: &str, owner: &str, core: &[&str], from_owner: u16) {
        let owner = name::read(owner);
        let found = read(text, owner.as_ref()).expect("a name");
        assert_eq!(found.core, core, "{text}");
        assert_eq!(found.from_owner, from_owner, "{text}");
    }

    #[test]
    fn form_trade_and_address_are_taken_off_the_brand() {
        check("Warung Nasi Jaya Abadi", "", &["jaya", "abadi"], 0);
        check("PT. Sambal Putra Banten", "", &["putra", "banten"], 0);
        check("TUNAS JAYA, CV", "", &["tunas", "jaya"], 0);
        check("Wr. Bu Maryati", "Maryati Aminah", &["mariati"], 1);
        check("jualan gorengan", "", &[], 0);
    }

    #[test]
    fn words_of_the_owners_name_are_marked() {
        check("Batik Bang Nassan Jaya", "Ismail Mastur Nassan", &["nasan", "jaya"], 1);
        check("Tahu Rusm", "Neneng Rusmiati", &["rusm"], 1);
        check("Maju Jaya", "Neneng Rusmiati", &["mayu", "jaya"], 0);
    }

    #[test]
    fn a_placeholder_is_no_name() {
        assert!(read("Belum ada nama", None).is_none());
        assert!(read("-", None).is_none());
    }
}
