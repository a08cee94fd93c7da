//! Whether a text can be the value its column promises.

use std::cell::RefCell;
use std::collections::HashMap;

use domain::amount::{Count, Rupiah};
use domain::date::PartialDate;
use domain::identifier::{Flaw, Nib, Nik, Npwp, Phone, Reading};
use domain::kbli::Kbli;
use domain::place::KecamatanCode;
use domain::place::locate::locate;
use domain::place::rt_rw::RtRw;
use domain::record::Field;

use crate::problem::ProblemCode;

/// What is wrong with `text` as `field`, if anything.
pub fn check(field: Field, text: &str) -> Option<ProblemCode> {
    match field {
        Field::Nik => flawed(Nik::read(text), nik),
        Field::Nib => flawed(Nib::read(text), nib),
        Field::Npwp => flawed(Npwp::read(text), npwp),
        Field::Phone => Phone::read_all(text).1.first().map(|it| phone(*it)),
        Field::Email => (!is_email(text)).then_some(ProblemCode::EmailUnreadable),
        Field::Kbli => Kbli::parse(text).err().map(|_| ProblemCode::KbliUnknown),
        Field::Established | Field::RecordedOn | Field::BirthDate => {
            let text = if field == Field::BirthDate { after_place(text) } else { text };
            flawed(PartialDate::read(text), date)
        }
        Field::AnnualSales
        | Field::MonthlySales
        | Field::Capital
        | Field::LoanCapital
        | Field::Assets => flawed(Rupiah::read(text), amount),
        Field::Workers | Field::WorkersMale | Field::WorkersFemale => {
            flawed(Count::read(text), |_| ProblemCode::CountUnreadable)
        }
        Field::RtRw | Field::Rt | Field::Rw => flawed(RtRw::read(text), rt_rw),
        Field::Latitude => degrees(text, -12.0, 7.0),
        Field::Longitude => degrees(text, 94.0, 142.0),
        _ => None,
    }
}

/// Whether a text in `field` can be found to be none: [`check`] tells of the others nothing.
pub fn is_checked(field: Field) -> bool {
    matches!(
        field,
        Field::Nik
            | Field::Nib
            | Field::Npwp
            | Field::Phone
            | Field::Email
            | Field::Kbli
            | Field::Established
            | Field::RecordedOn
            | Field::BirthDate
            | Field::AnnualSales
            | Field::MonthlySales
            | Field::Capital
            | Field::LoanCapital
            | Field::Assets
            | Field::Workers
            | Field::WorkersMale
            | Field::WorkersFemale
            | Field::RtRw
            | Field::Rt
            | Field::Rw
            | Field::Latitude
            | Field::Longitude
    )
}

fn flawed<T>(reading: Reading<T>, code: fn(Flaw) -> ProblemCode) -> Option<ProblemCode> {
    match reading {
        Reading::Missing | Reading::Whole(_) => None,
        Reading::Damaged { .. } => Some(code(Flaw::DigitsLost)),
        Reading::Invalid(flaw) => Some(code(flaw)),
    }
}

fn nik(flaw: Flaw) -> ProblemCode {
    match flaw {
        Flaw::DigitsLost => ProblemCode::NikDigitsLost,
        Flaw::NotDigits => ProblemCode::NikNotDigits,
        Flaw::ImpossibleBirthDate => ProblemCode::NikImpossibleBirthDate,
        Flaw::UnknownProvince => ProblemCode::NikUnknownProvince,
        Flaw::SerialZero => ProblemCode::NikSerialZero,
        Flaw::Placeholder => ProblemCode::NikPlaceholder,
        _ => ProblemCode::NikWrongLength,
    }
}

fn nib(flaw: Flaw) -> ProblemCode {
    match flaw {
        Flaw::DigitsLost => ProblemCode::NibDigitsLost,
        Flaw::NotDigits => ProblemCode::NibNotDigits,
        Flaw::Placeholder => ProblemCode::NibPlaceholder,
        _ => ProblemCode::NibWrongLength,
    }
}

fn npwp(flaw: Flaw) -> ProblemCode {
    match flaw {
        Flaw::DigitsLost => ProblemCode::NpwpDigitsLost,
        Flaw::NotDigits => ProblemCode::NpwpNotDigits,
        Flaw::CheckDigit => ProblemCode::NpwpCheckDigit,
        Flaw::Placeholder => ProblemCode::NpwpPlaceholder,
        Flaw::ImpossibleBirthDate | Flaw::UnknownProvince | Flaw::SerialZero => {
            ProblemCode::NpwpNotANik
        }
        _ => ProblemCode::NpwpWrongLength,
    }
}

fn phone(flaw: Flaw) -> ProblemCode {
    match flaw {
        Flaw::DigitsLost => ProblemCode::PhoneDigitsLost,
        Flaw::TooShort => ProblemCode::PhoneTooShort,
        Flaw::TooLong => ProblemCode::PhoneTooLong,
        Flaw::Placeholder => ProblemCode::PhonePlaceholder,
        Flaw::Foreign => ProblemCode::PhoneForeign,
        _ => ProblemCode::PhoneUnreadable,
    }
}

fn date(flaw: Flaw) -> ProblemCode {
    match flaw {
        Flaw::ImpossibleDate => ProblemCode::DateImpossible,
        _ => ProblemCode::DateUnreadable,
    }
}

fn amount(flaw: Flaw) -> ProblemCode {
    match flaw {
        Flaw::Negative => ProblemCode::AmountNegative,
        Flaw::Absurd => ProblemCode::AmountAbsurd,
        Flaw::DigitsLost => ProblemCode::AmountDigitsLost,
        _ => ProblemCode::AmountUnreadable,
    }
}

fn rt_rw(flaw: Flaw) -> ProblemCode {
    match flaw {
        Flaw::BecameDate => ProblemCode::RtRwBecameDate,
        _ => ProblemCode::RtRwImpossible,
    }
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain =
        |it: &str| !it.is_empty() && !it.contains(|it: char| it.is_whitespace() || it == '@');
    plain(name) && plain(host) && host.trim_matches('.').contains('.')
}

/// "Serang, 12 Maret 1985" gives the date.
fn after_place(text: &str) -> &str {
    match text.split_once([',', '/']) {
        Some((place, date)) if place.chars().all(|it| it.is_alphabetic() || it == ' ') => {
            date.trim()
        }
        _ => text,
    }
}

fn degrees(text: &str, low: f64, high: f64) -> Option<ProblemCode> {
    let number = text.trim().trim_matches(['°', '\'']).replace(',', ".").parse::<f64>();
    let inside = number.is_ok_and(|it| (low..=high).contains(&it));
    (!inside).then_some(ProblemCode::CoordinateUnreadable)
}

thread_local! {
    /// Places repeat from row to row, and finding a misspelt one is slow.
    static PLACES: RefCell<HashMap<String, Option<ProblemCode>>> = RefCell::new(HashMap::new());
}

/// What is wrong with the place a row names, if anything; `office` is the kecamatan its list is of.
pub fn place(
    kelurahan: Option<&str>,
    kecamatan: Option<&str>,
    office: Option<KecamatanCode>,
) -> Option<ProblemCode> {
    if kelurahan.is_none() && kecamatan.is_none() {
        return None;
    }
    let (kelurahan_key, kecamatan_key) = (kelurahan.unwrap_or(""), kecamatan.unwrap_or(""));
    let key = format!("{kelurahan_key}\0{kecamatan_key}\0{}", office.map_or(0, |it| it.0));
    PLACES.with_borrow_mut(|known| {
        if let Some(code) = known.get(&key) {
            return *code;
        }
        let found = locate(kelurahan, kecamatan, None, office);
        let code = if found.unknown {
            Some(ProblemCode::KelurahanUnknown)
        } else if !found.ambiguous.is_empty() {
            Some(ProblemCode::KelurahanAmbiguous)
        } else {
            None
        };
        if known.len() < 20_000 {
            known.insert(key, code);
        }
        code
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_are_told_by_the_field_they_are_in() {
        let check =
            |field, text, expected| assert_eq!(super::check(field, text), expected, "{text}");
        check(Field::Nik, "3673010404719591", None);
        check(Field::Nik, "3,67306E+15", Some(ProblemCode::NikDigitsLost));
        check(Field::Nik, "367301040471959?", Some(ProblemCode::NikDigitsLost));
        check(Field::Nik, "36730104047195", Some(ProblemCode::NikWrongLength));
        check(Field::Phone, "081387654321, 0812345", Some(ProblemCode::PhoneTooShort));
        check(Field::Email, "ani@contoh.id", None);
        check(Field::Email, "ani at contoh", Some(ProblemCode::EmailUnreadable));
        check(Field::Established, "31/02/2020", Some(ProblemCode::DateImpossible));
        check(Field::BirthDate, "Serang, 12 Maret 1985", None);
        check(Field::Capital, "5-10 juta", Some(ProblemCode::AmountUnreadable));
        check(Field::Workers, "3 orang", None);
        check(Field::Workers, "banyak", Some(ProblemCode::CountUnreadable));
        check(Field::Workers, "L:1 P:2", None);
        check(Field::WorkersMale, "-5", Some(ProblemCode::CountUnreadable));
        check(Field::RtRw, "001/002", None);
        check(Field::RtRw, "2025-02-01", Some(ProblemCode::RtRwBecameDate));
        check(Field::Rt, "201", Some(ProblemCode::RtRwImpossible));
        check(Field::Longitude, "106,154", None);
        check(Field::Latitude, "106,154", Some(ProblemCode::CoordinateUnreadable));
    }

    #[test]
    fn what_is_checked_is_said_to_be() {
        for field in Field::ALL {
            let found = ["?", "x@", "1,5,7"].iter().any(|it| super::check(*field, it).is_some());
            assert_eq!(found, is_checked(*field), "{}", field.code());
        }
    }

    #[test]
    fn places_outside_the_city_are_told() {
        assert_eq!(place(Some("Unyur"), None, None), None);
        assert_eq!(place(Some("Sukawana"), None, None), Some(ProblemCode::KelurahanAmbiguous));
        assert_eq!(place(Some("Sukawana"), Some("Curug"), None), None);
        assert_eq!(place(Some("Atlantis Raya"), None, None), Some(ProblemCode::KelurahanUnknown));
    }
}
