//! Masks: enough of a value to recognise it, not to learn it.

use crate::enterprise::Value;

/// How many digits make a number that can only be a person's: NPWP (15), NIK and family card (16).
const PERSON_DIGITS: usize = 14;

/// The masked form of `value`; `None` for what has no form between whole and hidden.
pub(super) fn masked(value: &Value) -> Option<String> {
    match value {
        Value::Text(it) => Some(mask_words(it)),
        Value::Nik(it) => Some(it.masked()),
        Value::Nib(it) => Some(it.masked()),
        Value::Npwp(it) => Some(it.masked()),
        Value::Phone(it) => Some(it.masked()),
        Value::Kbli(_)
        | Value::Kelurahan(_)
        | Value::Kecamatan(_)
        | Value::Date(_)
        | Value::Rupiah(_)
        | Value::Sales(_)
        | Value::Count(_) => None,
    }
}

/// A text with the first letter of each word kept; digits are never kept.
pub fn mask_words(text: &str) -> String {
    let word = |it: &str| {
        let first = it.chars().next().filter(|it| it.is_alphabetic());
        format!("{}***", first.map(String::from).unwrap_or_default())
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// A text in which numbers of a person's length are masked, whatever separates their digits.
pub fn without_person_numbers(text: &str) -> String {
    let mut out: Vec<char> = text.chars().collect();
    let mut start = 0;
    while start < out.len() {
        if !out[start].is_ascii_digit() {
            start += 1;
            continue;
        }
        let joins = |it: &char| it.is_ascii_digit() || matches!(it, ' ' | '.' | '-' | '\'');
        let end = start + out[start..].iter().take_while(|it| joins(it)).count();
        let digits: Vec<usize> = (start..end).filter(|it| out[*it].is_ascii_digit()).collect();
        if PERSON_DIGITS <= digits.len() {
            for index in &digits[2..] {
                out[*index] = '*';
            }
        }
        start = end;
    }
    out.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_keeps_first_letters_alone() {
        assert_eq!(mask_words("Siti Aminah 0812"), "S*** A*** ***");
    }

    #[test]
    fn a_nik_inside_another_text_is_masked_and_a_phone_is_not() {
        let text = "Siti / 3673-0105 0785.0001, HP 081234567890";
        assert_eq!(without_person_numbers(text), "Siti / 36**-**** ****.****, HP 081234567890");
    }
}
