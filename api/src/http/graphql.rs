//! GraphQL over HTTP.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response};
use domain::permission::Action;
use domain::viewer::Viewer;
use futures_util::StreamExt;
use tokio::task::JoinHandle;

use super::Shared;
use super::multipart::{self, Incoming};
use super::purpose;
use super::reply::{self, MediaType, Refusal};
use crate::error::Error;
use crate::graphql::error::{code, code_of, server_error};
use crate::service::access::{Ledger, Stated};

/// The largest body of a request without a file, in bytes.
const BODY_BYTES: usize = 256 * 1024;

/// A header with which no page of another origin can send a form.
const PREFLIGHT: [&str; 3] = ["graphql-preflight", "apollo-require-preflight", "x-requested-with"];

/// Answers a request in the body.
pub async fn post(
    http: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let Some(media) = MediaType::negotiate(&http) else { return not_acceptable() };
    let viewer = match shared.viewer(&http).await {
        Ok(viewer) => viewer,
        Err(error) => return reply::error(error),
    };
    let content_type = http.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (request, incoming) = match essence.as_str() {
        "application/json" | "application/graphql-response+json" => match read(payload).await {
            Ok(request) => (request, None),
            Err(refusal) => return refusal.answer(),
        },
        "multipart/form-data" => {
            if !PREFLIGHT.iter().any(|it| http.headers().contains_key(*it)) {
                let message = "send the header graphql-preflight: 1 with a file";
                return reply::refuse(StatusCode::BAD_REQUEST, code::INVALID_REQUEST, message);
            }
            if let Err(error) = refuse_sender(&shared, &http, &viewer).await {
                return reply::error(error);
            }
            match multipart::receive(&shared.app, &content_type, payload).await {
                Ok((request, incoming)) => (request, incoming),
                Err(refusal) => return refusal.answer(),
            }
        }
        _ => {
            return reply::refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                code::INVALID_REQUEST,
                "send application/json, or multipart/form-data with a file",
            );
        }
    };
    let stated = purpose::stated(&http, &viewer);
    answer(&shared, media, (viewer, stated), request, incoming, true).await
}

/// Answers a query in the address. It cannot change anything.
pub async fn get(http: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let Some(media) = MediaType::negotiate(&http) else { return not_acceptable() };
    let viewer = match shared.viewer(&http).await {
        Ok(viewer) => viewer,
        Err(error) => return reply::error(error),
    };
    match async_graphql::http::parse_query_string(http.query_string()) {
        Ok(request) if !request.query.is_empty() => {
            let stated = purpose::stated(&http, &viewer);
            answer(&shared, media, (viewer, stated), request, None, false).await
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
    let mut refusal = reply::refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        code::INVALID_REQUEST,
        "send POST, or GET for a query",
    );
    refusal
        .headers_mut()
        .insert(ALLOW, actix_web::http::header::HeaderValue::from_static("GET, POST"));
    refusal
}

fn not_acceptable() -> HttpResponse {
    reply::refuse(
        StatusCode::NOT_ACCEPTABLE,
        code::INVALID_REQUEST,
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

/// Reads a body within its limit.
async fn read(mut payload: web::Payload) -> Result<Request, Refusal> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::invalid("the body broke off"))?;
        if BODY_BYTES < body.len() + chunk.len() {
            let message = format!("the body is longer than {BODY_BYTES} bytes");
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_COMPLEX, message));
        }
        body.extend_from_slice(&chunk);
    }
    parse(&body)
}

/// Reads one request; a list of them is refused.
pub(super) fn parse(body: &[u8]) -> Result<Request, Refusal> {
    match serde_json::from_slice::<Request>(body) {
        Ok(request) if request.query.is_empty() => {
            Err(Refusal::invalid("the request has no query"))
        }
        Ok(request) => Ok(request),
        Err(_) if body.trim_ascii_start().starts_with(b"[") => {
            Err(Refusal::invalid("send one request at a time"))
        }
        Err(_) => Err(Refusal::invalid("the body is not a GraphQL request in JSON")),
    }
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
    media: MediaType,
    (viewer, stated): (Viewer, Stated),
    request: Request,
    incoming: Option<Incoming>,
    may_change: bool,
) -> HttpResponse {
    let Ok(permit) = shared.capacity.clone().try_acquire_owned() else {
        let mut refusal = reply::refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            code::OVERLOADED,
            "the hub is at its capacity",
        );
        refusal
            .headers_mut()
            .insert(RETRY_AFTER, actix_web::http::header::HeaderValue::from_static("1"));
        return refusal;
    };
    let request = match incoming {
        Some(incoming) => request.data(incoming),
        None => request,
    };
    let admitted = match shared.executor.admit(request) {
        Ok(admitted) => admitted,
        Err(refusal) => return finished(shared, media, *refusal),
    };
    match admitted.operation {
        OperationType::Mutation if !may_change => return other_method().await,
        OperationType::Subscription => {
            let error = server_error(code::INVALID_REQUEST, "subscribe over /graphql/ws");
            return finished(shared, media, Response::from_errors(vec![error]));
        }
        _ => {}
    }
    // On the runtime of the process, where the database's connections live.
    let executor = shared.executor.clone();
    let changes = admitted.operation == OperationType::Mutation;
    let mut executed = Executed(
        shared.runtime.spawn(async move {
            let _held = permit;
            executor.execute(&viewer, stated, admitted).await
        }),
        changes,
    );
    let response = (&mut executed.0).await.unwrap_or_else(|_| {
        tracing::error!("a resolver panicked");
        let error = server_error("INTERNAL", "the hub could not finish this request");
        Response::from_errors(vec![error])
    });
    finished(shared, media, response)
}

fn finished(shared: &Shared, media: MediaType, response: Response) -> HttpResponse {
    for error in &response.errors {
        shared.metrics.error(code_of(error));
    }
    reply::graphql(media, response)
}
