//! Documents that are known by their digest: those that clients send once and then name (automatic persisted
//! queries, as Apollo's clients do it), and those that a client is held to.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Request, Value};
use domain::viewer::Viewer;
use lru::LruCache;

use super::error::code;
use super::limits::Excess;
use crate::config::Config;
use crate::config::limits::client_name;
use crate::service::documents::{Held, TrustedNow, digest};

/// The documents that are known.
#[derive(Debug)]
pub struct Documents {
    /// By digest, those that were not asked for in the longest time go first.
    persisted: Mutex<LruCache<String, Arc<str>>>,
    trusted: TrustedNow,
}

/// A document that is kept once it has passed the limits.
#[derive(Debug)]
pub struct Registration(String);

fn refused<T>(code: &'static str, message: &str) -> Result<T, Excess> {
    Err(Excess { code, message: message.to_owned() })
}

impl Documents {
    /// None are known but those in the list of trusted ones.
    pub fn new(config: &Config) -> Documents {
        let most = NonZeroUsize::new(config.limits.persisted_documents);
        Documents {
            persisted: Mutex::new(LruCache::new(most.unwrap_or(NonZeroUsize::MIN))),
            trusted: TrustedNow::new(config.trusted_documents_file()),
        }
    }

    /// Finds the document of a request that names one, and refuses one that its client may not ask with.
    pub fn resolve(
        &self,
        viewer: &Viewer,
        request: &mut Request,
    ) -> Result<Option<Registration>, Excess> {
        let named = named(request)?;
        let sent = !request.query.trim().is_empty();
        if let (Some(name), true) = (&named, sent)
            && *name != digest(&request.query)
        {
            return refused(code::PERSISTED_QUERY_MISMATCH, "the digest is of another document");
        }
        let of_sent = || digest(request.query.trim());
        let asked = || named.clone().filter(|_| !sent).unwrap_or_else(of_sent);
        match self.trusted.held(client_name(viewer), asked) {
            Held::To(document) => {
                request.query = document;
                return Ok(None);
            }
            Held::ToOthers => {
                let message = "the client is held to a list of documents, and this is none of them";
                return refused(code::DOCUMENT_NOT_TRUSTED, message);
            }
            Held::ToNothing => {}
        }
        match (named, sent) {
            (named, true) => Ok(named.map(Registration)),
            (None, false) => refused(code::INVALID_REQUEST, "the request has no query"),
            (Some(name), false) => {
                let mut persisted = self.persisted.lock().unwrap_or_else(PoisonError::into_inner);
                match persisted.get(&name) {
                    Some(document) => request.query = document.to_string(),
                    None => {
                        return refused(code::PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound");
                    }
                }
                Ok(None)
            }
        }
    }

    /// Keeps a document that has passed the limits.
    pub fn keep(&self, registration: Registration, document: &str) {
        let mut persisted = self.persisted.lock().unwrap_or_else(PoisonError::into_inner);
        persisted.put(registration.0, document.into());
    }
}

/// The digest that a request names, as `{"persistedQuery": {"version": 1, "sha256Hash": "..."}}`.
fn named(request: &Request) -> Result<Option<String>, Excess> {
    let invalid = || refused(code::INVALID_REQUEST, "extensions.persistedQuery cannot be read");
    let Some(extension) = request.extensions.get("persistedQuery") else { return Ok(None) };
    let Value::Object(fields) = extension else { return invalid() };
    match (fields.get("version"), fields.get("sha256Hash")) {
        (Some(version), Some(Value::String(name))) if *version == Value::from(1) => {
            let name = name.to_ascii_lowercase();
            let is_digest = name.len() == 64 && name.bytes().all(|it| it.is_ascii_hexdigit());
            if is_digest { Ok(Some(name)) } else { invalid() }
        }
        _ => invalid(),
    }
}
