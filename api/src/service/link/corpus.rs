//! What a run works on: records as they are, and what the run before left of them.

use std::collections::{HashMap, HashSet};

use domain::agency::{Agency, AgencyCode};
use domain::id::RecordId;
use linkage::features::{Features, Written};
use linkage::normalise::{NormalisedRecord, normalise};
use linkage::settings::Settings;
use rayon::prelude::*;

use super::tell;
use crate::app::App;
use crate::error::Error;
use crate::store::linking::{CurrentRecord, Member};

/// Everything a run works on, or the part that a change reaches.
pub(super) struct Corpus {
    /// The records whose enterprise or person may be another, in order.
    pub(super) current: Vec<CurrentRecord>,
    /// The same, read for merging.
    pub(super) normalised: Vec<NormalisedRecord>,
    pub(super) agencies: HashMap<AgencyCode, Agency>,
    /// Where the records were.
    pub(super) members: HashMap<RecordId, Member>,
    /// The pairs that were kept of them.
    pub(super) pairs: Vec<entity::link_pair::Model>,
    /// The records whose pairs may be others; none when all are looked at.
    pub(super) reached: Option<HashSet<RecordId>>,
}

impl Corpus {
    /// A record as its agency wrote it.
    pub(super) fn written(&self, id: RecordId) -> Option<Written<'_>> {
        let place = self.current.binary_search_by_key(&id, |it| it.record.id).ok()?;
        let record = &self.current[place].record;
        Some(Written::new(record, self.agencies.get(&record.agency)?))
    }

    /// Whether the pairs of the record are looked at.
    pub(super) fn is_reached(&self, id: RecordId) -> bool {
        self.reached.as_ref().is_none_or(|it| it.contains(&id))
    }
}

/// Everything there is, and its records read by `settings`.
pub(super) async fn load(app: &App, settings: &Settings) -> Result<(Corpus, Features), Error> {
    tell(app, "normalise", 0, false);
    let agencies = app.store.agencies().await?;
    let agencies: HashMap<AgencyCode, Agency> =
        agencies.into_iter().map(|it| (it.code.clone(), it)).collect();
    let current = app.store.current_records().await?;
    read(app, settings, agencies, current).await
}

/// The records in the versions that the last run linked, read by `settings`.
pub(super) async fn linked(app: &App, settings: &Settings) -> Result<(Corpus, Features), Error> {
    let agencies = app.store.agencies().await?;
    let agencies = agencies.into_iter().map(|it| (it.code.clone(), it)).collect();
    let versions: Vec<i64> = app.store.members().await?.values().map(|it| it.version).collect();
    let linked = app.store.versions(&versions).await?;
    read(app, settings, agencies, linked).await
}

async fn read(
    app: &App,
    settings: &Settings,
    agencies: HashMap<AgencyCode, Agency>,
    current: Vec<CurrentRecord>,
) -> Result<(Corpus, Features), Error> {
    let members = app.store.members().await?;
    let pairs = app.store.pairs().await?;
    let settings = settings.clone();
    let work = move || {
        let mut current = current;
        current.sort_by_key(|it| it.record.id);
        let normalised = normalised(current.iter(), &agencies);
        let written: Vec<Written> = current
            .par_iter()
            .filter_map(|it| Some(Written::new(&it.record, agencies.get(&it.record.agency)?)))
            .collect();
        let features = Features::read(&settings, &written);
        (Corpus { current, normalised, agencies, members, pairs, reached: None }, features)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Records read for merging.
pub(super) fn normalised<'a>(
    records: impl Iterator<Item = &'a CurrentRecord>,
    agencies: &HashMap<AgencyCode, Agency>,
) -> Vec<NormalisedRecord> {
    let records: Vec<&CurrentRecord> = records.collect();
    let of = |it: &&CurrentRecord| Some(normalise(&it.record, agencies.get(&it.record.agency)?));
    records.par_iter().with_min_len(64).filter_map(of).collect()
}
