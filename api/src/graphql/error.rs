//! Errors as a client sees them: a message, a stable code and what to do about it. Causes go to the
//! log and to nobody else.

use async_graphql::{ErrorExtensionValues, Response, ServerError};

use crate::error::Error;

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

/// What a caller can do about an error with this code; empty when nothing.
pub fn remedy(code: &str) -> &'static str {
    match code {
        "INVALID_INPUT" => "Correct the argument that the message names.",
        "UNAUTHENTICATED" => {
            "Send a current token as `Authorization: Bearer ...`; docs/identity.md says how to get one."
        }
        "ACCOUNT_DISABLED" => {
            "Ask an administrator of the hub to enable it: `tunggal user enable`."
        }
        "ACCOUNTS_UNREADABLE" => {
            "Send the request again in a few seconds; if it lasts, see whether the database answers."
        }
        "PROVIDER_UNREACHABLE" => {
            "Send the request again in a few seconds; if it lasts, ask whoever runs the provider."
        }
        "FORBIDDEN" => "Ask in a role that may, or ask an administrator for it.",
        "INSUFFICIENT_SCOPE" => {
            "Ask for a token without scope, or with this one among them; docs/visibility.md lists them."
        }
        "WITHHELD" => {
            "Leave the argument out, or ask in a role and for a purpose that sees the attribute whole; \
             docs/visibility.md lists them."
        }
        "PURPOSE_REFUSED" => {
            "State in the header Tunggal-Purpose what docs/visibility.md allows your role, or leave it out; \
             with break_glass, write in the header Tunggal-Reason why, in 10 to 500 characters."
        }
        "EVIDENCE_UNAVAILABLE" => "Send the request again; if that fails too, tell the operator.",
        "EVIDENCE_BROKEN" => "Run `tunggal audit verify` with the exported checkpoints.",
        "NOT_FOUND" => {
            "Check the address or the id; ids begin with the noun they name, such as `ent_`."
        }
        "FILE_REFUSED" => "Send the list as a .csv, .xlsx, .xls or .ods file that opens by itself.",
        "CONFLICT" => "Read the present state again, then decide.",
        "PREVIEW_STALE" => "Preview the model again, read what it would change, then activate it.",
        "BUSY" | code::OVERLOADED => "Wait a little and send the request again.",
        code::TIMEOUT => "Ask for less at once: a smaller page, fewer nested fields.",
        code::TOO_COMPLEX => "Ask for less: fewer fields, a smaller page, less nesting.",
        code::INVALID_REQUEST => {
            "Compare the request with schema.graphql and correct it as the message says."
        }
        _ => "",
    }
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        if let Error::Internal(cause) = &error {
            tracing::error!(%cause, "request failed");
        }
        let mut reply = async_graphql::Error::new(error.to_string());
        reply.extensions = Some(extensions(error.code()));
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
    let remedy = remedy(code);
    if !remedy.is_empty() {
        values.set("remedy", remedy);
    }
    values
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

    #[test]
    fn every_code_but_internal_has_a_remedy() {
        for code in [
            "INVALID_INPUT",
            "UNAUTHENTICATED",
            "ACCOUNT_DISABLED",
            "PROVIDER_UNREACHABLE",
            "ACCOUNTS_UNREADABLE",
            "FORBIDDEN",
            "INSUFFICIENT_SCOPE",
            "WITHHELD",
            "PURPOSE_REFUSED",
            "EVIDENCE_UNAVAILABLE",
            "EVIDENCE_BROKEN",
            "NOT_FOUND",
            "BUSY",
        ] {
            assert!(!remedy(code).is_empty(), "{code}");
        }
    }
}
