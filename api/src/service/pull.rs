//! Pulling a live source: its rows go into files of the register like any other, so that provenance, row reports,
//! erasure and sealing hold for them as for sheets. A file and what it moves in the state of its source come into
//! force together; a pull that is cut short loses and doubles nothing.

mod directory;
mod look;
mod seen;
mod spool;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use ::ingest::plan::Mapping;
use chrono::{DateTime, Utc};
use domain::id::FileId;
use domain::viewer::{Role, Viewer};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::look::missing;
pub use self::look::{Understood, look, understood};
use self::seen::Seen;
use self::spool::Spool;
use crate::app::App;
use crate::config::sources::{Kind, Source};
use crate::connect::{self, Fault, FaultKind, Mark, Sent};
use crate::error::Error;
use crate::service::ingest::{self, Options};
use crate::service::progress::Progress;
use crate::store::live_sources::{Lease, Moves, Origin, SourceRow};
use crate::store::source_files::{FileStatus, RowCounts};

/// What is asked of a pull beyond what its source declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Order {
    /// Read the whole list, whatever the watermark.
    pub full: bool,
    /// Take a whole list however short it is.
    pub accept_shorter: bool,
}

/// The turn of a pull.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Under which it is made.
    pub lease: Lease,
    /// When it began.
    pub now: DateTime<Utc>,
    /// What is asked of it.
    pub order: Order,
    /// Whether it is to stop.
    pub stop: watch::Receiver<bool>,
}

/// What a pull came to.
#[derive(Debug, Clone, Default)]
pub struct Pulled {
    /// Rows that the source sent.
    pub rows: u64,
    /// The files they were kept as.
    pub files: Vec<FileId>,
    /// What became of the rows of those files.
    pub counts: RowCounts,
    /// Why it did not come to its end.
    pub fault: Option<Fault>,
}

impl Pulled {
    /// Whether the register says something else than before.
    pub fn changed(&self) -> bool {
        let it = &self.counts;
        it.new + it.changed + it.older + it.absent != 0
    }

    fn add(&mut self, file: FileId, it: &RowCounts) {
        self.files.push(file);
        let sum = &mut self.counts;
        sum.rows += it.rows;
        sum.accepted += it.accepted;
        sum.warned += it.warned;
        sum.rejected += it.rejected;
        sum.structural += it.structural;
        sum.new += it.new;
        sum.changed += it.changed;
        sum.unchanged += it.unchanged;
        sum.older += it.older;
        sum.absent += it.absent;
    }
}

/// Pulls a source.
pub async fn pull(app: &App, source: &Source, turn: &Turn) -> Pulled {
    let mut pulled = Pulled::default();
    let done = match &source.kind {
        Kind::Directory { path, settle } => {
            directory::pull(app, source, turn, (path, *settle), &mut pulled).await
        }
        _ => rows(app, source, turn, &mut pulled).await,
    };
    pulled.fault = done.err();
    pulled
}

async fn rows(app: &App, source: &Source, turn: &Turn, pulled: &mut Pulled) -> Result<(), Fault> {
    if app.store.asking_file(&source.name).await.map_err(ours)?.is_some() {
        return Err(Fault::of(FaultKind::Asking));
    }
    let state = app.store.live_source(&source.name).await.map_err(ours)?;
    let mut pull = Pull::new(app, source, turn, state).await?;
    let since = pull.since.clone();
    let (line, mut receiver) = connect::line();
    // It ends with this pull, however that ends.
    let mut reading = JoinSet::new();
    reading.spawn({
        let source = source.clone();
        async move { connect::rows(&source, since.as_ref(), line).await }
    });
    let mut stop = turn.stop.clone();
    let taken = loop {
        let sent = tokio::select! {
            biased;
            _ = stop.wait_for(|it| *it) => break Err(Fault::of(FaultKind::Cancelled)),
            sent = receiver.recv() => sent,
        };
        let done = match sent {
            None => break Ok(()),
            Some(Sent::Columns(columns)) => pull.columns(columns),
            Some(Sent::Rows(rows)) => pull.rows(&rows, pulled).await,
        };
        if let Err(fault) = done {
            break Err(fault);
        }
    };
    drop(receiver);
    let read = match &taken {
        Ok(()) => match reading.join_next().await {
            Some(Ok(read)) => read,
            _ => Err(Fault::of(FaultKind::Hub)),
        },
        Err(_) => Ok(()),
    };
    reading.abort_all();
    match taken.and(read) {
        Ok(()) => pull.keep(true, pulled).await,
        Err(fault) => {
            let sound = !matches!(fault.kind, FaultKind::Asking | FaultKind::ColumnsChanged);
            if sound && !pull.whole && source.ordered() {
                // What came before the cut is whole up to its watermark.
                pull.keep(false, pulled).await?;
            }
            Err(fault)
        }
    }
}

/// A pull of rows at work.
struct Pull<'a> {
    app: &'a App,
    source: &'a Source,
    turn: &'a Turn,
    state: SourceRow,
    /// The whole list is read, not what changed.
    whole: bool,
    /// What was pulled before reached so far.
    before: Option<Mark>,
    since: Option<Mark>,
    mapping: Mapping,
    columns: Vec<String>,
    number: Option<usize>,
    watermark: Option<usize>,
    /// How many rows it brings if nothing changed.
    known: u64,
    seen: Seen,
    /// The numbers of a service's rows, as hashes.
    numbers: HashSet<u64>,
    hasher: RandomState,
    spool: Option<Spool>,
}

impl<'a> Pull<'a> {
    async fn new(
        app: &'a App,
        source: &'a Source,
        turn: &'a Turn,
        state: SourceRow,
    ) -> Result<Pull<'a>, Fault> {
        let full_is_due = source.full_every.is_some_and(|every| {
            let every = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
            state.full_at.is_none_or(|at| at.saturating_add(every) <= turn.now.timestamp_millis())
        });
        let before = state.watermark.as_deref().and_then(Mark::read);
        // The first pull is whole in any case, and may be kept piece by piece.
        let by_watermark = source.watermark.is_some();
        let whole = !by_watermark || before.is_some() && (turn.order.full || full_is_due);
        let since = before.as_ref().filter(|_| !whole).map(|it| it.minus(source.overlap));
        // What the agency confirmed holds where the declaration is silent.
        let mut mapping =
            app.store.agency_mapping(&source.agency).await.map_err(ours)?.unwrap_or_default();
        mapping.columns.extend(source.mapping.columns.clone());
        let seen = Seen::new(app.store.sealer(), source.overlap);
        let known = state.seen.as_deref().map_or(0, seen::rows_of);
        Ok(Pull {
            app,
            source,
            turn,
            state,
            whole,
            before,
            since,
            mapping,
            columns: Vec::new(),
            number: None,
            watermark: None,
            known,
            seen,
            numbers: HashSet::new(),
            hasher: RandomState::new(),
            spool: None,
        })
    }

    fn columns(&mut self, names: Vec<String>) -> Result<(), Fault> {
        missing(self.source, &names)?;
        let at = |name: &String| names.iter().position(|it| it == name);
        self.number = self.source.number.as_ref().and_then(at);
        self.watermark = self.source.watermark.as_ref().and_then(at);
        self.columns = names;
        Ok(())
    }

    async fn rows(&mut self, rows: &[Vec<String>], pulled: &mut Pulled) -> Result<(), Fault> {
        for row in rows {
            if self.is_repeated(row) {
                continue;
            }
            let mark = match self.watermark.and_then(|it| row.get(it)).filter(|it| !it.is_empty()) {
                None => None,
                Some(text) => {
                    let unreadable = || Fault::of(FaultKind::WatermarkUnreadable);
                    Some(Mark::read(text).ok_or_else(unreadable)?)
                }
            };
            self.seen.add(mark, row);
            let spool = match &mut self.spool {
                Some(spool) => spool,
                None => self.spool.insert(Spool::new(&self.columns).map_err(|it| ours(it.into()))?),
            };
            spool
                .row(row, self.number, &self.source.number_prefix)
                .map_err(|it| ours(it.into()))?;
            pulled.rows += 1;
            // As long as it may all be known, none of it is kept.
            let enough = self.source.file_rows <= spool.rows && self.known < self.seen.rows();
            if enough && !self.whole && self.source.ordered() {
                self.keep(false, pulled).await?;
            }
        }
        tell(self.app, self.source, "pulling", pulled.rows, false);
        Ok(())
    }

    /// Whether a service shows a row again because its list moved from page to page. What it says now is seen by the
    /// next pull.
    fn is_repeated(&mut self, row: &[String]) -> bool {
        let paged = matches!(self.source.kind, Kind::Http(_) | Kind::Graphql(_));
        let number = self.number.and_then(|it| row.get(it)).filter(|it| paged && !it.is_empty());
        number.is_some_and(|it| !self.numbers.insert(self.hasher.hash_one(it)))
    }

    /// Keeps what was spooled as a file; `last` when the source has no more.
    async fn keep(&mut self, last: bool, pulled: &mut Pulled) -> Result<(), Fault> {
        let moves = self.moves(last);
        let expected = if self.whole { &self.state.whole } else { &self.state.seen };
        let nothing_new = last && pulled.files.is_empty() && *expected == Some(self.seen.all());
        let complete = last && self.whole && self.source.deletes;
        if complete {
            self.refuse_short(pulled.rows).await?;
        }
        let spool = match self.spool.take() {
            Some(spool) if !nothing_new => spool,
            // An empty list that was accepted says that every row is gone.
            None if complete && !nothing_new => {
                let declared = self.source.mapping.columns.keys().cloned().collect();
                let columns = if self.columns.is_empty() { declared } else { self.columns.clone() };
                Spool::new(&columns).map_err(|it| ours(it.into()))?
            }
            _ if last => {
                return self.app.store.move_source(&self.turn.lease, &moves).await.map_err(ours);
            }
            _ => return Ok(()),
        };
        let rows = spool.finish().map_err(|it| ours(it.into()))?;
        let options = Options {
            complete_list: complete,
            synthetic: false,
            mapping: Some(self.mapping.clone()),
            origin: Some(Origin {
                source: self.source.name.clone(),
                fence: self.turn.lease.fence,
                moves,
            }),
        };
        let name =
            format!("{} {}.rows", self.source.name, self.turn.now.format("%Y-%m-%dT%H.%M.%SZ"));
        let receipt = take(self.app, self.source, self.turn, (rows.path(), &name), options).await?;
        pulled.add(receipt.file, &receipt.counts);
        if receipt.status == FileStatus::Asking {
            return Err(Fault::of(FaultKind::Asking));
        }
        Ok(())
    }

    fn moves(&self, last: bool) -> Moves {
        let mark = match self.whole {
            // The source was perhaps put back to an earlier state; what it is now counts.
            true => self.seen.last().or(self.before.as_ref()),
            false => self.seen.last().max(self.before.as_ref()),
        };
        let unmoved = !self.whole && mark == self.before.as_ref();
        let first = self.before.is_none();
        Moves {
            watermark: mark.filter(|_| last || self.source.ordered()).map(Mark::to_string),
            // From where it is, the next pull brings the same unless something changes.
            seen: last.then(|| if unmoved { self.seen.all() } else { self.seen.next() }),
            whole: (last && (self.whole || first)).then(|| self.seen.all()),
            full_at: (first || last && self.whole).then(|| self.turn.now.timestamp_millis()),
        }
    }

    /// Refuses a whole list that is much shorter than what is known: more likely something is wrong there.
    async fn refuse_short(&self, rows: u64) -> Result<(), Fault> {
        if self.turn.order.accept_shorter {
            return Ok(());
        }
        let source = self.source;
        let known = self.app.store.rows_of_source(&source.agency, &source.name).await;
        let known = known.map_err(ours)?;
        let least = known.saturating_mul(100 - source.largest_shrink_percent.min(100)) / 100;
        if rows < least || rows == 0 && 0 < known {
            return Err(Fault::about(FaultKind::ListTooShort, format!("{rows} < {known}")));
        }
        Ok(())
    }
}

/// Tells how far a pull is.
pub(super) fn tell(app: &App, source: &Source, stage: &str, done: u64, finished: bool) {
    app.progress.tell(Progress {
        job: "pull".into(),
        subject: source.name.clone(),
        agency: Some(source.agency.to_string()),
        stage: stage.to_owned(),
        done,
        total: None,
        finished,
    });
}

/// Takes a file of a source, when its turn among imports and runs has come.
async fn take(
    app: &App,
    source: &Source,
    turn: &Turn,
    (path, name): (&std::path::Path, &str),
    options: Options,
) -> Result<ingest::Receipt, Fault> {
    let by = puller(source);
    loop {
        let taken = ingest::receive(app, &by, &source.agency, path, name, options.clone()).await;
        match taken {
            Ok(receipt) => return Ok(receipt),
            Err(Error::Busy) if !*turn.stop.borrow() => {}
            Err(Error::Busy) => return Err(Fault::of(FaultKind::Cancelled)),
            Err(Error::FileRefused(refusal)) => {
                return Err(Fault::about(FaultKind::AnswerUnreadable, refusal.code.as_str()));
            }
            Err(error) => return Err(ours(error)),
        }
    }
}

/// In whose name a source's files are received.
fn puller(source: &Source) -> Viewer {
    Viewer {
        subject: format!("source {}", source.name),
        role: Role::AgencyOperator,
        agency: Some(source.agency.clone()),
        ..Viewer::public()
    }
}

/// What the hub itself could not do: told in its log, where its causes belong.
fn ours(error: Error) -> Fault {
    if let Some(cause) = std::error::Error::source(&error) {
        tracing::error!(code = error.code(), cause, "a pull could not go on");
    }
    Fault::about(FaultKind::Hub, error.code())
}
