//! Single values against each other: identifiers, contacts, trades, places, years and figures.

use super::Scale;
use crate::corpus::Row;
use crate::text;

pub(super) fn nik(a: &Row, b: &Row, bits: f32) -> (u8, f32) {
    match number(a.nik, b.nik, bits) {
        (3, _) if a.nik / 10_000 == b.nik / 10_000 => (3, 0.0),
        (3, _) => (4, 0.0),
        found => found,
    }
}

pub(super) fn nik_digits(a: &Row, b: &Row) -> (u8, f32) {
    let (whole, (known, length)) = match (a.nik, b.nik) {
        (0, whole) => (whole, a.nik_known),
        (whole, 0) => (whole, b.nik_known),
        _ => return (0, 0.0),
    };
    // Five digits name a regency and part of a kecamatan; with twelve the birthday is known too.
    match length {
        _ if whole == 0 || length < 5 => (0, 0.0),
        _ if whole / 10_u64.pow(16 - u32::from(length.min(16))) != known => (2, 0.0),
        12.. => (1, 8.0),
        _ => (1, 0.0),
    }
}

pub(super) fn number(a: u64, b: u64, bits: f32) -> (u8, f32) {
    match (a, b) {
        (0, _) | (_, 0) => (0, 0.0),
        _ if a == b => (1, bits),
        _ if one_digit_off(a, b) => (2, bits - 4.0),
        _ => (3, 0.0),
    }
}

/// One digit wrong, lost, added or changed places with its neighbour.
fn one_digit_off(a: u64, b: u64) -> bool {
    // Cheap for the many pairs that share neither half.
    let close = a / 100_000_000 == b / 100_000_000 || a % 1_000_000 == b % 1_000_000;
    if !close {
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

pub(super) fn phone(a: &Row, b: &Row, bits: f32) -> (u8, f32) {
    if a.phones[0] == 0 || b.phones[0] == 0 {
        return (0, 0.0);
    }
    let mut best = (3, 0.0);
    for one in a.phones.iter().filter(|it| **it != 0) {
        for two in b.phones.iter().filter(|it| **it != 0) {
            let found = number(*one, *two, bits);
            if found.0 < best.0 {
                best = found;
            }
        }
    }
    best
}

pub(super) fn email(a: &Row, b: &Row, scale: &Scale) -> (u8, f32) {
    match (a.email, b.email) {
        (0, _) | (_, 0) => (0, 0.0),
        (one, two) if one == two => (1, scale.identifier_bits),
        _ if a.email_name != 0 && a.email_name == b.email_name => (2, scale.phone_bits),
        _ => (3, 0.0),
    }
}

pub(super) fn trade(kinds: [[u16; 3]; 2], groups: [u16; 2]) -> u8 {
    if groups[0] == 0 || groups[1] == 0 {
        return 0;
    }
    if kinds[0].iter().any(|it| *it != 0 && kinds[1].contains(it)) {
        1
    } else if kinds[0][0] != 0 && kinds[1][0] != 0 {
        3
    } else if groups[0] & groups[1] != 0 {
        2
    } else {
        3
    }
}

pub(super) fn sector(a: &Row, b: &Row) -> u8 {
    let same_code = a.kbli != 0 && a.kbli == b.kbli;
    if same_code {
        return 1;
    }
    if a.sector_groups == 0 || b.sector_groups == 0 {
        return 0;
    }
    if a.sector_kinds.iter().any(|it| *it != 0 && b.sector_kinds.contains(it)) {
        1
    } else if a.sector_groups & b.sector_groups != 0 {
        2
    } else {
        3
    }
}

pub(super) fn rt_rw(a: &Row, b: &Row) -> u8 {
    let known = |one: u16, two: u16| one != 0 && two != 0;
    if !known(a.rt, b.rt) && !known(a.rw, b.rw) {
        return 0;
    }
    match (a.rt == b.rt, a.rw == b.rw) {
        (true, true) => 1,
        (false, false) => 3,
        _ => 2,
    }
}

pub(super) fn place(a: &Row, b: &Row) -> u8 {
    if a.kelurahan != 0 && b.kelurahan != 0 {
        return match (a.kelurahan == b.kelurahan, a.kecamatan == b.kecamatan) {
            (true, _) => 1,
            (_, true) => 3,
            _ => 4,
        };
    }
    match (a.kecamatan, b.kecamatan) {
        (0, _) | (_, 0) => 0,
        (one, two) if one == two => 2,
        _ => 4,
    }
}

pub(super) fn established(a: u16, b: u16) -> u8 {
    match (a, b) {
        (0, _) | (_, 0) => 0,
        _ if a == b => 1,
        _ if a.abs_diff(b) <= 2 => 2,
        _ => 3,
    }
}

/// How far apart two figures are: within a third, within four times, farther.
pub(super) fn magnitude(a: f32, b: f32) -> u8 {
    if a <= 0.0 || b <= 0.0 {
        return 0;
    }
    match a.max(b) / a.min(b) {
        ratio if ratio <= 1.34 => 1,
        ratio if ratio <= 4.0 => 2,
        _ => 3,
    }
}
