//! What benches over a register start from.

use std::error::Error;
use std::path::PathBuf;

use domain::agency::AgencyCode;
use tunggal::app::App;
use tunggal::service::ingest::Options;
use tunggal::service::{ingest, link};

/// Takes one of the sample's lists in and links it.
pub async fn take(app: &App) -> Result<(), Box<dyn Error + Send + Sync>> {
    let list: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "sample", "kominfo.csv"].iter().collect();
    let agency = AgencyCode::parse("kominfo")?;
    let by = tunggal::command::ingest::at_terminal(&agency);
    ingest::receive(app, &by, &agency, &list, "kominfo.csv", Options::default()).await?;
    link::link(app).await?;
    Ok(())
}
