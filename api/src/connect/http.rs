//! Services that answer JSON over HTTP, page by page.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::Url;

use super::json::{self, MOST_PAGES};
use super::{Fault, FaultKind, Line, Mark};
use crate::config::sources::{Http, Paging};

pub(super) async fn rows(
    it: &Http,
    since: Option<&Mark>,
    patience: Duration,
    line: &Line,
) -> Result<(), Fault> {
    let client = json::client()?;
    let mut first = it.service.url.clone();
    if let (Some(parameter), Some(since)) = (&it.since, since) {
        first.query_pairs_mut().append_pair(parameter, &since.parameter());
    }
    if line.columns(it.service.columns.clone()).await.is_err() {
        return Ok(());
    }
    let (mut number, mut offset) = (if let Paging::Page(_, it) = it.paging { it } else { 0 }, 0);
    let mut asked = HashSet::new();
    let mut address = with_place(&first, &it.paging, number, offset);
    for _ in 0..MOST_PAGES {
        // A page that leads to itself would never end.
        if !asked.insert(address.to_string()) {
            return Err(Fault::of(FaultKind::AnswerUnreadable));
        }
        let page = json::page(&it.service, client.get(address.clone()), patience).await?;
        let count = page.rows.len() as u64;
        let mut batch = line.batch();
        for row in page.rows {
            if batch.add(row) && batch.send().await.is_err() {
                return Ok(());
            }
        }
        if batch.send().await.is_err() {
            return Ok(());
        }
        (number, offset) = (number + 1, offset + count);
        let next = match &it.paging {
            Paging::Single => None,
            Paging::Link => page.link,
            Paging::Next(pointer) => {
                page.answer.pointer(pointer).and_then(|it| it.as_str()).map(str::to_owned)
            }
            Paging::Page(..) | Paging::Offset(_) if count == 0 => None,
            Paging::Page(..) | Paging::Offset(_) => {
                address = with_place(&first, &it.paging, number, offset);
                continue;
            }
        };
        let Some(next) = next.filter(|it| !it.is_empty()) else { return Ok(()) };
        let next = address.join(&next).map_err(|_| Fault::of(FaultKind::AnswerUnreadable))?;
        if next.origin() != it.service.url.origin() {
            return Err(Fault::of(FaultKind::Elsewhere));
        }
        address = next;
    }
    Err(Fault::of(FaultKind::AnswerUnreadable))
}

fn with_place(first: &Url, paging: &Paging, number: u64, offset: u64) -> Url {
    let mut address = first.clone();
    match paging {
        Paging::Page(parameter, _) => {
            address.query_pairs_mut().append_pair(parameter, &number.to_string());
        }
        Paging::Offset(parameter) => {
            address.query_pairs_mut().append_pair(parameter, &offset.to_string());
        }
        _ => {}
    }
    address
}
