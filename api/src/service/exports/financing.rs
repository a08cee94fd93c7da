//! A financing view as a file, in the order of ids.

use std::mem;
use std::sync::Arc;

use domain::viewer::Viewer;
use financing::verdict::Status;
use tabular::{Cell, Column, Form, Kind, Table};
use tokio::task::JoinHandle;

use super::metadata::{self, About};
use super::national::National;
use super::{BLOCK, Part, Reading, Rows, profile};
use crate::app::App;
use crate::error::Error;
use crate::service::access::Stated;
use crate::service::financing::view::{self, Asked, Row};
use crate::store::slice::Key;

/// What stands behind a profile.
const COLUMNS: [(&str, Kind, &str); 14] = [
    ("programme", Kind::Text, "The financing programme"),
    ("version", Kind::Text, "The version of its rules"),
    ("fingerprint", Kind::Text, "The fingerprint of all rules"),
    ("as_of", Kind::Date, "The day whose rules and facts were taken"),
    (
        "status",
        Kind::Text,
        "likely_eligible, missing, not_eligible or cannot_say; never a credit decision",
    ),
    ("since", Kind::Moment, "Since when it stands so"),
    ("ceiling", Kind::Whole, "The highest ceiling reachable as things are; rupiah"),
    ("next_ceiling", Kind::Whole, "The highest ceiling reachable with one more paper; rupiah"),
    ("because", Kind::Texts, "The rules that made the status what it is"),
    ("missing", Kind::Texts, "The papers that would help, those that give most first"),
    ("status_with_all", Kind::Text, "The status with all of these papers"),
    (
        "rules",
        Kind::Texts,
        "Every rule with what became of it, as rule=met, unmet, unknown or withheld",
    ),
    ("consents", Kind::Texts, "The consents that opened the row"),
    ("cursor", Kind::Text, "Behind which the list goes on from this row"),
];

/// The columns of the list.
pub(super) fn columns() -> Vec<Column> {
    let mut columns = profile::columns();
    columns.extend(COLUMNS.map(|(name, kind, meaning)| Column::new(name, kind, meaning)));
    columns
}

/// A part of a financing view.
///
/// Fails as [`view::page`] does.
pub async fn financing(
    app: &App,
    viewer: &Viewer,
    stated: Stated,
    form: Form,
    asked: Asked,
    national: Option<National>,
) -> Result<Part, Error> {
    let programme = asked.programme.clone();
    let mut reading = Reading::begin(viewer, stated, "financingExport");
    let found = match mem::replace(&mut reading.allowed, Ok(())) {
        Ok(()) => rows(app, &reading, asked, national.as_ref()).await,
        Err(error) => Err(error),
    };
    let table = match (&national, &found) {
        (Some(national), _) => national.table(),
        (None, Ok(_)) => {
            let notes = metadata::notes(app, About::Financing(&programme)).await?;
            Table { columns: columns(), notes }
        }
        (None, Err(_)) => Table { columns: columns(), notes: vec![] },
    };
    reading.finish(app, viewer, (form, table), found).await
}

/// The rows of the part. While one block is told of, the next is read.
async fn rows(
    app: &App,
    reading: &Reading,
    asked: Asked,
    national: Option<&National>,
) -> Result<Rows, Error> {
    let (viewer, ledger) = (&reading.reads_as, &reading.ledger);
    let mut part = Rows { rows: vec![], left_out: 0, next: asked.after.clone() };
    let mut take = |told: Vec<(Key, Row)>| {
        for (key, row) in told {
            let view = &row.enterprise.view;
            let cells = match national {
                Some(national) => national.cells(view, Some(&asked.programme), ledger),
                None => {
                    let mut cells = profile::cells(view, ledger);
                    cells.extend(standing(&row, &key.write()));
                    Some(cells)
                }
            };
            ledger.read(row.readiness.enterprise, "financing", true);
            part.left_out += usize::from(cells.is_none());
            part.rows.extend(cells);
        }
    };
    let (mut after, mut left, mut more) = (asked.after.clone(), asked.limit, true);
    let mut telling: Option<JoinHandle<_>> = None;
    while more && 0 < left {
        let limit = BLOCK.min(left);
        let block = Asked { after: after.clone(), limit, total: false, ..asked.clone() };
        let found = view::find(app, viewer, &block).await?;
        (left, more) = (left - found.count, found.more);
        after = found.last.clone().or(after);
        let (rules, reader) = (Arc::clone(&app.rules), viewer.clone());
        let told = tokio::task::spawn_blocking(move || found.told(&rules, &reader));
        if let Some(before) = telling.replace(told) {
            take(before.await.map_err(Error::internal)?);
        }
    }
    if let Some(last) = telling {
        take(last.await.map_err(Error::internal)?);
    }
    Ok(Rows { next: after.filter(|_| more), ..part })
}

fn standing(row: &Row, cursor: &str) -> [Cell; 14] {
    let told = &row.readiness;
    let catalogue = &told.rules.catalogue;
    let programme = &catalogue.programmes()[told.programme];
    let papers = catalogue.papers();
    let missing: Vec<String> = told.steps.iter().map(|it| papers[it.paper].id.clone()).collect();
    let rules: Vec<String> = told
        .outcomes
        .iter()
        .map(|it| {
            let outcome = if it.withheld.is_some() { "withheld" } else { it.truth.code() };
            format!("{}={outcome}", catalogue.rules()[it.rule].id)
        })
        .collect();
    let grants = &row.enterprise.ties.grants;
    let consents: Vec<String> = grants.iter().map(|it| it.consent.to_string()).collect();
    [
        programme.id.as_str().into(),
        programme.versions[told.version].id.as_str().into(),
        catalogue.fingerprint().into(),
        told.on.into(),
        told.status.code().into(),
        row.since.and_then(chrono::DateTime::from_timestamp_millis).into(),
        told.ceiling.map(|it| it.0).into(),
        told.next.map(|it| it.0).into(),
        told.because.clone().into(),
        missing.into(),
        Status::code(told.with_all.0).into(),
        rules.into(),
        consents.into(),
        cursor.into(),
    ]
}
