//! When sources are pulled: each when it is due, by one node, again after a while when it failed. The caller gives the
//! time, so that a schedule can be driven.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use domain::viewer::{Scope, Viewer};
use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;
use crate::clock;
use crate::config::sources::{self, Source};
use crate::connect::{Fault, FaultKind};
use crate::error::Error;
use crate::service::pull::{self, Order, Pulled, Turn};
use crate::service::{files, link};
use crate::store::live_sources::{Ended, Lease, SourceRow};

/// The result of a pull that brought something.
pub const TAKEN: &str = "TAKEN";
/// The result of a pull that brought nothing new.
pub const NOTHING_NEW: &str = "NOTHING_NEW";

/// How long a lease holds unless it is renewed, and how often it is.
const LEASE: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The first delay after a failure, and the longest.
const FIRST_DELAY: Duration = Duration::from_secs(5);
const LONGEST_DELAY: Duration = Duration::from_secs(3_600);

/// A source that is to be pulled now.
pub struct Due {
    source: Source,
    lease: Lease,
    now: DateTime<Utc>,
    order: Order,
}

/// Where a pull stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Its time has not come.
    Waiting,
    /// It is at work.
    Running,
    /// It failed and is tried again.
    BackingOff,
}

/// A source with its state.
#[derive(Debug, Clone)]
pub struct Job {
    /// As it is declared.
    pub source: Source,
    /// As it stands.
    pub row: SourceRow,
    /// In one word.
    pub state: JobState,
}

/// Takes the sources that are due at `now` and that no other node pulls.
pub async fn due(app: &App, now: DateTime<Utc>) -> Result<Vec<Due>, Error> {
    let mut due = Vec::new();
    let at = now.timestamp_millis();
    for row in states(app).await? {
        if row.next_at <= at
            && row.lease_until <= at
            && let Some(source) = sources::find(&app.config.sources, &row.name)
            && let Some(taken) = claim(app, source, now, Order::default(), true).await?
        {
            due.push(taken);
        }
    }
    Ok(due)
}

/// Takes a source whenever it is due; none while another node pulls it.
pub async fn claim(
    app: &App,
    source: &Source,
    now: DateTime<Utc>,
    order: Order,
    only_when_due: bool,
) -> Result<Option<Due>, Error> {
    app.store.know_sources(std::slice::from_ref(&source.name)).await?;
    let (at, until) = (now.timestamp_millis(), until(now, Duration::ZERO));
    let node = app.node.to_string();
    let lease = app.store.lease_source(&source.name, &node, (at, until), only_when_due).await?;
    Ok(lease.map(|lease| Due { source: source.clone(), lease, now, order }))
}

/// Pulls a source that was taken, and links what is new.
pub async fn run(app: &App, due: Due) -> Result<Pulled, Error> {
    let Due { source, lease, now, order } = due;
    let began = Instant::now();
    let (stop, stopped) = watch::channel(false);
    // It ends with this pull, however that ends.
    let mut heart = JoinSet::new();
    heart.spawn(beat(app.clone(), lease.clone(), now, stop));
    let turn = Turn { lease: lease.clone(), now, order, stop: stopped };
    let mut pulled = pull::pull(app, &source, &turn).await;
    // What an earlier pull brought may not be linked yet.
    let waits = pulled.changed() || app.store.has_unlinked(&source.name).await?;
    if source.link
        && waits
        && let Err(error) = link::link(app).await
    {
        tracing::error!(code = error.code(), source = %source.name, "what was pulled is not linked yet");
        pulled.fault.get_or_insert_with(|| Fault::about(FaultKind::Hub, error.code()));
    }
    heart.abort_all();
    let failures = app.store.live_source(&source.name).await?.failures;
    let at = (now + began.elapsed()).timestamp_millis();
    let ended = Ended { at, ..ended(&source, &lease, now, failures, &pulled) };
    if ended.failed {
        tracing::warn!(source = %source.name, code = ended.result, "a pull did not come to its end");
    }
    app.store.end_lease(&lease, ended).await?;
    pull::tell(app, &source, "finished", pulled.rows, true);
    Ok(pulled)
}

/// Pulls every source that is due at `now`, side by side, and returns when all have ended.
pub async fn tick(app: &App, now: DateTime<Utc>) -> Result<Vec<Pulled>, Error> {
    let due = due(app, now).await?;
    join_all(due.into_iter().map(|it| run(app, it))).await.into_iter().collect()
}

/// Pulls sources as they become due, until told to stop.
pub async fn keep(app: App, mut stopping: watch::Receiver<bool>) {
    if app.config.sources.is_empty() {
        return;
    }
    let mut interval = tokio::time::interval(HEARTBEAT);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            _ = interval.tick() => {}
        }
        while running.try_join_next().is_some() {}
        match due(&app, clock::now()).await {
            Ok(due) => {
                for due in due {
                    let (app, stopping) = (app.clone(), stopping.clone());
                    let runtime = tokio::runtime::Handle::current();
                    running
                        .spawn_blocking(move || runtime.block_on(until_told(app, due, stopping)));
                }
            }
            Err(error) => tracing::error!(code = error.code(), "sources cannot be looked at"),
        }
    }
}

/// Pulls a source, unless the server stops first: then whichever node looks next goes on with it.
async fn until_told(app: App, due: Due, mut stopping: watch::Receiver<bool>) {
    let lease = due.lease.clone();
    let done = tokio::select! {
        done = run(&app, due) => done.map(drop),
        _ = stopping.wait_for(|it| *it) => app.store.give_back(&lease).await,
    };
    if let Err(error) = done {
        tracing::error!(code = error.code(), "a pull could not be written down");
    }
}

/// The declared sources whose agency the viewer may ask about, with their state at `now`.
pub async fn jobs(app: &App, viewer: &Viewer, now: DateTime<Utc>) -> Result<Vec<Job>, Error> {
    let scope = viewer.scope();
    let mut jobs = all_jobs(app, now).await?;
    jobs.retain(|it| match &scope {
        Scope::All | Scope::Used => true,
        Scope::Agency(own) => *own == it.source.agency,
        Scope::Consent(..) | Scope::Person(_) | Scope::Nothing => false,
    });
    Ok(jobs)
}

/// Every declared source, with its state at `now`.
pub async fn all_jobs(app: &App, now: DateTime<Utc>) -> Result<Vec<Job>, Error> {
    let at = now.timestamp_millis();
    let mut jobs = Vec::new();
    for row in states(app).await? {
        let Some(source) = sources::find(&app.config.sources, &row.name) else { continue };
        let state = match row.failures {
            _ if at < row.lease_until => JobState::Running,
            0 => JobState::Waiting,
            _ => JobState::BackingOff,
        };
        jobs.push(Job { source: source.clone(), row, state });
    }
    jobs.sort_by(|a, b| a.source.name.cmp(&b.source.name));
    Ok(jobs)
}

/// Has a source pulled as soon as a node looks.
pub async fn hurry(app: &App, viewer: &Viewer, name: &str) -> Result<Job, Error> {
    let job = own(app, viewer, name).await?;
    app.store.hurry_source(&job.source.name, clock::now().timestamp_millis()).await?;
    own(app, viewer, name).await
}

/// Stops the pull of a source that is at work, wherever it is. Fails with [`Error::Conflict`] when none is.
pub async fn cancel(app: &App, viewer: &Viewer, name: &str) -> Result<Job, Error> {
    let job = own(app, viewer, name).await?;
    if !app.store.stop_source(&job.source.name, clock::now().timestamp_millis()).await? {
        return Err(Error::Conflict("this source is not being pulled now".into()));
    }
    own(app, viewer, name).await
}

/// How many sources failed when they were last pulled, and how many there are.
pub async fn failing(app: &App) -> Result<(usize, usize), Error> {
    let states = states(app).await?;
    Ok((states.iter().filter(|it| it.failures != 0).count(), app.config.sources.len()))
}

async fn own(app: &App, viewer: &Viewer, name: &str) -> Result<Job, Error> {
    let jobs = jobs(app, viewer, clock::now()).await?;
    let job = jobs.into_iter().find(|it| it.source.name == name);
    let job = job.ok_or(Error::NotFound { noun: "source" })?;
    files::require_own(viewer, &job.source.agency)?;
    Ok(job)
}

/// The state of every declared source.
async fn states(app: &App) -> Result<Vec<SourceRow>, Error> {
    let declared: Vec<String> = app.config.sources.iter().map(|it| it.name.clone()).collect();
    if declared.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = app.store.live_sources().await?;
    if !declared.iter().all(|name| rows.iter().any(|it| it.name == *name)) {
        app.store.know_sources(&declared).await?;
        rows = app.store.live_sources().await?;
    }
    rows.retain(|it| declared.contains(&it.name));
    Ok(rows)
}

/// Renews a lease as long as its pull is at work, and stops the pull when it is asked to or was taken over.
async fn beat(app: App, lease: Lease, now: DateTime<Utc>, stop: watch::Sender<bool>) {
    let began = Instant::now();
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        match app.store.renew_lease(&lease, until(now, began.elapsed())).await {
            Ok(Some(false)) => {}
            // Nobody listens when the pull has ended meanwhile.
            Ok(Some(true) | None) => {
                let _ = stop.send(true);
                return;
            }
            Err(error) => tracing::warn!(code = error.code(), "a lease could not be renewed"),
        }
    }
}

fn until(now: DateTime<Utc>, elapsed: Duration) -> i64 {
    (now + LEASE + elapsed).timestamp_millis()
}

fn ended(
    source: &Source,
    lease: &Lease,
    now: DateTime<Utc>,
    failures: i32,
    pulled: &Pulled,
) -> Ended {
    let cancelled = pulled.fault.as_ref().is_some_and(|it| it.kind == FaultKind::Cancelled);
    let delay = match &pulled.fault {
        Some(fault) if !cancelled => delay(source, lease, failures, fault),
        _ => source.every,
    };
    let next = now + TimeDelta::from_std(delay).unwrap_or(TimeDelta::days(1));
    Ended {
        at: now.timestamp_millis(),
        next_at: next.timestamp_millis(),
        result: match &pulled.fault {
            Some(fault) => fault.kind.code(),
            None if pulled.files.is_empty() => NOTHING_NEW,
            None => TAKEN,
        },
        detail: pulled.fault.as_ref().and_then(|it| it.detail.clone()),
        rows: pulled.rows,
        succeeded: pulled.fault.is_none(),
        failed: pulled.fault.is_some() && !cancelled,
    }
}

/// How long a source is left alone after its failure number `failures`, from 0: twice as long each time, between half
/// of that and all of it so that many sources do not come back at once, and never less than it asks for.
fn delay(source: &Source, lease: &Lease, failures: i32, fault: &Fault) -> Duration {
    let doubled = FIRST_DELAY * 2_u32.saturating_pow(failures.clamp(0, 12).unsigned_abs());
    let longest = doubled.min(LONGEST_DELAY);
    let mut hasher = DefaultHasher::new();
    (&source.name, lease.fence).hash(&mut hasher);
    let share = 500 + u32::try_from(hasher.finish() % 501).unwrap_or(0);
    let jittered = longest * share / 1_000;
    // What waits for a person is not worth asking for more often than usual.
    let healing = matches!(
        fault.kind,
        FaultKind::Unreachable
            | FaultKind::Cut
            | FaultKind::TimedOut
            | FaultKind::Limited
            | FaultKind::Hub
    );
    let least = if healing { Duration::ZERO } else { source.every };
    jittered.max(least).max(fault.wait.unwrap_or_default())
}
