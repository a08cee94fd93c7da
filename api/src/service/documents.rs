//! The documents that clients are held to: an allow-list by client, in one file. A client that is on it may
//! ask with its documents alone, even when it has none left; one that is not on it may ask with any.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::replace;
use crate::error::Error;

/// How long the list is taken for current.
const FRESH: Duration = Duration::from_secs(1);

/// The allow-list: by client, its documents by digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trusted {
    /// By the name of the client, documents by their SHA-256.
    pub clients: BTreeMap<String, BTreeMap<String, String>>,
}

/// The SHA-256 of a document, in hexadecimal.
pub fn digest(document: &str) -> String {
    Sha256::digest(document).iter().map(|it| format!("{it:02x}")).collect()
}

impl Trusted {
    /// The list in a file; empty without one.
    pub fn read(file: &Path) -> Result<Trusted, Error> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Trusted::default());
            }
            Err(error) => return Err(error.into()),
        };
        let trusted: Trusted = serde_json::from_str(&text)?;
        let forged = |it: (&String, &String)| *it.0 != digest(it.1);
        if trusted.clients.values().flatten().any(forged) {
            return Err(Error::Conflict("a trusted document is not what its digest says".into()));
        }
        Ok(trusted)
    }

    /// Writes the list, whole or not at all.
    pub fn write(&self, file: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self)?;
        replace(file, text.as_bytes())
    }
}

/// What a client may ask with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Any document.
    ToNothing,
    /// The document of this digest, which is on its list.
    To(String),
    /// Others than this one; also when the list cannot be read.
    ToOthers,
}

/// The list as it is now, read again when its file has changed.
#[derive(Debug)]
pub struct TrustedNow {
    file: PathBuf,
    last: Mutex<Option<Last>>,
}

#[derive(Debug)]
struct Last {
    looked: Instant,
    changed: Option<SystemTime>,
    /// The last that could be read; while there is none, nobody is let through.
    list: Option<Arc<Trusted>>,
}

impl TrustedNow {
    /// The list in this file.
    pub fn new(file: PathBuf) -> TrustedNow {
        TrustedNow { file, last: Mutex::default() }
    }

    /// What `client` may ask with, of a document with this digest.
    pub fn held(&self, client: &str, digest: impl FnOnce() -> String) -> Held {
        let Some(list) = self.list() else { return Held::ToOthers };
        let Some(documents) = list.clients.get(client) else { return Held::ToNothing };
        documents.get(&digest()).map_or(Held::ToOthers, |it| Held::To(it.clone()))
    }

    fn list(&self) -> Option<Arc<Trusted>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|it| it.looked.elapsed() < FRESH) {
            return last.list.clone();
        }
        let looked = Instant::now();
        let changed = std::fs::metadata(&self.file).and_then(|it| it.modified()).ok();
        let before = last.take();
        let list = match before {
            Some(Last { changed: then, list: Some(list), .. }) if then == changed => Some(list),
            before => match Trusted::read(&self.file) {
                Ok(list) => Some(Arc::new(list)),
                Err(error) => {
                    tracing::error!(%error, "the list of trusted documents cannot be read");
                    before.and_then(|it| it.list)
                }
            },
        };
        *last = Some(Last { looked, changed, list });
        last.as_ref().and_then(|it| it.list.clone())
    }
}
