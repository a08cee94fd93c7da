//! A register of the sample, on SQLite or in a new database of a server.

use std::error::Error;
use std::path::Path;

use sea_orm::{ConnectionTrait, Database};
use tunggal::app::App;
use tunggal::config::Config;

use crate::sample;

/// A new register with one of the sample's lists, linked.
pub async fn fresh(
    data_dir: &Path,
    server: Option<&str>,
) -> Result<App, Box<dyn Error + Send + Sync>> {
    let mut config = Config::load(None, &|_| None).map_err(|it| it.join("; "))?;
    config.data_dir = data_dir.to_owned();
    if let Some(server) = server {
        let name = format!("tunggal_{}", uuid::Uuid::new_v4().simple());
        let database = Database::connect(server).await?;
        database.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        let (base, _) = server.rsplit_once('/').ok_or("a URL of a database")?;
        config.database_url = Some(format!("{base}/{name}"));
    }
    let app = App::start(config).await?;
    sample::take(&app).await?;
    Ok(app)
}
