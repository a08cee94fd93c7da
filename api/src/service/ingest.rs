//! Taking a file: bytes kept, rows read, each row stored as a version of a source record or refused
//! with its reason. Law 2: the same file again changes nothing, a cut-short import goes on where it
//! stopped.

pub(super) mod rows;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use domain::agency::AgencyCode;
use domain::id::FileId;
use domain::viewer::Viewer;
use ingest::corrections::came_back;
use ingest::file::Limits;
use ingest::plan::{Mapping, Question};
use ingest::problem::{Lang, Problem};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::erasure::redacted;
use crate::service::tombs::Tombs;
use crate::store::live_sources::Origin;
use crate::store::source_files::{FileStatus, NewFile, RowCounts, StoredFile};

/// How a file is to be taken.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// It is the agency's whole list: rows it lacks are marked absent.
    pub complete_list: bool,
    /// Its persons and enterprises are invented, so that the register stays open to developers.
    pub synthetic: bool,
    /// What its headings mean; without it, what the agency confirmed before, or what they say.
    pub mapping: Option<Mapping>,
    /// The live source it was pulled from.
    pub origin: Option<Origin>,
}

/// What became of a file.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The file.
    pub file: FileId,
    /// Where it stands.
    pub status: FileStatus,
    /// It had been taken before, whole.
    pub known: bool,
    /// What became of its rows.
    pub counts: RowCounts,
    /// What must be answered before its rows can be taken.
    pub questions: Vec<Question>,
}

/// What the headings of a national system's form mean.
///
/// Fails with [`Error::InvalidInput`] on a form that there is not, or that is only written.
pub fn mapping_of_form(app: &App, code: &str) -> Result<Mapping, Error> {
    let forms = app.config.forms.iter().map(|it| (it.code.as_str(), it.mapping()));
    let mut read: Vec<(&str, Mapping)> = forms.filter(|it| !it.1.columns.is_empty()).collect();
    match read.iter().position(|it| it.0 == code) {
        Some(place) => Ok(read.swap_remove(place).1),
        None => {
            let codes: Vec<&str> = read.iter().map(|it| it.0).collect();
            Err(Error::invalid("form", format!("must be one of {}", codes.join(", "))))
        }
    }
}

/// Takes a file of `agency`.
///
/// Fails with [`Error::FileRefused`] when it cannot be read as a list at all; then nothing is kept.
pub async fn receive(
    app: &App,
    by: &Viewer,
    agency: &AgencyCode,
    path: &Path,
    name: &str,
    options: Options,
) -> Result<Receipt, Error> {
    let agency = app.store.agency(agency).await?.code;
    let to_digest = path.to_owned();
    let sha256 = blocking(move || digest(&to_digest)).await?;
    // Keyed: a list of one person is as good as its rows to whoever can try them all.
    let digest = match &options.origin {
        None => app.store.sealer().name(&[b"file", &sha256]),
        // Of another pull it is another file: what changed back has changed.
        Some(it) => {
            let (source, fence) = (it.source.as_bytes(), it.fence.to_be_bytes());
            app.store.sealer().name(&[b"pull", source, &fence, &sha256])
        }
    };
    let id = FileId::of_content(&agency, &digest);
    take(app, by, (&agency, id, &digest), path, name, options).await
}

async fn take(
    app: &App,
    by: &Viewer,
    (agency, id, digest): (&AgencyCode, FileId, &[u8]),
    path: &Path,
    name: &str,
    options: Options,
) -> Result<Receipt, Error> {
    // Before anything is kept: a row that may not come back must be known.
    Tombs::standing(app).await?;

    let _turn = app.store.run_lock().await?;
    finish_interrupted(app, Some(id)).await?;
    let known = app.store.file(id).await?;
    if options.complete_list {
        let mapping = known.as_ref().and_then(|it| it.mapping.as_ref());
        refuse_corrections(mapping.is_some_and(came_back))?;
    }
    if let Some(file) = &known {
        match (file.status, &options.mapping) {
            (FileStatus::Imported, _) => {
                let now_complete = options.complete_list && !file.complete_list;
                let counts = match now_complete {
                    true => app.store.complete_file(file).await?,
                    false => file.counts,
                };
                return Ok(Receipt {
                    file: id,
                    status: FileStatus::Imported,
                    known: !now_complete,
                    counts,
                    questions: Vec::new(),
                });
            }
            (FileStatus::Importing, _) => return rows::import(app, file, path).await,
            (FileStatus::Asking, _) => {}
        }
    }
    let given = options.mapping.is_some() && options.origin.is_none();
    let asked = match options.mapping {
        Some(mapping) => Some(mapping),
        None => app.store.agency_mapping(agency).await?,
    };
    let (path_read, name_read, limits) = (path.to_owned(), name.to_owned(), limits());
    let (plan, format) = blocking(move || {
        let mut source = ingest::file::open(&path_read, &name_read, &limits)?;
        let plan = ingest::plan::plan(&mut source, asked.as_ref())?;
        Ok((plan, source.format().code().to_owned()))
    })
    .await?;
    let (mapping, asking) = (plan.mapping(), !plan.questions.is_empty());
    refuse_corrections(options.complete_list && came_back(&mapping))?;
    if given && !asking {
        app.store.remember_mapping(agency, &mapping).await?;
    }
    match (known, asking) {
        (Some(_), true) => {}
        (Some(_), false) => app.store.answer_file(id, &mapping).await?,
        (None, _) => 'keep: {
            let file = NewFile {
                id,
                agency,
                name,
                digest: digest.to_vec(),
                format,
                complete_list: options.complete_list,
                status: if asking { FileStatus::Asking } else { FileStatus::Importing },
                mapping: &mapping,
                questions: asking.then(|| serde_json::to_string(&plan.questions)).transpose()?,
                received_by: &by.subject,
                received_at: clock::now(),
                origin: options.origin,
            };
            // What may not come back is not kept for a moment.
            let redacted = match Tombs::standing(app).await? {
                Some(tombs) => {
                    let known = (app.store.sealer(), Arc::new(tombs));
                    redacted(path, (agency, name), Some(&mapping), known).await?
                }
                None => None,
            };
            let Some(it) = redacted else {
                app.store.keep_file(file, path, options.synthetic).await?;
                break 'keep;
            };
            let file = NewFile { name: &it.name, format: it.format.to_owned(), ..file };
            app.store.keep_file(file, it.copy.path(), options.synthetic).await?;
            app.store.note_redaction(id, it.rows.len(), clock::now().timestamp_millis()).await?;
        }
    }
    if asking {
        return Ok(Receipt {
            file: id,
            status: FileStatus::Asking,
            known: false,
            counts: RowCounts::default(),
            questions: plan.questions,
        });
    }
    let file = app.store.file(id).await?.ok_or(Error::NotFound { noun: "source file" })?;
    rows::import(app, &file, path).await
}

/// A list of corrections holds some rows alone: taken for the whole list it would end all others.
fn refuse_corrections(refused: bool) -> Result<(), Error> {
    match refused {
        false => Ok(()),
        true => Err(Error::invalid("completeList", "a list of corrections is never a whole list")),
    }
}

/// Answers what a file asked and takes its rows. The answer is remembered for the agency's next files.
pub async fn confirm_mapping(
    app: &App,
    by: &Viewer,
    file: FileId,
    mapping: Mapping,
) -> Result<Receipt, Error> {
    let stored = app.store.file(file).await?.ok_or(Error::NotFound { noun: "source file" })?;
    let original = restored(app, &stored).await?;
    // What a source declares of its columns still holds.
    let declared = stored.mapping.as_ref().filter(|_| stored.source.is_some());
    let mut columns = declared.map(|it| it.columns.clone()).unwrap_or_default();
    columns.extend(mapping.columns);
    let options = Options {
        complete_list: stored.complete_list,
        mapping: Some(Mapping { columns }),
        ..Options::default()
    };
    // It was kept under this id, however that was found.
    take(app, by, (&stored.agency, file, &[]), original.path(), &stored.name, options).await
}

/// Writes the sender's own workbook with a status column and marked cells to `out`, as XLSX.
pub async fn report(app: &App, file: FileId, lang: Lang, out: &Path) -> Result<(), Error> {
    let stored = app.store.file(file).await?.ok_or(Error::NotFound { noun: "source file" })?;
    let original = restored(app, &stored).await?;
    let problems = app.store.file_problems(file).await?;
    let problems: Vec<Problem> = problems.into_iter().filter_map(rows::to_problem).collect();
    let (out, limits) = (out.to_owned(), limits());
    blocking(move || {
        let mut source = ingest::file::open(original.path(), &stored.name, &limits)?;
        let plan = ingest::plan::plan(&mut source, stored.mapping.as_ref())?;
        ingest::report::write(&mut source, &plan, &problems, lang, &out)?;
        Ok(())
    })
    .await
}

/// Finishes the imports that were cut short, but for `except`, the oldest first.
pub async fn finish_interrupted(app: &App, except: Option<FileId>) -> Result<(), Error> {
    for file in app.store.unfinished_files().await? {
        if Some(file.id) != except {
            tracing::info!(file = %file.id, rows = file.rows_done, "going on with an import cut short");
            let original = restored(app, &file).await?;
            match rows::import(app, &file, original.path()).await {
                Err(Error::FileRefused(reason)) => {
                    tracing::warn!(file = %file.id, code = reason.code.as_str(), "taken back");
                }
                other => drop(other?),
            }
        }
    }
    Ok(())
}

/// Bounds for reading what has been received: its size was the transport's to bound.
pub(super) fn limits() -> Limits {
    Limits { bytes: u64::MAX, ..Limits::default() }
}

/// The bytes of a kept file in a file of their own, deleted when dropped.
pub(super) async fn restored(
    app: &App,
    file: &StoredFile,
) -> Result<tempfile::NamedTempFile, Error> {
    let mut copy = tempfile::NamedTempFile::new()?;
    app.store.restore_file(file.id, copy.as_file_mut()).await?;
    Ok(copy)
}

/// Runs what computes or reads files where it does not hold up requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn digest(path: &Path) -> Result<[u8; 32], Error> {
    let mut bytes = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut digest = Sha256::new();
    let mut buffer = [0; 1 << 14];
    loop {
        match bytes.read(&mut buffer)? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(&buffer[..read]),
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
