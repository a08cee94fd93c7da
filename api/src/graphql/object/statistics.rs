//! The figures of the register.

use async_graphql::SimpleObject;
use domain::kbli::section_title;
use domain::place::{KecamatanCode, kecamatan_by_code};

use crate::graphql::page::count;
use crate::graphql::scalar::DateTime;
use crate::service::statistics::{self, Figure};

/// A count of one category.
#[derive(Debug, Clone, SimpleObject)]
pub struct Cell {
    /// The category's code; null for the enterprises of which it is unknown. Example: "36.73.02".
    pub code: Option<String>,
    /// The category's name. Example: "Kasemen".
    pub label: String,
    /// How many; null where the count is suppressed.
    pub count: Option<i32>,
    /// The count is below the threshold, or others could be solved from it.
    pub suppressed: bool,
}

/// What one agency contributes.
#[derive(Debug, Clone, SimpleObject)]
pub struct AgencyCell {
    /// The agency's code. Example: "kominfo".
    pub agency: String,
    /// Enterprises it knows; null where suppressed.
    pub enterprises: Option<i32>,
    /// Its rows; null where suppressed.
    pub source_records: Option<i32>,
}

/// How many enterprises two agencies both know.
#[derive(Debug, Clone, SimpleObject)]
pub struct OverlapCell {
    /// One agency's code.
    pub a: String,
    /// The other's.
    pub b: String,
    /// Enterprises that both know; null where suppressed.
    pub count: Option<i32>,
}

/// The figures of the register as it stands.
#[derive(Debug, Clone, SimpleObject)]
pub struct Statistics {
    /// When they were counted.
    pub counted_at: DateTime,
    /// Counts from 1 to below this are suppressed for you, with what they could be solved from; null
    /// when you see them as counted.
    pub threshold: Option<i32>,
    /// Rows of the agencies' lists.
    pub source_records: Option<i32>,
    /// Enterprises these rows are.
    pub enterprises: Option<i32>,
    /// Enterprises with a NIB.
    pub with_nib: Option<i32>,
    /// Enterprises by kecamatan.
    pub by_kecamatan: Vec<Cell>,
    /// Enterprises by section of KBLI 2020.
    pub by_section: Vec<Cell>,
    /// Enterprises by size class of PP 7/2021.
    pub by_size: Vec<Cell>,
    /// What each agency contributes; an enterprise counts at each agency that knows it.
    pub by_agency: Vec<AgencyCell>,
    /// How many enterprises any two agencies both know.
    pub overlap: Vec<OverlapCell>,
}

const UNKNOWN: &str = "tidak diketahui";

impl From<statistics::Statistics> for Statistics {
    fn from(it: statistics::Statistics) -> Statistics {
        Statistics {
            counted_at: DateTime(it.at),
            threshold: it.threshold.map(count),
            source_records: it.records.map(count),
            enterprises: it.enterprises.map(count),
            with_nib: it.with_nib.map(count),
            by_kecamatan: it.kecamatan.into_iter().map(kecamatan).collect(),
            by_section: it.section.into_iter().map(section).collect(),
            by_size: it.size.into_iter().map(size).collect(),
            by_agency: it
                .agency
                .into_iter()
                .map(|(agency, enterprises, records)| AgencyCell {
                    agency,
                    enterprises: enterprises.map(count),
                    source_records: records.map(count),
                })
                .collect(),
            overlap: it
                .overlap
                .into_iter()
                .map(|(a, b, figure)| OverlapCell { a, b, count: figure.map(count) })
                .collect(),
        }
    }
}

fn cell(code: Option<String>, label: Option<String>, figure: Figure) -> Cell {
    let label = label.unwrap_or_else(|| UNKNOWN.to_owned());
    Cell { code, label, count: figure.map(count), suppressed: figure.is_none() }
}

fn kecamatan((number, figure): (Option<String>, Figure)) -> Cell {
    let code: Option<KecamatanCode> = number.and_then(|it| it.parse().ok());
    let name = code.and_then(kecamatan_by_code).map(|it| it.name.clone());
    cell(code.map(|it| it.to_string()), name.or(code.map(|it| it.to_string())), figure)
}

fn section((letter, figure): (Option<String>, Figure)) -> Cell {
    let title = letter.as_ref().and_then(|it| it.chars().next()).map(section_title);
    cell(letter, title.map(str::to_owned), figure)
}

fn size((name, figure): (Option<String>, Figure)) -> Cell {
    cell(name.clone(), name, figure)
}
