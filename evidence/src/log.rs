//! The log as a file: one JSON object a line, the first of which says whose log it is.

use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::hash::Hash;

const FORMAT: &str = "tunggal evidence 1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Title {
    log: String,
    installation: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    entry: Entry,
    hash: String,
}

/// The first line of the log of an installation, without its end.
pub fn title(installation: &str) -> String {
    let title = Title { log: FORMAT.to_owned(), installation: installation.to_owned() };
    serde_json::to_string(&title).unwrap_or_default()
}

/// Whose log begins with this line; `None` when it is no log.
pub fn read_title(line: &str) -> Option<String> {
    let title: Title = serde_json::from_str(line).ok()?;
    (title.log == FORMAT).then_some(title.installation)
}

/// The line of an entry and the chain's hash at it, without its end.
pub fn line(entry: &Entry, hash: &Hash) -> String {
    let line = Line { entry: entry.clone(), hash: hash.to_string() };
    serde_json::to_string(&line).unwrap_or_default()
}

/// The entry and the hash of a line; `None` when it is no line of a log.
pub fn read_line(line: &str) -> Option<(Entry, Hash)> {
    let line: Line = serde_json::from_str(line).ok()?;
    Some((line.entry, Hash::from_hex(&line.hash)?))
}
