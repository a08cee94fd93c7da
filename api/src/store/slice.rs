//! One page of an ordered list, held by the values of its ordering columns (keyset), so that a page
//! stays where it is while rows come and go.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{Condition, Order, Value};
use uuid::Uuid;

/// What an ordering column holds at one row.
#[derive(Debug, Clone, PartialEq)]
pub enum At {
    /// A text.
    Text(String),
    /// A time.
    Time(DateTime<Utc>),
    /// A measure.
    Number(f64),
    /// A position.
    Order(i64),
    /// An id.
    Id(Uuid),
}

impl At {
    pub(super) fn value(&self) -> Value {
        match self {
            At::Text(it) => it.as_str().into(),
            At::Time(it) => (*it).into(),
            At::Number(it) => (*it).into(),
            At::Order(it) => (*it).into(),
            At::Id(it) => (*it).into(),
        }
    }

    fn write(&self) -> String {
        match self {
            At::Text(it) => format!("t{it}"),
            At::Time(it) => format!("z{}", it.to_rfc3339_opts(SecondsFormat::Micros, true)),
            At::Number(it) => format!("n{}", it.to_bits()),
            At::Order(it) => format!("o{it}"),
            At::Id(it) => format!("i{}", it.simple()),
        }
    }

    fn read(text: &str) -> Option<At> {
        let rest = text.get(1..)?;
        match text.chars().next()? {
            't' => Some(At::Text(rest.to_owned())),
            'z' => {
                let time = DateTime::parse_from_rfc3339(rest).ok()?;
                Some(At::Time(time.with_timezone(&Utc)))
            }
            'n' => rest.parse().ok().map(|it| At::Number(f64::from_bits(it))),
            'o' => rest.parse().ok().map(At::Order),
            'i' => Uuid::try_parse(rest).ok().map(At::Id),
            _ => None,
        }
    }

    fn same_kind(&self, other: &At) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Where one row stands: what its ordering columns hold, the deciding ones first.
#[derive(Debug, Clone, PartialEq)]
pub struct Key(pub Vec<At>);

const PARTING: char = '\u{1f}';

impl Key {
    /// The key as one text, hexadecimal so that nobody builds on what is in it.
    pub fn write(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(At::write).collect();
        parts.join(&PARTING.to_string()).bytes().map(|it| format!("{it:02x}")).collect()
    }

    /// Reads what [`Key::write`] wrote, for a list with columns of the kinds of `like`.
    pub fn read(text: &str, like: &Key) -> Option<Key> {
        if !text.len().is_multiple_of(2) || !text.is_ascii() {
            return None;
        }
        let byte = |it: usize| u8::from_str_radix(text.get(it..it + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(byte).collect();
        let whole = String::from_utf8(bytes?).ok()?;
        let parts: Option<Vec<At>> = whole.split(PARTING).map(At::read).collect();
        let key = Key(parts?);
        let fits = key.0.len() == like.0.len()
            && key.0.iter().zip(&like.0).all(|(it, other)| it.same_kind(other));
        fits.then_some(key)
    }
}

/// Which part of an ordered list is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// The list itself runs from large to small.
    pub descending: bool,
    /// Rows behind this one.
    pub after: Option<Key>,
    /// Rows in front of this one.
    pub before: Option<Key>,
    /// At most so many rows.
    pub limit: u64,
    /// Read from the end of the list.
    pub backwards: bool,
}

impl Slice {
    /// In which order the rows are read from the table.
    pub fn direction(&self) -> Order {
        if self.descending != self.backwards { Order::Desc } else { Order::Asc }
    }

    /// What keeps the rows between the two keys; `columns` as the keys hold them.
    pub fn bounds(&self, columns: &[Expr]) -> Condition {
        Condition::all()
            .add_option(self.after.as_ref().map(|it| beyond(columns, it, !self.descending)))
            .add_option(self.before.as_ref().map(|it| beyond(columns, it, self.descending)))
    }

    /// The two parts of a list by name, in the order of reading: rows with a name, then those without
    /// (`true`), each with the slice of it. A part that lies outside the keys is left out.
    pub fn by_name(&self) -> Vec<(bool, Slice)> {
        let nameless = |it: &Key| it.0.first() == Some(&At::Text(String::new()));
        let part = |part: bool| {
            let (after, before) = (self.after.as_ref(), self.before.as_ref());
            let passed = !part && after.is_some_and(nameless);
            let beyond = part && before.is_some_and(|it| !nameless(it));
            let own = |key: Option<&Key>| key.filter(|it| nameless(it) == part).cloned();
            let slice = Slice { after: own(after), before: own(before), ..self.clone() };
            (!passed && !beyond).then_some((part, slice))
        };
        [self.backwards, !self.backwards].into_iter().filter_map(part).collect()
    }

    /// The slice of the same list with a first column of whether the name is empty: one part, for a list that no index
    /// has in its order.
    pub fn nameless_last(&self) -> Slice {
        let with = |key: &Key| {
            let nameless = key.0.first() == Some(&At::Text(String::new()));
            let first = At::Order(i64::from(nameless));
            Key([first].into_iter().chain(key.0.iter().cloned()).collect())
        };
        let (after, before) = (self.after.as_ref().map(with), self.before.as_ref().map(with));
        Slice { after, before, ..self.clone() }
    }

    /// The page out of up to `limit + 1` rows as read, in the order of the list, and whether there
    /// are more in the direction of reading.
    pub fn cut<T>(&self, mut rows: Vec<T>) -> (Vec<T>, bool) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = limit < rows.len();
        rows.truncate(limit);
        if self.backwards {
            rows.reverse();
        }
        (rows, more)
    }
}

/// 1 where `name` is empty, so that what has no name comes last; 0 elsewhere.
pub(super) fn namelessness(name: Expr) -> Expr {
    CaseStatement::new().case(name.eq(""), 1).finally(0).into()
}

/// Rows behind `key` in the order of `columns`: larger in the first column, or equal there and larger
/// in the next, and so on; smaller where not `larger`.
fn beyond(columns: &[Expr], key: &Key, larger: bool) -> Condition {
    let mut any = Condition::any();
    for (index, (column, at)) in columns.iter().zip(&key.0).enumerate() {
        let equal = columns.iter().zip(&key.0).take(index);
        let mut all = Condition::all();
        for (column, at) in equal {
            all = all.add(column.clone().eq(at.value()));
        }
        let column = column.clone();
        let further = if larger { column.gt(at.value()) } else { column.lt(at.value()) };
        any = any.add(all.add(further));
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_for_a_list_of_its_kind_and_no_other() {
        let id = At::Id(Uuid::from_u128(7));
        let name = Key(vec![At::Text("warung \u{e9}".into()), id.clone()]);
        let time = Key(vec![At::Time(DateTime::UNIX_EPOCH), id.clone()]);
        let weight = Key(vec![At::Number(-2.5), id.clone(), id]);
        for key in [&name, &time, &weight] {
            assert_eq!(Key::read(&key.write(), key).as_ref(), Some(key));
        }
        assert_eq!(Key::read(&name.write(), &time), None);
        for text in ["", "zz", "0", "\u{e9}\u{e9}", "7461"] {
            assert_eq!(Key::read(text, &name), None, "{text}");
        }
    }
}
