//! What stewards say, and taking it back.

use async_graphql::{Context, ID, Object};
use domain::enterprise::Attribute;
use domain::id::{DecisionId, IdError, RecordId};
use domain::permission::Action;

use super::apart;
use crate::app::App;
use crate::error::Error;
use crate::graphql::object::decision::{Decision, DecisionKind};
use crate::graphql::{Ask, Soft, some};
use crate::service::decisions::{self, Answer};

/// Changes by stewards.
#[derive(Default)]
pub struct DecisionMutation;

#[Object]
impl DecisionMutation {
    /// Answers whether two rows are one enterprise. The answer binds the engine until it is taken back.
    ///
    /// A *same* that would join different valid NIKs of sole owners has the status `PENDING` and no effect
    /// until another steward approves it. An answer that contradicts one in force is refused with
    /// `CONFLICT`.
    async fn decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] kind: DecisionKind,
        #[graphql(desc = "One row. Example: `rec_...`.")] a: ID,
        #[graphql(desc = "The other. Example: `rec_...`.")] b: ID,
        #[graphql(desc = "Why; at most 1,000 characters, without personal data.")] reason: String,
    ) -> Soft<Decision> {
        some(decide(ctx, kind, &a, &b, &reason).await)
    }

    /// Splits a row out of its enterprise: it comes together again with none of the rows that are in it
    /// now, unless this is taken back.
    async fn split_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The row. Example: `rec_...`.")] record: ID,
        #[graphql(desc = "Why; at most 1,000 characters, without personal data.")] reason: String,
    ) -> Soft<Decision> {
        some(split_out(ctx, &record, &reason).await)
    }

    /// Sets the value of an attribute above what the rows say, for the enterprise that has a row. It stays
    /// with that row whatever is linked, until it is taken back.
    async fn override_value(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The row. Example: `rec_...`.")] record: ID,
        #[graphql(desc = "The attribute. Example: \"phone\".")] attribute: String,
        #[graphql(desc = "The value, as a list would write it. Example: \"0812 3456 7890\".")]
        value: String,
        #[graphql(desc = "Why; at most 1,000 characters, without personal data.")] reason: String,
    ) -> Soft<Decision> {
        some(override_value(ctx, &record, &attribute, &value, &reason).await)
    }

    /// Takes a decision back: profiles, ids and where retired ids lead become what they were before it.
    /// The decision stays, with the status `UNDONE`; `history(includeUndone: true)` shows both.
    async fn undo_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's id. Example: `dec_...`.")] id: ID,
    ) -> Soft<Decision> {
        some(settle(ctx, &id, "undoDecision", Settle::Undo).await)
    }

    /// Puts into force what another steward proposed. Who proposed it cannot approve it.
    async fn approve_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's id. Example: `dec_...`.")] id: ID,
    ) -> Soft<Decision> {
        some(settle(ctx, &id, "approveDecision", Settle::Approve).await)
    }

    /// Refuses what another steward proposed.
    async fn reject_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's id. Example: `dec_...`.")] id: ID,
    ) -> Soft<Decision> {
        some(settle(ctx, &id, "rejectDecision", Settle::Reject).await)
    }

    /// Withdraws what you proposed yourself and nobody has approved yet.
    async fn withdraw_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's id. Example: `dec_...`.")] id: ID,
    ) -> Soft<Decision> {
        some(settle(ctx, &id, "withdrawDecision", Settle::Withdraw).await)
    }
}

/// What is done with a decision that is there.
enum Settle {
    Undo,
    Approve,
    Reject,
    Withdraw,
}

async fn decide(
    ctx: &Context<'_>,
    kind: DecisionKind,
    a: &ID,
    b: &ID,
    reason: &str,
) -> Result<Decision, Error> {
    ctx.permit(Action::Decide, "decide")?;
    let (a, b) = (in_scope(ctx, "a", a).await?, in_scope(ctx, "b", b).await?);
    let answer = match kind {
        DecisionKind::Same => Answer::Same,
        DecisionKind::Never => Answer::Never,
        DecisionKind::NotSure => Answer::NotSure,
    };
    let reason = reason_of(reason)?;
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    let work = async move || decisions::decide(&app, &viewer, answer, a, b, &reason).await;
    shown(ctx.app(), apart(work).await?).await
}

async fn split_out(ctx: &Context<'_>, record: &ID, reason: &str) -> Result<Decision, Error> {
    ctx.permit(Action::Decide, "splitOut")?;
    let (record, reason) = (in_scope(ctx, "record", record).await?, reason_of(reason)?);
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    let work = async move || decisions::split_out(&app, &viewer, record, &reason).await;
    shown(ctx.app(), apart(work).await?).await
}

async fn override_value(
    ctx: &Context<'_>,
    record: &ID,
    attribute: &str,
    value: &str,
    reason: &str,
) -> Result<Decision, Error> {
    ctx.permit(Action::Decide, "overrideValue")?;
    let (record, reason) = (in_scope(ctx, "record", record).await?, reason_of(reason)?);
    let unknown = || Error::invalid("attribute", "is no attribute of an enterprise");
    let attribute = Attribute::from_code(attribute).ok_or_else(unknown)?;
    if 1_000 < value.chars().count() {
        return Err(Error::invalid("value", "must have at most 1,000 characters"));
    }
    let (app, viewer, value) = (ctx.app().clone(), ctx.viewer().clone(), value.to_owned());
    let work = async move || {
        decisions::override_value(&app, &viewer, record, attribute, &value, &reason).await
    };
    shown(ctx.app(), apart(work).await?).await
}

async fn settle(
    ctx: &Context<'_>,
    id: &ID,
    operation: &'static str,
    settle: Settle,
) -> Result<Decision, Error> {
    ctx.permit(Action::Decide, operation)?;
    let id: DecisionId = id.parse().map_err(|it: IdError| Error::invalid("id", it.to_string()))?;
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    let work = async move || match settle {
        Settle::Undo => decisions::undo(&app, &viewer, id).await,
        Settle::Approve => decisions::approve(&app, &viewer, id).await,
        Settle::Reject => decisions::reject(&app, &viewer, id).await,
        Settle::Withdraw => decisions::withdraw(&app, &viewer, id).await,
    };
    apart(work).await?;
    ctx.ledger().read(id, "decision", true);
    shown(ctx.app(), id).await
}

pub(super) fn reason_of(reason: &str) -> Result<String, Error> {
    if reason.trim().is_empty() || 1_000 < reason.chars().count() {
        return Err(Error::invalid("reason", "must have 1 to 1,000 characters"));
    }
    Ok(reason.trim().to_owned())
}

async fn in_scope(ctx: &Context<'_>, argument: &'static str, id: &ID) -> Result<RecordId, Error> {
    let id: RecordId =
        id.parse().map_err(|it: IdError| Error::invalid(argument, it.to_string()))?;
    let found = ctx.app().store.linked_by_id(&ctx.viewer().scope(), &[id]).await?;
    if found.is_empty() {
        return Err(Error::NotFound { noun: "record" });
    }
    ctx.ledger().read(id, "decision", true);
    Ok(id)
}

async fn shown(app: &App, id: DecisionId) -> Result<Decision, Error> {
    let row = app.store.decision_row(id.0).await?;
    row.map(Decision).ok_or(Error::NotFound { noun: "decision" })
}
