//! One import or link run at a time, over every process that shares the register.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait};
use tokio::sync::OwnedMutexGuard;

use super::{Location, Store};
use crate::error::Error;

/// The key of the lock among PostgreSQL's advisory locks.
const ADVISORY_KEY: i64 = 0x7475_6e67_6761_6c01;

/// How long a run waits for another before it gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Held while a run is at work. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: Option<File>,
    _transaction: Option<DatabaseTransaction>,
    // Freed last, so that whoever is next in the process finds the other two free.
    _turn: OwnedMutexGuard<()>,
}

/// What keeps other processes out.
type Held = (Option<File>, Option<DatabaseTransaction>);

impl Store {
    /// Waits for its turn to import or link; [`Error::Busy`] when that takes too long.
    pub async fn run_lock(&self) -> Result<RunLock, Error> {
        let attempts = async {
            // Within the process in the order of asking; only its first asks other processes.
            let turn = Arc::clone(&self.turn).lock_owned().await;
            let mut pause = Duration::from_millis(1);
            loop {
                if let Some((file, transaction)) = self.try_run_lock().await? {
                    return Ok(RunLock { _file: file, _transaction: transaction, _turn: turn });
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        tokio::time::timeout(PATIENCE, attempts).await.map_err(|_| Error::Busy)?
    }

    async fn try_run_lock(&self) -> Result<Option<Held>, Error> {
        match &self.location {
            Location::Embedded(directory) => {
                let file = File::create(directory.join("tunggal.lock"))?;
                match file.try_lock() {
                    Ok(()) => Ok(Some((Some(file), None))),
                    Err(std::fs::TryLockError::WouldBlock) => Ok(None),
                    Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
                }
            }
            Location::Server(_) => {
                let transaction = self.writer.begin().await?;
                let query = Statement::from_sql_and_values(
                    self.backend(),
                    "SELECT pg_try_advisory_xact_lock($1) AS held",
                    [ADVISORY_KEY.into()],
                );
                let row = transaction.query_one_raw(query).await?;
                let held = row.map(|it| it.try_get::<bool>("", "held")).transpose()?;
                Ok((held == Some(true)).then_some((None, Some(transaction))))
            }
        }
    }
}
