//! A hub for one test: the server in this process, over a register of its own.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use domain::agency::AgencyCode;
use domain::viewer::{Role, Viewer};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};
use tunggal::app::App;
use tunggal::config::Config;
use tunggal::config::limits::Rates;
use tunggal::http;
use tunggal::service;
use uuid::Uuid;

/// Which database a hub keeps its register in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The databases that are there: SQLite always, PostgreSQL where `TUNGGAL_TEST_POSTGRES` names a server
/// on which databases may be made.
pub fn kinds() -> Vec<Kind> {
    let mut kinds = vec![Kind::Sqlite];
    kinds.extend(postgres().map(|_| Kind::Postgres));
    kinds
}

/// The PostgreSQL server on which databases may be made.
pub fn postgres() -> Option<String> {
    tunggal::command::environment("TUNGGAL_TEST_POSTGRES")
}

/// Runs a story once on each database.
macro_rules! on_every_database {
    ($($(#[$doc:meta])* async fn $name:ident($hub:ident: TestHub) $body:block)+) => {
        $($(#[$doc])*
        #[test]
        fn $name() {
            for kind in $crate::hub::kinds() {
                $crate::hub::run(async move {
                    let $hub = $crate::hub::TestHub::start(kind).await;
                    $body
                });
            }
        })+
    };
}
pub(crate) use on_every_database;

/// Runs one story to its end.
pub fn run(story: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(story);
}

/// A running hub.
pub struct TestHub {
    pub app: App,
    pub url: String,
    pub client: reqwest::Client,
    directory: PathBuf,
    stopper: Option<http::Stopper>,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Reply {
    /// The data at a JSON pointer below `data`.
    pub fn at(&self, pointer: &str) -> &Value {
        self.body["data"].pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The code of the first error; empty without one.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }
}

impl TestHub {
    /// A hub without records, with GraphiQL closed.
    pub async fn start(kind: Kind) -> TestHub {
        TestHub::start_with(kind, |_| {}).await
    }

    /// A hub with settings of its own.
    pub async fn start_with(kind: Kind, change: impl FnOnce(&mut Config)) -> TestHub {
        let mut config = TestHub::config(kind).await;
        change(&mut config);
        TestHub::of(config).await
    }

    /// A hub with these settings.
    pub async fn of(config: Config) -> TestHub {
        let directory = config.data_dir.clone();
        TestHub::serve(App::start(config).await.unwrap(), directory).await
    }

    /// A hub whose register seals nothing.
    pub async fn start_unsealed(kind: Kind) -> TestHub {
        let config = TestHub::config(kind).await;
        let directory = config.data_dir.clone();
        TestHub::serve(App::start_unsealed(config).await.unwrap(), directory).await
    }

    /// The settings of a hub without records.
    pub async fn config(kind: Kind) -> Config {
        let directory = std::env::temp_dir().join(format!("tunggal-{}", Uuid::new_v4().simple()));
        let set = |key: &str| {
            let two = "bank=Bank Uji, koperasi=Koperasi Uji";
            (key == "TUNGGAL_INSTITUTIONS").then(|| two.to_owned())
        };
        let mut config = Config::load(None, &set).unwrap();
        config.data_dir = directory;
        // What stories ask is no attack; the rates have stories of their own.
        config.limits.rates = Rates::default();
        if kind == Kind::Postgres {
            config.database_url = Some(fresh_database(&postgres().unwrap()).await);
        }
        config
    }

    async fn serve(app: App, directory: PathBuf) -> TestHub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = http::start(app.clone(), listener).await.unwrap();
        let url = format!("http://{}", running.address);
        let stopper = Some(running.stopper());
        tokio::spawn(running.finish());
        // The server closes an idle connection after five seconds, perhaps while it is taken up again.
        let client = reqwest::Client::builder().no_proxy();
        let client = client.pool_idle_timeout(Duration::from_secs(2)).build().unwrap();
        TestHub { app, url, client, directory, stopper }
    }

    /// Another node that serves the same register with the same keys.
    pub async fn another_node(&self) -> TestHub {
        let app = App::start((*self.app.config).clone()).await.unwrap();
        TestHub::serve(app, self.directory.clone()).await
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &str) -> i64 {
        let (_, database) = self.database().await;
        let query = format!("SELECT COUNT(*) AS rows FROM {table}");
        let statement = sea_orm::Statement::from_string(database.get_database_backend(), query);
        let row = database.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get("", "rows").unwrap()
    }

    /// Takes a list of an agency and returns once it is imported.
    pub async fn ingest(&self, agency: &str, csv: &str) {
        self.take(agency, csv, service::ingest::Options::default()).await;
    }

    /// Takes the whole list of an agency, as a text.
    pub async fn ingest_whole_list(&self, agency: &str, csv: &str) {
        let options =
            service::ingest::Options { complete_list: true, ..service::ingest::Options::default() };
        self.take(agency, csv, options).await;
    }

    async fn take(&self, agency: &str, csv: &str, options: service::ingest::Options) {
        let path = self.directory.join(format!("{agency}-{}.csv", Uuid::new_v4().simple()));
        std::fs::write(&path, csv).unwrap();
        let by = viewer(Role::AgencyOperator, Some(agency));
        let code = AgencyCode::parse(agency).unwrap();
        let receipt =
            service::ingest::receive(&self.app, &by, &code, &path, "list.csv", options).await;
        let receipt = receipt.unwrap();
        assert!(receipt.questions.is_empty(), "{:?}", receipt.questions);
        assert!(0 < receipt.counts.accepted, "{:?}", receipt.counts);
    }

    /// Links what was taken.
    pub async fn link(&self) {
        service::link::link(&self.app).await.unwrap();
    }

    /// A token for a role, of the agency if one is named.
    pub fn token(&self, role: Role, agency: Option<&str>) -> String {
        self.app.keys.issue(&viewer(role, agency), chrono_hour()).unwrap()
    }

    /// Asks as the public.
    pub async fn public(&self, query: &str, variables: Value) -> Reply {
        self.ask(None, query, variables).await
    }

    /// Asks in a role that belongs to no agency.
    pub async fn ask_as(&self, role: Role, query: &str, variables: Value) -> Reply {
        self.ask(Some(self.token(role, None)), query, variables).await
    }

    /// Asks as a steward of this name.
    pub async fn steward(&self, name: &str, query: &str, variables: Value) -> Reply {
        let steward = Viewer { subject: name.to_owned(), ..viewer(Role::Steward, None) };
        let token = self.app.keys.issue(&steward, chrono_hour()).unwrap();
        self.ask(Some(token), query, variables).await
    }

    /// Asks as an agency's operator.
    pub async fn operator(&self, agency: &str, query: &str, variables: Value) -> Reply {
        let token = self.token(Role::AgencyOperator, Some(agency));
        self.ask(Some(token), query, variables).await
    }

    /// Asks with a token, or without.
    pub async fn ask(&self, token: Option<String>, query: &str, variables: Value) -> Reply {
        let mut request = self.client.post(format!("{}/graphql", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let body = json!({ "query": query, "variables": variables });
        reply(request.json(&body).send().await.unwrap()).await
    }

    /// Every entry of the access log, as role, operation, fields, and whether it was allowed.
    pub async fn access_log(&self) -> Vec<(String, String, String, bool)> {
        let (_, database) = self.database().await;
        let query = "SELECT role, operation, reads, outcome FROM access_log ORDER BY seq";
        let statement = sea_orm::Statement::from_string(database.get_database_backend(), query);
        let rows = database.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|it| {
                let text = |column: &str| it.try_get::<String>("", column).unwrap();
                let reads: Vec<evidence::Read> = serde_json::from_str(&text("reads")).unwrap();
                let fields: BTreeSet<String> = reads.into_iter().flat_map(|it| it.fields).collect();
                let fields = fields.into_iter().collect::<Vec<_>>().join(" ");
                (text("role"), text("operation"), fields, text("outcome") == "allowed")
            })
            .collect()
    }

    /// The database beside the hub, with its URL.
    pub async fn database(&self) -> (String, DatabaseConnection) {
        if let Some(url) = &self.app.config.database_url {
            return (url.clone(), Database::connect(url).await.unwrap());
        }
        let url = format!("sqlite://{}", self.directory.join("tunggal.sqlite").display());
        let database = Database::connect(ConnectOptions::new(&url).max_connections(1).to_owned());
        let database = database.await.unwrap();
        let evidence = self.directory.join("evidence.sqlite");
        let attach = format!("ATTACH DATABASE '{}' AS evidence", evidence.display());
        database.execute_unprepared(&attach).await.unwrap();
        (url, database)
    }

    /// Stops the server and waits until running requests are over.
    pub async fn stop(&mut self) {
        if let Some(stopper) = self.stopper.take() {
            stopper.stop().await;
        }
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        // What is left in the temporary directory harms nobody.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Reads an answer, whatever its media type.
pub async fn reply(response: reqwest::Response) -> Reply {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.text().await.unwrap();
    Reply { status, headers, body: serde_json::from_str(&body).unwrap_or(Value::String(body)) }
}

/// Asks again and again until `holds` does; fails after ten seconds.
pub async fn eventually(holds: impl AsyncFn() -> bool) {
    within(Duration::from_secs(10), holds).await;
}

/// Asks again and again until `holds` does; fails after `limit`.
pub async fn within(limit: Duration, holds: impl AsyncFn() -> bool) {
    let attempts = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(limit, attempts).await.is_ok(), "not so within {limit:?}");
}

/// Somebody in a role.
pub fn viewer(role: Role, agency: Option<&str>) -> Viewer {
    let institution = matches!(role, Role::Lender | Role::CentralBank).then(|| "bank".to_owned());
    Viewer {
        subject: format!("{}@test", role.code()),
        role,
        agency: agency.map(|it| AgencyCode::parse(it).unwrap()),
        institution,
        ..Viewer::public()
    }
}

fn chrono_hour() -> chrono::TimeDelta {
    chrono::TimeDelta::hours(1)
}

/// A new database on a server, by its URL. It stays behind; test servers are thrown away.
pub async fn fresh_database(server: &str) -> String {
    let name = format!("tunggal_{}", Uuid::new_v4().simple());
    let database = Database::connect(server).await.unwrap();
    database.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}
