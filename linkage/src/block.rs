//! Blocking: which pairs of records are worth comparing.
//!
//! A record has many keys; records that share one are candidates. A key that many records share (a stop
//! key, frozen in the model) blocks only together with a second. Nothing here depends on the order of
//! the records.

use rayon::prelude::*;

use crate::corpus::Corpus;
use crate::model::Model;

use keys::{PARTITIONS, Spread, copies};

pub(crate) use keys::{Key, StopKeys, keys_of};

mod keys;

/// A pair of positions in the corpus, the lesser first.
pub(crate) type Pair = (u32, u32);

/// The bit that marks a record as the first of its block, and the place of such a record.
const FIRST: u32 = 1 << 31;

/// Into how many parts the records are divided when their places are noted.
const PARTS: usize = 2;

/// The blocks of two records and more, and where in them each record stands.
pub(crate) struct Blocks {
    /// Block after block, each in order; the first record of each is marked.
    members: Vec<u32>,
    /// Where each record's places begin.
    starts: Vec<u32>,
    /// The places of each record in `members`, marked where it is the first of the block.
    places: Vec<u32>,
    /// How many blocks are left out for their size.
    capped: usize,
}

impl Blocks {
    /// Blocks all records; blocks above the model's limit will give no pairs.
    pub(crate) fn new(corpus: &Corpus, model: &Model) -> Blocks {
        let keys = Spread::new(corpus, &StopKeys::of(model));
        let (members, capped) = grouped(&keys, u8::MAX, model.settings.block_limit);
        Blocks::of(members, capped, corpus.len())
    }

    /// Blocks the records that a model is trained on, finding its stop keys.
    pub(crate) fn first(corpus: &Corpus, model: &mut Model) -> Blocks {
        let size = model.settings.block_size.min(254) as u8;
        let mut stop = StopKeys::default();
        stop.alone = Spread::new(corpus, &stop).common(size);
        let keys = Spread::new(corpus, &stop);
        stop.refined = Some(keys.common(size));
        let (mut members, capped) = grouped(&keys, size, model.settings.block_limit);
        drop(keys);
        let mut is_met = vec![false; corpus.len()];
        members.iter().for_each(|it| is_met[(it & !FIRST) as usize] = true);
        let alone = (0..corpus.len() as u32).filter(|it| !is_met[*it as usize]).collect();
        for block in copies(corpus, alone, &mut stop) {
            members.push(block[0] | FIRST);
            members.extend(&block[1..]);
        }
        stop.freeze(model);
        Blocks::of(members, capped, corpus.len())
    }

    fn of(members: Vec<u32>, capped: usize, records: usize) -> Blocks {
        let (starts, places) = places(&members, records);
        Blocks { members, starts, places, capped }
    }

    /// How many blocks are left out for their size.
    pub(crate) fn capped(&self) -> usize {
        self.capped
    }

    fn places_of(&self, record: usize) -> &[u32] {
        &self.places[self.starts[record] as usize..self.starts[record + 1] as usize]
    }

    /// The records of lesser position in the block in which a record has this place, the nearest first.
    fn before(&self, place: u32) -> impl Iterator<Item = u32> {
        let mut place = place;
        std::iter::from_fn(move || {
            (place & FIRST == 0).then(|| {
                let member = self.members[place as usize - 1];
                place = (place - 1) | member & FIRST;
                member & !FIRST
            })
        })
    }

    /// The records of greater position in the block in which a record has this place.
    fn after(&self, place: u32) -> impl Iterator<Item = u32> {
        let rest = &self.members[(place & !FIRST) as usize + 1..];
        rest.iter().copied().take_while(|it| it & FIRST == 0)
    }

    /// The other records that share a block with this one, each once: those of lesser position, or all.
    pub(crate) fn partners<'a>(
        &self,
        record: usize,
        which: Which,
        found: &'a mut Search,
    ) -> &'a [u32] {
        let Search(found) = found;
        found.clear();
        let places = self.places_of(record);
        // Memory answers many questions at once faster than one after the other, so first a member of each block
        // is looked up, then the rest.
        let touched = places.iter().filter(|it| **it & FIRST == 0);
        let touched = touched.fold(0, |sum, it| sum ^ self.members[*it as usize]);
        std::hint::black_box(touched);
        for place in places {
            found.extend(self.before(*place));
            if which == Which::All {
                found.extend(self.after(*place));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether two records share a block.
    pub(crate) fn proposes(&self, (a, b): Pair) -> bool {
        self.places_of(b as usize).iter().any(|it| self.before(*it).any(|it| it == a))
    }
}

/// The blocks under the keys that occur no more often than `most`, as [`Blocks`] holds them, and how many are left
/// out because they have more than `limit` records.
fn grouped(keys: &Spread, most: u8, limit: u32) -> (Vec<u32>, usize) {
    let built: Vec<(Vec<u32>, usize)> = (0..PARTITIONS)
        .into_par_iter()
        .map(|partition| {
            let counts = keys.counts(partition);
            let entries = keys.entries(partition);
            let mut entries: Vec<(Key, u32)> =
                entries.filter(|it| (2..=most).contains(&counts.of(it.0))).collect();
            entries.sort_unstable();
            let (mut members, mut capped) = (Vec::with_capacity(entries.len()), 0);
            for block in entries.chunk_by(|a, b| a.0 == b.0).filter(|it| 1 < it.len()) {
                if (limit as usize) < block.len() {
                    capped += 1;
                    continue;
                }
                members.push(block[0].1 | FIRST);
                members.extend(block[1..].iter().map(|it| it.1));
            }
            (members, capped)
        })
        .collect();
    let (members, capped): (Vec<_>, Vec<usize>) = built.into_iter().unzip();
    (members.concat(), capped.iter().sum())
}

/// Where each of `records` stands among the members of blocks: where its places begin, and the places.
fn places(members: &[u32], records: usize) -> (Vec<u32>, Vec<u32>) {
    assert!(members.len() < FIRST as usize, "more members of blocks than can be numbered");
    let part = records.div_ceil(PARTS).max(1);
    let mut starts = vec![0_u32; records + 1];
    // Each part of the records is counted and filled by one thread, which passes over all members.
    starts[1..].par_chunks_mut(part).enumerate().for_each(|(number, counts)| {
        for member in members {
            let record = (member & !FIRST) as usize;
            if let Some(count) = counts.get_mut(record.wrapping_sub(number * part)) {
                *count += 1;
            }
        }
    });
    for record in 0..records {
        starts[record + 1] += starts[record];
    }
    let mut places = vec![0; members.len()];
    let mut rest = places.as_mut_slice();
    let parts: Vec<_> = (0..records)
        .step_by(part)
        .map(|first| {
            let end = (first + part).min(records);
            let length = (starts[end] - starts[first]) as usize;
            let (own, others) = std::mem::take(&mut rest).split_at_mut(length);
            rest = others;
            (first, &starts[first..end], own)
        })
        .collect();
    parts.into_par_iter().for_each(|(first, starts, own)| {
        let mut next: Vec<u32> = starts.iter().map(|it| it - starts[0]).collect();
        for (place, member) in members.iter().enumerate() {
            let record = (member & !FIRST) as usize;
            if let Some(next) = next.get_mut(record.wrapping_sub(first)) {
                own[*next as usize] = place as u32 | member & FIRST;
                *next += 1;
            }
        }
    });
    (starts, places)
}

/// Which of a record's partners are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of lesser position, so that each pair is met once.
    Before,
    /// All.
    All,
}

/// Room for the partners of a record, to be used again for the next.
#[derive(Default)]
pub(crate) struct Search(Vec<u32>);
