//! Messages that were given up.

use async_graphql::{Context, ID, Object};
use domain::id::{IdError, MessageId};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::webhook::WebhookMessage;
use crate::graphql::{Ask, Soft, some};
use crate::service::webhooks;

/// Changes to messages.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Has a message to a webhook of your institution that was given up tried again from the beginning, under the
    /// same id. `CONFLICT` on one that was not.
    async fn resend_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message, as `webhooks` lists it. Example: `msg_...`.")] id: ID,
    ) -> Soft<WebhookMessage> {
        some(resend(ctx, &id).await)
    }
}

async fn resend(ctx: &Context<'_>, id: &ID) -> Result<WebhookMessage, Error> {
    ctx.permit(Action::FollowFinancing, "resendWebhook")?;
    let id = id.parse::<MessageId>().map_err(|it: IdError| Error::invalid("id", it.to_string()))?;
    let message = webhooks::resend(ctx.app(), ctx.viewer(), id).await?;
    ctx.ledger().done();
    message.try_into()
}
