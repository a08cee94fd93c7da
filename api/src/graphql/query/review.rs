//! What a steward works on: why pairs are linked or not, and the engine's runs.

use async_graphql::{Context, ID, Object};
use domain::id::RecordId;
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::linkage::LinkRun;
use crate::graphql::object::why::{Explanation, explain};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, some};
use crate::store::review::order_key;

/// Questions of stewards.
#[derive(Default)]
pub struct ReviewQuery;

#[Object]
impl ReviewQuery {
    /// Why two rows are one enterprise, or are not: the evidence field by field, its sum, and the decision
    /// with its cause; also of rows that were never compared.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn why(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One row. Example: `rec_...`.")] a: ID,
        #[graphql(desc = "The other. Example: `rec_...`.")] b: ID,
    ) -> Soft<Explanation> {
        some(why(ctx, &a, &b).await)
    }

    /// The runs of the engine, the latest first.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn link_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<LinkRun>> {
        some(link_runs(ctx, PageArguments { first, after, last, before }).await)
    }
}

async fn why(ctx: &Context<'_>, a: &ID, b: &ID) -> Result<Explanation, Error> {
    ctx.permit(Action::Review, "why")?;
    let [a, b] = two_records(a, b)?;
    explain(ctx, a, b).await
}

/// The ids of two different rows.
pub(crate) fn two_records(a: &ID, b: &ID) -> Result<[RecordId; 2], Error> {
    let read = |argument: &'static str, id: &ID| {
        id.parse::<RecordId>().map_err(|it| Error::invalid(argument, it.to_string()))
    };
    let (a, b) = (read("a", a)?, read("b", b)?);
    if a == b { Err(Error::invalid("b", "must be another row than a")) } else { Ok([a, b]) }
}

async fn link_runs(ctx: &Context<'_>, arguments: PageArguments) -> Result<PageOf<LinkRun>, Error> {
    ctx.permit(Action::ReadLinkage, "linkRuns")?;
    let slice = arguments.slice(&order_key(0), true)?;
    let store = &ctx.app().store;
    let (rows, more) = store.run_page(&slice).await?;
    let total = match wants_total(ctx) {
        true => store.run_count().await?,
        false => 0,
    };
    let nodes = rows.into_iter().map(|it| (order_key(it.seq), LinkRun(it))).collect();
    Ok(page_of(&slice, nodes, more, total))
}
