//! From the words somebody types to the words the register knows.

use entity::search_variant::{self, Column};
use entity::search_word;
use sea_orm::sea_query::{CommonTableExpression, Expr, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::search_words::{variants, words};
use super::sql::padded;
use crate::error::Error;
use crate::store::Store;

/// Words of the name of the business.
pub const BUSINESS_NAME: i16 = 0;
/// Words of the owner's name.
pub const OWNER_NAME: i16 = 1;

/// The most words of a search that are looked for.
const WORDS: usize = 8;
/// The most words that share a variant with one of a search that are looked at.
const NEAR: u64 = 4_000;
/// A word of fewer letters is not completed.
const COMPLETED_LETTERS: usize = 3;

/// One word of a search: the words of the register it may mean, and where they may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordMatch {
    /// As it was typed, folded; words of the register may begin with it unless it is too short.
    typed: String,
    /// Words of the register that are one typing error away.
    near: Vec<String>,
    /// [`BUSINESS_NAME`], [`OWNER_NAME`], or both.
    sources: Vec<i16>,
}

impl WordMatch {
    /// The enterprises it stands in the names of, some more than once.
    fn places(&self) -> SelectStatement {
        use search_word::Column::{EnterpriseId, Source, Word};
        let such = |word: Expr| {
            let sources = Source.is_in(self.sources.iter().copied());
            let mut places = Query::select();
            places
                .from(search_word::Entity)
                .column(EnterpriseId)
                .and_where(word)
                .and_where(sources);
            places
        };
        let mut places = such(Word.is_in(padded(&self.near)));
        if COMPLETED_LETTERS <= self.typed.chars().count() {
            // No letter is sorted after the last code point.
            let last = format!("{}\u{10FFFF}", self.typed);
            places.union(UnionType::All, such(Word.between(&self.typed, &last)));
        }
        places
    }
}

/// The ids of the enterprises that have each of `words`; None without words.
///
/// They are found before anything else is asked of an enterprise: how many there are is not known beforehand, and a
/// database that takes them for many walks the whole list by name.
pub(super) fn having(words: &[WordMatch]) -> Option<SelectStatement> {
    let id = search_word::Column::EnterpriseId;
    let each = |word: &WordMatch| {
        Query::select().column(id).from_subquery(word.places(), "places").to_owned()
    };
    let (first, others) = words.split_first()?;
    let mut all = each(first);
    // Distinct, as an intersection is.
    all.distinct();
    all.unions(others.iter().map(|it| (UnionType::Intersect, each(it))));
    let mut found = CommonTableExpression::new();
    found.table_name("found").query(all).materialized(true);
    Some(Query::select().column(id).from("found").with_cte(found).to_owned())
}

impl Store {
    /// What the words of `text` may mean: words of the register one typing error away, or beginning
    /// with them.
    pub async fn spellings(&self, text: &str, sources: &[i16]) -> Result<Vec<WordMatch>, Error> {
        let asked: Vec<String> = words(text).into_iter().take(WORDS).collect();
        let sharing: Vec<String> = asked.iter().flat_map(|it| variants(it)).collect();
        let query = search_variant::Entity::find()
            .select_only()
            .column(Column::Word)
            .distinct()
            .filter(Column::Variant.is_in(padded(&sharing)))
            .limit(NEAR)
            .build(self.backend());
        let known: Vec<String> = self.rows(query, |it| it.get(0)).await?;
        let meant = |typed: String| {
            let near = known.iter().filter(|it| one_error_apart(&typed, it)).cloned().collect();
            WordMatch { typed, near, sources: sources.to_vec() }
        };
        Ok(asked.into_iter().map(meant).collect())
    }
}

/// Whether one letter added, left out, changed, or swapped with its neighbour turns `a` into `b`.
/// Sharing a variant alone would allow two.
fn one_error_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - end], &b[..b.len() - end]) {
        ([], [] | [_]) | ([_], [] | [_]) => true,
        ([x, y], [u, v]) => (x, y) == (v, u),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_forgiven_and_two_are_not() {
        for (a, b) in [("sate", "sate"), ("sate", "satte"), ("sate", "sote"), ("sate", "saet")] {
            assert!(one_error_apart(a, b) && one_error_apart(b, a), "{a} {b}");
        }
        for (a, b) in [("sate", "soto"), ("barokah", "brakoh"), ("sate", "sateay")] {
            assert!(!one_error_apart(a, b), "{a} {b}");
        }
    }
}
