//! How many people work somewhere.

use crate::identifier::{Flaw, Reading, is_placeholder};

/// A number of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Count(pub u32);

/// No MSME has as many workers.
const TOO_MANY: u32 = 100_000;

/// Words that say what is counted and add nothing.
const COUNTED: &[&str] =
    &["orang", "org", "or", "pekerja", "karyawan", "pegawai", "jiwa", "tenaga", "kerja", "tk"];
const MEN: &[&str] = &["l", "lk", "laki", "pria"];
const WOMEN: &[&str] = &["p", "pr", "perempuan", "wanita"];

impl Count {
    /// Reads `3`, `3 orang`, `3.0`, and men and women apart: `L:1 P:2`, `1 L / 2 P` are three.
    ///
    /// A range, a bound, a word and a number below zero are no counts.
    pub fn read(text: &str) -> Reading<Count> {
        if is_placeholder(text) {
            return Reading::Missing;
        }
        let lower = text.trim().trim_start_matches('\'').to_lowercase();
        if lower.starts_with('-') {
            return Reading::Invalid(Flaw::Negative);
        }
        match people(&lower) {
            Some(count) if TOO_MANY <= count => Reading::Invalid(Flaw::Absurd),
            Some(count) => Reading::Whole(Count(count)),
            None => Reading::Invalid(Flaw::NotAnAmount),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Number(u32),
    Men,
    Women,
}

fn people(text: &str) -> Option<u32> {
    use Part::{Men, Number, Women};
    let text = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")).unwrap_or(text);
    let parts = parts(text)?;
    match parts.as_slice() {
        [Number(count)] | [Number(count), Men | Women] | [Men | Women, Number(count)] => {
            Some(*count)
        }
        [Men, Number(one), Women, Number(other)]
        | [Women, Number(one), Men, Number(other)]
        | [Number(one), Men, Number(other), Women]
        | [Number(one), Women, Number(other), Men] => one.checked_add(*other),
        _ => None,
    }
}

/// The numbers and marks of `text`; `None` when it has another word or a sign that joins numbers otherwise.
fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = |it: char| (it.is_ascii_digit(), it.is_alphabetic());
        let end = rest.find(|it: char| kind(it) != kind(first)).unwrap_or(rest.len());
        let (run, more) = rest.split_at(end);
        rest = more;
        if first.is_ascii_digit() {
            parts.push(Part::Number(run.parse().ok()?));
        } else if first.is_alphabetic() {
            match run {
                _ if MEN.contains(&run) => {
                    // "laki-laki" is one word
                    if parts.last() != Some(&Part::Men) {
                        parts.push(Part::Men);
                    }
                }
                _ if WOMEN.contains(&run) => parts.push(Part::Women),
                _ if COUNTED.contains(&run) || run == "dan" => {}
                _ => return None,
            }
        } else {
            let sign = run.trim();
            let joins = matches!(
                sign,
                "" | ":" | "=" | "/" | "," | ";" | "." | "&" | "+" | "(" | ")" | "-"
            );
            let decimal =
                matches!(sign, "." | ",") && rest.starts_with(|it: char| it.is_ascii_digit());
            // "- 5", "1.000": a sign before a number that no mark explains.
            let after_number = matches!(parts.last(), Some(Part::Number(_)));
            if !joins || parts.is_empty() && sign == "-" || decimal && after_number && run == sign {
                return None;
            }
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_as_agencies_write_them() {
        let check =
            |text, count| assert_eq!(Count::read(text), Reading::Whole(Count(count)), "{text}");
        check("3", 3);
        check("'3", 3);
        check("3.0", 3);
        check("3 orang", 3);
        check("3 Org.", 3);
        check("12 tenaga kerja", 12);
        check("L:1 P:2", 3);
        check("1 L / 2 P", 3);
        check("1L, 2P", 3);
        check("P = 2; L = 1", 3);
        check("laki-laki 1 orang, perempuan 2 orang", 3);
        check("2 (P)", 2);
    }

    #[test]
    fn what_is_no_count_is_not_read_digit_by_digit() {
        for text in [
            "-5",
            "- 5",
            "1-2",
            "1 - 2 orang",
            "3/4",
            "1+2",
            "< 5",
            "5an",
            "1.000",
            "3,5",
            "banyak",
            "1 2",
        ] {
            assert!(matches!(Count::read(text), Reading::Invalid(_)), "{text}");
        }
        assert!(matches!(Count::read("100000"), Reading::Invalid(Flaw::Absurd)));
        assert_eq!(Count::read("-"), Reading::Missing);
        assert_eq!(Count::read("0"), Reading::Missing);
    }
}
