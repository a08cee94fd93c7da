//! What flows back to an agency: what it is asked to correct in its own list, what became of that, and the list
//! as a workbook in its own columns.
//!
//! What is asked follows from the rows and profiles as they are; kept is only that it was asked, and what
//! became of it. The list is made anew when the register has changed since it was last read.

mod find;
mod quality;
pub mod words;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use chrono::NaiveDate;
use domain::agency::{Agency, AgencyCode};
use domain::id::RecordId;
use domain::viewer::Viewer;
pub use find::{Asked, Kind};
use find::{Looked, asked_of};
use ingest::corrections::{self, Page, Ticket, refused};
use ingest::problem::Lang;
use quality::Tally;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::sealing::Sealer;
use crate::service::history::day_of;
use crate::service::ingest::{blocking, hex, limits, restored};
use crate::store::corrections::{CorrectionFilter, CorrectionRow, CorrectionStatus, QualityRow};
use crate::store::linking::CurrentRecord;
use crate::store::slice::Slice;

/// How often it is looked whether a list is to be measured.
const HOUR: Duration = Duration::from_secs(3_600);
/// Rows looked at together.
const ROWS: u64 = 2_000;

/// One correction, and what is asked as long as it stands.
#[derive(Debug, Clone)]
pub struct Correction {
    /// That it was asked, and what became of it.
    pub row: CorrectionRow,
    /// Its row as the agency wrote it, as long as it stands.
    pub record: Option<CurrentRecord>,
    /// What is asked, as long as it stands.
    pub asked: Option<Asked>,
}

impl Correction {
    /// Why the agency will not correct it.
    pub fn reason(&self) -> Option<&str> {
        if self.row.status != CorrectionStatus::Rejected.code() {
            return None;
        }
        refused(&self.record.as_ref()?.record.fields).map(|it| it.1).filter(|it| !it.is_empty())
    }
}

/// A page of what an agency is asked to correct.
pub async fn page(
    app: &App,
    filter: &CorrectionFilter,
    slice: &Slice,
) -> Result<(Vec<Correction>, bool), Error> {
    let agency = renewed(app, &filter.agency).await?;
    let (rows, more) = app.store.correction_page(filter, slice).await?;
    let records: HashSet<RecordId> = rows.iter().map(|it| RecordId(it.record_id)).collect();
    let records: Vec<RecordId> = records.into_iter().collect();
    let listed = app.store.current_among(&records).await?;
    let mut found: HashMap<(uuid::Uuid, String), (CurrentRecord, Asked)> = HashMap::new();
    for looked in asked_of(app, &agency, listed).await? {
        for asked in looked.asked {
            let key = (looked.row.record.id.0, asked.code.clone());
            found.insert(key, (looked.row.clone(), asked));
        }
    }
    let completed = rows.into_iter().map(|row| {
        let (record, asked) = found.remove(&(row.record_id, row.code.clone())).unzip();
        Correction { row, record, asked }
    });
    Ok((completed.collect(), more))
}

/// How many corrections fit.
pub async fn count(app: &App, filter: &CorrectionFilter) -> Result<u64, Error> {
    renewed(app, &filter.agency).await?;
    app.store.correction_count(filter).await
}

/// How many corrections an agency has of each kind in each status.
pub async fn counts(
    app: &App,
    agency: &AgencyCode,
) -> Result<Vec<(Kind, CorrectionStatus, i64)>, Error> {
    renewed(app, agency).await?;
    let rows = app.store.correction_counts(agency).await?;
    let known = rows.into_iter().filter_map(|(kind, status, count)| {
        Some((Kind::from_code(&kind)?, CorrectionStatus::from_code(&status)?, count))
    });
    Ok(known.collect())
}

/// How good an agency's list was on each day of a span on which it had changed and was measured, the earliest first.
pub async fn quality(
    app: &App,
    agency: &AgencyCode,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<Vec<QualityRow>, Error> {
    renewed(app, agency).await?;
    app.store.quality(agency, from, to).await
}

/// Measures each agency's list once a day, until the hub stops.
pub async fn keep(app: App, mut stopping: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval_at(Instant::now() + HOUR, HOUR);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            _ = interval.tick() => {}
        }
        if let Err(error) = measure(&app).await {
            tracing::warn!(
                code = error.code(),
                "agencies' lists were not measured; it is tried again"
            );
        }
    }
}

/// Measures the lists that were not measured today, if the register has changed since.
pub async fn measure(app: &App) -> Result<(), Error> {
    let today = day_of(clock::now());
    for agency in app.store.agencies().await? {
        if app.store.quality(&agency.code, Some(today), None).await?.is_empty() {
            renewed(app, &agency.code).await?;
        }
    }
    Ok(())
}

/// Writes what the agency is asked to correct to `out`, as a workbook in its own columns; returns the rows that
/// are in it.
pub async fn workbook(
    app: &App,
    agency: &AgencyCode,
    lang: Lang,
    out: &Path,
) -> Result<Vec<RecordId>, Error> {
    let agency = renewed(app, agency).await?;
    let (sealer, mut after) = (app.store.sealer(), 0);
    let (mut written, mut by_file) = (Vec::new(), HashMap::new());
    loop {
        let rows = app.store.listed_rows(&agency.code, after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        after = last.version;
        for Looked { row, asked, .. } in asked_of(app, &agency, rows).await? {
            let refused = refused(&row.record.fields).map(|it| it.0).unwrap_or_default();
            let open: Vec<&Asked> =
                asked.iter().filter(|it| !refused.contains(&it.code.as_str())).collect();
            if open.is_empty() {
                continue;
            }
            let record = row.record;
            written.push(record.id);
            let rows: &mut HashMap<(String, u32), corrections::Asked> =
                by_file.entry(record.file).or_default();
            let ticket = Ticket {
                record: record.id,
                seal: seal_of(&agency.code, record.id, &sealer),
                codes: open.iter().map(|it| it.code.clone()).collect(),
            };
            let sentence = |it: &&Asked| (it.field, words::sentence(it, lang));
            let suggested = |it: &&Asked| Some((it.field, it.suggestion.clone()?));
            let asked = corrections::Asked {
                ticket: ticket.text(),
                sentences: open.iter().map(sentence).collect(),
                suggested: open.iter().filter_map(suggested).collect(),
            };
            rows.insert((record.sheet, record.row), asked);
        }
    }
    let (mut pages, mut originals) = (Vec::new(), Vec::new());
    let mut files: Vec<_> = by_file.into_iter().collect();
    files.sort_by_key(|it| it.0);
    for (file, asked) in files {
        let stored = app.store.file(file).await?.ok_or(Error::NotFound { noun: "source file" })?;
        let original = restored(app, &stored).await?;
        let path = original.path().to_owned();
        originals.push(original);
        pages.push((path, stored, asked));
    }
    let out = out.to_owned();
    blocking(move || {
        let open = pages.into_iter().map(|(path, stored, asked)| {
            let mut file = ingest::file::open(&path, &stored.name, &limits())?;
            let plan = ingest::plan::plan(&mut file, stored.mapping.as_ref())?;
            Ok(Page { file, plan, asked })
        });
        let pages: Vec<Page> = open.collect::<Result<_, Error>>()?;
        Ok(corrections::write(pages, &out)?)
    })
    .await?;
    drop(originals);
    Ok(written)
}

/// Which row a ticket names, when the hub wrote it for this agency.
pub fn known(agency: &AgencyCode, ticket: &Ticket, sealer: &Sealer) -> Option<RecordId> {
    (ticket.seal == seal_of(agency, ticket.record, sealer)).then_some(ticket.record)
}

/// What shows that the hub wrote a ticket: nobody else can, and for no other agency's row.
fn seal_of(agency: &AgencyCode, record: RecordId, sealer: &Sealer) -> String {
    let name =
        sealer.name(&[b"correction ticket", agency.as_str().as_bytes(), record.0.as_bytes()]);
    hex(&name[..12])
}

/// Makes the list of an agency anew when the register has changed since it was last made.
async fn renewed(app: &App, agency: &AgencyCode) -> Result<Agency, Error> {
    let agency = app.store.agency(agency).await?;
    let key = format!("corrections_{}", agency.code);
    if app.store.setting(&key).await? == Some(app.store.register_state().await?.of_rows()) {
        return Ok(agency);
    }
    let _turn = app.store.run_lock().await?;
    let state = app.store.register_state().await?.of_rows();
    if app.store.setting(&key).await?.as_ref() == Some(&state) {
        return Ok(agency);
    }
    let (mut after, mut tally) = (0, Tally::of(&agency.code));
    loop {
        let rows = app.store.listed_rows(&agency.code, after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        after = last.version;
        renew(app, &agency, rows, &mut tally).await?;
    }
    tally.keep(app).await?;
    app.store.settle_unlisted(&agency.code, clock::now().timestamp_millis()).await?;
    app.store.set_setting(&key, &state).await?;
    Ok(agency)
}

/// Brings what is kept of these rows up to what is asked of them now.
async fn renew(
    app: &App,
    agency: &Agency,
    rows: Vec<CurrentRecord>,
    tally: &mut Tally,
) -> Result<(), Error> {
    let ids: Vec<RecordId> = rows.iter().map(|it| it.record.id).collect();
    let mut kept: HashMap<uuid::Uuid, Vec<CorrectionRow>> = HashMap::new();
    for row in app.store.corrections_of(&ids).await? {
        kept.entry(row.record_id).or_default().push(row);
    }
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    let now = clock::now().timestamp_millis();
    for looked in asked_of(app, agency, rows).await? {
        tally.count(app, &looked).await?;
        let Looked { row, asked, .. } = looked;
        let refused = refused(&row.record.fields).map(|it| it.0).unwrap_or_default();
        let mut before = kept.remove(&row.record.id.0).unwrap_or_default();
        for it in &asked {
            let status = match refused.contains(&it.code.as_str()) {
                true => CorrectionStatus::Rejected,
                false => CorrectionStatus::Open,
            };
            let settled_at = (status == CorrectionStatus::Rejected).then_some(now);
            let Some(at) = before.iter().position(|old| old.code == it.code) else {
                new.push(CorrectionRow {
                    record_id: row.record.id.0,
                    code: it.code.clone(),
                    agency: agency.code.to_string(),
                    kind: it.kind.code().to_owned(),
                    field: it.field.code().to_owned(),
                    problem: it.problem.map(|it| it.as_str().to_owned()),
                    status: status.code().to_owned(),
                    version: row.version,
                    asked_at: now,
                    settled_at,
                });
                continue;
            };
            let old = before.swap_remove(at);
            if old.status != status.code() {
                let again = !CorrectionStatus::from_code(&old.status).is_some_and(|it| it.stands());
                let (version, asked_at) =
                    if again { (row.version, now) } else { (old.version, old.asked_at) };
                let status = status.code().to_owned();
                changed.push(CorrectionRow { status, settled_at, version, asked_at, ..old });
            }
        }
        let stands = |it: &CorrectionRow| {
            CorrectionStatus::from_code(&it.status).is_some_and(|it| it.stands())
        };
        for old in before.into_iter().filter(stands) {
            let same = |it: &Asked| it.kind.code() == old.kind && it.field.code() == old.field;
            let hers = old.version != row.version && !asked.iter().any(same);
            let status = match hers {
                true => CorrectionStatus::Accepted,
                false => CorrectionStatus::Overtaken,
            };
            let status = status.code().to_owned();
            changed.push(CorrectionRow { status, settled_at: Some(now), ..old });
        }
    }
    app.store.keep_corrections(new, changed).await
}

/// The agency's own operator: what the list tells is what she may see, whoever reads it.
fn reader_of(agency: &AgencyCode) -> Viewer {
    Viewer {
        role: domain::viewer::Role::AgencyOperator,
        agency: Some(agency.clone()),
        ..Viewer::public()
    }
}
