//! What is wrong with a file, where, and what to do about it.

use std::fmt;

/// A mistake in a file of programmes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable name of the mistake, such as `UNKNOWN_FACT`.
    pub code: &'static str,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in signs, from 1.
    pub column: usize,
    /// What is wrong, in Indonesian.
    pub text: String,
    /// What to do, in Indonesian.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { code, file, line, column, text, remedy } = self;
        write!(out, "{file}:{line}:{column}: {code}: {text} {remedy}")
    }
}

/// Every mistake that was found, by file and place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

/// Where in a file: its number among the files and the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) file: usize,
    pub(super) at: usize,
}

/// Collects mistakes.
pub(super) struct Collector<'a> {
    files: &'a [(&'a str, &'a str)],
    found: Vec<(Spot, Problem)>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(files: &'a [(&'a str, &'a str)]) -> Collector<'a> {
        Collector { files, found: Vec::new() }
    }

    pub(super) fn text(&self, file: usize) -> &'a str {
        self.files[file].1
    }

    pub(super) fn line(&self, spot: Spot) -> String {
        let (line, _) = place(self.text(spot.file), spot.at);
        format!("{} baris {line}", self.files[spot.file].0)
    }

    pub(super) fn add(
        &mut self,
        code: &'static str,
        spot: Spot,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (name, all) = self.files[spot.file];
        let (line, column) = place(all, spot.at);
        let (file, text, remedy) = (name.to_owned(), text.into(), remedy.into());
        self.found.push((spot, Problem { code, file, line, column, text, remedy }));
    }

    /// What was found, by file and place.
    pub(super) fn finish(mut self) -> Problems {
        self.found.sort_by_key(|it| it.0);
        Problems(self.found.into_iter().map(|it| it.1).collect())
    }
}

/// Line and column of a byte, both from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|it| *it == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |it| it.chars().count()) + 1;
    (line, column)
}
