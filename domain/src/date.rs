//! Dates as agencies write them: a day, a month, or a year alone.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};

use crate::identifier::{Flaw, Reading, is_placeholder};

/// A year, and the month and day where they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    /// The year, 1900 to 2100.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The day of the month; never without a month.
    pub day: Option<u8>,
}

impl From<NaiveDate> for PartialDate {
    fn from(date: NaiveDate) -> PartialDate {
        let (month, day) = (date.month() as u8, date.day() as u8);
        PartialDate { year: date.year(), month: Some(month), day: Some(day) }
    }
}

impl PartialDate {
    /// Reads `25/09/2025`, `6-3-15`, `12 Maret 2015`, `2014-06-30`, `Maret 2015`, `2014`, the day
    /// number of a spreadsheet (`43971`) and their like, a time of day being dropped.
    ///
    /// The day comes before the month unless that is impossible. Two digits of a year mean 1950 to 2049.
    pub fn read(text: &str) -> Reading<PartialDate> {
        if is_placeholder(text) {
            return Reading::Missing;
        }
        match date(text) {
            Ok(date) => Reading::Whole(date),
            Err(flaw) => Reading::Invalid(flaw),
        }
    }

    /// The day, when it is known.
    pub fn to_naive(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, self.month?.into(), self.day?.into())
    }

    /// The first day the date can mean.
    pub fn earliest(self) -> Option<NaiveDate> {
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        NaiveDate::from_ymd_opt(self.year, month.into(), day.into())
    }

    /// Whether it lies after `other` for certain, as far as both are known.
    pub fn is_after(self, other: PartialDate) -> bool {
        let month = |it: PartialDate| (it.year, it.month.unwrap_or(0));
        match (self.month.zip(other.month), self.day.zip(other.day)) {
            (None, _) => other.year < self.year,
            (_, None) => month(other) < month(self),
            _ => (month(other), other.day) < (month(self), self.day),
        }
    }

    fn checked(year: i32, month: Option<u32>, day: Option<u32>) -> Result<PartialDate, Flaw> {
        let fits = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1)).is_some();
        if !fits || !(1900..=2100).contains(&year) {
            return Err(Flaw::ImpossibleDate);
        }
        Ok(PartialDate { year, month: month.map(|it| it as u8), day: day.map(|it| it as u8) })
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(out, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(out, "-{day:02}")?;
        }
        Ok(())
    }
}

/// A run of digits or letters.
enum Token<'a> {
    Number { value: u32, digits: usize },
    Word(&'a str),
}

fn date(text: &str) -> Result<PartialDate, Flaw> {
    let lower = text.trim().trim_start_matches(['\'', '"', '=']).to_lowercase();
    let text = without_time(&lower);
    if let Some(date) = day_number(text) {
        return Ok(date);
    }
    let (mut numbers, mut month) = (Vec::new(), None);
    let mut month_first = false;
    for token in tokens(text).ok_or(Flaw::NotADate)? {
        match token {
            Token::Number { value, digits } => numbers.push((value, digits)),
            Token::Word(word) if is_filler(word) => {}
            Token::Word(word) => match month_named(word) {
                Some(named) if month.is_none() => {
                    month = Some(named);
                    month_first = numbers.is_empty();
                }
                _ => return Err(Flaw::NotADate),
            },
        }
    }
    match (month, numbers.as_slice()) {
        (None, &[(year, 4)]) => PartialDate::checked(year as i32, None, None),
        (None, &[(all, 8)]) => run_together(all),
        (None, &[(year, 4), (month, 1..=2)]) => {
            PartialDate::checked(year as i32, Some(month), None)
        }
        (None, &[(month, 1..=2), (year, 4)]) => {
            PartialDate::checked(year as i32, Some(month), None)
        }
        (None, &[(year, 4), (month, 1..=2), (day, 1..=2)]) => day_of(year as i32, month, day),
        (None, &[(day, 1..=2), (month, 1..=2), (year, digits @ (2 | 4))]) => {
            day_of(full_year(year, digits), month, day)
        }
        (Some(month), &[(year, digits @ (2 | 4))]) => {
            PartialDate::checked(full_year(year, digits), Some(month), None)
        }
        (Some(month), &[(year, 4), (day, 1..=2)]) if !month_first => {
            PartialDate::checked(year as i32, Some(month), Some(day))
        }
        (Some(month), &[(day, 1..=2), (year, digits @ (2 | 4))]) => {
            PartialDate::checked(full_year(year, digits), Some(month), Some(day))
        }
        _ => Err(Flaw::NotADate),
    }
}

/// Cuts ` 12:32:43`, `T00:00:00Z`, ` 08.15 wib` off.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else { return text };
    let before = text[..colon].trim_end_matches(|it: char| it.is_ascii_digit());
    before.trim_end_matches(['t', ' ', ',', '-'])
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |fits: fn(char) -> bool| rest.find(|it| !fits(it)).unwrap_or(rest.len());
        let length = if first.is_ascii_digit() {
            let length = run(|it| it.is_ascii_digit());
            found.push(Token::Number { value: rest[..length].parse().ok()?, digits: length });
            length
        } else if first.is_alphabetic() {
            let length = run(char::is_alphabetic);
            found.push(Token::Word(&rest[..length]));
            length
        } else if first.is_whitespace() || matches!(first, '/' | '-' | '.' | ',' | '\'' | '–') {
            first.len_utf8()
        } else {
            return None;
        };
        rest = &rest[length..];
    }
    Some(found)
}

fn is_filler(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "ahad", "awal", "bulan", "jumat", "kamis", "minggu", "rabu", "sabtu", "sejak", "selasa",
        "senin", "tahun", "tanggal", "tgl", "th", "thn",
    ];
    WORDS.contains(&word)
}

fn month_named(word: &str) -> Option<u32> {
    const NAMES: &[&[&str]] = &[
        &["januari", "january", "jan"],
        &["februari", "pebruari", "february", "feb", "peb"],
        &["maret", "march", "mar", "mrt"],
        &["april", "apr"],
        &["mei", "may"],
        &["juni", "june", "jun"],
        &["juli", "july", "jul"],
        &["agustus", "august", "agu", "agt", "ags", "agst", "aug"],
        &["september", "sept", "sep"],
        &["oktober", "october", "okt", "oct"],
        &["november", "nopember", "nov", "nop"],
        &["desember", "december", "des", "dec"],
    ];
    NAMES.iter().position(|it| it.contains(&word)).map(|it| it as u32 + 1)
}

fn full_year(year: u32, digits: usize) -> i32 {
    match (digits, year) {
        (2, 0..=49) => 2000 + year as i32,
        (2, _) => 1900 + year as i32,
        _ => year as i32,
    }
}

fn day_of(year: i32, month: u32, day: u32) -> Result<PartialDate, Flaw> {
    let (month, day) = if 12 < month && day <= 12 { (day, month) } else { (month, day) };
    PartialDate::checked(year, Some(month), Some(day))
}

/// `20250930` and `30092025`.
fn run_together(all: u32) -> Result<PartialDate, Flaw> {
    let year_first = (all / 10_000) as i32;
    PartialDate::checked(year_first, Some(all / 100 % 100), Some(all % 100)).or_else(|_| {
        PartialDate::checked((all % 10_000) as i32, Some(all / 10_000 % 100), Some(all / 1_000_000))
    })
}

/// The number a spreadsheet keeps for a day, from 1954 to 2064; a fraction is the time of day.
fn day_number(text: &str) -> Option<PartialDate> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    if whole.len() == 4 && fraction == "0" {
        return PartialDate::checked(whole.parse().ok()?, None, None).ok();
    }
    let number: u64 = whole.parse().ok()?;
    if whole.len() != 5 || !(20_000..=60_000).contains(&number) {
        return None;
    }
    let start = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    start.checked_add_days(Days::new(number)).map(PartialDate::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_agencies_write_them() {
        let check = |text, expected: &str| {
            let date = PartialDate::read(text).whole();
            assert_eq!(date.map(|it| it.to_string()).as_deref(), Some(expected), "{text}");
        };
        check("25/09/2025", "2025-09-25");
        check("6-3-15", "2015-03-06");
        check("24-9-99", "1999-09-24");
        check("12 Maret 2015", "2015-03-12");
        check("6 November 2020", "2020-11-06");
        check("17 Agt 2021", "2021-08-17");
        check("12-Mar-15", "2015-03-12");
        check("Mar-15", "2015-03");
        check("March 12, 2015", "2015-03-12");
        check("Senin, 12 Maret 2015", "2015-03-12");
        check("2014-06-30", "2014-06-30");
        check("2014/06/30", "2014-06-30");
        check("2014-06-30T00:00:00Z", "2014-06-30");
        check("2014-06-30 00:00:00", "2014-06-30");
        check("17/06/2025 12:32:43", "2025-06-17");
        check("03/02/2024 9:20:28", "2024-02-03");
        check("43971", "2020-05-20");
        check("43971.5", "2020-05-20");
        check("2014", "2014");
        check("2014.0", "2014");
        check("thn 2014", "2014");
        check("Maret 2015", "2015-03");
        check("03/2015", "2015-03");
        check("2015-03", "2015-03");
        check("'2015", "2015");
        check("20250930", "2025-09-30");
        check("30092025", "2025-09-30");
        check("30.09.2025", "2025-09-30");
        check("09/30/2025", "2025-09-30");
    }

    #[test]
    fn what_is_no_date_says_why() {
        let check =
            |text, flaw| assert_eq!(PartialDate::read(text), Reading::Invalid(flaw), "{text}");
        check("31/02/2020", Flaw::ImpossibleDate);
        check("32/13/2020", Flaw::ImpossibleDate);
        check("1015", Flaw::ImpossibleDate);
        check("13/2020", Flaw::ImpossibleDate);
        check("5 tahun", Flaw::NotADate);
        check("2010-2015", Flaw::NotADate);
        check("lama", Flaw::NotADate);
        check("12 Maret April 2015", Flaw::NotADate);
        check("99999999999999999999", Flaw::NotADate);
        assert_eq!(PartialDate::read(" - "), Reading::Missing);
    }

    #[test]
    fn later_is_said_only_when_it_is_certain() {
        let read = |text| PartialDate::read(text).whole().unwrap();
        let check = |one, other| read(one).is_after(read(other));
        assert!(check("2050", "12/03/2025") && check("13/03/2025", "12/03/2025"));
        assert!(check("April 2025", "12/03/2025"));
        assert!(!check("2025", "12/03/2025") && !check("Maret 2025", "2025"));
        assert!(!check("12/03/2025", "12/03/2025") && !check("Maret 2025", "12/03/2025"));
    }

    #[test]
    fn a_year_alone_is_no_day() {
        let year = PartialDate::read("2014").whole().unwrap();
        assert_eq!(year.to_naive(), None);
        assert_eq!(year.earliest(), NaiveDate::from_ymd_opt(2014, 1, 1));
    }
}
