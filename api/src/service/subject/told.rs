//! What a person is told, as it is written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The answer to a person.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Who it is about: nobody when nothing is held; several when a number stands in the rows of several.
    pub persons: Vec<Person>,
    /// What the agencies and institutions in it are called, by code.
    pub names: BTreeMap<String, String>,
}

/// Everything about one person.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Person {
    /// Her id; none for rows that name nobody.
    pub owner: Option<String>,
    /// The name most rows write.
    pub name: Option<String>,
    /// The numbers that her rows write: more than one where lists contradict each other.
    pub niks: BTreeSet<String>,
    /// Her enterprises.
    pub enterprises: Vec<Enterprise>,
    /// Her rows, every version.
    pub rows: Vec<Row>,
    /// What she agreed to.
    pub consents: Vec<Consent>,
    /// What she asked for.
    pub requests: Vec<Request>,
    /// Who read of her, the latest first.
    pub reads: Vec<Reading>,
}

/// One enterprise of hers, as she may see it.
#[derive(Debug, Clone, Serialize)]
pub struct Enterprise {
    /// Its id.
    pub id: String,
    /// Rows of others stand in it as well; of those she sees what a signboard says.
    pub shared: bool,
    /// What is said of it.
    pub values: Vec<Held>,
    /// How the machine says it stands with financing programmes; of a shared one what it can do about it alone.
    pub standings: Vec<Standing>,
}

/// How an enterprise stands with a financing programme, as the machine worked it out (UU PDP art. 10). Never a credit
/// decision.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// The programme.
    pub programme: String,
    /// Its version.
    pub version: String,
    /// `likely_eligible`, `missing`, `not_eligible` or `cannot_say`.
    pub status: &'static str,
    /// The highest ceiling as things are, in rupiah.
    pub ceiling: Option<i64>,
    /// The highest ceiling with one more paper, in rupiah.
    pub next_ceiling: Option<i64>,
    /// The papers that are missing.
    pub missing: Vec<String>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// One value and where it comes from.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// What it is.
    pub attribute: &'static str,
    /// The value.
    pub value: String,
    /// It is what the register stands by; otherwise another row says so.
    pub chosen: bool,
    /// The rows that say so.
    pub sources: Vec<Source>,
}

/// A row that says so.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// The row.
    pub row: String,
    /// Whose list.
    pub agency: String,
}

/// One version of one row of an agency's list.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The row.
    pub id: String,
    /// Whose list.
    pub agency: String,
    /// The file it came in.
    pub file: String,
    /// The name of the file.
    pub file_name: String,
    /// When the file was received.
    pub received_at: Option<DateTime<Utc>>,
    /// Which row of the file.
    pub row: i32,
    /// It is what the agency says now.
    pub current: bool,
    /// The texts, by what they mean.
    pub texts: BTreeMap<&'static str, String>,
}

/// What she agreed to.
#[derive(Debug, Clone, Serialize)]
pub struct Consent {
    /// Its id.
    pub id: String,
    /// To which institution.
    pub institution: String,
    /// For which purpose.
    pub purpose: String,
    /// To which fields.
    pub fields: Vec<&'static str>,
    /// Which text she was told.
    pub text_version: String,
    /// Since when.
    pub given_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When she took it back.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// What she asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// What.
    pub kind: String,
    /// How things stand.
    pub status: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Until when it must be settled.
    pub due_at: DateTime<Utc>,
    /// What was answered.
    pub answer: Option<String>,
}

/// One request in which something of her was read.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// Its place in the log.
    pub entry: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// In which role.
    pub role: String,
    /// Of which institution or agency.
    pub of: String,
    /// What for.
    pub purpose: String,
    /// How it ended.
    pub outcome: String,
    /// What of her was shown.
    pub shown: BTreeSet<String>,
    /// What of her was asked for and withheld.
    pub withheld: BTreeSet<String>,
}
