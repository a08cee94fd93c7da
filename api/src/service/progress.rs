//! How far an import or a link run is, told to whoever listens.

use tokio::sync::broadcast;

/// How far a run is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// `import`, `link` or `pull`.
    pub job: &'static str,
    /// The file, run or live source it is about.
    pub subject: String,
    /// The agency whose file it is, if it is a file's.
    pub agency: Option<domain::agency::AgencyCode>,
    /// The step it is at: `pulling`, `reading`, `finishing`, `normalise`, `block`, `score`, `cluster`, `merge`, `store`.
    pub stage: String,
    /// Units done: rows for an import, thousandths for a link stage.
    pub done: u64,
    /// Units in all, when known.
    pub total: Option<u64>,
    /// The run is over.
    pub finished: bool,
}

/// Carries progress from runs to subscribers. A slow subscriber loses steps, never the run its time.
#[derive(Debug, Clone)]
pub struct ProgressBus(broadcast::Sender<Progress>);

impl Default for ProgressBus {
    fn default() -> ProgressBus {
        ProgressBus(broadcast::channel(256).0)
    }
}

impl ProgressBus {
    /// Tells every subscriber; nobody listening is fine.
    pub fn tell(&self, progress: Progress) {
        let _ = self.0.send(progress);
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Progress> {
        self.0.subscribe()
    }
}
