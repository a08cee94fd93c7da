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
    /// The hub is at its capacity.
    pub const OVERLOADED: &str = "OVERLOADED";
    /// The request took longer than it may.
    pub const TIMEOUT: &str = "TIMEOUT";
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        if let Error::Internal(cause) = &error {
            tracing::error!(%cause, "request failed");
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
        let too_much =
            ["too complex", "nested too deep", "recursion depth", "number of directives"];
        let code = if too_much.iter().any(|it| error.message.contains(it)) {
            code::TOO_COMPLEX
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
