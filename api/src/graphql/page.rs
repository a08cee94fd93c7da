//! Pages of lists, as Relay connections: arguments in, edges out, limits in one place.

use async_graphql::connection::{
    Connection, CursorType, DefaultConnectionName, DefaultEdgeName, Edge, EmptyFields,
    EnableNodesField,
};
use async_graphql::{OutputType, SimpleObject};

use crate::error::Error;
use crate::store::slice::{Key, Slice};

/// The most nodes of one page.
pub const LARGEST_PAGE: u64 = 200;
/// The nodes of a page when nobody says how many.
pub const USUAL_PAGE: u64 = 50;

/// Which page of a list is asked for, as the client wrote it.
#[derive(Debug, Clone, Default)]
pub struct PageArguments {
    /// So many from the beginning.
    pub first: Option<i32>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// So many from the end.
    pub last: Option<i32>,
    /// In front of this cursor.
    pub before: Option<String>,
}

impl PageArguments {
    /// The slice of a list whose keys are of the kind of `like`.
    ///
    /// Refuses negative and over-large pages, both ends at once, and cursors of another list.
    pub fn slice(self, like: &Key, descending: bool) -> Result<Slice, Error> {
        if self.first.is_some() && self.last.is_some() {
            return Err(Error::invalid("first", "give first or last, not both"));
        }
        let size = |field: &'static str, size: i32| match u64::try_from(size) {
            Ok(size) if size <= LARGEST_PAGE => Ok(size),
            _ => Err(Error::invalid(field, format!("must be from 0 to {LARGEST_PAGE}"))),
        };
        let limit = match (self.first, self.last) {
            (Some(first), _) => size("first", first)?,
            (None, Some(last)) => size("last", last)?,
            (None, None) => USUAL_PAGE,
        };
        let key = |field: &'static str, cursor: Option<String>| match cursor {
            None => Ok(None),
            Some(it) => Key::read(&it, like)
                .map(Some)
                .ok_or_else(|| Error::invalid(field, "is not a cursor of this list")),
        };
        Ok(Slice {
            descending,
            after: key("after", self.after)?,
            before: key("before", self.before)?,
            limit,
            backwards: self.last.is_some(),
        })
    }
}

/// How many nodes a page may hold, for the cost of a query.
pub fn nodes(first: Option<i32>, last: Option<i32>) -> usize {
    let asked = first.or(last).and_then(|it| u64::try_from(it).ok()).unwrap_or(USUAL_PAGE);
    usize::try_from(asked.min(LARGEST_PAGE)).unwrap_or(usize::MAX)
}

/// What a list says of itself beside its page.
#[derive(Debug, Clone, SimpleObject)]
pub struct Total {
    /// How many nodes the whole list has, across all pages. Example: 412.
    pub total_count: i32,
}

/// A cursor: opaque, and good for as long as the list is ordered so.
pub struct Cursor(pub Key);

impl CursorType for Cursor {
    type Error = Error;

    fn decode_cursor(_: &str) -> Result<Cursor, Error> {
        Err(Error::invalid("after", "cursors are read by the list"))
    }

    fn encode_cursor(&self) -> String {
        self.0.write()
    }
}

/// A page of `Node`s with the total of the list.
pub type PageOf<Node> = Connection<
    Cursor,
    Node,
    Total,
    EmptyFields,
    DefaultConnectionName,
    DefaultEdgeName,
    EnableNodesField,
>;

/// Makes the page.
pub fn page_of<Node: OutputType>(
    slice: &Slice,
    nodes: Vec<(Key, Node)>,
    more: bool,
    total: u64,
) -> PageOf<Node> {
    let (front, back) = if slice.backwards {
        (more, slice.before.is_some())
    } else {
        (slice.after.is_some(), more)
    };
    let total = Total { total_count: count(total) };
    let mut page = Connection::with_additional_fields(front, back, total);
    page.edges = nodes.into_iter().map(|(key, node)| Edge::new(Cursor(key), node)).collect();
    page
}

/// A count as GraphQL's `Int`, which has 32 bits.
pub fn count(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Whether the query asks for the total of the list.
pub fn wants_total(ctx: &async_graphql::Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::slice::At;

    fn check(arguments: PageArguments, expected: Result<(u64, bool), &str>) {
        let like = Key(vec![At::Order(0)]);
        let read = arguments.slice(&like, false).map(|it| (it.limit, it.backwards));
        match (read, expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, expected),
            (Err(Error::InvalidInput { field, .. }), Err(expected)) => assert_eq!(field, expected),
            (read, expected) => panic!("{read:?} is not {expected:?}"),
        }
    }

    #[test]
    fn a_page_has_one_end_and_a_bounded_size() {
        let whole = PageArguments::default;
        check(whole(), Ok((USUAL_PAGE, false)));
        check(PageArguments { first: Some(0), ..whole() }, Ok((0, false)));
        check(PageArguments { last: Some(200), ..whole() }, Ok((200, true)));
        check(PageArguments { first: Some(201), ..whole() }, Err("first"));
        check(PageArguments { first: Some(-1), ..whole() }, Err("first"));
        check(PageArguments { last: Some(-1), ..whole() }, Err("last"));
        check(PageArguments { first: Some(1), last: Some(1), ..whole() }, Err("first"));
        check(PageArguments { after: Some("x".into()), ..whole() }, Err("after"));
    }
}
