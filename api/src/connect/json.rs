//! Rows out of answers in JSON, and how services are asked for them.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;

use super::{Fault, FaultKind, in_time};
use crate::config::sources::Service;

/// Bytes of one page at most.
const LARGEST_PAGE: usize = 32 << 20;
/// Pages of one pull at most.
pub(super) const MOST_PAGES: u64 = 1_000_000;

/// A page: its rows, as texts, and the whole answer.
pub(super) struct Page {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) answer: Value,
    pub(super) link: Option<String>,
}

/// A client that follows nothing and asks no proxy.
pub(super) fn client() -> Result<Client, Fault> {
    let client = Client::builder().redirect(Policy::none()).no_proxy().user_agent("tunggal");
    client.build().map_err(|_| Fault::of(FaultKind::Hub))
}

/// The page that answers `request`.
pub(super) async fn page(
    service: &Service,
    request: RequestBuilder,
    patience: Duration,
) -> Result<Page, Fault> {
    let request = match &service.token {
        Some(token) => request.bearer_auth(token.reveal()),
        None => request,
    };
    let mut response = in_time(patience, request.send()).await?.map_err(|it| fault(&it))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(Fault::of(FaultKind::Elsewhere));
    }
    if !status.is_success() {
        let wait =
            response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.parse().ok());
        let kind = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FaultKind::Refused,
            StatusCode::TOO_MANY_REQUESTS => FaultKind::Limited,
            it if it.is_server_error() => FaultKind::Unreachable,
            _ => FaultKind::QueryRefused,
        };
        let wait = wait.map(|it: u32| Duration::from_secs(u64::from(it)));
        return Err(Fault { wait, ..Fault::about(kind, status.as_u16().to_string()) });
    }
    let links = response.headers().get_all(reqwest::header::LINK).iter();
    let link = links.filter_map(|it| it.to_str().ok()).find_map(next_link);
    let mut body = Vec::new();
    while let Some(piece) = in_time(patience, response.chunk()).await?.map_err(|it| fault(&it))? {
        body.extend_from_slice(&piece);
        if LARGEST_PAGE < body.len() {
            return Err(Fault::about(FaultKind::AnswerUnreadable, "page of more than 32 MB"));
        }
    }
    let unreadable = || Fault::of(FaultKind::AnswerUnreadable);
    let mut answer: Value = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    let rows = answer.pointer_mut(&service.rows).map(Value::take).ok_or_else(unreadable)?;
    let Value::Array(rows) = rows else { return Err(unreadable()) };
    let rows = rows.iter().map(|row| {
        row.is_object().then(|| service.columns.iter().map(|it| cell(row, it)).collect())
    });
    let rows = rows.collect::<Option<Vec<Vec<String>>>>().ok_or_else(unreadable)?;
    Ok(Page { rows, answer, link })
}

/// The value at a path of keys, as a text. A key that itself has dots comes first.
fn cell(row: &Value, path: &str) -> String {
    let found = row.get(path).or_else(|| path.split('.').try_fold(row, |at, key| at.get(key)));
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(it)) => if *it { "TRUE" } else { "FALSE" }.to_owned(),
        Some(other) => other.to_string(),
    }
}

/// The address of the relation `next` in a header `Link`.
fn next_link(header: &str) -> Option<String> {
    header.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let relation = parameters.split(';').find_map(|it| it.trim().strip_prefix("rel="))?;
        (relation.trim_matches('"') == "next").then(|| address.to_owned())
    })
}

fn fault(error: &reqwest::Error) -> Fault {
    let cut = error.is_body() || error.is_decode() || !error.is_connect() && error.is_request();
    Fault::of(if cut { FaultKind::Cut } else { FaultKind::Unreachable })
}
