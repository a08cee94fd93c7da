//! One act on personal data, and the bytes that stand for it.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;

/// How a request ended for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was shown, or done.
    Allowed,
    /// Nothing was shown: there was nothing in scope, or every value was withheld.
    Withheld,
    /// The request, or a part of it, was refused for the role or the purpose.
    Refused,
    /// The answer did not leave: it took too long or something of ours failed.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 4] =
        [Outcome::Allowed, Outcome::Withheld, Outcome::Refused, Outcome::Failed];

    /// The word for it in the log.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::Withheld => "withheld",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }

    /// The outcome with this word.
    pub fn from_code(code: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// The same fields of several persons, enterprises or records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// Whether anything of the fields was shown, or all of them withheld.
    pub shown: bool,
    /// Which fields, by code and in order.
    pub fields: Vec<String>,
    /// Whose, as ids with their prefixes and in order; [`EVERYONE`] for the whole register.
    pub whose: Vec<String>,
}

/// What [`Read::whose`] says of an act on the whole register.
pub const EVERYONE: &str = "*";

/// What somebody did, before it has its place in the log. Texts are empty where there is none; none
/// of them is ever a value out of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The id of the request, as its answer carries it.
    pub request: String,
    /// Who, as the token names the person or the machine.
    pub subject: String,
    /// In which role.
    pub role: String,
    /// Of which agency.
    pub agency: String,
    /// Of which institution.
    pub institution: String,
    /// Through which client.
    pub client: String,
    /// For which purpose.
    pub purpose: String,
    /// Why, in her own words, where the purpose asks for it.
    pub reason: String,
    /// What was asked, as names of fields of the API or of a command, parted by spaces.
    pub operation: String,
    /// Which rights were made use of, as codes parted by spaces.
    pub rights: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The digest of the receipt that was given with the answer; empty where none was asked for.
    pub receipt: String,
    /// What was read.
    pub reads: Vec<Read>,
}

/// An act at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its place, from 1 and without gaps.
    pub seq: u64,
    /// When, in milliseconds since 1970 (UTC); never before the entry in front of it.
    pub at: i64,
    /// By how many milliseconds the clock was behind the entry in front of it; above 0 it was set back.
    pub behind: i64,
    /// What was done.
    pub act: Act,
}

impl Entry {
    /// The bytes that are hashed: one layout, so that one entry has one digest. Numbers are 64 bits, big
    /// end first; a text is its length in bytes and its UTF-8; a list is its length and its items.
    pub fn canonical(&self) -> Vec<u8> {
        let act = &self.act;
        let mut out = Bytes(Vec::with_capacity(256));
        out.text("tunggal entry 1");
        out.number(self.seq);
        out.number(self.at.cast_unsigned());
        out.number(self.behind.cast_unsigned());
        for text in [
            &act.request,
            &act.subject,
            &act.role,
            &act.agency,
            &act.institution,
            &act.client,
            &act.purpose,
            &act.reason,
            &act.operation,
            &act.rights,
        ] {
            out.text(text);
        }
        out.text(act.outcome.code());
        out.text(&act.receipt);
        out.number(act.reads.len() as u64);
        for read in &act.reads {
            out.number(u64::from(read.shown));
            out.texts(&read.fields);
            out.texts(&read.whose);
        }
        out.0
    }

    /// The entry as a leaf of the Merkle tree.
    pub fn leaf(&self) -> Hash {
        crate::merkle::leaf(&self.canonical())
    }
}

/// Bytes of which no two readings give the same.
pub(crate) struct Bytes(pub Vec<u8>);

impl Bytes {
    pub fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn texts(&mut self, texts: &[String]) {
        self.number(texts.len() as u64);
        texts.iter().for_each(|it| self.text(it));
    }
}
