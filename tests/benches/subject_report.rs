//! What the answer to a person takes: `cargo bench -p tests --bench subject_report`. One list of the sample,
//! and 10,000 requests that read of one person; prints a line of JSON for each database.

mod register;
mod sample;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use domain::identifier::Nik;
use evidence::{Act, Outcome, Read};
use tunggal::app::App;
use tunggal::service::persons::nik_of;
use tunggal::service::subject::{Asked, page, report};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Reads of the person.
const READS: usize = 10_000;

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

async fn measure(kind: &str, data_dir: &Path, server: Option<&str>) -> Outcomes<()> {
    let app = register::fresh(data_dir, server).await?;
    let (nik, row) = somebody(&app).await?;
    let home = app.store.homes(&[row]).await?.remove(&row).ok_or("a linked row")?;
    let act = || Act {
        request: uuid::Uuid::new_v4().simple().to_string(),
        subject: "operator@bench".to_owned(),
        role: "agency_operator".to_owned(),
        agency: "kominfo".to_owned(),
        institution: String::new(),
        client: String::new(),
        purpose: "public_service".to_owned(),
        reason: String::new(),
        operation: "enterprise".to_owned(),
        rights: "read enterprises".to_owned(),
        outcome: Outcome::Allowed,
        receipt: String::new(),
        reads: vec![Read {
            shown: true,
            fields: vec!["nik".to_owned(), "phone".to_owned()],
            whose: vec![home.to_string()],
        }],
    };
    for _ in 0..READS / 100 {
        let acts = (0..100).map(|_| act()).collect();
        app.store.append_acts(acts, tunggal::clock::now().timestamp_millis(), None).await?;
    }
    let started = Instant::now();
    let made = report(&app, &Asked::Number(nik)).await?;
    let found = started.elapsed();
    let json = serde_json::to_string(&made)?;
    let html = page(&made);
    let whole = started.elapsed();
    let reads: usize = made.persons.iter().map(|it| it.reads.len()).sum();
    let told = serde_json::json!({
            "bench": "subject_report", "database": kind, "reads": reads,
            "report_ms": found.as_millis(), "with_json_and_page_ms": whole.as_millis(),
            "json_bytes": json.len(), "page_bytes": html.len(),
    });
    std::io::Write::write_all(&mut std::io::stdout(), format!("{told}\n").as_bytes())?;
    Ok(())
}

/// The NIK of somebody in the register, and her row.
async fn somebody(app: &App) -> Outcomes<(Nik, domain::id::RecordId)> {
    let records = app.store.current_records().await?;
    let found = records.iter().find_map(|it| Some((nik_of(&it.record.fields)?, it.record.id)));
    found.ok_or_else(|| "no NIK".into())
}
