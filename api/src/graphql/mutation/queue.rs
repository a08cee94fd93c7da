//! Who works on what of the stewards' queue, and many answers at once.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::id::RecordId;
use domain::permission::Action;
use uuid::Uuid;

use super::apart;
use super::decision::reason_of;
use crate::clock;
use crate::error::Error;
use crate::graphql::object::changes::EnterpriseChanges;
use crate::graphql::object::decision::{Decision, DecisionKind};
use crate::graphql::object::linkage::LinkRun;
use crate::graphql::object::queue::ReviewItem;
use crate::graphql::query::review::two_records;
use crate::graphql::{Ask, Soft, some};
use crate::service::accounts;
use crate::service::models::outcome;
use crate::service::together::{AT_ONCE, Order, decide_together};

/// What many answers came to.
#[derive(SimpleObject)]
pub struct DecisionsTogether {
    /// The decisions, in the order of the rows.
    pub decisions: Vec<Decision>,
    /// The run that put them all into force.
    pub run: LinkRun,
    /// What they changed in the enterprises, all together.
    pub changes: EnterpriseChanges,
}

/// Two rows, in any order.
#[derive(Debug, Clone, InputObject)]
pub struct PairInput {
    /// One row. Example: `rec_...`.
    pub a: ID,
    /// The other.
    pub b: ID,
}

/// Changes of the queue.
#[derive(Default)]
pub struct QueueMutation;

#[Object]
impl QueueMutation {
    /// Gives items of the queue to a steward, or takes them back from whoever has them. All of them or none.
    #[graphql(complexity = "5 + 100 * child_complexity")]
    async fn assign_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pairs of rows; at most 100.")] pairs: Vec<PairInput>,
        #[graphql(
            desc = "The steward's subject, as in her token: yourself, a steward's account, or somebody \
                    who has asked as a steward before. Nobody when left out."
        )]
        assignee: Option<String>,
    ) -> Soft<Vec<ReviewItem>> {
        some(assign(ctx, &pairs, assignee).await)
    }

    /// Gives one answer to many pairs of the queue, in one run: all come into force or none does.
    ///
    /// Refused when one of them is not in the queue any more, lies beyond the stated probability or needs a
    /// second person, and when they contradict each other or a decision in force.
    #[graphql(complexity = "5 + 100 * child_complexity")]
    async fn decide_together(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer, SAME or NEVER.")] kind: DecisionKind,
        #[graphql(desc = "The pairs of rows; at most 100.")] pairs: Vec<PairInput>,
        #[graphql(desc = "How many different pairs there are; refused when it is another number.")]
        expected: i32,
        #[graphql(
            desc = "Every pair must be at least so probable for SAME, and from 0.5 to 1; at \
                          most so probable for NEVER, and from 0 to 0.5."
        )]
        probability: f64,
        #[graphql(desc = "Why; at most 1,000 characters, without personal data.")] reason: String,
    ) -> Soft<DecisionsTogether> {
        let expected = usize::try_from(expected).unwrap_or(0);
        some(together(ctx, kind, &pairs, expected, probability, &reason).await)
    }
}

async fn assign(
    ctx: &Context<'_>,
    pairs: &[PairInput],
    assignee: Option<String>,
) -> Result<Vec<ReviewItem>, Error> {
    ctx.permit(Action::Decide, "assignReview")?;
    let assignee = assignee.map(|it| it.trim().to_owned());
    if let Some(assignee) = &assignee {
        accounts::require_steward(ctx.app(), ctx.viewer(), assignee).await?;
    }
    let pairs = distinct(pairs)?;
    let store = &ctx.app().store;
    let mut items = Vec::with_capacity(pairs.len());
    for (a, b) in &pairs {
        let item = store.review_item(*a, *b).await?;
        items.push(item.ok_or(Error::NotFound { noun: "item of the queue" })?);
    }
    note(ctx, &pairs, "assignment");
    let keys: Vec<(Uuid, Uuid)> = pairs.iter().map(|it| (it.0.0, it.1.0)).collect();
    let by = &ctx.viewer().subject;
    store.assign(&keys, assignee.as_deref(), by, clock::now()).await?;
    let mut given = store.assignments(&keys).await?;
    let with = |item: entity::review_item::Model| ReviewItem {
        given: given.remove(&(item.a, item.b)),
        item,
    };
    Ok(items.into_iter().map(with).collect())
}

async fn together(
    ctx: &Context<'_>,
    kind: DecisionKind,
    pairs: &[PairInput],
    expected: usize,
    probability: f64,
    reason: &str,
) -> Result<DecisionsTogether, Error> {
    ctx.permit(Action::Decide, "decideTogether")?;
    let same = match kind {
        DecisionKind::Same => true,
        DecisionKind::Never => false,
        DecisionKind::NotSure => return Err(Error::invalid("kind", "must be SAME or NEVER")),
    };
    let (pairs, reason) = (distinct(pairs)?, reason_of(reason)?);
    note(ctx, &pairs, "decision");
    let order = Order { same, pairs, expected, probability, reason };
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    let done = apart(async move || decide_together(&app, &viewer, order).await).await?;
    let store = &ctx.app().store;
    let mut decisions = Vec::with_capacity(done.decisions.len());
    for id in done.decisions {
        let row = store.decision_row(id.0).await?;
        decisions.push(Decision(row.ok_or(Error::NotFound { noun: "decision" })?));
    }
    let run = store.run(done.run).await?.ok_or(Error::NotFound { noun: "run" })?;
    let changes = EnterpriseChanges(outcome(ctx.app(), done.run).await?);
    Ok(DecisionsTogether { decisions, run: LinkRun(run), changes })
}

/// Notes about which rows something is said.
fn note(ctx: &Context<'_>, pairs: &[(RecordId, RecordId)], what: &'static str) {
    for row in pairs.iter().flat_map(|it| [it.0, it.1]) {
        ctx.ledger().read(row, what, true);
    }
}

/// The pairs, each once and with the lesser id first, in order; at most [`AT_ONCE`].
pub(crate) fn distinct(pairs: &[PairInput]) -> Result<Vec<(RecordId, RecordId)>, Error> {
    if pairs.is_empty() || AT_ONCE < pairs.len() {
        return Err(Error::invalid("pairs", format!("must be 1 to {AT_ONCE}")));
    }
    let mut found = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let [a, b] = two_records(&pair.a, &pair.b)?;
        found.push((a.min(b), a.max(b)));
    }
    found.sort();
    found.dedup();
    Ok(found)
}
