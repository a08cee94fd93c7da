//! What a run under another model would do, worked out without writing anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::id::{EnterpriseId, RecordId};
use linkage::features::Features;
use linkage::link::Linkage;
use linkage::model::Model;
use linkage::settings::Settings;

use super::changes::{self, Ground};
use super::corpus::load;
use super::{bonds, link_all};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::outcome::Outcome;
use crate::store::linking::RunChanges;

/// What a run would do.
#[derive(Debug)]
pub struct Trial {
    /// The model it would run under.
    pub model: Model,
    /// The mean probability of the pairs it would link without a person's word.
    pub expected_precision: f64,
    /// How many enterprises there would be.
    pub enterprises: usize,
    /// How many pairs would wait for a person.
    pub review_pairs: usize,
    /// What would happen to enterprises.
    pub outcome: Outcome,
    /// Where every record is and would be.
    pub homes: Homes,
}

/// Where records are and where they would be.
#[derive(Debug, Default)]
pub struct Homes {
    before: HashMap<RecordId, EnterpriseId>,
    records_of: BTreeMap<EnterpriseId, BTreeSet<RecordId>>,
    after: HashMap<RecordId, EnterpriseId>,
    records_then: BTreeMap<EnterpriseId, BTreeSet<RecordId>>,
}

impl Homes {
    /// The enterprises that share records with `id`, as they are, and the groups their records would make.
    pub fn around(&self, id: EnterpriseId) -> (Vec<EnterpriseId>, Vec<Vec<RecordId>>) {
        let own = |map: &BTreeMap<EnterpriseId, BTreeSet<RecordId>>| {
            map.get(&id).cloned().unwrap_or_default()
        };
        let (now, then) = (own(&self.records_of), own(&self.records_then));
        let all: BTreeSet<RecordId> = now.union(&then).copied().collect();
        let before: BTreeSet<EnterpriseId> =
            all.iter().filter_map(|it| self.before.get(it).copied()).collect();
        let after: BTreeSet<EnterpriseId> =
            all.iter().filter_map(|it| self.after.get(it).copied()).collect();
        let groups = after.iter().filter_map(|it| self.records_then.get(it));
        (before.into_iter().collect(), groups.map(|it| it.iter().copied().collect()).collect())
    }
}

/// Links everything under the model that `make` gives for the current records, read by `settings`, and tells
/// what would change.
pub async fn trial(
    app: &App,
    settings: &Settings,
    make: impl FnOnce(&Features) -> Model + Send + 'static,
) -> Result<Trial, Error> {
    let (corpus, features) = load(app, settings).await?;
    let verdicts = app.store.standing_verdicts().await?;
    let decisions = bonds(&verdicts);
    let worked = {
        let app = app.clone();
        tokio::task::spawn_blocking(move || {
            let model = make(&features);
            let linkage = link_all(&app, &features, &model, &decisions);
            (corpus, model, linkage)
        })
    };
    let (corpus, model, linkage) = worked.await.map_err(Error::internal)?;
    let ground = Ground { verdicts: &verdicts, verdict: None, undone: None, at: clock::now() };
    let planned = changes::plan(&app.store, &corpus, &linkage, &ground).await?;
    let before = corpus.members.iter().map(|(record, it)| (*record, it.enterprise)).collect();
    Ok(Trial {
        expected_precision: mean_probability(&linkage, model.link_bits),
        model,
        enterprises: linkage.enterprises.len(),
        review_pairs: linkage.review.len(),
        outcome: Outcome::of(planned.events.iter().map(|it| (it.enterprise, it.kind, it.other))),
        homes: homes(before, &planned),
    })
}

fn mean_probability(linkage: &Linkage, link_bits: f64) -> f64 {
    let above: Vec<f64> = linkage
        .pairs
        .iter()
        .filter(|it| link_bits <= it.weight_bits)
        .map(|it| it.probability)
        .collect();
    if above.is_empty() { 1.0 } else { above.iter().sum::<f64>() / above.len() as f64 }
}

fn homes(before: HashMap<RecordId, EnterpriseId>, planned: &RunChanges) -> Homes {
    let mut after = before.clone();
    after.extend(planned.members.iter().map(|it| (it.0, it.1.enterprise)));
    for record in &planned.gone_members {
        after.remove(record);
    }
    let grouped = |homes: &HashMap<RecordId, EnterpriseId>| {
        let mut groups: BTreeMap<EnterpriseId, BTreeSet<RecordId>> = BTreeMap::new();
        for (record, id) in homes {
            groups.entry(*id).or_default().insert(*record);
        }
        groups
    };
    Homes { records_of: grouped(&before), records_then: grouped(&after), before, after }
}
