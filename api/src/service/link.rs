//! Linking: current records, bound by the stewards' decisions, -> enterprises with ids that last.

mod changes;
mod corpus;
mod draw;
mod queue;
mod trial;

pub use trial::{Homes, Trial, trial};

use std::collections::HashSet;
use std::time::Instant;

use chrono::TimeDelta;
use corpus::{Corpus, changed_records, load, previous};
use domain::id::{DecisionId, ModelId, RecordId, RunId};
use domain::viewer::Viewer;
use linkage::features::Written;
use linkage::link::{Decision, Linkage, Previous, Stage};
use linkage::model::Model;
use linkage::score::Explanation;
use linkage::settings::Settings;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::progress::Progress;
use crate::store::decisions::{DecisionChange, NewDecision, StoredDecision, Verdict};
use crate::store::linking::{Run, RunCause};

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkReport {
    /// Records that are current.
    pub records: u64,
    /// Enterprises they are.
    pub enterprises: u64,
    /// Records beyond the first of their enterprise.
    pub duplicates: u64,
    /// Persons named as owners.
    pub owners: u64,
    /// Pairs that were compared.
    pub candidate_pairs: u64,
    /// Pairs a person should look at.
    pub review_pairs: u64,
    /// Further such pairs, of less consequence, that the queue has no room for.
    #[serde(default)]
    pub review_pairs_left_out: u64,
    /// Blocks that were too large and were refined.
    pub capped_blocks: u64,
    /// Enterprises whose profile or records changed.
    pub changed: u64,
    /// Ids retired in this run.
    pub retired: u64,
    /// Nothing was new, so nothing was done.
    pub up_to_date: bool,
    /// Seconds it took.
    pub seconds: f64,
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
    Activated(ModelId, Box<Model>),
    /// Several decisions come into force at once.
    Together(Vec<NewDecision>),
    /// A decision comes into force.
    Decided(DecisionId, Verdict, DecisionChange),
    /// A decision is taken back.
    Undone(Box<StoredDecision>),
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
        }
    }
}

/// Links what is new since the last run; under a first model, everything.
pub async fn link(app: &App) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    run(app, Cause { kind: CauseKind::NewRecords, by: None }).await
}

/// [`link`] for somebody.
pub async fn link_for(app: &App, by: &Viewer) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    run(app, Cause { kind: CauseKind::NewRecords, by: Some(by.subject.clone()) }).await
}

/// Links everything afresh under the active model. Law 3: this finds what [`link`] found.
pub async fn link_everything(app: &App) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    run(app, Cause { kind: CauseKind::Everything, by: None }).await
}

/// Why two records weigh what they weigh, field by field, under the active model.
pub async fn explain(app: &App, a: RecordId, b: RecordId) -> Result<Explanation, Error> {
    let (_, model) = app.store.active_model().await?.ok_or(Error::NotFound { noun: "model" })?;
    let mut sides = Vec::with_capacity(2);
    for id in [a, b] {
        let record = app.store.current_record(id).await?;
        let record = record.ok_or(Error::NotFound { noun: "record" })?;
        let agency = app.store.agency(&record.agency).await?;
        sides.push((record, agency));
    }
    let beside = app.store.beside(&[a, b]).await?;
    let [a, b] = [0, 1].map(|it| Written::new(&sides[it].0, &sides[it].1));
    Ok(linkage::score::explain(&a, &b, &model, !beside.is_empty()))
}

/// What stewards said that binds the engine, pair by pair.
pub async fn standing_bonds(app: &App) -> Result<Vec<Decision>, Error> {
    Ok(bonds(&app.store.standing_verdicts().await?))
}

/// The pairs that blocking proposes under the active model, to measure its recall.
pub async fn candidates(app: &App) -> Result<Vec<(RecordId, RecordId)>, Error> {
    let (_, model) = app.store.active_model().await?.ok_or(Error::NotFound { noun: "model" })?;
    let corpus = load(app, &model.settings).await?;
    let work = move || linkage::link::candidate_pairs(&corpus.features, &model);
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Makes a run. Whoever calls holds the run lock.
pub(super) async fn run(app: &App, cause: Cause) -> Result<LinkReport, Error> {
    let (started, started_at) = (Instant::now(), clock::now());
    let mut active = app.store.active_model().await?;
    if matches!(cause.kind, CauseKind::NewRecords)
        && active.is_some()
        && app.store.is_linked().await?
    {
        let last = app.store.last_run().await?;
        let report: LinkReport =
            last.map(|it| serde_json::from_str(&it.counts)).transpose()?.unwrap_or_default();
        let seconds = started.elapsed().as_secs_f64();
        return Ok(LinkReport { changed: 0, retired: 0, up_to_date: true, seconds, ..report });
    }
    let settings = match (&cause.kind, &active) {
        (CauseKind::Activated(_, model), _) => model.settings.clone(),
        (_, Some((_, model))) => model.settings.clone(),
        (_, None) => Settings::default(),
    };
    let corpus = load(app, &settings).await?;
    let mut verdicts = app.store.standing_verdicts().await?;
    let last = app.store.last_run().await?;
    let capped = match &last {
        Some(run) => serde_json::from_str(&run.capped_blocks)?,
        None => Vec::new(),
    };
    let since = match cause.kind {
        CauseKind::Everything | CauseKind::Activated(..) => None,
        _ => Some((previous(&corpus, capped, bonds(&verdicts)), changed_records(&corpus))),
    };
    let code = cause.code();
    let (mut verdict, mut undone, mut made) = (None, None, vec![]);
    match cause.kind {
        CauseKind::NewRecords | CauseKind::Everything => {}
        CauseKind::Activated(id, model) => active = Some((id, *model)),
        CauseKind::Together(all) => {
            verdicts.extend(all.iter().map(|it| (it.id, it.verdict.clone())));
            made.extend(all.into_iter().map(DecisionChange::Make));
        }
        CauseKind::Decided(id, said, change) => {
            verdicts.push((id, said.clone()));
            verdict = Some(said);
            made.push(change);
        }
        CauseKind::Undone(stored) => {
            verdicts.retain(|it| it.0 != stored.id);
            verdict = Some(stored.verdict.clone());
            made.push(DecisionChange::Undo(stored.id));
            undone = Some(stored);
        }
    }
    let decisions = bonds(&verdicts);
    let worked = {
        let app = app.clone();
        tokio::task::spawn_blocking(move || {
            let found = compute(&app, &corpus, &settings, active, &decisions, since);
            (corpus, found)
        })
    };
    let (corpus, (model_id, model, linkage)) = worked.await.map_err(Error::internal)?;
    let model_id = match model_id {
        Some(id) => id,
        None => app.store.activate_model(&model, clock::now()).await?,
    };
    refuse_contradiction(code, &linkage)?;
    // A moment of its own, after that of the run before, so that each state has been for a while.
    let last = last.map(|it| it.finished_at + TimeDelta::milliseconds(1));
    let at = last.map_or(clock::now(), |it| it.max(clock::now()));
    let ground = changes::Ground {
        verdicts: &verdicts,
        verdict: verdict.as_ref(),
        undone: undone.as_deref(),
        at,
    };
    let mut planned = changes::plan(&app.store, &corpus, &linkage, &ground).await?;
    let under = (model_id, &model);
    planned.queue = queue::plan(&app.store, &corpus, &linkage, under, &verdicts).await?;
    let report = LinkReport {
        records: corpus.current.len() as u64,
        enterprises: linkage.enterprises.len() as u64,
        duplicates: (corpus.current.len() - linkage.enterprises.len()) as u64,
        owners: linkage.owners.len() as u64,
        candidate_pairs: linkage.counts.candidate_pairs as u64,
        review_pairs: linkage.review.len().min(changes::REVIEW_QUEUE) as u64,
        review_pairs_left_out: linkage.review.len().saturating_sub(changes::REVIEW_QUEUE) as u64,
        capped_blocks: linkage.counts.capped_blocks as u64,
        changed: planned.enterprises.len() as u64,
        retired: planned.redirects.len() as u64,
        up_to_date: false,
        seconds: started.elapsed().as_secs_f64(),
    };
    let run = Run {
        id: RunId(Uuid::new_v4()),
        model: model_id,
        cause: code,
        by: cause.by,
        counts: serde_json::to_string(&report)?,
        capped_blocks: serde_json::to_string(&linkage.capped)?,
        started_at,
        finished_at: at,
    };
    tell(app, "store", 0, false);
    app.store.keep_run(run, planned, made).await?;
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

/// Runs the engine on what changed `since`, or on everything; without an active model one is estimated
/// first.
fn compute(
    app: &App,
    corpus: &Corpus,
    settings: &Settings,
    active: Option<(ModelId, Model)>,
    decisions: &[Decision],
    since: Option<(Previous, HashSet<RecordId>)>,
) -> (Option<ModelId>, Model, Linkage) {
    let report = |stage, share: f32| tell(app, stage_code(stage), thousandths(share), false);
    let records = &corpus.features;
    let (id, model, since) = match active {
        Some((id, model)) => (Some(id), model, since),
        None => {
            tell(app, "train", 0, false);
            (None, Model::train(records, settings), None)
        }
    };
    let linkage = match since {
        Some((previous, changed)) => {
            linkage::link::relink(records, &model, decisions, &previous, &changed)
        }
        None => linkage::link::link(records, &model, decisions, &report),
    };
    (id, model, linkage)
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
        job: "link",
        subject: String::new(),
        agency: None,
        stage: stage.to_owned(),
        done,
        total: Some(1000),
        finished,
    });
}
