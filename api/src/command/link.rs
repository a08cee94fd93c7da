//! `tunggal link`.

use std::time::Instant;

use super::{progress, report};
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service;

/// Links what is new, or `everything` afresh, and says what was found.
pub async fn run(
    config: Config,
    everything: bool,
    format: Option<report::Format>,
) -> Result<(), Error> {
    let started = Instant::now();
    let app = App::start(config).await?;
    let found = {
        let _shown = format.is_none().then(|| progress::show(&app));
        match everything {
            true => service::link::link_everything(&app).await?,
            false => service::link::link(&app).await?,
        }
    };
    if format.is_some() {
        return report::print("link", &found, started);
    }
    super::print_line(&format!(
        "{} records are {} enterprises ({} records are duplicates) of {} owners; {} pairs wait for a person.{}",
        found.records,
        found.enterprises,
        found.duplicates,
        found.owners,
        found.review_pairs,
        if found.up_to_date { " Nothing was new." } else { "" },
    ))
}
