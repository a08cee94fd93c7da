//! How soon what changes at an agency is in the graph: `cargo bench -p tests --bench visible -- CITY [CHANGES]`.
//!
//! CITY is a directory as `make_city` makes it; its rows are taken, linked and assessed in an embedded register beside
//! it the first time. The program serves that register with one live source more, a table of SQLite that is asked
//! every five seconds; a row there is changed at CHANGES moments (20) spread over a pull's five seconds, and the
//! graph is asked for its new name until it is there. Prints one line of JSON: the enterprises, and the median
//! and the longest of these spans in seconds.

// The schema is deep in the types of whatever executes.
#![recursion_limit = "256"]

mod city;
#[path = "speed/connection.rs"]
mod connection;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::viewer::Scope;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};
use tunggal::app::App;
use tunggal::clock;
use tunggal::config::Config;
use tunggal::service::financing::standing;
use tunggal::service::link::link;

use crate::city::{Failure, rows, take};
use crate::connection::Connection;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tunggal-under-test");
/// Between two pulls.
const EVERY: Duration = Duration::from_secs(5);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest that a change is waited for.
const PATIENCE: Duration = Duration::from_secs(600);
/// Rows of the source.
const ROWS: usize = 1_000;

const SOURCE: &str = "agency = \"kominfo\"\nkind = \"sqlite\"\nevery = \"5s\"\nquery = \"SELECT * FROM usaha\"\n\
                      number = \"id\"\nwatermark = \"diubah\"\n[mapping]\nnama = \"business_name\"\n\
                      pemilik = \"owner_name\"\nkelurahan = \"kelurahan\"\nkecamatan = \"kecamatan\"\n";
const FOUND: &str =
    "query($name: String!) { enterprises(search: $name, first: 20) { nodes { name { value } } } }";

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let city = PathBuf::from(arguments.next().ok_or("which city? See the head of this file")?);
    let changes = arguments.next().map_or(Ok(20), |it| it.parse())?;
    tokio::runtime::Runtime::new()?.block_on(measure(&city, changes))
}

#[expect(clippy::print_stdout, reason = "a bench reports what it measured")]
async fn measure(city: &Path, changes: usize) -> Result<(), Failure> {
    let data_dir = city.join("visible");
    let enterprises = ready(city, &data_dir).await?;
    let directory = tempfile::tempdir()?;
    let table = table(directory.path()).await?;
    let (mut hub, port, token) = serve(&data_dir, directory.path())?;
    let mut graph = Graph { connection: connected(port).await?, token };
    let outcome = spans(&mut graph, &table, changes).await;
    hub.kill()?;
    hub.wait()?;
    let mut spans = outcome?;
    spans.sort_unstable();
    let at = |share: usize| spans[(spans.len() - 1) * share / 100].as_secs_f64();
    println!(
        "{{\"enterprises\":{enterprises},\"every_s\":{},\"changes\":{},\"p50_s\":{:.1},\"longest_s\":{:.1}}}",
        EVERY.as_secs(),
        spans.len(),
        at(50),
        at(100)
    );
    Ok(())
}

/// How many enterprises the register has once the city is in it.
async fn ready(city: &Path, data_dir: &Path) -> Result<u64, Failure> {
    let defaults = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    let app = App::start(Config { data_dir: data_dir.to_owned(), ..defaults }).await?;
    if app.store.is_empty().await? {
        take(&app, &rows(city)?).await?;
        link(&app).await?;
    }
    standing::renew(&app).await?;
    Ok(app.store.enterprises_within(&Scope::All).await?)
}

/// The agency's table.
async fn table(directory: &Path) -> Result<DatabaseConnection, Failure> {
    let path = directory.join("agency.sqlite");
    let table = Database::connect(format!("sqlite://{}?mode=rwc", path.display())).await?;
    table
        .execute_unprepared(
            "CREATE TABLE usaha (id INTEGER PRIMARY KEY, nama TEXT, pemilik TEXT, kelurahan TEXT, kecamatan TEXT, \
             diubah TEXT)",
        )
        .await?;
    for id in 0..ROWS {
        change(&table, id, &format!("Bengkel {}", word(id))).await?;
    }
    std::fs::create_dir(directory.join("sources"))?;
    let source = format!("path = \"{}\"\n{SOURCE}", path.display());
    std::fs::write(directory.join("sources").join("kominfo.toml"), source)?;
    Ok(table)
}

async fn change(table: &DatabaseConnection, id: usize, name: &str) -> Result<(), Failure> {
    let now = clock::now().to_rfc3339();
    table
        .execute_unprepared(&format!(
            "INSERT INTO usaha VALUES ({id}, '{name}', 'Haji {}', 'Cipare', 'Serang', '{now}') \
             ON CONFLICT (id) DO UPDATE SET nama = excluded.nama, diubah = excluded.diubah",
            word(id + ROWS)
        ))
        .await?;
    Ok(())
}

/// A word that no other number has, no name has, and that is spelled unlike those of other numbers.
fn word(number: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "qa", "xo", "vu", "zi", "qe", "xa", "vo", "zu", "qi", "xe", "va", "zo", "qu", "xi", "ve",
        "za",
    ];
    // Odd, so that no two numbers come to the same (Knuth, The Art of Computer Programming 3, 6.4).
    let mixed = (number as u32).wrapping_mul(2_654_435_761);
    (0..8).map(|it| SYLLABLES[(mixed >> (4 * it)) as usize & 15]).collect()
}

fn serve(data_dir: &Path, directory: &Path) -> Result<(Child, u16, String), Failure> {
    let command = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(directory).stdin(Stdio::null());
        command.env("TUNGGAL_DATA_DIR", data_dir).env_remove("DATABASE_URL");
        command.env("TUNGGAL_SOURCES_DIR", directory.join("sources"));
        command.env("TUNGGAL_LOG", "off").env("TUNGGAL_REQUESTS_PER_MINUTE", "*=0");
        command
    };
    let token = command(&["token", "--role", "steward"]).output()?;
    let token = String::from_utf8(token.stdout)?.trim().to_owned();
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut serve = command(&["serve", "--listen", &format!("127.0.0.1:{port}")]);
    Ok((serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?, port, token))
}

async fn connected(port: u16) -> Result<Connection, Failure> {
    let (started, mut ticks) = (Instant::now(), tokio::time::interval(PAUSE));
    loop {
        ticks.tick().await;
        match Connection::open(port).await {
            Ok(it) => return Ok(it),
            Err(error) if PATIENCE < started.elapsed() => return Err(error),
            Err(_) => {}
        }
    }
}

/// How long each change took to be seen.
async fn spans(
    graph: &mut Graph,
    table: &DatabaseConnection,
    changes: usize,
) -> Result<Vec<Duration>, Failure> {
    // The rows that were there before come first.
    graph.until_found(&word(0)).await?;
    let mut spans = vec![];
    // Each moment comes a little later between two pulls than the one before.
    let mut moments = tokio::time::interval(EVERY * 2 + EVERY / u32::try_from(changes)?);
    for number in 0..changes {
        moments.tick().await;
        let name = word(2 * ROWS + number);
        change(table, number * 31 % ROWS, &format!("Bengkel {name}")).await?;
        let changed = Instant::now();
        graph.until_found(&name).await?;
        spans.push(changed.elapsed());
    }
    Ok(spans)
}

struct Graph {
    connection: Connection,
    token: String,
}

impl Graph {
    /// Asks until an enterprise of this name is there.
    async fn until_found(&mut self, name: &str) -> Result<(), Failure> {
        let body = json!({ "query": FOUND, "variables": { "name": name } }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Accept: application/json\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        let (started, mut ticks) = (Instant::now(), tokio::time::interval(PAUSE));
        while started.elapsed() < PATIENCE {
            ticks.tick().await;
            let answer = self.connection.ask(request.as_bytes()).await?;
            let said: Value = serde_json::from_slice(self.connection.body())?;
            if !answer.is_whole() {
                return Err(said.to_string().into());
            }
            let found = said["data"]["enterprises"]["nodes"].as_array();
            let is_it = |it: &Value| {
                it["name"]["value"].as_str().is_some_and(|it| it.to_lowercase().contains(name))
            };
            if found.is_some_and(|it| it.iter().any(is_it)) {
                return Ok(());
            }
        }
        Err("the change was not seen".into())
    }
}
