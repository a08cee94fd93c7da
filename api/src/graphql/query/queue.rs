//! What waits for a steward, and what her answers say of the links.

use async_graphql::{Context, InputObject, Object};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::quality::LinkageQuality;
use crate::graphql::object::queue::{ReviewItem, ReviewKind};
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, some};
use crate::service::quality::quality;
use crate::store::queue::{QueueFilter, item_key, item_key_kind};

/// Which items of the queue are asked for. Every condition that is set must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ReviewFilter {
    /// About two enterprises, or about one.
    pub kind: Option<ReviewKind>,
    /// With this reason. Example: "two_nib".
    pub reason: Option<String>,
    /// Given to the steward with this subject.
    pub assignee: Option<String>,
    /// Given to somebody, or to nobody.
    pub assigned: Option<bool>,
    /// At least this probable, from 0 to 1.
    pub min_probability: Option<f64>,
    /// At most this probable, from 0 to 1.
    pub max_probability: Option<f64>,
}

/// Questions about the queue.
#[derive(Default)]
pub struct QueueQuery;

#[Object]
impl QueueQuery {
    /// What waits for a steward: doubtful pairs, and enterprises in conflict with themselves, those on which
    /// most hangs first.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn review_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<ReviewFilter>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<ReviewItem>> {
        let arguments = PageArguments { first, after, last, before };
        some(queue(ctx, filter.unwrap_or_default(), arguments).await)
    }

    /// How good the links are, estimated from stewards' answers to pairs that were drawn by lot.
    #[graphql(complexity = "20 + child_complexity")]
    async fn linkage_quality(&self, ctx: &Context<'_>) -> Soft<LinkageQuality> {
        some(estimated(ctx).await)
    }
}

async fn queue(
    ctx: &Context<'_>,
    filter: ReviewFilter,
    arguments: PageArguments,
) -> Result<PageOf<ReviewItem>, Error> {
    ctx.permit(Action::Review, "reviewQueue")?;
    let slice = arguments.slice(&item_key_kind(), true)?;
    let filter = QueueFilter {
        kind: filter.kind.map(ReviewKind::code),
        reason: filter.reason,
        assignee: filter.assignee,
        assigned: filter.assigned,
        min_probability: filter.min_probability,
        max_probability: filter.max_probability,
    };
    let store = &ctx.app().store;
    let (rows, more) = store.queue_page(&filter, &slice).await?;
    let total = if wants_total(ctx) { store.queue_count(&filter).await? } else { 0 };
    let pairs: Vec<_> = rows.iter().map(|it| (it.a, it.b)).collect();
    let mut given = store.assignments(&pairs).await?;
    let nodes = rows.into_iter().map(|item| {
        let given = given.remove(&(item.a, item.b));
        (item_key(&item), ReviewItem { item, given })
    });
    Ok(page_of(&slice, nodes.collect(), more, total))
}

async fn estimated(ctx: &Context<'_>) -> Result<LinkageQuality, Error> {
    ctx.permit(Action::ReadLinkage, "linkageQuality")?;
    Ok(quality(ctx.app()).await?.into())
}
