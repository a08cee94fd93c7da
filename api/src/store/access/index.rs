//! Whose data an entry is about, for finding it: made from the log, and never believed instead of it.
//!
//! The index stays behind the log, so that no answer waits for it, and whoever asks it brings it up first.

use std::collections::BTreeSet;

use evidence::{Entry, Hash};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use tokio::runtime::Handle;

use super::appending::Part;
use crate::error::Error;
use crate::store::sql::{Execute, Transaction};
use crate::store::{Store, bulk};

/// Rows read at once.
const PART: i64 = 10_000;

/// A digest of pairs of whose and entry, the same in whatever order they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexDigest(u128);

impl IndexDigest {
    fn add(&mut self, whose: &str, seq: u64) {
        let hash = Hash::of(&[&seq.to_be_bytes(), whose.as_bytes()]).0;
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        self.0 = self.0.wrapping_add(u128::from_be_bytes(half));
    }

    /// Adds what the index must hold of an entry.
    pub fn add_entry(&mut self, entry: &Entry) {
        whose(entry).into_iter().for_each(|it| self.add(it, entry.seq));
    }
}

/// Whose data an entry is about, each once.
fn whose(entry: &Entry) -> BTreeSet<&str> {
    entry.act.reads.iter().flat_map(|it| &it.whose).map(String::as_str).collect()
}

/// What the index lacks of the last entries, kept so that it need not be read out of the log again.
#[derive(Debug, Default)]
pub struct Unindexed {
    from: u64,
    to: u64,
    whose: Vec<(String, u64)>,
}

impl Unindexed {
    /// Adds the entries of a part. What was kept is given up when others wrote in between.
    pub fn push(&mut self, part: Part) {
        if self.to != part.before.size {
            *self = Unindexed { from: part.before.size, ..Unindexed::default() };
        }
        self.to = part.end.size;
        for (entry, _) in part.entries {
            let mut whose: Vec<String> =
                entry.act.reads.into_iter().flat_map(|it| it.whose).collect();
            whose.sort_unstable();
            whose.dedup();
            self.whose.extend(whose.into_iter().map(|it| (it, entry.seq)));
        }
    }

    /// Of how many entries.
    pub fn entries(&self) -> u64 {
        self.to - self.from
    }
}

/// Indexes the entries behind the first parameter up to the second, in the order of the index.
const SQLITE: &str = "INSERT INTO access_whose (whose, seq) SELECT DISTINCT it.value, seq \
     FROM access_log, json_each(reads) AS read, json_each(read.value, '$.whose') AS it \
     WHERE seq > ? AND seq <= ? ORDER BY 1, 2";
const POSTGRES: &str = "INSERT INTO access_whose (whose, seq) SELECT DISTINCT it.whose, seq \
     FROM access_log, jsonb_array_elements(reads::jsonb) AS read, \
     jsonb_array_elements_text(read -> 'whose') AS it (whose) \
     WHERE seq > $1 AND seq <= $2 ORDER BY 1, 2";

impl Store {
    /// The digest of the index of the entries up to `size`, as it is stored.
    pub async fn index_digest(&self, size: u64) -> Result<IndexDigest, Error> {
        self.index_log().await?;
        let backend = self.backend();
        let [seq, whose, again] = [1, 2, 3].map(|it| bulk::placeholders(backend, it, 1));
        let text = format!(
            "SELECT whose, seq FROM access_whose WHERE seq <= {seq} AND (whose, seq) > ({whose}, {again}) \
             ORDER BY whose, seq LIMIT {PART}"
        );
        let (mut digest, mut after) = (IndexDigest::default(), (String::new(), 0_i64));
        loop {
            let values: [Value; 3] =
                [size.cast_signed().into(), after.0.as_str().into(), after.1.into()];
            let query = Statement::from_sql_and_values(backend, &text, values);
            let rows = self.reader().query_all_raw(query).await?;
            for row in &rows {
                after = (row.try_get("", "whose")?, row.try_get("", "seq")?);
                digest.add(&after.0, after.1.cast_unsigned());
            }
            if rows.is_empty() {
                return Ok(digest);
            }
        }
    }

    /// Brings the index up to the log's end.
    pub async fn index_log(&self) -> Result<(), Error> {
        let text = "SELECT 1 FROM access_indexed i, access_head h WHERE i.id = 1 AND h.id = 1 AND i.seq = h.seq";
        let query = Statement::from_string(self.backend(), text);
        match self.rows(query, |_| Ok(())).await?.is_empty() {
            true => self.index_behind(false).await,
            false => Ok(()),
        }
    }

    /// Indexes these entries; where the index is not as far as they begin, everything that it lacks.
    pub async fn index_part(&self, part: Unindexed) -> Result<(), Error> {
        let transaction = self.begin_evidence().await?;
        let indexed = take_index(&transaction).await?.cast_unsigned();
        if !(part.from..=part.to).contains(&indexed) {
            drop(transaction);
            return self.index_behind(false).await;
        }
        let mut whose = part.whose;
        whose.retain(|it| indexed < it.1);
        whose.sort_unstable();
        let rows = whose.into_iter().map(|(whose, seq)| [whose.into(), seq.cast_signed().into()]);
        bulk::insert(&transaction, "access_whose", ["whose", "seq"], rows).await?;
        move_index(&transaction, part.to.cast_signed()).await?;
        Ok(transaction.commit().await?)
    }

    /// Makes the index anew from the log.
    pub async fn rebuild_index(&self) -> Result<(), Error> {
        self.index_behind(true).await
    }

    /// Indexes what is not indexed yet, or everything `anew`.
    async fn index_behind(&self, anew: bool) -> Result<(), Error> {
        let (store, runtime) = (self.clone(), Handle::current());
        // What SQLite sorts and writes holds up the thread that asks for it.
        let index = move || runtime.block_on(store.index_in_turn(anew));
        tokio::task::spawn_blocking(index).await.map_err(Error::internal)?
    }

    async fn index_in_turn(&self, anew: bool) -> Result<(), Error> {
        let transaction = self.begin_evidence().await?;
        let backend = transaction.backend();
        let mut indexed = take_index(&transaction).await?;
        if anew {
            let text = "DELETE FROM access_whose";
            transaction.execute(Statement::from_string(backend, text)).await?;
            indexed = 0;
        }
        let query = Statement::from_string(backend, "SELECT seq FROM access_head WHERE id = 1");
        let end = transaction.rows(query, |it| it.get::<i64>(0)).await?.pop().unwrap_or_default();
        let text = if backend == DbBackend::Sqlite { SQLITE } else { POSTGRES };
        let part: [Value; 2] = [indexed.into(), end.into()];
        transaction.execute(Statement::from_sql_and_values(backend, text, part)).await?;
        move_index(&transaction, end).await?;
        Ok(transaction.commit().await?)
    }
}

/// How far the index is, which nobody else moves until the transaction is over.
async fn take_index(transaction: &Transaction) -> Result<i64, Error> {
    let text = "UPDATE access_indexed SET seq = seq WHERE id = 1 RETURNING seq";
    let query = Statement::from_string(transaction.backend(), text);
    Ok(transaction.rows(query, |it| it.get(0)).await?.pop().unwrap_or_default())
}

async fn move_index(transaction: &Transaction, to: i64) -> Result<(), Error> {
    let backend = transaction.backend();
    let place = bulk::placeholders(backend, 1, 1);
    let text = format!("UPDATE access_indexed SET seq = {place} WHERE id = 1");
    let moved = Statement::from_sql_and_values(backend, text, [Value::from(to)]);
    Ok(transaction.execute(moved).await?)
}
