//! What programmes ask for and give.

use async_graphql::{Enum, SimpleObject};
use financing::catalogue;

use crate::graphql::scalar::{Date, Rupiah};

/// What follows when a rule is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::RuleKind")]
pub enum RuleKind {
    /// The enterprise is not eligible.
    Condition,
    /// A paper is missing that can be had.
    Paper,
    /// The bank has to look; it decides nothing here.
    Bank,
    /// A paper that helps without being asked for.
    Advice,
}

/// How far a statement of the rules is to be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::Mark")]
pub enum Mark {
    /// Checked against the source named beside it.
    Verified,
    /// Taken from memory or practice; nobody is turned away by it.
    Assumed,
}

/// A text in both languages.
#[derive(Debug, Clone, SimpleObject)]
pub struct Sentence {
    /// Indonesian, as a clerk would say it.
    pub id: String,
    /// English.
    pub en: String,
}

impl From<&catalogue::Words> for Sentence {
    fn from(it: &catalogue::Words) -> Sentence {
        Sentence { id: it.id.clone(), en: it.en.clone() }
    }
}

/// A paper an owner can get, and how.
#[derive(Debug, Clone, SimpleObject)]
pub struct Paper {
    /// Its name in filters and answers. Example: "npwp".
    pub id: String,
    /// What it is called.
    pub name: Sentence,
    /// How to get it.
    pub how: Sentence,
    /// Where.
    #[graphql(name = "where")]
    pub where_to: Sentence,
    /// What it costs.
    pub cost: Sentence,
    /// What else is worth knowing.
    pub note: Option<Sentence>,
    /// Who says so.
    pub source: String,
    /// How far that was checked.
    pub mark: Mark,
}

impl From<&catalogue::Paper> for Paper {
    fn from(it: &catalogue::Paper) -> Paper {
        Paper {
            id: it.id.clone(),
            name: (&it.name).into(),
            how: (&it.how).into(),
            where_to: (&it.where_to).into(),
            cost: (&it.cost).into(),
            note: it.note.as_ref().map(Sentence::from),
            source: it.source.clone(),
            mark: it.mark.into(),
        }
    }
}

/// An amount up to which a programme lends.
#[derive(Debug, Clone, SimpleObject)]
pub struct Ceiling {
    /// In rupiah.
    pub amount: Rupiah,
    /// The further rules it asks for, by id.
    pub requires: Vec<String>,
    /// Who says so.
    pub source: String,
    /// How far that was checked.
    pub mark: Mark,
}

/// What a programme asks for and gives between two days.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProgrammeVersion {
    /// Its name in the programme. Example: "2026".
    pub id: String,
    /// The first day it holds.
    pub valid_from: Date,
    /// The last day it holds; null until further notice.
    pub valid_to: Option<Date>,
    /// The regulation.
    pub source: String,
    /// How far its days were checked.
    pub mark: Mark,
    /// Its ceilings, the lowest first.
    pub ceilings: Vec<Ceiling>,
    /// Terms worth knowing, such as interest.
    pub terms: Vec<Sentence>,
    /// Its rules.
    pub rules: Vec<ProgrammeRule>,
}

/// A rule of a programme.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProgrammeRule {
    /// Its name. Example: "sales_limit_2026".
    pub id: String,
    /// What follows when it is not met.
    pub kind: RuleKind,
    /// What is said when it is met.
    pub met: Sentence,
    /// Who says so.
    pub source: String,
    /// How far that was checked.
    pub mark: Mark,
}

/// A financing programme, in the version of a day.
#[derive(Debug, Clone, SimpleObject)]
pub struct Programme {
    /// Its name in questions. Example: "kur_micro".
    pub id: String,
    /// What it is called.
    pub name: Sentence,
    /// The programme for larger amounts.
    pub next: Option<String>,
    /// What it asks for and gives on the day.
    pub version: ProgrammeVersion,
    /// The fingerprint of all rules: answers with the same fingerprint and day rest on the same rules.
    pub fingerprint: String,
}

impl Programme {
    /// A programme in one of its versions.
    pub fn of(
        all: &catalogue::Catalogue,
        programme: &catalogue::Programme,
        version: &catalogue::Version,
    ) -> Programme {
        let rule = |it: &usize| {
            let it = &all.rules()[*it];
            ProgrammeRule {
                id: it.id.clone(),
                kind: it.kind.into(),
                met: (&it.met).into(),
                source: it.source.clone(),
                mark: it.mark.into(),
            }
        };
        let ceiling = |it: &catalogue::Ceiling| Ceiling {
            amount: Rupiah(it.amount.0),
            requires: it.requires.iter().map(|it| all.rules()[*it].id.clone()).collect(),
            source: it.source.clone(),
            mark: it.mark.into(),
        };
        Programme {
            id: programme.id.clone(),
            name: (&programme.name).into(),
            next: programme.next.map(|it| all.programmes()[it].id.clone()),
            version: ProgrammeVersion {
                id: version.id.clone(),
                valid_from: Date(version.valid_from),
                valid_to: version.valid_to.map(Date),
                source: version.source.clone(),
                mark: version.mark.into(),
                ceilings: version.ceilings.iter().map(ceiling).collect(),
                terms: version.terms.iter().map(Sentence::from).collect(),
                rules: version.rules.iter().map(rule).collect(),
            },
            fingerprint: all.fingerprint().to_owned(),
        }
    }
}
