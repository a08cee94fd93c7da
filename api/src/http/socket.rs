//! GraphQL over WebSocket, by the protocol graphql-transport-ws.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Session};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use domain::viewer::Viewer;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::{Shared, language, purpose, reply};
use crate::auth::Bearer;
use crate::clock;
use crate::error::Error;
use crate::graphql::error::{code_of, say_in};
use crate::service::access::Stated;

const PROTOCOL: &str = "graphql-transport-ws";
/// The largest message of a client, in bytes.
const MESSAGE_BYTES: usize = 128 * 1024;
/// Operations one socket may have open.
const OPERATIONS: usize = 32;
/// How long a client may take to introduce itself.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// How often a silent client is asked whether it is there.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How often it is asked whether a client still is who it was.
const WATCH: Duration = Duration::from_secs(1);

/// A message of a client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit { payload: Option<Value> },
    Subscribe { id: String, payload: Box<Request> },
    Complete { id: String },
    Ping,
    Pong,
}

/// Why a socket is closed; the numbers are the protocol's.
struct Closing(u16, &'static str);

const GOING_AWAY: Closing = Closing(1001, "the hub is stopping");
const TRY_LATER: Closing = Closing(1013, "try again later");
const INVALID: Closing = Closing(4400, "invalid message");
const UNAUTHORIZED: Closing = Closing(4401, "Unauthorized");
const FORBIDDEN: Closing = Closing(4403, "Forbidden");
const INIT_TIMEOUT: Closing = Closing(4408, "Connection initialisation timeout");
const TOO_MANY_INITS: Closing = Closing(4429, "Too many initialisation requests");

/// Opens a socket. Only the protocol graphql-transport-ws is spoken, and only with pages of our own.
pub async fn open(
    http: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    if !same_origin(&http) {
        let status = actix_web::http::StatusCode::FORBIDDEN;
        return reply::refuse(status, "FORBIDDEN", "pages of other origins may not connect");
    }
    if let Err(error) = shared.without_token(&http).await {
        return reply::error(error);
    }
    let opened = actix_ws::handle_with_protocols(&http, payload, &[PROTOCOL]);
    let (response, session, stream) = match opened {
        Ok(opened) => opened,
        Err(error) => return error.error_response(),
    };
    if !response.headers().contains_key("sec-websocket-protocol") {
        let status = actix_web::http::StatusCode::BAD_REQUEST;
        return reply::refuse(status, "INVALID_REQUEST", "speak graphql-transport-ws");
    }
    let stream = stream.max_frame_size(MESSAGE_BYTES).aggregate_continuations();
    let stream = stream.max_continuation_size(MESSAGE_BYTES);
    let (shared, id) = (shared.get_ref().clone(), purpose::request_id(&http));
    let lang = language::chosen();
    actix_web::rt::spawn(async move {
        shared.metrics.sockets.inc();
        let metrics = shared.metrics.clone();
        let talking = Box::pin(talk(shared, id, session.clone(), stream));
        let closing = language::speaking(lang, talking).await;
        if let Some(Closing(code, description)) = closing {
            let reason = CloseReason {
                code: CloseCode::Other(code),
                description: Some(description.to_owned()),
            };
            // The client may have gone first.
            let _ = session.close(Some(reason)).await;
        }
        metrics.sockets.dec();
    });
    response
}

/// A browser names the page's origin; it must be ours.
fn same_origin(http: &HttpRequest) -> bool {
    let header = |name: &str| http.headers().get(name).and_then(|it| it.to_str().ok());
    match header("origin") {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|it| it.1);
            host.is_some() && host == header("host")
        }
    }
}

/// What operations have to say to the client.
type Outbox = mpsc::Sender<(String, Option<Response>)>;

/// The operations of a socket; they end with it.
#[derive(Default)]
struct Operations(HashMap<String, AbortHandle>);

impl Drop for Operations {
    fn drop(&mut self) {
        self.0.values().for_each(AbortHandle::abort);
    }
}

/// Who has introduced herself on a socket.
struct Caller {
    bearer: Option<Bearer>,
    viewer: Viewer,
    stated: Stated,
}

impl Caller {
    /// Who introduces herself with this payload; otherwise how the socket is closed.
    async fn introduced(
        shared: &Shared,
        payload: Option<&Value>,
        request: &str,
    ) -> Result<Caller, Closing> {
        let bearer = shared.bearer_of_payload(payload).await.map_err(|it| refused(&it))?;
        let viewer = shared.viewer_now(bearer.as_ref()).await.map_err(|it| refused(&it))?;
        let stated = purpose::stated_in(payload, &viewer, request);
        Ok(Caller { bearer, viewer, stated })
    }

    /// Looks again who she is: a socket lives long, and an account may be shut or change meanwhile. What
    /// is open was begun with what she was, so it ends when that is not so any more.
    async fn look_again(&mut self, shared: &Shared) -> Result<(), Closing> {
        let viewer = match shared.viewer_now(self.bearer.as_ref()).await {
            Ok(viewer) => viewer,
            Err(_) if self.bearer.as_ref().is_some_and(|it| it.expires <= clock::now()) => {
                return Err(UNAUTHORIZED);
            }
            Err(error) => return Err(refused(&error)),
        };
        let same = viewer.scope() == self.viewer.scope()
            && Viewer { synthetic: self.viewer.synthetic, ..viewer.clone() } == self.viewer;
        self.viewer = viewer;
        if same { Ok(()) } else { Err(FORBIDDEN) }
    }
}

/// How a socket is closed whose client is refused: for good, or until what failed is well again.
fn refused(error: &Error) -> Closing {
    match error {
        Error::Unauthenticated(_) | Error::AccountDisabled => FORBIDDEN,
        _ => TRY_LATER,
    }
}

async fn talk(
    shared: Shared,
    request: String,
    mut session: Session,
    mut stream: actix_ws::AggregatedMessageStream,
) -> Option<Closing> {
    let (outbox, mut told) = mpsc::channel(16);
    let mut stopping = shared.stopping.clone();
    let mut operations = Operations::default();
    let mut caller: Option<Caller> = None;
    let introduction = tokio::time::sleep(INTRODUCTION);
    tokio::pin!(introduction);
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.tick().await;
    let mut watch = tokio::time::interval(WATCH);
    watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut heard = true;
    loop {
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return Some(GOING_AWAY),
            () = &mut introduction, if caller.is_none() => return Some(INIT_TIMEOUT),
            _ = watch.tick() => {
                if let Some(caller) = &mut caller
                    && let Err(closing) = caller.look_again(&shared).await
                {
                    return Some(closing);
                }
            }
            _ = heartbeat.tick() => {
                if !heard {
                    return None;
                }
                heard = false;
                session.ping(b"").await.ok()?;
            }
            message = stream.next() => {
                heard = true;
                let text = match message? {
                    Ok(AggregatedMessage::Text(text)) => text,
                    Ok(AggregatedMessage::Ping(bytes)) => {
                        session.pong(&bytes).await.ok()?;
                        continue;
                    }
                    Ok(AggregatedMessage::Pong(_)) => continue,
                    Ok(AggregatedMessage::Binary(_)) => return Some(INVALID),
                    Ok(AggregatedMessage::Close(_)) | Err(_) => return Some(Closing(1000, "")),
                };
                let Ok(said) = serde_json::from_str::<Said>(&text) else { return Some(INVALID) };
                match said {
                    Said::ConnectionInit { .. } if caller.is_some() => return Some(TOO_MANY_INITS),
                    Said::ConnectionInit { payload } => {
                        match Caller::introduced(&shared, payload.as_ref(), &request).await {
                            Ok(found) => caller = Some(found),
                            Err(closing) => return Some(closing),
                        }
                        say(&mut session, &json!({ "type": "connection_ack" })).await?;
                    }
                    Said::Subscribe { id, payload } => {
                        let Some(caller) = &mut caller else { return Some(UNAUTHORIZED) };
                        if let Err(closing) = caller.look_again(&shared).await {
                            return Some(closing);
                        }
                        if operations.0.contains_key(&id) {
                            return Some(Closing(4409, "this id is in use"));
                        }
                        if OPERATIONS <= operations.0.len() || 128 < id.len() {
                            return Some(INVALID);
                        }
                        let asker = (caller.viewer.clone(), caller.stated.clone());
                        let task = begin(&shared, asker, *payload, id.clone(), outbox.clone());
                        operations.0.insert(id, task);
                    }
                    Said::Complete { id } => {
                        if let Some(task) = operations.0.remove(&id) {
                            task.abort();
                        }
                    }
                    Said::Ping => say(&mut session, &json!({ "type": "pong" })).await?,
                    Said::Pong => {}
                }
            }
            Some((id, response)) = told.recv() => {
                // What was completed by the client is not told any more.
                if !operations.0.contains_key(&id) {
                    continue;
                }
                let response = response.map(|mut it| {
                    say_in(language::chosen(), &mut it.errors);
                    it
                });
                let message = match response {
                    None => {
                        operations.0.remove(&id);
                        json!({ "type": "complete", "id": id })
                    }
                    Some(it) if it.data == async_graphql::Value::Null && !it.errors.is_empty() => {
                        operations.0.remove(&id);
                        it.errors.iter().for_each(|error| shared.metrics.error(code_of(error)));
                        json!({ "type": "error", "id": id, "payload": it.errors })
                    }
                    Some(it) => json!({ "type": "next", "id": id, "payload": it }),
                };
                say(&mut session, &message).await?;
            }
        }
    }
}

/// Sends a message; `None` when the client is gone.
async fn say(session: &mut Session, message: &Value) -> Option<()> {
    session.text(message.to_string()).await.ok()
}

/// Runs one operation beside the socket.
fn begin(
    shared: &Shared,
    (viewer, stated): (Viewer, Stated),
    request: Request,
    id: String,
    outbox: Outbox,
) -> AbortHandle {
    let executor = shared.executor.clone();
    let capacity = shared.capacity.clone();
    let task = shared.runtime.spawn(async move {
        let admitted = match executor.admit(request) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                // The socket may be closed already.
                let _ = outbox.send((id, Some(*refusal))).await;
                return;
            }
        };
        if admitted.operation == OperationType::Subscription {
            let mut answers = executor.subscribe(&viewer, stated, admitted);
            while let Some(response) = answers.next().await {
                if outbox.send((id.clone(), Some(response))).await.is_err() {
                    return;
                }
            }
        } else {
            let Ok(_held) = capacity.acquire().await else { return };
            let response = executor.execute(&viewer, stated, admitted).await;
            let _ = outbox.send((id.clone(), Some(response))).await;
        }
        let _ = outbox.send((id, None)).await;
    });
    task.abort_handle()
}
