//! How far an import or a link run is, told to whoever listens.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// `import`, `link` or `pull`.
    pub job: Cow<'static, str>,
    /// The file, run or live source it is about.
    pub subject: String,
    /// The code of the agency whose file it is, if it is a file's.
    pub agency: Option<String>,
    /// The step it is at: `pulling`, `reading`, `finishing`, `normalise`, `block`, `score`, `cluster`, `merge`, `store`.
    pub stage: String,
    /// Units done: rows for an import, thousandths for a link stage.
    pub done: u64,
    /// Units in all, when known.
    pub total: Option<u64>,
    /// The run is over.
    pub finished: bool,
}

/// Carries progress from runs to subscribers, on whichever node they are. A slow subscriber loses steps, never the run
/// its time.
#[derive(Debug, Clone)]
pub struct ProgressBus {
    /// Of this process and of others.
    all: broadcast::Sender<Progress>,
    /// Of this process.
    own: broadcast::Sender<Progress>,
}

impl Default for ProgressBus {
    fn default() -> ProgressBus {
        ProgressBus { all: broadcast::channel(256).0, own: broadcast::channel(256).0 }
    }
}

impl ProgressBus {
    /// Tells every subscriber; nobody listening is fine.
    pub fn tell(&self, progress: Progress) {
        let _ = self.own.send(progress.clone());
        let _ = self.all.send(progress);
    }

    /// Tells the subscribers of this process what another told.
    pub(super) fn tell_here(&self, progress: Progress) {
        let _ = self.all.send(progress);
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Progress> {
        self.all.subscribe()
    }

    /// Listens from now on to this process alone.
    pub(super) fn own(&self) -> broadcast::Receiver<Progress> {
        self.own.subscribe()
    }
}
