//! Connectors: the rows of a live source, as texts, batch by batch. They read and never write, ask no host but the
//! declared one, and hold no more than a batch.

mod database;
mod fault;
mod graphql;
mod http;
mod json;
mod mark;
mod sqlite;

use std::time::Duration;

pub use fault::{Fault, FaultKind};
pub use mark::Mark;
use tokio::sync::mpsc;

use crate::config::sources::{Kind, Source};

/// What a source sends: its columns once, then rows with a text for each.
#[derive(Debug)]
pub enum Sent {
    /// The names of the columns.
    Columns(Vec<String>),
    /// Some rows.
    Rows(Vec<Vec<String>>),
}

/// Rows sent at once, and the bytes at which fewer are.
const BATCH: usize = 1_000;
const BATCH_BYTES: usize = 1 << 20;

/// Where a connector sends what it reads. Whoever listens may go away; then the connector stops.
#[derive(Debug, Clone)]
pub struct Line(mpsc::Sender<Sent>);

/// A line and its other end, which holds one batch at most.
pub fn line() -> (Line, mpsc::Receiver<Sent>) {
    let (sender, receiver) = mpsc::channel(1);
    (Line(sender), receiver)
}

/// Rows on their way to the line.
struct Batch<'a> {
    line: &'a Line,
    rows: Vec<Vec<String>>,
    bytes: usize,
}

/// Nobody listens any more.
struct Gone;

impl Line {
    async fn columns(&self, names: Vec<String>) -> Result<(), Gone> {
        self.0.send(Sent::Columns(names)).await.map_err(|_| Gone)
    }

    fn batch(&self) -> Batch<'_> {
        Batch { line: self, rows: Vec::with_capacity(BATCH), bytes: 0 }
    }
}

impl Batch<'_> {
    /// Adds a row and says whether there are now enough to send.
    fn add(&mut self, row: Vec<String>) -> bool {
        self.bytes += row.iter().map(String::len).sum::<usize>();
        self.rows.push(row);
        BATCH <= self.rows.len() || BATCH_BYTES < self.bytes
    }

    fn take(&mut self) -> Sent {
        self.bytes = 0;
        Sent::Rows(std::mem::replace(&mut self.rows, Vec::with_capacity(BATCH)))
    }

    async fn send(&mut self) -> Result<(), Gone> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = self.take();
        self.line.0.send(rows).await.map_err(|_| Gone)
    }

    fn send_blocking(&mut self) -> Result<(), Gone> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = self.take();
        self.line.0.blocking_send(rows).map_err(|_| Gone)
    }
}

/// Sends the rows of `source` whose watermark is not before `since`, or all.
///
/// A fault may come after rows were sent.
pub async fn rows(source: &Source, since: Option<&Mark>, line: Line) -> Result<(), Fault> {
    let patience = source.patience;
    let column = source.watermark.as_deref();
    match &source.kind {
        Kind::Postgres(it) => database::postgres(it, column, since, patience, &line).await,
        Kind::Mysql(it) => database::mysql(it, column, since, patience, &line).await,
        Kind::Sqlite { path, query } => {
            let sql = database::compose(query, column, since, '"');
            sqlite::rows(path.clone(), sql, patience, line).await
        }
        Kind::Http(it) => http::rows(it, since, patience, &line).await,
        Kind::Graphql(it) => graphql::rows(it, since, patience, &line).await,
        Kind::Directory { .. } => Err(Fault::of(FaultKind::QueryRefused)),
    }
}

/// The answer to `asked`, unless the source stays silent for longer than `patience`.
async fn in_time<T>(patience: Duration, asked: impl Future<Output = T>) -> Result<T, Fault> {
    tokio::time::timeout(patience, asked).await.map_err(|_| Fault::of(FaultKind::TimedOut))
}
