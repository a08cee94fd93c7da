//! The text of an identifier as typed: placeholders, lost digits, separators, labels.

use super::{Flaw, Reading};

/// Texts that people type into a cell to say that there is nothing.
const NOTHING: &[&str] = &[
    "belum",
    "belum ada",
    "belum ada nama",
    "belum ada nib",
    "belum ada npwp",
    "belum buat",
    "belum dibuat",
    "belum diisi",
    "belum memiliki",
    "belum mempunyai",
    "belum punya",
    "belum terdaftar",
    "blm",
    "blm ada",
    "blm ada nama",
    "blm punya",
    "dalam proses",
    "data tidak ada",
    "ga ada",
    "gak ada",
    "hilang",
    "kosong",
    "lupa",
    "masih proses",
    "menyusul",
    "n/a",
    "na",
    "nan",
    "nihil",
    "nil",
    "none",
    "null",
    "on proses",
    "proses",
    "sedang diproses",
    "sedang proses",
    "tanpa nama",
    "tdk ada",
    "tdk punya",
    "tidak",
    "tidak ada",
    "tidak ada nama",
    "tidak diisi",
    "tidak memiliki",
    "tidak punya",
    "tidak tahu",
    "x",
    "xx",
    "xxx",
];

/// Whether `text` says only that there is nothing: empty, signs alone, zeros, "belum ada", "n/a" ...
pub fn is_placeholder(text: &str) -> bool {
    if is_error_value(text) {
        return true;
    }
    let is_sign = |it: char| !it.is_alphanumeric();
    let core = text.trim_matches(is_sign);
    if core.chars().all(|it| it == '0' || is_sign(it)) {
        return true; // also when nothing but signs was written
    }
    if core.len() > 24 || core.starts_with(|it: char| it.is_ascii_digit()) {
        return false;
    }
    let lower = core.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    NOTHING.binary_search(&lower.as_str()).is_ok()
}

/// What a spreadsheet shows in place of a value it could not compute, in the English of its files.
const ERRORS: &[&str] = &[
    "#BLOCKED!",
    "#CALC!",
    "#DIV/0!",
    "#FIELD!",
    "#GETTING_DATA",
    "#N/A",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#REF!",
    "#SPILL!",
    "#VALUE!",
];

/// Whether `text` is the error of a formula: `#REF!`, `#N/A` ...
pub fn is_error_value(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('#') && ERRORS.iter().any(|it| it.eq_ignore_ascii_case(text))
}

/// Words that announce a number and are not part of it.
const LABELS: &[&str] = &["nik", "ktp", "no", "nomor", "nib", "npwp", "nitku"];

/// The digits of `text`, separators and a label such as "NIK:" dropped.
pub(super) fn digits(text: &str) -> Reading<String> {
    if is_placeholder(text) {
        return Reading::Missing;
    }
    if let Some(known) = lost_digits(text) {
        return Reading::Damaged { known };
    }
    let text = without_label(strip_quotes(text));
    let text = without_float_tail(text);
    let separator = |it: char| it.is_whitespace() || matches!(it, '.' | '-' | '/' | '_' | '\'');
    let invisible = |it: char| matches!(it, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}');
    let kept: String = text.chars().filter(|&it| !separator(it) && !invisible(it)).collect();
    if kept.is_empty() || !kept.bytes().all(|it| it.is_ascii_digit()) {
        return Reading::Invalid(Flaw::NotDigits);
    }
    Reading::Whole(kept)
}

/// `text` without the signs that make a spreadsheet keep a number as text.
pub(crate) fn strip_quotes(text: &str) -> &str {
    text.trim().trim_matches(['\'', '’', '‘', '`', '"', '=']).trim()
}

/// The certain leading digits of a number a spreadsheet cut: `3,67302E+15`, or `36730104047195?`.
pub(crate) fn lost_digits(text: &str) -> Option<String> {
    let text = strip_quotes(text);
    if let Some(known) = text.strip_suffix('?') {
        let known = known.trim_end_matches('?');
        let all_digits = !known.is_empty() && known.bytes().all(|it| it.is_ascii_digit());
        return all_digits.then(|| known.to_owned());
    }
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let (whole, fraction) = mantissa.split_once([',', '.']).unwrap_or((mantissa, ""));
    let shown = format!("{whole}{fraction}");
    let plausible = whole.len() == 1
        && shown.bytes().all(|it| it.is_ascii_digit())
        && shown.len() <= 17
        && (5..=30).contains(&exponent);
    plausible.then(|| certain(&shown))
}

/// The digits that stay whichever way the last one of `shown` was rounded.
fn certain(shown: &str) -> String {
    let Ok(number) = shown.parse::<u64>() else { return String::new() };
    let low = (number * 10).saturating_sub(5).to_string();
    let high = (number * 10 + 4).to_string();
    let same = low.bytes().zip(high.bytes()).take_while(|(a, b)| a == b).count();
    if low.len() == high.len() { low[..same].to_owned() } else { String::new() }
}

fn without_label(text: &str) -> &str {
    let mut rest = text;
    loop {
        let word = rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(rest.len());
        let label = rest.get(..word).unwrap_or_default().to_ascii_lowercase();
        if !LABELS.contains(&label.as_str()) {
            return rest;
        }
        rest = rest[word..].trim_start_matches([' ', '.', ':', '=', '-']);
    }
}

/// Drops the `.0` that a program leaves when it read a number as floating point.
fn without_float_tail(text: &str) -> &str {
    match text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")) {
        Some(number) if number.bytes().all(|it| it.is_ascii_digit()) => number,
        _ => text,
    }
}

/// Whether `digits` are one digit repeated, or count up as 1234567890123.
pub(super) fn looks_typed_through(digits: &str) -> bool {
    let steps = |step: u8| {
        digits.as_bytes().windows(2).all(|it| (it[0] - b'0' + step) % 10 == it[1] - b'0')
    };
    steps(0) || steps(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_for_nothing_are_sorted() {
        assert!(NOTHING.is_sorted());
    }

    #[test]
    fn dashes_zeros_and_words_for_nothing_are_placeholders() {
        for text in
            ["", " ", "-", "--", ".", "0", "000", "(TIDAK DIISI)", "Belum  ada", "N/A", "#N/A"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["Proses Cepat", "10", "Nana", "Warung 0", "0812"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn errors_of_formulas_say_nothing() {
        for text in ["#REF!", "#N/A", " #value! ", "#NAME?", "#DIV/0!"] {
            assert!(is_error_value(text) && is_placeholder(text), "{text}");
        }
        assert!(!is_error_value("#1 Kopi") && !is_error_value("REF"));
    }

    #[test]
    fn only_digits_that_survive_rounding_are_known() {
        let check = |text, known: Option<&str>| assert_eq!(lost_digits(text).as_deref(), known);
        check("3,67302E+15", Some("36730"));
        check("3.67306E+15", Some("36730"));
        check("3,673E+15", Some("367"));
        check("'3,67316E+15", Some("36731"));
        check("367301040471959?", Some("367301040471959"));
        check("2?", Some("2"));
        check("E+15", None);
        check("3E1", None);
        check("Apa?", None);
    }

    #[test]
    fn quotes_labels_separators_and_float_tails_are_dropped() {
        let check = |text, expected: &str| {
            assert_eq!(digits(text), Reading::Whole(expected.to_owned()), "{text}");
        };
        check("'3673055707659086", "3673055707659086");
        check("3673026807849753.0", "3673026807849753");
        check("NIK : 3673 0268 0784 9753", "3673026807849753");
        check("No. KTP 3673026807849753", "3673026807849753");
        check("85.662.989.4-419.000", "856629894419000");
        assert_eq!(digits("36730268O7849753"), Reading::Invalid(Flaw::NotDigits));
    }
}
