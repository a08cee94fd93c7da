//! The rows of a file, from bytes to the store: one thread reads and interprets, batch by batch, while
//! the store writes the batch before.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::agency::AgencyCode;
use domain::date::PartialDate;
use domain::id::RecordId;
use domain::identifier::Reading;
use domain::record::{Field, RecordFields};
use ingest::file::SourceFile;
use ingest::interpret::{RowOutcome, interpret};
use ingest::plan::{Mapping, Plan};
use ingest::problem::{Problem, ProblemCode, Severity};
use ingest::read::RawRow;
use ingest::redact::Place;
use rayon::prelude::*;
use tokio::sync::mpsc;

use super::Receipt;
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::sealing::Sealer;
use crate::service::corrections;
use crate::service::progress::Progress;
use crate::service::tombs::Tombs;
use crate::store::source_files::{FileStatus, RowCounts, StoredFile};
use crate::store::sources::{Batch, NewProblem, NewVersion, fields_to_json, state};

/// Text of rows held at once, however few they are.
const BATCH_BYTES: usize = 8 << 20;

/// One row, read and understood, on its way to the store.
struct Prepared {
    sheet: String,
    row: u32,
    outcome: Outcome,
    problems: Vec<Problem>,
}

enum Outcome {
    Structural,
    Rejected,
    Accepted(Box<Accepted>),
}

struct Accepted {
    id: RecordId,
    key: String,
    /// The hub itself said which row it is.
    ticketed: bool,
    fields: RecordFields,
    /// The same, as stored.
    json: String,
    cells: String,
    recorded_on: Option<NaiveDate>,
    /// It holds a number that may not come back.
    barred: bool,
}

/// Stores the rows of `file` that are not stored yet and lets them take over.
pub async fn import(app: &App, file: &StoredFile, path: &Path) -> Result<Receipt, Error> {
    let (sender, mut receiver) = mpsc::channel(2);
    let tombs = Tombs::standing(app).await?.map(Arc::new);
    let reading = {
        let (path, file, batch) = (path.to_owned(), file.clone(), app.config.import_batch_rows);
        let (tombs, sealer) = (tombs.clone(), app.store.sealer());
        let work = move || read(&path, &file, batch, (&sealer, tombs.as_deref()), &sender);
        tokio::task::spawn_blocking(work)
    };
    let mut importer = Importer {
        fresh: !app.store.agency_has_records(&file.agency).await?,
        app,
        file,
        occurrences: HashMap::new(),
        counts: file.counts,
        rows_seen: 0,
        tombs: tombs.clone(),
    };
    while let Some(rows) = receiver.recv().await {
        importer.store(rows).await?;
    }
    if let Err(error) = reading.await.map_err(Error::internal)? {
        // The file turned out to be damaged further down: nothing of it may stay.
        app.store.discard_file(file.id).await?;
        return Err(error);
    }
    let counts = app.store.finish_file(file, importer.counts, clock::now()).await?;
    importer.tell("finished", true);
    Ok(Receipt {
        file: file.id,
        status: FileStatus::Imported,
        known: false,
        counts,
        questions: Vec::new(),
    })
}

fn read(
    path: &Path,
    file: &StoredFile,
    batch: usize,
    (sealer, tombs): (&Sealer, Option<&Tombs>),
    sender: &mpsc::Sender<Vec<Prepared>>,
) -> Result<(), Error> {
    let mut source = ingest::file::open(path, &file.name, &super::limits())?;
    let plan = ingest::plan::plan(&mut source, file.mapping.as_ref())?;
    let mut waiting: Vec<RawRow> = Vec::with_capacity(batch);
    let hand_over = |rows: &mut Vec<RawRow>| -> Result<(), Error> {
        let prepared: Result<Vec<Prepared>, Error> = rows
            .par_iter()
            .map(|it| prepare(&file.agency, it, interpret(&plan, it), (sealer, tombs)))
            .collect();
        rows.clear();
        // The receiver is gone only when storing failed, and that error is the one to report.
        let _ = sender.blocking_send(prepared?);
        Ok(())
    };
    let mut bytes = 0;
    for row in ingest::read::rows(&source, &plan)? {
        let row = row?;
        bytes += row.cells.iter().map(String::len).sum::<usize>();
        waiting.push(row);
        if waiting.len() == batch || BATCH_BYTES < bytes {
            hand_over(&mut waiting)?;
            bytes = 0;
        }
    }
    if waiting.is_empty() { Ok(()) } else { hand_over(&mut waiting) }
}

fn prepare(
    agency: &AgencyCode,
    raw: &RawRow,
    outcome: RowOutcome,
    (sealer, tombs): (&Sealer, Option<&Tombs>),
) -> Result<Prepared, Error> {
    let barred = tombs.is_some_and(|it| it.bars_cells(&raw.cells));
    let (outcome, problems) = match outcome {
        RowOutcome::Structural => (Outcome::Structural, Vec::new()),
        RowOutcome::Rejected { problems } => (Outcome::Rejected, problems),
        RowOutcome::Accepted { fields, cells, problems, ticket } => {
            let recorded_on = fields.get(Field::RecordedOn).and_then(read_day);
            let cells = serde_json::to_string(&cells)?;
            let ticketed = ticket.and_then(|it| corrections::known(agency, &it, sealer));
            let ((id, key), json) = (identity(agency, &fields, sealer), fields_to_json(&fields)?);
            let id = ticketed.unwrap_or(id);
            let barred = barred || tombs.is_some_and(|it| it.bars_person(&fields));
            let ticketed = ticketed.is_some();
            let accepted = Accepted { id, key, ticketed, fields, json, cells, recorded_on, barred };
            (Outcome::Accepted(Box::new(accepted)), problems)
        }
    };
    Ok(Prepared { sheet: raw.sheet.clone(), row: raw.number, outcome, problems })
}

/// The rows of a kept file that may not come back, by row, by number or by whom they name, with what is needed to write it anew;
/// none when there are none.
pub(in crate::service) fn dead_rows(
    path: &Path,
    (agency, name): (&AgencyCode, &str),
    mapping: Option<&Mapping>,
    (sealer, tombs): (&Sealer, &Tombs),
) -> Result<Option<(Plan, SourceFile, HashSet<Place>)>, Error> {
    let mut source = ingest::file::open(path, name, &super::limits())?;
    let plan = ingest::plan::plan(&mut source, mapping)?;
    let mut met: HashMap<RecordId, u32> = HashMap::new();
    let mut dead = HashSet::new();
    for row in ingest::read::rows(&source, &plan)? {
        let row = row?;
        let mut barred = tombs.bars_cells(&row.cells);
        if let RowOutcome::Accepted { fields, ticket, .. } = interpret(&plan, &row) {
            let (id, key) = identity(agency, &fields, sealer);
            let ticketed = ticket.and_then(|it| corrections::known(agency, &it, sealer));
            barred |= ticketed.is_some_and(|it| tombs.bars_row(it));
            let occurrence = met.entry(id).or_insert(0);
            *occurrence += 1;
            barred |= tombs.bars_row(nth(agency, id, &key, *occurrence));
            barred |= tombs.bars_person(&fields);
        }
        if barred {
            dead.insert((row.sheet_index, row.number));
        }
    }
    Ok((!dead.is_empty()).then_some((plan, source, dead)))
}

/// The id of a row that is the first of its key in a file, and the key.
fn identity(agency: &AgencyCode, fields: &RecordFields, sealer: &Sealer) -> (RecordId, String) {
    let key = key(fields, sealer);
    (RecordId::of_row(agency, &key), key)
}

/// The id of the `occurrence`-th row of a key, from 1, whose first has `id`.
fn nth(agency: &AgencyCode, id: RecordId, key: &str, occurrence: u32) -> RecordId {
    if occurrence == 1 { id } else { RecordId::of_row(agency, &format!("{key} #{occurrence}")) }
}

fn read_day(text: &str) -> Option<NaiveDate> {
    match PartialDate::read(text) {
        Reading::Whole(date) => date.to_naive(),
        _ => None,
    }
}

/// Digits in a number from which it may be that of a person, such as a NIK or a telephone.
const PERSONAL_DIGITS: usize = 9;

/// What names a row within its agency: its own number, or else a digest of whom and what it names. Ids are
/// derived from it, so that what could be personal goes in as a keyed digest.
fn key(fields: &RecordFields, sealer: &Sealer) -> String {
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
    if let Some(number) = fields.get(Field::OwnNumber) {
        let number = fold(number);
        if number.bytes().filter(u8::is_ascii_digit).count() < PERSONAL_DIGITS {
            return format!("number {number}");
        }
        let digest = sealer.name(&[b"number", number.as_bytes()]);
        return format!("number digest {}", super::hex(&digest[..16]));
    }
    let named = [Field::OwnerName, Field::BusinessName, Field::Kelurahan, Field::Street];
    let named = named.map(|it| fields.get(it).map(fold).unwrap_or_default());
    let mut parts = vec![b"row".as_slice()];
    parts.extend(named.iter().map(String::as_bytes));
    format!("digest {}", super::hex(&sealer.name(&parts)[..16]))
}

/// Turns rows into batches and knows what it has met so far in the file.
struct Importer<'a> {
    app: &'a App,
    file: &'a StoredFile,
    /// The agency had no record before: nothing need be looked up.
    fresh: bool,
    /// How often each key was met in this file.
    occurrences: HashMap<RecordId, u32>,
    counts: RowCounts,
    rows_seen: u64,
    /// What may not come back.
    tombs: Option<Arc<Tombs>>,
}

impl Importer<'_> {
    async fn store(&mut self, rows: Vec<Prepared>) -> Result<(), Error> {
        let mut named = Vec::with_capacity(rows.len());
        for mut row in rows {
            let id = self.name(&mut row);
            let id = self.barred(id, &mut row);
            self.rows_seen += 1;
            if self.file.rows_done < self.rows_seen {
                named.push((id, row));
            }
        }
        if named.is_empty() {
            return Ok(());
        }
        let ids: Vec<RecordId> = named.iter().filter_map(|it| it.0).collect();
        let mut known =
            if self.fresh { HashMap::new() } else { self.app.store.current_versions(&ids).await? };
        let mut batch = Batch { rows_done: self.rows_seen, ..Batch::default() };
        for (id, row) in named {
            self.counts.rows += 1;
            let Prepared { sheet, row, outcome, problems } = row;
            let warned = problems.iter().any(|it| it.severity == Severity::Warning);
            batch.problems.extend(problems.into_iter().map(|it| to_row(it, &sheet, row)));
            match (id, outcome) {
                (Some(record), Outcome::Accepted(accepted)) => {
                    let Accepted { mut fields, json, cells, recorded_on, .. } = *accepted;
                    self.counts.accepted += 1;
                    self.counts.warned += u64::from(warned);
                    let mut version = NewVersion {
                        record,
                        sheet,
                        row,
                        cells,
                        fields: json,
                        recorded_on,
                        state: state::CURRENT,
                    };
                    if let Some(current) = known.remove(&record) {
                        if recorded_on.zip(current.recorded_on).is_some_and(|(new, old)| new < old)
                        {
                            self.counts.older += 1;
                            version.state = state::SUPERSEDED;
                            batch.seen.push(record);
                        } else {
                            fields.fill_from(&current.fields);
                            if fields == current.fields {
                                self.counts.unchanged += 1;
                                batch.seen.push(record);
                                continue;
                            }
                            self.counts.changed += 1;
                            version.state = state::PENDING;
                            version.fields = fields_to_json(&fields)?;
                        }
                    } else {
                        self.counts.new += 1;
                    }
                    batch.versions.push(version);
                }
                (_, Outcome::Rejected) => self.counts.rejected += 1,
                _ => self.counts.structural += 1,
            }
        }
        batch.counts = self.counts;
        self.app.store.add_batch(self.file, batch).await?;
        self.tell("reading", false);
        Ok(())
    }

    /// Refuses a row that was erased for good, or that holds a number or names a person who was.
    fn barred(&self, id: Option<RecordId>, row: &mut Prepared) -> Option<RecordId> {
        let (Some(record), Some(tombs)) = (id, &self.tombs) else { return id };
        let number = matches!(&row.outcome, Outcome::Accepted(it) if it.barred);
        if !number && !tombs.bars_row(record) {
            return id;
        }
        row.outcome = Outcome::Rejected;
        // What else is wrong with it does not matter, and must not be told.
        row.problems = vec![Problem::of_row(ProblemCode::PersonErased, &row.sheet, row.row)];
        None
    }

    /// The row's id. A number met again in the same file names another row, and the sender is told.
    fn name(&mut self, row: &mut Prepared) -> Option<RecordId> {
        let Outcome::Accepted(accepted) = &row.outcome else { return None };
        let occurrence = self.occurrences.entry(accepted.id).or_insert(0);
        *occurrence += 1;
        if *occurrence == 1 {
            return Some(accepted.id);
        }
        if accepted.ticketed {
            row.outcome = Outcome::Rejected;
            row.problems =
                vec![Problem::of_row(ProblemCode::CorrectionRepeated, &row.sheet, row.row)];
            return None;
        }
        row.problems.push(Problem::of_row(ProblemCode::NumberRepeated, &row.sheet, row.row));
        Some(nth(&self.file.agency, accepted.id, &accepted.key, *occurrence))
    }

    fn tell(&self, stage: &str, finished: bool) {
        self.app.progress.tell(Progress {
            job: "import".into(),
            subject: self.file.id.to_string(),
            agency: Some(self.file.agency.to_string()),
            stage: stage.to_owned(),
            done: self.rows_seen,
            total: None,
            finished,
        });
    }
}

fn to_row(problem: Problem, sheet: &str, row: u32) -> NewProblem {
    NewProblem {
        sheet: sheet.to_owned(),
        row,
        column: problem.column,
        heading: problem.heading,
        field: problem.field,
        code: problem.code.as_str(),
        severity: problem.severity.rank(),
    }
}

/// A stored problem as `ingest` knows it; `None` for a code of another version of the program.
pub fn to_problem(row: entity::row_problem::Model) -> Option<Problem> {
    Some(Problem {
        code: ProblemCode::from_code(&row.code)?,
        severity: Severity::from_rank(row.severity)?,
        sheet: row.sheet,
        row: row.row.cast_unsigned(),
        column: row.col.map(i32::cast_unsigned),
        heading: row.heading,
        field: row.field.as_deref().and_then(Field::from_code),
    })
}
