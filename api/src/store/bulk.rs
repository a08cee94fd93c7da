//! Many rows in few statements. Their texts are few as well, so that the database reads each once: rows go by
//! powers of two, and lists of parameters are filled up to one.

use std::fmt::Write;

use sea_orm::{DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::sql::{Execute, padded, parameters};

/// Parameters of one statement at most: well below SQLite's 32,766 and PostgreSQL's 65,535.
const PARAMETERS: usize = 4_096;

/// Inserts `rows` into `columns` of `table`, in order.
pub async fn insert<C, I, const N: usize>(
    connection: &C,
    table: &str,
    columns: [&str; N],
    rows: I,
) -> Result<(), DbErr>
where
    C: Execute,
    I: IntoIterator<Item = [Value; N]>,
{
    let (backend, most) = (connection.backend(), 1 << (PARAMETERS / N).ilog2());
    let mut rows = rows.into_iter();
    loop {
        let mut values: Vec<Value> = rows.by_ref().take(most).flatten().collect();
        if values.is_empty() {
            return Ok(());
        }
        while !values.is_empty() {
            let some = 1 << (values.len() / N).ilog2();
            let rest = values.split_off(some * N);
            let text = insert_text(backend, table, &columns, some);
            connection.execute(Statement::from_sql_and_values(backend, text, values)).await?;
            values = rest;
        }
    }
}

/// Deletes the rows of `table` whose `column` is one of `ids`.
pub async fn delete<C: Execute>(
    connection: &C,
    table: &str,
    column: &str,
    ids: impl IntoIterator<Item = Value>,
) -> Result<(), DbErr> {
    for_each_chunk(connection, ids, |list| {
        format!("DELETE FROM {table} WHERE {column} IN ({list})")
    })
    .await
}

/// Deletes the rows of `table` whose columns `a` and `b` are one of `pairs`.
pub async fn delete_pairs<C: Execute>(
    connection: &C,
    table: &str,
    pairs: &[(Uuid, Uuid)],
) -> Result<(), DbErr> {
    let backend = connection.backend();
    for chunk in pairs.chunks(PARAMETERS / 2) {
        let values: Vec<Value> =
            padded(chunk).flat_map(|(a, b)| [Value::from(a), Value::from(b)]).collect();
        let tuples: Vec<String> = (0..values.len() / 2)
            .map(|it| format!("({})", placeholders(backend, it * 2 + 1, 2)))
            .collect();
        let text = format!("DELETE FROM {table} WHERE (a, b) IN (VALUES {})", tuples.join(", "));
        connection.execute(Statement::from_sql_and_values(backend, text, values)).await?;
    }
    Ok(())
}

/// Runs the statement that `text` makes of a list of parameters, chunk of `ids` by chunk.
pub async fn for_each_chunk<C: Execute>(
    connection: &C,
    ids: impl IntoIterator<Item = Value>,
    text: impl Fn(&str) -> String,
) -> Result<(), DbErr> {
    let backend = connection.backend();
    let mut ids = ids.into_iter();
    loop {
        let values: Vec<Value> = ids.by_ref().take(PARAMETERS).collect();
        if values.is_empty() {
            return Ok(());
        }
        let values = parameters(&values);
        let statement = text(&placeholders(backend, 1, values.len()));
        connection.execute(Statement::from_sql_and_values(backend, statement, values)).await?;
    }
}

/// `?, ?, ?` or `$1, $2, $3`: `count` parameters, numbered from `first` where they are numbered.
pub fn placeholders(backend: DbBackend, first: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 7);
    push_placeholders(&mut text, backend, first, count);
    text
}

fn push_placeholders(text: &mut String, backend: DbBackend, first: usize, count: usize) {
    for number in first..first + count {
        if number != first {
            text.push_str(", ");
        }
        match backend {
            DbBackend::Postgres => _ = write!(text, "${number}"),
            _ => text.push('?'),
        }
    }
}

fn insert_text(backend: DbBackend, table: &str, columns: &[&str], rows: usize) -> String {
    let width = columns.len();
    let mut text = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    text.reserve(rows * (width * 7 + 4));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        push_placeholders(&mut text, backend, row * width + 1, width);
        text.push(')');
    }
    text
}
