//! Programmes, their versions, rules and papers, as data files say.
//!
//! [`Catalogue::load`] reads a set of files as one whole: it is valid in all its parts or nothing is loaded and
//! every mistake is told with its place. [`Catalogue::on`] gives the rules in force on a day.

use chrono::NaiveDate;
use domain::amount::Rupiah;

use crate::expression::Expression;
use crate::fact::Fact;

pub use problem::{Problem, Problems};

mod entries;
mod file;
mod load;
mod problem;
mod versions;

/// A text in the two languages every answer is given in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Indonesian, as a clerk would say it.
    pub id: String,
    /// English.
    pub en: String,
}

/// How far a statement of a file is to be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// Checked against the source named beside it.
    Verified,
    /// Taken from memory or practice; nobody is turned away by it.
    Assumed,
}

impl Mark {
    /// `verified` or `assumed`.
    pub fn code(self) -> &'static str {
        match self {
            Mark::Verified => "verified",
            Mark::Assumed => "assumed",
        }
    }
}

/// What follows when a rule is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl RuleKind {
    /// `condition`, `paper`, `bank` or `advice`.
    pub fn code(self) -> &'static str {
        match self {
            RuleKind::Condition => "condition",
            RuleKind::Paper => "paper",
            RuleKind::Bank => "bank",
            RuleKind::Advice => "advice",
        }
    }
}

/// One rule: an expression over facts and what a clerk says of its outcome.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name in files and answers.
    pub id: String,
    /// What follows when it is not met.
    pub kind: RuleKind,
    /// What has to hold; absent where only the bank can look, and then it is always unknown.
    pub when: Option<Expression>,
    /// Further facts that are shown as evidence and do not decide.
    pub shows: Vec<Fact>,
    /// The papers any one of which would help, as places in [`Catalogue::papers`].
    pub papers: Vec<usize>,
    /// What is said when it is met.
    pub met: Words,
    /// What is said when it is not met.
    pub not_met: Words,
    /// What is said when that is unknown.
    pub unknown: Words,
    /// The regulation and article, or the publication, that says so.
    pub source: String,
    /// How far that was checked.
    pub mark: Mark,
}

/// A paper an owner can get, and how.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Its name in files and answers.
    pub id: String,
    /// The fact that having it makes true.
    pub gives: Fact,
    /// What it is called.
    pub name: Words,
    /// How to get it.
    pub how: Words,
    /// Where.
    pub where_to: Words,
    /// What it costs.
    pub cost: Words,
    /// What else is worth knowing, such as that a report is due and no tax.
    pub note: Option<Words>,
    /// Who says so.
    pub source: String,
    /// How far that was checked.
    pub mark: Mark,
}

/// An amount up to which a programme lends, and what it asks for beyond the rules of the version.
#[derive(Debug, Clone)]
pub struct Ceiling {
    /// Rupiah.
    pub amount: Rupiah,
    /// Further rules, as places in [`Catalogue::rules`].
    pub requires: Vec<usize>,
    /// Who says so.
    pub source: String,
    /// How far that was checked.
    pub mark: Mark,
}

/// What a programme asks for and gives between two days.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its name, unique in the programme.
    pub id: String,
    /// The first day it holds.
    pub valid_from: NaiveDate,
    /// The last day it holds; none until further notice.
    pub valid_to: Option<NaiveDate>,
    /// The regulation.
    pub source: String,
    /// How far the dates were checked.
    pub mark: Mark,
    /// The rules, as places in [`Catalogue::rules`].
    pub rules: Vec<usize>,
    /// The ceilings, lowest first.
    pub ceilings: Vec<Ceiling>,
    /// Terms worth knowing, such as interest; nothing is computed from them.
    pub terms: Vec<Words>,
}

/// A financing programme.
#[derive(Debug, Clone)]
pub struct Programme {
    /// Its name in files and answers.
    pub id: String,
    /// What it is called.
    pub name: Words,
    /// The programme for larger amounts, as a place in [`Catalogue::programmes`].
    pub next: Option<usize>,
    /// Its versions in the order of time, without gap or overlap.
    pub versions: Vec<Version>,
}

/// How facts are read from records where no law says so; part of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// How many months a letter of business counts after it was written.
    pub sku_valid_months: u32,
    /// How many calendar years sales stay recent: 1 is this year and the last.
    pub recent_sales_years: u32,
}

/// Everything the files say.
#[derive(Debug, Clone)]
pub struct Catalogue {
    programmes: Vec<Programme>,
    rules: Vec<Rule>,
    papers: Vec<Paper>,
    reading: Reading,
    fingerprint: String,
}

/// The rules in force on one day: at most one version of each programme.
#[derive(Debug, Clone)]
pub struct InForce<'a> {
    /// Whose rules.
    pub catalogue: &'a Catalogue,
    /// The day.
    pub on: NaiveDate,
    /// The programmes that have a version on that day, with it.
    pub versions: Vec<(&'a Programme, &'a Version)>,
}

/// The files that come with the program, by name.
pub const SHIPPED: &[(&str, &str)] = &[
    ("reading.toml", include_str!("../programmes/reading.toml")),
    ("papers.toml", include_str!("../programmes/papers.toml")),
    ("rules.toml", include_str!("../programmes/rules.toml")),
    ("kur_super_micro.toml", include_str!("../programmes/kur_super_micro.toml")),
    ("kur_micro.toml", include_str!("../programmes/kur_micro.toml")),
    ("kur_small.toml", include_str!("../programmes/kur_small.toml")),
    ("kur_khusus.toml", include_str!("../programmes/kur_khusus.toml")),
    ("umi.toml", include_str!("../programmes/umi.toml")),
    ("bjb_mesra.toml", include_str!("../programmes/bjb_mesra.toml")),
];

impl Catalogue {
    /// Reads files, each with its name, as one whole.
    ///
    /// # Errors
    /// Every mistake that was found, each with file, line and column; then nothing is loaded.
    pub fn load(files: &[(&str, &str)]) -> Result<Catalogue, Problems> {
        load::load(files)
    }

    /// The files that come with the program.
    ///
    /// # Errors
    /// Never, as tests show.
    pub fn shipped() -> Result<Catalogue, Problems> {
        Catalogue::load(SHIPPED)
    }

    /// The programmes, by id.
    pub fn programmes(&self) -> &[Programme] {
        &self.programmes
    }

    /// The rules, by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The papers, by id.
    pub fn papers(&self) -> &[Paper] {
        &self.papers
    }

    /// The programme called `id`.
    pub fn programme(&self, id: &str) -> Option<&Programme> {
        self.programmes.iter().find(|it| it.id == id)
    }

    /// How facts are to be read.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// SHA-256 over names and texts of the files in the order of their names, in hexadecimal: two answers with
    /// the same fingerprint and day rest on the same rules.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The rules in force on the day `on`.
    pub fn on(&self, on: NaiveDate) -> InForce<'_> {
        let version =
            |it: &'_ Version| it.valid_from <= on && it.valid_to.is_none_or(|to| on <= to);
        let versions = self
            .programmes
            .iter()
            .filter_map(|it| Some((it, it.versions.iter().find(|one| version(one))?)))
            .collect();
        InForce { catalogue: self, on, versions }
    }
}
