//! Words by which an enterprise is found although they are spelt another way.

use std::collections::BTreeSet;

/// The folded words of a name: one spelling for the many of Indonesian names, no word of one letter.
pub fn words(text: &str) -> BTreeSet<String> {
    linkage::text::words(text)
        .iter()
        .filter(|it| 1 < it.chars().count())
        .map(|it| linkage::text::canonical(it))
        .collect()
}

/// A word and the word with each one letter left out: two words that share a variant are one typing
/// error apart (symmetric deletion, W. Garbe's SymSpell). A word of three letters or fewer has no variant but itself.
pub fn variants(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut variants = BTreeSet::from([word.to_owned()]);
    if 3 < letters.len() {
        for left_out in 0..letters.len() {
            let kept = letters.iter().enumerate().filter(|it| it.0 != left_out);
            variants.insert(kept.map(|it| it.1).collect());
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_typing_error_still_shares_a_variant() {
        for (a, b) in [("barokah", "barkah"), ("sate", "satte"), ("karangantu", "karnagantu")] {
            assert!(!variants(a).is_disjoint(&variants(b)), "{a} {b}");
        }
        assert!(variants("sate").is_disjoint(&variants("bakso")));
    }

    #[test]
    fn old_and_new_spelling_are_one_word() {
        assert_eq!(words("Soeparman"), words("suparman"));
    }
}
