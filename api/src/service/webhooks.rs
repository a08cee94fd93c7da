//! Webhooks: an institution is told that there are changes for it, and nothing of whom; what changed it asks for.
//!
//! A message is signed as Standard Webhooks has it (<https://www.standardwebhooks.com>), tried again when it is not
//! taken, and in the end given up where the institution sees it. It is written before it is sent, so that it outlasts
//! the process, and it may come twice under the same id.

pub mod send;
pub mod sign;
pub mod target;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::MessageId;
use domain::permission::Action;
use domain::viewer::{Scope, Viewer};
use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::financing::feed::look;
use super::financing::view::require_programme;
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::webhooks::{Delivery, Tried, Webhook, state};
use send::Answer;

/// How often messages are looked for, and how often it is looked whether there are changes.
const HEARTBEAT: Duration = Duration::from_secs(1);
const LOOK: TimeDelta = TimeDelta::seconds(5);
/// How long a node may take to send a message before another may try: longer than it waits for an answer.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How many messages a node sends at once.
const AT_ONCE: usize = 16;
/// The first delay after a message was not taken, and the longest: with so many attempts, 8 to 17 hours in all.
const FIRST_DELAY: Duration = Duration::from_secs(10);
const LONGEST_DELAY: Duration = Duration::from_secs(6 * 3_600);
/// After so many attempts a message is given up.
pub const ATTEMPTS: i32 = 14;
/// How long messages that were taken are kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Adds a webhook, and answers with its first secret, which is kept nowhere.
///
/// Fails when the name is taken or is none, for an institution or a programme that there is not, and for an address
/// that is not to be spoken to.
pub async fn add(
    app: &App,
    name: &str,
    institution: &str,
    programme: &str,
    url: &str,
) -> Result<String, Error> {
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"._-".contains(&it);
    if !(3..=64).contains(&name.len()) || !name.bytes().all(plain) {
        let reason = "must have 3 to 64 lower-case letters, digits or the signs . _ -";
        return Err(Error::invalid("name", reason));
    }
    app.config.institutions.require(institution)?;
    require_programme(&app.rules, programme)?;
    let url = target::address(url, &app.config.webhook_networks)?;
    let webhook = Webhook {
        id: Uuid::new_v4(),
        name: name.to_owned(),
        institution: institution.to_owned(),
        programme: programme.to_owned(),
        url: url.to_string(),
        generation: 1,
        previous_until: 0,
        // What is there already the institution pulls first.
        seen: look::head(app, institution, programme).await?,
        disabled: false,
        look_at: 0,
        made_at: clock::now().timestamp_millis(),
    };
    app.store.add_webhook(webhook.clone()).await?;
    Ok(sign::secret(&app.store.sealer(), &webhook, webhook.generation))
}

/// Gives a webhook another secret, and answers with it. The one before signs as well for `overlap` more.
pub async fn rotate(app: &App, name: &str, overlap: TimeDelta) -> Result<String, Error> {
    let webhook = named(app, name).await?;
    let generation = webhook.generation + 1;
    let previous_until = (clock::now() + overlap).timestamp_millis();
    let webhook = Webhook { generation, previous_until, ..webhook };
    app.store.change_webhook(&webhook).await?;
    Ok(sign::secret(&app.store.sealer(), &webhook, generation))
}

/// Has a webhook told nothing, or told again; what changed meanwhile it is then told once.
pub async fn set_disabled(app: &App, name: &str, disabled: bool) -> Result<(), Error> {
    let webhook = named(app, name).await?;
    app.store.change_webhook(&Webhook { disabled, ..webhook }).await
}

async fn named(app: &App, name: &str) -> Result<Webhook, Error> {
    app.store.webhook(name).await?.ok_or(Error::NotFound { noun: "webhook" })
}

/// The institution for which `viewer` follows changes.
pub fn institution(viewer: &Viewer) -> Result<String, Error> {
    match viewer.scope() {
        Scope::Consent(institution, _) => Ok(institution),
        _ => Err(Error::forbidden(viewer, Action::FollowFinancing)),
    }
}

/// Has a message that was given up tried again.
pub async fn resend(app: &App, viewer: &Viewer, id: MessageId) -> Result<Delivery, Error> {
    let institution = institution(viewer)?;
    app.store.resend(&institution, id, clock::now().timestamp_millis()).await
}

/// Writes the messages that are due at `now`, sends those that wait, and returns when all have ended.
pub async fn tick(app: &App, now: DateTime<Utc>) -> Result<(), Error> {
    let due = due(app, now, AT_ONCE).await?;
    join_all(due.iter().map(|it| deliver(app, it, now))).await.into_iter().collect()
}

/// Writes the messages that are due at `now`, and takes at most `most` of those that wait.
async fn due(
    app: &App,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<(Webhook, Delivery)>, Error> {
    write(app, now).await?;
    let (at, until) = (now.timestamp_millis(), (now + LEASE).timestamp_millis());
    app.store.deliveries_due((at, until), most as u64).await
}

/// Looks whether there are changes, and writes that down as messages.
async fn write(app: &App, now: DateTime<Utc>) -> Result<(), Error> {
    let at = now.timestamp_millis();
    let next = (now + LOOK).timestamp_millis();
    for it in app.store.webhooks_to_look_at(at, next).await? {
        let head = match look::head(app, &it.institution, &it.programme).await {
            Ok(head) => head,
            // The others are looked after all the same.
            Err(error) => {
                tracing::error!(code = error.code(), webhook = %it.name, "changes cannot be looked for");
                continue;
            }
        };
        if it.seen < head {
            let forgotten = (now - KEPT).timestamp_millis();
            app.store.notify(it.id, head, at, forgotten).await?;
        }
    }
    Ok(())
}

async fn deliver(
    app: &App,
    (webhook, delivery): &(Webhook, Delivery),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let message = sign::message(&app.store.sealer(), webhook, delivery, now);
    let answer = send::post(&webhook.url, message, &app.config.webhook_networks).await;
    let last = ATTEMPTS <= delivery.attempts + 1 || answer == Answer::Gone;
    let (state, next) = match answer {
        Answer::Taken(_) => (state::DELIVERED, now),
        _ if last => (state::DEAD, now),
        _ => (state::WAITING, now + delay(delivery)),
    };
    if state != state::DELIVERED {
        tracing::warn!(webhook = %webhook.name, result = answer.code(), "a message was not taken");
    }
    let tried = Tried {
        state,
        at: now.timestamp_millis(),
        next_at: next.timestamp_millis(),
        result: answer.code(),
        status: answer.status(),
    };
    app.store.tried(delivery, tried).await
}

/// How long until a message is tried again: twice as long each time, between half of that and all of it so that many
/// do not come at once to a receiver that is back.
fn delay(delivery: &Delivery) -> TimeDelta {
    let doubled = FIRST_DELAY * 2_u32.saturating_pow(delivery.attempts.clamp(0, 20).unsigned_abs());
    let mut hasher = DefaultHasher::new();
    (delivery.id, delivery.attempts).hash(&mut hasher);
    let share = 500 + u32::try_from(hasher.finish() % 501).unwrap_or(0);
    let delay = doubled.min(LONGEST_DELAY) * share / 1_000;
    TimeDelta::from_std(delay).unwrap_or(TimeDelta::hours(6))
}

/// Tells institutions of changes until told to stop. What is being sent then is sent again.
pub async fn keep(app: App, mut stopping: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(HEARTBEAT);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let told = |done: Result<(), Error>| {
        if let Err(error) = done {
            tracing::error!(code = error.code(), "institutions cannot be told of changes");
        }
    };
    // A receiver that is slow holds up no other; what is on its way ends with this.
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            _ = interval.tick() => {}
        }
        while let Some(done) = running.try_join_next() {
            told(done.map_err(Error::internal).flatten());
        }
        let now = clock::now();
        let due = tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            due = due(&app, now, AT_ONCE.saturating_sub(running.len())) => due,
        };
        match due {
            Ok(due) => {
                for it in due {
                    let app = app.clone();
                    running.spawn(async move { deliver(&app, &it, now).await });
                }
            }
            Err(error) => told(Err(error)),
        }
    }
}
