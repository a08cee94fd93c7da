//! What access, evidence and sealing cost: `cargo bench -p tests --bench evidence`. Prints one line of JSON for
//! each measurement, on SQLite and, where `TUNGGAL_TEST_POSTGRES` names a server, on PostgreSQL:
//!
//! - `by_id`: the query of one enterprise by its id, executed without HTTP, with the three of them, without each,
//!   and with none; without access no token is checked and no account looked at;
//! - `by_id_over_http`: the same as a client is answered, whose token is always checked;
//! - `group_commit`: entries alone, each made durable before the next of its connection;
//! - `verify`: a log of 100,000 entries as a file, against its checkpoint.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

mod sample;

#[path = "speed/client.rs"]
mod client;
#[path = "speed/connection.rs"]
mod connection;

use std::collections::BTreeSet;
use std::error::Error;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::id::EnterpriseId;
use domain::viewer::{Role, Viewer};
use evidence::verify::verify_log;
use evidence::{Act, Checkpoint, Head, Outcome, Read, log};
use sea_orm::{ConnectionTrait, Database};
use tunggal::app::App;
use tunggal::auth::Identity;
use tunggal::config::Config;
use tunggal::config::limits::Rates;
use tunggal::graphql::execute::Executor;
use tunggal::http;
use tunggal::service::access::Stated;
use tunggal::service::checkpoints::signer;
use tunggal::service::evidence::Evidence;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

const QUERY: &str = "query($id: ID!) { enterprise(id: $id) { id name { value } nik { value } \
                     ownerName { value } phone { value } kelurahan { value { name } } } }";
/// How long each measurement takes.
const SPAN: Duration = Duration::from_secs(5);

fn main() -> Outcomes<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure())
}

async fn measure() -> Outcomes<()> {
    let server = tunggal::command::environment("TUNGGAL_TEST_POSTGRES");
    for server in [None, server.as_deref()].into_iter().take(1 + usize::from(server.is_some())) {
        let kind = if server.is_some() { "postgres" } else { "sqlite" };
        let directories = [tempfile::tempdir()?, tempfile::tempdir()?];
        let [sealed, open] = directories.each_ref().map(|it| it.path());
        let (sealed, open) =
            (filled(sealed, server, true).await?, filled(open, server, false).await?);
        for connections in [1, 32] {
            for (sealing, access, evidence) in [
                (true, true, true),
                (true, false, true),
                (true, true, false),
                (false, true, true),
                (false, false, false),
            ] {
                let register = if sealing { &sealed } else { &open };
                let took = by_id(register, (access, evidence), connections).await?;
                let on = serde_json::json!({
                    "access": access, "evidence": evidence, "sealing": sealing,
                });
                tell(kind, "by_id", on, connections, &took);
            }
            for (sealing, evidence) in [(true, true), (true, false), (false, false)] {
                let register = if sealing { &sealed } else { &open };
                let measured = over_http(register, evidence, connections).await?;
                println_json(&serde_json::json!({
                    "database": kind, "measured": "by_id_over_http", "connections": connections,
                    "on": { "access": true, "evidence": evidence, "sealing": sealing },
                    "per_second": measured.per_second(), "refused": measured.refused, "bytes": measured.bytes,
                    "median_us": measured.quantile(0.5) * 1e3, "p99_us": measured.quantile(0.99) * 1e3,
                }));
            }
            let evidence = sealed.0.evidence.clone();
            let work = move |number: usize| {
                let (evidence, act) = (evidence.clone(), act(number));
                async move { Ok(evidence.record(act).await.map(drop)?) }
            };
            let took = timed(connections, work).await?;
            tell(kind, "group_commit", serde_json::Value::Null, connections, &took);
        }
        if server.is_none() {
            verify(&sealed.0).await?;
        }
    }
    Ok(())
}

/// A register, and its enterprises.
type Register = (App, Arc<Vec<EnterpriseId>>);

/// A register with one of the sample's lists.
async fn filled(data_dir: &Path, server: Option<&str>, sealed: bool) -> Outcomes<Register> {
    let mut config = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    config.data_dir = data_dir.to_owned();
    config.limits.rates = Rates::default();
    if let Some(server) = server {
        config.database_url = Some(fresh_database(server).await?);
    }
    let app = match sealed {
        true => App::start(config).await?,
        false => App::start_unsealed(config).await?,
    };
    sample::take(&app).await?;
    let members = app.store.members().await?;
    let ids: BTreeSet<EnterpriseId> = members.values().map(|it| it.enterprise).collect();
    Ok((app, Arc::new(ids.into_iter().collect())))
}

/// How long requests for one enterprise by its id took.
async fn by_id(
    (app, ids): &Register,
    (access, evidence): (bool, bool),
    connections: usize,
) -> Outcomes<Vec<Duration>> {
    let mut app = app.clone();
    if !evidence {
        app.evidence = Evidence::none();
    }
    let viewer = Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
    let token = app.keys.issue(&viewer, TimeDelta::hours(1))?;
    let (executor, identity) = (Executor::new(&app), Arc::new(Identity::new(&app)?));
    let asked = Arc::new((viewer, token, Arc::clone(ids)));
    let work = move |number: usize| {
        let (executor, identity) = (executor.clone(), Arc::clone(&identity));
        let asked = Arc::clone(&asked);
        async move {
            let (viewer, token, ids) = &*asked;
            let viewer = match access {
                true => identity.viewer(&identity.bearer(token).await?).await?.0,
                false => viewer.clone(),
            };
            one(&executor, &viewer, ids[number % ids.len()]).await
        }
    };
    timed(connections, work).await
}

/// How long requests for one enterprise by its id took over HTTP, client and server in this process.
async fn over_http(
    (app, ids): &Register,
    evidence: bool,
    connections: usize,
) -> Outcomes<client::Measured> {
    let mut app = app.clone();
    if !evidence {
        app.evidence = Evidence::none();
    }
    let viewer = Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
    let token = app.keys.issue(&viewer, TimeDelta::hours(1))?;
    let running = http::start(app, TcpListener::bind("127.0.0.1:0")?).await?;
    let (port, stopper) = (running.address.port(), running.stopper());
    let finished = tokio::spawn(running.finish());
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n"
    );
    let body = |id: &EnterpriseId| {
        serde_json::json!({ "query": QUERY, "variables": { "id": id.to_string() } }).to_string()
    };
    let bodies: Vec<String> = ids.iter().map(body).collect();
    let measured =
        client::measure(port, &client::requests(&head, &bodies), connections, SPAN).await?;
    stopper.stop().await;
    finished.await??;
    Ok(measured)
}

async fn one(executor: &Executor, viewer: &Viewer, id: EnterpriseId) -> Outcomes<()> {
    let variables = serde_json::json!({ "id": id.to_string() });
    let variables = async_graphql::Variables::from_json(variables);
    let request = async_graphql::Request::new(QUERY).variables(variables);
    let admitted = executor.admit(viewer, request).map_err(|_| "the query was not admitted")?;
    let stated = Stated::usual(viewer, "0f0f0f0f0f0f0f0f");
    let answer = executor.execute(viewer, stated, admitted).await;
    if answer.errors.is_empty() { Ok(()) } else { Err(format!("{:?}", answer.errors).into()) }
}

/// Does `work` over and over on so many connections, and returns how long each took, in order.
async fn timed<Done>(
    connections: usize,
    work: impl Fn(usize) -> Done + Clone + Send + 'static,
) -> Outcomes<Vec<Duration>>
where
    Done: Future<Output = Outcomes<()>> + Send,
{
    let until = Instant::now() + SPAN;
    let tasks = (0..connections).map(|connection| {
        let work = work.clone();
        tokio::spawn(async move {
            let mut took = vec![];
            while Instant::now() < until {
                let started = Instant::now();
                work(connection + took.len() * 31).await?;
                took.push(started.elapsed());
                // As a connection does that waits for its next request.
                tokio::task::yield_now().await;
            }
            Outcomes::Ok(took)
        })
    });
    let mut all = vec![];
    for task in tasks.collect::<Vec<_>>() {
        all.extend(task.await??);
    }
    all.sort();
    Ok(all)
}

fn tell(kind: &str, what: &str, on: serde_json::Value, connections: usize, took: &[Duration]) {
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_micros();
    println_json(&serde_json::json!({
        "database": kind, "measured": what, "on": on, "connections": connections,
        "per_second": took.len() as f64 / SPAN.as_secs_f64(),
        "median_us": at(50), "p99_us": at(99),
    }));
}

#[expect(clippy::print_stdout, reason = "a bench reports what it measured")]
fn println_json(line: &serde_json::Value) {
    println!("{line}");
}

fn act(number: usize) -> Act {
    Act {
        request: format!("{number:032x}"),
        subject: "bench".to_owned(),
        role: "steward".to_owned(),
        agency: String::new(),
        institution: String::new(),
        client: String::new(),
        purpose: "data_quality".to_owned(),
        reason: String::new(),
        operation: "enterprise".to_owned(),
        rights: "read enterprises".to_owned(),
        outcome: Outcome::Allowed,
        receipt: String::new(),
        reads: vec![Read {
            shown: true,
            fields: vec!["nik".to_owned(), "owner_name".to_owned()],
            whose: vec![format!("ent_{number:032x}")],
        }],
    }
}

async fn verify(app: &App) -> Outcomes<()> {
    const ENTRIES: usize = 100_000;
    let installation = app.store.log_head().await?.installation;
    let key = signer(app).await?.ok_or("no key")?;
    let mut head = Head::start(&installation);
    let entries: Vec<_> = (0..ENTRIES)
        .map(|it| {
            let entry = head.append(act(it), it as i64);
            (entry, head.hash)
        })
        .collect();
    let mut lines = vec![log::title(&installation)];
    lines.extend(entries.iter().map(|(entry, hash)| log::line(entry, hash)));
    let checkpoint = Checkpoint::sign(&key, &installation, None, entries, 0);
    let checkpoint = checkpoint.map_err(|it| format!("entry {it}"))?;
    let bytes: usize = lines.iter().map(String::len).sum();
    let started = Instant::now();
    let lines = lines.into_iter().map(Outcomes::Ok);
    let report = verify_log(lines, vec![checkpoint], &key.public())??;
    println_json(&serde_json::json!({
        "measured": "verify", "entries": report.entries, "bytes_per_line": bytes / ENTRIES,
        "seconds": started.elapsed().as_secs_f64(),
    }));
    Ok(())
}

/// A new database on the server. It stays behind; servers for measuring are thrown away.
async fn fresh_database(server: &str) -> Outcomes<String> {
    let name = format!("bench_{}", uuid::Uuid::new_v4().simple());
    let database = Database::connect(server).await?;
    database.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    let (base, _) = server.rsplit_once('/').ok_or("not a URL of a server")?;
    Ok(format!("{base}/{name}"))
}
