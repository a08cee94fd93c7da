//! The NPWP, the tax number.

use std::fmt;

use super::text::{digits, looks_typed_through};
use super::{Flaw, Nik, Reading, mask};

/// Nomor Pokok Wajib Pajak in its sixteen-digit form: a resident's NIK, or a zero and the older
/// fifteen digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Npwp(String);

impl Npwp {
    /// Reads an NPWP of fifteen digits (checked by Luhn), of sixteen, or a branch's NITKU of
    /// twenty-two; fourteen digits are fifteen whose leading zero was dropped, if the check digit agrees.
    pub fn read(text: &str) -> Reading<Npwp> {
        match digits(text) {
            Reading::Whole(digits) => match check(digits) {
                Ok(npwp) => Reading::Whole(npwp),
                Err(flaw) => Reading::Invalid(flaw),
            },
            Reading::Missing => Reading::Missing,
            Reading::Damaged { known } => Reading::Damaged { known },
            Reading::Invalid(flaw) => Reading::Invalid(flaw),
        }
    }

    /// All sixteen digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Enough to recognise an NPWP one already has: `08**********9000`.
    pub fn masked(&self) -> String {
        mask(&self.0, 2, 4)
    }

    /// Whether the number is a resident's NIK, as for persons since 2024.
    pub fn is_nik(&self) -> bool {
        !self.0.starts_with('0')
    }
}

fn check(mut digits: String) -> Result<Npwp, Flaw> {
    if looks_typed_through(&digits) {
        return Err(Flaw::Placeholder);
    }
    if digits.len() == 22 {
        digits.truncate(16);
    }
    if digits.len() == 14 && luhn(&format!("0{digits}")) {
        digits.insert(0, '0');
    }
    match digits.len() {
        15 if luhn(&digits) => Ok(Npwp(format!("0{digits}"))),
        16 if digits.starts_with('0') && luhn(&digits[1..]) => Ok(Npwp(digits)),
        15 => Err(Flaw::CheckDigit),
        16 if digits.starts_with('0') => Err(Flaw::CheckDigit),
        16 => Nik::check(digits).map(|nik| Npwp(nik.reveal().to_owned())),
        _ => Err(Flaw::WrongLength),
    }
}

/// Whether the ninth digit of an older number is the check digit of the first eight.
fn luhn(old: &str) -> bool {
    let digit = |it: u8| u32::from(it - b'0');
    let sum: u32 = old
        .bytes()
        .take(8)
        .enumerate()
        .map(
            |(place, it)| {
                if place % 2 == 0 { digit(it) } else { digit(it) * 2 % 10 + digit(it) / 5 }
            },
        )
        .sum();
    old.as_bytes().get(8).is_some_and(|&it| digit(it) == (10 - sum % 10) % 10)
}

impl fmt::Debug for Npwp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Npwp({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_one_number_are_one_number() {
        let old = Npwp::read("85.662.989.4-419.000").whole().unwrap();
        assert_eq!(old.reveal(), "0856629894419000");
        assert_eq!(Npwp::read("0856629894419000").whole(), Some(old.clone()));
        assert_eq!(Npwp::read("0856629894419000000001").whole(), Some(old.clone()));
        assert!(!old.is_nik());
    }

    #[test]
    fn a_lost_zero_is_given_back_only_when_the_check_digit_agrees() {
        let whole = Npwp::read("01.312.166.0-091.000");
        let digits = "13121660091000";
        assert_eq!(Npwp::read(digits), whole);
        assert_eq!(Npwp::read("13121670091000"), Reading::Invalid(Flaw::WrongLength));
    }

    #[test]
    fn a_persons_number_is_the_nik() {
        assert!(Npwp::read("3324282603739672").whole().unwrap().is_nik());
        assert_eq!(Npwp::read("3324282613739672"), Reading::Invalid(Flaw::ImpossibleBirthDate));
    }

    #[test]
    fn a_wrong_check_digit_is_told() {
        assert_eq!(Npwp::read("85.662.989.5-419.000"), Reading::Invalid(Flaw::CheckDigit));
        assert_eq!(Npwp::read("00.000.000.0-000.000"), Reading::Missing);
    }
}
