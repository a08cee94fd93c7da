//! What stewards say, and taking it back. Law 5: it binds every run until it is undone.
//!
//! Each of these first links what is new, so that a decision is told from, and does, nothing else.

use std::collections::BTreeSet;

use domain::enterprise::{Attribute, EnterpriseProfile, Value};
use domain::id::{DecisionId, EnterpriseId, RecordId};
use domain::identifier::Nik;
use domain::viewer::{Scope, Viewer};
use linkage::normalise::normalise;
use uuid::Uuid;

use super::link::{self, Cause, CauseKind, explain};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::decisions::{DecisionChange, NewDecision, Status, StoredDecision, Verdict};
use crate::store::profile_json;

/// What is answered about two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// They are one enterprise.
    Same,
    /// They are not.
    Never,
    /// Nobody can tell from the evidence as it is.
    NotSure,
}

/// Answers whether two records are one enterprise.
///
/// A *same* that joins different valid NIKs of sole owners waits for another person's approval; then its
/// [`Status`] is pending. A decision that cannot be followed beside those that stand is
/// [`Error::Conflict`].
pub async fn decide(
    app: &App,
    by: &Viewer,
    answer: Answer,
    a: RecordId,
    b: RecordId,
    reason: &str,
) -> Result<DecisionId, Error> {
    if a == b {
        return Err(Error::invalid("b", "must be another record than a"));
    }
    let _turn = app.store.run_lock().await?;
    link_new(app).await?;
    let (one, two) = (home(app, a).await?, home(app, b).await?);
    let verdict = match answer {
        Answer::Same => Verdict::Same(a, b),
        Answer::Never => Verdict::Never(a, b),
        Answer::NotSure => Verdict::NotSure(a, b, explain(app, a, b).await?.weight_bits),
    };
    let new = new(by, verdict, reason);
    let id = new.id;
    if answer == Answer::Same && needs_second(app, (a, one), (b, two)).await? {
        app.store.propose(new).await?;
        return Ok(id);
    }
    put_into_force(app, by, new).await?;
    Ok(id)
}

/// Splits a record out of its enterprise: never again with those that are in it now, unless undone.
pub async fn split_out(
    app: &App,
    by: &Viewer,
    record: RecordId,
    reason: &str,
) -> Result<DecisionId, Error> {
    let _turn = app.store.run_lock().await?;
    link_new(app).await?;
    let mut others = app.store.members_of(home(app, record).await?).await?;
    others.retain(|it| *it != record);
    if others.is_empty() {
        return Err(Error::Conflict("the record is alone in its enterprise".into()));
    }
    let new = new(by, Verdict::Split(record, others), reason);
    let id = new.id;
    put_into_force(app, by, new).await?;
    Ok(id)
}

/// Sets the value of an attribute for the enterprise that has `record`, above what its records say. It goes
/// where the record goes.
///
/// Fails with [`Error::InvalidInput`] when `value` is no value of the attribute.
pub async fn override_value(
    app: &App,
    by: &Viewer,
    record: RecordId,
    attribute: Attribute,
    value: &str,
    reason: &str,
) -> Result<DecisionId, Error> {
    let read = profile_json::read_value(attribute, value.trim());
    let empty = |it: &Value| matches!(it, Value::Text(text) if text.is_empty());
    let Some(value) = read.filter(|it| !empty(it)) else {
        return Err(Error::invalid("value", format!("is no {}", attribute.code())));
    };
    let _turn = app.store.run_lock().await?;
    link_new(app).await?;
    home(app, record).await?;
    let new = new(by, Verdict::Override(record, attribute, value), reason);
    let id = new.id;
    put_into_force(app, by, new).await?;
    Ok(id)
}

/// Takes a decision back: profiles, ids and where retired ids lead become what they were before it.
pub async fn undo(app: &App, by: &Viewer, id: DecisionId) -> Result<(), Error> {
    let _turn = app.store.run_lock().await?;
    let stored = of_status(app, id, Status::Standing, "in force").await?;
    link_new(app).await?;
    let cause = Cause { kind: CauseKind::Undone(Box::new(stored)), by: Some(by.subject.clone()) };
    link::run(app, cause).await?;
    Ok(())
}

/// Puts into force what another steward proposed.
pub async fn approve(app: &App, by: &Viewer, id: DecisionId) -> Result<(), Error> {
    let _turn = app.store.run_lock().await?;
    let stored = of_status(app, id, Status::Pending, "waiting for approval").await?;
    if stored.made_by == by.subject {
        return Err(Error::Conflict("another person than who proposed it must approve it".into()));
    }
    link_new(app).await?;
    let kind = CauseKind::Decided(id, stored.verdict, DecisionChange::Approve(id));
    link::run(app, Cause { kind, by: Some(by.subject.clone()) }).await?;
    Ok(())
}

/// Refuses what another steward proposed.
pub async fn reject(app: &App, by: &Viewer, id: DecisionId) -> Result<(), Error> {
    let _turn = app.store.run_lock().await?;
    let stored = of_status(app, id, Status::Pending, "waiting for approval").await?;
    if stored.made_by == by.subject {
        return Err(Error::Conflict("who proposed it withdraws it instead".into()));
    }
    app.store.settle(id, Status::Rejected, &by.subject, clock::now()).await
}

/// Withdraws what one proposed oneself.
pub async fn withdraw(app: &App, by: &Viewer, id: DecisionId) -> Result<(), Error> {
    let _turn = app.store.run_lock().await?;
    let stored = of_status(app, id, Status::Pending, "waiting for approval").await?;
    if stored.made_by != by.subject {
        return Err(Error::Conflict("only who proposed it can withdraw it".into()));
    }
    app.store.settle(id, Status::Withdrawn, &by.subject, clock::now()).await
}

/// Links what is new.
pub(super) async fn link_new(app: &App) -> Result<(), Error> {
    link::run(app, Cause { kind: CauseKind::NewRecords, by: None }).await?;
    Ok(())
}

/// The enterprise of a linked record.
pub(super) async fn home(app: &App, record: RecordId) -> Result<EnterpriseId, Error> {
    let homes = app.store.homes(&[record]).await?;
    homes.get(&record).copied().ok_or(Error::NotFound { noun: "linked record" })
}

pub(super) fn new(by: &Viewer, verdict: Verdict, reason: &str) -> NewDecision {
    NewDecision {
        id: DecisionId(Uuid::new_v4()),
        verdict,
        reason: reason.to_owned(),
        by: by.subject.clone(),
        at: clock::now(),
    }
}

async fn put_into_force(app: &App, by: &Viewer, new: NewDecision) -> Result<(), Error> {
    let (id, verdict) = (new.id, new.verdict.clone());
    let kind = CauseKind::Decided(id, verdict, DecisionChange::Make(new));
    link::run(app, Cause { kind, by: Some(by.subject.clone()) }).await?;
    Ok(())
}

async fn of_status(
    app: &App,
    id: DecisionId,
    status: Status,
    wanted: &str,
) -> Result<StoredDecision, Error> {
    let stored = app.store.decision(id).await?.ok_or(Error::NotFound { noun: "decision" })?;
    if stored.status == status {
        return Ok(stored);
    }
    let is = stored.status.code();
    Err(Error::Conflict(format!("this decision is {is}, not {wanted}")))
}

/// Whether a *same* joins what carries different valid NIKs of sole owners: of the two records, or of the
/// two enterprises when they share none.
pub(super) async fn needs_second(
    app: &App,
    (a, one): (RecordId, EnterpriseId),
    (b, two): (RecordId, EnterpriseId),
) -> Result<bool, Error> {
    let profiles = app.store.enterprises(&Scope::All, &[one, two]).await?;
    if profiles.iter().any(|it| !of_sole_owner(&it.profile)) {
        return Ok(false);
    }
    if let (Some(x), Some(y)) = (nik(app, a).await?, nik(app, b).await?)
        && x != y
    {
        return Ok(true);
    }
    let niks: Vec<BTreeSet<Value>> = profiles.iter().map(|it| niks(&it.profile)).collect();
    Ok(match &niks[..] {
        [x, y] => !x.is_empty() && !y.is_empty() && x.is_disjoint(y),
        _ => false,
    })
}

/// A business without a legal form, or of a form that one person trades under.
fn of_sole_owner(profile: &EnterpriseProfile) -> bool {
    match profile.value(Attribute::LegalForm) {
        Some(Value::Text(form)) => matches!(form.as_str(), "UD" | "PD"),
        _ => true,
    }
}

fn niks(profile: &EnterpriseProfile) -> BTreeSet<Value> {
    let all = profile.attributes.get(&Attribute::Nik);
    let claims = all.into_iter().flat_map(|it| std::iter::once(&it.chosen).chain(&it.alternatives));
    claims.map(|it| it.value.clone()).collect()
}

async fn nik(app: &App, record: RecordId) -> Result<Option<Nik>, Error> {
    let record = app.store.current_record(record).await?;
    let record = record.ok_or(Error::NotFound { noun: "record" })?;
    let agency = app.store.agency(&record.agency).await?;
    Ok(normalise(&record, &agency).nik)
}
