//! Many rows in few statements. The text of a statement depends on the table and the number of rows
//! alone, so the database prepares it once.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

/// Parameters of one statement: well below SQLite's 32,766 and PostgreSQL's 65,535.
const PARAMETERS: usize = 4_000;

/// Inserts `rows` into `columns` of `table`, in order.
pub async fn insert<C, I, const N: usize>(
    connection: &C,
    table: &str,
    columns: [&str; N],
    rows: I,
) -> Result<(), DbErr>
where
    C: ConnectionTrait,
    I: IntoIterator<Item = [Value; N]>,
{
    let backend = connection.get_database_backend();
    let per_statement = PARAMETERS / N;
    let full = insert_text(backend, table, &columns, per_statement);
    let mut rows = rows.into_iter();
    loop {
        let mut values = Vec::with_capacity(per_statement * N);
        values.extend(rows.by_ref().take(per_statement).flatten());
        let taken = values.len() / N;
        if taken == 0 {
            return Ok(());
        }
        let text = if taken == per_statement {
            full.clone()
        } else {
            insert_text(backend, table, &columns, taken)
        };
        connection.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
        if taken < per_statement {
            return Ok(());
        }
    }
}

/// Deletes the rows of `table` whose `column` is one of `ids`.
pub async fn delete<C: ConnectionTrait>(
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
pub async fn delete_pairs<C: ConnectionTrait>(
    connection: &C,
    table: &str,
    pairs: &[(Uuid, Uuid)],
) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    for chunk in pairs.chunks(1_000) {
        let tuples: Vec<String> = (0..chunk.len())
            .map(|it| format!("({})", placeholders(backend, it * 2 + 1, 2)))
            .collect();
        let text = format!("DELETE FROM {table} WHERE (a, b) IN (VALUES {})", tuples.join(", "));
        let values = chunk.iter().flat_map(|(a, b)| [Value::from(*a), Value::from(*b)]);
        connection.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
    }
    Ok(())
}

/// Runs the statement that `text` makes of a list of parameters, chunk of `ids` by chunk.
pub async fn for_each_chunk<C: ConnectionTrait>(
    connection: &C,
    ids: impl IntoIterator<Item = Value>,
    text: impl Fn(&str) -> String,
) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let mut ids = ids.into_iter();
    loop {
        let values: Vec<Value> = ids.by_ref().take(PARAMETERS).collect();
        if values.is_empty() {
            return Ok(());
        }
        let statement = text(&placeholders(backend, 1, values.len()));
        connection.execute_raw(Statement::from_sql_and_values(backend, statement, values)).await?;
    }
}

/// `?, ?, ?` or `$1, $2, $3`: `count` parameters, numbered from `first` where they are numbered.
pub fn placeholders(backend: DbBackend, first: usize, count: usize) -> String {
    let one = |number: usize| match backend {
        DbBackend::Postgres => format!("${number}"),
        _ => "?".to_owned(),
    };
    (first..first + count).map(one).collect::<Vec<_>>().join(", ")
}

fn insert_text(backend: DbBackend, table: &str, columns: &[&str], rows: usize) -> String {
    let width = columns.len();
    let tuples: Vec<String> =
        (0..rows).map(|it| format!("({})", placeholders(backend, it * width + 1, width))).collect();
    format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), tuples.join(", "))
}
