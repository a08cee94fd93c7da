//! Answers: their media type, their status, and errors outside GraphQL.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use async_graphql::{Response, ServerError};

use super::language;
use super::streams::Framing;
use crate::error::Error;
use crate::graphql::error::{code, code_of, say_in, server_error};

/// The media types of a GraphQL answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`: every well-formed request is answered with 200.
    Json,
    /// `application/graphql-response+json`: the status says what became of the request.
    GraphQlResponse,
}

/// What a client takes, by its header `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepts {
    /// The type it prefers for one answer.
    pub one: Option<MediaType>,
    /// How it prefers answers that come one after another.
    pub many: Option<Framing>,
}

impl Accepts {
    /// What the client takes; `None` when it is nothing that the hub gives.
    pub fn negotiate(request: &HttpRequest) -> Option<Accepts> {
        let accepted: Vec<&str> =
            request.headers().get_all(ACCEPT).filter_map(|it| it.to_str().ok()).collect();
        let accepts = Accepts::preferred(&accepted.join(","));
        (accepts.one.is_some() || accepts.many.is_some()).then_some(accepts)
    }

    fn preferred(accepted: &str) -> Accepts {
        if accepted.trim().is_empty() {
            return Accepts { one: Some(MediaType::Json), many: None };
        }
        let (mut one, mut many) = ((0.0, None), (0.0, None));
        for range in accepted.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let parameter = |name: &str| {
                let mut named = parts.clone().filter_map(|it| it.split_once('='));
                let found = named.find(|it| it.0.eq_ignore_ascii_case(name));
                found.map(|it| it.1.trim_matches('"').to_owned())
            };
            let quality = parameter("q").and_then(|it| it.parse::<f32>().ok()).unwrap_or(1.0);
            match name.as_str() {
                "application/graphql-response+json" if one.0 < quality => {
                    one = (quality, Some(MediaType::GraphQlResponse));
                }
                "application/json" | "application/*" | "*/*" if one.0 < quality => {
                    one = (quality, Some(MediaType::Json));
                }
                "text/event-stream" if many.0 < quality => {
                    many = (quality, Some(Framing::Events));
                }
                "multipart/mixed"
                    if many.0 < quality && parameter("subscriptionspec").is_some() =>
                {
                    many = (quality, Some(Framing::Parts));
                }
                _ => {}
            }
        }
        Accepts { one: one.1, many: many.1 }
    }
}

impl MediaType {
    fn name(self) -> &'static str {
        match self {
            MediaType::Json => "application/json; charset=utf-8",
            MediaType::GraphQlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// A GraphQL answer as HTTP, its errors in the language of the request.
pub fn graphql(media: MediaType, mut response: Response) -> HttpResponse {
    let status = status(media, &response);
    let retry = status == StatusCode::SERVICE_UNAVAILABLE;
    let body = body(&mut response);
    let mut reply = HttpResponse::build(status);
    if !response.errors.is_empty() {
        speaks(&mut reply);
    }
    if retry {
        reply.insert_header((RETRY_AFTER, "1"));
    }
    reply.insert_header((CONTENT_TYPE, media.name())).body(body)
}

/// Answers to a list of requests, in its order.
pub fn several(media: MediaType, mut responses: Vec<Response>) -> HttpResponse {
    let mut reply = HttpResponse::Ok();
    if responses.iter().any(|it| !it.errors.is_empty()) {
        speaks(&mut reply);
    }
    let bodies: Vec<Vec<u8>> = responses.iter_mut().map(body).collect();
    let whole = [b"[".as_slice(), &bodies.join(b",".as_slice()), b"]"].concat();
    reply.insert_header((CONTENT_TYPE, media.name())).body(whole)
}

/// An answer as JSON, its errors in the language of the request.
fn body(response: &mut Response) -> Vec<u8> {
    say_in(language::chosen(), &mut response.errors);
    // A request that failed before it ran has no data, not even null.
    let ran = has_data(response) || response.errors.iter().any(|it| !it.path.is_empty());
    if ran {
        serde_json::to_vec(&response).unwrap_or_default()
    } else {
        serde_json::json!({ "errors": response.errors }).to_string().into_bytes()
    }
}

/// Says in which language the errors of an answer are.
pub(super) fn speaks(reply: &mut HttpResponseBuilder) {
    reply.insert_header((CONTENT_LANGUAGE, language::tag(language::chosen())));
    reply.append_header((VARY, "accept-language"));
}

/// Whether an answer carries data, be it partial.
fn has_data(response: &Response) -> bool {
    response.errors.is_empty() || response.data != async_graphql::Value::Null
}

fn status(media: MediaType, response: &Response) -> StatusCode {
    let first = response.errors.first().map(code_of).unwrap_or_default();
    match first {
        _ if has_data(response) => StatusCode::OK,
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "PURPOSE_REFUSED" => StatusCode::FORBIDDEN,
        code::OVERLOADED | code::UNAVAILABLE | "EVIDENCE_UNAVAILABLE" => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ if media == MediaType::Json => StatusCode::OK,
        "INTERNAL" => StatusCode::INTERNAL_SERVER_ERROR,
        code::TIMEOUT => StatusCode::GATEWAY_TIMEOUT,
        code if code::REFUSED_UNRUN.contains(&code) => StatusCode::BAD_REQUEST,
        // The document ran; what became of its fields is in the errors.
        _ => StatusCode::OK,
    }
}

/// Why a request is refused before it is GraphQL, or outside it.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: Box<ServerError>,
    /// Seconds after which to try again.
    retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with this status and code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(5);
        Refusal { status, error: Box::new(server_error(code, message)), retry_after }
    }

    /// A request too many, to be sent again after so many seconds.
    pub fn too_often(seconds: u64) -> Refusal {
        let message = "the client sends more requests than it may";
        let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, code::RATE_LIMITED, message);
        Refusal { retry_after: Some(seconds), ..refusal }
    }

    /// The error that it carries, for what is no answer over HTTP.
    pub fn into_error(self) -> ServerError {
        *self.error
    }

    /// A request that is not what it must be.
    pub fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, code::INVALID_REQUEST, message)
    }

    /// The refusal as HTTP, in the form of a GraphQL answer without data and the language of the request.
    pub fn answer(self) -> HttpResponse {
        let mut errors = [*self.error];
        say_in(language::chosen(), &mut errors);
        let body = serde_json::json!({ "errors": errors });
        let mut reply = HttpResponse::build(self.status);
        speaks(&mut reply);
        if self.status == StatusCode::UNAUTHORIZED {
            reply.insert_header((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
        }
        if let Some(seconds) = self.retry_after {
            reply.insert_header((RETRY_AFTER, seconds));
        }
        // What is left of the body is not waited for.
        if matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            reply.force_close();
        }
        reply.insert_header((CONTENT_TYPE, MediaType::Json.name())).body(body.to_string())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let status = match &error {
            Error::InvalidInput { .. }
            | Error::FileRefused(_)
            | Error::UnknownProgramme
            | Error::CursorForeign
            | Error::CursorStale => StatusCode::BAD_REQUEST,
            Error::Unauthenticated(_)
            | Error::AccountDisabled
            | Error::SignatureRefused(_)
            | Error::ClockOff { .. } => StatusCode::UNAUTHORIZED,
            Error::Forbidden { .. }
            | Error::InsufficientScope(_)
            | Error::Withheld { .. }
            | Error::PurposeRefused(_) => StatusCode::FORBIDDEN,
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Conflict(_) | Error::NotSignedYet | Error::RequestReplayed => {
                StatusCode::CONFLICT
            }
            Error::Busy
            | Error::Overloaded
            | Error::Unavailable(_)
            | Error::EvidenceUnavailable
            | Error::AccountsUnreadable
            | Error::TombstoneKeyMissing
            | Error::ProviderUnreachable => StatusCode::SERVICE_UNAVAILABLE,
            Error::TookTooLong => StatusCode::GATEWAY_TIMEOUT,
            Error::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let code = error.code();
        // This conversion logs the cause of an error of ours.
        let told = async_graphql::Error::from(error);
        let mut refusal = Refusal::new(status, code, told.message);
        refusal.error.source = told.source;
        refusal
    }
}

/// A refusal with this status and code, as HTTP.
pub fn refuse(status: StatusCode, code: &'static str, message: impl Into<String>) -> HttpResponse {
    Refusal::new(status, code, message).answer()
}

/// A service's error as HTTP.
pub fn error(error: Error) -> HttpResponse {
    Refusal::from(error).answer()
}

/// What an unknown path answers.
pub async fn nothing_here() -> HttpResponse {
    refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "nothing is here; the API is at /graphql")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_chooses_the_media_type() {
        let check = |accepted, expected| {
            assert_eq!(Accepts::preferred(accepted).one, expected, "{accepted}");
        };
        check("", Some(MediaType::Json));
        check("*/*", Some(MediaType::Json));
        check("application/graphql-response+json", Some(MediaType::GraphQlResponse));
        check(
            "application/graphql-response+json, application/json;q=0.9",
            Some(MediaType::GraphQlResponse),
        );
        check("application/graphql-response+json;q=0.5, application/json", Some(MediaType::Json));
        check("text/html", None);
        check("application/json;q=0", None);
    }

    #[test]
    fn a_client_that_takes_streams_still_gets_one_answer_as_json() {
        let check = |accepted, one, many| {
            assert_eq!(Accepts::preferred(accepted), Accepts { one, many }, "{accepted}");
        };
        check("text/event-stream", None, Some(Framing::Events));
        check(
            "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0, application/json",
            Some(MediaType::Json),
            Some(Framing::Parts),
        );
        check(
            "multipart/mixed; subscriptionSpec=\"1.0\"; q=0.5, text/event-stream",
            None,
            Some(Framing::Events),
        );
        check("multipart/mixed, */*", Some(MediaType::Json), None);
    }
}
