//! A client that costs little beside the servers: requests as bytes over connections that are kept.

use std::sync::Arc;
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

/// Requests with this head but its length, and these bodies.
#[allow(dead_code, reason = "the bench of load makes its own")]
pub fn requests(head: &str, bodies: &[String]) -> Arc<[Vec<u8>]> {
    let request =
        |body: &String| format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
    bodies.iter().map(request).collect()
}

/// Asks with `requests` in turn, over so many connections at once.
pub async fn measure(
    port: u16,
    requests: &Arc<[Vec<u8>]>,
    connections: usize,
    span: Duration,
) -> Result<Measured, Failure> {
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
    requests: Arc<[Vec<u8>]>,
    from: usize,
    until: Instant,
) -> Result<Measured, Failure> {
    let mut connection = Connection::open(port).await?;
    let mut some = Measured { times: vec![], span: Duration::ZERO, refused: 0, bytes: 0 };
    let mut number = from;
    while Instant::now() < until {
        let asked = Instant::now();
        let answer = connection.ask(&requests[number % requests.len()]).await?;
        some.times.push(asked.elapsed());
        some.bytes = answer.bytes;
        some.refused += usize::from(!answer.is_whole());
        number += 1;
    }
    Ok(some)
}

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    head: usize,
}

/// What an answer was.
pub struct Answer {
    pub status: u16,
    /// It tells of errors.
    pub errors: bool,
    /// With its head.
    pub bytes: usize,
}

impl Answer {
    /// It is 200 and without errors.
    pub fn is_whole(&self) -> bool {
        self.status == 200 && !self.errors
    }
}

impl Connection {
    pub async fn open(port: u16) -> Result<Connection, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: vec![], head: 0 })
    }

    /// Sends a request and reads its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let length = loop {
            if let Some(head) = find(&self.buffer, b"\r\n\r\n") {
                self.head = head + 4;
                let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
                let length = text.lines().find_map(|it| it.strip_prefix("content-length:"));
                break length.ok_or("an answer without its length")?.trim().parse::<usize>()?;
            }
            self.more().await?;
        };
        while self.buffer.len() < self.head + length {
            self.more().await?;
        }
        let status = self.buffer.get(9..12).ok_or("an answer without its status")?;
        let status = std::str::from_utf8(status)?.parse()?;
        let body = self.body();
        let errors = body.starts_with(b"{\"errors\"") || find(body, b"\"errors\":").is_some();
        Ok(Answer { status, errors, bytes: self.buffer.len() })
    }

    /// The body of the last answer.
    #[allow(dead_code, reason = "not every bench that shares this file reads what is said")]
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.head..]
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}
