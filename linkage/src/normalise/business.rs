//! Names of businesses: what is the brand, what only says the trade, the form, or whose it is.

use super::name::NameWords;
use super::trade::{self, TradeWords};
use crate::text::{Words, is_placeholder, tidy};

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
    Words::of(text).iter().find_map(form_of)
}

fn form_of(word: &str) -> Option<&'static str> {
    LEGAL_FORMS.iter().find(|it| it.0 == word).map(|it| it.1)
}

/// A business name taken apart, as it is compared.
pub(crate) struct BusinessWords {
    /// See [`BusinessName::core`].
    pub(crate) core: Words,
    /// See [`BusinessName::from_owner`].
    pub(crate) from_owner: u16,
    /// See [`BusinessName::trade`].
    pub(crate) trade: TradeWords,
    legal_form: Option<&'static str>,
}

impl BusinessWords {
    /// The name as it is shown, read from `text`.
    pub(super) fn shown(&self, text: &str) -> BusinessName {
        BusinessName {
            display: tidy(text),
            core: self.core.strings(),
            from_owner: self.from_owner,
            trade: self.trade,
            legal_form: self.legal_form,
        }
    }
}

/// Takes a business name apart; `None` for a placeholder.
pub(crate) fn read(text: &str, owner: Option<&NameWords>) -> Option<BusinessWords> {
    let all = Words::of(text);
    if is_placeholder(&all) {
        return None;
    }
    let forms = all.iter().map(|it| form_of(it).filter(|_| 1 < all.len()));
    let legal_form = forms.clone().flatten().next();
    let written = || all.iter().zip(forms.clone()).filter(|it| it.1.is_none()).map(|it| it.0);
    let mut spelt = Words::with_room(text.len() + 8);
    for word in written() {
        spelt.push_canonical(word);
    }
    let senses: Vec<_> = spelt.iter().map(trade::sense).collect();
    let mut core = Words::with_room(text.len());
    let mut said = Vec::with_capacity(senses.len());
    for (index, (word, written)) in spelt.iter().zip(written()).enumerate() {
        // "Teh" is tea at the end or before a trade word, and an elder sister before a name.
        let names_follow = senses.get(index + 1).is_some_and(Option::is_none);
        if names_follow && (ADDRESS.contains(&written) || ADDRESS.contains(&word)) {
            continue;
        }
        match senses[index] {
            Some(sense) => said.push(sense),
            None => core.push(word),
        }
    }
    core.truncate(10);
    let mut from_owner = 0;
    if let Some(owner) = owner {
        let of_owner = |word: &str| {
            let cut = |it: &str| 3 <= word.len() && it.starts_with(word);
            owner.tokens.iter().chain(owner.alias.iter()).any(|it| {
                it == word || cut(it) || (4 <= it.len() && it.ends_with(word) && 3 <= word.len())
            })
        };
        for (index, word) in core.iter().enumerate() {
            from_owner |= u16::from(of_owner(word)) << index;
        }
    }
    Some(BusinessWords { core, from_owner, trade: trade::of_senses(said), legal_form })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::name;

    fn check(text: &str, owner: &str, core: &[&str], from_owner: u16) {
        let owner = name::read(owner);
        let found = read(text, owner.as_ref()).expect("a name");
        assert_eq!(found.core.strings(), core, "{text}");
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
