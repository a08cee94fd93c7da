//! Clients that send or read slowly, beside clients that wait for their answers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::hub::Hub;
use crate::offer::offer;
use crate::work::by_id;
use crate::{Failure, client, say};

const HEADS: usize = 1_000;
const BODIES: usize = 500;
const READERS: usize = 200;

pub async fn run(hub: &Hub, span: Duration) -> Result<(), Failure> {
    let requests: Arc<[Vec<u8>]> = by_id(hub).into();
    let capacity = client::measure(hub.port, &requests, 32, Duration::from_secs(5)).await?;
    let rate = capacity.per_second() / 4.0;
    let alone = offer(hub.port, &requests, rate, span).await?;
    let before = hub.memory_mb();
    let (mut heads, mut bodies, mut readers) = (vec![], vec![], vec![]);
    for _ in 0..HEADS {
        heads
            .push(begun(hub.port, b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ").await?);
    }
    for _ in 0..BODIES {
        let head =
            b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
                     Content-Length: 2000\r\n\r\n{\"query\":\"";
        bodies.push(begun(hub.port, head).await?);
    }
    // More than the system takes on its way, so that the hub is left with the rest.
    let page = "{ enterprises(first: 100) { nodes { id name { value } sourceRecords { id agency sheet row } } } }";
    let page = hub.request("steward", page, &Value::Null).repeat(2);
    for _ in 0..READERS {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4_096)?;
        let mut reader = socket.connect(([127, 0, 0, 1], hub.port).into()).await?;
        reader.write_all(&page).await?;
        readers.push(reader);
    }
    let drips = tokio::spawn(drip(heads.into_iter().chain(bodies).collect()));
    let beside = offer(hub.port, &requests, rate, span).await?;
    let memory_mb = hub.memory_mb();
    drips.abort();
    drop(readers);
    say(&json!({
        "offered_per_second": rate.round(), "alone_p99_ms": alone.p99(), "beside_p99_ms": beside.p99(),
        "ratio": (beside.p99() / alone.p99() * 100.0).round() / 100.0,
        "refused_share": beside.refused_share(), "failed": beside.failed,
        "memory_before_mb": before, "memory_mb": memory_mb,
    }))
}

async fn begun(port: u16, bytes: &[u8]) -> Result<TcpStream, Failure> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(bytes).await?;
    Ok(stream)
}

/// Sends a letter over each of them every second.
async fn drip(mut streams: Vec<TcpStream>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let mut left = vec![];
        for mut stream in streams {
            // Those that the hub hung up on are done.
            if stream.write_all(b"a").await.is_ok() {
                left.push(stream);
            }
        }
        streams = left;
    }
}
