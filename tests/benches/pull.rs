//! How fast a table of PostgreSQL becomes durable records: `cargo bench -p tests --bench pull -- [ROWS]`, with
//! `TUNGGAL_TEST_POSTGRES` naming a server on which databases may be made. Makes a table of ROWS (a million) in one
//! database, pulls it into a register in another, or in an SQLite file with `sqlite` as second argument, and prints
//! one line of JSON: rows, seconds, rows in a second, and the most memory that was in use, in MB. The table is made
//! by the server, and nothing is linked.

use std::error::Error;
use std::time::Instant;

use sea_orm::{ConnectionTrait, Database};
use tunggal::app::App;
use tunggal::clock;
use tunggal::config::Config;
use tunggal::config::sources;
use tunggal::service::pull::Order;
use tunggal::service::schedule;
use uuid::Uuid;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcomes<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure())
}

#[expect(clippy::print_stdout, reason = "a bench reports what it measured")]
async fn measure() -> Outcomes<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let rows: u64 = arguments.first().map_or(Ok(1_000_000), |it| it.parse())?;
    let embedded = arguments.get(1).is_some_and(|it| it == "sqlite");
    let server = tunggal::command::environment("TUNGGAL_TEST_POSTGRES")
        .ok_or("TUNGGAL_TEST_POSTGRES names no server")?;
    let (agency, register) = (database(&server).await?, database(&server).await?);
    let table = Database::connect(&agency).await?;
    table
        .execute_unprepared(&format!(
            "CREATE TABLE umkm AS SELECT it AS id, 'Usaha ' || md5(it::text) AS nama, \
             'Pemilik ' || md5((it / 2)::text) AS pemilik, \
             '367301' || lpad((it % 28 + 1)::text, 2, '0') || '0580' || lpad((it % 9999 + 1)::text, 4, '0') AS nik, \
             '0812' || lpad(it::text, 8, '0') AS telepon, 'Jl. Ayip Usman ' || it % 400 AS alamat, \
             'Cipare' AS kelurahan, 'Serang' AS kecamatan, (it % 500) * 100000 AS omzet, \
             timestamptz '2026-01-01 00:00:00+00' + it * interval '10 ms' AS diubah \
             FROM generate_series(1, {rows}) AS it"
        ))
        .await?;
    table.execute_unprepared("CREATE INDEX ON umkm (diubah)").await?;
    table.execute_unprepared("ANALYZE umkm").await?;

    let directory = tempfile::tempdir()?;
    let declarations = tempfile::tempdir()?;
    let declared = format!(
        "agency = \"kominfo\"\nkind = \"postgres\"\nurl = \"{agency}\"\nquery = \"SELECT * FROM umkm\"\n\
         number = \"id\"\nwatermark = \"diubah\"\nevery = \"1m\"\nlink = false\n[mapping]\nnama = \"business_name\"\n\
         pemilik = \"owner_name\"\nnik = \"nik\"\ntelepon = \"phone\"\nalamat = \"street\"\n\
         kelurahan = \"kelurahan\"\nkecamatan = \"kecamatan\"\nomzet = \"annual_sales\"\n"
    );
    std::fs::write(declarations.path().join("umkm.toml"), declared)?;
    let mut config = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    config.data_dir = directory.path().to_owned();
    config.database_url = (!embedded).then_some(register);
    config.sources = sources::load(declarations.path(), &|_| None).map_err(|it| it.join("; "))?;
    let app = App::start(config).await?;
    let source = app.config.sources[0].clone();
    let claimed = schedule::claim(&app, &source, clock::now(), Order::default(), false).await?;
    let started = Instant::now();
    let pulled = schedule::run(&app, claimed.ok_or("the source is taken")?).await?;
    let seconds = started.elapsed().as_secs_f64();
    if pulled.fault.is_some() || pulled.counts.new != rows {
        return Err(format!("{pulled:?}").into());
    }
    println!(
        "{{\"rows\":{rows},\"seconds\":{seconds:.1},\"rows_per_second\":{:.0},\"peak_memory_mb\":{:.0}}}",
        rows as f64 / seconds,
        peak_memory_mb().unwrap_or(0.0)
    );
    Ok(())
}

/// A new database on a server, by its URL. It stays behind; servers for measuring are thrown away.
async fn database(server: &str) -> Outcomes<String> {
    let name = format!("tunggal_{}", Uuid::new_v4().simple());
    let database = Database::connect(server).await?;
    database.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    let (base, _) = server.rsplit_once('/').ok_or("the URL names no database")?;
    Ok(format!("{base}/{name}"))
}

fn peak_memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
