//! Answers: their media type, their status, and errors outside GraphQL.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use async_graphql::{Response, ServerError};

use super::language;
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

impl MediaType {
    /// The type the client prefers; `None` when it takes neither.
    pub fn negotiate(request: &HttpRequest) -> Option<MediaType> {
        let accepted: Vec<&str> =
            request.headers().get_all(ACCEPT).filter_map(|it| it.to_str().ok()).collect();
        MediaType::preferred(&accepted.join(","))
    }

    fn preferred(accepted: &str) -> Option<MediaType> {
        if accepted.trim().is_empty() {
            return Some(MediaType::Json);
        }
        let mut best: Option<(f32, MediaType)> = None;
        for range in accepted.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts
                .filter_map(|it| it.strip_prefix("q="))
                .find_map(|it| it.parse::<f32>().ok())
                .unwrap_or(1.0);
            let media = match name.as_str() {
                "application/graphql-response+json" => MediaType::GraphQlResponse,
                "application/json" | "application/*" | "*/*" => MediaType::Json,
                _ => continue,
            };
            if 0.0 < quality && best.is_none_or(|it| it.0 < quality) {
                best = Some((quality, media));
            }
        }
        best.map(|it| it.1)
    }

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
    say_in(language::chosen(), &mut response.errors);
    // A request that failed before it ran has no data, not even null.
    let ran = has_data(&response) || response.errors.iter().any(|it| !it.path.is_empty());
    let body = if ran {
        serde_json::to_vec(&response).unwrap_or_default()
    } else {
        serde_json::json!({ "errors": response.errors }).to_string().into_bytes()
    };
    let mut reply = HttpResponse::build(status);
    if !response.errors.is_empty() {
        speaks(&mut reply);
    }
    reply.insert_header((CONTENT_TYPE, media.name())).body(body)
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
        code::OVERLOADED | "EVIDENCE_UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        _ if media == MediaType::Json => StatusCode::OK,
        "INTERNAL" => StatusCode::INTERNAL_SERVER_ERROR,
        code::TIMEOUT => StatusCode::GATEWAY_TIMEOUT,
        code::INVALID_REQUEST | code::TOO_COMPLEX => StatusCode::BAD_REQUEST,
        // The document ran; what became of its fields is in the errors.
        _ => StatusCode::OK,
    }
}

/// Why a request is refused before it is GraphQL, or outside it.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: Box<ServerError>,
}

impl Refusal {
    /// A refusal with this status and code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, error: Box::new(server_error(code, message)) }
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
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            reply.insert_header((RETRY_AFTER, "5"));
        }
        reply.insert_header((CONTENT_TYPE, MediaType::Json.name())).body(body.to_string())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let status = match &error {
            Error::InvalidInput { .. } | Error::FileRefused(_) => StatusCode::BAD_REQUEST,
            Error::Unauthenticated(_) | Error::AccountDisabled => StatusCode::UNAUTHORIZED,
            Error::Forbidden { .. }
            | Error::InsufficientScope(_)
            | Error::Withheld { .. }
            | Error::PurposeRefused(_) => StatusCode::FORBIDDEN,
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Busy
            | Error::Overloaded
            | Error::EvidenceUnavailable
            | Error::AccountsUnreadable
            | Error::TombstoneKeyMissing
            | Error::ProviderUnreachable => StatusCode::SERVICE_UNAVAILABLE,
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
            assert_eq!(MediaType::preferred(accepted), expected, "{accepted}");
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
}
