//! Reading the declarations of sources. Every mistake is told with its file and line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::agency::AgencyCode;
use domain::record::Field;
use ingest::plan::Mapping;
use reqwest::Url;
use serde::Deserialize;

use super::{Database, Graphql, Http, Kind, Overlap, Paging, Service, Source};
use crate::sealing::Secret;

/// A declaration as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    agency: String,
    kind: String,
    url: Option<String>,
    password: Option<String>,
    token: Option<String>,
    path: Option<PathBuf>,
    query: Option<String>,
    rows: Option<String>,
    paging: Option<String>,
    page_parameter: Option<String>,
    #[serde(default = "one")]
    first_page: u64,
    next: Option<String>,
    since_parameter: Option<String>,
    cursor: Option<String>,
    more: Option<String>,
    cursor_variable: Option<String>,
    settle: Option<String>,
    number: Option<String>,
    #[serde(default)]
    number_prefix: String,
    watermark: Option<String>,
    overlap: Option<String>,
    #[serde(default = "thousand")]
    overlap_numbers: u32,
    every: String,
    full_every: Option<String>,
    #[serde(default)]
    deletes: bool,
    #[serde(default = "twenty")]
    largest_shrink_percent: u64,
    #[serde(default)]
    mapping: Mapping,
    #[serde(default = "yes")]
    link: bool,
    patience: Option<String>,
    #[serde(default = "quarter_million")]
    file_rows: u64,
}

fn one() -> u64 {
    1
}

fn twenty() -> u64 {
    20
}

fn thousand() -> u32 {
    1_000
}

fn quarter_million() -> u64 {
    250_000
}

fn yes() -> bool {
    true
}

/// Reads every declaration in `directory`; secrets come from `environment` or from files.
///
/// Returns every mistake when there is any.
pub fn load(
    directory: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Source>, Vec<String>> {
    let unreadable = |path: &Path, it: std::io::Error| vec![format!("{}: {it}", path.display())];
    let (mut sources, mut mistakes) = (Vec::<Source>::new(), Vec::new());
    for path in super::files(directory).map_err(|it| unreadable(directory, it))? {
        let text = std::fs::read_to_string(&path).map_err(|it| unreadable(&path, it))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match toml::from_str::<Declared>(&text) {
            Err(error) => {
                let line = error.span().map_or(1, |it| line_at(&text, it.start));
                mistakes.push(format!("{file}:{line}: {}", error.message()));
            }
            Ok(declared) => {
                let mut check = Check { text: &text, environment, mistakes: Vec::new() };
                if let Some(source) = check.source(name, declared) {
                    sources.push(source);
                }
                mistakes.extend(check.mistakes.into_iter().map(|it| format!("{file}:{it}")));
            }
        }
    }
    for (at, source) in sources.iter().enumerate() {
        let alike =
            |it: &&Source| it.agency == source.agency && it.number_prefix == source.number_prefix;
        if let Some(other) = sources[..at].iter().find(alike)
            && source.number.is_some()
            && other.number.is_some()
        {
            mistakes.push(format!(
                "{}.toml:1: number_prefix: {} is of the same agency and numbers its rows alike; give one of \
                 them a prefix",
                source.name, other.name
            ));
        }
    }
    if mistakes.is_empty() { Ok(sources) } else { Err(mistakes) }
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|it| *it == b'\n').count()
}

/// Finds what is wrong with one declaration.
struct Check<'a> {
    text: &'a str,
    environment: &'a dyn Fn(&str) -> Option<String>,
    mistakes: Vec<String>,
}

impl Check<'_> {
    fn source(&mut self, name: String, it: Declared) -> Option<Source> {
        let fits = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"_-".contains(&it);
        if name.is_empty() || 40 < name.len() || !name.bytes().all(fits) {
            self.note("kind", "the file must be named in at most 40 of a-z, 0-9, - and _");
        }
        let agency = AgencyCode::parse(&it.agency);
        if let Err(error) = &agency {
            self.note("agency", &error.to_string());
        }
        let every = self.span("every", Some(&it.every), 0);
        let full_every =
            it.full_every.as_deref().map(|text| self.span("full_every", Some(text), 0));
        if every.is_zero() {
            self.note("every", "must be at least 1s");
        }
        if full_every.is_some() && it.watermark.is_none() {
            self.note("full_every", "is of no use without watermark: every pull is whole");
        }
        if it.deletes && it.watermark.is_some() && full_every.is_none() {
            self.note("deletes", "needs full_every: a pull by watermark does not see what is gone");
        }
        if 100 < it.largest_shrink_percent {
            self.note("largest_shrink_percent", "must be 0 to 100");
        }
        for key in ["number", "watermark"] {
            let column = if key == "number" { &it.number } else { &it.watermark };
            if column.as_ref().is_some_and(|it| it.is_empty() || it.contains(['"', '`', '\0'])) {
                self.note(key, "must be the name of a column");
            }
        }
        let mut mapping = it.mapping.clone();
        if let Some(number) = &it.number {
            mapping.columns.insert(number.clone(), "own_number".to_owned());
        }
        if let Some(code) = mapping.unknown_codes().first() {
            self.note("mapping", &format!("{code:?} is no field; docs/mapping.md lists them"));
        }
        let means = it.watermark.as_ref().and_then(|it| mapping.get(it)).unwrap_or_default();
        if means.iter().any(|it| !matches!(it, Field::RecordedOn | Field::OwnNumber)) {
            // It is kept in the open.
            self.note("watermark", "must be a time or a number of change, not a value of the row");
        }
        let overlap = Overlap {
            time: self.span("overlap", it.overlap.as_deref(), 300),
            number: i64::from(it.overlap_numbers),
        };
        let patience = self.span("patience", it.patience.as_deref(), 60);
        let kind = self.kind(&it, &mapping)?;
        let files = matches!(kind, Kind::Directory { .. });
        if files && (it.watermark.is_some() || it.number.is_some()) {
            self.note("kind", "files of a directory have neither number nor watermark");
        }
        Some(Source {
            name,
            agency: agency.ok()?,
            kind,
            number: it.number,
            number_prefix: it.number_prefix,
            watermark: it.watermark,
            overlap,
            every,
            full_every,
            deletes: it.deletes,
            largest_shrink_percent: it.largest_shrink_percent,
            mapping,
            link: it.link,
            patience,
            file_rows: it.file_rows.max(1),
        })
    }

    fn kind(&mut self, it: &Declared, mapping: &Mapping) -> Option<Kind> {
        Some(match it.kind.as_str() {
            "postgres" => Kind::Postgres(self.database(it, &["postgres", "postgresql"])?),
            "mysql" => Kind::Mysql(self.database(it, &["mysql", "mariadb"])?),
            "sqlite" => {
                Kind::Sqlite { path: self.needed("path", it.path.clone())?, query: self.query(it)? }
            }
            "http" => {
                let page = |of: &mut Self| of.needed("page_parameter", it.page_parameter.clone());
                let paging = match it.paging.as_deref().unwrap_or("single") {
                    "single" => Paging::Single,
                    "link" => Paging::Link,
                    "next" => Paging::Next(self.needed("next", it.next.clone())?),
                    "page" => Paging::Page(page(self)?, it.first_page),
                    "offset" => Paging::Offset(page(self)?),
                    _ => return self.wrong("paging", "must be single, link, next, page or offset"),
                };
                let since = it.since_parameter.clone();
                Kind::Http(Http { service: self.service(it, mapping)?, since, paging })
            }
            "graphql" => Kind::Graphql(Graphql {
                service: self.service(it, mapping)?,
                query: self.needed("query", it.query.clone())?,
                cursor_variable: it.cursor_variable.clone().unwrap_or_else(|| "after".to_owned()),
                cursor: it.cursor.clone(),
                more: it.more.clone(),
                since: it.since_parameter.clone(),
            }),
            "directory" => Kind::Directory {
                path: self.needed("path", it.path.clone())?,
                settle: self.span("settle", it.settle.as_deref(), 10),
            },
            _ => {
                let kinds = "must be postgres, mysql, sqlite, http, graphql or directory";
                return self.wrong("kind", kinds);
            }
        })
    }

    fn database(&mut self, it: &Declared, schemes: &[&str]) -> Option<Database> {
        let url = self.needed("url", it.url.clone())?;
        match Url::parse(&url) {
            Ok(parsed) if !schemes.contains(&parsed.scheme()) => {
                self.note("url", &format!("must begin with {}://", schemes[0]));
            }
            Ok(parsed) if parsed.password().is_some() => {
                self.note("url", "must not hold the password: name it in password");
            }
            Ok(_) => {}
            Err(_) => self.note("url", "cannot be read"),
        }
        let url = url.replacen("mariadb://", "mysql://", 1);
        Some(Database {
            url,
            password: self.secret("password", &it.password),
            query: self.query(it)?,
        })
    }

    /// A query becomes part of a longer one, so it is one statement.
    fn query(&mut self, it: &Declared) -> Option<String> {
        let query = self.needed("query", it.query.clone())?;
        let query = query.trim().trim_end_matches(';').trim_end().to_owned();
        if query.contains(';') {
            return self.wrong("query", "must be one statement, without a semicolon");
        }
        Some(query)
    }

    fn service(&mut self, it: &Declared, mapping: &Mapping) -> Option<Service> {
        let url = self.needed("url", it.url.clone())?;
        let Ok(url) = Url::parse(&url) else { return self.wrong("url", "cannot be read") };
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && local) {
            return self.wrong("url", "must begin with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return self.wrong("url", "must not hold a password: name a token in token");
        }
        let mut columns: Vec<String> = mapping.columns.keys().cloned().collect();
        columns.extend(it.watermark.clone().filter(|it| !mapping.columns.contains_key(it)));
        if mapping.columns.is_empty() {
            return self.wrong("mapping", "is needed: it says which keys of a row are read");
        }
        let token = self.secret("token", &it.token);
        Some(Service { url, token, rows: it.rows.clone().unwrap_or_default(), columns })
    }

    /// A secret is named, never written.
    fn secret(&mut self, key: &str, reference: &Option<String>) -> Option<Secret> {
        let reference = reference.as_deref()?;
        let text = if let Some(name) = reference.strip_prefix("env:") {
            (self.environment)(name)
        } else if let Some(path) = reference.strip_prefix("file:") {
            std::fs::read_to_string(path).ok()
        } else {
            return self.wrong(key, "must be env:NAME or file:PATH, never the secret itself");
        };
        match text {
            Some(text) => Some(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned())),
            None => self.wrong(key, "what it names cannot be read"),
        }
    }

    fn needed<T>(&mut self, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.mistakes.push(format!("1: {key}: is needed for this kind"));
        }
        value
    }

    /// A time such as `30s`, `15m`, `24h` or `7d`.
    fn span(&mut self, key: &str, text: Option<&str>, default: u64) -> Duration {
        let Some(text) = text else { return Duration::from_secs(default) };
        let unit = match text.bytes().last() {
            Some(b's') => Some(1),
            Some(b'm') => Some(60),
            Some(b'h') => Some(3_600),
            Some(b'd') => Some(86_400),
            _ => None,
        };
        let number = text.get(..text.len().saturating_sub(1)).and_then(|it| it.parse::<u32>().ok());
        match unit.zip(number) {
            Some((unit, number)) => Duration::from_secs(unit * u64::from(number)),
            None => {
                self.note(key, "must be a time such as 30s, 15m, 24h or 7d");
                Duration::from_secs(default.max(1))
            }
        }
    }

    fn wrong<T>(&mut self, key: &str, reason: &str) -> Option<T> {
        self.note(key, reason);
        None
    }

    fn note(&mut self, key: &str, reason: &str) {
        let begins = |it: &str| {
            let rest = it.trim_start().trim_start_matches(['[']).strip_prefix(key);
            rest.is_some_and(|it| it.trim_start().starts_with(['=', ']']))
        };
        let line = self.text.lines().position(begins).map_or(1, |it| it + 1);
        self.mistakes.push(format!("{line}: {key}: {reason}"));
    }
}
