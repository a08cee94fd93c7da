//! Blocking: which pairs of records are worth comparing.
//!
//! A record has many keys; records that share one are candidates. A key that many records share (a stop
//! key, frozen in the model) blocks only together with a second. Nothing here depends on the order of
//! the records.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::corpus::Corpus;
use crate::model::Model;
use crate::plan::Part;
use crate::text::mix;

/// A blocking key: a hash of what is shared.
pub(crate) type Key = u64;

/// A pair of positions in the corpus, the lesser first.
pub(crate) type Pair = (u32, u32);

/// Which keys are too common to block alone, and which not even with a second.
#[derive(Debug, Clone, Default)]
pub(crate) struct StopKeys {
    alone: FxHashSet<Key>,
    refined: FxHashSet<Key>,
}

impl StopKeys {
    /// Those of a model.
    pub(crate) fn of(model: &Model) -> StopKeys {
        StopKeys {
            alone: model.stop_keys.iter().copied().collect(),
            refined: model.refined_stop_keys.iter().copied().collect(),
        }
    }
}

/// The keys of every record, in one piece of memory.
pub(crate) struct Keys {
    keys: Vec<Key>,
    starts: Vec<usize>,
}

/// Into how many parts the buckets are divided.
const PARTS: usize = 2;

/// How many records are handled by one thread at a time.
const CHUNK: usize = 8_192;

impl Keys {
    fn each(corpus: &Corpus, of: impl Fn(usize, &mut Vec<Key>) + Sync) -> Keys {
        let chunks: Vec<(Vec<Key>, Vec<u32>)> = (0..corpus.len().div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let records = chunk * CHUNK..((chunk + 1) * CHUNK).min(corpus.len());
                let (mut all, mut counts) = (vec![], Vec::with_capacity(records.len()));
                let mut keys = vec![];
                for record in records {
                    keys.clear();
                    of(record, &mut keys);
                    keys.sort_unstable();
                    keys.dedup();
                    all.extend_from_slice(&keys);
                    counts.push(keys.len() as u32);
                }
                (all, counts)
            })
            .collect();
        let mut starts = Vec::with_capacity(corpus.len() + 1);
        starts.push(0);
        let mut end = 0;
        for count in chunks.iter().flat_map(|it| &it.1) {
            end += *count as usize;
            starts.push(end);
        }
        let mut keys = Vec::with_capacity(end);
        for (chunk, _) in chunks {
            keys.extend_from_slice(&chunk);
        }
        Keys { keys, starts }
    }

    /// The keys under which records are blocked.
    fn new(corpus: &Corpus, stop: &StopKeys) -> Keys {
        Keys::each(corpus, |record, keys| {
            firsts(corpus, record, keys);
            refine(corpus, record, keys, stop);
        })
    }

    fn of(&self, record: usize) -> &[Key] {
        &self.keys[self.starts[record]..self.starts[record + 1]]
    }

    /// The keys that more than `size` records have.
    fn common(&self, size: u32) -> FxHashSet<Key> {
        // Counted by a hash, so that a rare key can be taken for a common one, but not the reverse.
        let shift = 63 - (self.keys.len() * 2).max(1 << 10).ilog2();
        let mut counts = vec![0_u8; 1 << (64 - shift)];
        let part = counts.len() / PARTS;
        counts.par_chunks_mut(part).enumerate().for_each(|(number, counts)| {
            let first = number * part;
            for key in &self.keys {
                if let Some(count) = counts.get_mut(((key >> shift) as usize).wrapping_sub(first)) {
                    *count = count.saturating_add(1);
                }
            }
        });
        let size = size.min(254);
        let common = |key: &&Key| size < u32::from(counts[(**key >> shift) as usize]);
        let found: Vec<Key> = self.keys.par_iter().filter(common).copied().collect();
        found.into_iter().collect()
    }

    /// The same with stop keys replaced by refined ones.
    fn refined(&self, corpus: &Corpus, stop: &StopKeys) -> Keys {
        Keys::each(corpus, |record, keys| {
            keys.extend_from_slice(self.of(record));
            refine(corpus, record, keys, stop);
        })
    }

    /// The same without these.
    fn without(mut self, gone: &FxHashSet<Key>) -> Keys {
        if gone.is_empty() {
            return self;
        }
        let mut kept = 0;
        for record in 0..self.starts.len() - 1 {
            let (start, end) = (self.starts[record], self.starts[record + 1]);
            self.starts[record] = kept;
            for place in start..end {
                let key = self.keys[place];
                self.keys[kept] = key;
                kept += usize::from(!gone.contains(&key));
            }
        }
        self.keys.truncate(kept);
        if let Some(end) = self.starts.last_mut() {
            *end = kept;
        }
        self
    }
}

/// The keys under which one record is blocked, in order.
pub(crate) fn keys_of(corpus: &Corpus, record: usize, stop: &StopKeys) -> Vec<Key> {
    let mut keys = vec![];
    firsts(corpus, record, &mut keys);
    refine(corpus, record, &mut keys, stop);
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn firsts(corpus: &Corpus, record: usize, keys: &mut Vec<Key>) {
    for (kind, parts) in corpus.plan.keys.iter().enumerate() {
        combine(corpus, record, parts, mix(kind as u64 + 1), keys);
    }
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

/// Replaces stop keys by keys that have a second part.
fn refine(corpus: &Corpus, record: usize, keys: &mut Vec<Key>, stop: &StopKeys) {
    let stopped = keys.iter().filter(|it| stop.alone.contains(it)).count();
    if stopped == 0 {
        return;
    }
    let mut seconds = Vec::with_capacity(16);
    for (kind, part) in corpus.plan.refine.iter().enumerate() {
        part.each(corpus.features, record, |value| seconds.push(mix(value ^ mix(kind as u64))));
    }
    let mut kept = Vec::with_capacity(keys.len() + stopped * seconds.len());
    for key in keys.iter() {
        if stop.alone.contains(key) {
            let refined = seconds.iter().map(|it| mix(key.wrapping_mul(3) ^ it));
            kept.extend(refined.filter(|it| !stop.refined.contains(it)));
        } else {
            kept.push(*key);
        }
    }
    *keys = kept;
}

impl StopKeys {
    /// Writes them into a model.
    fn freeze(self, model: &mut Model) {
        let sorted = |of: FxHashSet<Key>| {
            let mut keys: Vec<Key> = of.into_iter().collect();
            keys.par_sort_unstable();
            keys
        };
        model.stop_keys = sorted(self.alone);
        model.refined_stop_keys = sorted(self.refined);
    }
}

/// Every record under each of its keys.
pub(crate) struct Blocks {
    keys: Keys,
    /// Where each bucket of keys begins in `entries`.
    starts: Vec<u32>,
    /// The low half of a key and a record that has it; a bucket holds few keys.
    entries: Vec<(u32, u32)>,
    shift: u32,
    limit: usize,
    /// Keys whose blocks are left out for their size.
    capped: FxHashSet<Key>,
}

impl Blocks {
    /// Blocks all records; blocks above the model's limit will give no pairs.
    pub(crate) fn new(corpus: &Corpus, model: &Model) -> Blocks {
        Blocks::of(
            Keys::new(corpus, &StopKeys::of(model)),
            corpus.len(),
            model.settings.block_limit,
        )
    }

    /// Blocks the records that a model is trained on, finding its stop keys.
    pub(crate) fn first(corpus: &Corpus, model: &mut Model) -> Blocks {
        let size = model.settings.block_size;
        let mut stop = StopKeys::default();
        let keys = Keys::new(corpus, &stop);
        stop.alone = keys.common(size);
        let keys = keys.refined(corpus, &stop);
        stop.refined = keys.common(size);
        let keys = keys.without(&stop.refined);
        stop.freeze(model);
        Blocks::of(keys, corpus.len(), model.settings.block_limit)
    }

    fn of(keys: Keys, records: usize, limit: u32) -> Blocks {
        let bits = (keys.keys.len() / 2).max(1 << 8).ilog2() + 1;
        let shift = 64 - bits;
        let bucket = |key: Key| (key >> shift) as usize;
        let mut starts = vec![0_u32; (1 << bits) + 1];
        let part = (1 << bits) / PARTS;
        // Each part of the buckets is counted and filled by one thread, which passes over all keys.
        starts[1..].par_chunks_mut(part).enumerate().for_each(|(number, counts)| {
            let first = number * part;
            for key in &keys.keys {
                if let Some(count) = counts.get_mut(bucket(*key).wrapping_sub(first)) {
                    *count += 1;
                }
            }
        });
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut entries = vec![(0, 0); keys.keys.len()];
        let mut rest = entries.as_mut_slice();
        let mut parts = vec![];
        for number in 0..PARTS {
            let (first, end) = (number * part, (number + 1) * part);
            let length = (starts[end] - starts[first]) as usize;
            let (own, others) = rest.split_at_mut(length);
            parts.push((first, &starts[first..end], own));
            rest = others;
        }
        parts.into_par_iter().for_each(|(first, starts, own)| {
            let begin = starts[0];
            let mut next: Vec<u32> = starts.iter().map(|it| it - begin).collect();
            for record in 0..records {
                for key in keys.of(record) {
                    if let Some(place) = next.get_mut(bucket(*key).wrapping_sub(first)) {
                        own[*place as usize] = (*key as u32, record as u32);
                        *place += 1;
                    }
                }
            }
        });
        let limit = limit as usize;
        let mut blocks =
            Blocks { keys, starts, entries, shift, limit, capped: FxHashSet::default() };
        blocks.capped = blocks.too_large();
        blocks
    }

    fn bucket(&self, key: Key) -> &[(u32, u32)] {
        let bucket = (key >> self.shift) as usize;
        &self.entries[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }

    fn too_large(&self) -> FxHashSet<Key> {
        let large = |key: &&Key| {
            let bucket = self.bucket(**key);
            self.limit < bucket.len()
                && self.limit < bucket.iter().filter(|it| it.0 == **key as u32).count()
        };
        // A bucket that is large is looked at once for each of its records only where it is large at all.
        let mut seen = FxHashSet::default();
        let fresh = |key: &&Key| self.limit < self.bucket(**key).len() && seen.insert(**key);
        self.keys.keys.iter().filter(fresh).filter(large).copied().collect()
    }

    /// How many blocks are left out for their size.
    pub(crate) fn capped(&self) -> usize {
        self.capped.len()
    }

    /// The other records that share a block with this one, each once: those of lesser position, or all.
    pub(crate) fn partners<'a>(
        &self,
        record: usize,
        which: Which,
        search: &'a mut Search,
    ) -> &'a [u32] {
        let Search { ranges, found } = search;
        found.clear();
        ranges.clear();
        // Memory answers many questions at once faster than one after the other, so first all buckets are
        // looked up, then the first entry of each, then the rest.
        for key in self.keys.of(record) {
            let bucket = (key >> self.shift) as usize;
            ranges.push((self.starts[bucket] as usize, self.starts[bucket + 1] as usize, *key));
        }
        ranges.retain(|it| it.0 + 1 < it.1);
        let touched = ranges.iter().fold(0, |sum, it| sum ^ self.entries[it.0].1);
        std::hint::black_box(touched);
        for (start, end, key) in ranges.iter() {
            if !self.capped.is_empty() && self.capped.contains(key) {
                continue;
            }
            for (tag, other) in &self.entries[*start..*end] {
                if which == Which::Before && record as u32 <= *other {
                    break;
                }
                if *tag == *key as u32 && *other != record as u32 {
                    found.push(*other);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether two records share a block.
    pub(crate) fn proposes(&self, (a, b): Pair) -> bool {
        let (one, two) = (self.keys.of(a as usize), self.keys.of(b as usize));
        let mut shared = one.iter().filter(|it| two.binary_search(it).is_ok());
        shared.any(|it| !self.capped.contains(it))
    }
}

/// Which of a record's partners are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of lesser position, so that each pair is met once.
    Before,
    /// All.
    All,
}

/// What looking for partners needs, to be used again for the next record.
#[derive(Default)]
pub(crate) struct Search {
    ranges: Vec<(usize, usize, Key)>,
    found: Vec<u32>,
}
