//! Affinity: which trade labels are two words for one business, learned from the records themselves.
//!
//! Agencies sort trades into lists of their own: "Jasa boga" in one is "Warung makan" in another. In pairs that
//! are surely one enterprise the labels of the two sides go together more often than by chance; how much more,
//! in bits, is what a pair of labels says for any other pair of records.

use std::fmt;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// How much oftener than by chance two labels go together in one enterprise. Part of the frozen model.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Affinity {
    /// Hashes of the labels, in order.
    pub labels: Vec<u64>,
    /// Bits for each pair of labels, row by row; a label's row holds those before it and itself.
    pub bits: Vec<f32>,
    /// Bits for two equal labels that are too rare to be learned.
    pub itself: f32,
}

impl fmt::Debug for Affinity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Affinity({} labels)", self.labels.len())
    }
}

/// A label that the model does not know.
const UNKNOWN: u16 = u16::MAX;
/// From here on, a label that is too rare to be learned.
const RARE: u16 = 1 << 15;
/// How many labels are learned at most: the most frequent.
const MOST_LABELS: usize = 300;
/// A label in fewer pairs is not learned.
const LEAST_PAIRS: f64 = 8.0;
/// Imagined pairs at the expected frequency behind what was counted.
const IMAGINED: f64 = 2.0;

/// Labels of one side of a pair: the trade column's and that of the trade word in the name; 0 for none.
pub(crate) type Labels = [u64; 2];

/// Counts labels that go together.
#[derive(Default)]
pub(crate) struct Counter {
    pairs: FxHashMap<(u64, u64), f64>,
}

impl Counter {
    /// Counts a pair of records that is one enterprise with this probability.
    pub(crate) fn add(&mut self, a: Labels, b: Labels, probability: f64) {
        for (x, y) in combinations(a, b) {
            *self.pairs.entry((x.min(y), x.max(y))).or_default() += probability;
        }
    }

    /// What was learned.
    pub(crate) fn learned(self) -> Affinity {
        let mut counts: FxHashMap<u64, f64> = FxHashMap::default();
        let mut sorted: Vec<((u64, u64), f64)> = self.pairs.into_iter().collect();
        sorted.sort_by_key(|it| it.0);
        for ((x, y), count) in &sorted {
            *counts.entry(*x).or_default() += count;
            *counts.entry(*y).or_default() += count;
        }
        let mut frequent: Vec<(u64, f64)> =
            counts.into_iter().filter(|it| LEAST_PAIRS <= it.1).collect();
        frequent.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        frequent.truncate(MOST_LABELS);
        frequent.sort_by_key(|it| it.0);
        let labels: Vec<u64> = frequent.iter().map(|it| it.0).collect();
        let place = |label: &u64| labels.binary_search(label).ok();
        let size = labels.len();
        let mut seen = vec![0.0; size * (size + 1) / 2];
        let mut all = 0.0;
        for ((x, y), count) in &sorted {
            if let (Some(x), Some(y)) = (place(x), place(y)) {
                seen[triangle(x, y)] += count;
                all += count;
            }
        }
        let mut of_label = vec![0.0; size];
        for x in 0..size {
            for y in 0..=x {
                of_label[x] += seen[triangle(x, y)];
                of_label[y] += seen[triangle(x, y)];
            }
        }
        let sides = f64::max(2.0 * all, 1.0);
        let expected = |x: usize, y: usize| {
            let ways = if x == y { 1.0 } else { 2.0 };
            all * of_label[x] / sides * of_label[y] / sides * ways
        };
        // A label goes with itself oftener than with others, whichever it is.
        let diagonal = (0..size).map(|it| (seen[triangle(it, it)], expected(it, it)));
        let (with_itself, by_chance) = diagonal.fold((1.0, 1.0), |a, b| (a.0 + b.0, a.1 + b.1));
        let itself = f64::max(with_itself / by_chance, 1.0);
        let mut bits = vec![0.0; seen.len()];
        for x in 0..size {
            for y in 0..=x {
                let usual = if x == y { itself } else { 1.0 };
                let ratio = (seen[triangle(x, y)] + IMAGINED * usual) / (expected(x, y) + IMAGINED);
                bits[triangle(x, y)] = ratio.log2() as f32;
            }
        }
        Affinity { labels, bits, itself: itself.log2() as f32 }
    }
}

/// The pairs of labels that are compared: column with column, and each column with the other's name; two names
/// are compared by themselves.
fn combinations(a: Labels, b: Labels) -> impl Iterator<Item = (u64, u64)> {
    let pairs = [(a[0], b[0]), (a[0], b[1]), (a[1], b[0])];
    pairs.into_iter().filter(|(x, y)| *x != 0 && *y != 0)
}

fn triangle(x: usize, y: usize) -> usize {
    let (less, more) = (x.min(y), x.max(y));
    more * (more + 1) / 2 + less
}

/// The labels of records by their numbers in an [`Affinity`].
#[derive(Default)]
pub(crate) struct Labelled {
    bits: Vec<f32>,
    of: Vec<[u16; 2]>,
    itself: f32,
}

impl Labelled {
    pub(crate) fn new(affinity: &Affinity, labels: impl Iterator<Item = Labels>) -> Labelled {
        if affinity.labels.is_empty() {
            return Labelled::default();
        }
        // Only the labels that occur are taken over, numbered as they come.
        let mut numbers: FxHashMap<u64, u16> = FxHashMap::default();
        let mut places: Vec<usize> = vec![];
        let mut number = |label: u64| match affinity.labels.binary_search(&label) {
            Ok(place) => *numbers.entry(label).or_insert_with(|| {
                places.push(place);
                (places.len() - 1) as u16
            }),
            Err(_) => UNKNOWN,
        };
        // A label that is not learned keeps a few bits of its hash, to be found equal by.
        let of = labels.map(|it| match it.map(&mut number) {
            [UNKNOWN, named] if it[0] != 0 => [RARE | (it[0] >> 49) as u16, named],
            known => known,
        });
        let of = of.collect();
        let rows = places.iter().enumerate();
        let bits = rows.flat_map(|(row, x)| places[..=row].iter().map(move |y| (*x, *y)));
        let bits = bits.map(|(x, y)| affinity.bits[triangle(x, y)]).collect();
        Labelled { bits, of, itself: affinity.itself }
    }

    /// Reads a little of each of these records.
    pub(crate) fn touch(&self, records: &[u32]) {
        if !self.of.is_empty() {
            let sum = records.iter().fold(0, |sum, it| sum ^ self.of[*it as usize][0]);
            std::hint::black_box(sum);
        }
    }

    /// Bits for two records together; `None` when no label of theirs is known on both sides.
    pub(crate) fn bits(&self, a: usize, b: usize) -> Option<f32> {
        let (a, b) = (self.of.get(a)?, self.of.get(b)?);
        let mut found = None;
        if RARE <= a[0] && a[0] == b[0] && a[0] != UNKNOWN {
            return Some(self.itself);
        }
        for (x, y) in [(a[0], b[0]), (a[0], b[1]), (a[1], b[0])] {
            if x < RARE && y < RARE {
                let bits = self.bits[triangle(x.into(), y.into())];
                found = Some(found.unwrap_or(0.0) + bits);
            }
        }
        found
    }
}
