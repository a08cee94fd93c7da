//! A financing view as a file, in the order of ids.

use std::mem;

use domain::viewer::Viewer;
use financing::verdict::Status;
use tabular::{Cell, Column, Form, Kind, Table};

use super::{BLOCK, Part, Reading, Rows, profile};
use crate::app::App;
use crate::error::Error;
use crate::service::access::Stated;
use crate::service::financing::view::{self, Asked, Row};

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

/// A part of a financing view.
///
/// Fails as [`view::page`] does.
pub async fn financing(
    app: &App,
    viewer: &Viewer,
    stated: Stated,
    form: Form,
    asked: Asked,
) -> Result<Part, Error> {
    let mut columns = profile::columns();
    columns.extend(COLUMNS.map(|(name, kind, meaning)| Column::new(name, kind, meaning)));
    let table = Table { columns, notes: vec![] };
    let mut reading = Reading::begin(viewer, stated, "financingExport");
    let found = match mem::replace(&mut reading.allowed, Ok(())) {
        Ok(()) => rows(app, &reading, asked).await,
        Err(error) => Err(error),
    };
    reading.finish(app, viewer, (form, table), found).await
}

async fn rows(app: &App, reading: &Reading, asked: Asked) -> Result<Rows, Error> {
    let (viewer, ledger) = (&reading.reads_as, &reading.ledger);
    let (mut rows, mut more, mut after) = (vec![], true, asked.after.clone());
    while more && (rows.len() as u64) < asked.limit {
        let limit = BLOCK.min(asked.limit - rows.len() as u64);
        let block = Asked { after: after.clone(), limit, total: false, ..asked.clone() };
        let page = view::page(app, viewer, &block).await?;
        more = page.more && !page.rows.is_empty();
        for (key, row) in page.rows {
            let mut cells = profile::cells(&row.enterprise.view, ledger);
            ledger.read(row.readiness.enterprise, "financing", true);
            let cursor = key.write();
            cells.extend(standing(&row, &cursor));
            rows.push(cells);
            after = Some(cursor);
        }
    }
    Ok(Rows { rows, next: after.filter(|_| more) })
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
