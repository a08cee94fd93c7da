//! A client that costs little beside the servers: requests as bytes over connections that are kept.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a span of asking came to.
pub struct Measured {
    /// How long each answer took, in order.
    times: Vec<Duration>,
    span: Duration,
    /// Answers that were not 200, or told of errors.
    pub refused: usize,
    /// Bytes of the last answer.
    pub bytes: usize,
}

impl Measured {
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.span.as_secs_f64()
    }

    /// Milliseconds that such a share of the answers took at most.
    pub fn quantile(&self, share: f64) -> f64 {
        let at = (self.times.len().saturating_sub(1) as f64 * share) as usize;
        self.times.get(at).map_or(0.0, |it| (it.as_secs_f64() * 1e5).round() / 1e2)
    }
}

/// Asks with `bodies` in turn, over so many connections at once.
pub async fn measure(
    port: u16,
    head: &str,
    bodies: &[String],
    connections: usize,
    span: Duration,
) -> Result<Measured, Failure> {
    let requests: Vec<Vec<u8>> = bodies
        .iter()
        .map(|body| format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
        .collect();
    let requests: std::sync::Arc<[Vec<u8>]> = requests.into();
    let started = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|it| tokio::spawn(ask(port, requests.clone(), it * 7_919, started + span)))
        .collect();
    let mut all = Measured { times: vec![], span, refused: 0, bytes: 0 };
    for task in tasks {
        let some = task.await??;
        all.times.extend(some.times);
        all.refused += some.refused;
        all.bytes = some.bytes;
    }
    all.span = started.elapsed();
    all.times.sort_unstable();
    Ok(all)
}

async fn ask(
    port: u16,
    requests: std::sync::Arc<[Vec<u8>]>,
    from: usize,
    until: Instant,
) -> Result<Measured, Failure> {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
    connection.set_nodelay(true)?;
    let mut some = Measured { times: vec![], span: Duration::ZERO, refused: 0, bytes: 0 };
    let (mut buffer, mut number) = (vec![], from);
    while Instant::now() < until {
        let asked = Instant::now();
        connection.write_all(&requests[number % requests.len()]).await?;
        let whole = answer(&mut connection, &mut buffer).await?;
        some.times.push(asked.elapsed());
        some.bytes = buffer.len();
        some.refused += usize::from(!whole);
        number += 1;
    }
    Ok(some)
}

/// Reads one answer; whether it is 200 and without errors.
async fn answer(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<bool, Failure> {
    buffer.clear();
    let (head, length) = loop {
        if let Some(head) = find(buffer, b"\r\n\r\n") {
            let text = std::str::from_utf8(&buffer[..head])?.to_ascii_lowercase();
            let length = text.lines().find_map(|it| it.strip_prefix("content-length:"));
            let length = length.ok_or("an answer without its length")?.trim().parse::<usize>()?;
            break (head + 4, length);
        }
        more(connection, buffer).await?;
    };
    while buffer.len() < head + length {
        more(connection, buffer).await?;
    }
    let ok = buffer.starts_with(b"HTTP/1.1 200");
    Ok(ok
        && !buffer[head..].starts_with(b"{\"errors\"")
        && find(&buffer[head..], b"\"errors\":").is_none())
}

async fn more(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    match connection.read_buf(buffer).await? {
        0 => Err("the server closed the connection".into()),
        _ => Ok(()),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}
