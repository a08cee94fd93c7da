//! What errors say exactly, in Indonesian. They are made in English; a text that is not here is left out rather
//! than told in a language that was not asked for.

use std::sync::LazyLock;

/// What `english` says, in Indonesian; none for a text that is not known.
pub fn said(english: &str) -> Option<String> {
    if let Some(known) = translated(english) {
        return Some(known);
    }
    // An argument, and what is wrong with it.
    let (field, reason) = english.split_once(": ")?;
    let plain = !field.is_empty() && field.bytes().all(|it| it.is_ascii_alphanumeric());
    plain.then(|| translated(reason)).flatten().map(|it| format!("{field}: {it}"))
}

fn translated(english: &str) -> Option<String> {
    PHRASES.iter().find_map(|(from, to)| {
        let mut held = fitting(from, english)?.into_iter();
        let mut said = String::new();
        for (place, part) in to.split("{}").enumerate() {
            if 0 < place {
                let it = held.next()?;
                said += &translated(it).unwrap_or_else(|| it.to_owned());
            }
            said += part;
        }
        Some(said)
    })
}

/// What stands in `text` where `pattern` has `{}`; none when the rest differs.
fn fitting<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let (mut held, mut parts) = (vec![], pattern.split("{}"));
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty().then_some(held);
    }
    while let Some(part) = parts.next() {
        let end = match parts.peek() {
            None => rest.len().checked_sub(part.len()).filter(|it| rest[*it..] == *part)?,
            Some(_) => rest.find(part)?,
        };
        held.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    Some(held)
}

/// What is said in English, and in Indonesian; `{}` stands for what differs each time.
static PHRASES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("indonesian.tsv").lines().skip(1);
    lines.filter_map(|it| it.split_once('\t')).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_whole_and_nothing_is_left_in_english() {
        for (english, expected) in [
            (
                "purpose: your role may not state this purpose",
                Some("purpose: peran Anda tidak boleh menyatakan tujuan ini"),
            ),
            (
                "institution: must be one of bjb, bank",
                Some("institution: harus salah satu dari bjb, bank"),
            ),
            (
                "content: must have 20 to 20000 characters",
                Some("content: harus 20 sampai 20000 huruf"),
            ),
            ("sign in: the token has expired", Some("Masuk dahulu: masa berlaku token habis")),
            ("the role lender may not read owners", Some("peran lender tidak berhak melakukannya")),
            ("something new", None),
            ("must be 1 to", None),
        ] {
            assert_eq!(said(english).as_deref(), expected, "{english}");
        }
    }
}
