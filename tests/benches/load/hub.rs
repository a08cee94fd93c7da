//! The hub as its operator starts it, with the sample in it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::Failure;
use crate::connection::Connection;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tunggal-under-test");

/// A running hub.
pub struct Hub {
    pub port: u16,
    /// Enterprises of the sample.
    pub ids: Vec<String>,
    tokens: Vec<(&'static str, String)>,
    process: Child,
    /// The server and the name of the run's database there.
    database: Option<(String, String)>,
    _directory: tempfile::TempDir,
}

/// Who asks, and the arguments of `tunggal token` that make her.
const VIEWERS: [(&str, &[&str]); 6] = [
    ("steward", &["--role", "steward"]),
    ("operator", &["--role", "agency_operator", "--agency", "kominfo"]),
    ("viewer", &["--role", "agency_viewer", "--agency", "disperindakop"]),
    ("lender", &["--role", "lender", "--institution", "bjb"]),
    ("central_bank", &["--role", "central_bank", "--institution", "bank-indonesia"]),
    ("auditor", &["--role", "auditor"]),
];

impl Hub {
    /// Takes the sample in, links it and serves it.
    pub async fn start() -> Result<Hub, Failure> {
        let directory = tempfile::tempdir()?;
        let server = tunggal::command::environment("TUNGGAL_TEST_POSTGRES");
        let database = match server {
            Some(server) => Some((made(&server).await?, server)),
            None => None,
        };
        let url = database.as_ref().map(|(name, server)| of(server, name)).transpose()?;
        let command = |arguments: &[&str]| {
            let mut command = Command::new(PROGRAM);
            command.args(arguments).current_dir(directory.path()).stdin(Stdio::null());
            command.env("TUNGGAL_DATA_DIR", directory.path()).env_remove("DATABASE_URL");
            command.envs(url.iter().map(|it| ("DATABASE_URL", it)));
            command.env("TUNGGAL_LOG", "off").env("TUNGGAL_REQUESTS_PER_MINUTE", "*=0");
            command
        };
        let prepared = command(&["demo", "--no-serve"]).stdout(Stdio::null()).status()?;
        if !prepared.success() {
            return Err("the sample could not be taken in".into());
        }
        let mut tokens = vec![];
        for (name, arguments) in VIEWERS {
            let output = command(&[&["token"], arguments].concat()).output()?;
            tokens.push((name, String::from_utf8(output.stdout)?.trim().to_owned()));
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut serve = command(&["serve", "--listen", &format!("127.0.0.1:{port}")]);
        let process = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let database = database.map(|(name, server)| (server, name));
        let mut hub = Hub { port, ids: vec![], tokens, process, database, _directory: directory };
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..600 {
            ticks.tick().await;
            if let Ok(mut connection) = Connection::open(port).await {
                hub.ids = ids(&hub, &mut connection).await?;
                return Ok(hub);
            }
        }
        Err("the hub did not start".into())
    }

    /// A request as it goes over a connection, of somebody or, without a name, of the public.
    pub fn request(&self, who: &str, query: &str, variables: &Value) -> Vec<u8> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.posted(who, "application/json", "", body.as_bytes())
    }

    /// A request with a body of this media type.
    pub fn posted(&self, who: &str, media: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let mut request = format!(
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media}\r\n\
             Accept: application/json\r\n{}{headers}Content-Length: {}\r\n\r\n",
            self.bearer(who),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        request
    }

    /// The header that says who asks.
    pub fn bearer(&self, who: &str) -> String {
        let token = self.tokens.iter().find(|it| it.0 == who);
        token.map_or_else(String::new, |it| format!("Authorization: Bearer {}\r\n", it.1))
    }

    /// The memory of its process, in MB.
    pub fn memory_mb(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|it| it / 1_024)
    }

    /// Ends it, and removes what was made for it.
    pub async fn stop(mut self) -> Result<(), Failure> {
        self.process.kill()?;
        self.process.wait()?;
        if let Some((server, name)) = &self.database {
            let server = Database::connect(server).await?;
            server.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }
}

async fn ids(hub: &Hub, connection: &mut Connection) -> Result<Vec<String>, Failure> {
    let query = "query($after: String) { enterprises(first: 100, after: $after) { nodes { id } \
                 pageInfo { endCursor } } }";
    let (mut ids, mut after) = (vec![], Value::Null);
    for _ in 0..20 {
        connection.ask(&hub.request("steward", query, &json!({ "after": after }))).await?;
        let answer: Value = serde_json::from_slice(connection.body())?;
        let found = &answer["data"]["enterprises"];
        let nodes = found["nodes"].as_array().ok_or("the hub tells of no enterprises")?;
        ids.extend(nodes.iter().filter_map(|it| it["id"].as_str().map(str::to_owned)));
        after = found["pageInfo"]["endCursor"].clone();
    }
    Ok(ids)
}

fn of(server: &str, name: &str) -> Result<String, Failure> {
    let (base, _) = server.rsplit_once('/').ok_or("the server's URL ends with a database")?;
    Ok(format!("{base}/{name}"))
}

async fn made(server: &str) -> Result<String, Failure> {
    let name = format!("tunggal_load_{}", std::process::id());
    let database = Database::connect(server).await?;
    database.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    Ok(name)
}
