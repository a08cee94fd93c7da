//! From the words somebody types to the words the register knows.

use entity::{search_variant, search_word};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::search_words::{variants, words};
use crate::error::Error;
use crate::store::Store;

/// Words of the name of the business.
pub const BUSINESS_NAME: i16 = 0;
/// Words of the owner's name.
pub const OWNER_NAME: i16 = 1;

/// The most words of a search that are looked for.
const WORDS: usize = 8;
/// The most spellings one word is looked for in.
const SPELLINGS: u64 = 200;
/// A word of fewer letters is not completed.
const COMPLETED_LETTERS: usize = 3;

/// One word of a search: the spellings of the register it may mean, and where they may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordMatch {
    /// Words of the register; empty when none comes near.
    pub spellings: Vec<String>,
    /// [`BUSINESS_NAME`], [`OWNER_NAME`], or both.
    pub sources: Vec<i16>,
}

impl Store {
    /// What the words of `text` may mean: words of the register one typing error away, or beginning
    /// with them.
    pub async fn spellings(&self, text: &str, sources: &[i16]) -> Result<Vec<WordMatch>, Error> {
        let mut found = vec![];
        for word in words(text).into_iter().take(WORDS) {
            let near: Vec<String> = search_variant::Entity::find()
                .select_only()
                .column(search_variant::Column::Word)
                .distinct()
                .filter(search_variant::Column::Variant.is_in(variants(&word)))
                .limit(SPELLINGS)
                .into_tuple()
                .all(self.reader())
                .await?;
            let mut spellings: Vec<String> =
                near.into_iter().filter(|it| one_error_apart(&word, it)).collect();
            if COMPLETED_LETTERS <= word.chars().count() {
                let begun: Vec<String> = search_word::Entity::find()
                    .select_only()
                    .column(search_word::Column::Word)
                    .distinct()
                    .filter(search_word::Column::Word.starts_with(&word))
                    .filter(search_word::Column::Source.is_in(sources.iter().copied()))
                    .limit(SPELLINGS)
                    .into_tuple()
                    .all(self.reader())
                    .await?;
                spellings.extend(begun);
            }
            spellings.sort();
            spellings.dedup();
            found.push(WordMatch { spellings, sources: sources.to_vec() });
        }
        Ok(found)
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
