//! Statements that one more row waits for, where they need not wait themselves.
//!
//! The rest of the store asks through a pool whose SQLite connections live on threads of their own: each
//! statement goes there and back, which takes many times what SQLite takes to answer. What is here asks
//! SQLite on the spot, by the same texts that PostgreSQL is asked by.

use std::sync::atomic::Ordering;

use sea_orm::sea_query::Value;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, TransactionTrait,
};

use super::Store;
use super::embedded::{self, Writing};
use crate::error::Error;

/// A row of an answer.
pub enum Row<'a> {
    /// Of SQLite.
    Embedded(&'a rusqlite::Row<'a>),
    /// Of PostgreSQL.
    Server(&'a sea_orm::QueryResult),
}

/// What a column may hold.
pub trait Cell: sea_orm::TryGetable + rusqlite::types::FromSql {}

impl<T: sea_orm::TryGetable + rusqlite::types::FromSql> Cell for T {}

impl Row<'_> {
    /// The value in the column with this number, from 0.
    pub fn get<T: Cell>(&self, column: usize) -> Result<T, DbErr> {
        match self {
            Row::Embedded(row) => row.get(column).map_err(embedded::error),
            Row::Server(row) => row.try_get_by_index(column),
        }
    }
}

/// Where statements that change something run.
pub trait Execute {
    /// Which database it is.
    fn backend(&self) -> DbBackend;

    /// Runs a statement that answers nothing.
    fn execute(&self, statement: Statement) -> impl Future<Output = Result<(), DbErr>> + Send;
}

impl<C: ConnectionTrait> Execute for C {
    fn backend(&self) -> DbBackend {
        self.get_database_backend()
    }

    async fn execute(&self, statement: Statement) -> Result<(), DbErr> {
        self.execute_raw(statement).await.map(drop)
    }
}

/// A transaction. Nothing of it remains unless it is committed.
pub enum Transaction {
    /// In SQLite. Its statements run on the thread that asks: a long one belongs where it holds up nobody.
    Embedded(Writing),
    /// In PostgreSQL.
    Server(DatabaseTransaction),
}

impl Transaction {
    /// The rows that answer a statement, each as `read`.
    pub async fn rows<T>(
        &self,
        statement: Statement,
        read: impl Fn(&Row<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        match self {
            Transaction::Embedded(it) => it.rows(&statement, read),
            Transaction::Server(it) => server_rows(it, statement, read).await,
        }
    }

    /// Makes all of it last.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self {
            Transaction::Embedded(it) => it.commit(),
            Transaction::Server(it) => it.commit().await,
        }
    }
}

impl Execute for Transaction {
    fn backend(&self) -> DbBackend {
        match self {
            Transaction::Embedded(_) => DbBackend::Sqlite,
            Transaction::Server(_) => DbBackend::Postgres,
        }
    }

    async fn execute(&self, statement: Statement) -> Result<(), DbErr> {
        match self {
            Transaction::Embedded(it) => it.execute(&statement),
            Transaction::Server(it) => it.execute_raw(statement).await.map(drop),
        }
    }
}

impl Store {
    /// The rows that answer a statement, each as `read`. For answers of few rows: SQLite is asked on the
    /// thread that asks.
    pub(super) async fn rows<T>(
        &self,
        statement: Statement,
        read: impl Fn(&Row<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, Error> {
        Ok(match &self.embedded {
            Some(embedded) => {
                self.statements.fetch_add(1, Ordering::Relaxed);
                embedded.rows(&statement, read)?
            }
            None => server_rows(self.reader(), statement, read).await?,
        })
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&self) -> Result<Transaction, Error> {
        Ok(match &self.embedded {
            Some(embedded) => Transaction::Embedded(embedded.begin(self.writer()).await?),
            None => Transaction::Server(self.writer().begin().await?),
        })
    }

    /// Begins a transaction that writes the access log, and nothing else.
    pub(super) async fn begin_evidence(&self) -> Result<Transaction, Error> {
        Ok(match &self.embedded {
            Some(embedded) => Transaction::Embedded(embedded.begin_evidence().await?),
            None => Transaction::Server(self.writer().begin().await?),
        })
    }
}

async fn server_rows<T, C: ConnectionTrait>(
    connection: &C,
    statement: Statement,
    read: impl Fn(&Row<'_>) -> Result<T, DbErr>,
) -> Result<Vec<T>, DbErr> {
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|it| read(&Row::Server(it))).collect()
}

/// The values of a list of parameters, the last repeated until their number is a power of two: so that lists
/// of all lengths make few texts, and the database need not read each anew.
pub(super) fn padded<T: Clone>(values: &[T]) -> impl Iterator<Item = T> {
    let missing = values.len().next_power_of_two() - values.len();
    let last = values.last().into_iter().cycle().take(missing);
    values.iter().chain(last).cloned()
}

/// [`padded`], as parameters.
pub(super) fn parameters<T: Clone + Into<Value>>(values: &[T]) -> Vec<Value> {
    padded(values).map(Into::into).collect()
}
