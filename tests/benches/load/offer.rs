//! Requests at a rate of their own, whatever the hub makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::connection::Connection;
use crate::{Failure, quantile};

/// Connections at most: more than the hub executes and lets wait together.
const CONNECTIONS: usize = 768;

/// What came of an offer.
pub struct Offered {
    /// How long each request took that was answered, in order.
    pub accepted: Vec<Duration>,
    /// How long each took that was refused with 429 or 503, in order.
    pub refused: Vec<Duration>,
    /// How many ended otherwise, by status; a connection that broke is 0.
    pub failed: BTreeMap<u16, usize>,
    /// How long the offer took.
    pub span: Duration,
}

impl Offered {
    pub fn per_second(&self) -> f64 {
        (self.accepted.len() as f64 / self.span.as_secs_f64()).round()
    }

    /// The share of the requests that was refused.
    pub fn refused_share(&self) -> f64 {
        let all = self.accepted.len() + self.refused.len() + self.failed.values().sum::<usize>();
        (self.refused.len() as f64 / all.max(1) as f64 * 1e3).round() / 1e3
    }

    pub fn p99(&self) -> f64 {
        quantile(&self.accepted, 0.99)
    }
}

/// Offers `rate` requests a second for `span`, taken in turn from `requests`. A request that finds no connection
/// free goes as soon as one is.
pub async fn offer(
    port: u16,
    requests: &Arc<[Vec<u8>]>,
    rate: f64,
    span: Duration,
) -> Result<Offered, Failure> {
    let (started, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let count = CONNECTIONS.min((rate * span.as_secs_f64()).ceil() as usize);
    let tasks: Vec<_> = (0..count)
        .map(|_| tokio::spawn(some(port, requests.clone(), next.clone(), rate, started, span)))
        .collect();
    let mut all = Offered {
        accepted: vec![],
        refused: vec![],
        failed: BTreeMap::new(),
        span: Duration::ZERO,
    };
    for task in tasks {
        let some = task.await?;
        all.accepted.extend(some.accepted);
        all.refused.extend(some.refused);
        some.failed
            .into_iter()
            .for_each(|(code, count)| *all.failed.entry(code).or_default() += count);
    }
    all.span = started.elapsed();
    all.accepted.sort_unstable();
    all.refused.sort_unstable();
    Ok(all)
}

async fn some(
    port: u16,
    requests: Arc<[Vec<u8>]>,
    next: Arc<AtomicUsize>,
    rate: f64,
    started: Instant,
    span: Duration,
) -> Offered {
    let mut some = Offered {
        accepted: vec![],
        refused: vec![],
        failed: BTreeMap::new(),
        span: Duration::ZERO,
    };
    let mut kept = None;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let due = started + Duration::from_secs_f64(number as f64 / rate);
        if started + span <= due.max(Instant::now()) {
            return some;
        }
        sleep_until(due.into()).await;
        let asked = Instant::now();
        let mut connection = match kept.take() {
            Some(it) => it,
            None => match Connection::open(port).await {
                Ok(it) => it,
                Err(_) => {
                    *some.failed.entry(0).or_default() += 1;
                    continue;
                }
            },
        };
        match connection.ask(&requests[number % requests.len()]).await {
            Ok(answer) => {
                kept = Some(connection);
                match answer.status {
                    200 if !answer.errors => some.accepted.push(asked.elapsed()),
                    429 | 503 => some.refused.push(asked.elapsed()),
                    other => *some.failed.entry(other).or_default() += 1,
                }
            }
            Err(_) => *some.failed.entry(0).or_default() += 1,
        }
    }
}
