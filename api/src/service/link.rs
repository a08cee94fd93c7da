//! Linking: current records, bound by the stewards' decisions, -> enterprises with ids that last.

mod changes;
mod corpus;
mod draw;
mod grounds;
mod model;
mod queue;
mod register;
mod report;
mod standings;
mod trial;

pub use model::{ActiveModel, ModelCache, active, required};
pub use report::LinkReport;
pub use trial::{Homes, Trial, trial};

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use corpus::{Corpus, load};
use domain::id::{DecisionId, ModelId, RecordId, RunId};
use domain::viewer::Viewer;
use grounds::Grounds;
use linkage::features::{Features, Written};
use linkage::link::{Change, Decision, Linkage, Ready, Stage, relink};
use linkage::model::Model;
use linkage::score::Explanation;
use linkage::settings::Settings;
use register::StoredRegister;
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::erasure;
use crate::service::progress::Progress;
use crate::store::blocks::BlockChanges;
use crate::store::decisions::{DecisionChange, NewDecision, StoredDecision, Verdict};
use crate::store::linking::{Run, RunCause};

/// What a run found, and what it was found in.
struct Worked {
    corpus: Corpus,
    linkage: Linkage,
    model: ActiveModel,
    blocks: BlockChanges,
    /// Blocks left out for their size: all, or how many more than before.
    capped_blocks: i64,
}

/// Why a run is made, and by whom.
pub(super) struct Cause {
    /// Why.
    pub(super) kind: CauseKind,
    /// Subject of whoever caused it; none at the command line.
    pub(super) by: Option<String>,
}

/// Why a run is made.
pub(super) enum CauseKind {
    /// Records may be new.
    NewRecords,
    /// Everything is to be linked afresh.
    Everything,
    /// Another model is to link everything.
    Activated(ModelId, Arc<Ready>),
    /// Several decisions come into force at once.
    Together(Vec<NewDecision>),
    /// A decision comes into force.
    Decided(DecisionId, Verdict, DecisionChange),
    /// A decision is taken back.
    Undone(Box<StoredDecision>),
    /// Linked rows are no more.
    Erased(Vec<RecordId>),
}

impl Cause {
    fn code(&self) -> RunCause {
        match &self.kind {
            CauseKind::NewRecords => RunCause::Link,
            CauseKind::Everything => RunCause::Everything,
            CauseKind::Activated(..) => RunCause::Activate,
            CauseKind::Together(_) => RunCause::Together,
            CauseKind::Decided(id, ..) => RunCause::Decision(*id),
            CauseKind::Undone(it) => RunCause::Undo(it.id),
            CauseKind::Erased(_) => RunCause::Erase,
        }
    }
}

/// Links what is new since the last run; under a first model, everything.
pub async fn link(app: &App) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    erasure::finish_interrupted(app).await?;
    run(app, Cause { kind: CauseKind::NewRecords, by: None }).await
}

/// [`link`] for somebody.
pub async fn link_for(app: &App, by: &Viewer) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    erasure::finish_interrupted(app).await?;
    run(app, Cause { kind: CauseKind::NewRecords, by: Some(by.subject.clone()) }).await
}

/// Links everything afresh under the active model. Law 3: this finds what [`link`] found.
pub async fn link_everything(app: &App) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    erasure::finish_interrupted(app).await?;
    run(app, Cause { kind: CauseKind::Everything, by: None }).await
}

/// Writes the blocking index anew from the records as they are linked, under the data key that seals now.
pub async fn index_anew(app: &App) -> Result<(), Error> {
    let _turn = app.store.run_lock().await?;
    let Some((_, ready)) = active(app).await? else { return Ok(()) };
    let (corpus, features) = corpus::linked(app, &ready.model().settings).await?;
    let work = move || linkage::link::keys(&features, ready.model());
    let keys = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    app.store.replace_index(by_version(&corpus, keys)).await
}

/// Why two records weigh what they weigh, field by field, under the active model.
pub async fn explain(app: &App, a: RecordId, b: RecordId) -> Result<Explanation, Error> {
    let model = required(app).await?;
    let mut sides = Vec::with_capacity(2);
    for id in [a, b] {
        let record = app.store.current_record(id).await?;
        let record = record.ok_or(Error::NotFound { noun: "record" })?;
        let agency = app.store.agency(&record.agency).await?;
        sides.push((record, agency));
    }
    let beside = app.store.beside(&[a, b]).await?;
    let [a, b] = [0, 1].map(|it| Written::new(&sides[it].0, &sides[it].1));
    Ok(linkage::score::explain(&a, &b, model.model(), !beside.is_empty()))
}

/// What stewards said that binds the engine, pair by pair.
pub async fn standing_bonds(app: &App) -> Result<Vec<Decision>, Error> {
    Ok(bonds(&app.store.standing_verdicts().await?))
}

/// The pairs that blocking proposes under the active model, to measure its recall.
pub async fn candidates(app: &App) -> Result<Vec<(RecordId, RecordId)>, Error> {
    let ready = required(app).await?;
    let (_, features) = load(app, &ready.model().settings).await?;
    let work = move || linkage::link::candidate_pairs(&features, ready.model());
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Of so many linked records at least one must be new or changed for everything to be linked afresh rather
/// than what the change reaches.
const PART: u64 = 8;

/// Makes a run. Whoever calls holds the run lock.
pub(super) async fn run(app: &App, cause: Cause) -> Result<LinkReport, Error> {
    let (started, started_at) = (Instant::now(), clock::now());
    let active = active(app).await?;
    let last = app.store.last_run().await?;
    let before: LinkReport =
        last.as_ref().map(|it| serde_json::from_str(&it.counts)).transpose()?.unwrap_or_default();
    if matches!(cause.kind, CauseKind::NewRecords)
        && active.is_some()
        && app.store.is_linked().await?
    {
        let seconds = started.elapsed().as_secs_f64();
        return Ok(LinkReport { changed: 0, retired: 0, up_to_date: true, seconds, ..before });
    }
    let code = cause.code();
    let (everything_again, active) = match &cause.kind {
        CauseKind::Activated(id, model) => (true, Some((*id, Arc::clone(model)))),
        CauseKind::Everything => (true, active),
        _ => (false, active),
    };
    let ground = Grounds::of(app, cause.kind).await?;
    let decisions = bonds(&ground.verdicts);
    let changed = app.store.unlinked().await?;
    let moved = (changed.len() + ground.gone.len()) as u64;
    let few = moved * PART <= before.records;
    let worked = match active {
        Some(model) if few && !everything_again => {
            let part = (changed, ground.gone, ground.spoken);
            around(app, model, part, decisions).await?
        }
        model => everything(app, model, decisions).await?,
    };
    refuse_contradiction(code, &worked.linkage)?;
    // A moment of its own, after that of the run before, so that each state has been for a while.
    let last = last.map(|it| it.finished_at + TimeDelta::milliseconds(1));
    let at = last.map_or(clock::now(), |it| it.max(clock::now()));
    let Worked { corpus, linkage, model: (model_id, ready), blocks, capped_blocks } = worked;
    let plan = changes::Ground {
        verdicts: &ground.verdicts,
        verdict: ground.verdict.as_ref(),
        undone: ground.undone.as_deref(),
        at,
    };
    let mut planned = changes::plan(&app.store, &corpus, &linkage, &plan).await?;
    let under = (model_id, ready.model());
    let (queue, waiting) =
        queue::plan(&app.store, &corpus, &linkage, under, &ground.verdicts).await?;
    (planned.queue, planned.blocks) = (queue, blocks);
    planned.standings = standings::of(app, &corpus, &planned).await?;
    let report = report::after(&before, &corpus, &linkage, &planned, waiting, capped_blocks);
    let run = Run {
        id: RunId(Uuid::new_v4()),
        model: model_id,
        cause: code,
        by: cause.by,
        counts: serde_json::to_string(&LinkReport {
            seconds: started.elapsed().as_secs_f64(),
            ..report
        })?,
        started_at,
        finished_at: at,
    };
    tell(app, "store", 0, false);
    let (store, runtime) = (app.store.clone(), Handle::current());
    let keep = move || runtime.block_on(store.keep_run(run, planned, ground.made));
    tokio::task::spawn_blocking(keep).await.map_err(Error::internal)??;
    tell(app, "store", 1000, true);
    Ok(LinkReport { seconds: started.elapsed().as_secs_f64(), ..report })
}
/// The verdicts as the engine knows them.
fn bonds(verdicts: &[(DecisionId, Verdict)]) -> Vec<Decision> {
    verdicts.iter().flat_map(|(id, verdict)| verdict.bonds(*id)).collect()
}

/// Refuses a decision that cannot be followed beside those that stand, or that would break one.
fn refuse_contradiction(cause: RunCause, linkage: &Linkage) -> Result<(), Error> {
    let id = match cause {
        RunCause::Decision(id) => Some(id),
        RunCause::Together => None,
        _ => return Ok(()),
    };
    // None stood before, so each is of this decision's making, even between two others.
    let Some(found) = linkage.contradictions.first() else { return Ok(()) };
    let other = if Some(found.never) == id { found.same } else { found.never };
    Err(Error::Conflict(format!("the decision {other} stands against it; undo that one first")))
}

/// Links all records under `model`; without one, one is estimated first.
async fn everything(
    app: &App,
    model: Option<ActiveModel>,
    decisions: Vec<Decision>,
) -> Result<Worked, Error> {
    let settings = match &model {
        Some((_, ready)) => ready.model().settings.clone(),
        None => Settings::default(),
    };
    let (corpus, features) = load(app, &settings).await?;
    let work = {
        let app = app.clone();
        move || {
            let (id, ready) = match model {
                Some((id, ready)) => (Some(id), ready),
                None => {
                    tell(&app, "train", 0, false);
                    (None, Arc::new(Ready::new(Model::train(&features, &settings))))
                }
            };
            let linkage = link_all(&app, &features, ready.model(), &decisions);
            let keys = linkage::link::keys(&features, ready.model());
            (corpus, linkage, id, ready, keys)
        }
    };
    let worked = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    let (corpus, linkage, id, ready, keys) = worked;
    let id = match id {
        Some(id) => id,
        None => app.store.activate_model(ready.model(), clock::now()).await?,
    };
    let blocks = BlockChanges::All(by_version(&corpus, keys));
    let capped_blocks = linkage.counts.capped_blocks as i64;
    Ok(Worked { corpus, linkage, model: (id, ready), blocks, capped_blocks })
}

/// Links `changed` records, what is left beside those that are `gone`, and those of which decisions spoke or
/// speak, as far as the change reaches.
async fn around(
    app: &App,
    (id, ready): ActiveModel,
    (changed, gone, spoken): (Vec<RecordId>, Vec<RecordId>, Vec<RecordId>),
    decisions: Vec<Decision>,
) -> Result<Worked, Error> {
    let settings = ready.model().settings.clone();
    let mut register = StoredRegister::new(&app.store, settings).await?;
    let work = move || {
        let change =
            Change { changed: &changed, gone: &gone, decisions: &decisions, spoken: &spoken };
        let found = relink(&mut register, &ready, &change);
        (register, found, ready, gone)
    };
    let worked = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    let (register, found, ready, gone) = worked;
    let found = found?;
    let corpus = register.corpus(&found, &gone).await?;
    let blocks = BlockChanges::More(by_version(&corpus, found.keys));
    let (linkage, capped_blocks) = (found.found, found.capped_blocks);
    Ok(Worked { corpus, linkage, model: (id, ready), blocks, capped_blocks })
}

/// Runs the engine on everything.
fn link_all(app: &App, records: &Features, model: &Model, decisions: &[Decision]) -> Linkage {
    let report = |stage, share: f32| tell(app, stage_code(stage), thousandths(share), false);
    linkage::link::link(records, model, decisions, &report)
}

/// Blocking keys by the version that has them.
fn by_version(corpus: &Corpus, keys: Vec<(RecordId, Vec<u64>)>) -> Vec<(i64, Vec<u64>)> {
    let versions: HashMap<RecordId, i64> =
        corpus.current.iter().map(|it| (it.record.id, it.version)).collect();
    keys.into_iter().filter_map(|(id, keys)| Some((*versions.get(&id)?, keys))).collect()
}

fn stage_code(stage: Stage) -> &'static str {
    match stage {
        Stage::Prepare => "prepare",
        Stage::Block => "block",
        Stage::Train => "train",
        Stage::Score => "score",
        Stage::Cluster => "cluster",
        Stage::Owners => "owners",
        Stage::Review => "review",
    }
}

fn thousandths(share: f32) -> u64 {
    (share * 1000.0) as u64
}

fn tell(app: &App, stage: &str, done: u64, finished: bool) {
    app.progress.tell(Progress {
        job: "link".into(),
        subject: String::new(),
        agency: None,
        stage: stage.to_owned(),
        done,
        total: Some(1000),
        finished,
    });
}
