//! Telephone numbers.

use std::fmt;

use super::text::{is_placeholder, looks_typed_through, lost_digits, strip_quotes};
use super::{Flaw, Reading, mask};

/// A telephone number of Indonesia in international form, such as `+6281234567899`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// Reads the first number of a cell.
    pub fn read(text: &str) -> Reading<Phone> {
        if let Some(known) = lost_digits(text) {
            return Reading::Damaged { known };
        }
        let (phones, flaws) = Phone::read_all(text);
        match (phones.into_iter().next(), flaws.first()) {
            (Some(phone), _) => Reading::Whole(phone),
            (None, Some(&flaw)) => Reading::Invalid(flaw),
            (None, None) => Reading::Missing,
        }
    }

    /// Every number of a cell in the order written, each once, and what was wrong with the rest.
    /// Both are empty when the cell says nothing.
    pub fn read_all(text: &str) -> (Vec<Phone>, Vec<Flaw>) {
        let (mut phones, mut flaws) = (Vec::new(), Vec::new());
        if lost_digits(text).is_some() {
            return (phones, vec![Flaw::DigitsLost]);
        }
        for part in parts(strip_quotes(text)) {
            match read_one(part) {
                Ok(Some(phone)) if !phones.contains(&phone) => phones.push(phone),
                Ok(_) => {}
                Err(flaw) => flaws.push(flaw),
            }
        }
        (phones, flaws)
    }

    /// The whole number.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Enough to recognise a number one already has: `+6281*******899`.
    pub fn masked(&self) -> String {
        mask(&self.0, 5, 3)
    }

    /// Whether it is a mobile number.
    pub fn is_mobile(&self) -> bool {
        self.0.starts_with("+628")
    }
}

fn digits_in(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// The texts of the single numbers in a cell.
fn parts(text: &str) -> Vec<&str> {
    let marks = |it: char| matches!(it, ',' | ';' | '/' | '&' | '|' | '\n' | '\r');
    let mut found: Vec<&str> = text
        .split(marks)
        .flat_map(|it| it.split(" dan "))
        .flat_map(|it| it.split(" atau "))
        .collect();
    found.retain(|it| !it.trim().is_empty());
    if found.iter().any(|it| (1..6).contains(&digits_in(it))) {
        found = vec![text]; // the marks only grouped the digits of one number
    }
    found.into_iter().flat_map(split_at_start).collect()
}

/// Splits `0812... 0857...`: blanks alone separate two numbers too long to be one.
fn split_at_start(text: &str) -> Vec<&str> {
    if digits_in(text) <= 15 {
        return vec![text];
    }
    for (blank, _) in text.match_indices([' ', '\t']) {
        let (first, second) = text.split_at(blank);
        let starts = second.trim_start().trim_start_matches(['+', '(']);
        let begins =
            starts.starts_with("08") || starts.starts_with("62") || starts.starts_with("02");
        if begins && digits_in(first) >= 9 && digits_in(second) >= 9 {
            let mut all = vec![first];
            all.extend(split_at_start(second.trim_start()));
            return all;
        }
    }
    vec![text]
}

fn read_one(text: &str) -> Result<Option<Phone>, Flaw> {
    if is_placeholder(text) {
        return Ok(None);
    }
    let abroad = text.trim_start().starts_with('+');
    let mut digits = String::new();
    let mut before = ' ';
    for it in float_tail_dropped(text).chars() {
        let touches = before.is_ascii_digit() && matches!(it, 'O' | 'o' | 'l' | 'I')
            || it.is_ascii_digit() && matches!(before, 'O' | 'o' | 'l' | 'I');
        if touches {
            return Err(Flaw::NotDigits);
        }
        if it.is_ascii_digit() {
            digits.push(it);
        }
        before = it;
    }
    if digits.is_empty() {
        return Err(Flaw::NotDigits);
    }
    let national = national(&digits, abroad)?;
    if looks_typed_through(&national[2..]) || looks_typed_through(&national[3..]) {
        return Err(Flaw::Placeholder);
    }
    Ok(Some(Phone(format!("+62{national}"))))
}

fn float_tail_dropped(text: &str) -> &str {
    text.strip_suffix(".0").filter(|it| it.bytes().all(|it| it.is_ascii_digit())).unwrap_or(text)
}

/// The digits after +62, checked for their number.
fn national(digits: &str, abroad: bool) -> Result<&str, Flaw> {
    let international = digits.strip_prefix("00").unwrap_or(digits);
    let national = match international.strip_prefix("62") {
        Some(rest) if abroad || rest.len() >= 9 => rest.trim_start_matches('0'),
        _ if abroad || international.len() < digits.len() && international.len() > 12 => {
            return Err(Flaw::Foreign);
        }
        _ => digits.trim_start_matches('0'),
    };
    let had_zero = national.len() < digits.len();
    let (shortest, longest) = match national.as_bytes().first() {
        Some(b'8') => (9, 12),
        Some(b'2'..=b'9') if had_zero || national.starts_with("254") => (8, 11),
        Some(b'2'..=b'9') => return Err(Flaw::TooShort),
        _ => return Err(Flaw::NotDigits),
    };
    match national.len() {
        length if length < shortest => Err(Flaw::TooShort),
        length if length > longest => Err(Flaw::TooLong),
        _ => Ok(national),
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Phone({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let (phones, flaws) = Phone::read_all(text);
        let phones: Vec<&str> = phones.iter().map(Phone::reveal).collect();
        assert_eq!((phones.as_slice(), flaws.as_slice()), (expected, [].as_slice()), "{text}");
    }

    #[test]
    fn one_number_in_all_its_spellings() {
        for text in [
            "081387654321",
            "0813-8765-4321",
            "+62 813-8765-4321",
            "6281387654321",
            "81387654321",
            "0813 8765 4321",
            "0813.8765.4321",
            "'081387654321",
            "081387654321 (WA)",
            "81387654321.0",
            "WA: 081387654321",
            "(+62)81387654321",
            "+62 0813 8765 4321",
            "006281387654321",
        ] {
            check(text, &["+6281387654321"]);
        }
        check("0254-201234", &["+62254201234"]);
        check("(0254) 201234", &["+62254201234"]);
        check("254201234", &["+62254201234"]);
    }

    #[test]
    fn two_numbers_in_a_cell() {
        let both = ["+6281387654321", "+6285712348765"];
        for text in [
            "081387654321, 085712348765",
            "081387654321/085712348765",
            "081387654321 085712348765",
            "0813 8765 4321 / 0857 1234 8765",
            "081387654321 (WA) dan 085712348765",
            "081387654321\n085712348765",
            "0813 8765 4321 0857 1234 8765",
        ] {
            check(text, &both);
        }
        check("081387654321 / 0813-8765-4321", &["+6281387654321"]);
        check("081387654321 / -", &["+6281387654321"]);
        check("0813/8765/4321", &["+6281387654321"]);
        check("-", &[]);
    }

    #[test]
    fn what_is_no_number_says_why() {
        let check = |text, flaw| assert_eq!(Phone::read(text), Reading::Invalid(flaw), "{text}");
        check("081200000000", Flaw::Placeholder);
        check("081234567890", Flaw::Placeholder);
        check("0812345", Flaw::TooShort);
        check("201234", Flaw::TooShort);
        check("08138765432109", Flaw::TooLong);
        check("O81387654321", Flaw::NotDigits);
        check("pinjam tetangga", Flaw::NotDigits);
        check("+60 12-345 6788", Flaw::Foreign);
        assert_eq!(Phone::read("8,13877E+11"), Reading::Damaged { known: "81387".to_owned() });
    }
}
