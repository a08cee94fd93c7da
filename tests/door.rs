//! The front door: what is refused, with which code, on every transport, and who is served meanwhile.

use std::collections::BTreeMap;

use domain::viewer::Role;
use futures_util::future::{join_all, select_all};
use reqwest::Url;
use reqwest::header::ACCEPT;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use tunggal::config::Config;
use tunggal::config::limits::{Rates, Shares};

use crate::hub::{Kind, Reply, TestHub, eventually, kinds, reply, run};
use crate::socket::{Heard, PROGRESS, Socket, progress, subscribe};

mod abandoned;
mod documents;
mod hostile;
mod slow;
mod texts;
mod transports;

const VIEWER: &str = "{ viewer { role } }";

fn rates(public: u32, lender: u32) -> Rates {
    let roles = BTreeMap::from([(Role::Public, public), (Role::Lender, lender)]);
    Rates { roles, ..Rates::default() }
}

async fn post(hub: &TestHub, token: Option<&str>, body: &Value) -> Reply {
    let mut request = hub.client.post(format!("{}/graphql", hub.url)).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    reply(request.send().await.unwrap()).await
}

async fn get(hub: &TestHub, parameters: &[(&str, &str)]) -> Reply {
    let url = Url::parse_with_params(&format!("{}/graphql", hub.url), parameters).unwrap();
    reply(hub.client.get(url).send().await.unwrap()).await
}

async fn as_events(hub: &TestHub, body: &Value) -> Reply {
    let request = hub.client.post(format!("{}/graphql", hub.url)).json(body);
    reply(request.header(ACCEPT, "text/event-stream").send().await.unwrap()).await
}

fn is_too_often(answer: &Reply) {
    assert_eq!((answer.status, answer.code()), (429, "RATE_LIMITED"), "{answer:?}");
    let header = |name: &str| answer.headers[name].to_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(header("ratelimit-remaining"), 0);
    assert!(
        (1..=60).contains(&header("retry-after")) && (1..=60).contains(&header("ratelimit-reset"))
    );
}

#[test]
fn a_client_that_asks_too_often_waits_on_every_transport_and_the_others_do_not() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| it.limits.rates = rates(4, 3)).await;
        let body = json!({ "query": VIEWER });
        let first = post(&hub, None, &body).await;
        assert_eq!(first.at("/viewer/role"), "PUBLIC");
        assert_eq!(
            (&first.headers["ratelimit-limit"], &first.headers["ratelimit-remaining"]),
            (&"4".parse().unwrap(), &"3".parse().unwrap())
        );
        assert_eq!(get(&hub, &[("query", VIEWER)]).await.status, 200);
        assert_eq!(as_events(&hub, &body).await.status, 200);
        let mut bank = Socket::introduced(&hub, Some(hub.token(Role::Lender, None))).await;
        is_too_often(&post(&hub, None, &body).await);
        is_too_often(&get(&hub, &[("query", VIEWER)]).await);
        is_too_often(&as_events(&hub, &body).await);
        assert!(Socket::open(&hub, "graphql-transport-ws").await.err().unwrap().contains(" 429 "));
        // A token is not guessed at any other rate.
        is_too_often(&post(&hub, Some("x.y.z"), &body).await);
        let steward = hub.ask_as(Role::Steward, VIEWER, Value::Null).await;
        assert_eq!(steward.at("/viewer/role"), "STEWARD");
        assert!(!steward.headers.contains_key("ratelimit-limit"), "any number");
        // What was opened before is counted by what is asked over it.
        for id in ["1", "2", "3", "4"] {
            bank.say(json!({ "type": "subscribe", "id": id, "payload": { "query": VIEWER } }))
                .await;
            let Heard::Text(message) = bank.hear().await else { panic!("closed") };
            if id == "4" {
                assert_eq!(
                    message["payload"][0]["extensions"]["code"], "RATE_LIMITED",
                    "{message}"
                );
            } else {
                assert_eq!(message["type"], "next", "{message}");
                assert_eq!(bank.hear().await, Heard::Text(json!({ "type": "complete", "id": id })));
            }
        }
        is_too_often(&post(&hub, Some(&hub.token(Role::Lender, None)), &body).await);
    });
}

/// Holds up whatever must write down that it read of persons.
async fn nothing_can_be_written(hub: &TestHub) -> sea_orm::DatabaseTransaction {
    let (url, database) = hub.database().await;
    let held = database.begin().await.unwrap();
    let lock = match url.starts_with("sqlite") {
        true => "UPDATE access_head SET seq = seq",
        false => "LOCK TABLE access_log IN ACCESS EXCLUSIVE MODE",
    };
    held.execute_unprepared(lock).await.unwrap();
    held
}

#[test]
fn a_bank_that_takes_its_share_is_refused_more_and_a_steward_is_served() {
    for kind in kinds() {
        run(async move {
            let hub = TestHub::start_with(kind, |it| {
                it.limits.shares = Shares { places: 4, percent: [25; 4] };
                it.limits.waiting = 1;
                it.limits.waiting_time = std::time::Duration::from_secs(60);
            });
            let hub = hub.await;
            let held = nothing_can_be_written(&hub).await;
            // One is executed, one waits, one is too many.
            let of_persons = "{ enterprises { nodes { id } } }";
            let bank = (0..3).map(|_| Box::pin(hub.ask_as(Role::Lender, of_persons, Value::Null)));
            let (refused, _, others) = select_all(bank).await;
            assert_eq!((refused.status, refused.code()), (503, "OVERLOADED"), "{refused:?}");
            assert!(refused.headers.contains_key("retry-after"));
            let bank = hub.ask_as(Role::Lender, VIEWER, Value::Null);
            let answers = async {
                assert_eq!(bank.await.status, 503);
                let steward = hub.ask_as(Role::Steward, VIEWER, Value::Null).await;
                assert_eq!(steward.at("/viewer/role"), "STEWARD");
                assert_eq!(hub.public(VIEWER, Value::Null).await.at("/viewer/role"), "PUBLIC");
                held.rollback().await.unwrap();
            };
            let (others, ()) = tokio::join!(join_all(others), answers);
            for answer in others {
                assert_eq!((answer.status, answer.code()), (200, ""), "{answer:?}");
            }
        });
    }
}

async fn refused_everywhere(hub: &TestHub, query: &str, code: &str) {
    let body = json!({ "query": query });
    assert_eq!(post(hub, None, &body).await.code(), code);
    assert_eq!(get(hub, &[("query", query)]).await.code(), code);
    let events = as_events(hub, &body).await.body;
    assert!(events.as_str().is_some_and(|it| it.contains(&format!("\"{code}\""))), "{events}");
    let mut socket = Socket::introduced(hub, None).await;
    socket.say(subscribe(query)).await;
    let Heard::Text(message) = socket.hear().await else { panic!("closed") };
    assert_eq!(message["payload"][0]["extensions"]["code"], code);
}

#[test]
fn every_limit_of_a_document_is_a_setting_and_has_a_code_of_its_own_on_every_transport() {
    type Change = fn(&mut Config);
    let cases: [(Change, &str, &str); 10] = [
        (|it| it.limits.document.bytes = 18, VIEWER, "DOCUMENT_TOO_LONG"),
        (|it| it.limits.document.tokens = 4, VIEWER, "TOO_MANY_TOKENS"),
        (|it| it.limits.document.brackets = 1, VIEWER, "TOO_DEEP"),
        (|it| it.limits.document.aliases = 1, "{ viewer { a: role b: role } }", "TOO_MANY_ALIASES"),
        (
            |it| it.limits.document.directives = 1,
            "{ viewer @include(if: true) { role @include(if: true) } }",
            "TOO_MANY_DIRECTIVES",
        ),
        (
            |it| it.limits.document.operations = 1,
            "query A { viewer { role } } query B { viewer { role } }",
            "TOO_MANY_OPERATIONS",
        ),
        (
            |it| it.limits.document.expanded_tokens = 20,
            "{ ...F ...F } fragment F on Query { viewer { role } }",
            "FRAGMENTS_TOO_LARGE",
        ),
        (
            |it| it.limits.document.root_fields = 1,
            "{ viewer { role } b: viewer { role } }",
            "TOO_MANY_ROOT_FIELDS",
        ),
        (|it| it.limits.document.cost = 1, VIEWER, "TOO_COMPLEX"),
        (|it| it.limits.document.field_depth = 1, VIEWER, "TOO_DEEP"),
    ];
    run(async move {
        for (change, query, code) in cases {
            let hub = TestHub::start_with(Kind::Sqlite, change).await;
            refused_everywhere(&hub, query, code).await;
        }
        let hub =
            TestHub::start_with(Kind::Sqlite, |it| it.limits.document.field_directives = 1).await;
        let query = "{ viewer { role @include(if: true) @skip(if: false) } }";
        refused_everywhere(&hub, query, "TOO_MANY_DIRECTIVES").await;
        let hub = TestHub::start_with(Kind::Sqlite, |it| it.limits.body_bytes = 10).await;
        let long = post(&hub, None, &json!({ "query": VIEWER })).await;
        assert_eq!((long.status, long.code()), (413, "BODY_TOO_LONG"));
    });
}

#[test]
fn a_list_of_requests_is_answered_in_its_order_where_the_settings_allow_it() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| {
            it.limits.batch_requests = 3;
            it.limits.rates = rates(5, 0);
        });
        let hub = hub.await;
        let one = json!({ "query": VIEWER });
        let answer = post(&hub, None, &json!([one, { "query": "{ nothing }" }, one])).await;
        let all = answer.body.as_array().unwrap();
        assert_eq!((all.len(), &all[0]["data"]["viewer"]["role"]), (3, &json!("PUBLIC")));
        assert_eq!(all[1]["errors"][0]["extensions"]["code"], "INVALID_REQUEST");
        assert_eq!(all[2], all[0]);
        for refused in [json!([one, one, one, one]), json!([])] {
            assert_eq!(post(&hub, None, &refused).await.code(), "BATCH_REFUSED");
        }
        // Each of a list counts.
        is_too_often(&post(&hub, None, &one).await);
    });
}

#[test]
fn whoever_asks_what_a_request_costs_is_told() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let cost = async |query: &str, variables: Value| {
            let body =
                json!({ "query": query, "variables": variables, "extensions": { "cost": true } });
            post(&hub, None, &body).await.body["extensions"]["cost"].clone()
        };
        assert_eq!(cost(VIEWER, json!({})).await, json!({ "requested": 2, "most": 40_000 }));
        let page = "query A($n: Int) { enterprises(first: $n) { nodes { id } } }";
        let of = async |n: i32| cost(page, json!({ "n": n })).await["requested"].as_u64().unwrap();
        let (ten, hundred) = (of(10).await, of(100).await);
        assert!(ten * 9 < hundred, "{ten} {hundred}");
        let plain = hub.public(VIEWER, Value::Null).await;
        assert!(plain.body.get("extensions").is_none());
    });
}

#[test]
fn introspection_is_for_the_roles_that_the_settings_name() {
    run(async {
        let hub =
            TestHub::start_with(Kind::Sqlite, |it| it.introspection = vec![Role::Developer]).await;
        let query = "{ __schema { queryType { name } } }";
        for (role, code) in
            [(Role::Developer, ""), (Role::Steward, "FORBIDDEN"), (Role::Lender, "FORBIDDEN")]
        {
            assert_eq!(hub.ask_as(role, query, Value::Null).await.code(), code, "{role:?}");
        }
        assert_eq!(hub.public(query, Value::Null).await.code(), "FORBIDDEN");
    });
}

#[test]
fn a_client_has_so_many_subscriptions_open_and_no_more() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| it.limits.subscriptions = 1).await;
        let steward = hub.token(Role::Steward, None);
        let listen = |token: &str| {
            let request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(token);
            request.header(ACCEPT, "text/event-stream").json(&json!({ "query": PROGRESS })).send()
        };
        let mut first = listen(&steward).await.unwrap();
        let begun = tokio::spawn({
            let bus = hub.app.progress.clone();
            async move {
                loop {
                    bus.tell(progress("kominfo", 1));
                    tokio::task::yield_now().await;
                }
            }
        });
        let mut heard = String::new();
        while !heard.contains("event: next") {
            heard += std::str::from_utf8(&first.chunk().await.unwrap().unwrap()).unwrap();
        }
        begun.abort();
        let refused = reply(listen(&steward).await.unwrap()).await;
        let text = refused.body.as_str().unwrap();
        assert!(
            text.contains("TOO_MANY_SUBSCRIPTIONS") && text.ends_with("event: complete\ndata:\n\n"),
            "{text}"
        );
        // Another listens, and so does she once the first has gone.
        let other = hub.token(Role::Administrator, None);
        assert_eq!(listen(&other).await.unwrap().status(), 200);
        drop(first);
        let listens = async || {
            let mut answer = listen(&steward).await.unwrap();
            let mut heard = String::new();
            // A refusal follows at once; where it is listened, nothing does.
            let refusal = async {
                while let Ok(Some(piece)) = answer.chunk().await {
                    heard += std::str::from_utf8(&piece).unwrap();
                }
            };
            let _ = tokio::time::timeout(std::time::Duration::from_millis(500), refusal).await;
            !heard.contains("event")
        };
        eventually(listens).await;
    });
}
