//! Texts that have broken something somewhere, five hundred and more: every kind by every way of getting it
//! past whoever looks at it. Each comes back as it was written, and none finds what it should not.

use std::collections::BTreeSet;

use domain::viewer::Role;
use futures_util::stream::{self, StreamExt};
use serde_json::{Map, Value, json};

use super::TestHub;
use crate::hub::{Kind, kinds, run};

/// What is said, of every kind of thing that reads texts as more than texts.
const SAID: [&str; 38] = [
    // SQL, in the manner of several databases.
    "' OR '1'='1",
    "'; DROP TABLE enterprise; --",
    "\" OR \"\"=\"",
    "1) UNION SELECT password FROM account --",
    "'||(SELECT version())||'",
    "'; SELECT pg_read_file('x'); --",
    "1; ATTACH DATABASE 'x' AS y",
    "$$; SELECT 1; $$",
    "\\'; DELETE FROM account; --",
    "E'\\047",
    // Patterns, full text search, JSON paths.
    "%",
    "_%_",
    "NEAR(\"a\" b)",
    "a:* & !b | (c",
    "$.**[*] ? (@ > 0)",
    "(a+)+$",
    // Stores of documents.
    "{\"$gt\": \"\"}",
    "{\"$where\": \"this.nik\"}",
    // Templates, lookups, expressions.
    "{{7*7}}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "${jndi:ldap://x.invalid/a}",
    // Markup and scripts.
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<!ENTITY x SYSTEM \"file:///etc/passwd\">",
    "javascript:alert(1)",
    // Paths and shells.
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "$(id)",
    "`id`",
    "| id;",
    // Formats, formulas, GraphQL.
    "%s%n%x%1000000d",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\") { __typename } #",
    "\"\"\" } mutation { linkEverything } \"\"\"",
    "ent_00000000000000000000000000",
];

/// How it is brought past.
const CARRIERS: [fn(&str) -> String; 18] = [
    |it| it.to_owned(),
    |it| it.to_uppercase(),
    |it| format!("Sate {it}"),
    |it| format!("{it}{it}{it}{it}"),
    |it| format!("/*{it}*/"),
    |it| format!("1' {it} -- '"),
    |it| format!("\\{it}\\"),
    |it| it.chars().rev().collect(),
    |it| format!("\u{202e}{it}\u{202c}"),
    |it| format!("\u{feff}{it}\u{200b}"),
    |it| format!("e\u{301}{it}\u{1f1ee}\u{1f1e9}"),
    |it| it.replace('\'', "\u{2019}").replace('<', "\u{ff1c}"),
    |it| it.bytes().map(|it| format!("%{it:02x}")).collect(),
    |it| it.chars().map(|it| format!("\\u{:04x}", u32::from(it))).collect(),
    |it| it.chars().map(|it| format!("&#{};", u32::from(it))).collect(),
    // What an overlong encoding of a quote is read as.
    |it| format!("\u{fffd}\u{fffd}'{it}"),
    |it| format!("x\r\nSet-Cookie: a=b\r\n\r\n{it}"),
    |it| format!("x\u{0}{it}"),
];

fn texts() -> Vec<String> {
    let all: BTreeSet<String> =
        SAID.iter().flat_map(|said| CARRIERS.iter().map(move |carry| carry(said))).collect();
    assert!(500 <= all.len(), "{}", all.len());
    all.into_iter().collect()
}

#[test]
fn five_hundred_texts_come_back_as_they_were_written() {
    kinds().into_iter().for_each(|kind| run(they_come_back(kind)));
}

/// In a cell: what a cell is to hold on one line goes in on one line, and no file holds a NUL.
async fn they_come_back(kind: Kind) {
    let hub = TestHub::start(kind).await;
    let texts: Vec<String> = texts().into_iter().filter(|it| !it.contains(['\0', '\r'])).collect();
    let mut rows = String::from("No,Nama Usaha,Nama Pemilik,Alamat\n");
    for (index, text) in texts.iter().enumerate() {
        let cell = format!("Sate {text} {index}").replace('"', "\"\"");
        rows += &format!("{index},\"{cell}\",Ani {index},Jl. Raya {index}\n");
    }
    hub.ingest("kominfo", &rows).await;
    hub.link().await;
    let query = "query A($after: String) { enterprises(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { sourceRecords { cells } } } }";
    let (mut told, mut after) = (String::new(), Value::Null);
    loop {
        let page = hub.ask_as(Role::Steward, query, json!({ "after": after })).await;
        told += &page.at("/enterprises/nodes").to_string();
        if page.at("/enterprises/pageInfo/hasNextPage") != true {
            break;
        }
        after = page.at("/enterprises/pageInfo/endCursor").clone();
    }
    for (index, text) in texts.iter().enumerate() {
        // But for the signs that nobody sees, which no list is read with.
        let seen = text.replace(['\u{202e}', '\u{202c}', '\u{feff}', '\u{200b}'], "");
        let written = Value::from(format!("Sate {seen} {index}")).to_string();
        assert!(told.contains(&written), "{written}");
    }
    // And each can be searched for.
    let search = "query A($for: String!) { enterprises(search: $for) { nodes { id } } }";
    for text in &SAID {
        let found = hub.ask_as(Role::Steward, search, json!({ "for": text })).await;
        assert!(matches!(found.code(), "" | "INVALID_INPUT"), "{text}: {found:?}");
    }
}

#[test]
fn no_argument_takes_a_text_for_more_than_a_text() {
    kinds().into_iter().for_each(|kind| run(they_are_arguments(kind)));
}

const ARGUMENTS: &str = "{ __schema { queryType { fields { name
    args { name type { ...T } } type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name } } } } } }";

fn named(of: &Value) -> (&str, &str) {
    match of["name"].as_str() {
        Some(name) => (of["kind"].as_str().unwrap(), name),
        None => named(of.get("ofType").expect("deeper than was asked")),
    }
}

fn in_words(of: &Value) -> String {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", in_words(&of["ofType"])),
        "LIST" => format!("[{}]", in_words(&of["ofType"])),
        _ => of["name"].as_str().unwrap().to_owned(),
    }
}

/// Each text in every argument of the root that takes a text or an id, all arguments of a field at once; the
/// hub says of each that it is none of its own, or finds nothing by it.
async fn they_are_arguments(kind: Kind) {
    let hub = TestHub::start(kind).await;
    hub.ingest("kominfo", "Nama Usaha,Nama Pemilik\nSate Bandeng,Ani\n").await;
    hub.link().await;
    let told = hub.ask_as(Role::Steward, ARGUMENTS, Value::Null).await;
    let fields = told.at("/__schema/queryType/fields").as_array().unwrap().clone();
    let mut documents = vec![];
    for field in &fields {
        let takes = |it: &&Value| matches!(named(&it["type"]).1, "String" | "ID");
        let arguments: Vec<&Value> =
            field["args"].as_array().unwrap().iter().filter(takes).collect();
        let others = field["args"].as_array().unwrap().iter();
        let needed = others.filter(|it| it["type"]["kind"] == "NON_NULL" && !takes(it)).count();
        if arguments.is_empty() || 0 < needed {
            continue;
        }
        let declared: Vec<String> = arguments
            .iter()
            .map(|it| format!("${}: {}", it["name"].as_str().unwrap(), in_words(&it["type"])))
            .collect();
        let given: Vec<String> = arguments
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .map(|it| format!("{it}: ${it}"))
            .collect();
        let leaf = matches!(named(&field["type"]).0, "SCALAR" | "ENUM");
        let document = format!(
            "query A({}) {{ {}({}){} }}",
            declared.join(", "),
            field["name"].as_str().unwrap(),
            given.join(", "),
            if leaf { "" } else { " { __typename }" }
        );
        let names: Vec<(String, bool)> = arguments
            .iter()
            .map(|it| {
                (it["name"].as_str().unwrap().to_owned(), in_words(&it["type"]).contains('['))
            })
            .collect();
        documents.push((document, names));
    }
    assert!(10 < documents.len(), "{documents:?}");
    let token = hub.token(Role::Steward, None);
    let asked =
        texts().into_iter().enumerate().map(|(number, text)| {
            // Each text in one field, each field with every fourteenth text.
            let (document, names) = &documents[number % documents.len()];
            let value = |list: bool| if list { json!([text]) } else { json!(text) };
            let variables: Map<String, Value> =
                names.iter().map(|(name, list)| (name.clone(), value(*list))).collect();
            let (hub, token) = (&hub, token.clone());
            async move {
                (document, text, hub.ask(Some(token), document, Value::Object(variables)).await)
            }
        });
    let mut asked = stream::iter(asked).buffer_unordered(4);
    while let Some((document, text, answer)) = asked.next().await {
        assert!(answer.status < 500, "{document} {text:?}: {answer:?}");
        for error in answer.body["errors"].as_array().into_iter().flatten() {
            let code = error["extensions"]["code"].as_str().unwrap_or_default();
            assert!(
                !matches!(code, "" | "INTERNAL" | "TIMEOUT" | "UNAVAILABLE"),
                "{document} {text:?}: {error}"
            );
        }
        let said = answer.body.to_string();
        for leak in ["SELECT", "sqlite", "postgres", "pg_"] {
            assert!(text.contains(leak) || !said.contains(leak), "{document} {text:?}: {said}");
        }
    }
    let rest = hub.ask_as(Role::Steward, "{ enterprises { totalCount } }", Value::Null).await;
    assert_eq!(rest.at("/enterprises/totalCount"), 1, "{rest:?}");
}
