//! Lists of words against each other, free of order, with typing errors, initials and glued words.

use crate::corpus::{Token, Words};
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
    words: &Words,
    bits: &[f32],
    a: &[Token],
    b: &[Token],
    near_loss: f32,
    discounted: [u16; 2],
) -> Matched {
    let (a, b) = (&a[..a.len().min(MOST)], &b[..b.len().min(MOST)]);
    let (mut used_a, mut used_b) = (0_u16, 0_u16);
    let mut found = Matched::default();
    for (i, one) in a.iter().enumerate() {
        let free = |j: &usize| used_b >> j & 1 == 0 && b[*j] == *one;
        if let Some(j) = (0..b.len()).find(free) {
            (used_a, used_b) = (used_a | 1 << i, used_b | 1 << j);
            found.exact += 1;
            found.add(bits[*one as usize], (discounted[0] >> i | discounted[1] >> j) & 1 == 1);
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
                        let rarer = bits[*one as usize].min(bits[*two as usize]);
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

/// One word of `lists[0]` that is two neighbours of `lists[1]` run together.
fn glue(
    words: &Words,
    bits: &[f32],
    lists: [&[Token]; 2],
    used: [&mut u16; 2],
    found: &mut Matched,
) {
    let [long, short] = lists;
    for (i, whole) in long.iter().enumerate() {
        if *used[0] >> i & 1 == 1 {
            continue;
        }
        let whole = &words.letters[*whole as usize];
        for first in 0..short.len() {
            for second in [first + 1, first.wrapping_sub(1)] {
                if short.len() <= second || (*used[1] >> first | *used[1] >> second) & 1 == 1 {
                    continue;
                }
                let (head, tail) = (short[first] as usize, short[second] as usize);
                let (start, end) = (&words.letters[head], &words.letters[tail]);
                if whole.len() == start.len() + end.len()
                    && whole.starts_with(start)
                    && whole.ends_with(end)
                    && *used[0] >> i & 1 == 0
                {
                    *used[0] |= 1 << i;
                    *used[1] |= 1 << first | 1 << second;
                    found.near += 1;
                    found.add(bits[head] + bits[tail], false);
                }
            }
        }
    }
}

fn near(words: &Words, one: Token, two: Token) -> Near {
    let (one, two) = (one as usize, two as usize);
    let (a, b) = (&words.letters[one], &words.letters[two]);
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len() <= 1 {
        return if short[0] == long[0] && short[0].is_ascii_alphabetic() {
            Near::Initial
        } else {
            Near::No
        };
    }
    // Cut off, by a narrow column or for short.
    if 3 <= short.len() && long.starts_with(short) && short.len() + 1 < long.len() {
        return if 4 <= short.len() { Near::Typing(1.0) } else { Near::Initial };
    }
    let most = match long.len() {
        0..=2 => return Near::No,
        3..=4 => 1,
        _ => 2,
    };
    if most < long.len() - short.len() {
        return Near::No;
    }
    let differing = (words.mask[one] ^ words.mask[two]).count_ones() as usize;
    if 2 * most < differing {
        return Near::No;
    }
    match text::distance(a, b, most) {
        1 if long.len() == 3 => Near::Typing(2.0),
        1 => Near::Typing(1.0),
        2 if 2 <= most && long.len() < 8 => Near::Typing(2.0),
        2 if 2 <= most => Near::Typing(1.5),
        _ => Near::No,
    }
}
