//! What processes that share a register on PostgreSQL tell each other.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sqlx::postgres::PgListener;

use super::sql::{Execute, Transaction};
use super::{Location, Store};
use crate::error::Error;

/// The channel on which it is told that what is told of enterprises has come further.
pub const REGISTER: &str = "tunggal_register";
/// The channel on which it is told how far runs are.
pub const PROGRESS: &str = "tunggal_progress";

impl Store {
    /// Listens to the channels from now on; none where there are none.
    ///
    /// Fails with [`Error::DatabaseUnreachable`].
    pub async fn listener(&self) -> Option<Result<PgListener, Error>> {
        let Location::Server(url) = &self.location else { return None };
        let listening = async {
            let mut listener = PgListener::connect(url).await?;
            listener.listen_all([REGISTER, PROGRESS]).await?;
            Ok(listener)
        };
        let listening: Result<PgListener, sqlx::Error> = listening.await;
        Some(listening.map_err(|it| Error::DatabaseUnreachable(it.to_string())))
    }

    /// Tells `text` to all who listen to `channel` on PostgreSQL.
    pub async fn announce(&self, channel: &str, text: &str) -> Result<(), Error> {
        let values = [channel.into(), text.into()];
        let order = "SELECT pg_notify($1, $2)";
        let order = Statement::from_sql_and_values(DbBackend::Postgres, order, values);
        self.writer().execute_raw(order).await?;
        Ok(())
    }

    /// Tells that what is told of enterprises has come further.
    pub(super) async fn tell_register(&self) -> Result<(), Error> {
        match self.backend() {
            DbBackend::Postgres => self.announce(REGISTER, "").await,
            _ => Ok(()),
        }
    }
}

/// Has it told, once `transaction` is committed, that what is told of enterprises has come further.
pub(super) async fn tell_register(transaction: &Transaction) -> Result<(), Error> {
    if transaction.backend() == DbBackend::Postgres {
        let order = format!("NOTIFY {REGISTER}");
        transaction.execute(Statement::from_string(DbBackend::Postgres, order)).await?;
    }
    Ok(())
}
