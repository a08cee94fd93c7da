//! Clients that others wrote (npm `graphql-http`, `graphql-sse`, `graphql-ws`) ask the hub.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use domain::viewer::Role;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tunggal::config::Config;

use crate::hub::{Kind, TestHub, run};
use crate::node::{packages, source};
use crate::socket::{PROGRESS, progress};

const PLACE: &str = "clients";

#[test]
fn the_audits_of_graphql_over_http_all_pass() {
    run(async {
        // Some audits ask for the name of a type.
        let open = |it: &mut Config| it.introspection.push(Role::Public);
        let hub = TestHub::start_with(Kind::Sqlite, open).await;
        let mut node = Command::new("node");
        node.arg(source(PLACE, "audit.mjs")).arg(format!("{}/graphql", hub.url));
        node.arg(packages(PLACE));
        let output = tokio::task::spawn_blocking(move || node.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let audits: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert!(60 < audits.len(), "{}", audits.len());
        let failed: Vec<&Value> = audits.iter().filter(|it| it["status"] != "ok").collect();
        assert!(failed.is_empty(), "{} of {}: {failed:#?}", failed.len(), audits.len());
    });
}

/// A client of one of the packages, which prints a line for everything that comes.
struct Client {
    process: Child,
    asks: ChildStdin,
    told: mpsc::UnboundedReceiver<String>,
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Client {
    fn start(kind: &str, hub: &TestHub, token: Option<String>) -> Client {
        let url = match kind {
            "ws" => format!("{}/graphql/ws", hub.url.replace("http:", "ws:")),
            _ => format!("{}/graphql", hub.url),
        };
        let mut node = Command::new("node");
        node.arg(source(PLACE, "subscribe.mjs")).arg(kind).arg(url).arg(packages(PLACE));
        node.args(token).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = node.spawn().unwrap();
        let asks = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (tell, told) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            // Nobody listens any more when the test is over.
            lines.map_while(Result::ok).try_for_each(|it| tell.send(it).ok())
        });
        Client { process, asks, told }
    }

    fn ask(&mut self, id: usize, query: &str) {
        writeln!(self.asks, "{}", json!({ "id": id, "query": query })).unwrap();
    }

    async fn hear(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(30), self.told.recv()).await;
        let line = line.expect("an answer within thirty seconds");
        serde_json::from_str(&line.expect("the client still runs")).unwrap()
    }

    /// What comes of one operation, to its end.
    async fn hear_out(&mut self) -> Vec<Value> {
        let mut all = vec![];
        loop {
            let heard = self.hear().await;
            if heard.get("closed").is_some() {
                continue;
            }
            let over = heard.get("next").is_none();
            all.push(heard);
            if over {
                return all;
            }
        }
    }
}

/// A query, a change that is refused, and a document that does not fit, as each protocol tells them.
async fn asks_what_is_answered_once(kind: &str) {
    let hub = TestHub::start(Kind::Sqlite).await;
    let mut client = Client::start(kind, &hub, Some(hub.token(Role::Steward, None)));
    client.ask(1, "{ viewer { role } }");
    let data = json!({ "data": { "viewer": { "role": "STEWARD" } } });
    let expected = [json!({ "id": 1, "next": data }), json!({ "id": 1, "complete": true })];
    assert_eq!(client.hear_out().await, expected);
    client.ask(2, "{ nothing }");
    let told = client.hear_out().await;
    let error = match kind {
        "ws" => &told[0]["error"][0],
        _ => &told[0]["next"]["errors"][0],
    };
    assert_eq!(error["extensions"]["code"], "INVALID_REQUEST", "{told:?}");
    let mut nobody = Client::start(kind, &hub, Some("no.such.token".to_owned()));
    nobody.ask(3, "{ viewer { role } }");
    let refused = nobody.hear_out().await;
    assert!(refused.len() == 1 && refused[0].get("error").is_some(), "{refused:?}");
}

/// So many listen at once; each hears of the same event.
async fn all_hear_of_one_event(kind: &str, count: usize) {
    let hub = TestHub::start(Kind::Sqlite).await;
    let token = hub.token(Role::Steward, None);
    let mut client = Client::start(kind, &hub, Some(token));
    for id in 0..count {
        client.ask(id, PROGRESS);
    }
    // A subscription listens a moment after it was asked for; tell until all have heard.
    let bus = hub.app.progress.clone();
    let teller = tokio::spawn(async move {
        let mut again = tokio::time::interval(Duration::from_millis(100));
        loop {
            again.tick().await;
            bus.tell(progress("kominfo", 2));
        }
    });
    let mut waiting: std::collections::BTreeSet<usize> = (0..count).collect();
    while !waiting.is_empty() {
        let heard = client.hear().await;
        let told = &heard["next"]["data"]["progress"];
        assert_eq!(told, &json!({ "job": "import", "agency": "kominfo", "done": 2 }), "{heard}");
        waiting.remove(&usize::try_from(heard["id"].as_u64().unwrap()).unwrap());
    }
    teller.abort();
}

#[test]
fn the_client_graphql_ws_is_answered_as_its_protocol_says() {
    run(asks_what_is_answered_once("ws"));
}

#[test]
fn the_client_graphql_sse_is_answered_as_its_protocol_says() {
    run(asks_what_is_answered_once("sse"));
}

#[test]
fn two_hundred_clients_hear_of_one_event_over_sockets() {
    run(all_hear_of_one_event("ws", 200));
}

#[test]
fn twenty_clients_hear_of_one_event_as_server_sent_events() {
    run(all_hear_of_one_event("sse", 20));
}

#[test]
fn the_client_graphql_ws_is_told_why_it_is_refused() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let mut client = Client::start("ws", &hub, Some("no.such.token".to_owned()));
        client.ask(1, "{ viewer { role } }");
        let mut heard = client.hear().await;
        while heard.get("closed").is_none() {
            heard = client.hear().await;
        }
        assert_eq!(heard["closed"], 4403);
    });
}
