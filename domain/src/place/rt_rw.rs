//! RT and RW as agencies write them.

use crate::identifier::{Flaw, Reading, is_placeholder};

/// The numbers of the RT and the RW; 0 for the one that is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RtRw {
    /// The RT.
    pub rt: u16,
    /// The RW.
    pub rw: u16,
}

/// No kelurahan has an RT or RW with a higher number.
pub const HIGHEST: u16 = 200;

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "mei", "jun", "jul", "aug", "agu", "ags", "agt", "sep",
    "oct", "okt", "nov", "nop", "dec", "des",
];

impl RtRw {
    /// Reads `001/002`, `RT 02 RW 16`, `RT.7/3`, `RT/RW 07/13`; a number alone is the RT.
    ///
    /// A date is what a spreadsheet made of `01/02`, and nobody knows any more what stood there:
    /// [`Flaw::BecameDate`]. A number above [`HIGHEST`] is [`Flaw::Absurd`].
    pub fn read(text: &str) -> Reading<RtRw> {
        if is_placeholder(text) {
            return Reading::Missing;
        }
        let parts = parts(&text.to_lowercase());
        if is_date(&parts) {
            return Reading::Invalid(Flaw::BecameDate);
        }
        let (mut read, mut next_is_rw) = (RtRw::default(), false);
        for part in &parts {
            match (part.as_str(), number(part)) {
                ("rw", _) => next_is_rw = true,
                ("rt", _) => next_is_rw = false,
                (_, Some(found)) if HIGHEST < found => return Reading::Invalid(Flaw::Absurd),
                (_, Some(found)) if next_is_rw => read.rw = found,
                (_, Some(found)) => {
                    read.rt = found;
                    next_is_rw = true;
                }
                _ => {}
            }
        }
        // "RT/RW 07/13": the marks come first.
        let numbers: Vec<u16> = parts.iter().filter_map(|it| number(it)).collect();
        if read.rt == 0
            && let [rt, rw] = numbers[..]
        {
            read = RtRw { rt, rw };
        }
        if read == RtRw::default() { Reading::Missing } else { Reading::Whole(read) }
    }
}

/// Runs of letters and runs of digits.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = ' ';
    for it in text.chars() {
        let alike = |test: fn(&char) -> bool| test(&before) && test(&it);
        if alike(char::is_ascii_digit) || alike(|it| it.is_alphabetic()) {
            if let Some(last) = parts.last_mut() {
                last.push(it);
            }
        } else if it.is_alphanumeric() {
            parts.push(it.to_string());
        }
        before = it;
    }
    parts
}

/// The number in `part`; one with too many digits is higher than any.
fn number(part: &str) -> Option<u16> {
    let digits = part.bytes().all(|it| it.is_ascii_digit());
    digits.then(|| part.parse().unwrap_or(u16::MAX))
}

fn is_date(parts: &[String]) -> bool {
    let month = |it: &String| it.get(..3).is_some_and(|it| MONTHS.contains(&it));
    let marked = parts.iter().any(|it| matches!(it.as_str(), "rt" | "rw"));
    let numbers: Vec<u16> = parts.iter().filter_map(|it| number(it)).collect();
    let year = numbers.iter().any(|it| (1900..=2100).contains(it));
    !marked && (parts.iter().any(month) || 3 <= numbers.len() || 2 <= numbers.len() && year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rt_and_rw_are_read_in_every_form() {
        let check =
            |text, rt, rw| assert_eq!(RtRw::read(text), Reading::Whole(RtRw { rt, rw }), "{text}");
        for text in
            ["007/003", "RT 07 RW 03", "RT.7/3", "Rt 07/03", "7/3", "RT/RW 07/03", "rt07rw03"]
        {
            check(text, 7, 3);
        }
        check("RW 05", 0, 5);
        check("4", 4, 0);
        assert_eq!(RtRw::read("-"), Reading::Missing);
    }

    #[test]
    fn a_date_and_a_number_too_high_are_not_guessed_at() {
        for text in [
            "2025-02-01",
            "01-Feb",
            "1/2/2025",
            "Feb-01",
            "2025-02-01 00:00:00",
            "1 Mei 2025",
            "1/2/25",
        ] {
            assert_eq!(RtRw::read(text), Reading::Invalid(Flaw::BecameDate), "{text}");
        }
        for text in ["201/001", "RT 1 RW 999", "45689", "001002"] {
            assert_eq!(RtRw::read(text), Reading::Invalid(Flaw::Absurd), "{text}");
        }
    }
}
