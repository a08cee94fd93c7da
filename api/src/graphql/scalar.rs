//! Scalars of our own: each a parser with an error and a form that reads back.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, Utc};

/// An amount in whole rupiah, as a number. Example: 25000000. Larger than GraphQL's Int can hold, so
/// read it as a 64-bit number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rupiah(pub i64);

/// An amount in whole rupiah, as a number. Example: 25000000. Larger than GraphQL's Int can hold, so
/// read it as a 64-bit number.
#[Scalar(name = "Rupiah")]
impl ScalarType for Rupiah {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .map(Rupiah)
                .ok_or_else(|| InputValueError::custom("whole rupiah are expected")),
            _ => Err(InputValueError::custom("whole rupiah are expected, as a number")),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// A day, as ISO 8601. Example: "2025-09-30".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A day, as ISO 8601. Example: "2025-09-30".
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.as_str(),
            _ => "",
        };
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Date)
            .map_err(|_| InputValueError::custom("a day is expected, such as 2025-09-30"))
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.to_string())
    }
}

/// A moment, as ISO 8601 in UTC. Example: "2025-09-30T08:15:00.000Z".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// A moment, as ISO 8601 in UTC. Example: "2025-09-30T08:15:00.000Z".
#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.as_str(),
            _ => "",
        };
        chrono::DateTime::parse_from_rfc3339(text)
            .map(|it| DateTime(it.with_timezone(&Utc)))
            .map_err(|_| {
                InputValueError::custom("a moment is expected, such as 2025-09-30T08:15:00Z")
            })
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A year, a month or a day, as far as it is known. Examples: "2014", "2015-03", "2020-05-20".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialDate(pub String);

/// A year, a month or a day, as far as it is known. Examples: "2014", "2015-03", "2020-05-20".
#[Scalar(name = "PartialDate")]
impl ScalarType for PartialDate {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(PartialDate(text)),
            _ => Err(InputValueError::custom("a year, a month or a day is expected")),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_read_back() {
        let large = Rupiah(4_800_000_000);
        assert_eq!(Rupiah::parse(large.to_value()).ok(), Some(large));
        let moment = DateTime(chrono::DateTime::UNIX_EPOCH);
        assert_eq!(DateTime::parse(moment.to_value()).ok(), Some(moment));
        let day = Date(NaiveDate::default());
        assert_eq!(Date::parse(day.to_value()).ok(), Some(day));
        assert!(Date::parse(Value::from("30/09/2025")).is_err());
        assert!(Rupiah::parse(Value::from(1.5)).is_err());
    }
}
