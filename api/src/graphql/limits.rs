//! Limits that hold before anything is parsed.
//!
//! The parser recurses on brackets and the validator expands fragments, so a few kilobytes could stop
//! the process. One pass over the raw text measures the document first; every transport calls
//! [`check`] before the schema sees the request.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::error::code;
use crate::config::limits::DocumentLimits;

/// A limit that a document is above: the code of the limit, and the limit in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// What the refusal carries in `extensions.code`.
    pub code: &'static str,
    /// What is too much, with the limit.
    pub message: String,
}

fn excess<T>(code: &'static str, message: String) -> Result<T, Excess> {
    Err(Excess { code, message })
}

/// Refuses a document that is above a limit.
pub fn check(document: &str, limits: &DocumentLimits) -> Result<(), Excess> {
    if limits.bytes < document.len() {
        let message = format!("the document is longer than {} bytes", limits.bytes);
        return excess(code::DOCUMENT_TOO_LONG, message);
    }
    let tokens = tokens(document, limits)?;
    let counted = Counted::of(&tokens);
    for (found, most, noun, code) in [
        (counted.aliases, limits.aliases, "aliases", code::TOO_MANY_ALIASES),
        (counted.directives, limits.directives, "directives", code::TOO_MANY_DIRECTIVES),
        (counted.operations, limits.operations, "operations", code::TOO_MANY_OPERATIONS),
    ] {
        if most < found {
            return excess(code, format!("the document has more than {most} {noun}"));
        }
    }
    let parts = parts(&tokens);
    let fragments: HashMap<&str, &Part> =
        parts.iter().filter_map(|it| it.fragment.map(|name| (name, it))).collect();
    let mut known = HashMap::new();
    let mut total = 0_u64;
    for part in &parts {
        total = total.saturating_add(expanded(part, &fragments, &mut known, limits.brackets)?);
    }
    if limits.expanded_tokens < total {
        let most = limits.expanded_tokens;
        let message = format!("its fragments expand to more than {most} tokens");
        return excess(code::FRAGMENTS_TOO_LARGE, message);
    }
    Ok(())
}

/// Refuses an operation that asks the root for more fields than it may, fragments written out.
pub fn check_roots(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<(), Excess> {
    let most = limits.root_fields;
    for (_, operation) in document.operations.iter() {
        let set = &operation.node.selection_set.node;
        if most < roots(document, set, limits, limits.brackets) {
            let message = format!("the operation has more than {most} fields at its root");
            return excess(code::TOO_MANY_ROOT_FIELDS, message);
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
fn roots(
    document: &ExecutableDocument,
    set: &SelectionSet,
    limits: &DocumentLimits,
    depth: usize,
) -> usize {
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
            Some(inner) if 0 < depth => roots(document, inner, limits, depth - 1),
            Some(_) => limits.root_fields,
        };
        if limits.root_fields < count {
            break;
        }
    }
    count
}

/// What a document has of what is bounded.
#[derive(Debug, Default)]
struct Counted {
    aliases: usize,
    directives: usize,
    operations: usize,
}

impl Counted {
    fn of(tokens: &[&str]) -> Counted {
        let mut counted = Counted::default();
        let (mut braces, mut parentheses) = (0_usize, 0_usize);
        let mut begins = true;
        for token in tokens {
            // A definition begins; a selection of its own is a query without a name.
            if begins && braces + parentheses == 0 {
                let operation = ["query", "mutation", "subscription", "{"].contains(token);
                counted.operations += usize::from(operation);
                begins = false;
            }
            match *token {
                "{" => braces += 1,
                "}" => {
                    braces = braces.saturating_sub(1);
                    begins = braces == 0;
                }
                "(" => parentheses += 1,
                ")" => parentheses = parentheses.saturating_sub(1),
                "@" => counted.directives += 1,
                ":" if 0 < braces && parentheses == 0 => counted.aliases += 1,
                _ => {}
            }
        }
        counted
    }
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
) -> Result<u64, Excess> {
    if depth == 0 {
        return excess(code::TOO_DEEP, "its fragments nest too deep".to_owned());
    }
    let mut total = part.tokens;
    for name in &part.spreads {
        let cost = match (known.get(name), fragments.get(name)) {
            (Some(cost), _) => *cost,
            (None, None) => 0,
            (None, Some(fragment)) => {
                known.insert(name, 0);
                let cost = expanded(fragment, fragments, known, depth - 1)?;
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
fn tokens<'a>(document: &'a str, limits: &DocumentLimits) -> Result<Vec<&'a str>, Excess> {
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
        if limits.brackets < open {
            let message = format!("its brackets nest deeper than {}", limits.brackets);
            return excess(code::TOO_DEEP, message);
        }
        tokens.push(token);
        if limits.tokens < tokens.len() {
            let message = format!("the document has more than {} tokens", limits.tokens);
            return excess(code::TOO_MANY_TOKENS, message);
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
    use crate::config::Config;

    fn limits() -> DocumentLimits {
        Config::load(None, &|_| None).unwrap().limits.document
    }

    fn check(document: &str) -> Result<(), &'static str> {
        super::check(document, &limits()).map_err(|it| it.code)
    }

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
        assert_eq!(check(&lists), Err(code::TOO_DEEP));
        assert_eq!(check(&"{a".repeat(2_000)), Err(code::TOO_DEEP));
        let types = format!("query($a: {}Int{}) {{ a }}", "[".repeat(2_000), "]".repeat(2_000));
        assert_eq!(check(&types), Err(code::TOO_DEEP));
    }

    #[test]
    fn what_the_settings_allow_at_most_is_parsed_on_a_small_stack() {
        let parsed = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
            let lists = format!("{{ a(b: {}{}) }}", "[".repeat(62), "]".repeat(62));
            let fields = format!("{}{}", "{ a ".repeat(64), "}".repeat(64));
            let objects = format!("{{ a(b: {}1{}) }}", "{c:".repeat(62), "}".repeat(62));
            for document in [lists, fields, objects] {
                let limits = DocumentLimits { brackets: 64, ..limits() };
                assert_eq!(super::check(&document, &limits), Ok(()));
                assert!(async_graphql::parser::parse_query(&document).is_ok(), "{document}");
            }
        });
        parsed.unwrap().join().unwrap();
    }

    #[test]
    fn what_is_counted_is_refused_above_its_limit_with_its_own_code() {
        let many = |count: usize, text: &str| text.repeat(count);
        for (document, code) in [
            (format!("{{ {} }}", many(201, "a: b ")), code::TOO_MANY_ALIASES),
            (format!("{{ {} }}", many(201, "a @b ")), code::TOO_MANY_DIRECTIVES),
            (many(21, "{ a } "), code::TOO_MANY_OPERATIONS),
            (many(21, "query A($a: Int = 1) { a } "), code::TOO_MANY_OPERATIONS),
        ] {
            assert_eq!(check(&document), Err(code), "{document}");
        }
        // Neither arguments nor fields of an object are aliases.
        let arguments =
            format!("query A($a: Int) {{ b({}) c(d: {{ e: 1 }}) }}", many(250, "a: $a "));
        assert_eq!(check(&arguments), Ok(()));
        assert_eq!(check(&format!("{{ {} }} ", many(200, "a: b @c "))), Ok(()));
        let fragments = many(30, "fragment F on T { a } ");
        assert_eq!(check(&format!("{} {fragments}", many(20, "{ a } "))), Ok(()));
    }

    #[test]
    fn fragments_that_double_are_refused() {
        let mut document = "{ ...F0 }".to_owned();
        for index in 0..24 {
            let next = index + 1;
            document += &format!(" fragment F{index} on T {{ ...F{next} ...F{next} }}");
        }
        document += " fragment F24 on T { a }";
        assert_eq!(check(&document), Err(code::FRAGMENTS_TOO_LARGE));
    }

    #[test]
    fn a_cycle_ends_and_a_long_chain_is_refused() {
        assert_eq!(check("{ ...A } fragment A on T { ...B } fragment B on T { ...A }"), Ok(()));
        let mut document = "{ ...F0 }".to_owned();
        for index in 0..100 {
            document += &format!(" fragment F{index} on T {{ ...F{} }}", index + 1);
        }
        assert_eq!(check(&document), Err(code::TOO_DEEP));
    }

    #[test]
    fn too_many_tokens_or_bytes_are_refused() {
        assert_eq!(check(&format!("{{ {} }}", "a ".repeat(5_000))), Err(code::TOO_MANY_TOKENS));
        assert_eq!(check(&format!("# {}", "x".repeat(20_000))), Err(code::DOCUMENT_TOO_LONG));
    }

    #[test]
    fn a_text_that_is_not_graphql_does_no_harm() {
        for text in ["", "\"", "\"\\", "\"\"\"", "...", "é…\u{0}{", "}}}", "fragment", "{..."] {
            let _ = check(text);
        }
    }
}
