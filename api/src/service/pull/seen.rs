//! What a pull has seen, as two digests: of all its rows, and of those that the next pull will see again because it
//! begins behind the watermark. A pull that brings no more than that need not be kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::sources::Overlap;
use crate::connect::Mark;
use crate::sealing::Sealer;

/// Marks kept at once before those out of reach are dropped.
const MARKS: usize = 1 << 14;

/// A digest of rows whatever their order: how many they are, and the sum of their keyed digests.
#[derive(Debug, Clone, Copy, Default)]
struct Sum(u64, u128);

impl Sum {
    fn add(&mut self, other: Sum) {
        self.0 += other.0;
        self.1 = self.1.wrapping_add(other.1);
    }

    fn text(self) -> String {
        format!("{}-{:032x}", self.0, self.1)
    }
}

/// How many rows a digest is of.
pub(super) fn rows_of(digest: &str) -> u64 {
    digest.split('-').next().and_then(|it| it.parse().ok()).unwrap_or(0)
}

pub(super) struct Seen {
    sealer: Arc<Sealer>,
    overlap: Overlap,
    last: Option<Mark>,
    /// Before it the next pull does not look.
    floor: Option<Mark>,
    all: Sum,
    unmarked: Sum,
    marked: BTreeMap<Mark, Sum>,
    room: usize,
}

impl Seen {
    pub(super) fn new(sealer: Arc<Sealer>, overlap: Overlap) -> Seen {
        let (all, unmarked) = (Sum::default(), Sum::default());
        let marked = BTreeMap::new();
        Seen { sealer, overlap, last: None, floor: None, all, unmarked, marked, room: MARKS }
    }

    pub(super) fn add(&mut self, mark: Option<Mark>, row: &[String]) {
        let cells: Vec<&[u8]> = row.iter().map(String::as_bytes).collect();
        let digest = self.sealer.name(&cells);
        let half: [u8; 16] = std::array::from_fn(|it| digest[it]);
        let sum = Sum(1, u128::from_le_bytes(half));
        self.all.add(sum);
        let Some(mark) = mark else { return self.unmarked.add(sum) };
        if self.last.as_ref().is_none_or(|it| *it < mark) {
            self.last = Some(mark.clone());
            self.floor = Some(mark.minus(self.overlap));
        }
        if self.floor.as_ref().is_none_or(|it| *it <= mark) {
            self.marked.entry(mark).or_default().add(sum);
        }
        if self.room < self.marked.len() {
            self.drop_out_of_reach();
            self.room = MARKS.max(2 * self.marked.len());
        }
    }

    fn drop_out_of_reach(&mut self) {
        if let Some(floor) = &self.floor {
            self.marked = self.marked.split_off(floor);
        }
    }

    /// How many rows there were.
    pub(super) fn rows(&self) -> u64 {
        self.all.0
    }

    /// The greatest watermark.
    pub(super) fn last(&self) -> Option<&Mark> {
        self.last.as_ref()
    }

    /// The digest of all rows.
    pub(super) fn all(&self) -> String {
        self.all.text()
    }

    /// The digest of what the next pull sees if nothing changes.
    pub(super) fn next(&self) -> String {
        let mut sum = self.unmarked;
        for (mark, of) in &self.marked {
            if self.floor.as_ref().is_none_or(|it| it <= mark) {
                sum.add(*of);
            }
        }
        sum.text()
    }
}
