//! Enterprises as a file, those that changed last at the end.

use std::mem;
use std::sync::Arc;

use domain::viewer::Viewer;
use tabular::{Cell, Column, Form, Kind, Table};

use super::metadata::{self, About};
use super::national::National;
use super::{BLOCK, Filled, Making, Part, Reading, profile};
use crate::app::App;
use crate::error::Error;
use crate::service::access::{Ledger, Stated};
use crate::service::profiles::{self, Shown};
use crate::store::enterprises::{EnterpriseFilter, EnterpriseOrder};
use crate::store::profile_json::Wanted;
use crate::store::slice::{Key, Slice};

/// Which part is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In which form.
    pub form: Form,
    /// In the columns of a national system; otherwise in those of the hub.
    pub national: Option<National>,
    /// Which enterprises.
    pub filter: EnterpriseFilter,
    /// Words of their names.
    pub search: Option<String>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// So many rows at most.
    pub limit: u64,
}

/// The columns of the list.
pub(super) fn columns() -> Vec<Column> {
    let mut columns = profile::columns();
    columns.push(Column::new("records", Kind::Whole, "How many rows of agencies' lists are of it"));
    columns.push(Column::new("updated_at", Kind::Moment, "When its profile last changed"));
    columns
}

/// A part of the enterprises that the viewer finds, the earliest changed first: whoever goes on behind the last
/// cursor later gets what changed since.
///
/// Fails as [`profiles::page`] does, and with [`Error::InvalidInput`] on a cursor of another list.
pub async fn enterprises(
    app: &App,
    viewer: &Viewer,
    stated: Stated,
    asked: Asked,
) -> Result<Part, Error> {
    let mut reading = Reading::begin(viewer, stated, "enterprisesExport");
    let filled = match mem::replace(&mut reading.allowed, Ok(())) {
        Ok(()) => fill(app, &reading, asked).await,
        Err(error) => Err(error),
    };
    reading.finish(app, viewer, filled).await
}

async fn fill(app: &App, reading: &Reading, asked: Asked) -> Result<Filled, Error> {
    let (viewer, order) = (&reading.reads_as, EnterpriseOrder::UpdatedAt);
    let foreign = || Error::invalid("after", "is not a cursor of this list");
    let after = asked.after.as_deref();
    let mut after =
        after.map(|it| Key::read(it, &order.key_kind()).ok_or_else(foreign)).transpose()?;
    if let Some(agency) = &asked.filter.agency {
        app.store.agency(agency).await?;
    }
    let national = asked.national.map(Arc::new);
    let mut filter = asked.filter;
    filter.section = national.as_ref().and_then(|it| it.form.section).or(filter.section);
    let filter = profiles::searching(app, viewer, filter, asked.search.as_deref()).await?;
    let table = match &national {
        Some(national) => national.table(),
        None => {
            Table { columns: columns(), notes: metadata::notes(app, About::Enterprises).await? }
        }
    };
    let mut making = Making::begin(asked.form, table);
    let (mut left, mut more) = (asked.limit, true);
    while more && 0 < left {
        let limit = BLOCK.min(left);
        let slice = Slice {
            descending: false,
            after: after.clone(),
            before: None,
            limit,
            backwards: false,
        };
        let page = profiles::page(app, viewer, &filter, order, &slice, Wanted::ALL).await?;
        let found = page.enterprises;
        (left, more) = (left - found.len() as u64, page.more && !found.is_empty());
        after = found.last().map(|it| it.0.clone()).or(after);
        let (ledger, national) = (Arc::clone(&reading.ledger), national.clone());
        let cells = move |shown: Shown| {
            ledger.rely(&shown.ties);
            match &national {
                Some(national) => national.cells(&shown.view, None, &ledger),
                None => Some(own(&shown, &ledger)),
            }
        };
        making = making.add(move || found.into_iter().map(|it| cells(it.1)).collect()).await?;
    }
    Ok((making, after.filter(|_| more).map(|it| it.write())))
}

fn own(shown: &Shown, ledger: &Ledger) -> Vec<Cell> {
    let mut cells = profile::cells(&shown.view, ledger);
    ledger.read(shown.view.id, "rows", true);
    cells.push(i64::try_from(shown.view.records.len()).ok().into());
    cells.push(shown.updated_at.into());
    cells
}
