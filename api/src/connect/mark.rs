//! Watermarks: how far a source has been read.

use std::cmp::Ordering;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::config::sources::Overlap;

/// A watermark: a time or a number, as its source writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A number that grows with each change.
    Number(i64),
    /// When something changed.
    Time(Time),
}

/// A time, and how its source writes times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    local: NaiveDateTime,
    offset: TimeDelta,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Day,
    Clock { between: char, offset: String },
}

impl Mark {
    /// Reads a watermark; none for a text that is neither a time nor a whole number.
    pub fn read(text: &str) -> Option<Mark> {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return Some(Mark::Number(number));
        }
        let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
        let Some(between) = text[10..].chars().next() else {
            let local = day.and_time(NaiveTime::MIN);
            return Some(Mark::Time(Time { local, offset: TimeDelta::zero(), form: Form::Day }));
        };
        let rest = text.get(11..).filter(|_| matches!(between, ' ' | 'T' | 't'))?;
        let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (clock, zone) = (rest[..end].trim_end(), &rest[end..]);
        let formats = ["%H:%M:%S%.f", "%H:%M"];
        let time = formats.iter().find_map(|it| NaiveTime::parse_from_str(clock, it).ok())?;
        let form = Form::Clock { between, offset: zone.to_owned() };
        Some(Mark::Time(Time { local: day.and_time(time), offset: offset(zone)?, form }))
    }

    /// Where the next pull begins.
    pub fn minus(&self, overlap: Overlap) -> Mark {
        match self {
            Mark::Number(it) => Mark::Number(it.saturating_sub(overlap.number)),
            Mark::Time(it) => {
                let back = TimeDelta::from_std(overlap.time).unwrap_or(TimeDelta::MAX);
                let local = it.local.checked_sub_signed(back).unwrap_or(it.local);
                Mark::Time(Time { local, ..it.clone() })
            }
        }
    }

    /// As a literal of SQL. A time is cut to the second: what begins alike is not smaller, whether the database
    /// compares times or texts.
    pub(super) fn sql(&self) -> String {
        match self {
            Mark::Number(it) => it.to_string(),
            Mark::Time(it) => format!("'{}'", it.to_second()),
        }
    }

    /// As a parameter of a service.
    pub(super) fn parameter(&self) -> String {
        match self {
            Mark::Number(it) => it.to_string(),
            Mark::Time(it) => match &it.form {
                Form::Clock { offset, .. } if !offset.is_empty() => it.to_second() + offset,
                _ => it.to_second(),
            },
        }
    }
}

impl Time {
    fn to_second(&self) -> String {
        match &self.form {
            Form::Day => self.local.format("%Y-%m-%d").to_string(),
            Form::Clock { between, .. } => {
                format!(
                    "{}{between}{}",
                    self.local.format("%Y-%m-%d"),
                    self.local.format("%H:%M:%S")
                )
            }
        }
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mark::Number(it) => write!(out, "{it}"),
            Mark::Time(it) => match &it.form {
                Form::Day => write!(out, "{}", it.to_second()),
                Form::Clock { between, offset } => write!(
                    out,
                    "{}{between}{}{offset}",
                    it.local.format("%Y-%m-%d"),
                    it.local.format("%H:%M:%S%.f")
                ),
            },
        }
    }
}

impl Ord for Mark {
    fn cmp(&self, other: &Mark) -> Ordering {
        let utc = |it: &Time| it.local.checked_sub_signed(it.offset).unwrap_or(it.local);
        match (self, other) {
            (Mark::Number(one), Mark::Number(other)) => one.cmp(other),
            (Mark::Time(one), Mark::Time(other)) => utc(one).cmp(&utc(other)),
            (Mark::Number(_), Mark::Time(_)) => Ordering::Less,
            (Mark::Time(_), Mark::Number(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Mark {
    fn partial_cmp(&self, other: &Mark) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The offset from UTC that `+07`, `+0700`, `+07:00`, `Z` or nothing says.
fn offset(zone: &str) -> Option<TimeDelta> {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let minutes = match (zone.chars().next(), digits.len()) {
        (None | Some('Z' | 'z'), 0) => 0,
        (Some('+' | '-'), 2) => digits.parse::<i64>().ok()? * 60,
        (Some('+' | '-'), 4) => {
            digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?
        }
        _ => return None,
    };
    Some(TimeDelta::minutes(if zone.starts_with('-') { -minutes } else { minutes }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> Mark {
        Mark::read(text).unwrap()
    }

    #[test]
    fn what_sources_write_is_read_and_written_back() {
        for text in [
            "17",
            "-3",
            "2026-11-23",
            "2026-11-23 02:45:00",
            "2026-11-23 02:45:00.123456+00",
            "2026-11-23T02:45:00Z",
            "2026-11-23T02:45:00+07:00",
        ] {
            assert_eq!(read(text).to_string(), text);
        }
        for text in ["", "kemarin", "2026-13-01", "23/11/2026", "2026-11-23x", "1.5", "2026-11-2é"]
        {
            assert_eq!(Mark::read(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_ordered_whatever_their_offset() {
        assert!(read("2026-11-23T09:00:00+07:00") < read("2026-11-23T02:00:01Z"));
        assert!(read("2026-11-23T09:00:00+07:00") > read("2026-11-23T01:59:59Z"));
        assert!(read("9") < read("10"));
    }

    #[test]
    fn a_pull_begins_behind_and_in_the_form_of_the_source() {
        let overlap = Overlap { time: Duration::from_secs(300), number: 10 };
        let back = |text: &str| read(text).minus(overlap).sql();
        assert_eq!(back("100"), "90");
        assert_eq!(back("2026-11-23 00:04:59.9"), "'2026-11-22 23:59:59'");
        assert_eq!(back("2026-11-23T02:45:00Z"), "'2026-11-23T02:40:00'");
        assert_eq!(back("2026-11-23"), "'2026-11-22'");
        let asked = read("2026-11-23T02:45:00+07:00").minus(overlap).parameter();
        assert_eq!(asked, "2026-11-23T02:40:00+07:00");
    }
}
