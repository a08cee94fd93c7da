//! What a view of financing takes: `cargo bench -p tests --bench financing_view`. Takes the sample's lists in,
//! links them, has every owner agree, and asks as a bank for one enterprise and for the first page of 100, consent,
//! masking and evidence on. Prints one line of JSON for each with the median and the 99th of 100 in microseconds,
//! one by one and 32 at a time.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

mod sample;

use std::error::Error;
use std::time::Instant;

use domain::enterprise::Attribute;
use domain::purpose::Purpose;
use domain::viewer::{Role, Viewer};
use serde_json::json;
use tunggal::app::App;
use tunggal::config::Config;
use tunggal::graphql::execute::Executor;
use tunggal::service::access::Stated;
use tunggal::service::consents::{self, Agreement, Subject};
use tunggal::service::financing::standing::renew;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Questions of each kind.
const QUESTIONS: usize = 640;

const PAGE: &str = "query($first: Int) { financingView(programme: \"kur_micro\", first: $first) {
    pageInfo { endCursor } nodes { since enterprise { id name { value } annualSales { value { annual } } }
        readiness { asOf fingerprint status ceiling nextCeiling because steps { paper { id } ceiling }
            rules { id outcome withheld says { id } evidence { fact value access agency recordedOn } } } } } }";

fn main() -> Outcomes<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure())
}

#[expect(clippy::print_stdout, reason = "a bench reports what it measured")]
async fn measure() -> Outcomes<()> {
    let directory = tempfile::tempdir()?;
    let mut config = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    config.data_dir = directory.path().to_owned();
    let app = App::start(config).await?;
    sample::take(&app).await?;
    renew(&app).await?;
    agree(&app).await?;
    let executor = Executor::new(&app);
    for (name, first) in [("one enterprise", 1), ("page of 100", 100)] {
        for together in [1, 32] {
            let mut times = vec![];
            for _ in 0..QUESTIONS / together {
                let all = (0..together).map(|_| timed(&executor, first));
                for took in futures_util::future::join_all(all).await {
                    times.push(took?);
                }
            }
            times.sort_unstable();
            let (median, high) = (times[times.len() / 2], times[times.len() * 99 / 100]);
            println!(
                "{{\"view\":\"{name}\",\"together\":{together},\"questions\":{},\"median_us\":{median},\
                 \"p99_us\":{high}}}",
                times.len()
            );
        }
    }
    Ok(())
}

/// Every owner agrees to everything that a bank can see.
async fn agree(app: &App) -> Outcomes<()> {
    let steward = Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
    consents::add_text(app, &steward, "uji-1", "Saya setuju data usaha ini dibaca bank.").await?;
    let mut ids: Vec<_> = app.store.members().await?.values().map(|it| it.enterprise).collect();
    ids.sort();
    ids.dedup();
    for id in ids.into_iter().take(500) {
        let given = Agreement {
            subject: Subject { owner: None, enterprise: Some(id) },
            institution: "bjb".into(),
            purpose: Purpose::Financing,
            fields: Attribute::ALL.iter().copied().collect(),
            text_version: "uji-1".into(),
            channel: domain::consent::Channel::Paper,
            evidence: "map 12/2026 lembar 4".into(),
            reference: None,
            expires_at: tunggal::clock::now() + chrono::TimeDelta::days(30),
        };
        match consents::give(app, &steward, given).await {
            Ok(_) | Err(tunggal::error::Error::InvalidInput { field: "owner", .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Microseconds of one question of a bank.
async fn timed(executor: &Executor, first: usize) -> Outcomes<u128> {
    let viewer = Viewer {
        subject: "bench".into(),
        role: Role::Lender,
        institution: Some("bjb".into()),
        ..Viewer::public()
    };
    let variables = async_graphql::Variables::from_json(json!({ "first": first }));
    let request = async_graphql::Request::new(PAGE).variables(variables);
    let begun = Instant::now();
    let admitted = executor.admit(&viewer, request).map_err(|_| "the query was not admitted")?;
    let answer =
        executor.execute(&viewer, Stated::usual(&viewer, "0f0f0f0f0f0f0f0f"), admitted).await;
    let took = begun.elapsed().as_micros();
    if answer.errors.is_empty() { Ok(took) } else { Err(format!("{:?}", answer.errors).into()) }
}
