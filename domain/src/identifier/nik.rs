//! The NIK, the sixteen-digit number of a resident.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::text::{digits, looks_typed_through};
use super::{Flaw, Reading, mask};
use crate::place::is_province;

/// Nomor Induk Kependudukan: region of first registration, birth date, serial number.
///
/// Holding one means that its length, province, birth date and serial were checked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nik(String);

/// The sex a document states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sex {
    /// Laki-laki.
    Male,
    /// Perempuan.
    Female,
}

impl Nik {
    /// Reads a NIK from a cell, tolerating separators, an apostrophe, a label and a `.0` tail.
    pub fn read(text: &str) -> Reading<Nik> {
        match digits(text) {
            Reading::Whole(digits) => match Nik::check(digits) {
                Ok(nik) => Reading::Whole(nik),
                Err(flaw) => Reading::Invalid(flaw),
            },
            Reading::Missing => Reading::Missing,
            Reading::Damaged { known } if 10 < known.len() && looks_typed_through(&known[6..]) => {
                Reading::Invalid(Flaw::Placeholder)
            }
            Reading::Damaged { known } => Reading::Damaged { known },
            Reading::Invalid(flaw) => Reading::Invalid(flaw),
        }
    }

    /// The NIK in `text`, or why it is none; a missing text has the wrong length.
    pub fn parse(text: &str) -> Result<Nik, Flaw> {
        match Nik::read(text) {
            Reading::Whole(nik) => Ok(nik),
            Reading::Missing => Err(Flaw::WrongLength),
            Reading::Damaged { .. } => Err(Flaw::DigitsLost),
            Reading::Invalid(flaw) => Err(flaw),
        }
    }

    pub(super) fn check(digits: String) -> Result<Nik, Flaw> {
        if digits.len() != 16 {
            return Err(Flaw::WrongLength);
        }
        if looks_typed_through(&digits) || looks_typed_through(&digits[6..]) {
            return Err(Flaw::Placeholder);
        }
        let nik = Nik(digits);
        if !is_province(nik.two_digits(0)) {
            return Err(Flaw::UnknownProvince);
        }
        if nik.born_in_century(1900).or(nik.born_in_century(2000)).is_none() {
            return Err(Flaw::ImpossibleBirthDate);
        }
        if &nik.0[12..] == "0000" {
            return Err(Flaw::SerialZero);
        }
        Ok(nik)
    }

    /// All sixteen digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Enough to recognise a NIK one already has: `36**********0001`.
    pub fn masked(&self) -> String {
        mask(&self.0, 2, 4)
    }

    /// The birth date in its latest century that does not fall after `latest_year`: the number
    /// keeps two digits of the year only. `None` when no century fits.
    pub fn birth_date(&self, latest_year: i32) -> Option<NaiveDate> {
        let fits = |it: &NaiveDate| it.year() <= latest_year;
        self.born_in_century(2000).filter(fits).or_else(|| self.born_in_century(1900).filter(fits))
    }

    /// Day, month and last two digits of the year of birth.
    pub fn birth_day(&self) -> (u8, u8, u8) {
        let day = self.two_digits(6);
        (if 40 < day { day - 40 } else { day }, self.two_digits(8), self.two_digits(10))
    }

    /// The sex: the day of birth is written with 40 added for women.
    pub fn sex(&self) -> Sex {
        if 40 < self.two_digits(6) { Sex::Female } else { Sex::Male }
    }

    /// Province, regency and kecamatan of **first** registration, such as `367302`.
    pub fn region(&self) -> &str {
        &self.0[..6]
    }

    fn born_in_century(&self, century: i32) -> Option<NaiveDate> {
        let (day, month, year) = self.birth_day();
        NaiveDate::from_ymd_opt(century + i32::from(year), month.into(), day.into())
    }

    fn two_digits(&self, start: usize) -> u8 {
        self.0[start..start + 2].parse().unwrap_or(0)
    }
}

impl fmt::Debug for Nik {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Nik({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nik_tells_sex_birth_date_and_region() {
        let nik = Nik::parse("3673026807849753").unwrap();
        assert_eq!(nik.sex(), Sex::Female);
        assert_eq!(nik.birth_date(2026), NaiveDate::from_ymd_opt(1984, 7, 28));
        assert_eq!(nik.region(), "367302");
        assert_eq!(nik.masked(), "36**********9753");
        let young = Nik::parse("3673020101059753").unwrap();
        assert_eq!(young.birth_date(2026), NaiveDate::from_ymd_opt(2005, 1, 1));
        assert_eq!(young.birth_date(1999), NaiveDate::from_ymd_opt(1905, 1, 1));
    }

    #[test]
    fn numbers_that_cannot_be_a_nik_say_why() {
        let check = |text, flaw| assert_eq!(Nik::read(text), Reading::Invalid(flaw), "{text}");
        check("367302680784975", Flaw::WrongLength);
        check("36730268078497533", Flaw::WrongLength);
        check("3673000000000000", Flaw::Placeholder);
        check("1234567890123456", Flaw::Placeholder);
        check("9999999999999999", Flaw::Placeholder);
        check("0073026807849753", Flaw::UnknownProvince);
        check("3673023207849753", Flaw::ImpossibleBirthDate);
        check("3673023002849753", Flaw::ImpossibleBirthDate);
        check("3673027207849753", Flaw::ImpossibleBirthDate);
        check("3673026813849753", Flaw::ImpossibleBirthDate);
        check("3673026807840000", Flaw::SerialZero);
        check("367300000000000?", Flaw::Placeholder);
        check("NIK BELUM JADI", Flaw::NotDigits);
        assert_eq!(Nik::read("-"), Reading::Missing);
        assert_eq!(Nik::read("3,67302E+15"), Reading::Damaged { known: "36730".to_owned() });
    }
}
