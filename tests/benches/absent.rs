//! Whether the time of an answer tells what is out of scope from what is not there:
//! `cargo bench -p tests --bench absent`. Asks by turns for an enterprise that another agency knows and for
//! one that nobody does, and prints one line of JSON for each lookup: the medians in microseconds, and how
//! often the hidden one took longer than the absent one asked beside it. A half says nothing.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

mod sample;

use std::error::Error;
use std::time::Instant;

use domain::agency::AgencyCode;
use domain::id::EnterpriseId;
use domain::viewer::{Role, Viewer};
use tunggal::app::App;
use tunggal::config::Config;
use tunggal::graphql::execute::Executor;
use tunggal::service::access::Stated;
use uuid::Uuid;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Pairs of questions for each lookup.
const PAIRS: usize = 4_000;

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
    let members = app.store.members().await?;
    let ids: Vec<EnterpriseId> = members.values().map(|it| it.enterprise).collect();
    let executor = Executor::new(&app);
    for (name, query) in [
        ("enterprise", "query($id: ID!) { enterprise(id: $id) { id name { value } } }"),
        ("enterprise asOf", "query($id: ID!) { enterprise(id: $id, asOf: \"2100-01-01\") { id } }"),
        ("node", "query($id: ID!) { node(id: $id) { id } }"),
    ] {
        let (mut hidden, mut absent, mut longer) = (vec![], vec![], 0.0);
        for number in 0..PAIRS {
            let first = ids[number % ids.len()];
            let other = EnterpriseId(Uuid::new_v4());
            // Whichever is asked first has the colder caches, so each is first as often.
            let (h, a) = if number % 2 == 0 {
                let h = timed(&executor, query, first).await?;
                (h, timed(&executor, query, other).await?)
            } else {
                let a = timed(&executor, query, other).await?;
                (timed(&executor, query, first).await?, a)
            };
            longer += if a < h { 1.0 } else { 0.0 };
            hidden.push(h);
            absent.push(a);
        }
        let (hidden, absent) = (median(hidden), median(absent));
        let share = longer / PAIRS as f64;
        println!(
            "{{\"lookup\":\"{name}\",\"pairs\":{PAIRS},\"out_of_scope_us\":{hidden},\"absent_us\":{absent},\
             \"out_of_scope_took_longer\":{share:.3}}}"
        );
    }
    Ok(())
}

fn median(mut times: Vec<u128>) -> u128 {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Microseconds of one question of somebody in an agency that knows none of the enterprises.
async fn timed(executor: &Executor, query: &str, id: EnterpriseId) -> Outcomes<u128> {
    let viewer = Viewer {
        subject: "bench".into(),
        role: Role::AgencyOperator,
        agency: Some(AgencyCode::parse("pariwisata")?),
        ..Viewer::public()
    };
    let variables = serde_json::json!({ "id": id.to_string() });
    let variables = async_graphql::Variables::from_json(variables);
    let request = async_graphql::Request::new(query).variables(variables);
    let begun = Instant::now();
    let admitted = executor.admit(&viewer, request).map_err(|_| "the query was not admitted")?;
    let answer =
        executor.execute(&viewer, Stated::usual(&viewer, "0f0f0f0f0f0f0f0f"), admitted).await;
    let took = begun.elapsed().as_micros();
    if answer.errors.is_empty() { Ok(took) } else { Err(format!("{:?}", answer.errors).into()) }
}
