//! Single values against each other: identifiers, contacts, trades, places, dates and figures. Zero stands
//! for missing throughout.

use super::Scale;
use crate::features::NAMED;
use crate::text;

type Cells<'a> = [&'a [u32]; 2];

fn wide(cells: &[u32], at: usize) -> u64 {
    u64::from(cells[at]) | u64::from(cells[at + 1]) << 32
}

pub(super) fn number([a, b]: Cells, bits: f32) -> (u8, f32) {
    numbers(wide(a, 0), wide(b, 0), bits)
}

fn numbers(a: u64, b: u64, bits: f32) -> (u8, f32) {
    match (a, b) {
        (0, _) | (_, 0) => (0, 0.0),
        _ if a == b => (1, bits),
        _ if one_digit_off(a, b) => (2, bits - 4.0),
        _ => (3, 0.0),
    }
}

pub(super) fn nik([a, b]: Cells, bits: f32) -> (u8, f32) {
    let (one, two) = (wide(a, 0), wide(b, 0));
    match numbers(one, two, bits) {
        (3, _) if one / 10_000 == two / 10_000 => (3, 0.0),
        (3, _) => (4, 0.0),
        found => found,
    }
}

pub(super) fn known_digits([a, b]: Cells) -> (u8, f32) {
    let (whole, damaged) = match (wide(a, 0), wide(b, 0)) {
        (0, whole) => (whole, a),
        (whole, 0) => (whole, b),
        _ => return (0, 0.0),
    };
    let (known, length) = (wide(damaged, 2), damaged[4]);
    // Five digits name a regency and part of a kecamatan; with twelve the birthday is known too.
    match length {
        _ if whole == 0 || length < 5 => (0, 0.0),
        _ if whole / 10_u64.pow(16 - length.min(16)) != known => (2, 0.0),
        12.. => (1, 8.0),
        _ => (1, 0.0),
    }
}

/// One digit wrong, lost, added or changed places with its neighbour.
fn one_digit_off(a: u64, b: u64) -> bool {
    // A wrong digit changes the number by d * 10^n, two swapped by 9 * d * 10^n; a digit more or less by a
    // factor of about ten. Most pairs fail already here.
    let mut by = a.abs_diff(b);
    while by.is_multiple_of(10) && by != 0 {
        by /= 10;
    }
    let one_wrong = by <= 9 || (by <= 81 && by.is_multiple_of(9));
    let (less, more) = (a.min(b), a.max(b));
    let one_more = less <= more / 5 && more / 200 <= less;
    if !one_wrong && !one_more {
        return false;
    }
    let written = |mut number: u64| {
        let mut digits = [0_u8; 20];
        let mut length = 0;
        while number != 0 && length < 20 {
            digits[length] = (number % 10) as u8;
            number /= 10;
            length += 1;
        }
        (digits, length)
    };
    let ((a, a_length), (b, b_length)) = (written(a), written(b));
    text::distance(&a[..a_length], &b[..b_length], 1) == 1
}

pub(super) fn phone([a, b]: Cells, bits: f32) -> (u8, f32) {
    if wide(a, 0) == 0 || wide(b, 0) == 0 {
        return (0, 0.0);
    }
    let mut best = (3, 0.0);
    for one in [wide(a, 0), wide(a, 2)] {
        for two in [wide(b, 0), wide(b, 2)] {
            let found = numbers(one, two, bits);
            if found.0 != 0 && found.0 < best.0 {
                best = found;
            }
        }
    }
    best
}

pub(super) fn email([a, b]: Cells, scale: &Scale) -> (u8, f32) {
    match (wide(a, 0), wide(b, 0)) {
        (0, _) | (_, 0) => (0, 0.0),
        (one, two) if one == two => (1, scale.identifier_bits),
        _ if wide(a, 2) != 0 && wide(a, 2) == wide(b, 2) => (2, scale.phone_bits),
        _ => (3, 0.0),
    }
}

pub(super) fn named([a, b]: Cells) -> u8 {
    match (a[1] & NAMED != 0, b[1] & NAMED != 0) {
        (true, true) => 0,
        (false, false) => 1,
        _ => 2,
    }
}

/// Kinds and groups of trade from two cells.
fn trade(cells: &[u32]) -> ([u32; 3], u32) {
    ([cells[0] & 0xffff, cells[0] >> 16, cells[1] & 0xffff], cells[1] >> 16)
}

pub(super) fn name_trade([a, b]: Cells) -> u8 {
    let ((kinds_a, groups_a), (kinds_b, groups_b)) = (trade(&a[2..]), trade(&b[2..]));
    if groups_a == 0 || groups_b == 0 {
        0
    } else if kinds_a.iter().any(|it| *it != 0 && kinds_b.contains(it)) {
        1
    } else if (kinds_a[0] == 0 || kinds_b[0] == 0) && groups_a & groups_b != 0 {
        2
    } else {
        3
    }
}

/// Five digits of a KBLI code, of which the first four are the class and the first two the division.
pub(super) fn code([a, b]: Cells) -> u8 {
    match (a[2], b[2]) {
        (0, _) | (_, 0) => 0,
        (one, two) if one == two => 1,
        (one, two) if one / 10 == two / 10 => 2,
        (one, two) if one / 1_000 == two / 1_000 => 3,
        _ => 4,
    }
}

/// By what was learned of the labels, or else by what the words mean.
pub(super) fn sector([a, b]: Cells, learned: Option<f32>) -> u8 {
    let ((kinds_a, groups_a), (kinds_b, groups_b)) = (trade(a), trade(b));
    let meant = if groups_a == 0 || groups_b == 0 {
        0
    } else if kinds_a.iter().any(|it| *it != 0 && kinds_b.contains(it)) {
        1
    } else if groups_a & groups_b != 0 {
        3
    } else {
        5
    };
    match learned {
        _ if meant == 1 => 1,
        Some(bits) if 2.5 <= bits => 1,
        Some(bits) if 1.0 <= bits => 2,
        Some(bits) if 0.0 <= bits => 3,
        Some(bits) if -1.0 <= bits => 4,
        Some(bits) if -2.5 <= bits => 5,
        Some(_) => 6,
        None => meant,
    }
}

pub(super) fn rt_rw([a, b]: Cells) -> u8 {
    let ((rt_a, rw_a), (rt_b, rw_b)) = ((a[3] >> 16, a[3] & 0xffff), (b[3] >> 16, b[3] & 0xffff));
    let known = |one: u32, two: u32| one != 0 && two != 0;
    if !known(rt_a, rt_b) && !known(rw_a, rw_b) {
        return 0;
    }
    match (rt_a == rt_b, rw_a == rw_b) {
        (true, true) => 1,
        (false, false) => 3,
        _ => 2,
    }
}

pub(super) fn place([a, b]: Cells) -> u8 {
    let (one, two) = (wide(a, 0), wide(b, 0));
    if one != 0 && two != 0 {
        return match (one == two, a[2] == b[2]) {
            (true, _) => 1,
            (_, true) => 3,
            _ => 4,
        };
    }
    match (a[2], b[2]) {
        (0, _) | (_, 0) => 0,
        (one, two) if one == two => 2,
        _ => 4,
    }
}

pub(super) fn began([a, b]: Cells) -> u8 {
    let (one, two) = (a[0], b[0]);
    let whole = one % 100 != 0 && two % 100 != 0;
    match (one / 10_000, two / 10_000) {
        (0, _) | (_, 0) => 0,
        _ if whole && one == two => 1,
        (year, other) if year == other && whole => 3,
        (year, other) if year == other => 2,
        (year, other) if year.abs_diff(other) <= 2 => 4,
        _ => 5,
    }
}

pub(super) fn day([a, b]: Cells) -> u8 {
    let (one, two) = (a[0], b[0]);
    if one == 0 || two == 0 {
        return 0;
    }
    let parts = |it: u32| (it / 10_000, it / 100 % 100, it % 100);
    let ((year_a, month_a, day_a), (year_b, month_b, day_b)) = (parts(one), parts(two));
    if one == two {
        1
    } else if one_digit_off(one.into(), two.into())
        || (year_a == year_b && month_a == day_b && day_a == month_b)
    {
        2
    } else if [year_a == year_b, month_a == month_b, day_a == day_b]
        .iter()
        .filter(|it| **it)
        .count()
        == 2
    {
        3
    } else {
        4
    }
}

/// How far apart two figures are: equal but for rounding, within half, within four times, farther.
pub(super) fn magnitude([a, b]: Cells) -> u8 {
    let (a, b) = (f32::from_bits(a[0]), f32::from_bits(b[0]));
    if a <= 0.0 || b <= 0.0 {
        return 0;
    }
    match a.max(b) / a.min(b) {
        ratio if ratio <= 1.02 => 1,
        ratio if ratio <= 1.5 => 2,
        ratio if ratio <= 4.0 => 3,
        _ => 4,
    }
}

pub(super) fn category([a, b]: Cells) -> u8 {
    match (wide(a, 0), wide(b, 0)) {
        (0, _) | (_, 0) => 0,
        (one, two) if one == two => 1,
        _ => 2,
    }
}
