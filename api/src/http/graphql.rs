//! GraphQL over HTTP.

use std::future::{Ready, ready};

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use domain::permission::Action;
use domain::viewer::Viewer;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::Shared;
use super::caller::Caller;
use super::multipart::{self, Incoming};
use super::purpose;
use super::reply::{self, Accepts, MediaType, Refusal};
use super::streams::{self, Framing};
use crate::config::limits::Limits;
use crate::error::Error;
use crate::graphql::error::{code, code_of, server_error};
use crate::graphql::execute::Admitted;
use crate::service::access::Ledger;

/// A header with which no page of another origin can send a form.
const PREFLIGHT: [&str; 3] = ["graphql-preflight", "apollo-require-preflight", "x-requested-with"];

/// What a body asks: one thing, or several as a list.
pub(super) enum Asked {
    /// One request.
    One(Box<Request>),
    /// A list of them, as long as the settings allow.
    Several(Vec<Request>),
}

/// Answers a request in the body.
pub async fn post(
    http: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let Some(accepts) = Accepts::negotiate(&http) else { return not_acceptable() };
    let (caller, asked, incoming) = match received(&shared, &http, payload).await {
        Ok(received) => received,
        Err(refusal) => return refusal.answer(),
    };
    match asked {
        Asked::One(request) => answer(&shared, accepts, caller, *request, incoming, true).await,
        Asked::Several(requests) => several(&shared, &http, accepts, caller, requests).await,
    }
}

/// Who sends a request, what it asks, and the file that comes with it. Of a client that signs the body is read before it
/// is known whose it is, and nothing else is done.
async fn received(
    shared: &Shared,
    http: &HttpRequest,
    payload: web::Payload,
) -> Result<(Caller, Asked, Option<Incoming>), Refusal> {
    let asker = shared.asker(http).await?;
    let content_type = http.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let limits = &shared.app.config.limits;
    match essence.as_str() {
        "application/json" | "application/graphql-response+json" => {
            let body = read(payload, limits).await;
            let body = body.map_err(|it| shared.unread(http, &asker, it))?;
            let caller = Caller::of(shared, http, asker, &body).await?;
            Ok((caller, parse(&body, limits)?, None))
        }
        "multipart/form-data" if asker.signs() => {
            let why = Error::SignatureRefused("a client that signs sends application/json");
            Err(shared.unread(http, &asker, why))
        }
        "multipart/form-data" => {
            let caller = Caller::of(shared, http, asker, b"").await?;
            if !PREFLIGHT.iter().any(|it| http.headers().contains_key(*it)) {
                let message = "send the header graphql-preflight: 1 with a file";
                return Err(Refusal::invalid(message));
            }
            refuse_sender(shared, http, &caller.viewer).await?;
            let (request, incoming) =
                multipart::receive(&shared.app, &content_type, payload).await?;
            Ok((caller, Asked::One(Box::new(request)), incoming))
        }
        _ => {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let message = "send application/json, or multipart/form-data with a file";
            let refusal = Refusal::new(status, code::UNSUPPORTED_MEDIA_TYPE, message);
            Err(shared.unread(http, &asker, refusal))
        }
    }
}

/// Answers a query in the address. It cannot change anything.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let Some(accepts) = Accepts::negotiate(&http) else { return not_acceptable() };
    let caller = async {
        let asker = shared.asker(&http).await?;
        Caller::of(&shared, &http, asker, b"").await
    };
    let caller = match caller.await {
        Ok(caller) => caller,
        Err(refusal) => return refusal.answer(),
    };
    match async_graphql::http::parse_query_string(http.query_string()) {
        Ok(request) if asks(&request) => {
            answer(&shared, accepts, caller, request, None, false).await
        }
        _ => reply::refuse(
            StatusCode::BAD_REQUEST,
            code::INVALID_REQUEST,
            "the address has no parameter query, or its variables are not JSON",
        ),
    }
}

/// Refuses what is neither.
pub async fn other_method() -> HttpResponse {
    post_only("send POST, or GET for a query")
}

fn post_only(message: &str) -> HttpResponse {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut refusal = reply::refuse(status, code::METHOD_NOT_ALLOWED, message);
    refusal
        .headers_mut()
        .insert(ALLOW, actix_web::http::header::HeaderValue::from_static("GET, POST"));
    refusal
}

fn not_acceptable() -> HttpResponse {
    reply::refuse(
        StatusCode::NOT_ACCEPTABLE,
        code::NOT_ACCEPTABLE,
        "accept application/graphql-response+json or application/json",
    )
}

/// Refuses a file from whoever may not send one before it is read, and writes that down.
async fn refuse_sender(shared: &Shared, http: &HttpRequest, viewer: &Viewer) -> Result<(), Error> {
    if viewer.may(Action::Upload) {
        return Ok(());
    }
    let ledger = Ledger::new(purpose::stated(http, viewer));
    ledger.refuse_as("uploadSourceFile");
    ledger.seal(&shared.app.evidence, viewer, true).await?;
    Err(Error::forbidden(viewer, Action::Upload))
}

/// Reads a body within its limits.
async fn read(mut payload: web::Payload, limits: &Limits) -> Result<web::BytesMut, Refusal> {
    let most = limits.body_bytes;
    let whole = async {
        let mut body = web::BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::invalid("the body broke off"))?;
            if most < body.len() + chunk.len() {
                let message = format!("the body is longer than {most} bytes");
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                return Err(Refusal::new(status, code::BODY_TOO_LONG, message));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    let body = tokio::time::timeout(limits.body_time, whole).await;
    body.map_err(|_| too_slow(limits))?
}

/// What a body that does not come is answered.
pub(super) fn too_slow(limits: &Limits) -> Refusal {
    let message = format!("the body did not come within {} s", limits.body_time.as_secs());
    Refusal::new(StatusCode::REQUEST_TIMEOUT, code::BODY_TOO_SLOW, message)
}

/// Whether a request names a document, in itself or by its digest.
fn asks(request: &Request) -> bool {
    !request.query.is_empty() || request.extensions.contains_key("persistedQuery")
}

/// Reads one request, or a list of them where the settings allow it.
pub(super) fn parse(body: &[u8], limits: &Limits) -> Result<Asked, Refusal> {
    let unread = |_| Refusal::invalid("the body is not a GraphQL request in JSON");
    let requests = match body.trim_ascii_start().starts_with(b"[") {
        false => vec![serde_json::from_slice::<Request>(body).map_err(unread)?],
        true => {
            let most = limits.batch_requests;
            // Counted before they are read as requests.
            let listed: Vec<Value> = serde_json::from_slice(body).map_err(unread)?;
            if most < listed.len() || listed.is_empty() {
                let message = match most {
                    0 => "send one request at a time".to_owned(),
                    _ => format!("send a list of 1 to {most} requests"),
                };
                let status = StatusCode::BAD_REQUEST;
                return Err(Refusal::new(status, code::BATCH_REFUSED, message));
            }
            let read = listed.into_iter().map(serde_json::from_value);
            let requests: Result<Vec<Request>, _> = read.collect();
            let requests = requests.map_err(unread)?;
            if !requests.iter().all(asks) {
                return Err(Refusal::invalid("a request of the list has no query"));
            }
            return Ok(Asked::Several(requests));
        }
    };
    let one = requests.into_iter().next().filter(asks);
    one.map(|it| Asked::One(Box::new(it)))
        .ok_or_else(|| Refusal::invalid("the request has no query"))
}

/// An execution under way, and whether it changes anything. When its client leaves, a query ends; a
/// change goes on to its end.
struct Executed(JoinHandle<Response>, bool);

impl Drop for Executed {
    fn drop(&mut self) {
        if !self.1 {
            self.0.abort();
        }
    }
}

async fn answer(
    shared: &Shared,
    accepts: Accepts,
    caller: Caller,
    request: Request,
    incoming: Option<Incoming>,
    may_change: bool,
) -> HttpResponse {
    let request = match incoming {
        Some(incoming) => request.data(incoming),
        None => request,
    };
    let admitted = match shared.executor.admit(&caller.viewer, request) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            return match (accepts.one, accepts.many) {
                (None, Some(framing)) => stream(shared, framing, caller, ready(*refusal)),
                (media, _) => finished(shared, media.unwrap_or(MediaType::Json), *refusal),
            };
        }
    };
    match (admitted.operation, accepts.one, accepts.many) {
        (OperationType::Mutation, ..) if !may_change => other_method().await,
        _ if !may_change && admitted.names_person => {
            post_only("send POST: a person's number belongs in no address")
        }
        (OperationType::Subscription, _, Some(framing)) => {
            let (viewer, stated) = (&caller.viewer, caller.stated.clone());
            let answers = shared.executor.subscribe(viewer, stated, admitted);
            streams::open(shared, framing, caller, answers)
        }
        (OperationType::Subscription, ..) => reply::refuse(
            StatusCode::NOT_ACCEPTABLE,
            code::NOT_ACCEPTABLE,
            "accept text/event-stream, or subscribe over /graphql/ws",
        ),
        (_, Some(media), _) => {
            let response = executed(shared, &caller, admitted).await;
            finished(shared, media, response)
        }
        (_, None, Some(framing)) => {
            let response = executed(shared, &caller, admitted).await;
            stream(shared, framing, caller, ready(response))
        }
        (_, None, None) => not_acceptable(),
    }
}

/// An answer as a stream that ends behind it.
fn stream(
    shared: &Shared,
    framing: Framing,
    caller: Caller,
    response: Ready<Response>,
) -> HttpResponse {
    streams::open(shared, framing, caller, futures_util::stream::once(response).boxed())
}

/// Answers a list of requests one after another, so that a list takes one place at a time.
async fn several(
    shared: &Shared,
    http: &HttpRequest,
    accepts: Accepts,
    caller: Caller,
    requests: Vec<Request>,
) -> HttpResponse {
    let Some(media) = accepts.one else { return not_acceptable() };
    let mut responses = vec![];
    for (index, request) in requests.into_iter().enumerate() {
        // The first was counted with the body.
        if 0 < index
            && let Err(refusal) = shared.count(http, &caller.viewer)
        {
            responses.push(Response::from_errors(vec![refusal.into_error()]));
            continue;
        }
        responses.push(match shared.executor.admit(&caller.viewer, request) {
            Err(refusal) => *refusal,
            Ok(admitted) if admitted.operation == OperationType::Subscription => {
                let message = "a list holds no subscriptions";
                Response::from_errors(vec![server_error(code::INVALID_REQUEST, message)])
            }
            Ok(admitted) => executed(shared, &caller, admitted).await,
        });
    }
    for error in responses.iter().flat_map(|it| &it.errors) {
        shared.metrics.error(code_of(error));
    }
    reply::several(media, responses)
}

/// Executes on the runtime of the process, where the database's connections live.
async fn executed(shared: &Shared, caller: &Caller, admitted: Admitted) -> Response {
    let (executor, viewer) = (shared.executor.clone(), caller.viewer.clone());
    let (stated, changes) = (caller.stated.clone(), admitted.operation == OperationType::Mutation);
    let task =
        shared.runtime.spawn(async move { executor.execute(&viewer, stated, admitted).await });
    let mut executed = Executed(task, changes);
    (&mut executed.0).await.unwrap_or_else(|_| {
        tracing::error!(request_id = caller.stated.request, "a resolver panicked");
        let error = server_error("INTERNAL", "the hub could not finish this request");
        Response::from_errors(vec![error])
    })
}

fn finished(shared: &Shared, media: MediaType, response: Response) -> HttpResponse {
    for error in &response.errors {
        shared.metrics.error(code_of(error));
    }
    reply::graphql(media, response)
}
