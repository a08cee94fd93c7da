//! The engine's models.

use async_graphql::{Context, ID, Object};
use domain::id::{IdError, ModelId};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::model::LinkageModel;
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, soft, some};
use crate::store::review::order_key;

/// Questions about models.
#[derive(Default)]
pub struct ModelQuery;

#[Object]
impl ModelQuery {
    /// A model: the one that new rows are linked with, or the one with this id; null when there is none.
    async fn linkage_model(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id; the active one without. Example: `mdl_...`.")] id: Option<ID>,
    ) -> Soft<LinkageModel> {
        soft(one(ctx, id).await)
    }

    /// Every model there was, the newest first, previewed ones included.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn linkage_models(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<LinkageModel>> {
        some(page(ctx, PageArguments { first, after, last, before }).await)
    }
}

async fn one(ctx: &Context<'_>, id: Option<ID>) -> Result<Option<LinkageModel>, Error> {
    ctx.permit(Action::ReadLinkage, "linkageModel")?;
    let store = &ctx.app().store;
    let row = match id {
        None => store.active_model_row().await?,
        Some(id) => store.model_row(model_id("id", &id)?).await?,
    };
    Ok(row.map(LinkageModel::from))
}

async fn page(ctx: &Context<'_>, arguments: PageArguments) -> Result<PageOf<LinkageModel>, Error> {
    ctx.permit(Action::ReadLinkage, "linkageModels")?;
    let slice = arguments.slice(&order_key(0), true)?;
    let store = &ctx.app().store;
    let (rows, more) = store.model_page(&slice).await?;
    let total = if wants_total(ctx) { store.model_count().await? } else { 0 };
    let nodes = rows.into_iter().map(|it| (order_key(it.version.into()), it.into())).collect();
    Ok(page_of(&slice, nodes, more, total))
}

/// The id of a model that an argument names.
pub(crate) fn model_id(argument: &'static str, id: &ID) -> Result<ModelId, Error> {
    id.parse().map_err(|it: IdError| Error::invalid(argument, it.to_string()))
}
