//! A client that costs little beside the servers: requests as bytes over connections that are kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::Connection;

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
