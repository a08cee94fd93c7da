//! Passwords of local accounts: which are taken, and how they are kept (Argon2id, RFC 9106).

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use crate::error::Error;

/// The fewest characters.
const SHORTEST: usize = 12;
/// The most, so that nobody has the hub hash a book.
const LONGEST: usize = 128;
/// A part of a name this long must not occur in its password.
const PART: usize = 4;

/// Words from which people make passwords here; each with digits after it, or twice, is as bad.
const COMMON: &str = include_str!("common_passwords.txt");

/// The hash of a password that nobody has, for accounts that are not there.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    let made = super::secret::fresh().and_then(|it| hash(&it));
    made.unwrap_or_default()
});

/// Refuses a password that is easy to guess for the account `name`: one of fewer than 12 characters, a
/// common word with figures after it, one pattern over and over, or one that contains the name.
pub fn check(name: &str, password: &str) -> Result<(), Error> {
    let refuse = |reason: String| Err(Error::invalid("password", reason));
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return refuse(format!("must have {SHORTEST} to {LONGEST} characters"));
    }
    let lower = password.to_lowercase();
    let parts = name.split(|it: char| !it.is_alphanumeric()).filter(|it| PART <= it.len());
    if std::iter::once(name).chain(parts).any(|it| lower.contains(&it.to_lowercase())) {
        return refuse("must not contain the name of the account".to_owned());
    }
    let word = lower.trim_matches(|it: char| !it.is_alphabetic());
    let common = |text: &str| COMMON.lines().any(|it| it == text);
    if common(&lower) || common(word) || repeats(&lower) || common(first_pattern(word)) {
        return refuse("is one that is often used; take several unrelated words".to_owned());
    }
    Ok(())
}

/// Whether a text is a short pattern over and over, or runs up or down throughout.
fn repeats(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|it| i64::from(u32::from(it))).collect();
    let steps: Vec<i64> = codes.windows(2).map(|it| it[1] - it[0]).collect();
    first_pattern(text).len() <= 4 || steps.iter().all(|it| *it == steps[0] && it.abs() <= 1)
}

/// The shortest beginning of which a text is a repetition; the text itself when it is none.
fn first_pattern(text: &str) -> &str {
    let ends = text.char_indices().skip(1).map(|it| it.0);
    let found = ends.map(|it| &text[..it]).find(|it| text.replace(it, "").is_empty());
    found.unwrap_or(text)
}

/// What is kept of a password, with a salt of its own.
pub fn hash(password: &str) -> Result<String, Error> {
    let hashed = Argon2::default().hash_password(password.as_bytes()).map_err(Error::internal)?;
    Ok(hashed.to_string())
}

/// Whether `password` is the one of which `kept` was kept. Where nothing was kept the answer is no, and
/// takes as long.
pub fn is(password: &str, kept: Option<&str>) -> bool {
    let against = kept.unwrap_or_else(|| &NOBODYS);
    let held = Argon2::default().verify_password(password.as_bytes(), against);
    held.is_ok() && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easily_guessed_is_refused() {
        for password in [
            "",
            "rahasia",
            "elevenchars",
            "Password1234",
            "Serang202620",
            "qwertyuiop12",
            "rahasiarahasia",
            "aaaaaaaaaaaaaa",
            "abababababab",
            "abcdefghijklm",
            "siti.aminah2026",
            "xx Aminah loves tea",
            "bismillahirrahmanirrahim",
        ] {
            assert!(check("siti.aminah", password).is_err(), "{password}");
        }
        for password in ["kuda hijau makan soto", "Zq8-vW2-pL5-tt", "ａｂｄefghXYjkl"] {
            assert!(check("siti.aminah", password).is_ok(), "{password}");
        }
        assert!(check("ani", &"kuda hijau ".repeat(12)).is_err());
    }

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let kept = hash("kuda hijau makan soto").unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(is("kuda hijau makan soto", Some(&kept)));
        assert!(!is("kuda hijau makan sate", Some(&kept)));
        assert!(!is("kuda hijau makan soto", None));
    }
}
