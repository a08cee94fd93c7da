//! `/oauth/token`: tokens of the hub's own accounts, by OAuth 2 (RFC 6749).

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, AUTHORIZATION, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt;
use ingest::problem::Lang;
use serde_json::json;

use super::client_address::client_address;
use super::{Shared, language, reply, signature};
use crate::auth::keys;
use crate::error::{Error, catalogue, indonesian};
use crate::service::attempts;
use crate::service::sign_in::{self, Granted, Refused};

/// The longest body, in bytes.
const BODY_BYTES: usize = 8 * 1024;

/// A refusal as the standard names it; what it means and what to do about it is in the catalogue.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    /// What the English text says in place of the catalogue's.
    detail: Option<&'static str>,
    /// Seconds after which to try again.
    retry_after: Option<u64>,
    /// The hub's time, for a client whose clock is off.
    hub_time: Option<String>,
}

const fn refusal(status: StatusCode, error: &'static str) -> Refusal {
    Refusal { status, error, detail: None, retry_after: None, hub_time: None }
}

const INVALID_CLIENT: Refusal = refusal(StatusCode::UNAUTHORIZED, "invalid_client");
const INVALID_GRANT: Refusal = refusal(StatusCode::BAD_REQUEST, "invalid_grant");
const INVALID_SCOPE: Refusal = refusal(StatusCode::BAD_REQUEST, "invalid_scope");
const UNSUPPORTED: Refusal = refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type");

fn invalid_request(detail: &'static str) -> Refusal {
    Refusal { detail: Some(detail), ..refusal(StatusCode::BAD_REQUEST, "invalid_request") }
}

/// Answers with a token, or says why not.
pub async fn issue(
    http: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    if !shared.app.config.embedded_issuer {
        return reply::nothing_here().await;
    }
    let address = client_address(&http, &shared.app.config.trusted_proxies);
    if let Some(Err(seconds)) = address.map(|it| shared.sign_ins.count(it)) {
        shared.attempts.refused(attempts::Refusal::Address, None);
        let refused = refusal(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts");
        return Refusal { retry_after: Some(seconds), ..refused }.answer();
    }
    match answer(&http, payload, &shared).await {
        Ok(granted) => HttpResponse::Ok().insert_header((PRAGMA, "no-cache")).json(json!({
            "access_token": granted.token,
            "token_type": "Bearer",
            "expires_in": granted.seconds,
            "scope": keys::scope(&granted.actions),
        })),
        Err(refusal) => refusal.answer(),
    }
}

/// Refuses what is not POST.
pub async fn other_method(shared: web::Data<Shared>) -> HttpResponse {
    if !shared.app.config.embedded_issuer {
        return reply::nothing_here().await;
    }
    let mut refusal = invalid_request("only POST is answered");
    refusal.status = StatusCode::METHOD_NOT_ALLOWED;
    let mut answer = refusal.answer();
    answer.headers_mut().insert(ALLOW, actix_web::http::header::HeaderValue::from_static("POST"));
    answer
}

async fn answer(
    http: &HttpRequest,
    payload: web::Payload,
    shared: &Shared,
) -> Result<Granted, Refusal> {
    if !http.query_string().is_empty() {
        return Err(invalid_request("the address has parameters; they belong in the body"));
    }
    let content_type = http.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(invalid_request("the body is not application/x-www-form-urlencoded"));
    }
    let patience = shared.app.config.limits.body_time;
    let form = tokio::time::timeout(patience, Form::read(payload)).await;
    let form = form.unwrap_or_else(|_| Err(invalid_request("the body did not come in time")))?;
    let basic = basic(http)?;
    let scope = form.get("scope").map(str::to_owned);
    let door = (shared.app.clone(), shared.attempts.clone());
    let gate = shared.gate.clone();
    match form.get("grant_type") {
        None => Err(invalid_request("grant_type is missing")),
        Some("client_credentials") if http.headers().contains_key(signature::CLIENT_KEY) => {
            if basic.is_some() || form.get("client_id").or(form.get("client_secret")).is_some() {
                return Err(invalid_request("the client is named twice"));
            }
            let name = signature::header(http, signature::CLIENT_KEY).map_err(|it| failure(&it))?;
            let name = name.unwrap_or_default().to_owned();
            let proof = signature::proof(http).map_err(|it| failure(&it))?;
            let granting = async move {
                sign_in::with_signature(&door, &name, &proof, scope.as_deref()).await
            };
            granted(shared, granting, INVALID_CLIENT).await
        }
        Some("client_credentials") => {
            let (name, secret) = match (basic, form.get("client_id"), form.get("client_secret")) {
                (Some(it), None, None) => it,
                (None, Some(name), Some(secret)) => (name.to_owned(), secret.to_owned()),
                (None, ..) => return Err(INVALID_CLIENT),
                (Some(_), ..) => return Err(invalid_request("the client is named twice")),
            };
            let granting =
                async move { sign_in::with_secret(&door, &name, &secret, scope.as_deref()).await };
            granted(shared, granting, INVALID_CLIENT).await
        }
        Some("password") => {
            if basic.is_some() || form.get("client_secret").is_some() {
                return Err(invalid_request("the grant type password is for persons, not clients"));
            }
            let (Some(name), Some(password)) = (form.get("username"), form.get("password")) else {
                return Err(invalid_request("username or password is missing"));
            };
            let (name, password) = (name.to_owned(), password.to_owned());
            let granting = async move {
                sign_in::with_password(&door, &gate, &name, &password, scope.as_deref()).await
            };
            granted(shared, granting, INVALID_GRANT).await
        }
        Some(_) => Err(UNSUPPORTED),
    }
}

/// Signs in on the runtime of the process, where the database's connections live.
async fn granted(
    shared: &Shared,
    granting: impl Future<Output = Result<Granted, Refused>> + Send + 'static,
    unknown: Refusal,
) -> Result<Granted, Refusal> {
    match shared.runtime.spawn(granting).await {
        Ok(Ok(granted)) => Ok(granted),
        Ok(Err(Refused::Unknown)) => Err(unknown),
        Ok(Err(Refused::Scope)) => Err(INVALID_SCOPE),
        Ok(Err(Refused::Failed(error))) => Err(failure(&error)),
        Err(error) => Err(failure(&Error::internal(error))),
    }
}

fn failure(error: &Error) -> Refusal {
    match error {
        Error::SignatureRefused(detail) => return invalid_request(detail),
        Error::RequestReplayed => {
            return invalid_request("a token was asked for with this X-TIMESTAMP before");
        }
        Error::ClockOff { hub, .. } => {
            let hub_time = Some(hub.clone());
            return Refusal { hub_time, ..refusal(StatusCode::BAD_REQUEST, "clock_off") };
        }
        _ => {}
    }
    if matches!(error, Error::Overloaded | Error::Unavailable(_) | Error::EvidenceUnavailable) {
        let refused = refusal(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
        return Refusal { retry_after: Some(2), ..refused };
    }
    tracing::error!(%error, cause = ?std::error::Error::source(error), "nobody could sign in");
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
}

/// The client that a header `Authorization: Basic ...` names. Names and secrets of clients hold nothing
/// that the standard would have encoded.
fn basic(http: &HttpRequest) -> Result<Option<(String, String)>, Refusal> {
    let mut headers = http.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else { return Ok(None) };
    let pair = header.to_str().ok().and_then(|it| {
        let (scheme, code) = it.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(code).ok()?;
        let pair =
            scheme.eq_ignore_ascii_case("basic").then(|| String::from_utf8(bytes).ok())??;
        pair.split_once(':').map(|(name, secret)| (name.to_owned(), secret.to_owned()))
    });
    match (pair, headers.next()) {
        (Some(pair), None) => Ok(Some(pair)),
        _ => Err(INVALID_CLIENT),
    }
}

/// The parameters of a request, each of them once.
struct Form(Vec<(String, String)>);

impl Form {
    async fn read(mut payload: web::Payload) -> Result<Form, Refusal> {
        let mut body = web::BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| invalid_request("the body broke off"))?;
            if BODY_BYTES < body.len() + chunk.len() {
                return Err(invalid_request("the body is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        let text = std::str::from_utf8(&body).ok();
        let pairs = text.and_then(|it| web::Query::<Vec<(String, String)>>::from_query(it).ok());
        let pairs = pairs.ok_or(invalid_request("the body cannot be read"))?.into_inner();
        let mut names: Vec<&String> = pairs.iter().map(|it| &it.0).collect();
        names.sort_unstable();
        if names.windows(2).any(|it| it[0] == it[1]) {
            return Err(invalid_request("a parameter is there twice"));
        }
        Ok(Form(pairs))
    }

    /// A parameter; an empty one is as if it were not there (RFC 6749 3.2).
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
        found.filter(|it| !it.is_empty())
    }
}

impl Refusal {
    fn answer(self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        answer.insert_header((PRAGMA, "no-cache"));
        if self.status == StatusCode::UNAUTHORIZED {
            answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"tunggal\""));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        reply::speaks(&mut answer);
        let (lang, entry) = (language::chosen(), catalogue::find(self.error));
        let (meaning, remedy) =
            entry.map(|it| (it.meaning(lang), it.remedy(lang))).unwrap_or_default();
        let mut body =
            json!({ "error": self.error, "error_description": meaning, "remedy": remedy });
        match (self.detail, lang) {
            (Some(detail), Lang::English) => body["error_description"] = detail.into(),
            (Some(detail), Lang::Indonesian) => {
                if let Some(detail) = indonesian::said(detail) {
                    body["detail"] = detail.into();
                }
            }
            (None, _) => {}
        }
        if let Some(hub_time) = self.hub_time {
            body["hub_time"] = hub_time.into();
        }
        answer.json(body)
    }
}
