//! What a run works on: the records as they are, and what the run before left.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::agency::{Agency, AgencyCode};
use domain::id::{EnterpriseId, RecordId};
use linkage::features::{Features, Written};
use linkage::link::{Decision, Previous, ScoredPair};
use linkage::normalise::{NormalisedRecord, normalise};
use linkage::settings::Settings;
use rayon::prelude::*;

use super::tell;
use crate::app::App;
use crate::error::Error;
use crate::store::linking::{CurrentRecord, Member};

/// Everything a run works on.
pub(super) struct Corpus {
    pub(super) current: Vec<CurrentRecord>,
    pub(super) features: Features,
    pub(super) normalised: Vec<NormalisedRecord>,
    pub(super) agencies: HashMap<AgencyCode, Agency>,
    pub(super) members: HashMap<RecordId, Member>,
    pub(super) pairs: Vec<entity::link_pair::Model>,
}

impl Corpus {
    /// A record as its agency wrote it.
    pub(super) fn written(&self, id: RecordId) -> Option<Written<'_>> {
        let place = self.current.binary_search_by_key(&id, |it| it.record.id).ok()?;
        let record = &self.current[place].record;
        Some(Written::new(record, self.agencies.get(&record.agency)?))
    }
}

/// Everything there is, the records read by `settings`.
pub(super) async fn load(app: &App, settings: &Settings) -> Result<Corpus, Error> {
    tell(app, "normalise", 0, false);
    let agencies = app.store.agencies().await?;
    let agencies: HashMap<AgencyCode, Agency> =
        agencies.into_iter().map(|it| (it.code.clone(), it)).collect();
    let current = app.store.current_records().await?;
    let members = app.store.members().await?;
    let pairs = app.store.pairs().await?;
    let settings = settings.clone();
    let work = move || {
        let mut current = current;
        current.sort_by_key(|it| it.record.id);
        let normalised: Vec<NormalisedRecord> = current
            .par_iter()
            .filter_map(|it| Some(normalise(&it.record, agencies.get(&it.record.agency)?)))
            .collect();
        let written: Vec<Written> = current
            .par_iter()
            .filter_map(|it| Some(Written::new(&it.record, agencies.get(&it.record.agency)?)))
            .collect();
        let features = Features::read(&settings, &written);
        Corpus { current, features, normalised, agencies, members, pairs }
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// The records that are new, have a new version, or are gone since the last run.
pub(super) fn changed_records(corpus: &Corpus) -> HashSet<RecordId> {
    let versions: HashMap<RecordId, i64> =
        corpus.current.iter().map(|it| (it.record.id, it.version)).collect();
    let linked = |id: &RecordId| corpus.members.get(id).map(|it| it.version);
    let new = versions.iter().filter(|(id, version)| linked(id) != Some(**version));
    let gone = corpus.members.keys().filter(|it| !versions.contains_key(it));
    new.map(|(id, _)| *id).chain(gone.copied()).collect()
}

/// What the engine needs to know of the run before.
pub(super) fn previous(corpus: &Corpus, capped: Vec<u64>, decisions: Vec<Decision>) -> Previous {
    let mut enterprises: BTreeMap<EnterpriseId, Vec<RecordId>> = BTreeMap::new();
    for (record, member) in &corpus.members {
        enterprises.entry(member.enterprise).or_default().push(*record);
    }
    let mut enterprises: Vec<Vec<RecordId>> = enterprises.into_values().collect();
    enterprises.iter_mut().for_each(|it| it.sort());
    enterprises.sort();
    let mut pairs: Vec<ScoredPair> = corpus
        .pairs
        .iter()
        .filter(|it| it.kept)
        .map(|it| ScoredPair {
            a: RecordId(it.a),
            b: RecordId(it.b),
            weight_bits: it.weight,
            context_bits: it.context,
            probability: it.probability,
            person_bits: it.person_weight,
            linked: it.linked,
        })
        .collect();
    pairs.sort_by_key(|it| (it.a, it.b));
    Previous { pairs, enterprises, capped, decisions }
}
