//! What a gateway's question takes: `cargo bench -p tests --bench entities`. Takes one of the sample's lists in,
//! links it, and asks as a steward for 1,000 enterprises by id, and for those with a NIB of their own by NIB, with
//! the values of a page, evidence on. Prints one line of JSON for each database and key with the median and the
//! 99th of 100 in microseconds, until the answer is written.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

mod register;
mod sample;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use async_graphql::{Request, Variables};
use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};
use tunggal::graphql::execute::Executor;
use tunggal::service::access::Stated;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Questions of each kind.
const QUESTIONS: usize = 300;
/// Enterprises of a question.
const MOST: usize = 1_000;

const ENTITIES: &str =
    "query($them: [_Any!]!) { _entities(representations: $them) { ... on Enterprise {
    id name { value } kbli { value { code } } kecamatan { value { name } } } } }";
const PAGE: &str = "query($after: String) { enterprises(first: 200, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id nibKey } } }";

fn main() -> Outcomes<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        measure("sqlite", tempfile::tempdir()?.path(), None).await?;
        if let Some(server) = tunggal::command::environment("TUNGGAL_TEST_POSTGRES") {
            measure("postgres", tempfile::tempdir()?.path(), Some(&server)).await?;
        }
        Ok(())
    })
}

#[expect(clippy::print_stdout, reason = "a bench reports what it measured")]
async fn measure(kind: &str, data_dir: &Path, server: Option<&str>) -> Outcomes<()> {
    let app = register::fresh(data_dir, server).await?;
    let executor = Executor::new(&app);
    let (ids, nibs) = keys(&executor).await?;
    for (key, them) in [("id", ids), ("nibKey", nibs)] {
        let them: Vec<Value> = them
            .into_iter()
            .take(MOST)
            .map(|it| json!({ "__typename": "Enterprise", key: it }))
            .collect();
        let mut times = vec![];
        for _ in 0..QUESTIONS {
            let begun = Instant::now();
            asked(&executor, ENTITIES, json!({ "them": them })).await?;
            times.push(begun.elapsed().as_micros());
        }
        times.sort_unstable();
        println!(
            "{{\"database\":\"{kind}\",\"key\":\"{key}\",\"entities\":{},\"questions\":{},\"median_us\":{},\
             \"p99_us\":{}}}",
            them.len(),
            times.len(),
            times[times.len() / 2],
            times[times.len() * 99 / 100]
        );
    }
    Ok(())
}

/// The ids of all enterprises, and the NIBs that one alone holds.
async fn keys(executor: &Executor) -> Outcomes<(Vec<String>, Vec<String>)> {
    let (mut ids, mut nibs) = (vec![], BTreeMap::<String, usize>::new());
    let mut after = Value::Null;
    loop {
        let page: Value =
            serde_json::from_slice(&asked(executor, PAGE, json!({ "after": after })).await?)?;
        let page = &page["data"]["enterprises"];
        for node in page["nodes"].as_array().ok_or("a page")? {
            ids.extend(node["id"].as_str().map(str::to_owned));
            if let Some(nib) = node["nibKey"].as_str() {
                *nibs.entry(nib.to_owned()).or_default() += 1;
            }
        }
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let alone = nibs.into_iter().filter(|it| it.1 == 1).map(|it| it.0);
    Ok((ids, alone.collect()))
}

/// The answer to a question of a steward, as it is sent.
async fn asked(executor: &Executor, query: &str, variables: Value) -> Outcomes<Vec<u8>> {
    let viewer = Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
    let request = Request::new(query).variables(Variables::from_json(variables));
    let admitted = executor.admit(&viewer, request).map_err(|_| "the query was not admitted")?;
    let stated = Stated::usual(&viewer, "0f0f0f0f0f0f0f0f");
    let answer = executor.execute(&viewer, stated, admitted).await;
    match answer.errors.is_empty() {
        true => Ok(serde_json::to_vec(&answer)?),
        false => Err(format!("{:?}", answer.errors).into()),
    }
}
