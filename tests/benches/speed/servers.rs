//! The servers that are asked, over the same enterprises.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use domain::id::EnterpriseId;
use domain::viewer::{Role, Viewer};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};
use tunggal::app::App;
use tunggal::config::Config;
use tunggal::graphql::execute::Executor;
use tunggal::service::access::Stated;
use tunggal::service::link::link;

use crate::city::{self, Failure};
use crate::say;

const BY_ID: &str = "query($id: ID!) { enterprise(id: $id) { id name { value } nik { value } \
                     ownerName { value } phone { value } kelurahan { value { name } } } }";
const PAGE: &str = "query($in: String!) { enterprises(filter: { kecamatan: $in }, first: 50) { nodes { id \
                    name { value } ownerName { value } sourceRecords { id agency row } } } }";
const SEARCH: &str = "query($text: String!) { enterprises(search: $text, first: 20) { nodes { id name { value } } } }";
const COUNTS: &str = "{ statistics { byKecamatan { code count } } }";
/// What the plain tables are filled with.
const FILLING: &str = "query($after: String) { enterprises(first: 100, after: $after) { \
                       nodes { id name { value } ownerName { value } nik { value } phone { value } \
                       kelurahan { value { name } } kecamatan { value { code } } \
                       sourceRecords { id agency row recordedOn } } \
                       pageInfo { endCursor hasNextPage } } }";

const PLAIN_BY_ID: &str = "query($id: String!) { enterpriseByCode(code: $id) { code name nik ownerName \
                           phone kelurahan } }";
const PLAIN_PAGE: &str = "query($in: String!) { allEnterprises(condition: { kecamatan: $in }, first: 50) { nodes { \
                          code name ownerName sourceRecordsByEnterprise { nodes { code agency line } } } } }";

/// How many names are looked for.
const NAMES: usize = 1_000;

/// The name without a letter in the middle of its longest word.
fn mistyped(name: &str) -> String {
    let mut words: Vec<String> = name.split_whitespace().map(str::to_owned).collect();
    if let Some(longest) = words.iter_mut().max_by_key(|it| it.chars().count()) {
        let middle = longest.chars().count() / 2;
        *longest = longest.chars().enumerate().filter(|it| it.0 != middle).map(|it| it.1).collect();
    }
    words.join(" ")
}

/// A city in the hub, in PostgreSQL and embedded, and in plain tables.
pub struct Town {
    hubs: Vec<Hub>,
    plain: Option<String>,
    kecamatan: Vec<String>,
    /// What somebody types who looks for an enterprise: its name, with an error in it.
    typed: Vec<String>,
}

struct Hub {
    name: &'static str,
    config: Config,
    token: String,
    ids: Vec<EnterpriseId>,
}

impl Town {
    /// Takes the city and links it where that is not done.
    pub async fn ready(city: &Path, server: &str) -> Result<Town, Failure> {
        let defaults = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
        let (database, _) = made(server, "tunggal_speed").await?;
        let hubs = [("tunggal", Some(database)), ("tunggal_embedded", None)];
        let mut town = Town { hubs: vec![], plain: None, kecamatan: vec![], typed: vec![] };
        for (name, database_url) in hubs {
            let data_dir = city.join(name);
            let config = Config { data_dir, database_url, ..defaults.clone() };
            let app = App::start(config.clone()).await?;
            if app.store.is_empty().await? {
                city::take(&app, &city::rows(city)?).await?;
                link(&app).await?;
            }
            let viewer =
                Viewer { subject: "bench".into(), role: Role::Steward, ..Viewer::public() };
            let executor = Executor::new(&app);
            let token = app.keys.issue(&viewer, TimeDelta::hours(4))?;
            let members = app.store.members().await?;
            let ids: BTreeSet<EnterpriseId> = members.values().map(|it| it.enterprise).collect();
            say(&json!({ "server": name, "enterprises": ids.len(), "records": members.len() }))?;
            if name == "tunggal" && beside().join("node_modules").exists() {
                let (plain, new) = made(server, "plain_speed").await?;
                if new {
                    fill(&executor, &viewer, &plain).await?;
                }
                town.plain = Some(plain);
            }
            let counts = ask(&executor, &viewer, COUNTS, json!({})).await?;
            let cells = counts["statistics"]["byKecamatan"].as_array().cloned().unwrap_or_default();
            let code = |it: &Value| it["code"].as_str().map(str::to_owned);
            if town.typed.is_empty() {
                let some = ids.iter().step_by((ids.len() / NAMES).max(1));
                for id in some {
                    let found =
                        ask(&executor, &viewer, BY_ID, json!({ "id": id.to_string() })).await?;
                    let name = found["enterprise"]["name"]["value"].as_str();
                    town.typed.extend(name.map(mistyped));
                }
            }
            town.kecamatan = cells.iter().filter_map(code).collect();
            town.hubs.push(Hub { name, config, token, ids: ids.into_iter().collect() });
        }
        Ok(town)
    }

    /// Starts the servers.
    pub async fn servers(&self) -> Result<Vec<Server>, Failure> {
        let mut servers = vec![];
        for hub in &self.hubs {
            servers.push(Server::hub(hub).await?);
        }
        if let Some(plain) = &self.plain {
            servers.push(Server::postgraphile(plain).await?);
        }
        Ok(servers)
    }
}

/// A server that runs until it is dropped.
pub struct Server {
    pub name: &'static str,
    pub port: u16,
    /// The head of a request but its length.
    pub head: String,
    process: Child,
}

impl Server {
    async fn hub(hub: &Hub) -> Result<Server, Failure> {
        let port = free_port()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        command.arg("serve").env("TUNGGAL_DATA_DIR", &hub.config.data_dir);
        command.env("TUNGGAL_LISTEN", format!("127.0.0.1:{port}"));
        command.env("TUNGGAL_REQUESTS_PER_MINUTE", "*=0");
        if let Some(url) = &hub.config.database_url {
            command.env("DATABASE_URL", url);
        }
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Accept: application/json\r\nAuthorization: Bearer {}\r\n",
            hub.token
        );
        Server::started(hub.name, port, head, command).await
    }

    async fn postgraphile(database: &str) -> Result<Server, Failure> {
        let (port, modules) = (free_port()?, beside().join("node_modules"));
        let mut command = Command::new(modules.join("node/bin/node"));
        command.arg(modules.join("postgraphile/dist/cli-run.js"));
        command.args(["--connection", database, "--schema", "public", "--host", "127.0.0.1"]);
        command.args(["--port", &port.to_string(), "--preset", "postgraphile/presets/amber"]);
        command.env("NODE_ENV", "production").env("GRAPHILE_ENV", "production");
        command.current_dir(beside());
        let head =
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
                    Accept: application/json\r\n"
                .to_owned();
        Server::started("postgraphile", port, head, command).await
    }

    async fn started(
        name: &'static str,
        port: u16,
        head: String,
        mut command: Command,
    ) -> Result<Server, Failure> {
        let process =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Server { name, port, head, process };
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        for _ in 0..600 {
            ticks.tick().await;
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(server);
            }
        }
        Err(format!("{name} did not start").into())
    }

    /// The bodies of a question, about many enterprises by turns.
    pub fn bodies(&self, question: &str, town: &Town) -> Vec<String> {
        let hub = town.hubs.iter().find(|it| it.name == self.name);
        let plain = hub.is_none();
        let ids = &hub.unwrap_or(&town.hubs[0]).ids;
        let body = |query: &str, variables: Value| {
            json!({ "query": query, "variables": variables }).to_string()
        };
        match question {
            "by_id" => {
                let query = if plain { PLAIN_BY_ID } else { BY_ID };
                let some = ids.iter().step_by((ids.len() / 20_000).max(1));
                some.map(|it| body(query, json!({ "id": it.to_string() }))).collect()
            }
            "page" => {
                let query = if plain { PLAIN_PAGE } else { PAGE };
                town.kecamatan.iter().map(|it| body(query, json!({ "in": it }))).collect()
            }
            "search" => match plain {
                true => vec![],
                false => town.typed.iter().map(|it| body(SEARCH, json!({ "text": it }))).collect(),
            },
            _ if plain => {
                let one = |(number, code): (usize, &String)| {
                    format!(
                        "k{number}: allEnterprises(condition: {{ kecamatan: \"{code}\" }}) {{ totalCount }}"
                    )
                };
                let all: Vec<String> = town.kecamatan.iter().enumerate().map(one).collect();
                vec![body(&format!("{{ {} }}", all.join(" ")), json!({}))]
            }
            _ => vec![body(COUNTS, json!({}))],
        }
    }

    /// The memory of its process, in MB.
    pub fn memory_mb(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|it| it / 1_024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn beside() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches", "beside-postgraphile"].iter().collect()
}

fn free_port() -> Result<u16, Failure> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The URL of a database of a server, and whether it was made now.
async fn made(server: &str, name: &str) -> Result<(String, bool), Failure> {
    let (base, _) = server.rsplit_once('/').ok_or("SERVER is a URL that ends with a database")?;
    let url = format!("{base}/{name}");
    if Database::connect(&url).await.is_ok() {
        return Ok((url, false));
    }
    let any = Database::connect(server).await?;
    any.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    Ok((url, true))
}

/// Fills the plain tables with what the hub says.
async fn fill(executor: &Executor, viewer: &Viewer, plain: &str) -> Result<(), Failure> {
    let database = Database::connect(plain).await?;
    database.execute_unprepared(include_str!("../beside-postgraphile/plain.sql")).await?;
    let mut after = Value::Null;
    loop {
        let found = ask(executor, viewer, FILLING, json!({ "after": after })).await?;
        let found = &found["enterprises"];
        let (mut enterprises, mut records) = (vec![], vec![]);
        for it in found["nodes"].as_array().into_iter().flatten() {
            enterprises.push(json!({
                "code": it["id"], "name": it["name"]["value"], "owner_name": it["ownerName"]["value"],
                "nik": it["nik"]["value"], "phone": it["phone"]["value"],
                "kelurahan": it["kelurahan"]["value"]["name"],
                "kecamatan": it["kecamatan"]["value"]["code"],
            }));
            for record in it["sourceRecords"].as_array().into_iter().flatten() {
                records.push(json!({
                    "code": record["id"], "enterprise": it["id"], "agency": record["agency"],
                    "line": record["row"], "recorded_on": record["recordedOn"],
                }));
            }
        }
        for (table, rows) in [("enterprise", enterprises), ("source_record", records)] {
            let text = format!(
                "INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1)"
            );
            let rows = [Value::from(rows).into()];
            let insert = Statement::from_sql_and_values(DbBackend::Postgres, text, rows);
            database.execute_raw(insert).await?;
        }
        if found["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = found["pageInfo"]["endCursor"].clone();
    }
    database.execute_unprepared("ANALYZE").await?;
    Ok(())
}

async fn ask(
    executor: &Executor,
    viewer: &Viewer,
    query: &str,
    variables: Value,
) -> Result<Value, Failure> {
    let variables = async_graphql::Variables::from_json(variables);
    let request = async_graphql::Request::new(query).variables(variables);
    let admitted = executor.admit(viewer, request).map_err(|_| "the query was not admitted")?;
    let stated = Stated::usual(viewer, "0f0f0f0f0f0f0f0f");
    let answer = executor.execute(viewer, stated, admitted).await;
    match answer.errors.is_empty() {
        true => Ok(answer.data.into_json()?),
        false => Err(format!("{:?}", answer.errors).into()),
    }
}
