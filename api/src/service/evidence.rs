//! Writing the access log: one task commits what concurrent requests have to say together, and each
//! request waits for its own (group commit).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evidence::Act;
use sea_orm::DbBackend;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::clock;
use crate::error::Error;
use crate::store::Store;

/// The most entries of one transaction.
const BATCH: usize = 256;
/// Entries that may wait before whoever has more waits too.
const WAITING: usize = 1_024;
/// How far the index of whose data was read may stay behind, in entries.
const BEHIND: u64 = 2_048;

/// An entry to be written, and who waits for it.
struct Ticket {
    act: Act,
    done: oneshot::Sender<bool>,
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

    /// Returns once the act is durable.
    ///
    /// Fails with [`Error::EvidenceUnavailable`] when it is not; the answer must then not leave.
    pub async fn record(&self, act: Act) -> Result<(), Error> {
        let Some(tickets) = &self.tickets else { return Ok(()) };
        let (done, written) = oneshot::channel();
        let sent = tickets.send(Ticket { act, done }).await;
        sent.map_err(|_| Error::EvidenceUnavailable)?;
        match written.await {
            Ok(true) => Ok(()),
            _ => Err(Error::EvidenceUnavailable),
        }
    }

    /// How far the log is.
    pub fn written(&self) -> &Written {
        &self.written
    }
}

async fn commit(store: Store, mut waiting: mpsc::Receiver<Ticket>, written: Arc<Written>) {
    let (mut tickets, mut head) = (Vec::with_capacity(BATCH), None);
    let mut indexed = 0;
    while 0 < waiting.recv_many(&mut tickets, BATCH).await {
        let (acts, waiters): (Vec<Act>, Vec<_>) =
            tickets.drain(..).map(|it| (it.act, it.done)).unzip();
        let appended = store.append_acts(acts, clock::now().timestamp_millis(), head.take()).await;
        if let Err(error) = &appended {
            tracing::error!(%error, cause = ?std::error::Error::source(error), "the access log was not written");
        }
        for waiter in waiters {
            // Who has left meanwhile is in the log all the same.
            let _ = waiter.send(appended.is_ok());
        }
        if let Ok(end) = appended {
            written.size.store(end.size, Ordering::Relaxed);
            written.more.notify_one();
            if indexed + BEHIND <= end.size {
                indexed = end.size;
                tokio::spawn(index(store.clone()));
            }
            head = Some(end);
        }
    }
}

async fn index(store: Store) {
    if let Err(error) = store.index_log().await {
        tracing::error!(%error, cause = ?std::error::Error::source(&error), "the access log was not indexed");
    }
}
