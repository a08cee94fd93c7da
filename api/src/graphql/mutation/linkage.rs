//! Linking, and answering for the engine.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::id::{DecisionId, IdError, RecordId};
use domain::permission::Action;
use domain::viewer::Scope;
use linkage::link::DecisionKind as Answer;

use super::apart;
use crate::error::Error;
use crate::graphql::object::pair::{Decision, DecisionKind};
use crate::graphql::page::count;
use crate::graphql::{Ask, Soft, some};
use crate::service;

/// What a run of the engine found.
#[derive(Debug, Clone, SimpleObject)]
pub struct LinkReport {
    /// Rows that are current.
    pub source_records: i32,
    /// Enterprises they are.
    pub enterprises: i32,
    /// Rows beyond the first of their enterprise.
    pub duplicates: i32,
    /// Persons named as owners.
    pub owners: i32,
    /// Pairs a person should look at.
    pub review_pairs: i32,
}

/// Changes by stewards and administrators.
#[derive(Default)]
pub struct LinkageMutation;

#[Object]
impl LinkageMutation {
    /// Finds which rows are the same enterprise, new rows included. Running it again changes nothing.
    async fn link(&self, ctx: &Context<'_>) -> Soft<LinkReport> {
        some(link(ctx).await)
    }

    /// Answers whether two rows are one enterprise. The answer binds the engine until it is taken back.
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

    /// Takes a decision back: profiles and ids become what they were before it. The decision and its
    /// undoing stay in the history.
    async fn undo_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision's id. Example: `dec_...`.")] id: ID,
    ) -> Soft<Decision> {
        some(undo(ctx, &id).await)
    }
}

async fn link(ctx: &Context<'_>) -> Result<LinkReport, Error> {
    ctx.permit(Action::Link, "link")?;
    let app = ctx.app().clone();
    let found = apart(async move || service::link::link(&app).await).await?;
    Ok(LinkReport {
        source_records: count(found.records),
        enterprises: count(found.enterprises),
        duplicates: count(found.duplicates),
        owners: count(found.owners),
        review_pairs: count(found.review_pairs),
    })
}

async fn decide(
    ctx: &Context<'_>,
    kind: DecisionKind,
    a: &ID,
    b: &ID,
    reason: &str,
) -> Result<Decision, Error> {
    ctx.permit(Action::Decide, "decide")?;
    let a = record_in_scope(ctx, "a", a).await?;
    let b = record_in_scope(ctx, "b", b).await?;
    if a == b {
        return Err(Error::invalid("b", "must be another row than a"));
    }
    if reason.trim().is_empty() || 1_000 < reason.chars().count() {
        return Err(Error::invalid("reason", "must have 1 to 1,000 characters"));
    }
    let kind = match kind {
        DecisionKind::Same => Answer::Same,
        DecisionKind::Never => Answer::Never,
    };
    let (app, viewer, reason) = (ctx.app().clone(), ctx.viewer().clone(), reason.trim().to_owned());
    let id = apart(async move || service::link::decide(&app, &viewer, kind, a, b, &reason).await)
        .await?;
    decision(ctx, id).await
}

async fn undo(ctx: &Context<'_>, id: &ID) -> Result<Decision, Error> {
    ctx.permit(Action::Decide, "undoDecision")?;
    let id: DecisionId = id.parse().map_err(|it: IdError| Error::invalid("id", it.to_string()))?;
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    apart(async move || service::link::undo(&app, &viewer, id).await).await?;
    decision(ctx, id).await
}

async fn record_in_scope(
    ctx: &Context<'_>,
    argument: &'static str,
    id: &ID,
) -> Result<RecordId, Error> {
    let id: RecordId =
        id.parse().map_err(|it: IdError| Error::invalid(argument, it.to_string()))?;
    let scope: Scope = ctx.viewer().scope();
    let found = ctx.app().store.linked_by_id(&scope, &[id]).await?;
    if found.is_empty() { Err(Error::NotFound { noun: "record" }) } else { Ok(id) }
}

async fn decision(ctx: &Context<'_>, id: DecisionId) -> Result<Decision, Error> {
    let row = ctx.app().store.decision_row(id.0).await?;
    row.map(Decision).ok_or(Error::NotFound { noun: "decision" })
}
