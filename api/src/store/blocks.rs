//! The blocking index: which records have a key.
//!
//! A run over everything writes the index anew as pages, many keys to a row, so that a million records are
//! written in seconds. What is linked after it is added key by key. Entries name versions of rows: one that is
//! no longer the linked version of its record counts for nothing, so nothing need ever be taken out.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::id::RecordId;
use entity::{block_entry, block_page};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Value};

use super::{Store, bulk};
use crate::error::Error;

/// About so many entries are on a page.
const PER_PAGE: usize = 128;
/// Bytes of an entry: the low 48 bits of the key, then 48 bits of the version.
const ENTRY: usize = 12;
const LOW: u64 = (1 << 48) - 1;

/// What a run changes in the index.
#[derive(Debug)]
pub enum BlockChanges {
    /// All keys, by the version that has them.
    All(Vec<(i64, Vec<u64>)>),
    /// More keys.
    More(Vec<(i64, Vec<u64>)>),
}

impl Default for BlockChanges {
    fn default() -> BlockChanges {
        BlockChanges::More(vec![])
    }
}

impl Store {
    /// The linked records that have each of `keys`; `None` where more than `most` have it.
    pub async fn holders(
        &self,
        keys: &[u64],
        most: usize,
    ) -> Result<HashMap<u64, Option<Vec<RecordId>>>, Error> {
        let versions = self.versions_with(keys).await?;
        let few = versions.values().filter(|it| it.len() <= most).flatten().copied();
        let few: BTreeSet<i64> = few.collect();
        let members = self.members_of_versions(&few.into_iter().collect::<Vec<_>>()).await?;
        let mut holders = HashMap::with_capacity(versions.len());
        for (key, versions) in versions {
            let found = if versions.len() <= most {
                Some(versions.iter().filter_map(|it| members.get(it).copied()).collect())
            } else {
                self.live(&versions, most).await?
            };
            holders.insert(key, found);
        }
        Ok(holders)
    }

    /// The records whose linked version is one of these, unless there are more than `most`.
    async fn live(&self, versions: &[i64], most: usize) -> Result<Option<Vec<RecordId>>, Error> {
        let mut live = vec![];
        for some in versions.chunks(2_000) {
            live.extend(self.members_of_versions(some).await?.into_values());
            if most < live.len() {
                return Ok(None);
            }
        }
        Ok(Some(live))
    }

    /// The versions that have each key, live or not.
    async fn versions_with(&self, keys: &[u64]) -> Result<HashMap<u64, Vec<i64>>, Error> {
        let last: Option<Option<i32>> = block_page::Entity::find()
            .select_only()
            .column_as(block_page::Column::Page.max(), "last")
            .into_tuple()
            .one(self.reader())
            .await?;
        let pages = last.flatten().map_or(1, |it| it.cast_unsigned() + 1);
        let mut asked: HashMap<i32, Vec<u64>> = HashMap::new();
        for key in keys {
            asked.entry(page_of(*key, pages)).or_default().push(*key);
        }
        let mut numbers: Vec<i32> = asked.keys().copied().collect();
        numbers.sort_unstable();
        let mut found: HashMap<u64, Vec<i64>> = HashMap::new();
        for numbers in numbers.chunks(500) {
            let rows = block_page::Entity::find()
                .filter(block_page::Column::Page.is_in(numbers.iter().copied()))
                .all(self.reader())
                .await?;
            for row in rows {
                for key in asked.get(&row.page).into_iter().flatten() {
                    let versions = versions_on(&row.entries, *key);
                    found.entry(*key).or_default().extend(versions);
                }
            }
        }
        for keys in keys.chunks(2_000) {
            let rows = block_entry::Entity::find()
                .filter(block_entry::Column::Key.is_in(keys.iter().map(|it| it.cast_signed())))
                .all(self.reader())
                .await?;
            for row in rows {
                found.entry(row.key.cast_unsigned()).or_default().push(row.version_seq);
            }
        }
        Ok(found)
    }
}

/// Writes what a run changes in the index, as part of its transaction.
pub(super) async fn write<C: ConnectionTrait>(
    transaction: &C,
    changes: BlockChanges,
) -> Result<(), Error> {
    match changes {
        BlockChanges::All(keys) => {
            transaction.execute_unprepared("DELETE FROM block_entry").await?;
            transaction.execute_unprepared("DELETE FROM block_page").await?;
            let rows = pages(&keys).into_iter().zip(0_i32..);
            let rows = rows.map(|(entries, page)| [Value::from(page), entries.into()]);
            bulk::insert(transaction, "block_page", ["page", "entries"], rows).await?;
        }
        BlockChanges::More(keys) => {
            let rows = keys.iter().flat_map(|(version, keys)| {
                keys.iter().map(|key| [key.cast_signed().into(), (*version).into()])
            });
            bulk::insert(transaction, "block_entry", ["key", "version_seq"], rows).await?;
        }
    }
    Ok(())
}

/// The page of a key where there are so many; a power of two.
fn page_of(key: u64, pages: u32) -> i32 {
    let shift = 64 - pages.ilog2();
    key.checked_shr(shift).unwrap_or(0) as i32
}

fn pages(keys: &[(i64, Vec<u64>)]) -> Vec<Vec<u8>> {
    let entries: usize = keys.iter().map(|it| it.1.len()).sum();
    let count = (entries / PER_PAGE).max(1).next_power_of_two() as u32;
    let mut pages = vec![vec![]; count as usize];
    for (version, keys) in keys {
        for key in keys {
            let page = &mut pages[page_of(*key, count) as usize];
            page.extend_from_slice(&(key & LOW).to_le_bytes()[..6]);
            page.extend_from_slice(&version.to_le_bytes()[..6]);
        }
    }
    pages
}

/// The entries of a page without those of `versions`; `None` when it has none of them.
pub(super) fn without(page: &[u8], versions: &HashSet<i64>) -> Option<Vec<u8>> {
    let kept = page.chunks_exact(ENTRY).filter(|it| !versions.contains(&version_of(it)));
    let kept: Vec<u8> = kept.flatten().copied().collect();
    (kept.len() < page.len()).then_some(kept)
}

fn version_of(entry: &[u8]) -> i64 {
    let mut version = [0; 8];
    version[..6].copy_from_slice(&entry[6..ENTRY]);
    i64::from_le_bytes(version)
}

fn versions_on(page: &[u8], key: u64) -> impl Iterator<Item = i64> {
    let low = (key & LOW).to_le_bytes();
    let ours = page.chunks_exact(ENTRY).filter(move |it| it[..6] == low[..6]);
    ours.map(version_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_on_its_page_whatever_their_number() {
        for many in [1_u64, 100, 5_000] {
            let key = |it: u64| it.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let keys: Vec<(i64, Vec<u64>)> =
                (0..many).map(|it| (it as i64, vec![key(it), key(it / 2) ^ 1])).collect();
            let pages = pages(&keys);
            for (version, keys) in &keys {
                for key in keys {
                    let page = &pages[page_of(*key, pages.len() as u32) as usize];
                    assert!(versions_on(page, *key).any(|it| it == *version));
                }
            }
            assert_eq!(versions_on(&pages[0], 77).count(), 0);
        }
    }
}
