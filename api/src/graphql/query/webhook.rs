//! Webhooks.

use async_graphql::{Context, Object};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::webhook::Webhook;
use crate::graphql::{Ask, Soft, some};
use crate::service::webhooks;

/// Questions about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// The webhooks of your institution, by name, with the messages to them.
    async fn webhooks(&self, ctx: &Context<'_>) -> Soft<Vec<Webhook>> {
        some(list(ctx).await)
    }
}

async fn list(ctx: &Context<'_>) -> Result<Vec<Webhook>, Error> {
    ctx.permit(Action::FollowFinancing, "webhooks")?;
    let institution = webhooks::institution(ctx.viewer())?;
    let found = ctx.app().store.webhooks(Some(&institution)).await?;
    Ok(found.into_iter().map(Webhook).collect())
}
