//! The files as they are written.

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// One file; each may hold any of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) reading: Option<Spanned<ReadingEntry>>,
    #[serde(default, rename = "paper")]
    pub(super) papers: Vec<Spanned<PaperEntry>>,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<Spanned<RuleEntry>>,
    pub(super) programme: Option<Spanned<ProgrammeEntry>>,
    #[serde(default, rename = "version")]
    pub(super) versions: Vec<Spanned<VersionEntry>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadingEntry {
    pub(super) sku_valid_months: u32,
    pub(super) recent_sales_years: u32,
}

/// A text in two languages; which of them are there is checked later, to tell the place.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsEntry {
    pub(super) id: Option<String>,
    pub(super) en: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum MarkEntry {
    Verified,
    Assumed,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindEntry {
    Condition,
    Paper,
    Bank,
    Advice,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaperEntry {
    pub(super) id: Spanned<String>,
    pub(super) gives: Spanned<String>,
    pub(super) name: Spanned<WordsEntry>,
    pub(super) how: Spanned<WordsEntry>,
    #[serde(rename = "where")]
    pub(super) where_to: Spanned<WordsEntry>,
    pub(super) cost: Spanned<WordsEntry>,
    pub(super) note: Option<Spanned<WordsEntry>>,
    pub(super) source: Spanned<String>,
    pub(super) mark: MarkEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    pub(super) id: Spanned<String>,
    pub(super) kind: KindEntry,
    pub(super) when: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) shows: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) papers: Vec<Spanned<String>>,
    pub(super) met: Option<Spanned<WordsEntry>>,
    pub(super) not_met: Option<Spanned<WordsEntry>>,
    pub(super) unknown: Option<Spanned<WordsEntry>>,
    pub(super) source: Spanned<String>,
    pub(super) mark: MarkEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProgrammeEntry {
    pub(super) id: Spanned<String>,
    pub(super) name: Spanned<WordsEntry>,
    pub(super) next: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionEntry {
    pub(super) id: Spanned<String>,
    pub(super) valid_from: Spanned<Datetime>,
    pub(super) valid_to: Option<Spanned<Datetime>>,
    pub(super) source: Spanned<String>,
    pub(super) mark: MarkEntry,
    pub(super) rules: Vec<Spanned<String>>,
    #[serde(rename = "ceiling", default)]
    pub(super) ceilings: Vec<Spanned<CeilingEntry>>,
    #[serde(rename = "term", default)]
    pub(super) terms: Vec<Spanned<WordsEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CeilingEntry {
    pub(super) amount: Spanned<i64>,
    #[serde(default)]
    pub(super) requires: Vec<Spanned<String>>,
    pub(super) source: Spanned<String>,
    pub(super) mark: MarkEntry,
}
