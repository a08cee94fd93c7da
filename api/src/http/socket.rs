//! GraphQL over WebSocket, by the protocol graphql-transport-ws.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Session};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError};
use domain::viewer::Viewer;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::caller::{Caller, Ended, WATCH};
use super::client_address::client_address;
use super::reply::Refusal;
use super::{Shared, language, purpose, reply};
use crate::error::Error;
use crate::graphql::error::{code, code_of, say_in, server_error};
use crate::service::access::Stated;

const PROTOCOL: &str = "graphql-transport-ws";
/// How often a silent client is asked whether it is there.
const HEARTBEAT: Duration = Duration::from_secs(30);
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
const WRONG_PROTOCOL: Closing = Closing(4406, "Subprotocol not acceptable");
const INIT_TIMEOUT: Closing = Closing(4408, "Connection initialisation timeout");
const TOO_MANY_INITS: Closing = Closing(4429, "Too many initialisation requests");

/// Opens a socket. Only the protocol graphql-transport-ws is spoken, and only with pages of our own.
pub async fn open(
    http: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    if let Err(refusal) = shared.count(&http, &Viewer::public()) {
        return refusal.answer();
    }
    if !same_origin(&http, &shared.app.config.cors_origins) {
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
    let speaks = response.headers().contains_key("sec-websocket-protocol");
    let most = shared.app.config.limits.socket_bytes;
    let stream = stream.max_frame_size(most).aggregate_continuations();
    let stream = stream.max_continuation_size(most);
    let address = client_address(&http, &shared.app.config.trusted_proxies);
    let (shared, id) = (shared.get_ref().clone(), purpose::request_id(&http));
    let lang = language::chosen();
    actix_web::rt::spawn(async move {
        shared.metrics.sockets.inc();
        let metrics = shared.metrics.clone();
        let talking = Box::pin(talk(shared, (id, address), session.clone(), stream));
        let closing = match speaks {
            true => language::speaking(lang, talking).await,
            false => Some(WRONG_PROTOCOL),
        };
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

/// A browser names the page's origin; it must be ours, or one that the settings name.
fn same_origin(http: &HttpRequest, others: &[String]) -> bool {
    let header = |name: &str| http.headers().get(name).and_then(|it| it.to_str().ok());
    match header("origin") {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|it| it.1);
            let named = others.iter().any(|it| it.eq_ignore_ascii_case(origin));
            named || host.is_some() && host == header("host")
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

/// How a socket is closed whose client is refused: for good, or until what failed is well again.
fn refused(error: &Error) -> Closing {
    match error {
        Error::Unauthenticated(_) | Error::AccountDisabled | Error::SignatureRefused(_) => {
            FORBIDDEN
        }
        _ => TRY_LATER,
    }
}

impl From<Ended> for Closing {
    fn from(ended: Ended) -> Closing {
        match ended {
            Ended::Expired => UNAUTHORIZED,
            Ended::Changed => FORBIDDEN,
            Ended::Unknown => TRY_LATER,
        }
    }
}

async fn talk(
    shared: Shared,
    (request, address): (String, Option<IpAddr>),
    mut session: Session,
    mut stream: actix_ws::AggregatedMessageStream,
) -> Option<Closing> {
    let (outbox, mut told) = mpsc::channel(16);
    let mut stopping = shared.stopping.clone();
    let mut operations = Operations::default();
    let mut caller: Option<Caller> = None;
    let limits = shared.app.config.limits.clone();
    let introduction = tokio::time::sleep(limits.socket_introduction);
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
                    && let Err(ended) = caller.look_again(&shared).await
                {
                    return Some(ended.into());
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
                            Err(error) => return Some(refused(&error)),
                        }
                        say(&mut session, &json!({ "type": "connection_ack" })).await?;
                    }
                    Said::Subscribe { id, payload } => {
                        let Some(caller) = &mut caller else { return Some(UNAUTHORIZED) };
                        if let Err(ended) = caller.look_again(&shared).await {
                            return Some(ended.into());
                        }
                        if operations.0.contains_key(&id) {
                            return Some(Closing(4409, "this id is in use"));
                        }
                        if 128 < id.len() {
                            return Some(INVALID);
                        }
                        let allowed = match shared.rates.count(&caller.viewer, address) {
                            Err(allowance) => Err(Refusal::too_often(allowance.reset()).into_error()),
                            Ok(_) if limits.socket_operations <= operations.0.len() => {
                                let message = "this socket has too many operations open";
                                Err(server_error(code::TOO_MANY_SUBSCRIPTIONS, message))
                            }
                            Ok(_) => Ok(()),
                        };
                        if let Err(error) = allowed {
                            say(&mut session, &refusal(&shared, &id, vec![error])).await?;
                            continue;
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
                let message = match response {
                    None => {
                        operations.0.remove(&id);
                        json!({ "type": "complete", "id": id })
                    }
                    Some(it) if it.data == async_graphql::Value::Null && !it.errors.is_empty() => {
                        operations.0.remove(&id);
                        refusal(&shared, &id, it.errors)
                    }
                    Some(mut it) => {
                        say_in(language::chosen(), &mut it.errors);
                        session.text(next(&id, &it)).await.ok()?;
                        continue;
                    }
                };
                say(&mut session, &message).await?;
            }
        }
    }
}

/// The message that ends an operation with why.
fn refusal(shared: &Shared, id: &str, mut errors: Vec<ServerError>) -> Value {
    errors.iter().for_each(|error| shared.metrics.error(code_of(error)));
    say_in(language::chosen(), &mut errors);
    json!({ "type": "error", "id": id, "payload": errors })
}

/// The message with an answer, its fields in the order in which they were asked for.
fn next(id: &str, response: &Response) -> String {
    let payload = serde_json::to_string(response).unwrap_or_default();
    format!("{{\"type\":\"next\",\"id\":{},\"payload\":{payload}}}", Value::from(id))
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
    let task = shared.runtime.spawn(async move {
        let admitted = match executor.admit(&viewer, request) {
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
            let response = executor.execute(&viewer, stated, admitted).await;
            let _ = outbox.send((id.clone(), Some(response))).await;
        }
        let _ = outbox.send((id, None)).await;
    });
    task.abort_handle()
}
