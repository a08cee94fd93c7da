//! Errors as a client sees them: a message, a stable code and what to do about it. Causes go to the
//! log and to nobody else.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError};
use ingest::problem::Lang;

use crate::error::{Error, catalogue, indonesian};

/// The codes that do not come from a service: what is refused at the edge.
pub mod code {
    /// The document or the request around it is not GraphQL, or does not fit the schema.
    pub const INVALID_REQUEST: &str = "INVALID_REQUEST";
    /// The document or what it would cost is above a limit.
    pub const TOO_COMPLEX: &str = "TOO_COMPLEX";
    /// The document is longer than it may be.
    pub const DOCUMENT_TOO_LONG: &str = "DOCUMENT_TOO_LONG";
    /// The document has more tokens than it may have.
    pub const TOO_MANY_TOKENS: &str = "TOO_MANY_TOKENS";
    /// Brackets, fields or fragments nest too deep.
    pub const TOO_DEEP: &str = "TOO_DEEP";
    /// The document has more aliases than it may have.
    pub const TOO_MANY_ALIASES: &str = "TOO_MANY_ALIASES";
    /// The document or a field has more directives than it may have.
    pub const TOO_MANY_DIRECTIVES: &str = "TOO_MANY_DIRECTIVES";
    /// The document has more operations than it may have.
    pub const TOO_MANY_OPERATIONS: &str = "TOO_MANY_OPERATIONS";
    /// The document is too long once its fragments are written out.
    pub const FRAGMENTS_TOO_LARGE: &str = "FRAGMENTS_TOO_LARGE";
    /// The operation asks the root for too much.
    pub const TOO_MANY_ROOT_FIELDS: &str = "TOO_MANY_ROOT_FIELDS";
    /// The body is longer than it may be.
    pub const BODY_TOO_LONG: &str = "BODY_TOO_LONG";
    /// The body did not come in time.
    pub const BODY_TOO_SLOW: &str = "BODY_TOO_SLOW";
    /// A list of requests where none is taken, or a longer one than is taken.
    pub const BATCH_REFUSED: &str = "BATCH_REFUSED";
    /// The client sends more than its rate.
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    /// The client has more subscriptions open than it may have.
    pub const TOO_MANY_SUBSCRIPTIONS: &str = "TOO_MANY_SUBSCRIPTIONS";
    /// No document is known by this digest; send it whole once.
    pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// The digest is not that of the document.
    pub const PERSISTED_QUERY_MISMATCH: &str = "PERSISTED_QUERY_MISMATCH";
    /// The client is held to a list of documents, and this is none of them.
    pub const DOCUMENT_NOT_TRUSTED: &str = "DOCUMENT_NOT_TRUSTED";
    /// The method is none that is answered here.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The client takes no media type that the answer could have.
    pub const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
    /// The body has a media type that is not read.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
    /// The hub is at its capacity.
    pub const OVERLOADED: &str = "OVERLOADED";
    /// The database cannot be reached just now.
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    /// The request took longer than it may.
    pub const TIMEOUT: &str = "TIMEOUT";

    /// The codes of a document or a request that was refused before it ran.
    pub const REFUSED_UNRUN: [&str; 13] = [
        INVALID_REQUEST,
        TOO_COMPLEX,
        DOCUMENT_TOO_LONG,
        TOO_MANY_TOKENS,
        TOO_DEEP,
        TOO_MANY_ALIASES,
        TOO_MANY_DIRECTIVES,
        TOO_MANY_OPERATIONS,
        FRAGMENTS_TOO_LARGE,
        TOO_MANY_ROOT_FIELDS,
        PERSISTED_QUERY_NOT_FOUND,
        PERSISTED_QUERY_MISMATCH,
        DOCUMENT_NOT_TRUSTED,
    ];
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        match &error {
            Error::Internal(cause) => tracing::error!(%cause, "request failed"),
            Error::Unavailable(cause) => tracing::error!(%cause, "the database is away"),
            _ => {}
        }
        let mut reply = async_graphql::Error::new(error.to_string());
        reply.extensions = Some(extensions(error.code()));
        reply.source = Some(Arc::new(error));
        reply
    }
}

/// An error that carries `code` and its remedy.
pub fn server_error(code: &str, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions(code));
    error
}

fn extensions(code: &str) -> ErrorExtensionValues {
    let mut values = ErrorExtensionValues::default();
    values.set("code", code);
    if let Some(entry) = catalogue::find(code) {
        values.set("remedy", entry.remedy(Lang::English));
    }
    values
}

/// Says these errors in `lang`. They are made in English; in Indonesian the message is the catalogue's, and
/// what the English one said beyond it is told in Indonesian as `extensions.detail`.
pub fn say_in(lang: Lang, errors: &mut [ServerError]) {
    for error in errors {
        let Some(entry) = catalogue::find(code_of(error)) else { continue };
        let told = error.source::<Error>().and_then(|it| it.told(lang));
        if let (None, Lang::English) = (&told, lang) {
            continue;
        }
        let (message, remedy) = told.unwrap_or_else(|| (entry.meaning(lang).to_owned(), None));
        let detail = std::mem::replace(&mut error.message, message);
        if let Some(extensions) = &mut error.extensions {
            extensions.set("remedy", remedy.unwrap_or_else(|| entry.remedy(lang)));
            if lang == Lang::Indonesian
                && let Some(detail) = indonesian::said(&detail)
            {
                extensions.set("detail", detail);
            }
        }
    }
}

/// The code of an error; empty when it has none.
pub fn code_of(error: &ServerError) -> &str {
    match error.extensions.as_ref().and_then(|it| it.get("code")) {
        Some(async_graphql::Value::String(code)) => code,
        _ => "",
    }
}

/// Gives every error a code: those of the library come without one.
pub fn complete(response: &mut Response) {
    for error in &mut response.errors {
        if !code_of(error).is_empty() {
            continue;
        }
        let says = |text: &str| error.message.contains(text);
        let code = if says("too complex") {
            code::TOO_COMPLEX
        } else if says("nested too deep") || says("recursion depth") {
            code::TOO_DEEP
        } else if says("number of directives") {
            code::TOO_MANY_DIRECTIVES
        } else if error.path.is_empty() {
            code::INVALID_REQUEST
        } else {
            "INVALID_INPUT"
        };
        error.extensions = Some(extensions(code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_of_ours_never_reaches_the_caller() {
        let error = async_graphql::Error::from(Error::internal("SELECT secret FROM table"));
        assert!(!error.message.contains("secret"));
        let code = error.extensions.unwrap().get("code").cloned();
        assert_eq!(code, Some(async_graphql::Value::from("INTERNAL")));
    }
}
