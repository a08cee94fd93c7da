//! The value of a workbook's cell as the text its sender meant.

use calamine::{Data, DataRef, ExcelDateTime};

/// Floating point keeps every whole number up to here.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The text of a cell read by streaming.
pub fn text_of_ref(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(it) => it.to_string(),
        DataRef::Float(it) => number(*it),
        DataRef::String(it) | DataRef::DateTimeIso(it) | DataRef::DurationIso(it) => it.clone(),
        DataRef::SharedString(it) => (*it).to_owned(),
        DataRef::Bool(it) => boolean(*it).to_owned(),
        DataRef::DateTime(it) => moment(it),
        DataRef::Error(it) => it.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// The text of a cell of a sheet held in memory.
pub fn text_of(value: &Data) -> String {
    match value {
        Data::Int(it) => it.to_string(),
        Data::Float(it) => number(*it),
        Data::String(it) | Data::DateTimeIso(it) | Data::DurationIso(it) => it.clone(),
        Data::Bool(it) => boolean(*it).to_owned(),
        Data::DateTime(it) => moment(it),
        Data::Error(it) => it.to_string(),
        Data::Empty => String::new(),
    }
}

/// The digits a spreadsheet keeps of a number whose last ones nobody knows, as its sender sees them.
pub fn as_shown(value: &DataRef<'_>) -> Option<String> {
    match value {
        DataRef::Float(it) => shown(*it),
        _ => None,
    }
}

/// The same for a cell of a sheet held in memory.
pub fn as_shown_in_memory(value: &Data) -> Option<String> {
    match value {
        Data::Float(it) => shown(*it),
        _ => None,
    }
}

fn shown(value: f64) -> Option<String> {
    number(value).ends_with('?').then(|| format!("{value:.0}"))
}

fn boolean(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

/// A number without exponent. A spreadsheet keeps fifteen digits and writes zeros for the rest: a longer
/// number that ends in zero has `?` where nobody knows the digit.
pub fn number(value: f64) -> String {
    if value.fract() != 0.0 || 1e22 <= value.abs() {
        return value.to_string();
    }
    let mut digits = format!("{value:.0}");
    if EXACT <= value.abs() {
        digits.replace_range(15.., &"?".repeat(digits.len() - 15));
    } else if 1e15 <= value && digits.ends_with('0') {
        digits.replace_range(15.., "?");
    }
    digits
}

/// `2014-06-30`, with the time of day when there is one. A year typed into a cell that is formatted as a
/// date stays a year.
fn moment(value: &ExcelDateTime) -> String {
    let serial = value.as_f64();
    if value.is_duration() || !(0.0..2_958_466.0).contains(&serial) {
        return number(serial);
    }
    if serial.fract() == 0.0 && (1950.0..=2100.0).contains(&serial) {
        return number(serial);
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    if serial < 1.0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else if serial.fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn a_number_is_written_out_and_unknown_digits_are_marked() {
        let check = |value, expected| assert_eq!(number(value), expected);
        check(2.0, "2");
        check(38_500_000.5, "38500000.5");
        check(3_673_010_404_719_591.0, "3673010404719591");
        check(3_673_010_404_719_590.0, "367301040471959?");
        check(98_765_432_109_876_543.0, "987654321098765??");
        check(220_932_935_677.0, "220932935677");
        check(-6.115_3, "-6.1153");
    }

    #[test]
    fn dates_are_written_as_iso_and_years_stay_years() {
        let check = |serial, expected: &str| {
            let value = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, false);
            assert_eq!(moment(&value), expected);
        };
        check(43_971.0, "2020-05-20");
        check(43_971.5, "2020-05-20 12:00:00");
        check(2015.0, "2015");
    }
}
