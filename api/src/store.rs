//! All SQL. Rows become domain types here and nowhere else; every finder of enterprises takes the
//! scope of its caller first.

pub mod access;
pub mod accounts;
pub mod blocks;
pub mod bulk;
pub mod checkpoints;
pub mod client_secrets;
pub mod consents;
pub mod decisions;
pub mod enterprises;
pub mod erasure;
pub mod files;
pub mod history;
pub mod linking;
pub mod lock;
pub mod models;
pub mod owners;
pub mod pairs;
pub mod profile_json;
pub mod queue;
pub mod register;
pub mod review;
pub mod rights;
pub mod search;
pub mod search_words;
pub mod slice;
pub mod source_files;
pub mod sources;
pub mod statistics;
pub mod ties;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
};
use tokio::sync::Mutex;

use crate::error::Error;

/// Where the register is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// The file `tunggal.sqlite` in this directory.
    Embedded(PathBuf),
    /// A PostgreSQL server, by URL.
    Server(String),
}

/// The register's tables.
///
/// On SQLite one connection writes and the others read, so that a long write never makes a reader
/// wait; on PostgreSQL both are the same pool. One more connection is for what is asked every second,
/// so that long reads never make it wait.
#[derive(Debug, Clone)]
pub struct Store {
    location: Location,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    watcher: DatabaseConnection,
    turn: Arc<Mutex<()>>,
    statements: Arc<AtomicU64>,
}

impl Store {
    /// Opens the register and brings its tables up to date.
    ///
    /// Fails with [`Error::NewerSchema`] when a newer version of the program has changed them.
    pub async fn open(location: &Location) -> Result<Store, Error> {
        let store = Store::connect(location).await?;
        store.refuse_newer_schema().await?;
        Migrator::up(&store.writer, None).await?;
        store.seed_agencies().await?;
        store.seed_log().await?;
        Ok(store)
    }

    async fn connect(location: &Location) -> Result<Store, Error> {
        let unreachable = |it: DbErr| Error::DatabaseUnreachable(it.to_string());
        let statements = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&statements);
        let count =
            move |_: &sea_orm::metric::Info<'_>| _ = counted.fetch_add(1, Ordering::Relaxed);
        match location {
            Location::Embedded(directory) => {
                let file = private_file(directory)?;
                let writer =
                    Database::connect(sqlite_options(&file, 1, 16)).await.map_err(unreachable)?;
                let mut reader =
                    Database::connect(sqlite_options(&file, 4, 4)).await.map_err(unreachable)?;
                let watcher =
                    Database::connect(sqlite_options(&file, 1, 1)).await.map_err(unreachable)?;
                reader.set_metric_callback(count);
                let location = location.clone();
                Ok(Store { location, reader, writer, watcher, turn: Arc::default(), statements })
            }
            Location::Server(url) => {
                let connect = async |connections| {
                    let mut options = ConnectOptions::new(url.as_str());
                    options
                        .max_connections(connections)
                        .acquire_timeout(Duration::from_secs(10))
                        .sqlx_logging(false);
                    Database::connect(options).await.map_err(unreachable)
                };
                let (mut pool, watcher) = (connect(16).await?, connect(1).await?);
                pool.set_metric_callback(count);
                Ok(Store {
                    location: location.clone(),
                    reader: pool.clone(),
                    writer: pool,
                    watcher,
                    turn: Arc::default(),
                    statements,
                })
            }
        }
    }

    async fn refuse_newer_schema(&self) -> Result<(), Error> {
        let known: Vec<String> =
            Migrator::migrations().iter().map(|it| it.name().to_owned()).collect();
        let query = Statement::from_string(
            self.backend(),
            "SELECT version FROM seaql_migrations ORDER BY version",
        );
        // The table is absent in a new register.
        let Ok(rows) = self.reader.query_all_raw(query).await else { return Ok(()) };
        for row in rows {
            let version: String = row.try_get("", "version")?;
            if !known.contains(&version) {
                return Err(Error::NewerSchema(version));
            }
        }
        Ok(())
    }

    /// For reading.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// How many statements were sent to the connections for reading since the start.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// For what is asked every second.
    pub(crate) fn watcher(&self) -> &DatabaseConnection {
        &self.watcher
    }

    /// For writing.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Which database it is.
    pub(crate) fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// Whether the database answers and its tables are those of this version.
    pub async fn ready(&self) -> Result<(), Error> {
        self.ping().await?;
        self.refuse_newer_schema().await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }
}

/// The database file, made so that its owner alone can read it: it holds citizens' numbers.
fn private_file(directory: &Path) -> Result<PathBuf, Error> {
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
    let file = directory.join("tunggal.sqlite");
    options.open(&file)?;
    Ok(file)
}

fn sqlite_options(file: &Path, connections: u32, cache_mib: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    options.max_connections(connections).sqlx_logging(false).map_sqlx_sqlite_opts(move |it| {
        it.journal_mode(SqliteJournalMode::Wal)
            // FULL: what was answered as stored must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(30))
            .pragma("cache_size", format!("-{}", cache_mib * 1024))
            .pragma("temp_store", "memory")
            // What is deleted is overwritten: an erased person must not be readable in free pages.
            .pragma("secure_delete", "on")
            // An import touches the same pages of an index in batch after batch: written back less
            // often, they are written back once. The log is cut to 64 MiB afterwards.
            .pragma("wal_autocheckpoint", "50000")
            .pragma("journal_size_limit", "67108864")
    });
    options
}
