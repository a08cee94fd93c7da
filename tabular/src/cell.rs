use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// Several texts.
    Texts,
    /// A whole number.
    Whole,
    /// A number with a fraction.
    Decimal,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A moment, to the millisecond, UTC.
    Moment,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as programs use it.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// What it means, with its unit.
    pub meaning: String,
}

impl Column {
    /// A column of this name, kind and meaning.
    pub fn new(name: impl Into<String>, kind: Kind, meaning: impl Into<String>) -> Column {
        Column { name: name.into(), kind, meaning: meaning.into() }
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing is known, or nothing is shown.
    Nothing,
    /// A text.
    Text(String),
    /// Several texts, none of them being another thing than nothing.
    Texts(Vec<String>),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction; one that is none counts as nothing.
    Decimal(f64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// A moment.
    Moment(DateTime<Utc>),
}

impl Cell {
    pub(crate) fn fits(&self, kind: Kind) -> bool {
        match self {
            Cell::Nothing => true,
            Cell::Text(_) => kind == Kind::Text,
            Cell::Texts(_) => kind == Kind::Texts,
            Cell::Whole(_) => kind == Kind::Whole,
            Cell::Decimal(_) => kind == Kind::Decimal,
            Cell::Boolean(_) => kind == Kind::Boolean,
            Cell::Date(_) => kind == Kind::Date,
            Cell::Moment(_) => kind == Kind::Moment,
        }
    }

    /// The cell as a person reads it; several texts are parted by semicolons.
    pub(crate) fn text(&self) -> String {
        match self {
            Cell::Nothing => String::new(),
            Cell::Text(it) => it.clone(),
            Cell::Texts(it) => it.join("; "),
            Cell::Whole(it) => it.to_string(),
            Cell::Decimal(it) if it.is_finite() => it.to_string(),
            Cell::Decimal(_) => String::new(),
            Cell::Boolean(it) => it.to_string(),
            Cell::Date(it) => it.to_string(),
            Cell::Moment(it) => moment(it),
        }
    }
}

pub(crate) fn moment(it: &DateTime<Utc>) -> String {
    it.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl From<&str> for Cell {
    fn from(it: &str) -> Cell {
        Cell::Text(it.to_owned())
    }
}

impl From<String> for Cell {
    fn from(it: String) -> Cell {
        Cell::Text(it)
    }
}

impl From<Vec<String>> for Cell {
    fn from(it: Vec<String>) -> Cell {
        Cell::Texts(it)
    }
}

impl From<i64> for Cell {
    fn from(it: i64) -> Cell {
        Cell::Whole(it)
    }
}

impl From<f64> for Cell {
    fn from(it: f64) -> Cell {
        Cell::Decimal(it)
    }
}

impl From<bool> for Cell {
    fn from(it: bool) -> Cell {
        Cell::Boolean(it)
    }
}

impl From<NaiveDate> for Cell {
    fn from(it: NaiveDate) -> Cell {
        Cell::Date(it)
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(it: DateTime<Utc>) -> Cell {
        Cell::Moment(it)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(it: Option<T>) -> Cell {
        it.map_or(Cell::Nothing, Into::into)
    }
}
