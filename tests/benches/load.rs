//! What the hub does above its capacity, beside slow clients, against hostile requests and over time:
//! `cargo bench -p tests --bench load -- WAY [SECONDS]`.
//!
//! | WAY | What is done |
//! |---|---|
//! | `steps` | capacity is measured, then 1, 2, 5 and 10 times of it are offered for SECONDS (30) each |
//! | `slow` | 1,000 slow heads, 500 slow bodies and 200 slow readers beside clients that wait |
//! | `refuse` | how long it takes to refuse what no server should work on |
//! | `soak` | all roles' work at once for SECONDS (600), a line every ten |
//!
//! The hub is a process of its own with the sample in it, embedded or, where `TUNGGAL_TEST_POSTGRES` names a server,
//! in a database that is made for the run and removed after it. Clients, hub and database share the machine, and
//! the hub checks each token and writes each reading down. Prints lines of JSON and ends by itself.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

#[path = "speed/client.rs"]
mod client;
#[path = "speed/connection.rs"]
mod connection;
#[path = "load/hub.rs"]
mod hub;
#[path = "load/offer.rs"]
mod offer;
#[path = "load/refuse.rs"]
mod refuse;
#[path = "load/slow.rs"]
mod slow;
#[path = "load/soak.rs"]
mod soak;
#[path = "load/steps.rs"]
mod steps;
#[path = "load/work.rs"]
mod work;

use std::io::Write;
use std::time::Duration;

use serde_json::Value;

use crate::hub::Hub;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let way = arguments.next().ok_or("usage: load WAY [SECONDS]; see the head of this file")?;
    let seconds = arguments.next().map(|it| it.parse::<u64>()).transpose()?;
    let span = |usual: u64| Duration::from_secs(seconds.unwrap_or(usual));
    tokio::runtime::Runtime::new()?.block_on(async {
        let hub = Hub::start().await?;
        let outcome = match way.as_str() {
            "steps" => steps::run(&hub, span(30)).await,
            "slow" => slow::run(&hub, span(15)).await,
            "refuse" => refuse::run(&hub).await,
            "soak" => soak::run(&hub, span(600)).await,
            other => Err(format!("there is no way {other}").into()),
        };
        hub.stop().await?;
        outcome
    })
}

fn say(line: &Value) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Milliseconds that such a share of the times took at most, which are in order.
fn quantile(times: &[Duration], share: f64) -> f64 {
    let at = (times.len().saturating_sub(1) as f64 * share) as usize;
    times.get(at).map_or(0.0, |it| (it.as_secs_f64() * 1e5).round() / 1e2)
}
