//! Clients that send or read slowly: each costs itself alone.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{TestHub, VIEWER};
use crate::hub::{Kind, run, within};

async fn connect(hub: &TestHub) -> TcpStream {
    TcpStream::connect(hub.url.trim_start_matches("http://")).await.unwrap()
}

async fn last_words(mut connection: TcpStream) -> String {
    let mut answer = vec![];
    let read = tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut answer));
    // A reset is an end, too.
    let _ = read.await.expect("the hub hangs up within ten seconds");
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_head_or_a_body_that_does_not_come_is_not_waited_for() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| {
            it.limits.header_time = Duration::from_secs(2);
            it.limits.body_time = Duration::from_millis(200);
        });
        let hub = hub.await;
        let mut head = connect(&hub).await;
        head.write_all(b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
        let answer = last_words(head).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
        for (path, kind, code) in [
            ("/graphql", "application/json", "BODY_TOO_SLOW"),
            ("/oauth/token", "application/x-www-form-urlencoded", "invalid_request"),
        ] {
            let mut body = connect(&hub).await;
            let begun = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n\
                 Connection: close\r\nContent-Length: 500\r\n\r\n{{"
            );
            body.write_all(begun.as_bytes()).await.unwrap();
            let answer = last_words(body).await;
            assert!(answer.contains(code), "{path}: {answer}");
        }
        assert_eq!(hub.public(VIEWER, serde_json::Value::Null).await.at("/viewer/role"), "PUBLIC");
    });
}

#[test]
fn a_file_that_stops_coming_is_not_waited_for() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| {
            it.limits.body_time = Duration::from_millis(200)
        });
        let hub = hub.await;
        let mut body = connect(&hub).await;
        let token = hub.token(super::Role::AgencyOperator, Some("kominfo"));
        let begun = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Graphql-Preflight: 1\r\nContent-Type: multipart/form-data; boundary=x\r\n\
             Connection: close\r\nContent-Length: 5000\r\n\r\n--x\r\n"
        );
        body.write_all(begun.as_bytes()).await.unwrap();
        let answer = last_words(body).await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("BODY_TOO_SLOW"), "{answer}");
    });
}

/// The system keeps the bound, on Linux.
#[cfg(target_os = "linux")]
#[test]
fn a_client_that_does_not_read_is_hung_up_on() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| {
            it.graphiql = true;
            it.limits.reader_time = Duration::from_secs(1);
        });
        let hub = hub.await;
        let mut connection = connect(&hub).await;
        let ask = "GET /schema.graphql HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let page = "GET /graphiql/examples.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let asked = format!("{ask}{page}").repeat(20_000);
        // Written until the hub takes no more: it waits for somebody to read its answers.
        let gone = async {
            loop {
                if connection.write_all(asked.as_bytes()).await.is_err() {
                    return;
                }
            }
        };
        let limit = Duration::from_secs(60);
        assert!(tokio::time::timeout(limit, gone).await.is_ok(), "the hub hangs up");
        within(limit, async || {
            hub.public(VIEWER, serde_json::Value::Null).await.at("/viewer/role") == "PUBLIC"
        })
        .await;
    });
}
