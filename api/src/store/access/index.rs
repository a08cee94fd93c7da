//! Whose data an entry is about, for finding it: made from the log, and never believed instead of it.

use std::collections::BTreeSet;

use evidence::{Entry, Hash};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::error::Error;
use crate::store::sql::Execute;
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
pub(super) fn whose(entry: &Entry) -> BTreeSet<&str> {
    entry.act.reads.iter().flat_map(|it| &it.whose).map(String::as_str).collect()
}

impl Store {
    /// The digest of the index of the entries up to `size`, as it is stored.
    pub async fn index_digest(&self, size: u64) -> Result<IndexDigest, Error> {
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

    /// Makes the index anew from the log. Nothing is appended meanwhile.
    ///
    /// Fails with [`Error::EvidenceBroken`] at an entry that cannot be read.
    pub async fn rebuild_index(&self) -> Result<(), Error> {
        let transaction = self.begin().await?;
        let size = super::appending::take_head(&transaction).await?.size;
        let all = Statement::from_string(transaction.backend(), "DELETE FROM access_whose");
        transaction.execute(all).await?;
        let mut after = 0;
        while after < size {
            let part = self.log_part(after, PART.cast_unsigned()).await?;
            if part.is_empty() {
                return Err(Error::EvidenceBroken(after + 1));
            }
            let mut rows = vec![];
            for stored in part {
                let (entry, _) = stored.map_err(Error::EvidenceBroken)?;
                after = entry.seq;
                let seq = Value::from(entry.seq.cast_signed());
                rows.extend(whose(&entry).into_iter().map(|it| [Value::from(it), seq.clone()]));
            }
            bulk::insert(&transaction, "access_whose", ["whose", "seq"], rows).await?;
        }
        Ok(transaction.commit().await?)
    }
}
