//! Linkage models: what a new one would change, making it the one that links, and what each says of itself.

use std::sync::Arc;

use domain::id::{DecisionId, EnterpriseId, ModelId, RecordId, RunId};
use domain::viewer::Viewer;
use linkage::link::Ready;
use linkage::model::Model;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::link::{self, Cause, CauseKind, LinkReport, Trial};
use crate::service::outcome::Outcome;

/// How many enterprises a preview shows.
const SAMPLE: usize = 20;

/// How a new model differs from the one it starts from.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The model to start from; the active one unless named.
    pub from: Option<ModelId>,
    /// Settings by name with their new values; any makes the model estimate anew.
    pub settings: Vec<(String, serde_json::Value)>,
    /// Estimate anew from the current records, even with the same settings.
    pub train: bool,
    /// Bits from which a pair is linked without a person's word.
    pub link_bits: Option<f64>,
    /// Bits from which a pair is put to a person.
    pub review_bits: Option<f64>,
}

/// What a model would change, as found on one state of the register.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// Enterprises as they are.
    pub enterprises_now: u64,
    /// Enterprises there would be.
    pub enterprises_then: u64,
    /// Ids that would be retired, their records merged into another enterprise.
    pub merged: u64,
    /// Enterprises that would be split off another.
    pub split: u64,
    /// Enterprises that would keep their id and change their records or profile.
    pub touched: u64,
    /// Pairs that would wait for a person.
    pub review_pairs: u64,
    /// Some of what would change, the most records first.
    pub sample: Vec<SampledChange>,
}

/// One change of a preview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampledChange {
    /// Enterprises as they are.
    pub enterprises: Vec<Uuid>,
    /// The groups their records would make.
    pub groups: Vec<Vec<Uuid>>,
}

/// What an activation did.
#[derive(Debug, Clone, Serialize)]
pub struct Activation {
    /// The run that linked everything.
    #[serde(skip)]
    pub run: RunId,
    /// What it found.
    pub report: LinkReport,
}

/// Works out what a new model would merge, split and touch, and keeps the model, inactive, to be activated.
/// Nothing else is written.
///
/// Refuses when rows wait to be linked: what they change would be counted as the model's doing.
pub async fn preview(app: &App, by: &Viewer, change: Change) -> Result<(ModelId, Preview), Error> {
    let _turn = app.store.run_lock().await?;
    if !app.store.is_linked().await? {
        return Err(Error::Conflict("rows wait to be linked; link them, then preview".into()));
    }
    let base = match change.from {
        Some(id) => app.store.model(id).await?.ok_or(Error::NotFound { noun: "model" })?,
        None => {
            let active = link::active(app).await?;
            let none = || Error::Conflict("nothing was linked yet; link first".into());
            active.ok_or_else(none)?.1.model().clone()
        }
    };
    for (field, bits) in [("linkBits", change.link_bits), ("reviewBits", change.review_bits)] {
        if bits.is_some_and(|it| !(-100.0..=100.0).contains(&it)) {
            return Err(Error::invalid(field, "must be from -100 to 100"));
        }
    }
    let settings = merged_settings(&base, &change.settings)?;
    let train = change.train || !change.settings.is_empty();
    let (link_bits, review_bits) = (change.link_bits, change.review_bits);
    let read_by = settings.clone();
    let make = move |records: &linkage::features::Features| {
        let mut model = if train { Model::train(records, &settings) } else { base };
        model.link_bits = link_bits.unwrap_or(model.link_bits);
        model.review_bits = review_bits.unwrap_or(model.review_bits).min(model.link_bits);
        model
    };
    let mut found = link::trial(app, &read_by, make).await?;
    if change.link_bits.is_some() {
        found.model.expected_precision = found.expected_precision;
    }
    let now = app.store.members().await?;
    let now: std::collections::HashSet<EnterpriseId> =
        now.values().map(|it| it.enterprise).collect();
    let preview = Preview {
        enterprises_now: now.len() as u64,
        enterprises_then: found.enterprises as u64,
        merged: found.outcome.merged.len() as u64,
        split: found.outcome.split.len() as u64,
        touched: found.outcome.touched.len() as u64,
        review_pairs: found.review_pairs as u64,
        sample: sample(&found),
    };
    let basis = app.store.linkage_state().await?;
    let text = serde_json::to_string(&preview)?;
    let id = app.store.keep_preview(&found.model, &basis, &text, &by.subject, clock::now()).await?;
    Ok((id, preview))
}

/// Makes a previewed model the one that links, and links everything under it: ids are handed on and
/// decisions bind as ever.
///
/// It links the whole register anew, so `by` must be another person than whoever previewed it; none stands for
/// the command line, whose caller has the database itself. Fails with [`Error::StalePreview`] when a row, a decision or a run came after the preview: then what it
/// said no longer holds.
pub async fn activate(app: &App, by: Option<String>, id: ModelId) -> Result<Activation, Error> {
    let _turn = app.store.run_lock().await?;
    let row = app.store.model_row(id).await?.ok_or(Error::NotFound { noun: "model" })?;
    if row.active {
        return Err(Error::Conflict("this model is the active one already".into()));
    }
    let preview = app.store.preview(id).await?.ok_or(Error::StalePreview)?;
    if by.as_ref() == Some(&preview.made_by) {
        let refusal = "another person than who previewed the model must activate it";
        return Err(Error::Conflict(refusal.into()));
    }
    if preview.basis != app.store.linkage_state().await? {
        return Err(Error::StalePreview);
    }
    let model = app.store.model(id).await?.ok_or(Error::NotFound { noun: "model" })?;
    let kind = CauseKind::Activated(id, Arc::new(Ready::new(model)));
    let report = link::run(app, Cause { kind, by }).await?;
    let run = app.store.last_run().await?.ok_or_else(|| Error::internal("no run was kept"))?;
    Ok(Activation { run: RunId(run.id), report })
}

/// What a run did to enterprises.
pub async fn outcome(app: &App, run: RunId) -> Result<Outcome, Error> {
    let events = app.store.events_of_run(run).await?;
    Ok(Outcome::of(events.into_iter()))
}

/// What taking a decision back did to enterprises; nothing when no run was needed.
pub async fn undo_outcome(app: &App, decision: DecisionId) -> Result<Outcome, Error> {
    match app.store.undo_run(decision).await? {
        Some(run) => outcome(app, run).await,
        None => Ok(Outcome::of(std::iter::empty())),
    }
}

/// Whether the estimate can be relied on, in one sentence.
pub fn statement(model: &Model) -> String {
    if model.converged {
        format!("The estimate came to rest after {} rounds.", model.rounds)
    } else {
        format!(
            "The estimate did not come to rest in {} rounds: take its probabilities and its expected \
             precision as unproven until stewards' answers confirm them.",
            model.rounds
        )
    }
}

fn merged_settings(
    base: &Model,
    changes: &[(String, serde_json::Value)],
) -> Result<linkage::settings::Settings, Error> {
    let mut settings = serde_json::to_value(&base.settings)?;
    for (name, value) in changes {
        let known = settings.as_object_mut().and_then(|it| it.get_mut(name));
        let place = known.ok_or_else(|| {
            Error::invalid("settings", "one of them is not a setting of the linkage model")
        })?;
        *place = value.clone();
    }
    let settings: linkage::settings::Settings = serde_json::from_value(settings)
        .map_err(|_| Error::invalid("settings", "one of them has a value of the wrong kind"))?;
    settings.check().map_err(|it| Error::invalid("settings", it.0))?;
    Ok(settings)
}

fn sample(found: &Trial) -> Vec<SampledChange> {
    let outcome = &found.outcome;
    let centres = outcome.merged.iter().map(|it| it.1).chain(outcome.split.iter().map(|it| it.0));
    let mut around: Vec<(Vec<EnterpriseId>, Vec<Vec<RecordId>>)> =
        centres.chain(outcome.touched.iter().copied()).map(|it| found.homes.around(it)).collect();
    let records = |it: &[Vec<RecordId>]| it.iter().map(Vec::len).sum::<usize>();
    around.retain(|(now, then)| 1 < now.len() || 1 < then.len());
    around.sort_by_key(|it| (std::cmp::Reverse(records(&it.1)), it.0.clone()));
    around.dedup();
    let change = |(now, then): (Vec<EnterpriseId>, Vec<Vec<RecordId>>)| SampledChange {
        enterprises: now.into_iter().map(|it| it.0).collect(),
        groups: then.into_iter().map(|it| it.into_iter().map(|it| it.0).collect()).collect(),
    };
    around.into_iter().take(SAMPLE).map(change).collect()
}
