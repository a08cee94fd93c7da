//! GraphQL services, page by page.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::json::{self, MOST_PAGES};
use super::{Fault, FaultKind, Line, Mark};
use crate::config::sources::Graphql;

pub(super) async fn rows(
    it: &Graphql,
    since: Option<&Mark>,
    patience: Duration,
    line: &Line,
) -> Result<(), Fault> {
    let client = json::client()?;
    if line.columns(it.service.columns.clone()).await.is_err() {
        return Ok(());
    }
    let mut cursor: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut variables = Map::new();
        if let (Some(variable), Some(since)) = (&it.since, since) {
            variables.insert(variable.clone(), since.parameter().into());
        }
        if let Some(cursor) = &cursor {
            variables.insert(it.cursor_variable.clone(), cursor.as_str().into());
        }
        let asked = client.post(it.service.url.clone());
        let asked = asked.json(&json!({ "query": it.query, "variables": variables }));
        let page = json::page(&it.service, asked, patience).await?;
        // A part of an answer would pass for the whole.
        if page.answer.get("errors").is_some_and(|it| it.as_array().is_none_or(|it| !it.is_empty()))
        {
            return Err(Fault::of(FaultKind::QueryRefused));
        }
        let mut batch = line.batch();
        for row in page.rows {
            if batch.add(row) && batch.send().await.is_err() {
                return Ok(());
            }
        }
        if batch.send().await.is_err() {
            return Ok(());
        }
        let at = |pointer: &Option<String>| page.answer.pointer(pointer.as_deref()?);
        let more = it.more.is_none() || at(&it.more).and_then(Value::as_bool) == Some(true);
        let next = at(&it.cursor).and_then(Value::as_str).map(str::to_owned);
        match next.filter(|_| more) {
            Some(next) if cursor.as_ref() == Some(&next) => break,
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
    Err(Fault::of(FaultKind::AnswerUnreadable))
}
