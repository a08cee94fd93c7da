//! A financing view as a file, in the order of ids.

use std::mem;
use std::sync::Arc;

use domain::viewer::Viewer;
use financing::verdict::Status;
use tabular::{Cell, Column, Form, Kind, Table};

use super::metadata::{self, About};
use super::national::National;
use super::{BLOCK, Filled, Making, Part, Reading, profile};
use crate::app::App;
use crate::error::Error;
use crate::service::access::Stated;
use crate::service::financing::told::Detail;
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
    let mut reading = Reading::begin(viewer, stated, "financingExport");
    let filled = match mem::replace(&mut reading.allowed, Ok(())) {
        Ok(()) => fill(app, &reading, (form, national), asked).await,
        Err(error) => Err(error),
    };
    reading.finish(app, viewer, filled).await
}

async fn fill(
    app: &App,
    reading: &Reading,
    (form, national): (Form, Option<National>),
    asked: Asked,
) -> Result<Filled, Error> {
    let table = match &national {
        Some(national) => national.table(),
        None => {
            let about = About::Financing(&asked.programme);
            Table { columns: columns(), notes: metadata::notes(app, about).await? }
        }
    };
    let national = national.map(Arc::new);
    let mut making = Making::begin(form, table);
    let (mut after, mut left, mut more) = (asked.after.clone(), asked.limit, true);
    while more && 0 < left {
        let limit = BLOCK.min(left);
        let block = Asked { after: after.clone(), limit, total: false, ..asked.clone() };
        let found = view::find(app, &reading.reads_as, &block, Detail::Outcome).await?;
        (left, more) = (left - found.count, found.more);
        after = found.last.clone().or(after);
        let (rules, viewer) = (Arc::clone(&app.rules), reading.reads_as.clone());
        let (ledger, national) = (Arc::clone(&reading.ledger), national.clone());
        let programme = asked.programme.clone();
        let cells = move |(key, row): (Key, Row)| {
            let view = &row.enterprise.view;
            ledger.rely(&row.enterprise.ties);
            ledger.read(row.readiness.enterprise, "financing", true);
            match &national {
                Some(national) => national.cells(view, Some(&programme), &ledger),
                None => {
                    let mut cells = profile::cells(view, &ledger);
                    cells.extend(standing(&row, &key.write()));
                    Some(cells)
                }
            }
        };
        let told = move || found.told(&rules, &viewer).into_iter().map(cells).collect();
        making = making.add(told).await?;
    }
    Ok((making, after.filter(|_| more)))
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
