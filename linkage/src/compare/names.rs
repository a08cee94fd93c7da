//! Names against each other: a person's, a business's, a street's, any text's.

use std::cmp::Ordering;

use super::Scale;
use super::words::{Matched, matched};
use crate::corpus::Corpus;
use crate::features::{NAMED, Word};

/// Two lists of words and what is needed to weigh what they share.
pub(super) struct Names<'a> {
    pub(super) corpus: &'a Corpus<'a>,
    pub(super) records: [usize; 2],
    /// The cell of the list.
    pub(super) at: usize,
    /// Its number among the lists.
    pub(super) list: usize,
}

impl Names<'_> {
    fn lists(&self) -> [&[Word]; 2] {
        self.records.map(|it| self.corpus.features.words(it, self.at))
    }

    fn matched(&self, lists: [&[Word]; 2], discounted: [u16; 2]) -> Matched {
        let Corpus { features, bits, scale, .. } = self.corpus;
        matched(&features.vocabulary, &bits[self.list], lists, scale.near_loss, discounted)
    }

    /// Bits of surprise when an unrelated record has exactly the words of the one or the other.
    fn phrase_bits(&self) -> [f32; 2] {
        self.records.map(|it| self.corpus.phrase_bits(it, self.list))
    }

    /// Six levels: what is left over on neither, on one, on both sides.
    pub(super) fn person(&self) -> (u8, f32) {
        let lists = self.lists();
        if lists.iter().any(|it| it.is_empty()) {
            return (0, 0.0);
        }
        let found = self.matched(lists, [0; 2]);
        if found.exact + found.near == 0 {
            return (6, 0.0);
        }
        let level =
            match (found.left_over_a.min(found.left_over_b), found.left_over_a + found.left_over_b)
            {
                (_, 0) if found.near == 0 => 1,
                (_, 0) => 2,
                (0, _) if found.near == 0 => 3,
                (0, _) => 4,
                _ => 5,
            };
        (level, worth(&found, lists, self.phrase_bits(), &self.corpus.scale))
    }

    pub(super) fn text(&self) -> (u8, f32) {
        let lists = self.lists();
        if lists.iter().any(|it| it.is_empty()) {
            return (0, 0.0);
        }
        self.brand_level(lists, [0; 2])
    }

    pub(super) fn brand(&self, cells: [&[u32]; 2]) -> (u8, f32) {
        let lists = self.lists();
        if lists.iter().any(|it| it.is_empty()) {
            return (0, 0.0);
        }
        match self.brand_level(lists, [0; 2]) {
            // A business called after its owner is not called otherwise; the owner is.
            (5, _) if no_brand(cells[0], lists[0]) || no_brand(cells[1], lists[1]) => (0, 0.0),
            found => found,
        }
    }

    pub(super) fn brand_of_owner(&self, cells: [&[u32]; 2]) -> (u8, f32) {
        if cells.iter().any(|it| it[1] & NAMED == 0) {
            return (0, 0.0);
        }
        let lists = self.lists();
        match (no_brand(cells[0], lists[0]), no_brand(cells[1], lists[1])) {
            (false, false) => match self.brand_level(lists, cells.map(|it| it[1] as u16)) {
                (5, _) => (7, 0.0),
                found => found,
            },
            (first, second) => {
                let found = self.matched(lists, [0; 2]);
                match (found.left_over_a.min(found.left_over_b), first && second) {
                    (0, _) => (5, 0.0),
                    (_, true) => (7, 0.0),
                    _ => (6, 0.0),
                }
            }
        }
    }

    /// Levels 1 to 4 as the words agree, 5 when they do not.
    fn brand_level(&self, lists: [&[Word]; 2], discounted: [u16; 2]) -> (u8, f32) {
        let found = self.matched(lists, discounted);
        let whole = if discounted == [0; 2] { self.phrase_bits() } else { [f32::INFINITY; 2] };
        let worth = worth(&found, lists, whole, &self.corpus.scale);
        match (found.left_over_a.min(found.left_over_b), found.left_over_a + found.left_over_b) {
            _ if found.informative == 0 => (5, 0.0),
            (_, 0) if found.near == 0 => (1, worth),
            (_, 0) => (2, worth),
            (0, _) => (3, worth),
            _ => (4, worth),
        }
    }

    pub(super) fn street(&self, [one, two]: [&[u32]; 2]) -> (u8, f32) {
        let lists = self.lists();
        if lists.iter().any(|it| it.is_empty()) {
            return (0, 0.0);
        }
        let found = self.matched(lists, [0; 2]);
        if found.exact + found.near == 0 {
            return (5, 0.0);
        }
        let scale = &self.corpus.scale;
        let worth = worth(&found, lists, self.phrase_bits(), scale);
        if 0 < found.left_over_a.min(found.left_over_b) {
            return (4, worth);
        }
        let numbers = one[1] != 0 && two[1] != 0;
        let blocks = one[2] != 0 && two[2] != 0;
        if (blocks && one[2] != two[2]) || (numbers && one[1] != two[1]) {
            return (3, worth);
        }
        match u8::from(blocks) + u8::from(numbers) {
            0 => (2, worth),
            agreeing => (1, worth + f32::from(agreeing) * scale.number_bits),
        }
    }
}

/// Whether a business name holds no distinctive word beside the owner's name.
fn no_brand(cells: &[u32], words: &[Word]) -> bool {
    let all = (1_u32 << words.len()) - 1;
    cells[1] & all == all
}

/// The bits of the matched words: the rarest counts in full, the rest in part, for words of one name go
/// together; never more than the shorter list is rare as a whole. Taken off is that any of the words might
/// have been the ones to match.
fn worth(found: &Matched, lists: [&[Word]; 2], phrase_bits: [f32; 2], scale: &Scale) -> f32 {
    let rest = (found.bits - found.top_bits).max(0.0);
    let longer = lists[0].len().max(lists[1].len()).min(8);
    let ways = WAYS[longer][usize::from(found.exact + found.near).min(longer)];
    let whole = match lists[0].len().cmp(&lists[1].len()) {
        Ordering::Less => phrase_bits[0],
        Ordering::Greater => phrase_bits[1],
        Ordering::Equal => phrase_bits[0].min(phrase_bits[1]),
    };
    (found.top_bits + rest * scale.word_share).min(whole).min(scale.word_cap) - ways
}

/// Log2 of the ways to choose some words of so many.
const WAYS: [[f32; 9]; 9] = {
    let mut ways = [[0.0; 9]; 9];
    ways[2][1] = 1.0;
    ways[3][1] = 1.585;
    ways[3][2] = 1.585;
    ways[4] = [0.0, 2.0, 2.585, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    ways[5] = [0.0, 2.322, 3.322, 3.322, 2.322, 0.0, 0.0, 0.0, 0.0];
    ways[6] = [0.0, 2.585, 3.907, 4.322, 3.907, 2.585, 0.0, 0.0, 0.0];
    ways[7] = [0.0, 2.807, 4.392, 5.129, 5.129, 4.392, 2.807, 0.0, 0.0];
    ways[8] = [0.0, 3.0, 4.807, 5.807, 6.129, 5.807, 4.807, 3.0, 0.0];
    ways
};
