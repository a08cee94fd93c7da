//! Live sources and where their pulls stand.

use async_graphql::{Enum, Object, SimpleObject};
use chrono::DateTime as Moment;
use ingest::problem::Lang as Told;

use crate::connect::FaultKind;
use crate::graphql::object::file::Lang;
use crate::graphql::scalar::DateTime;
use crate::service::schedule::{self, JobState as State};

/// Where the pulls of a source stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum JobState {
    /// Its time has not come.
    Waiting,
    /// It is at work, on some node.
    Running,
    /// It failed and is tried again.
    BackingOff,
}

/// What became of the last pull of a source.
pub struct JobResult(schedule::Job);

/// What became of the last pull of a source.
#[Object]
impl JobResult {
    /// `TAKEN`, `NOTHING_NEW`, or why it did not come to its end. Example: "SOURCE_UNREACHABLE".
    async fn code(&self) -> &str {
        self.0.row.result.as_deref().unwrap_or_default()
    }

    /// Why it did not come to its end, as a sentence; null when it did.
    async fn message(
        &self,
        #[graphql(desc = "In which language.", default_with = "Lang::Id")] lang: Lang,
    ) -> Option<&'static str> {
        Some(self.fault()?.told(Told::from(lang)).0)
    }

    /// What to do about it; null when it came to its end.
    async fn remedy(
        &self,
        #[graphql(desc = "In which language.", default_with = "Lang::Id")] lang: Lang,
    ) -> Option<&'static str> {
        Some(self.fault()?.told(Told::from(lang)).1)
    }

    /// What it is about: columns, files, a status. Nothing of a row. Example: "updated_at".
    async fn about(&self) -> Option<&str> {
        self.0.row.detail.as_deref()
    }
}

impl JobResult {
    fn fault(&self) -> Option<FaultKind> {
        FaultKind::from_code(self.0.row.result.as_deref()?)
    }
}

/// A live source, which the hub pulls as scheduled.
#[derive(SimpleObject)]
pub struct Job {
    /// Its name. Example: "disnaker".
    pub source: String,
    /// The code of the agency whose rows they are.
    pub agency: String,
    /// `postgres`, `mysql`, `sqlite`, `http`, `graphql` or `directory`.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// When it is pulled next; past while a node is about to.
    pub next: Option<DateTime>,
    /// When the last pull began.
    pub began: Option<DateTime>,
    /// When it ended.
    pub ended: Option<DateTime>,
    /// When a pull last came to its end.
    pub succeeded: Option<DateTime>,
    /// Pulls that failed since.
    pub failures: i32,
    /// Rows that the last pull brought.
    pub rows: f64,
    /// How far it was read: the greatest time or number of change among the rows taken, as the source writes it.
    pub watermark: Option<String>,
    /// What became of the last pull; null before the first.
    pub result: Option<JobResult>,
}

impl From<schedule::Job> for Job {
    fn from(it: schedule::Job) -> Job {
        let time = |millis: Option<i64>| {
            millis.filter(|it| 0 < *it).and_then(Moment::from_timestamp_millis).map(DateTime)
        };
        Job {
            source: it.source.name.clone(),
            agency: it.source.agency.to_string(),
            kind: it.source.kind.code().to_owned(),
            state: it.state.into(),
            next: time(Some(it.row.next_at)),
            began: time(it.row.started_at),
            ended: time(it.row.finished_at),
            succeeded: time(it.row.succeeded_at),
            failures: it.row.failures,
            rows: it.row.rows as f64,
            watermark: it.row.watermark.clone(),
            result: it.row.result.is_some().then_some(JobResult(it)),
        }
    }
}
