//! What is known of one enterprise on one day, fact by fact, with who says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::agency::AgencyCode;
use domain::date::PartialDate;
use domain::id::RecordId;

use crate::fact::{Fact, Holder};
use crate::value::{Possible, Values};

pub use gather::{Sources, gather};

mod gather;
mod said;

/// How sure it is that a record speaks of this enterprise.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Confidence {
    /// The link was not measured.
    Unmeasured,
    /// The weight in bits of the link that holds the record in the enterprise.
    Bits(f64),
    /// A steward said so.
    Steward,
    /// The enterprise has no other record.
    OnlyRecord,
}

impl Confidence {
    /// The probability that the record speaks of this enterprise; `None` when it was not measured.
    pub fn probability(self) -> Option<f64> {
        match self {
            Confidence::Unmeasured => None,
            Confidence::Bits(bits) => Some(1.0 / (1.0 + (-bits).exp2())),
            Confidence::Steward | Confidence::OnlyRecord => Some(1.0),
        }
    }
}

/// What a record says, as far as evidence may show it. Numbers of identifiers are never in it.
#[derive(Clone, PartialEq, Eq)]
pub enum Said {
    /// An amount, a count or a year.
    Number(i64),
    /// A day, a month or a year.
    Date(PartialDate),
    /// A code or a word of a list.
    Text(String),
    /// A number that reads whole.
    Present,
    /// A number of which a spreadsheet lost digits, or that cannot be right.
    Unreadable,
}

impl std::fmt::Debug for Said {
    /// Says what sort of value it is; the value may be personal.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Said::Number(_) => "Number",
            Said::Date(_) => "Date",
            Said::Text(_) => "Text",
            Said::Present => "Present",
            Said::Unreadable => "Unreadable",
        })
    }
}

/// One record's word on a fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What it says.
    pub said: Said,
    /// The record; none when a steward set the value.
    pub record: Option<RecordId>,
    /// Who wrote the record.
    pub agency: Option<AgencyCode>,
    /// When.
    pub recorded_on: Option<NaiveDate>,
    /// How sure it is that the record speaks of this enterprise.
    pub link: Confidence,
}

/// Why a fact is not known for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gap {
    /// No record tells.
    NotRecorded,
    /// Records contradict each other.
    Conflicting,
    /// A spreadsheet destroyed it, or what is written cannot be right.
    Destroyed,
    /// It is too old to count.
    Stale,
    /// Told, but not to the day or the year it would take.
    Imprecise,
    /// Only the bank can know it.
    BankOnly,
}

impl Gap {
    /// Every gap.
    pub const ALL: [Gap; 6] = [
        Gap::NotRecorded,
        Gap::Conflicting,
        Gap::Destroyed,
        Gap::Stale,
        Gap::Imprecise,
        Gap::BankOnly,
    ];

    /// The stable name, such as `not_recorded`.
    pub fn code(self) -> &'static str {
        match self {
            Gap::NotRecorded => "not_recorded",
            Gap::Conflicting => "conflicting",
            Gap::Destroyed => "destroyed",
            Gap::Stale => "stale",
            Gap::Imprecise => "imprecise",
            Gap::BankOnly => "bank_only",
        }
    }

    /// What a clerk says: Indonesian and English.
    pub fn says(self) -> (&'static str, &'static str) {
        match self {
            Gap::NotRecorded => ("tidak tercatat di data mana pun", "no record tells"),
            Gap::Conflicting => ("catatan saling bertentangan", "records contradict each other"),
            Gap::Destroyed => (
                "angkanya rusak atau tidak mungkin; perlu dokumen asli",
                "the number is destroyed or impossible; the original is needed",
            ),
            Gap::Stale => ("catatannya terlalu lama", "what is recorded is too old"),
            Gap::Imprecise => ("catatannya kurang tepat", "what is recorded is not exact enough"),
            Gap::BankOnly => ("harus diperiksa oleh bank", "to be checked by the bank"),
        }
    }
}

/// One fact with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// What it may be.
    pub possible: Possible,
    /// Why it is not known for certain; may stand beside a value that is certain in part.
    pub gap: Option<Gap>,
    /// Who says what; the most trusted first.
    pub evidence: Arc<[Evidence]>,
}

/// Every fact of one enterprise on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    values: Values,
    known: BTreeMap<Fact, (Option<Gap>, Arc<[Evidence]>)>,
}

impl Facts {
    /// Nothing but what the day itself tells.
    pub fn unknown(on: NaiveDate) -> Facts {
        let year = i64::from(chrono::Datelike::year(&on));
        let values = Values::UNKNOWN.with(Fact::AsOfYear, Possible::only(year));
        Facts { values, known: BTreeMap::new() }
    }

    /// Sets what is known of `fact`.
    pub fn set(&mut self, fact: Fact, known: Known) {
        self.values.set(fact, known.possible);
        self.known.insert(fact, (known.gap, known.evidence));
    }

    /// What is known of `fact`.
    pub fn get(&self, fact: Fact) -> Known {
        let possible = self.values.get(fact);
        let (gap, evidence) = self.known.get(&fact).cloned().unwrap_or((None, Arc::default()));
        let missing = match fact.holder() {
            Holder::Bank => Gap::BankOnly,
            _ => Gap::NotRecorded,
        };
        let gap = gap.or(possible.is_any().then_some(missing));
        Known { possible, gap, evidence }
    }

    /// The values alone, to assess many.
    pub fn values(&self) -> &Values {
        &self.values
    }
}
