//! Keys: what a record is blocked under, and which keys are too common.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::corpus::Corpus;
use crate::model::Model;
use crate::plan::Part;
use crate::text::mix;

/// A blocking key: a hash of what is shared.
pub(crate) type Key = u64;

/// Which keys are too common to block alone, and which not even with a second; the latter are not known before
/// training has counted them.
#[derive(Debug, Clone, Default)]
pub(crate) struct StopKeys {
    pub(super) alone: FxHashSet<Key>,
    pub(super) refined: Option<FxHashSet<Key>>,
}

impl StopKeys {
    /// Those of a model.
    pub(crate) fn of(model: &Model) -> StopKeys {
        StopKeys {
            alone: model.stop_keys.iter().copied().collect(),
            refined: Some(model.refined_stop_keys.iter().copied().collect()),
        }
    }

    /// Writes them into a model.
    pub(super) fn freeze(self, model: &mut Model) {
        let sorted = |of: FxHashSet<Key>| {
            let mut keys: Vec<Key> = of.into_iter().collect();
            keys.par_sort_unstable();
            keys
        };
        model.stop_keys = sorted(self.alone);
        model.refined_stop_keys = sorted(self.refined.unwrap_or_default());
    }
}

/// Finds the keys of one record after the other.
pub(super) struct Finder<'a> {
    corpus: &'a Corpus<'a>,
    stop: &'a StopKeys,
    firsts: Vec<Key>,
    seconds: Vec<u64>,
    /// The keys of the records of a chunk, to be used again for the next.
    found: Vec<Key>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(corpus: &'a Corpus, stop: &'a StopKeys) -> Finder<'a> {
        Finder { corpus, stop, firsts: vec![], seconds: vec![], found: vec![] }
    }

    /// Adds the keys of a record, each once, stop keys replaced by keys that have a second part.
    ///
    /// Copies of one row share every key, so where there are many, all their keys are stop keys. A record that
    /// keeps no other key has one for everything it says.
    pub(super) fn add(&mut self, record: usize, keys: &mut Vec<Key>) {
        let Finder { corpus, stop, firsts, seconds, .. } = self;
        firsts.clear();
        for (kind, parts) in corpus.plan.keys.iter().enumerate() {
            combine(corpus, record, parts, mix(kind as u64 + 1), firsts);
        }
        firsts.sort_unstable();
        firsts.dedup();
        if stop.alone.is_empty() {
            keys.append(firsts);
            return;
        }
        let is_stop = |key: &Key| stop.refined.as_ref().is_some_and(|it| it.contains(key));
        let before = keys.len();
        seconds.clear();
        for key in &*firsts {
            if !stop.alone.contains(key) {
                keys.push(*key);
                continue;
            }
            if seconds.is_empty() {
                for (kind, part) in corpus.plan.refine.iter().enumerate() {
                    let mut add = |value| seconds.push(mix(value ^ mix(kind as u64)));
                    part.each(corpus.features, record, &mut add);
                }
                seconds.sort_unstable();
                seconds.dedup();
            }
            let refined = seconds.iter().map(|it| mix(key.wrapping_mul(3) ^ it));
            keys.extend(refined.filter(|it| !is_stop(it)));
        }
        if keys.len() == before && stop.refined.is_some() && !firsts.is_empty() {
            keys.extend(Some(corpus.features.content(record)).filter(|it| !is_stop(it)));
        }
    }
}

/// The keys under which one record is blocked, in order.
pub(crate) fn keys_of(corpus: &Corpus, record: usize, stop: &StopKeys) -> Vec<Key> {
    let mut keys = vec![];
    Finder::new(corpus, stop).add(record, &mut keys);
    keys.sort_unstable();
    keys
}

/// How many copies of one row are compared with each other.
const MOST_COPIES: usize = 64;

/// The blocks of `records` that are alike in everything and have no key but that; the key of more copies than are
/// compared becomes a stop key.
pub(super) fn copies(corpus: &Corpus, records: Vec<u32>, stop: &mut StopKeys) -> Vec<Vec<u32>> {
    let known = &*stop;
    let of = |(finder, keys): &mut (Finder, Vec<Key>), record: u32| {
        keys.clear();
        finder.add(record as usize, keys);
        let content = corpus.features.content(record as usize);
        (*keys == [content]).then_some((content, record))
    };
    let entries = records.into_par_iter();
    let entries = entries.map_init(|| (Finder::new(corpus, known), vec![]), of);
    let mut entries: Vec<(Key, u32)> = entries.flatten().collect();
    entries.par_sort_unstable();
    let mut blocks = vec![];
    for block in entries.chunk_by(|a, b| a.0 == b.0).filter(|it| 1 < it.len()) {
        if MOST_COPIES < block.len() {
            stop.refined.get_or_insert_default().insert(block[0].0);
        } else {
            blocks.push(block.iter().map(|it| it.1).collect());
        }
    }
    blocks
}

/// Adds a key for every combination of the values that the parts have.
fn combine(corpus: &Corpus, record: usize, parts: &[Part], state: u64, keys: &mut Vec<Key>) {
    let Some((part, rest)) = parts.split_first() else {
        keys.push(state);
        return;
    };
    part.each(corpus.features, record, |value| {
        let state = mix(state ^ value.wrapping_add(0x9e37_79b9_7f4a_7c15));
        combine(corpus, record, rest, state, keys);
    });
}

/// The keys of all records in partitions, so that a part of them can be counted and sorted close to the
/// processor.
pub(super) struct Spread {
    chunks: Vec<Chunk>,
    /// How far a key is shifted to give the place where it is counted.
    shift: u32,
}

/// The keys of some records, partition after partition.
struct Chunk {
    keys: Vec<Key>,
    /// Which of the chunk's records has the key.
    rows: Vec<u16>,
    /// Where each partition begins, and the end.
    starts: Vec<u32>,
}

/// The highest bits of a key say in which partition it is.
const PARTITION_BITS: u32 = 8;

/// How many partitions there are.
pub(super) const PARTITIONS: usize = 1 << PARTITION_BITS;

/// How many records are handled by one thread at a time.
const CHUNK: usize = 8_192;

fn partition(key: Key) -> usize {
    (key >> (64 - PARTITION_BITS)) as usize
}

impl Chunk {
    fn new(finder: &mut Finder, records: std::ops::Range<usize>) -> Chunk {
        let (mut found, mut ends) =
            (std::mem::take(&mut finder.found), Vec::with_capacity(records.len()));
        found.clear();
        for record in records {
            finder.add(record, &mut found);
            ends.push(found.len());
        }
        let mut starts = vec![0_u32; PARTITIONS + 1];
        for key in &found {
            starts[partition(*key) + 1] += 1;
        }
        for index in 0..PARTITIONS {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let (mut keys, mut rows) = (vec![0; found.len()], vec![0; found.len()]);
        let mut start = 0;
        for (row, end) in ends.into_iter().enumerate() {
            for key in &found[start..end] {
                let place = &mut next[partition(*key)];
                (keys[*place as usize], rows[*place as usize]) = (*key, row as u16);
                *place += 1;
            }
            start = end;
        }
        finder.found = found;
        Chunk { keys, rows, starts }
    }
}

impl Spread {
    /// The keys under which records are blocked.
    pub(super) fn new(corpus: &Corpus, stop: &StopKeys) -> Spread {
        let chunks: Vec<Chunk> = (0..corpus.len().div_ceil(CHUNK))
            .into_par_iter()
            .map_init(
                || Finder::new(corpus, stop),
                |finder, chunk| {
                    let records = chunk * CHUNK..((chunk + 1) * CHUNK).min(corpus.len());
                    Chunk::new(finder, records)
                },
            )
            .collect();
        let count: usize = chunks.iter().map(|it| it.keys.len()).sum();
        let shift = 63 - (count * 2).max(1 << 10).ilog2();
        Spread { chunks, shift }
    }

    /// The keys of a partition and who has them, in the order of the records.
    pub(super) fn entries(&self, partition: usize) -> impl Iterator<Item = (Key, u32)> {
        self.chunks.iter().enumerate().flat_map(move |(number, chunk)| {
            let range = chunk.starts[partition] as usize..chunk.starts[partition + 1] as usize;
            let rows = chunk.rows[range.clone()].iter();
            let first = (number * CHUNK) as u32;
            chunk.keys[range]
                .iter()
                .zip(rows)
                .map(move |(key, row)| (*key, first + u32::from(*row)))
        })
    }

    /// How often the keys of a partition occur.
    pub(super) fn counts(&self, partition: usize) -> Counts {
        let slots = 1 << (64 - self.shift - PARTITION_BITS);
        let mut counts = Counts { counts: vec![0; slots], shift: self.shift };
        for chunk in &self.chunks {
            let range = chunk.starts[partition] as usize..chunk.starts[partition + 1] as usize;
            for key in &chunk.keys[range] {
                let slot = counts.slot(*key);
                counts.counts[slot] = counts.counts[slot].saturating_add(1);
            }
        }
        counts
    }

    /// The keys that more than `size` records have, at most 254.
    pub(super) fn common(&self, size: u8) -> FxHashSet<Key> {
        let of = |partition: usize| {
            let counts = self.counts(partition);
            let common = self.entries(partition).map(|it| it.0).filter(|it| size < counts.of(*it));
            common.collect::<FxHashSet<Key>>()
        };
        let found: Vec<_> = (0..PARTITIONS).into_par_iter().map(of).collect();
        found.into_iter().flatten().collect()
    }
}

/// How often keys occur, by a hash of theirs: a rare key can be taken for a common one, but not the reverse.
pub(super) struct Counts {
    counts: Vec<u8>,
    shift: u32,
}

impl Counts {
    fn slot(&self, key: Key) -> usize {
        (key >> self.shift) as usize & (self.counts.len() - 1)
    }

    /// How often this key occurs at most, 255 standing for more.
    pub(super) fn of(&self, key: Key) -> u8 {
        self.counts[self.slot(key)]
    }
}
