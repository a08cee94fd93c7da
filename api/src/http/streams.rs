//! Answers that come one after another over HTTP: server-sent events by the protocol GraphQL over SSE, in
//! its mode of distinct connections, and multipart subscriptions as gateways ask for them.

use std::pin::pin;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use actix_web::web::Bytes;
use async_graphql::{Response, ServerError};
use futures_util::stream::{BoxStream, StreamExt, unfold};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::caller::{Caller, Ended, WATCH};
use super::{Shared, language};
use crate::graphql::error::{code, code_of, say_in, server_error};

/// How often something is sent while there is nothing to tell, so that nobody on the way hangs up.
const HEARTBEAT: Duration = Duration::from_secs(12);
/// Answers that wait for a client to read.
const UNREAD: usize = 16;
/// What tells balancers such as nginx to pass each piece on as it comes.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// How answers are told apart in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `text/event-stream`.
    Events,
    /// `multipart/mixed;subscriptionSpec=1.0`.
    Parts,
}

impl Framing {
    fn media_type(self) -> &'static str {
        match self {
            Framing::Events => "text/event-stream; charset=utf-8",
            Framing::Parts => "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0",
        }
    }

    /// What is sent at once, so that the client knows that it is listened for.
    fn beginning(self) -> &'static str {
        match self {
            Framing::Events => ":\n\n",
            Framing::Parts => "--graphql",
        }
    }

    fn heartbeat(self) -> String {
        match self {
            Framing::Events => ":\n\n".to_owned(),
            Framing::Parts => part("{}"),
        }
    }

    fn answer(self, response: &Response) -> String {
        let text = serde_json::to_string(response).unwrap_or_default();
        match self {
            Framing::Events => format!("event: next\ndata: {text}\n\n"),
            Framing::Parts => part(&format!("{{\"payload\":{text}}}")),
        }
    }

    /// A failure of what carries the answers, rather than of an answer.
    fn failure(self, error: &ServerError) -> String {
        match self {
            Framing::Events => format!("event: next\ndata: {}\n\n", json!({ "errors": [error] })),
            Framing::Parts => part(&json!({ "payload": null, "errors": [error] }).to_string()),
        }
    }

    fn end(self) -> &'static str {
        match self {
            Framing::Events => "event: complete\ndata:\n\n",
            Framing::Parts => "--\r\n",
        }
    }
}

/// A part with the boundary behind it: only then does a client know that it is whole.
fn part(text: &str) -> String {
    format!("\r\ncontent-type: application/json\r\n\r\n{text}\r\n--graphql")
}

/// A task that ends with the body it feeds.
struct Feeding(JoinHandle<()>);

impl Drop for Feeding {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Answers with what `answers` tell, until they end, the hub stops, or the caller is no longer who she was.
pub(super) fn open(
    shared: &Shared,
    framing: Framing,
    caller: Caller,
    answers: BoxStream<'static, Response>,
) -> HttpResponse {
    let (tell, told) = mpsc::channel(UNREAD);
    let feed = feed(shared.clone(), framing, caller, answers, tell);
    // On the runtime of the process, where the database's connections live.
    let task = Feeding(shared.runtime.spawn(language::speaking(language::chosen(), feed)));
    let pieces = unfold((told, task), |(mut told, task)| async move {
        let piece: Bytes = told.recv().await?;
        Some((Ok::<_, actix_web::Error>(piece), (told, task)))
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, framing.media_type()))
        // Compressed, a piece would wait for those behind it.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(UNBUFFERED)
        .streaming(pieces)
}

async fn feed(
    shared: Shared,
    framing: Framing,
    mut caller: Caller,
    mut answers: BoxStream<'static, Response>,
    tell: mpsc::Sender<Bytes>,
) {
    let mut stopping = shared.stopping.clone();
    let mut stopped = pin!(async move { _ = stopping.wait_for(|it| *it).await });
    let mut watch = tokio::time::interval(WATCH);
    watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.tick().await;
    let patience = shared.app.config.limits.reader_time;
    let say = async |text: String| {
        // Neither a client that has left nor one that does not read is waited for.
        matches!(tokio::time::timeout(patience, tell.send(text.into())).await, Ok(Ok(())))
    };
    let mut going = say(framing.beginning().to_owned()).await;
    while going {
        going = tokio::select! {
            // Cut off rather than complete: a client that finds it so connects again.
            () = &mut stopped => false,
            _ = watch.tick() => match caller.look_again(&shared).await {
                Ok(()) => true,
                Err(ended) => {
                    let told = say(framing.failure(&failure(ended))).await;
                    let _ = told && say(framing.end().to_owned()).await;
                    false
                }
            },
            _ = heartbeat.tick() => say(framing.heartbeat()).await,
            answer = answers.next() => match answer {
                Some(mut answer) => {
                    answer.errors.iter().for_each(|it| shared.metrics.error(code_of(it)));
                    say_in(language::chosen(), &mut answer.errors);
                    say(framing.answer(&answer)).await
                }
                None => {
                    say(framing.end().to_owned()).await;
                    false
                }
            },
        };
    }
}

fn failure(ended: Ended) -> ServerError {
    let (code, message) = match ended {
        Ended::Expired => ("UNAUTHENTICATED", "the token has ended"),
        Ended::Changed => ("FORBIDDEN", "your rights have changed; subscribe again"),
        Ended::Unknown => (code::OVERLOADED, "who you are cannot be told just now"),
    };
    let mut errors = [server_error(code, message)];
    say_in(language::chosen(), &mut errors);
    let [error] = errors;
    error
}
