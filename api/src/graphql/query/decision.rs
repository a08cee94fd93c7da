//! What stewards said.

use async_graphql::{Context, ID, Object};
use domain::id::{DecisionId, IdError};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::decision::{Decision, DecisionStatus};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, soft, some};
use crate::store::decisions::Status;
use crate::store::review::order_key;

/// Questions about decisions.
#[derive(Default)]
pub struct DecisionQuery;

#[Object]
impl DecisionQuery {
    /// One decision, by its id; null when there is none.
    async fn decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id. Example: `dec_...`.")] id: ID,
    ) -> Soft<Decision> {
        soft(decision(ctx, &id).await)
    }

    /// What stewards decided, the latest first; with the status `PENDING`, what waits for a second person.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn decisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with which things stand so.")] status: Option<DecisionStatus>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<Decision>> {
        let status = status.map(Status::from);
        some(decisions(ctx, status, PageArguments { first, after, last, before }).await)
    }
}

async fn decision(ctx: &Context<'_>, id: &ID) -> Result<Option<Decision>, Error> {
    ctx.permit(Action::Review, "decision")?;
    let id: DecisionId = id.parse().map_err(|it: IdError| Error::invalid("id", it.to_string()))?;
    Ok(ctx.app().store.decision_row(id.0).await?.map(Decision))
}

async fn decisions(
    ctx: &Context<'_>,
    status: Option<Status>,
    arguments: PageArguments,
) -> Result<PageOf<Decision>, Error> {
    ctx.permit(Action::Review, "decisions")?;
    let slice = arguments.slice(&order_key(0), true)?;
    let store = &ctx.app().store;
    let (rows, more) = store.decision_page(status, &slice).await?;
    let total = match wants_total(ctx) {
        true => store.decision_count(status).await?,
        false => 0,
    };
    let nodes = rows.into_iter().map(|it| (order_key(it.row.seq), Decision(it))).collect();
    Ok(page_of(&slice, nodes, more, total))
}
