//! Amounts of money and counts of people as agencies write them.

mod count;

pub use count::Count;

use crate::identifier::{Flaw, Reading, is_placeholder};

/// An amount in whole rupiah.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rupiah(pub i64);

/// No MSME has a figure at or above this; a quadrillion is a slip of the keyboard.
const TOO_LARGE: f64 = 1e15;
/// Below this the unit was left out, and nobody knows which.
const TOO_SMALL: f64 = 100.0;

const UNITS: &[(&str, f64)] = &[
    ("jutaan", 1e6),
    ("juta", 1e6),
    ("jt", 1e6),
    ("ribuan", 1e3),
    ("ribu", 1e3),
    ("rb", 1e3),
    ("milyar", 1e9),
    ("miliar", 1e9),
    ("mlyr", 1e9),
    ("mlr", 1e9),
    ("triliun", 1e12),
    ("trilyun", 1e12),
    ("k", 1e3),
    ("m", 1e9),
];

impl Rupiah {
    /// Reads `Rp. 178.500.000,-`, `3,5 jt`, `1,2 M`, `500rb`, `564000000` and their like.
    ///
    /// A range, a bound and a sum per month or day are no amounts; an unmarked figure below a hundred
    /// has lost its unit and is [`Flaw::Absurd`].
    pub fn read(text: &str) -> Reading<Rupiah> {
        if is_placeholder(text) {
            return Reading::Missing;
        }
        if let Some(known) = crate::identifier::lost_digits(text) {
            return Reading::Damaged { known };
        }
        match amount(text) {
            Ok(amount) if amount.0 == 0 => Reading::Missing,
            Ok(amount) => Reading::Whole(amount),
            Err(flaw) => Reading::Invalid(flaw),
        }
    }
}

fn amount(text: &str) -> Result<Rupiah, Flaw> {
    let lower = text.to_lowercase();
    let mut rest = lower.trim().trim_start_matches(['\'', '±', '~', '"']).trim();
    for word in ["kurang lebih", "sekitar", "kira-kira", "+/-", "+-"] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    if rest.starts_with('-') || rest.starts_with('(') && rest.ends_with(')') {
        return Err(Flaw::Negative);
    }
    for word in ["idr", "rp"] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start_matches(['.', ':', ' ']);
    }
    if rest.starts_with('-') {
        return Err(Flaw::Negative);
    }
    for word in ["per tahun", "pertahun", "/tahun", "/ tahun", "/thn", "/th", "setahun", "rupiah"] {
        rest = rest.strip_suffix(word).unwrap_or(rest).trim_end();
    }
    for tail in [",-", ".-", ",--", ",=", "-", "+", "."] {
        rest = rest.strip_suffix(tail).unwrap_or(rest).trim_end();
    }
    let (number, unit) = match rest.find(|it: char| it.is_alphabetic()) {
        Some(start) => (rest[..start].trim_end(), Some(unit(rest[start..].trim_end_matches('.'))?)),
        None => (rest, None),
    };
    let number = number_of(number, unit.is_some()).ok_or(Flaw::NotAnAmount)?;
    let value = (number * unit.unwrap_or(1.0)).round();
    if TOO_LARGE <= value || 0.0 < value && value < TOO_SMALL {
        return Err(Flaw::Absurd);
    }
    Ok(Rupiah(value as i64))
}

fn unit(word: &str) -> Result<f64, Flaw> {
    let word = word.trim_end_matches("-an").trim_end_matches(" rupiah");
    let found = UNITS.iter().find(|(name, _)| *name == word);
    found.map(|(_, factor)| *factor).ok_or(Flaw::NotAnAmount)
}

/// The number in `text`, thousands marked by dots, commas or blanks, the fraction by the other.
fn number_of(text: &str, has_unit: bool) -> Option<f64> {
    let mut text = text.trim().to_owned();
    if text.contains(char::is_whitespace) {
        let groups: Vec<&str> = text.split_whitespace().collect();
        if !groups[1..].iter().all(|it| it.len() == 3) {
            return None;
        }
        text = groups.concat();
    }
    if text.is_empty() || !text.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b',')) {
        return None;
    }
    let (dots, commas) = (text.matches('.').count(), text.matches(',').count());
    let fraction_at = match (dots, commas) {
        (0, 0) => None,
        (1, 0) => text.find('.').filter(|at| has_fraction(&text, *at, false)),
        (0, 1) => text.find(',').filter(|at| has_fraction(&text, *at, has_unit)),
        (_, 0) | (0, _) => None,
        (_, 1) if text.rfind('.') < text.find(',') => text.find(','),
        (1, _) if text.rfind(',') < text.find('.') => text.find('.'),
        _ => return None,
    };
    let (whole, fraction) = match fraction_at {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text.as_str(), ""),
    };
    let mut groups = whole.split(['.', ',']);
    let head = groups.next()?;
    let grouped = whole.contains(['.', ',']);
    let regular = groups.all(|it| it.len() == 3) && (!grouped || (1..=3).contains(&head.len()));
    if !regular || head.is_empty() {
        return None;
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    format!("{whole}.{fraction}0").parse().ok()
}

/// Whether a single separator marks a fraction: three digits after it are thousands, unless
/// `comma_with_unit`, since the comma is the Indonesian decimal mark in `1,500 juta`.
fn has_fraction(text: &str, at: usize, comma_with_unit: bool) -> bool {
    text.len() - at - 1 != 3 || at > 3 || comma_with_unit
}

/// A number as it is written in Indonesian: groups of three digits, parted by dots.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_agencies_write_them() {
        let check = |text, rupiah| {
            assert_eq!(Rupiah::read(text), Reading::Whole(Rupiah(rupiah)), "{text}");
        };
        check("Rp. 178.500.000,-", 178_500_000);
        check("Rp36.000.000,00", 36_000_000);
        check("154 Juta", 154_000_000);
        check("3,5 jt", 3_500_000);
        check("3078,5 juta", 3_078_500_000);
        check("1,2 M", 1_200_000_000);
        check("1.2 milyar", 1_200_000_000);
        check("500rb", 500_000);
        check("750 ribu", 750_000);
        check("564000000", 564_000_000);
        check("12.5 jt", 12_500_000);
        check("7jt", 7_000_000);
        check("7 jt-an", 7_000_000);
        check("Rp 1.480.000.000", 1_480_000_000);
        check("3.452.000.000", 3_452_000_000);
        check("38500000.0", 38_500_000);
        check("38500000.5", 38_500_001);
        check("500.000", 500_000);
        check("500,000", 500_000);
        check("36,000,000.00", 36_000_000);
        check("1.500 juta", 1_500_000_000);
        check("1,500 juta", 1_500_000);
        check("Rp 1 500 000", 1_500_000);
        check("IDR 2.000.000", 2_000_000);
        check("± 5 juta", 5_000_000);
        check("Rp. 5.000.000/tahun", 5_000_000);
        check("12.000.000 rupiah", 12_000_000);
    }

    #[test]
    fn what_is_no_amount_says_why() {
        let check = |text, flaw| assert_eq!(Rupiah::read(text), Reading::Invalid(flaw), "{text}");
        check("-5000000", Flaw::Negative);
        check("Rp -5.000.000", Flaw::Negative);
        check("(5.000.000)", Flaw::Negative);
        check("5-10 juta", Flaw::NotAnAmount);
        check("< 5 juta", Flaw::NotAnAmount);
        check("5 juta/bulan", Flaw::NotAnAmount);
        check("1.23.456", Flaw::NotAnAmount);
        check("lumayan", Flaw::NotAnAmount);
        check("5", Flaw::Absurd);
        check("99999999999999999", Flaw::Absurd);
        for text in ["", "-", "0", "Rp 0", "Rp. -", "belum ada"] {
            assert!(!matches!(Rupiah::read(text), Reading::Whole(_)), "{text}");
        }
        assert_eq!(Rupiah::read("1,78E+11"), Reading::Damaged { known: "17".to_owned() });
    }
}
