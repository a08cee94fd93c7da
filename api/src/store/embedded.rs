//! The register's SQLite files, asked on the thread that asks: what the city knows, and beside it who read it.
//!
//! The access log has a file of its own. It grows with every answer: were it in the register's, each growth would
//! make every reader read its pages anew, and an import would hold up all answers until it is done.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};
use sea_orm::error::{ConnAcquireErr, RuntimeErr};
use sea_orm::sea_query::Value;
use sea_orm::sqlx::{self, Sqlite, pool::PoolConnection};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, Statement};
use tokio::sync::OwnedMutexGuard;

use super::sql::Row;
use crate::error::Error;

/// The file of the register.
pub const REGISTER: &str = "tunggal.sqlite";
/// How every connection to a file is set up.
const PRAGMAS: [(&str, &str); 7] = [
    ("journal_mode", "wal"),
    // FULL: what was answered as stored must survive a power cut.
    ("synchronous", "full"),
    ("foreign_keys", "on"),
    ("temp_store", "memory"),
    // What is deleted is overwritten: an erased person must not be readable in free pages.
    ("secure_delete", "on"),
    // An import touches the same pages of an index in batch after batch: written back less often, they are
    // written back once. The log is cut to 64 MiB afterwards.
    ("wal_autocheckpoint", "50000"),
    ("journal_size_limit", "67108864"),
];
/// Beside the register: the access log.
const EVIDENCE: &str = "ATTACH DATABASE ? AS evidence";
/// How long a connection waits for a writer of another process.
const BUSY: Duration = Duration::from_secs(30);
/// Texts of statements that a connection keeps ready.
pub const STATEMENTS: usize = 512;

/// The files of an embedded register.
#[derive(Debug, Clone)]
pub struct Files {
    register: PathBuf,
    evidence: PathBuf,
}

impl Files {
    /// The files in `directory`, made so that their owner alone can read them: they hold citizens' numbers.
    ///
    /// Fails with [`Error::EvidenceMissing`] where a register is there without its access log.
    pub fn in_directory(directory: &Path) -> Result<Files, Error> {
        let (mut folder, mut options) = (std::fs::DirBuilder::new(), std::fs::OpenOptions::new());
        folder.recursive(true);
        options.append(true).create(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
            folder.mode(0o700);
            options.mode(0o600);
        }
        folder.create(directory)?;
        let files = Files {
            register: directory.join(REGISTER),
            evidence: directory.join("evidence.sqlite"),
        };
        if !files.evidence.exists()
            && std::fs::metadata(&files.register).is_ok_and(|it| 0 < it.len())
        {
            return Err(Error::EvidenceMissing);
        }
        options.open(&files.evidence)?;
        options.open(&files.register)?;
        Ok(files)
    }

    /// A pool of connections for the statements that sea-orm sends.
    pub async fn pool(
        &self,
        connections: u32,
        cache_mib: u32,
    ) -> Result<DatabaseConnection, DbErr> {
        let url = format!("sqlite://{}?mode=rwc", self.register.display());
        let mut options = ConnectOptions::new(url);
        options.max_connections(connections).test_before_acquire(false).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(move |it| {
            let it = it.busy_timeout(BUSY).statement_cache_capacity(STATEMENTS);
            let it = it.pragma("cache_size", format!("-{}", cache_mib * 1024));
            PRAGMAS.into_iter().fold(it, |it, (name, value)| it.pragma(name, value))
        });
        let evidence = self.evidence.display().to_string();
        options.map_sqlx_sqlite_pool_opts(move |it| {
            let evidence = evidence.clone();
            it.after_connect(move |connection, _| {
                let attach = sqlx::query(EVIDENCE).bind(evidence.clone());
                Box::pin(async move { attach.execute(connection).await.map(drop) })
            })
        });
        Database::connect(options).await
    }
}

/// Connections to the files: any number that read, one that writes the register, and one that writes the
/// access log.
#[derive(Debug)]
pub struct Embedded {
    files: Files,
    idle: Mutex<Vec<Connection>>,
    writer: Arc<tokio::sync::Mutex<Connection>>,
    evidence: Arc<tokio::sync::Mutex<Connection>>,
}

impl Embedded {
    /// Opens files that are there already.
    pub fn open(files: Files) -> Result<Embedded, DbErr> {
        let (writer, evidence) = (connect(&files.register, 16)?, connect(&files.evidence, 8)?);
        Ok(Embedded {
            files,
            idle: Mutex::default(),
            writer: Arc::new(tokio::sync::Mutex::new(writer)),
            evidence: Arc::new(tokio::sync::Mutex::new(evidence)),
        })
    }

    /// The rows that answer a statement, each as `read`.
    pub fn rows<T>(
        &self,
        statement: &Statement,
        read: impl Fn(&Row<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let free = idle().pop();
        let connection = match free {
            Some(it) => it,
            None => reader(&self.files)?,
        };
        let rows = rows(&connection, statement, read);
        idle().push(connection);
        rows
    }

    /// Begins a transaction. It waits for those of `others`, the pool of the one connection that the rest of
    /// the store writes with, and they for it.
    pub async fn begin(&self, others: &DatabaseConnection) -> Result<Writing, DbErr> {
        let connection = Arc::clone(&self.writer).lock_owned().await;
        let turn = others.get_sqlite_connection_pool().acquire().await;
        let turn = turn.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        Writing::begin(connection, Some(turn))
    }

    /// Writes what the write-ahead log of the access log holds back into its file, so that it begins anew. Nearly
    /// all of it while entries go on being written; they wait for what came meanwhile. For a thread that may
    /// wait.
    pub fn write_back_evidence(&self) -> Result<(), DbErr> {
        write_back(&connect(&self.files.evidence, 1)?)?;
        write_back(&self.evidence.blocking_lock())
    }

    /// Begins a transaction in the access log.
    pub async fn begin_evidence(&self) -> Result<Writing, DbErr> {
        Writing::begin(Arc::clone(&self.evidence).lock_owned().await, None)
    }
}

/// A transaction in one of the files; rolled back when dropped.
pub struct Writing {
    connection: Mutex<OwnedMutexGuard<Connection>>,
    _turn: Option<PoolConnection<Sqlite>>,
}

impl Writing {
    fn begin(
        connection: OwnedMutexGuard<Connection>,
        turn: Option<PoolConnection<Sqlite>>,
    ) -> Result<Writing, DbErr> {
        connection.execute_batch("BEGIN IMMEDIATE").map_err(error)?;
        Ok(Writing { connection: Mutex::new(connection), _turn: turn })
    }

    /// The rows that answer a statement, each as `read`.
    pub fn rows<T>(
        &self,
        statement: &Statement,
        read: impl Fn(&Row<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        rows(&self.connection(), statement, read)
    }

    /// Runs a statement that answers nothing.
    pub fn execute(&self, statement: &Statement) -> Result<(), DbErr> {
        let connection = self.connection();
        let mut prepared = connection.prepare_cached(&statement.sql).map_err(error)?;
        prepared.execute(rusqlite::params_from_iter(parameters(statement))).map_err(error)?;
        Ok(())
    }

    /// Makes all of it last.
    pub fn commit(self) -> Result<(), DbErr> {
        self.connection().execute_batch("COMMIT").map_err(error)
    }

    fn connection(&self) -> MutexGuard<'_, OwnedMutexGuard<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let connection = self.connection();
        if !connection.is_autocommit()
            && let Err(cause) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%cause, "a transaction could not be rolled back");
        }
    }
}

fn write_back(connection: &Connection) -> Result<(), DbErr> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(error)
}

/// A failure of SQLite, as the store knows failures.
pub fn error(cause: rusqlite::Error) -> DbErr {
    if cause.sqlite_error_code() == Some(ErrorCode::DiskFull) {
        let full = sqlx::Error::Io(ErrorKind::StorageFull.into());
        return DbErr::Exec(RuntimeErr::SqlxError(Arc::new(full)));
    }
    DbErr::Custom(cause.to_string())
}

fn rows<T>(
    connection: &Connection,
    statement: &Statement,
    read: impl Fn(&Row<'_>) -> Result<T, DbErr>,
) -> Result<Vec<T>, DbErr> {
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(error)?;
    let parameters = rusqlite::params_from_iter(parameters(statement));
    let mut rows = prepared.query(parameters).map_err(error)?;
    let mut found = vec![];
    while let Some(row) = rows.next().map_err(error)? {
        found.push(read(&Row::Embedded(row))?);
    }
    Ok(found)
}

fn connect(file: &Path, cache_mib: i64) -> Result<Connection, DbErr> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(error)?;
    let set = || {
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "cache_size", -cache_mib * 1024)?;
        let mut pragmas = PRAGMAS.iter();
        pragmas.try_for_each(|(name, value)| connection.pragma_update(None, name, value))
    };
    set().map_err(error)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn reader(files: &Files) -> Result<Connection, DbErr> {
    let connection = connect(&files.register, 8)?;
    connection.execute(EVIDENCE, [files.evidence.display().to_string()]).map_err(error)?;
    connection.pragma_update(None, "query_only", true).map_err(error)?;
    Ok(connection)
}

fn parameters(statement: &Statement) -> impl Iterator<Item = Parameter<'_>> {
    statement.values.iter().flat_map(|it| &it.0).map(Parameter)
}

/// A value as the rest of the store writes it.
struct Parameter<'a>(&'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let integer = |it: Option<i64>| it.map(ToSqlOutput::from);
        let text = |it: Option<String>| it.map(ToSqlOutput::from);
        let bytes = |it| ToSqlOutput::Borrowed(ValueRef::Blob(it));
        let found = match self.0 {
            Value::Bool(it) => integer(it.map(i64::from)),
            Value::SmallInt(it) => integer(it.map(i64::from)),
            Value::Int(it) => integer(it.map(i64::from)),
            Value::BigInt(it) => integer(*it),
            // A LIMIT.
            Value::BigUnsigned(it) => integer(it.map(u64::cast_signed)),
            Value::Double(it) => it.map(ToSqlOutput::from),
            Value::String(it) => {
                it.as_ref().map(|it| ToSqlOutput::Borrowed(ValueRef::Text(it.as_bytes())))
            }
            Value::Bytes(it) => it.as_deref().map(bytes),
            Value::Uuid(it) => it.as_ref().map(|it| bytes(it.as_bytes())),
            Value::ChronoDate(it) => text(it.map(|it| it.format("%F").to_string())),
            Value::ChronoDateTimeUtc(it) => {
                text(it.map(|it| it.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)))
            }
            other => {
                let cause = format!("the store writes no {other:?}");
                return Err(rusqlite::Error::ToSqlConversionFailure(cause.into()));
            }
        };
        Ok(found.unwrap_or(ToSqlOutput::Borrowed(ValueRef::Null)))
    }
}
