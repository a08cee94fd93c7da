//! What other rules would change in the whole register, before they are used.

use std::path::Path;

use chrono::NaiveDate;
use financing::compare::{Comparison, compare};
use financing::facts::{Sources, gather};
use financing::value::Values;
use rayon::prelude::*;

use super::rules::read;
use super::standing::grounds_page;
use crate::app::App;
use crate::error::Error;

/// Compares the rules in use with those of a directory on every enterprise, as of the day `on`, with a list of at
/// most so many changes. Nothing is written.
pub async fn preview(
    app: &App,
    directory: &Path,
    on: NaiveDate,
    list_at_most: usize,
) -> Result<Comparison, Error> {
    let new = read(directory)?;
    let old = &app.rules.catalogue;
    let agencies = app.rules.agencies(&app.store).await?;
    let (before, after) = (old.on(on), new.on(on));
    let mut whole = compare(&before, &after, &[], list_at_most);
    let (mut last, links) = (None, std::collections::BTreeMap::new());
    while let Some((id, grounds)) = grounds_page(app, last).await? {
        last = Some(id);
        // Facts are read as the new files say; how old sales may be is the one thing that this changes.
        let values: Vec<_> = grounds
            .par_iter()
            .map(|(profile, records)| -> (_, Values) {
                let sources = Sources { profile, records, agencies, links: &links };
                (profile.id, *gather(&sources, new.reading(), on).values())
            })
            .collect();
        whole.absorb(compare(&before, &after, &values, list_at_most), list_at_most);
    }
    Ok(whole)
}
