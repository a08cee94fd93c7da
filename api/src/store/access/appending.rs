//! Growing the log.

use evidence::{Act, Entry, Hash, Head};
use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::head_of;
use crate::error::Error;
use crate::store::sql::{Execute, Transaction};
use crate::store::{Store, bulk};

/// Entries that follow each other, and where the log ends with them.
#[derive(Debug)]
pub struct Part {
    /// Where the log ended before them.
    pub before: Head,
    /// The entries, each with the chain's hash.
    pub entries: Vec<(Entry, Hash)>,
    /// Where the log ends with them.
    pub end: Head,
}

impl Part {
    fn behind(before: Head, acts: Vec<Act>, clock: i64) -> Part {
        let mut end = before.clone();
        let mut entry = |act| {
            let entry = end.append(act, clock);
            (entry, end.hash)
        };
        let entries = acts.into_iter().map(&mut entry).collect();
        Part { before, entries, end }
    }

    fn rows(&self) -> Result<Vec<[Value; 17]>, Error> {
        self.entries.iter().map(row_of).collect()
    }

    fn into_acts(self) -> Vec<Act> {
        self.entries.into_iter().map(|(entry, _)| entry.act).collect()
    }
}

impl Store {
    /// Appends these acts, in order and all or none, and returns them as entries. `clock` is what the
    /// clock shows, in milliseconds since 1970; `known` is where the log ended when the caller last looked.
    ///
    /// Where nobody else wrote since then, PostgreSQL takes them in one statement. SQLite holds up the thread
    /// until they are durable.
    pub async fn append_acts(
        &self,
        acts: Vec<Act>,
        clock: i64,
        known: Option<Head>,
    ) -> Result<Part, Error> {
        let known = known.filter(|_| self.backend() == DbBackend::Postgres);
        let Some(known) = known else { return self.append_in_turn(acts, clock).await };
        let part = Part::behind(known, acts, clock);
        match append_at_once(self.writer(), &part).await? {
            true => Ok(part),
            false => self.append_in_turn(part.into_acts(), clock).await,
        }
    }

    /// Appends when whoever else appends is done.
    async fn append_in_turn(&self, acts: Vec<Act>, clock: i64) -> Result<Part, Error> {
        let transaction = self.begin_evidence().await?;
        let part = Part::behind(take_head(&transaction).await?, acts, clock);
        match &transaction {
            Transaction::Server(it) if append_at_once(it, &part).await? => {}
            Transaction::Server(_) => {
                return Err(Error::internal("the log's end moved while taken"));
            }
            Transaction::Embedded(_) => append(&transaction, &part).await?,
        }
        transaction.commit().await?;
        Ok(part)
    }
}

/// Takes the log's end until the transaction is over: a write comes first, so that SQLite too keeps other
/// processes out from here on.
pub(super) async fn take_head(transaction: &Transaction) -> Result<Head, Error> {
    let text = "UPDATE access_head SET seq = seq WHERE id = 1 RETURNING seq, at, hash";
    let query = Statement::from_string(transaction.backend(), text);
    let head = transaction.rows(query, head_of).await?.pop();
    head.ok_or_else(|| Error::internal("the access log has no head"))
}

/// Columns of the log, and their types in PostgreSQL.
const COLUMNS: [(&str, &str); 17] = [
    ("seq", "bigint"),
    ("at", "bigint"),
    ("behind", "bigint"),
    ("request", "text"),
    ("subject", "text"),
    ("role", "text"),
    ("agency", "text"),
    ("institution", "text"),
    ("client", "text"),
    ("purpose", "text"),
    ("reason", "text"),
    ("operation", "text"),
    ("rights", "text"),
    ("outcome", "text"),
    ("receipt", "text"),
    ("reads", "text"),
    ("hash", "bytea"),
];

async fn append(transaction: &Transaction, part: &Part) -> Result<(), Error> {
    let rows = part.rows()?;
    bulk::insert(transaction, "access_log", COLUMNS.map(|(name, _)| name), rows).await?;
    let text = "UPDATE access_head SET seq = ?, at = ?, hash = ? WHERE id = 1";
    let end: [Value; 3] =
        [part.end.size.cast_signed().into(), part.end.at.into(), bytes(&part.end.hash)];
    transaction.execute(Statement::from_sql_and_values(DbBackend::Sqlite, text, end)).await?;
    Ok(())
}

fn row_of((entry, hash): &(Entry, Hash)) -> Result<[Value; 17], Error> {
    let act = &entry.act;
    Ok([
        entry.seq.cast_signed().into(),
        entry.at.into(),
        entry.behind.into(),
        act.request.as_str().into(),
        act.subject.as_str().into(),
        act.role.as_str().into(),
        act.agency.as_str().into(),
        act.institution.as_str().into(),
        act.client.as_str().into(),
        act.purpose.as_str().into(),
        act.reason.as_str().into(),
        act.operation.as_str().into(),
        act.rights.as_str().into(),
        act.outcome.code().into(),
        act.receipt.as_str().into(),
        serde_json::to_string(&act.reads)?.into(),
        bytes(hash),
    ])
}

fn bytes(hash: &Hash) -> Value {
    hash.0.to_vec().into()
}

/// Appends to PostgreSQL if the log still ends where the part begins; says whether it did.
///
/// One statement is one way there and back and one transaction. Each column goes as one parameter, so that the
/// text is the same for any number of rows.
async fn append_at_once<C: ConnectionTrait>(connection: &C, part: &Part) -> Result<bool, Error> {
    let names = COLUMNS.map(|(name, _)| name).join(", ");
    let arrays: Vec<String> =
        COLUMNS.iter().zip(6..).map(|((_, kind), place)| format!("${place}::{kind}[]")).collect();
    let text = format!(
        "WITH moved AS (UPDATE access_head SET seq = $1, at = $2, hash = $3 \
         WHERE id = 1 AND seq = $4 AND hash = $5 RETURNING id), \
         entries AS (INSERT INTO access_log ({names}) \
         SELECT it.* FROM moved, UNNEST({}) AS it) \
         SELECT id FROM moved",
        arrays.join(", ")
    );
    let ends: [Value; 5] = [
        part.end.size.cast_signed().into(),
        part.end.at.into(),
        bytes(&part.end.hash),
        part.before.size.cast_signed().into(),
        bytes(&part.before.hash),
    ];
    let values = ends.into_iter().chain(columns(part.rows()?));
    let query = Statement::from_sql_and_values(DbBackend::Postgres, text, values);
    Ok(connection.query_one_raw(query).await?.is_some())
}

/// The rows turned on their side, each column an array.
fn columns(rows: Vec<[Value; 17]>) -> impl Iterator<Item = Value> {
    let mut columns = COLUMNS.map(|_| Vec::with_capacity(rows.len()));
    for row in rows {
        columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }
    columns.into_iter().zip(COLUMNS).map(|(column, (_, kind))| {
        let kind = match kind {
            "bigint" => ArrayType::BigInt,
            "bytea" => ArrayType::Bytes,
            _ => ArrayType::String,
        };
        Value::Array(kind, Some(Box::new(column)))
    })
}
