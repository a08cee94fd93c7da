//! Names against each other: the owner's, the business's, the street's.

use std::cmp::Ordering;

use super::Scale;
use super::words::{Matched, matched};
use crate::corpus::{Corpus, Row};

pub(super) fn owner(corpus: &Corpus, scale: &Scale, a: usize, b: usize) -> (u8, f32) {
    let (one, two) = (corpus.owner.of(a), corpus.owner.of(b));
    if one.is_empty() || two.is_empty() {
        return (0, 0.0);
    }
    let found = matched(&corpus.words, &corpus.words.owner_bits, one, two, scale.near_loss, [0; 2]);
    if found.exact + found.near == 0 {
        return (6, 0.0);
    }
    let level =
        match (found.left_over_a.min(found.left_over_b), found.left_over_a + found.left_over_b) {
            (_, 0) if found.near == 0 => 1,
            (_, 0) => 2,
            (0, _) if found.near == 0 => 3,
            (0, _) => 4,
            _ => 5,
        };
    (level, worth(&found, [one, two], phrase_bits(corpus, [a, b], 0), scale))
}

/// The bits of the matched words: the rarest counts in full, the rest in part, for words of one name go
/// together; never more than the shorter list is rare as a whole. Taken off is that any of the words might
/// have been the ones to match.
fn worth(found: &Matched, lists: [&[u32]; 2], phrase_bits: [f32; 2], scale: &Scale) -> f32 {
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

pub(super) fn business(corpus: &Corpus, scale: &Scale, a: usize, b: usize) -> (u8, f32) {
    let (one, two) = (corpus.business.of(a), corpus.business.of(b));
    if one.is_empty() || two.is_empty() {
        return (0, 0.0);
    }
    match brand(corpus, scale, [one, two], [0; 2], phrase_bits(corpus, [a, b], 1)) {
        // A business called after its owner is not called otherwise; the owner is.
        (5, _) if no_brand(&corpus.rows[a], one) || no_brand(&corpus.rows[b], two) => (0, 0.0),
        found => found,
    }
}

pub(super) fn owned_business(corpus: &Corpus, scale: &Scale, a: usize, b: usize) -> (u8, f32) {
    let (one, two) = (corpus.business.of(a), corpus.business.of(b));
    let (row_a, row_b) = (&corpus.rows[a], &corpus.rows[b]);
    if !row_a.is_named || !row_b.is_named {
        return (0, 0.0);
    }
    let words = &corpus.words;
    match (no_brand(row_a, one), no_brand(row_b, two)) {
        (false, false) => {
            let from_owner = [row_a.from_owner, row_b.from_owner];
            let phrase_bits = phrase_bits(corpus, [a, b], 1);
            match brand(corpus, scale, [one, two], from_owner, phrase_bits) {
                (5, _) => (7, 0.0),
                found => found,
            }
        }
        (first, second) => {
            let found = matched(words, &words.business_bits, one, two, scale.near_loss, [0; 2]);
            match (found.left_over_a.min(found.left_over_b), first && second) {
                (0, _) => (5, 0.0),
                (_, true) => (7, 0.0),
                _ => (6, 0.0),
            }
        }
    }
}

/// Whether a business name holds no distinctive word beside the owner's name.
fn no_brand(row: &Row, words: &[u32]) -> bool {
    let all = (1_u32 << words.len()) - 1;
    u32::from(row.from_owner) & all == all
}

fn phrase_bits(corpus: &Corpus, records: [usize; 2], list: usize) -> [f32; 2] {
    records.map(|it| corpus.rows[it].phrase_bits[list])
}

/// Levels 1 to 4 as the words agree, 5 when they do not.
fn brand(
    corpus: &Corpus,
    scale: &Scale,
    lists: [&[u32]; 2],
    discounted: [u16; 2],
    phrase_bits: [f32; 2],
) -> (u8, f32) {
    let bits = &corpus.words.business_bits;
    let found = matched(&corpus.words, bits, lists[0], lists[1], scale.near_loss, discounted);
    let whole = if discounted == [0; 2] { phrase_bits } else { [f32::INFINITY; 2] };
    let worth = worth(&found, lists, whole, scale);
    match (found.left_over_a.min(found.left_over_b), found.left_over_a + found.left_over_b) {
        _ if found.informative == 0 => (5, 0.0),
        (_, 0) if found.near == 0 => (1, worth),
        (_, 0) => (2, worth),
        (0, _) => (3, worth),
        _ => (4, worth),
    }
}

pub(super) fn street(corpus: &Corpus, scale: &Scale, a: usize, b: usize) -> (u8, f32) {
    let (one, two) = (corpus.street.of(a), corpus.street.of(b));
    if one.is_empty() || two.is_empty() {
        return (0, 0.0);
    }
    let found =
        matched(&corpus.words, &corpus.words.street_bits, one, two, scale.near_loss, [0; 2]);
    if found.exact + found.near == 0 {
        return (5, 0.0);
    }
    let worth = worth(&found, [one, two], phrase_bits(corpus, [a, b], 2), scale);
    if 0 < found.left_over_a.min(found.left_over_b) {
        return (4, worth);
    }
    let (one, two) = (&corpus.rows[a], &corpus.rows[b]);
    let blocks = one.block != 0 && two.block != 0;
    let numbers = one.number != 0 && two.number != 0;
    if (blocks && one.block != two.block) || (numbers && one.number != two.number) {
        return (3, worth);
    }
    match u8::from(blocks) + u8::from(numbers) {
        0 => (2, worth),
        agreeing => (1, worth + f32::from(agreeing) * scale.number_bits),
    }
}
