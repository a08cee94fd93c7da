//! What sealing costs: `cargo bench -p tests --bench at_rest`. Loads lists of the sample, links them and
//! reads enterprises by id, with sealing and without, in turns, and prints one line of JSON for each round and
//! one with the ratios of their CPU seconds, on SQLite and, where `TUNGGAL_TEST_POSTGRES` names a server, on
//! PostgreSQL. CPU seconds are those of this process: on a busy machine they say more than the clock.
//!
//! `ROUNDS` (3) sets how many rounds.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::agency::AgencyCode;
use domain::viewer::{Role, Viewer};
use sea_orm::{ConnectionTrait, Database};
use tunggal::app::App;
use tunggal::command::report;
use tunggal::config::Config;
use tunggal::graphql::execute::Executor;
use tunggal::service::access::Stated;
use tunggal::service::ingest::Options;
use tunggal::service::{ingest, link};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

const LISTS: [&str; 4] =
    ["kominfo.csv", "hipmikindo.csv", "pariwisata.csv", "kecamatan_serang.csv"];
const QUERY: &str = "query($id: ID!) { enterprise(id: $id) { id name { value } nik { value } \
                     ownerName { value } phone { value } kelurahan { value { name } } } }";
const READS: usize = 5_000;
const STEPS: [&str; 3] = ["ingest", "link", "by_id"];

fn main() -> Outcomes<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure())
}

async fn measure() -> Outcomes<()> {
    let rounds = tunggal::command::environment("ROUNDS").and_then(|it| it.parse().ok());
    let server = tunggal::command::environment("TUNGGAL_TEST_POSTGRES");
    for server in [None, server.as_deref()].into_iter().take(1 + usize::from(server.is_some())) {
        let kind = if server.is_some() { "postgres" } else { "sqlite" };
        let mut sums = [[0.0; STEPS.len()]; 2];
        for round in 0..rounds.unwrap_or(3) {
            // The one that goes first finds colder caches, so they take turns.
            for sealed in [round % 2 == 0, round % 2 != 0] {
                let directory = tempfile::tempdir()?;
                let took = once(directory.path(), server, sealed).await?;
                for (step, (cpu, wall)) in took.into_iter().enumerate() {
                    sums[usize::from(sealed)][step] += cpu;
                    tell(&serde_json::json!({
                        "database": kind, "step": STEPS[step], "sealed": sealed,
                        "cpu_seconds": cpu, "wall_seconds": wall,
                    }));
                }
            }
        }
        let ratios = STEPS
            .iter()
            .enumerate()
            .map(|(at, step)| ((*step).to_owned(), serde_json::json!(sums[1][at] / sums[0][at])));
        let ratios: serde_json::Map<String, serde_json::Value> = ratios.collect();
        tell(&serde_json::json!({ "database": kind, "cpu_sealed_to_unsealed": ratios }));
    }
    Ok(())
}

/// CPU and wall seconds of each step.
async fn once(
    data_dir: &Path,
    server: Option<&str>,
    sealed: bool,
) -> Outcomes<[(f64, f64); STEPS.len()]> {
    let mut config = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    config.data_dir = data_dir.to_owned();
    if let Some(server) = server {
        config.database_url = Some(fresh_database(server).await?);
    }
    let app = match sealed {
        true => App::start(config).await?,
        false => App::start_unsealed(config).await?,
    };
    let lap = || (cpu_seconds(), Instant::now());
    let took = |from: (f64, Instant)| (cpu_seconds() - from.0, from.1.elapsed().as_secs_f64());
    let begun = lap();
    for list in LISTS {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "sample", list].iter().collect();
        let agency = AgencyCode::parse(list.split_once('.').ok_or("a list without format")?.0)?;
        let by = tunggal::command::ingest::at_terminal(&agency);
        ingest::receive(&app, &by, &agency, &path, list, Options::default()).await?;
    }
    let ingested = took(begun);
    let begun = lap();
    link::link(&app).await?;
    let linked = took(begun);
    let ids: Vec<String> =
        app.store.members().await?.values().map(|it| it.enterprise.to_string()).collect();
    let executor = Executor::new(&app);
    let begun = lap();
    for id in ids.iter().cycle().take(READS) {
        by_id(&executor, id).await?;
    }
    Ok([ingested, linked, took(begun)])
}

async fn by_id(executor: &Executor, id: &str) -> Outcomes<()> {
    let viewer = Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
    let variables = async_graphql::Variables::from_json(serde_json::json!({ "id": id }));
    let request = async_graphql::Request::new(QUERY).variables(variables);
    let admitted = executor.admit(&viewer, request).map_err(|_| "the query was not admitted")?;
    let stated = Stated::usual(&viewer, "0f0f0f0f0f0f0f0f");
    let answer = executor.execute(&viewer, stated, admitted).await;
    if answer.errors.is_empty() { Ok(()) } else { Err(format!("{:?}", answer.errors).into()) }
}

fn cpu_seconds() -> f64 {
    report::cpu_seconds().unwrap_or(f64::NAN)
}

#[expect(clippy::print_stdout, reason = "a bench reports what it measured")]
fn tell(line: &serde_json::Value) {
    println!("{line}");
}

/// A new database on the server. It stays behind; servers for measuring are thrown away.
async fn fresh_database(server: &str) -> Outcomes<String> {
    let name = format!("bench_{}", uuid::Uuid::new_v4().simple());
    let database = Database::connect(server).await?;
    database.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    let (base, _) = server.rsplit_once('/').ok_or("not a URL of a server")?;
    Ok(format!("{base}/{name}"))
}
