//! Listening over graphql-transport-ws.

use std::time::Duration;

use domain::viewer::Role;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tunggal::service::progress::Progress;

use crate::hub::{TestHub, on_every_database};

/// A client that speaks just enough WebSocket for these tests.
pub struct Socket(TcpStream);

/// What came over a socket.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Text(Value),
    Closed(u16),
}

impl Socket {
    pub async fn open(hub: &TestHub, protocol: &str) -> Result<Socket, String> {
        let address = hub.url.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let request = format!(
            "GET /graphql/ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(stream.read_u8().await.unwrap()));
        }
        if head.starts_with("HTTP/1.1 101") { Ok(Socket(stream)) } else { Err(head) }
    }

    pub async fn say(&mut self, message: Value) {
        let text = message.to_string().into_bytes();
        let length = u16::try_from(text.len()).unwrap();
        // A client masks its frames; a mask of zeros leaves the text as it is.
        let mut frame = vec![0x81, 0x80 | 126];
        frame.extend(length.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text);
        self.0.write_all(&frame).await.unwrap();
    }

    pub async fn hear(&mut self) -> Heard {
        let heard = tokio::time::timeout(Duration::from_secs(10), self.frame());
        heard.await.expect("an answer within ten seconds")
    }

    async fn frame(&mut self) -> Heard {
        let (kind, body) = self.raw().await;
        match kind {
            1 => Heard::Text(serde_json::from_slice(&body).unwrap()),
            8 => Heard::Closed(u16::from_be_bytes([body[0], body[1]])),
            other => panic!("a frame of kind {other}"),
        }
    }

    /// The kind of the next frame, and its bytes.
    async fn raw(&mut self) -> (u8, Vec<u8>) {
        let kind = self.0.read_u8().await.unwrap() & 0x0f;
        let length = match self.0.read_u8().await.unwrap() {
            126 => usize::from(self.0.read_u16().await.unwrap()),
            short => usize::from(short),
        };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        (kind, body)
    }

    pub async fn introduced(hub: &TestHub, token: Option<String>) -> Socket {
        let mut socket = Socket::open(hub, "graphql-transport-ws").await.unwrap();
        let payload = match token {
            Some(token) => json!({ "Authorization": format!("Bearer {token}") }),
            None => json!({}),
        };
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await, Heard::Text(json!({ "type": "connection_ack" })));
        socket
    }
}

pub fn subscribe(query: &str) -> Value {
    json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })
}

pub const PROGRESS: &str = "subscription { progress { job agency done } }";

pub fn progress(agency: &str, done: u64) -> Progress {
    Progress {
        job: "import".into(),
        subject: "fil_0".into(),
        agency: Some(agency.to_owned()),
        stage: "reading".into(),
        done,
        total: None,
        finished: false,
    }
}

on_every_database! {
    async fn an_operator_hears_of_her_own_imports_alone(hub: TestHub) {
        let token = hub.token(Role::AgencyOperator, Some("kominfo"));
        let mut socket = Socket::introduced(&hub, Some(token)).await;
        socket.say(subscribe(PROGRESS)).await;
        socket.say(json!({ "type": "ping" })).await;
        assert_eq!(socket.hear().await, Heard::Text(json!({ "type": "pong" })));
        // The subscription listens a moment after it was asked for; tell until it is heard.
        let teller = {
            let bus = hub.app.progress.clone();
            tokio::spawn(async move {
                loop {
                    bus.tell(progress("pariwisata", 1));
                    bus.tell(progress("kominfo", 2));
                    tokio::task::yield_now().await;
                }
            })
        };
        for _ in 0..3 {
            let Heard::Text(message) = socket.hear().await else { panic!("closed") };
            assert_eq!(message["type"], "next");
            let told = &message["payload"]["data"]["progress"];
            assert_eq!(told, &json!({ "job": "import", "agency": "kominfo", "done": 2.0 }));
        }
        teller.abort();
    }

    async fn the_public_may_not_listen(hub: TestHub) {
        let mut socket = Socket::introduced(&hub, None).await;
        socket.say(subscribe(PROGRESS)).await;
        let Heard::Text(message) = socket.hear().await else { panic!("closed") };
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], "FORBIDDEN");
    }

    async fn a_query_is_answered_and_a_bomb_refused_over_a_socket(hub: TestHub) {
        let mut socket = Socket::introduced(&hub, None).await;
        socket.say(subscribe("{ viewer { role } }")).await;
        let data = json!({ "data": { "viewer": { "role": "PUBLIC" } } });
        let next = json!({ "type": "next", "id": "1", "payload": data });
        assert_eq!(socket.hear().await, Heard::Text(next));
        assert_eq!(socket.hear().await, Heard::Text(json!({ "type": "complete", "id": "1" })));
        let bomb = format!("{{ node(id: {}{}) {{ id }} }}", "[".repeat(2_000), "]".repeat(2_000));
        socket.say(subscribe(&bomb)).await;
        let Heard::Text(message) = socket.hear().await else { panic!("closed") };
        assert_eq!(message["payload"][0]["extensions"]["code"], "TOO_DEEP");
    }

    async fn an_answer_over_a_socket_has_its_fields_in_the_order_they_were_asked_for(hub: TestHub) {
        let mut socket = Socket::introduced(&hub, None).await;
        socket.say(subscribe("{ viewer { role agency } about: viewer { may role } }")).await;
        let text = String::from_utf8(socket.raw().await.1).unwrap();
        let places = ["\"viewer\"", "\"role\"", "\"agency\"", "\"about\"", "\"may\""].map(|it| text.find(it));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
    }

    async fn what_breaks_the_protocol_is_closed_with_its_code(hub: TestHub) {
        let fresh = async || Socket::open(&hub, "graphql-transport-ws").await.unwrap();
        let mut early = fresh().await;
        early.say(subscribe(PROGRESS)).await;
        assert_eq!(early.hear().await, Heard::Closed(4401));
        let mut forged = fresh().await;
        let payload = json!({ "Authorization": "Bearer x.y.z" });
        forged.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(forged.hear().await, Heard::Closed(4403));
        let mut wrong = fresh().await;
        wrong.say(json!({ "type": "start" })).await;
        assert_eq!(wrong.hear().await, Heard::Closed(4400));
        let mut twice = Socket::introduced(&hub, None).await;
        twice.say(json!({ "type": "connection_init" })).await;
        assert_eq!(twice.hear().await, Heard::Closed(4429));
        let token = hub.token(Role::Steward, None);
        let mut same = Socket::introduced(&hub, Some(token)).await;
        same.say(subscribe(PROGRESS)).await;
        same.say(subscribe(PROGRESS)).await;
        assert_eq!(same.hear().await, Heard::Closed(4409));
    }

    async fn sockets_are_closed_when_the_hub_stops(hub: TestHub) {
        let mut hub = hub;
        let mut socket = Socket::introduced(&hub, None).await;
        let (heard, ()) = tokio::join!(socket.hear(), hub.stop());
        assert_eq!(heard, Heard::Closed(1001));
    }
}
