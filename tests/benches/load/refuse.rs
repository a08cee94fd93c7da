//! How long it takes to refuse what no server should work on.

use std::time::Instant;

use serde_json::{Value, json};

use crate::connection::Connection;
use crate::hub::Hub;
use crate::{Failure, quantile, say};

const TIMES: usize = 200;

pub async fn run(hub: &Hub) -> Result<(), Failure> {
    for (name, request) in hostile(hub) {
        let (mut times, mut status, mut code) = (vec![], 0, String::new());
        for _ in 0..TIMES {
            // A refusal may end the connection.
            let mut connection = Connection::open(hub.port).await?;
            let asked = Instant::now();
            status = connection.ask(&request).await?.status;
            times.push(asked.elapsed());
            let answer: Value = serde_json::from_slice(connection.body())?;
            code =
                answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
        }
        times.sort_unstable();
        say(&json!({
            "what": name, "bytes": request.len(), "status": status, "code": code,
            "p50_ms": quantile(&times, 0.5), "p99_ms": quantile(&times, 0.99),
            "most_ms": quantile(&times, 1.0),
        }))?;
    }
    Ok(())
}

fn hostile(hub: &Hub) -> Vec<(&'static str, Vec<u8>)> {
    let asked = |query: &str| hub.request("steward", query, &Value::Null);
    let twice = |at: usize| format!("fragment F{at} on Query {{ ...F{} ...F{} }} ", at + 1, at + 1);
    let fragments: String = (0..24).map(twice).collect();
    let aliases: String = (0..900).map(|it| format!("a{it}: viewer {{ role }} ")).collect();
    let nested = "{ enterprises { nodes { sourceRecords { enterprise ".repeat(60);
    let pages = "{ enterprises(first: 100) { nodes { owners { enterprises { owners { enterprises { id } } } } } } }";
    let deep = format!("{}1{}", "[".repeat(60_000), "]".repeat(60_000));
    let deep = format!(r#"{{"query":"{{ viewer {{ role }} }}","variables":{{"a":{deep}}}}}"#);
    let json = |body: &str| hub.posted("steward", "application/json", "", body.as_bytes());
    vec![
        ("brackets in a literal", asked(&format!("{{__type(name:{}", "[".repeat(8_000)))),
        ("brackets up to the longest document", asked(&format!("{{a(b:{}", "[".repeat(16_000)))),
        (
            "24 fragments that spread the next twice",
            asked(&format!(
                "{{ ...F0 }} {fragments} fragment F24 on Query {{ viewer {{ role }} }}"
            )),
        ),
        ("900 aliases", asked(&format!("{{ {aliases} }}"))),
        ("fields that nest", asked(&nested)),
        ("pages of pages of pages", asked(pages)),
        (
            "2,000 directives",
            asked(&format!("{{ viewer {{ role {} }} }}", "@skip(if: false) ".repeat(900))),
        ),
        (
            "a document that is too long",
            asked(&format!("{{ viewer {{ role }} }} #{}", "a".repeat(200_000))),
        ),
        ("variables that nest", json(&deep)),
        (
            "a list of requests",
            json(&format!("[{}]", vec![r#"{"query":"{ viewer { role } }"}"#; 3_000].join(","))),
        ),
        ("a body that is no JSON", json(&"{".repeat(200_000))),
    ]
}
