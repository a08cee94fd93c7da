//! Blocking: which pairs of records are worth comparing.
//!
//! A record has many keys; records that share one are candidates. A key that many records share (a stop
//! key, frozen in the model) blocks only together with a second key. Nothing here depends on the order of
//! the records.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::corpus::Corpus;
use crate::text::{self, mix};

/// A blocking key: a hash of what is shared.
pub(crate) type Key = u64;

/// A pair of positions in the corpus, the lesser first.
pub(crate) type Pair = (u32, u32);

/// Hashes of the words of the corpus that keys are built of, computed once for each word.
pub(crate) struct WordKeys {
    whole: Vec<u64>,
    skeleton: Vec<u64>,
}

impl WordKeys {
    pub(crate) fn new(corpus: &Corpus) -> WordKeys {
        let words = &corpus.words.letters;
        let whole = words.par_iter().map(|it| text::hash(&[it])).collect();
        let skeleton = words
            .par_iter()
            .map(|it| text::hash(&[b"~", &text::skeleton(std::str::from_utf8(it).unwrap_or(""))]))
            .collect();
        WordKeys { whole, skeleton }
    }
}

fn key(kind: u64, parts: &[u64]) -> Key {
    parts
        .iter()
        .fold(mix(kind), |state, part| mix(state ^ part.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

/// Which keys are too common to block alone, and which not even with a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopKeys<'a> {
    pub(crate) alone: &'a HashSet<Key>,
    pub(crate) refined: &'a HashSet<Key>,
}

/// The keys under which a record is blocked.
pub(crate) fn keys_of(
    corpus: &Corpus,
    words: &WordKeys,
    stop: StopKeys,
    record: usize,
) -> Vec<Key> {
    let mut keys = Vec::with_capacity(48);
    let seconds = seconds(corpus, words, record);
    for first in firsts(corpus, words, record) {
        if !stop.alone.contains(&first) {
            keys.push(first);
        } else {
            let refined = seconds.iter().map(|second| key(99, &[first, *second]));
            keys.extend(refined.filter(|it| !stop.refined.contains(it)));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The keys that block alone unless they are stop keys.
pub(crate) fn firsts(corpus: &Corpus, words: &WordKeys, record: usize) -> Vec<Key> {
    let row = &corpus.rows[record];
    let mut keys = Vec::with_capacity(40);
    let mut add = |kind: u64, parts: &[u64]| keys.push(key(kind, parts));
    if row.nik != 0 {
        add(1, &[row.nik]);
        add(2, &[row.nik / 10_000]);
        add(3, &[row.nik % 10_000_000_000]);
    }
    if row.nib != 0 {
        add(5, &[row.nib]);
        add(6, &[row.nib / 10_000]);
        add(7, &[row.nib % 100_000_000]);
    }
    if row.npwp != 0 {
        add(8, &[row.npwp]);
    }
    for phone in row.phones.into_iter().filter(|it| *it != 0) {
        add(9, &[phone]);
        add(10, &[phone / 1_000]);
        add(11, &[phone % 10_000_000]);
    }
    if row.email != 0 {
        add(12, &[row.email]);
        add(13, &[row.email_name]);
    }
    let owner = corpus.owner.of(record);
    let business = corpus.business.of(record);
    let street = corpus.street.of(record);
    let (kelurahan, kecamatan) = (row.kelurahan, u64::from(row.kecamatan));
    let whole = |it: &u32| words.whole[*it as usize];
    let skeleton = |it: &u32| words.skeleton[*it as usize];
    for (names, kind) in [(owner, 20), (business, 30)] {
        for (index, word) in names.iter().enumerate() {
            if kecamatan != 0 {
                add(kind, &[whole(word), kecamatan]);
            }
            if kelurahan != 0 {
                add(kind + 1, &[skeleton(word), kelurahan]);
            }
            for other in &names[index + 1..] {
                let (one, two) = (whole(word), whole(other));
                add(kind + 2, &[one.min(two), one.max(two)]);
            }
        }
        if let [only] = names {
            add(kind + 3, &[whole(only)]);
        }
        if !names.is_empty() {
            let run =
                names.iter().flat_map(|it| corpus.words.letters[*it as usize].iter().copied());
            let start: Vec<u8> = run.take(7).collect();
            add(kind + 4, &[text::hash(&[&start]), kecamatan]);
        }
    }
    for name in owner {
        for word in business {
            add(40, &[whole(name), whole(word)]);
        }
        for kind in row.name_kinds.into_iter().filter(|it| *it != 0) {
            add(41, &[whole(name), u64::from(kind)]);
        }
    }
    for word in street {
        if row.number != 0 || row.block != 0 {
            add(50, &[whole(word), u64::from(row.number), u64::from(row.block)]);
        }
        if kelurahan != 0 {
            add(51, &[whole(word), kelurahan]);
        } else {
            add(52, &[whole(word), kecamatan]);
        }
        for name in owner {
            add(53, &[whole(word), whole(name)]);
        }
    }
    if row.rt != 0 && row.rw != 0 && kelurahan != 0 {
        add(54, &[kelurahan, u64::from(row.rt), u64::from(row.rw)]);
    }
    keys
}

/// The keys that make a stop key narrower.
pub(crate) fn seconds(corpus: &Corpus, words: &WordKeys, record: usize) -> Vec<Key> {
    let row = &corpus.rows[record];
    let mut keys = Vec::with_capacity(16);
    let mut add = |kind: u64, part: u64| {
        if part != 0 {
            keys.push(key(kind, &[part]));
        }
    };
    add(60, row.kelurahan);
    if row.rt != 0 && row.rw != 0 {
        add(61, u64::from(row.rt) << 16 | u64::from(row.rw));
    }
    for kind in row.name_kinds {
        add(62, u64::from(kind));
    }
    for word in corpus.owner.of(record) {
        add(63, words.skeleton[*word as usize]);
    }
    for word in corpus.business.of(record) {
        add(64, words.skeleton[*word as usize]);
    }
    for word in corpus.street.of(record) {
        add(65, words.whole[*word as usize]);
    }
    add(66, u64::from(row.number));
    keys
}

/// Every key of every record, ordered: the blocks.
pub(crate) struct Blocks {
    entries: Vec<(Key, u32)>,
    limit: usize,
}

impl Blocks {
    /// Blocks all records; blocks above `limit` records will give no pairs.
    pub(crate) fn new(corpus: &Corpus, words: &WordKeys, stop: StopKeys, limit: usize) -> Blocks {
        let mut entries: Vec<(Key, u32)> = (0..corpus.len())
            .into_par_iter()
            .flat_map_iter(|record| {
                let keys = keys_of(corpus, words, stop, record);
                keys.into_iter().map(move |key| (key, record as u32))
            })
            .collect();
        entries.par_sort_unstable();
        Blocks { entries, limit }
    }

    fn blocks(&self) -> impl Iterator<Item = &[(Key, u32)]> {
        self.entries.chunk_by(|a, b| a.0 == b.0).filter(|it| 1 < it.len())
    }

    /// The keys whose blocks are left out for their size, in order.
    pub(crate) fn capped(&self) -> Vec<Key> {
        self.blocks().filter(|it| self.limit < it.len()).map(|it| it[0].0).collect()
    }

    /// The records that have one of these keys.
    pub(crate) fn members_of(&self, keys: &HashSet<Key>) -> Vec<u32> {
        let wanted = self.entries.iter().filter(|it| keys.contains(&it.0));
        wanted.map(|it| it.1).collect()
    }

    /// Each pair of records that share a block and are `wanted`, once and in order.
    pub(crate) fn pairs(&self, wanted: &(dyn Fn(u32, u32) -> bool + Sync)) -> Vec<Pair> {
        let blocks: Vec<_> = self.blocks().filter(|it| it.len() <= self.limit).collect();
        let mut pairs: Vec<u64> = blocks
            .par_iter()
            .flat_map_iter(|block| {
                block.iter().enumerate().flat_map(move |(place, (_, a))| {
                    let later = block[place + 1..].iter().map(|it| it.1);
                    let wanted = later.filter(move |b| wanted(*a, *b));
                    wanted.map(move |b| u64::from(*a) << 32 | u64::from(b))
                })
            })
            .collect();
        pairs.par_sort_unstable();
        pairs.dedup();
        pairs.into_iter().map(|it| ((it >> 32) as u32, it as u32)).collect()
    }
}

/// The keys that more than `size` records have.
pub(crate) fn common(keys: impl Iterator<Item = Key>, size: u32) -> HashSet<Key> {
    let mut all: Vec<Key> = keys.collect();
    all.par_sort_unstable();
    let blocks = all.chunk_by(|a, b| a == b);
    blocks.filter(|it| (size as usize) < it.len()).map(|it| it[0]).collect()
}
