//! Webhooks and the messages to them.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::DateTime as Moment;
use domain::id::MessageId;

use crate::error::Error;
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, some};
use crate::store::webhooks::{self as store, Delivery, state};

/// The most messages that are listed.
const MOST: u64 = 200;

/// That there are changes.
#[derive(Debug, Clone, SimpleObject)]
pub struct FinancingChanged {
    /// Of which programme. Example: "kur_micro".
    pub programme: String,
    /// For which institution. Example: "bjb".
    pub institution: String,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum WebhookState {
    /// It waits for its next attempt.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up. `resendWebhook` has it tried again.
    Dead,
}

impl WebhookState {
    fn kept(self) -> i16 {
        match self {
            WebhookState::Waiting => state::WAITING,
            WebhookState::Delivered => state::DELIVERED,
            WebhookState::Dead => state::DEAD,
        }
    }

    fn of(kept: i16) -> Result<WebhookState, Error> {
        let all = [WebhookState::Waiting, WebhookState::Delivered, WebhookState::Dead];
        let found = all.into_iter().find(|it| it.kept() == kept);
        found.ok_or_else(|| Error::internal("a message of no known state"))
    }
}

/// A message that there are changes.
#[derive(SimpleObject)]
pub struct WebhookMessage {
    /// Its id, as the header `webhook-id` has it at each attempt.
    pub id: ID,
    /// Where it stands.
    pub state: WebhookState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was made.
    pub made_at: Option<DateTime>,
    /// When it was tried last.
    pub tried_at: Option<DateTime>,
    /// When it is tried next, while it waits.
    pub next_at: Option<DateTime>,
    /// What became of the last attempt: `TAKEN`, `REFUSED`, `GONE`, `LEADS_ELSEWHERE`, `TIMED_OUT`, `UNREACHABLE` or
    /// `TARGET_NOT_ALLOWED`; null before the first.
    pub result: Option<String>,
    /// The status that your end answered with, if it did. Example: 503.
    pub status: Option<i32>,
}

fn time(millis: i64) -> Option<DateTime> {
    Moment::from_timestamp_millis(millis).map(DateTime)
}

impl TryFrom<Delivery> for WebhookMessage {
    type Error = Error;

    fn try_from(it: Delivery) -> Result<WebhookMessage, Error> {
        Ok(WebhookMessage {
            id: ID(MessageId(it.id).to_string()),
            state: WebhookState::of(it.state)?,
            attempts: it.attempts,
            made_at: time(it.made_at),
            tried_at: it.tried_at.and_then(time),
            next_at: Some(it.next_at).filter(|_| it.state == state::WAITING).and_then(time),
            result: it.result,
            status: it.status,
        })
    }
}

/// Where your institution is told that there are changes of a programme.
pub struct Webhook(pub store::Webhook);

/// Where your institution is told that there are changes of a programme.
#[Object]
impl Webhook {
    /// Its name. Example: "bjb-micro".
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Of which programme. Example: "kur_micro".
    async fn programme(&self) -> &str {
        &self.0.programme
    }

    /// It is told.
    async fn active(&self) -> bool {
        !self.0.disabled
    }

    /// The latest messages, at most 200, the latest first. Those that were taken are kept for 30 days.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand so.")] state: Option<WebhookState>,
    ) -> Soft<Vec<WebhookMessage>> {
        let kept = state.map(WebhookState::kept);
        let found = ctx.app().store.deliveries(self.0.id, kept, MOST).await;
        some(found.and_then(|it| it.into_iter().map(WebhookMessage::try_from).collect()))
    }
}
