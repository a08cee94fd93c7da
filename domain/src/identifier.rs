//! Identifiers of persons, licences and telephones, read from texts as agencies type them.
//!
//! Reading never guesses: what a spreadsheet destroyed stays lost ([`Reading::Damaged`]), what cannot
//! be right says why ([`Flaw`]). The types hold checked personal data, so none has `Display` and
//! `Debug` prints the masked form; code that may show a number whole calls `reveal`.

mod nib;
mod nik;
mod npwp;
mod phone;
mod text;

use std::fmt;

pub use nib::Nib;
pub use nik::{Nik, Sex};
pub use npwp::Npwp;
pub use phone::Phone;
pub(crate) use text::lost_digits;
pub use text::{is_error_value, is_placeholder};

/// What became of reading a text as a `T`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Reading<T> {
    /// Nothing is said: an empty text, a dash, "belum ada".
    Missing,
    /// The value, checked.
    Whole(T),
    /// A spreadsheet lost digits; what is left is evidence, not an identifier.
    Damaged {
        /// The leading digits that are still certain.
        known: String,
    },
    /// Something is said that cannot be a `T`.
    Invalid(Flaw),
}

impl<T> Reading<T> {
    /// The value, when it was read whole.
    pub fn whole(self) -> Option<T> {
        match self {
            Reading::Whole(value) => Some(value),
            _ => None,
        }
    }

    /// The same reading of another type.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Reading::Missing => Reading::Missing,
            Reading::Whole(value) => Reading::Whole(change(value)),
            Reading::Damaged { known } => Reading::Damaged { known },
            Reading::Invalid(flaw) => Reading::Invalid(flaw),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Reading<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reading::Missing => out.write_str("Missing"),
            Reading::Whole(value) => out.debug_tuple("Whole").field(value).finish(),
            Reading::Damaged { known } => {
                out.debug_struct("Damaged").field("known_digits", &known.len()).finish()
            }
            Reading::Invalid(flaw) => out.debug_tuple("Invalid").field(flaw).finish(),
        }
    }
}

macro_rules! flaws {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal),+ $(,)?) => {
        /// Why a text cannot be the value it is read as.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
        #[error("{}", self.code())]
        pub enum Flaw { $($(#[doc = $doc])+ $name),+ }

        impl Flaw {
            /// Every flaw.
            pub const ALL: &'static [Flaw] = &[$(Flaw::$name),+];

            /// The stable name of the flaw.
            pub fn code(self) -> &'static str {
                match self { $(Flaw::$name => $code),+ }
            }

            /// The flaw with this code.
            pub fn from_code(code: &str) -> Option<Flaw> {
                Flaw::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

flaws! {
    /// More or fewer digits than the identifier has.
    WrongLength = "wrong_length",
    /// Letters or signs where digits belong.
    NotDigits = "not_digits",
    /// The birth date inside a NIK is no day of the calendar.
    ImpossibleBirthDate = "impossible_birth_date",
    /// The first two digits are no province.
    UnknownProvince = "unknown_province",
    /// The serial part is 0000, which is never issued.
    SerialZero = "serial_zero",
    /// The check digit does not fit the other digits.
    CheckDigit = "check_digit",
    /// A number typed to get past a form, such as 3673000000000000.
    Placeholder = "placeholder",
    /// A spreadsheet lost digits.
    DigitsLost = "digits_lost",
    /// A telephone number with too few digits.
    TooShort = "too_short",
    /// A telephone number with too many digits.
    TooLong = "too_long",
    /// A telephone number of another country.
    Foreign = "foreign",
    /// Not a date in any known form.
    NotADate = "not_a_date",
    /// A date the calendar does not have, or a year outside 1900 to 2100.
    ImpossibleDate = "impossible_date",
    /// A spreadsheet turned the text into a date.
    BecameDate = "became_date",
    /// Not an amount in any known form.
    NotAnAmount = "not_an_amount",
    /// An amount below zero.
    Negative = "negative",
    /// An amount too small or too large to be meant so.
    Absurd = "absurd",
}

/// `digits` with all but the first `head` and last `tail` starred.
fn mask(digits: &str, head: usize, tail: usize) -> String {
    let hidden = digits.len().saturating_sub(head + tail);
    let (Some(start), Some(end)) = (digits.get(..head), digits.get(head + hidden..)) else {
        return "*".repeat(digits.len());
    };
    format!("{start}{}{end}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_are_found_again_by_their_codes() {
        for &flaw in Flaw::ALL {
            assert_eq!(Flaw::from_code(flaw.code()), Some(flaw));
        }
    }

    #[test]
    fn no_debug_output_shows_an_identifier() {
        let shown = |text: &str| format!("{:?} {:?}", Nik::read(text), Nib::read(text));
        assert!(!shown("3673010404719591").contains("04047195"));
        assert!(!shown("3,67301E+15").contains("3673"));
        assert_eq!(format!("{:?}", Nik::read("3673010404719591")), "Whole(Nik(36**********9591))");
    }
}
