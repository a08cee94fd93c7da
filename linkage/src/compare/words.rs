//! Lists of words against each other, free of order, with typing errors, initials and glued words.

use crate::features::{Vocabulary, Word};
use crate::text;

/// What two lists of words have in common.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Matched {
    /// Words that are the same.
    pub(super) exact: u8,
    /// Words that are the same but for typing errors, cuts and initials.
    pub(super) near: u8,
    /// Matched words that were not discounted.
    pub(super) informative: u8,
    /// Bits of surprise of the matched words, added up.
    pub(super) bits: f32,
    /// Bits of the rarest of them.
    pub(super) top_bits: f32,
    /// Words of the first list without a match.
    pub(super) left_over_a: u8,
    /// Words of the second list without a match.
    pub(super) left_over_b: u8,
}

/// A match of words that is not exact.
enum Near {
    No,
    Initial,
    Typing(f32),
}

const MOST: usize = 8;

/// Matches the words of `a` and `b` one to one: equal words first, then near ones, then two words written
/// as one. `discounted` marks the words of `a` and of `b` (bit by position) whose match gives no bits.
pub(super) fn matched(
    words: &Vocabulary,
    bits: &[f32],
    [a, b]: [&[Word]; 2],
    near_loss: f32,
    discounted: [u16; 2],
) -> Matched {
    let (a, b) = (&a[..a.len().min(MOST)], &b[..b.len().min(MOST)]);
    let (mut used_a, mut used_b) = (0_u16, 0_u16);
    let mut found = Matched::default();
    for (i, one) in a.iter().enumerate() {
        let free = |j: &usize| b[*j].token == one.token && used_b >> j & 1 == 0;
        if let Some(j) = (0..b.len()).find(free) {
            (used_a, used_b) = (used_a | 1 << i, used_b | 1 << j);
            found.exact += 1;
            found.add(bits[one.token as usize], (discounted[0] >> i | discounted[1] >> j) & 1 == 1);
        }
    }
    if found.exact as usize != a.len() && found.exact as usize != b.len() {
        for (i, one) in a.iter().enumerate() {
            if used_a >> i & 1 == 1 {
                continue;
            }
            for (j, two) in b.iter().enumerate() {
                if used_b >> j & 1 == 1 {
                    continue;
                }
                let rarity = match near(words, *one, *two) {
                    Near::No => continue,
                    Near::Initial => 2.0,
                    Near::Typing(errors) => {
                        let rarer = bits[one.token as usize].min(bits[two.token as usize]);
                        (rarer - near_loss * errors).max(1.0)
                    }
                };
                (used_a, used_b) = (used_a | 1 << i, used_b | 1 << j);
                found.near += 1;
                found.add(rarity, (discounted[0] >> i | discounted[1] >> j) & 1 == 1);
                break;
            }
        }
        glue(words, bits, [a, b], [&mut used_a, &mut used_b], &mut found);
        glue(words, bits, [b, a], [&mut used_b, &mut used_a], &mut found);
        let all = |used: u16, list: &[Word]| used.count_ones() as usize == list.len();
        if !all(used_a, a) && !all(used_b, b) && a.len() != b.len() && run_together(words, a, b) {
            let finer = if a.len() < b.len() { b } else { a };
            found = Matched { near: finer.len() as u8, ..Matched::default() };
            for (i, word) in finer.iter().enumerate() {
                let side = usize::from(a.len() < b.len());
                let bits = (bits[word.token as usize] - near_loss).max(1.0);
                found.add(bits, discounted[side] >> i & 1 == 1);
            }
            return found;
        }
    }
    found.left_over_a = (a.len() as u32 - used_a.count_ones()) as u8;
    found.left_over_b = (b.len() as u32 - used_b.count_ones()) as u8;
    found
}

impl Matched {
    fn add(&mut self, bits: f32, discounted: bool) {
        if !discounted {
            self.informative += 1;
            self.bits += bits;
            self.top_bits = self.top_bits.max(bits);
        }
    }
}

/// Whether two lists are the same letters, parted into words otherwise, but for one or two typing errors.
fn run_together(words: &Vocabulary, a: &[Word], b: &[Word]) -> bool {
    let length = |list: &[Word]| list.iter().map(|it| it.length()).sum::<usize>();
    let (one, two) = (length(a), length(b));
    if one.abs_diff(two) > 1 || one.min(two) < 6 {
        return false;
    }
    let letters = |list: &[Word]| {
        let mut run = [0_u8; 48];
        let all = list.iter().flat_map(|it| words.letters(it.token));
        let count = run.iter_mut().zip(all).map(|(place, letter)| *place = *letter).count();
        (run, count)
    };
    let ((one, one_length), (two, two_length)) = (letters(a), letters(b));
    let most = if one_length.max(two_length) < 10 { 1 } else { 2 };
    text::distance(&one[..one_length], &two[..two_length], most) <= most
}

/// One word of `lists[0]` that is two neighbours of `lists[1]` run together.
fn glue(
    words: &Vocabulary,
    bits: &[f32],
    lists: [&[Word]; 2],
    used: [&mut u16; 2],
    found: &mut Matched,
) {
    let [long, short] = lists;
    for (i, whole) in long.iter().enumerate() {
        if *used[0] >> i & 1 == 1 {
            continue;
        }
        let whole = *whole;
        let fits = |it: &[Word]| it[0].length() + it[1].length() == whole.length();
        if !short.windows(2).any(fits) {
            continue;
        }
        for first in 0..short.len() {
            for second in [first + 1, first.wrapping_sub(1)] {
                if short.len() <= second || (*used[1] >> first | *used[1] >> second) & 1 == 1 {
                    continue;
                }
                let (head, tail) = (short[first], short[second]);
                if whole.length() != head.length() + tail.length() {
                    continue;
                }
                let whole = words.letters(whole.token);
                let (start, end) = (words.letters(head.token), words.letters(tail.token));
                if whole.len() == start.len() + end.len()
                    && whole.starts_with(start)
                    && whole.ends_with(end)
                    && *used[0] >> i & 1 == 0
                {
                    *used[0] |= 1 << i;
                    *used[1] |= 1 << first | 1 << second;
                    found.near += 1;
                    found.add(bits[head.token as usize] + bits[tail.token as usize], false);
                }
            }
        }
    }
}

fn near(words: &Vocabulary, one: Word, two: Word) -> Near {
    let (one, two) = if one.length() <= two.length() { (one, two) } else { (two, one) };
    let (short_length, long_length) = (one.length(), two.length());
    let (mask_a, mask_b) = (one.mask(), two.mask());
    let most = match long_length {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    };
    let within = mask_a & !mask_b == 0;
    let close =
        long_length - short_length <= most && (mask_a ^ mask_b).count_ones() as usize <= 2 * most;
    if !within && !close {
        return Near::No;
    }
    let (short, long) = (words.letters(one.token), words.letters(two.token));
    if short_length <= 1 {
        return if short.first() == long.first() && short.iter().all(u8::is_ascii_alphabetic) {
            Near::Initial
        } else {
            Near::No
        };
    }
    // Cut off, by a narrow column or for short.
    if 3 <= short_length && short_length + 1 < long_length && long.starts_with(short) {
        return if 4 <= short_length { Near::Typing(1.0) } else { Near::Initial };
    }
    if !close || most == 0 {
        return Near::No;
    }
    match text::distance(short, long, most) {
        1 if long_length == 3 => Near::Typing(2.0),
        1 => Near::Typing(1.0),
        2 if 2 <= most && long_length < 8 => Near::Typing(2.0),
        2 if 2 <= most => Near::Typing(1.5),
        _ => Near::No,
    }
}
