//! What surrounds every answer: a request id, security headers, metrics and one log line. None of it
//! names a person, a query or a token.

use std::time::Instant;

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;
use uuid::Uuid;

use super::purpose::RequestId;
use super::rates::Allowance;
use super::{Shared, language};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer of a sandbox carries.
const SYNTHETIC: (&str, &str) = ("tunggal-data", "synthetic");

/// Headers of every answer, unless the route has set its own.
const HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];

/// Answers with the id the caller gave, or one of our own, and tells how it went.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let id = given_id(&request).unwrap_or_else(|| Uuid::new_v4().simple().to_string());
    let route = request.match_pattern().unwrap_or_else(|| "other".to_owned());
    let method = known_method(request.method().as_str());
    let shared = request.app_data::<web::Data<Shared>>();
    let metrics = shared.map(|it| it.metrics.clone());
    let sandbox = shared.is_some_and(|it| it.app.config.sandbox);
    request.extensions_mut().insert(RequestId(id.clone()));
    let lang = language::preferred(request.headers());
    let mut response = language::speaking(lang, next.call(request)).await?;
    let allowance = response.request().extensions().get::<Allowance>().copied();
    let headers = response.headers_mut();
    if let Some(allowance) = allowance {
        allowance.tell(headers);
    }
    for (name, value) in HEADERS.into_iter().chain(sandbox.then_some(SYNTHETIC)) {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
    if let Some(metrics) = metrics {
        metrics.request(&route, status, seconds);
    }
    tracing::info!(request_id = %id, method, route, status, seconds, "answered");
    Ok(response)
}

/// The caller's own request id, where it can do no harm in a log.
fn given_id(request: &ServiceRequest) -> Option<String> {
    let text = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    ((8..=64).contains(&text.len()) && text.bytes().all(plain)).then(|| text.to_owned())
}

fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]
        .into_iter()
        .find(|it| *it == method)
        .unwrap_or("other")
}
