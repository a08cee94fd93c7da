//! The NIB, the number of a business actor's licence.

use std::fmt;

use super::text::{digits, looks_typed_through};
use super::{Flaw, Reading, mask};

/// Nomor Induk Berusaha: thirteen digits. One per business actor, so several enterprises of one person
/// may carry the same.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nib(String);

impl Nib {
    /// Reads an NIB from a cell; twelve digits are thirteen whose leading zero a spreadsheet dropped.
    pub fn read(text: &str) -> Reading<Nib> {
        match digits(text) {
            Reading::Whole(mut digits) => {
                if digits.len() == 12 && !digits.starts_with('0') {
                    digits.insert(0, '0');
                }
                if digits.len() != 13 {
                    Reading::Invalid(Flaw::WrongLength)
                } else if looks_typed_through(&digits) || looks_typed_through(&digits[4..]) {
                    Reading::Invalid(Flaw::Placeholder)
                } else {
                    Reading::Whole(Nib(digits))
                }
            }
            Reading::Missing => Reading::Missing,
            Reading::Damaged { known } => Reading::Damaged { known },
            Reading::Invalid(flaw) => Reading::Invalid(flaw),
        }
    }

    /// All thirteen digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Enough to recognise an NIB one already has: `02*******1234`.
    pub fn masked(&self) -> String {
        mask(&self.0, 2, 4)
    }
}

impl fmt::Debug for Nib {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Nib({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_leading_zero_is_given_back() {
        let nib = Nib::read("220932935677").whole().unwrap();
        assert_eq!(nib.reveal(), "0220932935677");
        assert_eq!(Nib::read("0220932935677").whole(), Some(nib));
        assert_eq!(Nib::read("022093293567"), Reading::Invalid(Flaw::WrongLength));
    }

    #[test]
    fn typed_through_numbers_are_no_nib() {
        for text in ["1234567890123", "9120000000000", "1111111111111"] {
            assert_eq!(Nib::read(text), Reading::Invalid(Flaw::Placeholder), "{text}");
        }
        assert_eq!(Nib::read("proses"), Reading::Missing);
        assert_eq!(Nib::read("8,1209E+12"), Reading::Damaged { known: "8120".to_owned() });
    }
}
