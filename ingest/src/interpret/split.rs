//! Two values in one cell, sums per month in a column of years, units that stand in the heading.

use domain::amount::Rupiah;
use domain::identifier::{Reading, is_placeholder};
use domain::record::Field;

use crate::problem::ProblemCode;

/// Cuts a cell that holds another field and `second`, in either order; `second` comes last in the answer.
pub fn split(text: &str, second: Field) -> (&str, &str) {
    let cuts = text.char_indices().filter(|it| matches!(it.1, '/' | '\n' | '|' | ';' | '(' | ','));
    let mut cuts: Vec<usize> = cuts.map(|it| it.0).collect();
    let digits = text.find(|it: char| it.is_ascii_digit());
    if matches!(second, Field::Nik | Field::Phone) {
        // The cut may be missing: the number begins where the digits do.
        cuts.extend(digits.filter(|it| 0 < *it && is(second, &text[*it..]) && 5 < text.len() - it));
    }
    let marks = ['/', '\n', '|', ';', '(', ',', ' ', ':', '\''];
    for at in cuts.into_iter().rev() {
        let (left, right) = text.split_at(at);
        let (left, right) = (left.trim_matches(marks), right.trim_matches(marks));
        if is(second, right) && (left.is_empty() || !is(second, left)) {
            return (left, right.trim_end_matches(')'));
        }
        if is(second, left) && !left.is_empty() && !is(second, right) {
            return (right.trim_start_matches(')').trim(), left);
        }
    }
    if is(second, text) && !is_placeholder(text) { ("", text) } else { (text, "") }
}

/// Whether a part of a cell has the look of the field.
fn is(field: Field, part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let letters = part.chars().filter(|it| it.is_alphabetic()).count();
    match field {
        Field::Nik | Field::Phone => 5 <= digits && letters <= 3 || is_placeholder(part),
        Field::Longitude => 2 <= digits,
        _ => !part.is_empty(),
    }
}

/// Takes "5 juta / bulan" in a column of yearly sales for what it is.
pub fn period(field: Field, text: &str) -> (Field, &str) {
    if field != Field::AnnualSales {
        return (field, text);
    }
    let lower = text.to_ascii_lowercase();
    let marks =
        ["per bulan", "perbulan", "/ bulan", "/bulan", "/bln", "/ bln", "per bln", "sebulan"];
    match marks.iter().find_map(|it| lower.find(it)) {
        Some(at) if 0 < at => (Field::MonthlySales, text.get(..at).unwrap_or(text).trim()),
        _ => (field, text),
    }
}

/// Puts the unit of the heading behind a bare figure. A figure that is already too large for the unit
/// stays, and is told.
pub fn with_unit(field: Field, text: &str, unit: Option<&str>) -> (String, Option<ProblemCode>) {
    let money = matches!(
        field,
        Field::AnnualSales
            | Field::MonthlySales
            | Field::Capital
            | Field::LoanCapital
            | Field::Assets
    );
    let Some(unit) = unit.filter(|_| money && text.bytes().any(|it| it.is_ascii_digit())) else {
        return (text.to_owned(), None);
    };
    let rupiah = text.trim_start_matches(['R', 'r', 'P', 'p', '.', ' ']);
    if rupiah.chars().any(char::is_alphabetic) {
        return (text.to_owned(), None);
    }
    let large = matches!(Rupiah::read(rupiah), Reading::Whole(Rupiah(1_000_000..)));
    if large {
        return (text.to_owned(), Some(ProblemCode::AmountUnitDoubtful));
    }
    (format!("{rupiah} {unit}"), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_and_nik_share_a_cell() {
        let check = |text, owner, nik| {
            assert_eq!(split(text, Field::Nik), (owner, nik), "{text}");
        };
        check("RINA / 3673045905959767", "RINA", "3673045905959767");
        check("AMIRUDIN / -", "AMIRUDIN", "-");
        check("Saadah / Mardiana", "Saadah / Mardiana", "");
        check("Saadah / Mardiana / 3673045905959767", "Saadah / Mardiana", "3673045905959767");
        check("3673045905959767 / RINA", "RINA", "3673045905959767");
        check("RINA 3673045905959767", "RINA", "3673045905959767");
        check("RINA (3673045905959767)", "RINA", "3673045905959767");
        check("RINA / 3,67304E+15", "RINA", "3,67304E+15");
        check("RINA / '3673045905959767", "RINA", "3673045905959767");
        check("/ 3673045905959767", "", "3673045905959767");
        check("IBU RINA (ALM) / 3673045905959767", "IBU RINA (ALM)", "3673045905959767");
        check("IBU RINA (ALM)", "IBU RINA (ALM)", "");
        check("IBU RINA (ALM) / -", "IBU RINA (ALM)", "-");
        check("RINA", "RINA", "");
        check("SUGIT0", "SUGIT0", "");
        check("3673045905959767", "", "3673045905959767");
        check("SUTISNA, S.Pd.I", "SUTISNA, S.Pd.I", "");
    }

    #[test]
    fn a_month_in_a_column_of_years_is_told_apart() {
        let check = |text, expected| assert_eq!(period(Field::AnnualSales, text), expected);
        check("5 jt/bulan", (Field::MonthlySales, "5 jt"));
        check("60 jt", (Field::AnnualSales, "60 jt"));
    }

    #[test]
    fn the_unit_of_the_heading_is_carried_into_the_text() {
        let check = |text, unit, expected: &str, problem| {
            let found = with_unit(Field::Capital, text, unit);
            assert_eq!(found, (expected.to_owned(), problem), "{text}");
        };
        check("12,5", Some("juta"), "12,5 juta", None);
        check("Rp 12,5", Some("juta"), "12,5 juta", None);
        check("12 jt", Some("juta"), "12 jt", None);
        check("12500000", Some("juta"), "12500000", Some(ProblemCode::AmountUnitDoubtful));
        check("-", Some("juta"), "-", None);
        check("12,5", None, "12,5", None);
    }
}
