//! Linking: current records -> enterprises with ids that last, and the stewards' decisions that bind it.

mod changes;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use domain::agency::{Agency, AgencyCode};
use domain::id::{DecisionId, EnterpriseId, ModelId, RecordId, RunId};
use domain::viewer::Viewer;
use linkage::link::{Decision, DecisionKind, Linkage, Previous, ScoredPair, Stage};
use linkage::model::Model;
use linkage::normalise::{NormalisedRecord, normalise};
use linkage::score::Explanation;
use linkage::settings::Settings;
use rayon::prelude::*;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::progress::Progress;
use crate::store::linking::{CurrentRecord, DecisionChange, Member, Run};

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

/// Everything a run works on.
struct Corpus {
    current: Vec<CurrentRecord>,
    normalised: Vec<NormalisedRecord>,
    agencies: HashMap<AgencyCode, Agency>,
    members: HashMap<RecordId, Member>,
    pairs: Vec<entity::link_pair::Model>,
}

/// Why a run is made.
enum Cause {
    NewRecords,
    Everything,
    Decided(Decision, Box<entity::decision::ActiveModel>),
    Undone { id: DecisionId, by: String, before: HashMap<RecordId, EnterpriseId> },
}

/// Links what is new since the last run; under a first model, everything.
pub async fn link(app: &App) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    run(app, Cause::NewRecords).await
}

/// Links everything afresh under the active model. Law 3: this finds what [`link`] found.
pub async fn link_everything(app: &App) -> Result<LinkReport, Error> {
    let _turn = app.store.run_lock().await?;
    run(app, Cause::Everything).await
}

/// Records a steward's answer about two records and links again what it touches.
pub async fn decide(
    app: &App,
    by: &Viewer,
    kind: DecisionKind,
    a: RecordId,
    b: RecordId,
    reason: &str,
) -> Result<DecisionId, Error> {
    let _turn = app.store.run_lock().await?;
    let members = app.store.members().await?;
    let (Some(first), Some(second)) = (members.get(&a), members.get(&b)) else {
        return Err(Error::NotFound { noun: "linked record" });
    };
    if a == b {
        return Err(Error::invalid("b", "must be another record than a"));
    }
    let opposed = app
        .store
        .standing_decisions()
        .await?
        .into_iter()
        .any(|it| it.kind != kind && ((it.a, it.b) == (a, b) || (it.b, it.a) == (a, b)));
    if opposed {
        return Err(Error::Conflict(
            "an opposite decision about these two records stands; undo it first".into(),
        ));
    }
    let touched = [first.enterprise, second.enterprise];
    let before: HashMap<Uuid, Uuid> = members
        .iter()
        .filter(|(_, it)| touched.contains(&it.enterprise))
        .map(|(record, it)| (record.0, it.enterprise.0))
        .collect();
    let id = DecisionId(Uuid::new_v4());
    let row = entity::decision::ActiveModel {
        id: Set(id.0),
        kind: Set(kind_code(kind).to_owned()),
        a: Set(a.0),
        b: Set(b.0),
        reason: Set(reason.to_owned()),
        before: Set(serde_json::to_string(&before)?),
        made_by: Set(by.subject.clone()),
        made_at: Set(clock::now()),
        undone_by: Set(None),
        undone_at: Set(None),
        ..Default::default()
    };
    run(app, Cause::Decided(Decision { id, kind, a, b }, Box::new(row))).await?;
    Ok(id)
}

/// Takes a decision back: profiles and ids become what they were before it.
pub async fn undo(app: &App, by: &Viewer, id: DecisionId) -> Result<(), Error> {
    let _turn = app.store.run_lock().await?;
    let stored = app.store.decision(id).await?.ok_or(Error::NotFound { noun: "decision" })?;
    if stored.undone {
        return Err(Error::Conflict("this decision has been taken back already".into()));
    }
    run(app, Cause::Undone { id, by: by.subject.clone(), before: stored.before }).await?;
    Ok(())
}

/// Why two records weigh what they weigh, field by field, under the active model.
pub async fn explain(app: &App, a: RecordId, b: RecordId) -> Result<Explanation, Error> {
    let (_, model) = app.store.active_model().await?.ok_or(Error::NotFound { noun: "model" })?;
    let mut sides = Vec::with_capacity(2);
    for id in [a, b] {
        let record = app.store.current_record(id).await?;
        let record = record.ok_or(Error::NotFound { noun: "record" })?;
        let agency = app.store.agency(&record.agency).await?;
        sides.push(normalise(&record, &agency));
    }
    Ok(linkage::score::explain(&sides[0], &sides[1], &model))
}

/// The pairs that blocking proposes under the active model, to measure its recall.
pub async fn candidates(app: &App) -> Result<Vec<(RecordId, RecordId)>, Error> {
    let (_, model) = app.store.active_model().await?.ok_or(Error::NotFound { noun: "model" })?;
    let corpus = load(app).await?;
    let work = move || linkage::link::candidate_pairs(&corpus.normalised, &model);
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// The word for a kind of decision in the table and the API.
pub fn kind_code(kind: DecisionKind) -> &'static str {
    match kind {
        DecisionKind::Same => "same",
        DecisionKind::Never => "never",
    }
}

async fn run(app: &App, cause: Cause) -> Result<LinkReport, Error> {
    let (started, started_at) = (Instant::now(), clock::now());
    let active = app.store.active_model().await?;
    if matches!(cause, Cause::NewRecords) && active.is_some() && app.store.is_linked().await? {
        let last = app.store.last_run().await?;
        let report: LinkReport =
            last.map(|it| serde_json::from_str(&it.counts)).transpose()?.unwrap_or_default();
        let seconds = started.elapsed().as_secs_f64();
        return Ok(LinkReport { changed: 0, retired: 0, up_to_date: true, seconds, ..report });
    }
    let corpus = load(app).await?;
    let standing = app.store.standing_decisions().await?;
    let capped = match app.store.last_run().await? {
        Some(run) => serde_json::from_str(&run.capped_blocks)?,
        None => Vec::new(),
    };
    let mut since = Some((previous(&corpus, capped, standing.clone()), changed_records(&corpus)));
    let mut decisions = standing;
    let mut restored = HashMap::new();
    let (cause, decision) = match cause {
        Cause::NewRecords => ("link".to_owned(), None),
        Cause::Everything => {
            since = None;
            ("link everything".to_owned(), None)
        }
        Cause::Decided(decision, row) => {
            let text = decision.id.to_string();
            decisions.push(decision);
            (text, Some(DecisionChange::Make(row)))
        }
        Cause::Undone { id, by, before } => {
            decisions.retain(|it| it.id != id);
            restored = before;
            (format!("undo {id}"), Some(DecisionChange::Undo { id, by, at: clock::now() }))
        }
    };
    let worked = {
        let app = app.clone();
        tokio::task::spawn_blocking(move || {
            let found = compute(&app, &corpus, active, &decisions, since);
            (corpus, found)
        })
    };
    let (corpus, (model_id, model, linkage)) = worked.await.map_err(Error::internal)?;
    let model_id = match model_id {
        Some(id) => id,
        None => app.store.activate_model(&model, clock::now()).await?,
    };
    let planned = changes::plan(&app.store, &corpus, &linkage, &restored).await?;
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
        cause,
        counts: serde_json::to_string(&report)?,
        capped_blocks: serde_json::to_string(&linkage.capped)?,
        started_at,
        finished_at: clock::now(),
    };
    tell(app, "store", 0, false);
    app.store.keep_run(run, planned, decision).await?;
    tell(app, "store", 1000, true);
    Ok(LinkReport { seconds: started.elapsed().as_secs_f64(), ..report })
}

async fn load(app: &App) -> Result<Corpus, Error> {
    tell(app, "normalise", 0, false);
    let agencies = app.store.agencies().await?;
    let agencies: HashMap<AgencyCode, Agency> =
        agencies.into_iter().map(|it| (it.code.clone(), it)).collect();
    let current = app.store.current_records().await?;
    let members = app.store.members().await?;
    let pairs = app.store.pairs().await?;
    let work = move || {
        let normalised: Vec<NormalisedRecord> = current
            .par_iter()
            .filter_map(|it| Some(normalise(&it.record, agencies.get(&it.record.agency)?)))
            .collect();
        Corpus { current, normalised, agencies, members, pairs }
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// The records that are new, have a new version, or are gone since the last run.
fn changed_records(corpus: &Corpus) -> HashSet<RecordId> {
    let versions: HashMap<RecordId, i64> =
        corpus.current.iter().map(|it| (it.record.id, it.version)).collect();
    let linked = |id: &RecordId| corpus.members.get(id).map(|it| it.version);
    let new = versions.iter().filter(|(id, version)| linked(id) != Some(**version));
    let gone = corpus.members.keys().filter(|it| !versions.contains_key(it));
    new.map(|(id, _)| *id).chain(gone.copied()).collect()
}

/// Runs the engine on what changed `since`, or on everything; without an active model one is estimated
/// first.
fn compute(
    app: &App,
    corpus: &Corpus,
    active: Option<(ModelId, Model)>,
    decisions: &[Decision],
    since: Option<(Previous, HashSet<RecordId>)>,
) -> (Option<ModelId>, Model, Linkage) {
    let report = |stage, share: f32| tell(app, stage_code(stage), thousandths(share), false);
    let records = &corpus.normalised;
    let (id, model, since) = match active {
        Some((id, model)) => (Some(id), model, since),
        None => {
            tell(app, "train", 0, false);
            (None, Model::train(records, &Settings::default()), None)
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

/// What the engine needs to know of the run before.
fn previous(corpus: &Corpus, capped: Vec<u64>, decisions: Vec<Decision>) -> Previous {
    let mut enterprises: BTreeMap<EnterpriseId, Vec<RecordId>> = BTreeMap::new();
    for (record, member) in &corpus.members {
        enterprises.entry(member.enterprise).or_default().push(*record);
    }
    let mut enterprises: Vec<Vec<RecordId>> = enterprises.into_values().collect();
    enterprises.iter_mut().for_each(|it| it.sort());
    enterprises.sort();
    let mut pairs: Vec<ScoredPair> = corpus
        .pairs
        .iter()
        .filter(|it| it.kept)
        .map(|it| ScoredPair {
            a: RecordId(it.a),
            b: RecordId(it.b),
            weight_bits: it.weight,
            probability: it.probability,
            person_bits: it.person_weight,
            linked: it.linked,
        })
        .collect();
    pairs.sort_by_key(|it| (it.a, it.b));
    Previous { pairs, enterprises, capped, decisions }
}

fn stage_code(stage: Stage) -> &'static str {
    match stage {
        Stage::Prepare => "prepare",
        Stage::Block => "block",
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
