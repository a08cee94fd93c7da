//! Live sources, as the files of `sources_dir` declare them: one file each, named after the source.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::agency::AgencyCode;
use ingest::plan::Mapping;
use reqwest::Url;

use crate::sealing::Secret;

mod read;
pub use read::load;

/// Somewhere the hub pulls an agency's rows or files from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name: that of its file.
    pub name: String,
    /// Whose rows they are.
    pub agency: AgencyCode,
    /// Where they are and how they are asked for.
    pub kind: Kind,
    /// The column with the agency's own number of a row.
    pub number: Option<String>,
    /// What is put before each number, so that two lists of one agency may number their rows alike.
    pub number_prefix: String,
    /// The column that says when a row last changed, or a number that grows with each change.
    pub watermark: Option<String>,
    /// How far behind the last watermark a pull begins, for rows that become visible late.
    pub overlap: Overlap,
    /// Time between two pulls.
    pub every: Duration,
    /// Time between two pulls of the whole list.
    pub full_every: Option<Duration>,
    /// A pull of the whole list marks the rows absent that it lacks.
    pub deletes: bool,
    /// A whole list that is shorter by more percent than this is refused.
    pub largest_shrink_percent: u64,
    /// What its columns mean.
    pub mapping: Mapping,
    /// Whether new rows are linked at once.
    pub link: bool,
    /// How long the source may stay silent.
    pub patience: Duration,
    /// Rows that are kept as one file of a pull by watermark.
    pub file_rows: u64,
}

/// How far behind the last watermark a pull begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// Of a watermark that is a time.
    pub time: Duration,
    /// Of a watermark that is a number.
    pub number: i64,
}

/// Where rows are and how they are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A table, a view or a query of PostgreSQL.
    Postgres(Database),
    /// The same of MySQL or MariaDB.
    Mysql(Database),
    /// The same of an SQLite file.
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What is asked.
        query: String,
    },
    /// JSON over HTTP, page by page.
    Http(Http),
    /// A GraphQL service, page by page.
    Graphql(Graphql),
    /// A directory into which the agency's files come.
    Directory {
        /// The directory.
        path: PathBuf,
        /// How long a file must have been left alone before it is read.
        settle: Duration,
    },
}

impl Kind {
    /// The word in files and in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Kind::Postgres(_) => "postgres",
            Kind::Mysql(_) => "mysql",
            Kind::Sqlite { .. } => "sqlite",
            Kind::Http(_) => "http",
            Kind::Graphql(_) => "graphql",
            Kind::Directory { .. } => "directory",
        }
    }
}

/// A database server and a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Where it is; no password is in it.
    pub url: String,
    /// What it is opened with.
    pub password: Option<Secret>,
    /// What is asked.
    pub query: String,
}

/// A service that answers JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where it is.
    pub service: Service,
    /// The parameter that takes the watermark.
    pub since: Option<String>,
    /// How it pages.
    pub paging: Paging,
}

/// A GraphQL service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graphql {
    /// Where it is.
    pub service: Service,
    /// The query.
    pub query: String,
    /// The variable that takes the cursor.
    pub cursor_variable: String,
    /// Where in an answer the cursor of the next page is, as a JSON pointer.
    pub cursor: Option<String>,
    /// Where in an answer it says whether there is more.
    pub more: Option<String>,
    /// The variable that takes the watermark.
    pub since: Option<String>,
}

/// Where a service is, and what its answers are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its address. No other host is asked.
    pub url: Url,
    /// The token that is sent.
    pub token: Option<Secret>,
    /// Where in an answer the rows are, as a JSON pointer; empty when the answer is the list.
    pub rows: String,
    /// The columns, each a path of keys parted by dots.
    pub columns: Vec<String>,
}

/// How a service that answers JSON pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// It does not.
    Single,
    /// The header `Link` names the next page (RFC 8288).
    Link,
    /// The answer names the next page's address at this JSON pointer.
    Next(String),
    /// A parameter takes the number of the page, from this one.
    Page(String, u64),
    /// A parameter takes how many rows come before.
    Offset(String),
}

impl Source {
    /// Whether its rows come in the order of their watermark, so that what came before a cut is whole.
    pub fn ordered(&self) -> bool {
        matches!(self.kind, Kind::Postgres(_) | Kind::Mysql(_) | Kind::Sqlite { .. })
            && self.watermark.is_some()
    }
}

/// The source of this name.
pub fn find<'a>(sources: &'a [Source], name: &str) -> Option<&'a Source> {
    sources.iter().find(|it| it.name == name)
}

/// The files of a directory that declare sources, in the order of their names.
fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory)?;
    let mut paths = entries.map(|it| Ok(it?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|it| it.extension().is_some_and(|it| it == "toml"));
    paths.sort();
    Ok(paths)
}
