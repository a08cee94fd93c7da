//! How many requests a second the hub answers, beside PostGraphile over plain tables of the same enterprises:
//! `cargo bench -p tests --bench speed -- CITY SERVER`.
//!
//! CITY is a directory made by `make_city`, SERVER the URL of a PostgreSQL server in which databases may be made;
//! those of a run are kept for the next one of the same city. `npm ci` in `beside-postgraphile` comes first; without
//! it the hub is measured alone. Client, servers and database share the machine. Each server is asked by turns, over
//! 32 connections; prints one line of JSON for each measurement.
//!
//! The last question looks for names with a letter left out; PostGraphile has nothing of the kind and is not asked.
//!
//! The hub checks a steward's token, cuts every field and writes each answer into the access log before it leaves;
//! PostGraphile does none of that.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

mod city;

#[path = "speed/client.rs"]
mod client;
#[path = "speed/connection.rs"]
mod connection;
#[path = "speed/servers.rs"]
mod servers;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::city::Failure;
use crate::client::Measured;
use crate::servers::{Server, Town};

/// How long each measurement takes.
const SPAN: Duration = Duration::from_secs(8);
/// How often every server is asked each question.
const ROUNDS: usize = 2;
const CONNECTIONS: usize = 32;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let usage = "usage: speed CITY SERVER; see the head of this file";
    let city = PathBuf::from(arguments.next().ok_or(usage)?);
    let server = arguments.next().ok_or(usage)?;
    tokio::runtime::Runtime::new()?.block_on(measure(&city, &server))
}

async fn measure(city: &std::path::Path, server: &str) -> Result<(), Failure> {
    let town = Town::ready(city, server).await?;
    let servers = town.servers().await?;
    for round in 1..=ROUNDS {
        for question in ["by_id", "page", "counts", "search"] {
            for server in &servers {
                let bodies = server.bodies(question, &town);
                if bodies.is_empty() {
                    continue;
                }
                let requests = client::requests(&server.head, &bodies);
                let measured = client::measure(server.port, &requests, CONNECTIONS, SPAN).await?;
                tell(server, question, round, &measured)?;
            }
        }
    }
    Ok(())
}

fn tell(server: &Server, question: &str, round: usize, measured: &Measured) -> Result<(), Failure> {
    say(&json!({
        "server": server.name,
        "question": question,
        "round": round,
        "per_second": measured.per_second().round(),
        "p50_ms": measured.quantile(0.5),
        "p99_ms": measured.quantile(0.99),
        "refused": measured.refused,
        "bytes": measured.bytes,
        "memory_mb": server.memory_mb(),
    }))
}

fn say(line: &Value) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
