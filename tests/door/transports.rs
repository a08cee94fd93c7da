//! What each transport speaks: methods, media types, origins, TLS, streams.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response, Url};
use serde_json::{Value, json};
use tunggal::service::accounts;

use super::{Role, TestHub, VIEWER, post};
use crate::hub::{Kind, Reply, eventually, reply, run};
use crate::node::source;
use crate::sign_in::{PASSWORD, standing, token, with_password};
use crate::socket::{Heard, PROGRESS, Socket, progress};

#[test]
fn what_is_not_spoken_is_refused_with_a_code_and_what_to_send_instead() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let send = async |method: Method, accept: &str, content: &str| {
            let request = hub.client.request(method, format!("{}/graphql", hub.url));
            let request = request.header(ACCEPT, accept).header(CONTENT_TYPE, content);
            reply(request.body(json!({ "query": VIEWER }).to_string()).send().await.unwrap()).await
        };
        let json = "application/json";
        for (answer, status, code, remedy) in [
            (send(Method::PUT, json, json).await, 405, "METHOD_NOT_ALLOWED", "POST"),
            (send(Method::OPTIONS, json, json).await, 405, "METHOD_NOT_ALLOWED", "POST"),
            (
                send(Method::POST, "text/html", json).await,
                406,
                "NOT_ACCEPTABLE",
                "application/json",
            ),
            (
                send(Method::POST, json, "text/plain").await,
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Type",
            ),
        ] {
            assert_eq!((answer.status, answer.code()), (status, code));
            let told = answer.body["errors"][0]["extensions"]["remedy"].as_str().unwrap();
            assert!(told.contains(remedy), "{told}");
            assert_eq!(answer.headers.contains_key("allow"), status == 405);
        }
        let subscription = post(&hub, None, &json!({ "query": PROGRESS })).await;
        assert_eq!((subscription.status, subscription.code()), (406, "NOT_ACCEPTABLE"));
    });
}

#[test]
fn pages_of_other_origins_may_ask_only_where_the_settings_name_them() {
    const PAGE: &str = "https://umkm.serangkota.test";
    async fn preflight(hub: &TestHub, origin: &str) -> Reply {
        let request = hub.client.request(Method::OPTIONS, format!("{}/graphql", hub.url));
        let request = request.header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        let request =
            request.header("access-control-request-headers", "content-type, authorization");
        reply(request.send().await.unwrap()).await
    }
    run(async {
        let closed = TestHub::start(Kind::Sqlite).await;
        let answer = preflight(&closed, PAGE).await;
        assert!(answer.headers.keys().all(|it| !it.as_str().starts_with("access-control")));
        let open =
            TestHub::start_with(Kind::Sqlite, |it| it.cors_origins = vec![PAGE.to_owned()]).await;
        let answer = preflight(&open, PAGE).await;
        assert_eq!(
            (answer.status, &answer.headers["access-control-allow-origin"]),
            (200, &PAGE.parse().unwrap())
        );
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        let other = preflight(&open, "https://umkm.serangkota.test.example").await;
        assert!(!other.headers.contains_key("access-control-allow-origin"), "{other:?}");
        let request = open.client.post(format!("{}/graphql", open.url)).header("origin", PAGE);
        let answer = reply(request.json(&json!({ "query": VIEWER })).send().await.unwrap()).await;
        assert_eq!(answer.at("/viewer/role"), "PUBLIC");
        assert_eq!(answer.headers["access-control-allow-origin"], PAGE);
    });
}

#[test]
fn the_hub_speaks_tls_itself_where_it_is_given_a_certificate() {
    run(async {
        let file = |name| source("provider", name);
        let hub = TestHub::start_with(Kind::Sqlite, |it| {
            it.tls = Some((file("tls/server.pem"), file("tls/server.key")));
        });
        let hub = hub.await;
        let ca =
            reqwest::Certificate::from_pem(&std::fs::read(file("tls/ca.pem")).unwrap()).unwrap();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap();
        let url = format!("{}/graphql", hub.url.replace("http:", "https:"));
        let answer = client.post(url).json(&json!({ "query": VIEWER })).send().await.unwrap();
        assert_eq!(reply(answer).await.at("/viewer/role"), "PUBLIC");
        assert!(hub.client.get(format!("{}/health/live", hub.url)).send().await.is_err());
    });
}

#[test]
fn only_graphql_transport_ws_is_spoken_over_sockets() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let mut old = Socket::open(&hub, "graphql-ws").await.unwrap();
        assert_eq!(old.hear().await, Heard::Closed(4406));
    });
}

async fn listen(hub: &TestHub, token: &str, accept: &str) -> Response {
    let request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(token);
    let request = request.header(ACCEPT, accept).json(&json!({ "query": PROGRESS }));
    request.send().await.unwrap()
}

/// Reads a stream until it says something, while an import tells of itself.
async fn read_until(hub: &TestHub, mut answer: Response, says: &str) -> String {
    let bus = hub.app.progress.clone();
    let teller = tokio::spawn(async move {
        loop {
            bus.tell(progress("kominfo", 2));
            tokio::task::yield_now().await;
        }
    });
    let mut heard = String::new();
    let hearing = async {
        let mut said = false;
        while !said {
            let Some(piece) = answer.chunk().await.unwrap() else { break };
            let searched = heard.len().saturating_sub(says.len());
            heard += std::str::from_utf8(&piece).unwrap();
            said = heard[searched..].contains(says);
        }
    };
    let heard_all = tokio::time::timeout(std::time::Duration::from_secs(20), hearing).await;
    assert!(heard_all.is_ok(), "{says} within twenty seconds, not {heard:.500}");
    teller.abort();
    heard
}

const TOLD: &str = r#"{"data":{"progress":{"job":"import","agency":"kominfo","done":2.0}}}"#;

#[test]
fn a_subscription_is_told_as_server_sent_events() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let answer = listen(&hub, &hub.token(Role::Steward, None), "text/event-stream").await;
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/event-stream; charset=utf-8");
        let heard = read_until(&hub, answer, TOLD).await;
        assert!(heard.contains(&format!("event: next\ndata: {TOLD}\n\n")), "{heard}");
        let refused = listen(&hub, &hub.token(Role::Lender, None), "text/event-stream").await;
        let refused = reply(refused).await.body;
        let text = refused.as_str().unwrap();
        assert!(
            text.contains("FORBIDDEN") && text.ends_with("event: complete\ndata:\n\n"),
            "{text}"
        );
    });
}

/// As Apollo's gateway and clients read it: a part is whole when the next boundary has come.
#[test]
fn a_subscription_is_told_in_parts_to_gateways() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let accept = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0, application/json";
        let answer = listen(&hub, &hub.token(Role::Steward, None), accept).await;
        let media = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        assert_eq!(media, "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0");
        let part = format!(
            "\r\ncontent-type: application/json\r\n\r\n{{\"payload\":{TOLD}}}\r\n--graphql"
        );
        let heard = read_until(&hub, answer, &part).await;
        assert!(heard.starts_with("--graphql\r\n") && heard.contains(&part), "{heard}");
        // One answer is JSON for the same client.
        let request = hub.client.post(format!("{}/graphql", hub.url)).header(ACCEPT, accept);
        let answer = reply(request.json(&json!({ "query": VIEWER })).send().await.unwrap()).await;
        assert_eq!(answer.at("/viewer/role"), "PUBLIC");
        let refused = listen(&hub, &hub.token(Role::Lender, None), accept).await;
        let refused = reply(refused).await.body;
        let text = refused.as_str().unwrap();
        assert!(text.contains("FORBIDDEN") && text.ends_with("\r\n--graphql--\r\n"), "{text}");
    });
}

#[test]
fn a_stream_ends_with_the_right_to_it_and_with_the_hub() {
    run(async {
        let mut hub = TestHub::start(Kind::Sqlite).await;
        accounts::add_person(&hub.app, "ani", standing(Role::Steward), PASSWORD).await.unwrap();
        let bearing = token(&with_password(&hub, "ani", PASSWORD).await);
        let answer = listen(&hub, &bearing, "text/event-stream").await;
        accounts::disable(&hub.app, "ani").await.unwrap();
        let heard = read_until(&hub, answer, "event: complete").await;
        assert!(heard.contains("\"FORBIDDEN\"") && heard.contains("event: complete"), "{heard}");
        let refused = async || listen(&hub, &bearing, "text/event-stream").await.status() == 401;
        eventually(refused).await;
        let left = listen(&hub, &hub.token(Role::Steward, None), "text/event-stream").await;
        // Not complete: whoever listened connects again.
        let (text, ()) = tokio::join!(left.text(), hub.stop());
        assert_eq!(text.unwrap(), ":\n\n");
    });
}

#[test]
fn no_change_is_made_by_get_however_the_answer_is_told() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let change = [("query", "mutation { link { enterprises } }")];
        let url = Url::parse_with_params(&format!("{}/graphql", hub.url), change).unwrap();
        let request = hub.client.get(url);
        let request = request.bearer_auth(hub.token(Role::Steward, None));
        let answer = request.header(ACCEPT, "text/event-stream").send().await.unwrap();
        let answer = reply(answer).await;
        assert_eq!((answer.status, answer.code()), (405, "METHOD_NOT_ALLOWED"));
        let runs =
            hub.ask_as(Role::Administrator, "{ linkRuns { totalCount } }", Value::Null).await;
        assert_eq!(runs.at("/linkRuns/totalCount"), 0);
    });
}
