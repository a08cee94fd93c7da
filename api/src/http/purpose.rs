//! What a request says its data is for.

use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage, HttpRequest};
use domain::viewer::Viewer;
use serde_json::Value;

use crate::service::access::Stated;

const PURPOSE: HeaderName = HeaderName::from_static("tunggal-purpose");
const REASON: HeaderName = HeaderName::from_static("tunggal-reason");

/// The id under which a request is answered and written down.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub String);

/// The id of a request.
pub(super) fn request_id(http: &HttpRequest) -> String {
    http.extensions().get::<RequestId>().map(|it| it.0.clone()).unwrap_or_default()
}

/// What the headers `Tunggal-Purpose` and `Tunggal-Reason` state. A header that is no text, or is there
/// twice, states a purpose that nobody may claim.
pub(super) fn stated(http: &HttpRequest, viewer: &Viewer) -> Stated {
    let header = |name: HeaderName| {
        let mut all = http.headers().get_all(name);
        match (all.next(), all.next()) {
            (None, _) => None,
            (Some(one), None) => Some(std::str::from_utf8(one.as_bytes()).unwrap_or_default()),
            _ => Some(""),
        }
    };
    Stated::new(viewer, header(PURPOSE), header(REASON), &request_id(http))
}

/// What the payload of a socket's first message states in its field `purpose`.
pub(super) fn stated_in(payload: Option<&Value>, viewer: &Viewer, request: &str) -> Stated {
    let field = payload.and_then(Value::as_object).and_then(|it| it.get("purpose"));
    let purpose = field.map(|it| it.as_str().unwrap_or_default());
    Stated::new(viewer, purpose, None, request)
}
