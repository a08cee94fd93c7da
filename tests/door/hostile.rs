//! Requests of every shape, made from the schema and then spoilt: none is answered with a failure of the
//! hub's own, and it serves on. Which ones are made depends on the number alone.

use std::collections::HashMap;

use domain::viewer::Role;
use futures_util::stream::{self, StreamExt};
use serde_json::{Map, Value, json};
use tunggal::command::environment;
use tunggal::config::Config;
use tunggal::graphql::limits::check;

use super::{TestHub, VIEWER};
use crate::hub::{Kind, kinds, reply, run};

/// How many, unless `TUNGGAL_HOSTILE_REQUESTS` says otherwise.
const REQUESTS: u64 = 1_200;

/// Texts that have broken something somewhere.
const TEXTS: [&str; 28] = [
    "' OR '1'='1",
    "'; DROP TABLE enterprise; --",
    "\" OR \"\"=\"",
    "1) UNION SELECT * FROM account --",
    "'||(SELECT version())||'",
    "admin'/*",
    "\\'; DELETE FROM account; --",
    "$1",
    "%s%n%x",
    "%",
    "_",
    "\\",
    "*/",
    "MATCH '\"'",
    "NEAR(\"a\" b)",
    "a OR b NOT c*",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "ent_00000000000000000000000000",
    "2026-02-30",
    "9999-12-31T23:59:59.999999999Z",
    "\u{202e}\u{0}\u{feff}",
    "🏪\u{0301}\u{1f1ee}\u{1f1e9}",
    "",
    "ﷺİıẞ",
];

/// Numbers from one number (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most.max(1)).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// The types of the schema by their names, as introspection tells them.
struct Types(HashMap<String, Value>);

const INTROSPECTION: &str = "{ __schema { types { kind name
    enumValues { name }
    inputFields { name type { ...T } }
    possibleTypes { name }
    fields { name args { name type { ...T } } type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name } } } } } }";

impl Types {
    async fn of(hub: &TestHub) -> Types {
        let told = hub.ask_as(Role::Steward, INTROSPECTION, Value::Null).await;
        let all = told.at("/__schema/types").as_array().unwrap().clone();
        Types(all.into_iter().map(|it| (it["name"].as_str().unwrap().to_owned(), it)).collect())
    }

    fn named(of: &Value) -> &str {
        of["name"].as_str().unwrap_or_else(|| {
            assert!(of["ofType"].is_object(), "a list within more lists than were asked about");
            Types::named(&of["ofType"])
        })
    }

    fn is_list(of: &Value) -> bool {
        of["kind"] == "LIST" || of["kind"] == "NON_NULL" && of["ofType"]["kind"] == "LIST"
    }

    /// A value as it is written in a document.
    fn value(&self, of: &Value, dice: &mut Dice, depth: usize) -> String {
        let name = Types::named(of);
        let one = match (name, &self.0[name]["kind"]) {
            ("Int", _) => {
                (*dice.of(&["0", "1", "-1", "200", "201", "2147483647", "-2147483648"])).to_owned()
            }
            ("Float", _) => (*dice.of(&["0", "-0.0", "1e308", "1e-320", "3"])).to_owned(),
            ("Boolean", _) => (*dice.of(&["true", "false"])).to_owned(),
            (_, kind) if kind == "ENUM" => {
                let values = self.0[name]["enumValues"].as_array().unwrap();
                dice.of(values)["name"].as_str().unwrap().to_owned()
            }
            (_, kind) if kind == "INPUT_OBJECT" && depth < 4 => {
                let fields = self.0[name]["inputFields"].as_array().unwrap();
                let some = fields
                    .iter()
                    .filter(|it| it["type"]["kind"] == "NON_NULL" || dice.below(4) == 0);
                let some: Vec<&Value> = some.collect();
                let written = some.into_iter().map(|it| {
                    let value = self.value(&it["type"], dice, depth + 1);
                    format!("{}: {value}", it["name"].as_str().unwrap())
                });
                format!("{{ {} }}", written.collect::<Vec<_>>().join(", "))
            }
            (_, kind) if kind == "INPUT_OBJECT" => "{}".to_owned(),
            _ => Value::from(*dice.of(&TEXTS)).to_string(),
        };
        if Types::is_list(of) { format!("[{one}]") } else { one }
    }

    fn selection(&self, name: &str, dice: &mut Dice, depth: usize) -> String {
        let Some(fields) = self.0[name]["fields"].as_array() else {
            return "{ __typename }".into();
        };
        if 4 < depth {
            return "{ __typename }".to_owned();
        }
        let mut written = vec!["__typename".to_owned()];
        for _ in 0..=dice.below(4) {
            let field = dice.of(fields);
            written.push(self.field(field, written.len(), dice, depth));
        }
        for possible in self.0[name]["possibleTypes"].as_array().into_iter().flatten() {
            let of = possible["name"].as_str().unwrap();
            written.push(format!("... on {of} {}", self.selection(of, dice, depth + 2)));
        }
        format!("{{ {} }}", written.join(" "))
    }

    fn field(&self, field: &Value, alias: usize, dice: &mut Dice, depth: usize) -> String {
        let arguments = field["args"].as_array().unwrap();
        let some =
            arguments.iter().filter(|it| it["type"]["kind"] == "NON_NULL" || dice.below(3) == 0);
        let some: Vec<&Value> = some.collect();
        let written = some.into_iter().map(|it| {
            let value = self.value(&it["type"], dice, 0);
            format!("{}: {value}", it["name"].as_str().unwrap())
        });
        let written = written.collect::<Vec<_>>().join(", ");
        let arguments = if written.is_empty() { written } else { format!("({written})") };
        let of = Types::named(&field["type"]);
        let below = match self.0[of]["kind"].as_str().unwrap() {
            "OBJECT" | "INTERFACE" | "UNION" => self.selection(of, dice, depth + 1),
            _ => String::new(),
        };
        format!("a{alias}: {}{arguments} {below}", field["name"].as_str().unwrap())
    }

    fn document(&self, dice: &mut Dice) -> String {
        // A change now and then; what it asks for is mostly refused.
        let (operation, root) = match dice.below(12) {
            0 => ("mutation", "Mutation"),
            _ => ("query", "Query"),
        };
        let fields = self.0[root]["fields"].as_array().unwrap();
        let field = dice.of(fields);
        format!("{operation} {{ {} }}", self.field(field, 0, dice, 0))
    }
}

/// Spoils a text somewhere.
fn spoilt(text: &str, dice: &mut Dice) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(characters.len());
        match dice.below(5) {
            0 => drop(characters.drain(at..(at + 1 + dice.below(8)).min(characters.len()))),
            1 => characters
                .insert(at, *dice.of(&['{', '}', '(', '[', '"', '\\', '@', '$', ':', '\0', '…'])),
            2 => {
                let again: Vec<char> = characters[at..].iter().copied().take(40).collect();
                let count = 1 + dice.below(30);
                characters.splice(at..at, again.repeat(count));
            }
            3 => characters.truncate(at),
            _ => characters.splice(at..at, dice.of(&TEXTS).chars()).for_each(drop),
        }
        if characters.is_empty() {
            characters.push('{');
        }
    }
    characters.into_iter().collect()
}

/// The body of a request, mostly one.
fn body(document: String, dice: &mut Dice) -> String {
    let nested = |open: &str, close: &str, count: usize| open.repeat(count) + &close.repeat(count);
    match dice.below(20) {
        0 => spoilt(&json!({ "query": document }).to_string(), dice),
        1 => format!("{{\"query\":{},\"variables\":{}}}", Value::from(document), nested("[", "]", 200)),
        2 => format!("{{\"query\":{},\"variables\":{{\"a\":{}}}}}", Value::from(document), nested("[", "]", 100)),
        3 => json!({ "query": document, "variables": [1], "operationName": dice.of(&TEXTS) }).to_string(),
        4 => json!({ "query": document, "extensions": { "persistedQuery": dice.of(&TEXTS), "cost": true } }).to_string(),
        5 => {
            let variables: Map<String, Value> =
                (0..1_000).map(|it| (format!("v{it}"), json!(*dice.of(&TEXTS)))).collect();
            json!({ "query": document, "variables": variables }).to_string()
        }
        _ => json!({ "query": document }).to_string(),
    }
}

const LIST: &str = "Nama Usaha,Nama Pemilik,NIK,Alamat,Nomor HP\n\
    Sate Ani,Ani Wijaya,3673014507850001,Jl. Raya 1,081234567801\n\
    Warung Budi,Budi Santoso,3673011203800002,Jl. Raya 2,081234567802\n";

#[test]
fn no_request_of_any_shape_is_answered_with_a_failure() {
    kinds().into_iter().for_each(|kind| run(no_request_is(kind)));
}

async fn no_request_is(kind: Kind) {
    let hub = TestHub::start(kind).await;
    hub.ingest("kominfo", LIST).await;
    hub.link().await;
    let types = Types::of(&hub).await;
    let asked = environment("TUNGGAL_HOSTILE_REQUESTS").and_then(|it| it.parse().ok());
    let requests = (1..=asked.unwrap_or(REQUESTS)).map(|number| {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for _ in 0..4 {
            dice.below(2);
        }
        let document = types.document(&mut dice);
        let document = if dice.below(3) == 0 { spoilt(&document, &mut dice) } else { document };
        let role = *dice.of(&[
            Role::Steward,
            Role::Steward,
            Role::AgencyOperator,
            Role::Lender,
            Role::Auditor,
            Role::Public,
        ]);
        let agency = (role == Role::AgencyOperator).then_some("kominfo");
        let token = (role != Role::Public).then(|| hub.token(role, agency));
        (token, document.clone(), body(document, &mut dice))
    });
    let answered = stream::iter(requests).map(|(token, document, body)| {
        let mut request = hub.client.post(format!("{}/graphql", hub.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let request = request.header("content-type", "application/json").body(body);
        async move { (document, reply(request.send().await.unwrap()).await) }
    });
    let mut codes: HashMap<String, usize> = HashMap::new();
    let mut answered = answered.buffer_unordered(8);
    while let Some((document, answer)) = answered.next().await {
        assert!(answer.status < 500, "{} {document}: {answer:?}", answer.status);
        for error in answer.body["errors"].as_array().into_iter().flatten() {
            let code = error["extensions"]["code"].as_str().unwrap_or_default();
            assert!(!matches!(code, "" | "INTERNAL" | "TIMEOUT"), "{document}: {error}");
            *codes.entry(code.to_owned()).or_default() += 1;
        }
        *codes.entry(answer.status.to_string()).or_default() += 1;
    }
    // They are not all refused for the same.
    assert!(5 < codes.len() && codes["200"] > codes.values().sum::<usize>() / 10, "{codes:?}");
    assert_eq!(hub.public(VIEWER, Value::Null).await.at("/viewer/role"), "PUBLIC");
}

/// Brackets, fragments, strings and names in any order: what passes the limits is parsed without harm.
#[test]
fn no_document_of_any_shape_harms_what_reads_it() {
    const PIECES: [&str; 30] = [
        "{",
        "{",
        "{",
        "}",
        "}",
        "[",
        "[",
        "]",
        "(",
        ")",
        "...",
        "...F",
        "fragment F on Query",
        "fragment G on Query",
        "query",
        "mutation",
        "subscription",
        "on",
        "$a",
        ":",
        "=",
        "!",
        "@include",
        "\"",
        "\"\"\"",
        "\\",
        "viewer",
        "1e9",
        "#",
        "\n",
    ];
    let limits = Config::load(None, &|_| None).unwrap().limits.document;
    let asked = environment("TUNGGAL_HOSTILE_DOCUMENTS").and_then(|it| it.parse().ok());
    let mut passed = 0;
    for number in 1..=asked.unwrap_or(20_000_u64) {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut document = String::new();
        for _ in 0..dice.below(60) {
            let (piece, count) = (*dice.of(&PIECES), dice.below(40));
            let count = if dice.below(6) == 0 { count } else { 1 };
            document += &format!("{piece} ").repeat(count);
        }
        if check(&document, &limits).is_ok() {
            passed += usize::from(async_graphql::parser::parse_query(&document).is_ok());
        }
    }
    // Not everything is refused before it is read.
    assert!(0 < passed);
}
