//! Limits that hold before anything is parsed.
//!
//! The parser recurses on brackets and the validator expands fragments, so a few kilobytes could stop
//! the process. One pass over the raw text measures the document first; every transport calls
//! [`check`] before the schema sees the request.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// The longest document, in bytes.
pub const DOCUMENT_BYTES: usize = 16 * 1024;
/// The most tokens in a document.
pub const TOKENS: usize = 4_000;
/// The deepest nesting of brackets of any kind.
pub const BRACKETS: usize = 40;
/// The most tokens once every fragment spread is written out.
pub const EXPANDED_TOKENS: u64 = 20_000;
/// The deepest nesting of fields.
pub const DEPTH: usize = 20;
/// The most fields an answer may cost, a page of a list counting each of its nodes.
pub const COMPLEXITY: usize = 40_000;
/// The most fields of the root in one operation, aliases of the same field counted each.
pub const ROOT_FIELDS: usize = 30;
/// The most directives on one field.
pub const DIRECTIVES: usize = 4;

/// Refuses a document that is above a limit, with the limit in the message.
pub fn check(document: &str) -> Result<(), String> {
    if DOCUMENT_BYTES < document.len() {
        return Err(format!("the document is longer than {DOCUMENT_BYTES} bytes"));
    }
    let tokens = tokens(document)?;
    let parts = parts(&tokens);
    let fragments: HashMap<&str, &Part> =
        parts.iter().filter_map(|it| it.fragment.map(|name| (name, it))).collect();
    let mut known = HashMap::new();
    let mut total = 0_u64;
    for part in &parts {
        total = total.saturating_add(expanded(part, &fragments, &mut known, 0)?);
    }
    if EXPANDED_TOKENS < total {
        return Err(format!("its fragments expand to more than {EXPANDED_TOKENS} tokens"));
    }
    Ok(())
}

/// Refuses an operation that asks the root for more than [`ROOT_FIELDS`] fields, fragments written
/// out.
pub fn check_roots(document: &ExecutableDocument) -> Result<(), String> {
    for (_, operation) in document.operations.iter() {
        if ROOT_FIELDS < roots(document, &operation.node.selection_set.node, 0) {
            return Err(format!("the operation has more than {ROOT_FIELDS} fields at its root"));
        }
    }
    Ok(())
}

/// Whether an operation, or a fragment of the document, asks for one of these fields at its root.
pub fn asks_root(document: &ExecutableDocument, names: &[&str]) -> bool {
    let operations = document.operations.iter().map(|it| &it.1.node.selection_set.node);
    let fragments = document.fragments.values().map(|it| &it.node.selection_set.node);
    operations.chain(fragments).any(|it| has_field(it, names))
}

fn has_field(set: &SelectionSet, names: &[&str]) -> bool {
    set.items.iter().any(|it| match &it.node {
        Selection::Field(it) => names.contains(&it.node.name.node.as_str()),
        Selection::InlineFragment(it) => has_field(&it.node.selection_set.node, names),
        Selection::FragmentSpread(_) => false,
    })
}

/// How many fields a selection asks for at its own level. A cycle of fragments ends at the depth that
/// [`check`] allows; validation refuses it.
fn roots(document: &ExecutableDocument, set: &SelectionSet, depth: usize) -> usize {
    let mut count = 0_usize;
    for item in &set.items {
        let inner = match &item.node {
            Selection::Field(_) => None,
            Selection::InlineFragment(it) => Some(&it.node.selection_set.node),
            Selection::FragmentSpread(it) => {
                let fragment = document.fragments.get(&it.node.fragment_name.node);
                fragment.map(|it| &it.node.selection_set.node)
            }
        };
        count += match inner {
            None => 1,
            Some(inner) if depth < BRACKETS => roots(document, inner, depth + 1),
            Some(_) => ROOT_FIELDS,
        };
        if ROOT_FIELDS < count {
            break;
        }
    }
    count
}

/// A definition: an operation or a fragment.
#[derive(Default)]
struct Part<'a> {
    fragment: Option<&'a str>,
    tokens: u64,
    spreads: Vec<&'a str>,
}

/// What `part` costs with its spreads written out. A cycle costs nothing here; validation refuses it.
fn expanded<'a>(
    part: &Part<'a>,
    fragments: &HashMap<&'a str, &Part<'a>>,
    known: &mut HashMap<&'a str, u64>,
    depth: usize,
) -> Result<u64, String> {
    if BRACKETS < depth {
        return Err(format!("its fragments nest deeper than {BRACKETS}"));
    }
    let mut total = part.tokens;
    for name in &part.spreads {
        let cost = match (known.get(name), fragments.get(name)) {
            (Some(cost), _) => *cost,
            (None, None) => 0,
            (None, Some(fragment)) => {
                known.insert(name, 0);
                let cost = expanded(fragment, fragments, known, depth + 1)?;
                known.insert(name, cost);
                cost
            }
        };
        total = total.saturating_add(cost);
    }
    Ok(total)
}

fn parts<'a>(tokens: &[&'a str]) -> Vec<Part<'a>> {
    let mut parts = vec![];
    let mut part = Part::default();
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1).copied();
        part.tokens += 1;
        match *token {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    parts.push(std::mem::take(&mut part));
                }
            }
            "fragment" if depth == 0 => part.fragment = next,
            "..." => part.spreads.extend(next.filter(|it| is_name(it) && *it != "on")),
            _ => {}
        }
    }
    parts.push(part);
    parts
}

fn is_name(token: &str) -> bool {
    token.starts_with(|it: char| it == '_' || it.is_ascii_alphabetic())
}

/// The tokens that count: punctuators, names, numbers and strings, without comments and commas.
fn tokens(document: &str) -> Result<Vec<&str>, String> {
    let bytes = document.as_bytes();
    let mut tokens = vec![];
    let mut open = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b'#' => {
                at += document[at..].find(['\n', '\r']).unwrap_or(document.len() - at);
                continue;
            }
            b'"' => string_length(&document[at..]),
            b'.' if document[at..].starts_with("...") => 3,
            it if it == b'_' || it.is_ascii_alphanumeric() => {
                let word = |it: &&u8| **it == b'_' || it.is_ascii_alphanumeric();
                bytes[at..].iter().take_while(word).count()
            }
            it if it.is_ascii_punctuation() && it != b',' => 1,
            _ => {
                at += document[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
        };
        let token = &document[at..at + length];
        match token {
            "{" | "[" | "(" => open += 1,
            "}" | "]" | ")" => open = open.saturating_sub(1),
            _ => {}
        }
        if BRACKETS < open {
            return Err(format!("its brackets nest deeper than {BRACKETS}"));
        }
        tokens.push(token);
        if TOKENS < tokens.len() {
            return Err(format!("the document has more than {TOKENS} tokens"));
        }
        at += length;
    }
    Ok(tokens)
}

/// How many bytes the string at the beginning of `text` takes, to the end of `text` if it is not
/// closed.
fn string_length(text: &str) -> usize {
    let (quote, block) = if text.starts_with("\"\"\"") { ("\"\"\"", true) } else { ("\"", false) };
    let mut at = quote.len();
    while at < text.len() {
        let rest = &text[at..];
        if block && rest.starts_with("\\\"\"\"") {
            at += 4;
        } else if !block && rest.starts_with('\\') {
            at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
        } else if rest.starts_with(quote) {
            return at + quote.len();
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_document_passes() {
        let document = r#"query A($x: [Int!] = [1, 2]) { a(b: "{[(\" ...x", c: """ { " """) { ...F } }
            # { { {
            fragment F on T { b ... on U { c } }"#;
        assert_eq!(check(document), Ok(()));
    }

    #[test]
    fn a_bomb_of_brackets_is_refused() {
        let lists = format!("{{ a(b: {}{}) }}", "[".repeat(2_000), "]".repeat(2_000));
        assert!(check(&lists).is_err());
        assert!(check(&"{a".repeat(2_000)).is_err());
        let types = format!("query($a: {}Int{}) {{ a }}", "[".repeat(2_000), "]".repeat(2_000));
        assert!(check(&types).is_err());
    }

    #[test]
    fn fragments_that_double_are_refused() {
        let mut document = "{ ...F0 }".to_owned();
        for index in 0..24 {
            let next = index + 1;
            document += &format!(" fragment F{index} on T {{ ...F{next} ...F{next} }}");
        }
        document += " fragment F24 on T { a }";
        assert!(check(&document).is_err());
    }

    #[test]
    fn a_cycle_ends_and_a_long_chain_is_refused() {
        assert_eq!(check("{ ...A } fragment A on T { ...B } fragment B on T { ...A }"), Ok(()));
        let mut document = "{ ...F0 }".to_owned();
        for index in 0..100 {
            document += &format!(" fragment F{index} on T {{ ...F{} }}", index + 1);
        }
        assert!(check(&document).is_err());
    }

    #[test]
    fn too_many_tokens_or_bytes_are_refused() {
        assert!(check(&format!("{{ {} }}", "a ".repeat(5_000))).is_err());
        assert!(check(&format!("# {}", "x".repeat(20_000))).is_err());
    }

    #[test]
    fn a_text_that_is_not_graphql_does_no_harm() {
        for text in ["", "\"", "\"\\", "\"\"\"", "...", "é…\u{0}{", "}}}", "fragment", "{..."] {
            let _ = check(text);
        }
    }
}
