//! How the enterprises that a run changes stand with financing programmes afterwards.

use std::collections::{BTreeMap, BTreeSet};

use domain::enterprise::EnterpriseProfile;
use domain::id::EnterpriseId;
use domain::record::SourceRecord;

use super::corpus::Corpus;
use crate::app::App;
use crate::error::Error;
use crate::service::financing::standing::{Assessing, today};
use crate::store::financing::Standings;
use crate::store::linking::RunChanges;
use crate::store::profile_json::{self, Wanted};

/// Assesses every enterprise whose profile the run writes, or one of whose rows has another version: a letter of
/// business is in no profile.
pub(super) async fn of(
    app: &App,
    corpus: &Corpus,
    changes: &RunChanges,
) -> Result<Standings, Error> {
    let mut profiles: BTreeMap<EnterpriseId, EnterpriseProfile> = BTreeMap::new();
    for it in &changes.enterprises {
        let id = EnterpriseId(it.columns.id);
        profiles.insert(id, profile_json::from_json(id, &it.profile, Wanted::ALL)?);
    }
    let others: BTreeSet<EnterpriseId> = changes.members.iter().map(|it| it.1.enterprise).collect();
    let others: Vec<EnterpriseId> =
        others.into_iter().filter(|it| !profiles.contains_key(it)).collect();
    for (id, json) in app.store.stored_profiles(&others).await? {
        profiles.insert(id, profile_json::from_json(id, &json, Wanted::ALL)?);
    }
    let agencies: Vec<_> = corpus.agencies.values().cloned().collect();
    let in_force = app.rules.catalogue.on(today());
    let assessing = Assessing::new(&in_force);
    let standings = profiles.into_iter().map(|(id, profile)| {
        let record = |it: &domain::id::RecordId| {
            let place = corpus.current.binary_search_by_key(it, |it| it.record.id).ok()?;
            Some(corpus.current[place].record.clone())
        };
        let records: Vec<SourceRecord> = profile.records.iter().filter_map(record).collect();
        (id, assessing.standings(&profile, &records, &agencies))
    });
    Ok(standings.collect())
}
