//! Writing the access log: one task commits what concurrent requests have to say together, and each
//! request waits for its own (group commit).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{iter, mem};

use evidence::Act;
use sea_orm::DbBackend;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::clock;
use crate::error::Error;
use crate::store::Store;
use crate::store::access::index::Unindexed;

/// The most entries of one transaction.
const BATCH: usize = 256;
/// Entries that may wait before whoever has more waits too.
const WAITING: usize = 1_024;
/// How far the index of whose data was read may stay behind, in entries.
const BEHIND: u64 = 1_024;
/// How many entries are in SQLite's write-ahead log, about, before they are written back.
const AHEAD: u64 = 8_192;

/// An entry to be written, and who waits for it.
struct Ticket {
    act: Act,
    done: oneshot::Sender<Option<u64>>,
}

/// Where entries are written.
#[derive(Debug, Clone)]
pub struct Evidence {
    tickets: Option<mpsc::Sender<Ticket>>,
    written: Arc<Written>,
}

/// How far the log is, as this process knows.
#[derive(Debug, Default)]
pub struct Written {
    size: AtomicU64,
    /// Told after each transaction.
    pub more: Notify,
}

impl Written {
    /// How many entries the log had after the last one of this process.
    pub fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }
}

impl Evidence {
    /// Starts what writes to `store`; it ends with the last copy of what is returned.
    pub fn start(store: Store) -> Result<Evidence, Error> {
        let (tickets, waiting) = mpsc::channel(WAITING);
        let written = Arc::<Written>::default();
        let embedded = store.backend() == DbBackend::Sqlite;
        let commit = commit(store, waiting, Arc::clone(&written));
        if embedded {
            // What SQLite makes durable holds up the thread that does it: it has one of its own.
            let runtime = Handle::current();
            let thread = std::thread::Builder::new().name("evidence".to_owned());
            thread.spawn(move || runtime.block_on(commit))?;
        } else {
            tokio::spawn(commit);
        }
        Ok(Evidence { tickets: Some(tickets), written })
    }

    /// Writes nothing down: what evidence costs is measured against it, and nothing is served by it.
    pub fn none() -> Evidence {
        Evidence { tickets: None, written: Arc::default() }
    }

    /// Returns once the act is durable, with its place in the log; 0 where nothing is written down.
    ///
    /// Fails with [`Error::EvidenceUnavailable`] when it is not; the answer must then not leave.
    pub async fn record(&self, act: Act) -> Result<u64, Error> {
        let Some(tickets) = &self.tickets else { return Ok(0) };
        let (done, written) = oneshot::channel();
        let sent = tickets.send(Ticket { act, done }).await;
        sent.map_err(|_| Error::EvidenceUnavailable)?;
        match written.await {
            Ok(Some(place)) => Ok(place),
            _ => Err(Error::EvidenceUnavailable),
        }
    }

    /// How far the log is.
    pub fn written(&self) -> &Written {
        &self.written
    }
}

async fn commit(store: Store, mut waiting: mpsc::Receiver<Ticket>, written: Arc<Written>) {
    let embedded = store.backend() == DbBackend::Sqlite;
    let (mut tickets, mut head) = (Vec::with_capacity(BATCH), None);
    let mut unindexed = Unindexed::default();
    let (mut ahead, mut writing_back) = (0, None::<JoinHandle<()>>);
    while 0 < waiting.recv_many(&mut tickets, BATCH).await {
        if embedded {
            // Whoever is about to write something down as well goes first: all of it is made durable at once.
            std::thread::yield_now();
            let room = BATCH - tickets.len();
            tickets.extend(iter::from_fn(|| waiting.try_recv().ok()).take(room));
        }
        let (acts, waiters): (Vec<Act>, Vec<_>) =
            tickets.drain(..).map(|it| (it.act, it.done)).unzip();
        let appended = store.append_acts(acts, clock::now().timestamp_millis(), head.take()).await;
        let first = appended.as_ref().ok().map(|it| it.before.size + 1);
        for (waiter, at) in waiters.into_iter().zip(0..) {
            // Who has left meanwhile is in the log all the same.
            let _ = waiter.send(first.map(|it| it + at));
        }
        let part = match appended {
            Ok(part) => part,
            Err(error) => {
                told("written", Err(error));
                continue;
            }
        };
        written.size.store(part.end.size, Ordering::Relaxed);
        written.more.notify_one();
        head = Some(part.end.clone());
        unindexed.push(part);
        if BEHIND <= unindexed.entries() {
            ahead += unindexed.entries();
            let (store, part) = (store.clone(), mem::take(&mut unindexed));
            let index = async move { told("indexed", store.index_part(part).await) };
            // This thread writes the embedded log, and another would only wait for it.
            if embedded {
                index.await;
            } else {
                tokio::spawn(index);
            }
        }
        if embedded && AHEAD <= ahead && writing_back.as_ref().is_none_or(JoinHandle::is_finished) {
            ahead = 0;
            let store = store.clone();
            let write_back = async move { told("written back", store.write_back_log().await) };
            writing_back = Some(tokio::spawn(write_back));
        }
    }
}

fn told(what: &str, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        let cause = std::error::Error::source(&error);
        tracing::error!(%error, ?cause, "the access log was not {what}");
    }
}
