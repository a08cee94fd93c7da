//! `tunggal migrate`.

use crate::config::Config;
use crate::error::Error;
use crate::store::Store;

/// Brings the tables up to date.
pub async fn run(config: Config) -> Result<(), Error> {
    Store::open(&config).await?;
    super::print_line("The tables are up to date.")
}
