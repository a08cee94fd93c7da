//! The transports: what is taken, what is refused, and that nothing stops the service.

use std::io::{Read, Write};
use std::net::TcpStream;

use domain::viewer::Role;
use futures_util::future::join_all;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::hub::{Kind, TestHub, eventually, on_every_database, reply, run};

const VIEWER: &str = "{ viewer { role } }";

on_every_database! {
    async fn a_hub_lives_is_ready_and_counts(hub: TestHub) {
        for path in ["/health/live", "/health/ready"] {
            let answer = hub.client.get(format!("{}{path}", hub.url)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
        }
        hub.public(VIEWER, Value::Null).await;
        let page = hub.client.get(format!("{}/metrics", hub.url)).send().await.unwrap();
        let text = page.text().await.unwrap();
        assert!(text.contains("tunggal_http_requests_total{outcome=\"ok\",route=\"/graphql\"}"), "{text}");
    }

    async fn a_token_that_does_not_hold_is_never_the_public(hub: TestHub) {
        for header in ["Bearer nonsense", "Basic eA==", "Bearer", "bearer a.b.c"] {
            let request = hub.client.post(format!("{}/graphql", hub.url));
            let request = request.header("authorization", header).json(&json!({ "query": VIEWER }));
            let reply = reply(request.send().await.unwrap()).await;
            assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"), "{header}");
            assert!(reply.headers.contains_key("www-authenticate"));
        }
        let reply = hub.public(VIEWER, Value::Null).await;
        assert_eq!(reply.at("/viewer/role"), "PUBLIC");
        let reply = hub.ask_as(Role::Steward, VIEWER, Value::Null).await;
        assert_eq!(reply.at("/viewer/role"), "STEWARD");
    }

    async fn nothing_is_changed_by_get(hub: TestHub) {
        let url = format!("{}/graphql", hub.url);
        let send = async |query: &str| {
            let request = hub.client.get(format!("{url}?query={}", query.replace(' ', "%20")));
            let token = hub.token(Role::Steward, None);
            reply(request.bearer_auth(token).send().await.unwrap()).await
        };
        assert_eq!(send("mutation{link{enterprises}}").await.status, 405);
        assert_eq!(send("{viewer{role}}").await.at("/viewer/role"), "STEWARD");
        assert_eq!(send("").await.status, 400);
    }

    async fn one_operation_of_several_is_chosen_by_its_name(hub: TestHub) {
        let document = "query A { viewer { role } } mutation B { link { enterprises } }";
        let send = async |query: &str, name: Value| {
            let body = json!({ "query": query, "operationName": name });
            let request = hub.client.post(format!("{}/graphql", hub.url)).json(&body);
            reply(request.send().await.unwrap()).await
        };
        assert_eq!(send(document, json!("A")).await.at("/viewer/role"), "PUBLIC");
        assert_eq!(send(document, json!("B")).await.code(), "FORBIDDEN");
        for name in [Value::Null, json!("C")] {
            assert_eq!(send(document, name).await.code(), "INVALID_REQUEST");
        }
        let alone = "query A { viewer { role } }";
        assert_eq!(send(alone, Value::Null).await.at("/viewer/role"), "PUBLIC");
        assert_eq!(send(alone, json!("C")).await.code(), "INVALID_REQUEST");
    }

    async fn only_json_is_taken_and_a_file_only_with_a_header(hub: TestHub) {
        let url = format!("{}/graphql", hub.url);
        let body = json!({ "query": VIEWER }).to_string();
        for (content_type, status) in [
            ("application/json", 200),
            ("application/json; charset=utf-8", 200),
            ("application/graphql-response+json", 200),
            ("text/plain", 415),
            ("application/x-www-form-urlencoded", 415),
            ("multipart/form-data; boundary=x", 400),
        ] {
            let request = hub.client.post(&url).header(CONTENT_TYPE, content_type);
            let answer = request.body(body.clone()).send().await.unwrap();
            assert_eq!(answer.status(), status, "{content_type}");
        }
    }

    async fn the_answer_has_the_media_type_that_is_asked_for(hub: TestHub) {
        let url = format!("{}/graphql", hub.url);
        let send = async |accept: &str, query: &str| {
            let request = hub.client.post(&url).header(ACCEPT, accept).json(&json!({ "query": query }));
            reply(request.send().await.unwrap()).await
        };
        for (accept, query, media, status) in [
            ("application/json", VIEWER, "application/json", 200),
            ("application/json", "{ nothing }", "application/json", 200),
            ("application/graphql-response+json", VIEWER, "application/graphql-response+json", 200),
            ("application/graphql-response+json", "{ nothing }", "application/graphql-response+json", 400),
            ("application/graphql-response+json", "{", "application/graphql-response+json", 400),
            ("text/html", VIEWER, "application/json", 406),
        ] {
            let reply = send(accept, query).await;
            let found = reply.headers[CONTENT_TYPE].to_str().unwrap().to_owned();
            assert!(found.starts_with(media), "{accept} {query}: {found}");
            assert_eq!(reply.status, status, "{accept} {query}");
        }
        assert_eq!(send("application/json", "{ nothing }").await.code(), "INVALID_REQUEST");
    }

    async fn a_bomb_is_refused_and_the_rest_is_served(hub: TestHub) {
        let lists = format!("{{ node(id: {}{}) {{ id }} }}", "[".repeat(2_000), "]".repeat(2_000));
        let mut doubling = "{ ...F0 }".to_owned();
        for index in 0..24 {
            let next = index + 1;
            doubling += &format!(" fragment F{index} on Query {{ ...F{next} ...F{next} }}");
        }
        doubling += " fragment F24 on Query { viewer { role } }";
        let deep = format!("{{ {} }}", "a { ".repeat(200));
        let long = format!("# {}\n{VIEWER}", "x".repeat(20_000));
        let wide = format!("{{ {} }}", (0..300).map(|it| format!(
            "a{it}: enterprises(first: 200) {{ edges {{ node {{ nik {{ value }} }} }} }} "
        )).collect::<String>());
        let directives = format!("{{ viewer {{ role {} }} }}", "@include(if: true) ".repeat(50));
        for (bomb, code) in [
            (lists, "TOO_DEEP"),
            (doubling, "FRAGMENTS_TOO_LARGE"),
            (deep, "TOO_DEEP"),
            (long, "DOCUMENT_TOO_LONG"),
            (wide, "DOCUMENT_TOO_LONG"),
            (directives, "TOO_MANY_DIRECTIVES"),
        ] {
            let reply = hub.ask_as(Role::Steward, &bomb, Value::Null).await;
            assert_eq!(reply.code(), code, "{}: {reply:?}", &bomb[..60]);
        }
        let reply = hub.public(VIEWER, Value::Null).await;
        assert_eq!(reply.at("/viewer/role"), "PUBLIC");
    }

    async fn the_figures_are_counted_once_and_a_crowd_of_aliases_is_refused(hub: TestHub) {
        let aliases = |count: usize| {
            let fields = (0..count).map(|it| format!("a{it}: statistics {{ enterprises countedAt }} "));
            format!("{{ {} }}", fields.collect::<String>())
        };
        for (count, code) in [(5, "TOO_COMPLEX"), (31, "TOO_MANY_ROOT_FIELDS"), (300, "TOO_MANY_ALIASES")] {
            assert_eq!(hub.public(&aliases(count), Value::Null).await.code(), code, "{count}");
        }
        let hidden = format!(
            "{{ ...F ... {{ ...F }} }} fragment F on Query {{ {} }}",
            (0..16).map(|it| format!("a{it}: viewer {{ role }} ")).collect::<String>()
        );
        assert_eq!(hub.public(&hidden, Value::Null).await.code(), "TOO_MANY_ROOT_FIELDS");
        let first = hub.public(&aliases(3), Value::Null).await;
        let again = hub.public(&aliases(1), Value::Null).await;
        assert_eq!(first.at("/a0/countedAt"), again.at("/a0/countedAt"));
        assert_eq!(first.at("/a2/countedAt"), again.at("/a0/countedAt"));
        hub.ingest("kominfo", "Nama Usaha,Nama Pemilik,Alamat\nSate Ani,Ani,Jl. Raya 1\n").await;
        hub.link().await;
        let later = hub.ask_as(Role::Steward, &aliases(1), Value::Null).await;
        assert_ne!(later.at("/a0/countedAt"), again.at("/a0/countedAt"));
        assert_eq!(later.at("/a0/enterprises"), 1);
    }

    async fn an_over_long_body_and_a_list_of_requests_are_refused(hub: TestHub) {
        let reply = hub.public(VIEWER, json!({ "x": "y".repeat(300_000) })).await;
        assert_eq!(reply.status, 413);
        let request = hub.client.post(format!("{}/graphql", hub.url));
        let request = request.json(&json!([{ "query": VIEWER }]));
        assert_eq!(request.send().await.unwrap().status(), 400);
    }

    async fn an_answer_carries_a_request_id_and_security_headers(hub: TestHub) {
        let request = hub.client.get(format!("{}/health/live", hub.url));
        let answer = request.header("x-request-id", "my-request-1").send().await.unwrap();
        assert_eq!(answer.headers()["x-request-id"], "my-request-1");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(answer.headers().get("access-control-allow-origin").is_none());
        let request = hub.client.get(format!("{}/nowhere", hub.url));
        let answer = request.header("x-request-id", "has spaces and more").send().await.unwrap();
        assert_eq!(answer.status(), 404);
        assert_ne!(answer.headers()["x-request-id"], "has spaces and more");
    }

    async fn introspection_is_closed_to_the_public(hub: TestHub) {
        let query = "{ __schema { queryType { name } } }";
        for query in [query, "query { ...F } fragment F on Query { a: __schema { queryType { name } } }"] {
            let reply = hub.public(query, Value::Null).await;
            assert_eq!(reply.code(), "FORBIDDEN");
            assert!(reply.body.get("data").is_none(), "{reply:?}");
        }
        let reply = hub.ask_as(Role::Administrator, query, Value::Null).await;
        assert_eq!(reply.at("/__schema/queryType/name"), "Query");
    }

    async fn many_at_once_are_answered(hub: TestHub) {
        let asked = (0..100).map(|_| hub.public("{ kecamatan { name } }", Value::Null));
        for reply in join_all(asked).await {
            assert_eq!(reply.at("/kecamatan/1/name"), "Kasemen");
        }
    }
}

#[test]
fn graphiql_is_served_under_a_strict_policy_where_it_is_open() {
    run(async {
        let closed = TestHub::start(Kind::Sqlite).await;
        let answer = closed.client.get(format!("{}/graphiql/", closed.url)).send().await.unwrap();
        assert_eq!(answer.status(), 404);
        let open = TestHub::start_with(Kind::Sqlite, |it| it.graphiql = true).await;
        let answer = open.client.get(format!("{}/graphiql/", open.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self';"), "{policy}");
        // The register is not synthetic, so nobody is given a token.
        let answer =
            open.client.get(format!("{}/graphiql/tokens.json", open.url)).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    });
}

#[test]
fn sample_tokens_are_given_on_this_computer_while_the_register_is_synthetic() {
    run(async {
        let hub = TestHub::start_with(Kind::Sqlite, |it| it.graphiql = true).await;
        let status = async |host: Option<&str>, origin: Option<&str>| {
            let mut request = hub.client.get(format!("{}/graphiql/tokens.json", hub.url));
            for (name, value) in [("host", host), ("origin", origin)] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            request.send().await.unwrap().status().as_u16()
        };
        hub.app.store.set_setting("synthetic", "true").await.unwrap();
        assert_eq!(status(None, None).await, 200);
        assert_eq!(status(Some("localhost:8080"), Some("http://localhost:8080")).await, 200);
        assert_eq!(status(Some("rebound.test"), None).await, 404);
        assert_eq!(status(None, Some("http://rebound.test")).await, 404);
        assert_eq!(status(None, Some("null")).await, 404);
        let developer = "{ enterprises { totalCount } }";
        hub.ingest("kominfo", "Nama Usaha,Nama Pemilik,Alamat\nSate Ani,Ani,Jl. Raya 1\n").await;
        hub.link().await;
        let sees = async |expected: Value, code: &str| {
            let seen = hub.ask_as(Role::Developer, developer, Value::Null).await;
            seen.at("/enterprises/totalCount") == &expected && seen.code() == code
        };
        // A list that is not of the sample makes the register a real one, within a second.
        eventually(async || status(None, None).await == 404).await;
        eventually(async || sees(Value::Null, "FORBIDDEN").await).await;
        for query in [
            "{ decisions { totalCount } }",
            "{ sourceFiles { totalCount } }",
            "{ linkRuns { totalCount } }",
        ] {
            assert_eq!(
                hub.ask_as(Role::Developer, query, Value::Null).await.code(),
                "FORBIDDEN",
                "{query}"
            );
        }
        hub.app.store.set_setting("synthetic", "true").await.unwrap();
        eventually(async || sees(json!(1), "").await).await;
    });
}

#[test]
fn a_hub_that_is_stopped_finishes_what_it_began() {
    run(async {
        let mut hub = TestHub::start(Kind::Sqlite).await;
        // The server says 100 when it has the head of the request and waits for its body.
        let body = r#"{"query":"{ statistics { enterprises } }"}"#;
        let mut connection = TcpStream::connect(hub.url.trim_start_matches("http://")).unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all(head.as_bytes()).unwrap();
        let mut begun = [0; 25];
        connection.read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
        let finish = move || {
            connection.write_all(body.as_bytes()).unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).unwrap();
            answer
        };
        // The first of the two begins first: the body comes when the hub is told to stop.
        let ((), answer) =
            tokio::join!(hub.stop(), async { tokio::task::spawn_blocking(finish).await });
        let answer = answer.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains(r#""enterprises":0"#), "{answer}");
    });
}
