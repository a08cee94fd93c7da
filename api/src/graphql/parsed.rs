//! Documents as parsed, once they have passed the limits: reading one takes longer than most answers, and
//! clients ask with the same few.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Response;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use lru::LruCache;

use super::error::{complete, server_error};
use super::limits::{self, Excess};
use crate::config::limits::DocumentLimits;

/// Documents that are kept. Parsed they take up to a hundred times their text.
const KEPT: NonZeroUsize = NonZeroUsize::new(128).unwrap();
/// The longest text of a document that is kept, in bytes.
const KEPT_BYTES: usize = 2_048;

/// A document within the limits.
#[derive(Debug)]
pub struct Parsed {
    /// Its operations and fragments.
    pub document: ExecutableDocument,
    /// It asks for the schema itself.
    pub introspects: bool,
    /// It names a person by her number.
    pub names_person: bool,
}

impl Parsed {
    /// What the operation with this name is, or the only one there is; `None` where that names none.
    pub fn operation(&self, name: Option<&str>) -> Option<OperationType> {
        match (&self.document.operations, name) {
            // Whether a given name fits is for the execution to say.
            (DocumentOperations::Single(it), _) => Some(it.node.ty),
            (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|it| it.node.ty),
            (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
                all.values().next().map(|it| it.node.ty)
            }
            (DocumentOperations::Multiple(_), None) => None,
        }
    }
}

/// Reads documents, and keeps those that were asked for last.
#[derive(Debug)]
pub struct Reader {
    limits: DocumentLimits,
    kept: Mutex<LruCache<String, Arc<Parsed>>>,
}

impl Reader {
    /// Reads documents within these limits.
    pub fn new(limits: DocumentLimits) -> Reader {
        Reader { limits, kept: Mutex::new(LruCache::new(KEPT)) }
    }

    /// Reads a document.
    ///
    /// The refusal of one that is above a limit, or that is none, is an answer to send as it is.
    pub fn read(&self, text: &str) -> Result<Arc<Parsed>, Box<Response>> {
        if let Some(parsed) = self.kept().get(text) {
            return Ok(Arc::clone(parsed));
        }
        limits::check(text, &self.limits).map_err(refusal)?;
        let document = parse_query(text).map_err(|error| {
            let mut response = Response::from_errors(vec![error.into()]);
            complete(&mut response);
            Box::new(response)
        })?;
        limits::check_roots(&document, &self.limits).map_err(refusal)?;
        let introspects = limits::asks_root(&document, &["__schema", "__type", "_service"]);
        let names_person = limits::asks_root(&document, &["subjectReport"]);
        let parsed = Arc::new(Parsed { document, introspects, names_person });
        if text.len() <= KEPT_BYTES {
            self.kept().put(text.to_owned(), Arc::clone(&parsed));
        }
        Ok(parsed)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, LruCache<String, Arc<Parsed>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to a document that is above a limit.
pub fn refusal(excess: Excess) -> Box<Response> {
    Box::new(Response::from_errors(vec![server_error(excess.code, excess.message)]))
}
