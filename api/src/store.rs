//! All SQL. Rows become domain types here and nowhere else; every finder of enterprises takes the
//! scope of its caller first.

pub mod access;
pub mod accounts;
pub mod blocks;
pub mod bulk;
pub mod channels;
pub mod checkpoints;
pub mod client_secrets;
pub mod consents;
pub mod corrections;
pub mod data_keys;
pub mod decisions;
mod embedded;
pub mod enterprise_feed;
pub mod enterprises;
pub mod erasure;
pub mod files;
pub mod financing;
pub mod history;
pub mod linking;
pub mod live_sources;
pub mod lock;
pub mod models;
mod opening;
pub mod owners;
pub mod pairs;
pub mod profile_json;
pub mod queue;
mod reach;
pub mod register;
pub mod resealing;
pub mod review;
pub mod rights;
mod scope;
pub mod search;
pub mod search_words;
pub mod signatures;
pub mod slice;
pub mod source_files;
pub mod sources;
mod sql;
pub mod statistics;
pub mod ties;
pub mod webhooks;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
};
use tokio::sync::Mutex;

use self::embedded::{Embedded, Files, STATEMENTS};
use crate::config::Config;
use crate::error::Error;
use crate::sealing::{Ring, Sealer};

/// Where the register is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// The files `tunggal.sqlite` and `evidence.sqlite` in this directory.
    Embedded(PathBuf),
    /// A PostgreSQL server, by URL.
    Server(String),
}

/// The register's tables.
///
/// Writing has connections of its own, so that a long write never makes a reader wait, nor many readers what
/// must be written before they are answered; on SQLite it is one. One more connection is for what is asked
/// every second, so that long reads never make it wait. What reads whole tables (linking, exports, sealing
/// anew) has connections of its own as well: PostgreSQL ends a statement of the others when nobody can be
/// waiting for it any more.
#[derive(Debug, Clone)]
pub struct Store {
    location: Location,
    reader: DatabaseConnection,
    whole_reader: DatabaseConnection,
    writer: DatabaseConnection,
    watcher: DatabaseConnection,
    embedded: Option<Arc<Embedded>>,
    turn: Arc<Mutex<()>>,
    ring: Arc<Ring>,
    statements: Arc<AtomicU64>,
}

/// The connections of a register.
struct Connections {
    reader: DatabaseConnection,
    whole_reader: DatabaseConnection,
    writer: DatabaseConnection,
    watcher: DatabaseConnection,
    embedded: Option<Arc<Embedded>>,
    statements: Arc<AtomicU64>,
}

impl Store {
    /// Opens the register, brings its tables up to date and reads the ring of data keys, which a new
    /// register makes beside itself unless the settings name one.
    ///
    /// Fails with [`Error::NewerSchema`] when a newer version of the program has changed the tables, and with
    /// [`Error::DataKeyMissing`] or [`Error::DataKeyWrong`] when the ring is not that of the register.
    pub async fn open(config: &Config) -> Result<Store, Error> {
        let location = config.location();
        let patience = config.limits.request_time;
        let database = Store::connect(&location, patience).await?;
        refuse_newer_schema(&database.reader).await?;
        Migrator::up(&database.writer, None).await?;
        let ring = data_keys::ring_of(&database.writer, config.data_key_source()).await?;
        Store::seeded(location, database, ring).await
    }

    /// Opens a new register that seals nothing, to measure what sealing costs; no command and no setting
    /// leads here. Fails with [`Error::Conflict`] on a register that was ever opened otherwise.
    pub async fn open_unsealed(config: &Config) -> Result<Store, Error> {
        let location = config.location();
        let patience = config.limits.request_time;
        let database = Store::connect(&location, patience).await?;
        Migrator::up(&database.writer, None).await?;
        let ring = data_keys::no_ring(&database.writer).await?;
        Store::seeded(location, database, ring).await
    }

    async fn seeded(location: Location, database: Connections, ring: Ring) -> Result<Store, Error> {
        let Connections { reader, whole_reader, writer, watcher, embedded, statements } = database;
        let store = Store {
            location,
            reader,
            whole_reader,
            writer,
            watcher,
            embedded,
            turn: Arc::default(),
            ring: Arc::new(ring),
            statements,
        };
        store.seed_agencies().await?;
        store.seed_log().await?;
        Ok(store)
    }

    /// On PostgreSQL a statement of the connections for reading ends after `patience`.
    async fn connect(location: &Location, patience: Duration) -> Result<Connections, Error> {
        let unreachable = |it: DbErr| Error::DatabaseUnreachable(it.to_string());
        let statements = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&statements);
        let count =
            move |_: &sea_orm::metric::Info<'_>| _ = counted.fetch_add(1, Ordering::Relaxed);
        match location {
            Location::Embedded(directory) => {
                let files = Files::in_directory(directory)?;
                let embedded = Embedded::open(files.clone()).map_err(unreachable)?;
                let writer = files.pool(1, 16).await.map_err(unreachable)?;
                let mut reader = files.pool(4, 4).await.map_err(unreachable)?;
                let watcher = files.pool(1, 1).await.map_err(unreachable)?;
                reader.set_metric_callback(count);
                let (embedded, whole_reader) = (Some(Arc::new(embedded)), reader.clone());
                Ok(Connections { reader, whole_reader, writer, watcher, embedded, statements })
            }
            Location::Server(url) => {
                let bound = patience.as_millis().to_string();
                let connect = async |connections, bound: Option<String>| {
                    let mut options = ConnectOptions::new(url.as_str());
                    options
                        .max_connections(connections)
                        .acquire_timeout(Duration::from_secs(10))
                        .test_before_acquire_if_idle_for(Duration::from_secs(5))
                        .map_sqlx_postgres_opts(move |it| {
                            let it = it.statement_cache_capacity(STATEMENTS);
                            match &bound {
                                Some(bound) => it.options([("statement_timeout", bound)]),
                                None => it,
                            }
                        })
                        .sqlx_logging(false);
                    Database::connect(options).await.map_err(unreachable)
                };
                let mut reader = connect(16, Some(bound)).await?;
                let whole_reader = connect(4, None).await?;
                let (writer, watcher) = (connect(8, None).await?, connect(1, None).await?);
                reader.set_metric_callback(count);
                let embedded = None;
                Ok(Connections { reader, whole_reader, writer, watcher, embedded, statements })
            }
        }
    }

    /// The data keys as they are in the ring now.
    pub fn sealer(&self) -> Arc<Sealer> {
        self.ring.sealer()
    }

    /// For reading.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For reading whole tables, however long that takes.
    pub(crate) fn whole_reader(&self) -> &DatabaseConnection {
        &self.whole_reader
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
        refuse_newer_schema(&self.reader).await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }
}

async fn refuse_newer_schema(reader: &DatabaseConnection) -> Result<(), Error> {
    let known: Vec<String> = Migrator::migrations().iter().map(|it| it.name().to_owned()).collect();
    let query = Statement::from_string(
        reader.get_database_backend(),
        "SELECT version FROM seaql_migrations ORDER BY version",
    );
    // The table is absent in a new register.
    let Ok(rows) = reader.query_all_raw(query).await else { return Ok(()) };
    for row in rows {
        let version: String = row.try_get("", "version")?;
        if !known.contains(&version) {
            return Err(Error::NewerSchema(version));
        }
    }
    Ok(())
}
