//! Services that answer JSON: a small server that answers by a function of the request.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::{fault, load, pull, rows};
use crate::hub::{Kind, TestHub, kinds, run};

/// What was asked: the first line of the request with its headers, and its body.
pub type Asked = (String, String);
/// Status, headers, body.
pub type Answer = (u16, String, String);

/// A small server.
pub struct Web {
    pub port: u16,
    pub asked: Arc<Mutex<Vec<Asked>>>,
}

impl Web {
    pub async fn serve(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                let (status, headers, body) = answer(&request);
                heard.lock().unwrap().push(request);
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
                );
                let _ = stream.write_all(text.as_bytes()).await;
            }
        });
        Web { port, asked }
    }

    fn paths(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|it| it.0.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

async fn read(stream: &mut tokio::net::TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(told) = line.to_lowercase().strip_prefix("content-length:") {
            length = told.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn business(id: usize, changed: &str) -> Value {
    json!({ "id": id, "usaha": { "nama": format!("Usaha {id}") }, "kecamatan": "Serang", "diubah": changed })
}

fn declared(port: u16, more: &str) -> String {
    format!(
        "agency = \"kominfo\"\nurl = \"http://127.0.0.1:{port}/umkm\"\nevery = \"1m\"\nnumber = \"id\"\n\
         watermark = \"diubah\"\ntoken = \"env:SANDI\"\n{more}\n[mapping]\n\"usaha.nama\" = \"business_name\"\n\
         kecamatan = \"kecamatan\"\ndiubah = \"ignore\"\n"
    )
}

async fn hub_on(kind: Kind, text: &str) -> TestHub {
    let sources = load(&[("umkm.toml", text)], "rahasia-sekali").unwrap();
    TestHub::start_with(kind, |it| it.sources = sources).await
}

/// The number that a parameter of the address has.
fn parameter(asked: &Asked, name: &str) -> Option<usize> {
    let path = asked.0.split(' ').nth(1)?;
    let (_, after) = path.split_once(&format!("{name}="))?;
    after.split('&').next()?.parse().ok()
}

#[test]
fn pages_of_json_are_read_to_their_end_however_they_are_told() {
    for kind in kinds() {
        run(async {
            // Three pages of two, with the same time across their edges.
            let page = |before: usize| -> Vec<Value> {
                (before..before + 2)
                    .filter(|it| *it < 5)
                    .map(|it| business(it + 1, "2026-01-01T08:00:00+07:00"))
                    .collect()
            };
            let web = Web::serve(move |asked| {
                let at = parameter(asked, "hal").unwrap_or(0);
                let rows = page(parameter(asked, "lewati").unwrap_or(at * 2));
                let next = format!("/umkm?hal={}", at + 1);
                let more = at < 2;
                let link =
                    if more { format!("Link: <{next}>; rel=\"next\"\r\n") } else { String::new() };
                let body = json!({ "data": rows, "links": { "next": more.then_some(next) } });
                (200, link, body.to_string())
            })
            .await;
            for (paging, pages) in [
                ("paging = \"link\"", 3),
                ("paging = \"next\"\nnext = \"/links/next\"", 3),
                ("paging = \"page\"\npage_parameter = \"hal\"\nfirst_page = 0", 4),
                ("paging = \"offset\"\npage_parameter = \"lewati\"", 4),
            ] {
                web.asked.lock().unwrap().clear();
                let more = format!(
                    "kind = \"http\"\nrows = \"/data\"\nsince_parameter = \"sejak\"\n{paging}"
                );
                let hub = hub_on(kind, &declared(web.port, &more)).await;
                let pulled = pull(&hub, 0).await;
                assert_eq!((fault(&pulled), pulled.counts.new), ("", 5), "{paging} {pulled:?}");
                assert_eq!(web.paths().len(), pages, "{paging}");
                assert_eq!(rows(&hub).await["3"].0, "Usaha 3");
                assert!(web.asked.lock().unwrap()[0].0.contains("Bearer rahasia-sekali"));
                web.asked.lock().unwrap().clear();
                assert_eq!(pull(&hub, 1).await.files, []);
                let path = web.paths().remove(0);
                assert!(path.contains("sejak=2026-01-01T07%3A55%3A00%2B07%3A00"), "{path}");
            }
        });
    }
}

#[test]
fn a_list_that_moves_while_it_is_paged_doubles_no_row() {
    run(async {
        // A row was added in front between the first page and the second.
        let web = Web::serve(|asked| {
            let rows: Vec<Value> = match parameter(asked, "lewati").unwrap_or(0) {
                0 => vec![business(1, "2026-01-01T08:00:00Z"), business(2, "2026-01-01T08:00:00Z")],
                2 => vec![business(2, "2026-01-01T08:00:00Z"), business(3, "2026-01-01T08:00:00Z")],
                _ => vec![],
            };
            (200, String::new(), json!({ "data": rows }).to_string())
        })
        .await;
        let more =
            "kind = \"http\"\nrows = \"/data\"\npaging = \"offset\"\npage_parameter = \"lewati\"";
        let hub = hub_on(Kind::Sqlite, &declared(web.port, more)).await;
        let pulled = pull(&hub, 0).await;
        assert_eq!((fault(&pulled), pulled.counts.new), ("", 3), "{pulled:?}");
        let now = rows(&hub).await;
        assert_eq!(now.into_keys().collect::<Vec<_>>(), ["1", "2", "3"]);
    });
}

#[test]
fn a_service_that_leads_elsewhere_or_answers_otherwise_is_not_followed() {
    run(async {
        let elsewhere =
            Web::serve(|_| (200, String::new(), json!({ "data": [] }).to_string())).await;
        let other = elsewhere.port;
        for (answer, code) in [
            (
                (302, format!("Location: http://127.0.0.1:{other}/\r\n"), String::new()),
                "SOURCE_LEADS_ELSEWHERE",
            ),
            (
                (
                    200,
                    format!("Link: <http://127.0.0.1:{other}/umkm>; rel=\"next\"\r\n"),
                    json!({ "data": [business(1, "2026-01-01T08:00:00Z")] }).to_string(),
                ),
                "SOURCE_LEADS_ELSEWHERE",
            ),
            (
                (
                    200,
                    "Link: </umkm>; rel=\"next\"\r\n".to_owned(),
                    json!({ "data": [] }).to_string(),
                ),
                "SOURCE_ANSWER_UNREADABLE",
            ),
            ((200, String::new(), "<html>".to_owned()), "SOURCE_ANSWER_UNREADABLE"),
            ((200, String::new(), json!({ "data": [1] }).to_string()), "SOURCE_ANSWER_UNREADABLE"),
            ((401, String::new(), String::new()), "SOURCE_REFUSED"),
            ((429, "Retry-After: 7200\r\n".to_owned(), String::new()), "SOURCE_LIMITED"),
            ((500, String::new(), String::new()), "SOURCE_UNREACHABLE"),
        ] {
            let web = Web::serve(move |_| answer.clone()).await;
            let more = "kind = \"http\"\nrows = \"/data\"\npaging = \"link\"";
            let hub = hub_on(Kind::Sqlite, &declared(web.port, more)).await;
            let pulled = pull(&hub, 0).await;
            assert_eq!((fault(&pulled), pulled.files.len()), (code, 0));
            if code == "SOURCE_LIMITED" {
                let early = super::schedule::tick(&hub.app, super::minute(119)).await.unwrap();
                assert!(early.is_empty(), "it asked to be left alone for two hours");
                pull(&hub, 120).await;
            }
        }
        assert!(elsewhere.paths().is_empty(), "nobody was sent there");
    });
}

#[test]
fn a_graphql_service_is_read_by_its_cursor() {
    for kind in kinds() {
        run(async {
            let web = Web::serve(|asked| {
                let body: Value = serde_json::from_str(&asked.1).unwrap();
                let after = body["variables"]["setelah"].as_str().map_or(0, |it| it.parse().unwrap());
                if body["variables"]["sejak"].is_string() && after == 2 {
                    let part = json!({ "errors": [{ "message": "NIK 3673011405710017" }], "data": { "umkm": { "nodes": [] } } });
                    return (200, String::new(), part.to_string());
                }
                let nodes: Vec<Value> =
                    (after..after + 2).map(|it| business(it + 1, "2026-01-01T08:00:00Z")).collect();
                let page = json!({ "endCursor": (after + 2).to_string(), "hasNextPage": after < 4 });
                (200, String::new(), json!({ "data": { "umkm": { "nodes": nodes, "pageInfo": page } } }).to_string())
            })
            .await;
            let more = "kind = \"graphql\"\nquery = \"query($setelah: String) { umkm(after: $setelah) { x } }\"\n\
                 rows = \"/data/umkm/nodes\"\ncursor = \"/data/umkm/pageInfo/endCursor\"\n\
                 more = \"/data/umkm/pageInfo/hasNextPage\"\ncursor_variable = \"setelah\"\nsince_parameter = \"sejak\"";
            let hub = hub_on(kind, &declared(web.port, more)).await;
            let pulled = pull(&hub, 0).await;
            assert_eq!((fault(&pulled), pulled.counts.new), ("", 6), "{pulled:?}");
            // Half an answer is none, and what it says of a row is not told on.
            let part = pull(&hub, 1).await;
            assert_eq!((fault(&part), part.files.len()), ("SOURCE_QUERY_REFUSED", 0));
            assert_eq!(part.fault.unwrap().detail, None);
        });
    }
}
