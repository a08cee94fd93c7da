//! PostgreSQL, MySQL and MariaDB, asked in the simple protocol, whose answers are texts whatever their types, in a
//! transaction that only reads.

use std::str::FromStr;
use std::time::Duration;

use futures_util::StreamExt;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Executor, Row, TypeInfo};

use super::{Fault, FaultKind, Gone, Line, Mark, in_time};
use crate::config::sources::Database;

/// The statement that asks for the rows of `query` since a watermark, those without one included, in its order.
pub(super) fn compose(
    query: &str,
    watermark: Option<&str>,
    since: Option<&Mark>,
    quote: char,
) -> String {
    // A comment at the end of the query must not swallow what follows.
    let mut text = format!("SELECT * FROM (\n{query}\n) AS pulled");
    if let Some(column) = watermark {
        let column = format!("{quote}{column}{quote}");
        if let Some(since) = since {
            text += &format!(" WHERE {column} >= {} OR {column} IS NULL", since.sql());
        }
        text += &format!(" ORDER BY {column}");
    }
    text
}

pub(super) async fn postgres(
    it: &Database,
    watermark: Option<&str>,
    since: Option<&Mark>,
    patience: Duration,
    line: &Line,
) -> Result<(), Fault> {
    let options = PgConnectOptions::from_str(&it.url).map_err(|it| fault(&it))?;
    let options = match &it.password {
        Some(password) => options.password(password.reveal()),
        None => options,
    };
    let options = options
        .application_name("tunggal")
        .options([("default_transaction_read_only", "on"), ("timezone", "UTC")])
        .options([("datestyle", "ISO"), ("bytea_output", "hex"), ("extra_float_digits", "1")])
        .disable_statement_logging();
    let mut connection =
        in_time(patience, PgConnection::connect_with(&options)).await?.map_err(|it| fault(&it))?;
    let begin = connection.execute("BEGIN READ ONLY");
    in_time(patience, begin).await?.map_err(|it| fault(&it))?;
    let sql = compose(&it.query, watermark, since, '"');
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch(&mut connection);
    stream(rows, patience, line, |row: &PgRow, at, kind| {
        let value = row.try_get_raw(at).ok()?;
        if sqlx::ValueRef::is_null(&value) {
            return Some(String::new());
        }
        let text = value.as_str().ok()?;
        Some(match kind {
            "BOOL" => if text == "t" { "TRUE" } else { "FALSE" }.to_owned(),
            // The session is in UTC.
            "TIMESTAMPTZ" => text.trim_end_matches("+00").to_owned(),
            _ => plain(kind, text),
        })
    })
    .await
}

pub(super) async fn mysql(
    it: &Database,
    watermark: Option<&str>,
    since: Option<&Mark>,
    patience: Duration,
    line: &Line,
) -> Result<(), Fault> {
    let options = MySqlConnectOptions::from_str(&it.url).map_err(|it| fault(&it))?;
    let options = match &it.password {
        Some(password) => options.password(password.reveal()),
        None => options,
    };
    let options = options.disable_statement_logging();
    let mut connection = in_time(patience, MySqlConnection::connect_with(&options))
        .await?
        .map_err(|it| fault(&it))?;
    for statement in [
        "SET SESSION TRANSACTION READ ONLY",
        // The server waits while what it sent before is stored.
        "SET SESSION net_write_timeout = 3600",
        "START TRANSACTION READ ONLY",
    ] {
        in_time(patience, connection.execute(statement)).await?.map_err(|it| fault(&it))?;
    }
    let sql = compose(&it.query, watermark, since, '`');
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch(&mut connection);
    stream(rows, patience, line, |row: &sqlx::mysql::MySqlRow, at, kind| {
        let bytes: Option<&[u8]> = row.try_get_unchecked(at).ok()?;
        Some(bytes.map_or_else(String::new, |it| plain(kind, &String::from_utf8_lossy(it))))
    })
    .await
}

/// Sends rows as they come, each value as `text` reads it.
async fn stream<R: Row>(
    mut rows: impl futures_util::Stream<Item = Result<R, sqlx::Error>> + Unpin,
    patience: Duration,
    line: &Line,
    text: impl Fn(&R, usize, &str) -> Option<String>,
) -> Result<(), Fault> {
    let mut kinds: Vec<String> = Vec::new();
    let mut batch = line.batch();
    loop {
        let row = match in_time(patience, rows.next()).await {
            Ok(Some(Ok(row))) => row,
            ended => {
                // What came before a cut is worth having.
                if let Err(Gone) = batch.send().await {
                    return Ok(());
                }
                return match ended? {
                    Some(Err(error)) => Err(fault(&error)),
                    _ => Ok(()),
                };
            }
        };
        if kinds.is_empty() {
            kinds = row.columns().iter().map(|it| it.type_info().name().to_owned()).collect();
            let names = row.columns().iter().map(|it| it.name().to_owned()).collect();
            if line.columns(names).await.is_err() {
                return Ok(());
            }
        }
        let cells = kinds.iter().enumerate().map(|(at, kind)| text(&row, at, kind));
        let cells: Option<Vec<String>> = cells.collect();
        let cells = cells.ok_or_else(|| Fault::of(FaultKind::AnswerUnreadable))?;
        if batch.add(cells) && batch.send().await.is_err() {
            return Ok(());
        }
    }
}

/// A number as people write it, without zeros behind the point; other texts as they are.
fn plain(kind: &str, text: &str) -> String {
    let number = matches!(kind, "NUMERIC" | "DECIMAL" | "FLOAT4" | "FLOAT8" | "FLOAT" | "DOUBLE");
    if number && text.contains('.') && !text.contains(['e', 'E']) {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text.to_owned()
}

fn fault(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(told) => {
            let code = told.code().unwrap_or_default().into_owned();
            let kind = match code.get(..2) {
                // What was given to sign in does not hold.
                Some("28") => FaultKind::Refused,
                Some("08" | "53" | "57" | "58") => FaultKind::Cut,
                _ if code == "3D000" => FaultKind::Refused,
                _ => FaultKind::QueryRefused,
            };
            Fault::about(kind, code)
        }
        sqlx::Error::Io(cause) => match cause.kind() {
            std::io::ErrorKind::UnexpectedEof
            | std::io::ErrorKind::ConnectionReset
            | std::io::ErrorKind::ConnectionAborted
            | std::io::ErrorKind::BrokenPipe => Fault::of(FaultKind::Cut),
            _ => Fault::of(FaultKind::Unreachable),
        },
        sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => Fault::of(FaultKind::Refused),
        sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => Fault::of(FaultKind::Cut),
        _ => Fault::of(FaultKind::AnswerUnreadable),
    }
}
