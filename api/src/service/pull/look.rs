//! Looking at a source without taking anything.

use std::collections::BTreeSet;

use super::ours;
use super::spool::Spool;
use crate::config::sources::Source;
use crate::connect::{self, Fault, FaultKind, Mark, Sent};
use crate::error::Error;

/// The first rows of a source, as texts under their columns. A database says its columns with its first row.
pub async fn look(source: &Source) -> Result<(Vec<String>, Vec<Vec<String>>), Fault> {
    let (line, mut receiver) = connect::line();
    // In any order, so that the first come at once.
    let unordered = Source { watermark: None, ..source.clone() };
    let found = async move {
        let mut columns = Vec::new();
        while let Some(sent) = receiver.recv().await {
            match sent {
                Sent::Columns(names) => columns = names,
                Sent::Rows(rows) => return (columns, rows),
            }
        }
        (columns, Vec::new())
    };
    let (read, found) = tokio::join!(connect::rows(&unordered, None, line), found);
    // Whoever has seen enough ends the reading.
    if found.1.is_empty() {
        read?;
    }
    Ok(found)
}

/// What of a source's columns is understood.
#[derive(Debug)]
pub struct Understood {
    /// Each column, and the fields it means; none when that is not known.
    pub columns: Vec<(String, Option<String>)>,
    /// What must be answered.
    pub questions: Vec<ingest::plan::Question>,
}

/// What would be understood of rows like these.
pub fn understood(
    source: &Source,
    columns: &[String],
    rows: &[Vec<String>],
) -> Result<Understood, Fault> {
    let planned = || -> Result<_, Error> {
        let mut spool = Spool::new(columns)?;
        for row in rows {
            spool.row(row, None, "")?;
        }
        let file = spool.finish()?;
        let limits = ingest::file::Limits::default();
        let mut file = ingest::file::open(file.path(), "list.rows", &limits)?;
        Ok(ingest::plan::plan(&mut file, Some(&source.mapping))?)
    };
    missing(source, columns)?;
    let watermark = source.watermark.as_ref();
    let watermark = watermark.and_then(|name| columns.iter().position(|it| it == name));
    for text in rows.iter().filter_map(|it| it.get(watermark?)).filter(|it| !it.is_empty()) {
        Mark::read(text).ok_or_else(|| Fault::of(FaultKind::WatermarkUnreadable))?;
    }
    let plan = planned().map_err(ours)?;
    let mapping = plan.mapping();
    let told = |it: &String| (it.clone(), mapping.columns.get(it).cloned());
    Ok(Understood { columns: columns.iter().map(told).collect(), questions: plan.questions })
}

/// Refuses columns among which a declared one is missing.
pub(super) fn missing(source: &Source, columns: &[String]) -> Result<(), Fault> {
    let declared = source.mapping.columns.keys().chain(&source.watermark);
    let missing: BTreeSet<&str> =
        declared.filter(|it| !columns.contains(it)).map(String::as_str).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => {
            let names: Vec<&str> = missing.into_iter().collect();
            Err(Fault::about(FaultKind::ColumnsChanged, names.join(", ")))
        }
    }
}
