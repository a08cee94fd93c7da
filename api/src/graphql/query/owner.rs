//! Persons named as owners.

use async_graphql::{Context, ID, Object};
use domain::id::OwnerId;
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::owner::Owner;
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::{Ask, Soft, soft, some};
use crate::service::owners;
use crate::store::owners::{owner_key, owner_key_kind};

/// Questions about owners.
#[derive(Default)]
pub struct OwnerQuery;

#[Object]
impl OwnerQuery {
    /// One person named as owner; null when there is none that you can find.
    async fn owner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person's id. Example: `own_...`.")] id: ID,
    ) -> Soft<Owner> {
        soft(one(ctx, &id).await)
    }

    /// Persons named as owners, by name.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    async fn owners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only persons of more than one enterprise.", default = false)]
        several: bool,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<Owner>> {
        some(list(ctx, several, PageArguments { first, after, last, before }).await)
    }
}

async fn one(ctx: &Context<'_>, id: &ID) -> Result<Option<Owner>, Error> {
    ctx.permit(Action::ReadOwners, "owner")?;
    let id: OwnerId =
        id.parse().map_err(|it: domain::id::IdError| Error::invalid("id", it.to_string()))?;
    Ok(owners::by_id(ctx.app(), ctx.viewer(), id).await?.map(Owner))
}

async fn list(
    ctx: &Context<'_>,
    several: bool,
    arguments: PageArguments,
) -> Result<PageOf<Owner>, Error> {
    ctx.permit(Action::ReadOwners, "owners")?;
    let slice = arguments.slice(&owner_key_kind(), false)?;
    let (found, more) = owners::page(ctx.app(), ctx.viewer(), several, &slice).await?;
    let total = match wants_total(ctx) {
        true => owners::count(ctx.app(), ctx.viewer(), several).await?,
        false => 0,
    };
    let nodes = found.into_iter().map(|it| (owner_key(&it), Owner(it))).collect();
    Ok(page_of(&slice, nodes, more, total))
}
