//! The access log: who read whose data. It only grows, as a hash chain whose end is one row that every
//! writer takes first, in whichever process it is.

pub mod appending;
pub mod excess;
pub mod index;
pub mod reading;

use entity::access_log;
use evidence::{Act, Entry, Hash, Head, Outcome, Read};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value,
};
use uuid::Uuid;

use super::sql::Row;
use super::{Store, bulk};
use crate::error::Error;

/// Whose log it is, who signs it, and where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// The installation's id, made with the register.
    pub installation: String,
    /// The public half of the key that signs its checkpoints; empty before the first start.
    pub public_key: String,
    /// Its end.
    pub head: Head,
}

/// An entry as stored, or the place of one that cannot be read.
pub type Stored = Result<(Entry, Hash), u64>;

impl Store {
    /// Begins the log of a new register.
    pub(super) async fn seed_log(&self) -> Result<(), Error> {
        let installation = Uuid::new_v4().to_string();
        let start = Head::start(&installation);
        let text = format!(
            "INSERT INTO access_head (id, installation, public_key, seq, at, hash) \
             VALUES ({}) ON CONFLICT DO NOTHING",
            bulk::placeholders(self.backend(), 1, 6)
        );
        let values: [Value; 6] = [
            1.into(),
            installation.into(),
            "".into(),
            0_i64.into(),
            start.at.into(),
            start.hash.0.to_vec().into(),
        ];
        self.writer()
            .execute_raw(Statement::from_sql_and_values(self.backend(), text, values))
            .await?;
        let text = "INSERT INTO access_indexed (id, seq) VALUES (1, 0) ON CONFLICT DO NOTHING";
        self.writer().execute_raw(Statement::from_string(self.backend(), text)).await?;
        Ok(())
    }

    /// Whose log it is and where it ends now.
    pub async fn log_head(&self) -> Result<LogHead, Error> {
        let text = "SELECT seq, at, hash, installation, public_key FROM access_head WHERE id = 1";
        let query = Statement::from_string(self.backend(), text);
        let whole = |it: &Row<'_>| {
            Ok(LogHead { head: head_of(it)?, installation: it.get(3)?, public_key: it.get(4)? })
        };
        let head = self.rows(query, whole).await?.pop();
        head.ok_or_else(|| Error::internal("the access log has no head"))
    }

    /// Makes `public_key` the one that checkpoints carry, unless there is one; returns which it is.
    pub async fn claim_log_key(&self, public_key: &str) -> Result<String, Error> {
        let text = format!(
            "UPDATE access_head SET public_key = {} WHERE id = 1 AND public_key = ''",
            bulk::placeholders(self.backend(), 1, 1)
        );
        let values = [Value::from(public_key)];
        self.writer()
            .execute_raw(Statement::from_sql_and_values(self.backend(), text, values))
            .await?;
        Ok(self.log_head().await?.public_key)
    }

    /// Lets the write-ahead log of the embedded access log begin anew; on PostgreSQL there is nothing to do.
    pub async fn write_back_log(&self) -> Result<(), Error> {
        let Some(embedded) = self.embedded.clone() else { return Ok(()) };
        let written = tokio::task::spawn_blocking(move || embedded.write_back_evidence()).await;
        Ok(written.map_err(Error::internal)??)
    }

    /// Up to `limit` entries behind the first `after`, in order.
    pub async fn log_part(&self, after: u64, limit: u64) -> Result<Vec<Stored>, Error> {
        let rows = access_log::Entity::find()
            .filter(access_log::Column::Seq.gt(after.cast_signed()))
            .order_by_asc(access_log::Column::Seq)
            .limit(limit)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(entry_of).collect())
    }
}

fn head_of(row: &Row<'_>) -> Result<Head, DbErr> {
    let hash = Hash::from_slice(&row.get::<Vec<u8>>(2)?);
    let hash = hash.ok_or_else(|| DbErr::Type("a head without a hash".to_owned()))?;
    Ok(Head { size: row.get::<i64>(0)?.cast_unsigned(), hash, at: row.get(1)? })
}

/// The entry that a row holds, and the hash beside it.
pub(super) fn entry_of(row: access_log::Model) -> Stored {
    let seq = row.seq.cast_unsigned();
    let outcome = Outcome::from_code(&row.outcome).ok_or(seq)?;
    let reads: Vec<Read> = serde_json::from_str(&row.reads).map_err(|_| seq)?;
    let hash = Hash::from_slice(&row.hash).ok_or(seq)?;
    let act = Act {
        request: row.request,
        subject: row.subject,
        role: row.role,
        agency: row.agency,
        institution: row.institution,
        client: row.client,
        purpose: row.purpose,
        reason: row.reason,
        operation: row.operation,
        rights: row.rights,
        outcome,
        receipt: row.receipt,
        reads,
    };
    Ok((Entry { seq, at: row.at, behind: row.behind, act }, hash))
}
