//! What is known of the enterprises that a question found, and what is told of them: the one is read from the
//! register, the other takes the processor alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::consent::Ties;
use domain::id::{EnterpriseId, RecordId};
use domain::record::SourceRecord;
use domain::view::cut;
use domain::viewer::{Scope, Viewer};
use financing::facts::Confidence;
use financing::verdict::{Assessor, Status};

use super::rules::Rules;
use super::told::{Detail, Grounds, in_force, tell};
use super::view::Row;
use crate::app::App;
use crate::error::Error;
use crate::parallel;
use crate::service::profiles::Shown;
use crate::store::enterprises::StoredEnterprise;
use crate::store::financing::Standee;

/// Enterprises in the order in which they were found, with what is known of each and of how it stands.
#[derive(Debug)]
pub struct Found {
    known: Vec<(DateTime<Utc>, Grounds)>,
    stands: HashMap<EnterpriseId, (Status, i64)>,
    on: NaiveDate,
    programme: String,
    detail: Detail,
}

impl Found {
    /// Reads what is known of `found`, which are of the viewer's scope; nothing of those that were closed to her
    /// meanwhile.
    pub async fn read(
        app: &App,
        viewer: &Viewer,
        found: Vec<Standee>,
        on: NaiveDate,
        programme: &str,
        detail: Detail,
    ) -> Result<Found, Error> {
        let stands = found.iter().map(|it| (it.0.profile.id, (it.1.status, it.2))).collect();
        let found = found.into_iter().map(|it| it.0).collect();
        let known = grounds(app, viewer, found, detail).await?;
        Ok(Found { known, stands, on, programme: programme.to_owned(), detail })
    }

    /// What the viewer is told of each, by the rules of the day.
    pub fn told(self, rules: &Arc<Rules>, viewer: &Viewer) -> Vec<Row> {
        let in_force = in_force(rules, self.on, Some(&self.programme));
        let assessor = Assessor::new(&in_force);
        let row = |(updated_at, grounds): (DateTime<Utc>, Grounds)| {
            let readiness = tell(rules, viewer, &assessor, &grounds, self.detail).pop()?;
            let helps = matches!(readiness.status, Status::LikelyEligible | Status::Missing);
            let told = helps || readiness.outcomes.iter().all(|it| it.withheld.is_none());
            let stands = self.stands.get(&grounds.profile.id);
            let stands = stands.filter(|it| told && it.0 == readiness.status);
            let since = stands.map(|it| it.1);
            let view = cut(viewer, &grounds.ties, &grounds.profile);
            let enterprise = Shown { view, updated_at, past: None, ties: grounds.ties };
            Some(Row { enterprise, since, readiness })
        };
        parallel::map(self.known, row).into_iter().flatten().collect()
    }
}

/// What is known of enterprises that were found in scope, with when each last changed and what ties the viewer to
/// it just now: of a consent that ended meanwhile nothing is told.
pub(super) async fn grounds(
    app: &App,
    viewer: &Viewer,
    found: Vec<StoredEnterprise>,
    detail: Detail,
) -> Result<Vec<(DateTime<Utc>, Grounds)>, Error> {
    let ids: Vec<EnterpriseId> = found.iter().map(|it| it.profile.id).collect();
    if ids.is_empty() {
        return Ok(vec![]);
    }
    app.rules.agencies(&app.store).await?;
    let rows = app.store.linked_rows(&ids).await?;
    let scope = viewer.scope();
    let mut ties = match &scope {
        // What is restricted was not found.
        Scope::Consent(institution, purpose) => {
            let members: Vec<_> = rows.iter().map(|it| it.0).collect();
            app.store.grants(institution, *purpose, &members).await?
        }
        _ => app.store.ties(&scope, &ids).await?,
    };
    let weights = match detail {
        Detail::Evidence => app.store.holding_links(&ids).await?,
        Detail::Outcome => HashMap::new(),
    };
    let mut records: HashMap<EnterpriseId, Vec<SourceRecord>> = HashMap::new();
    for (named, record) in rows {
        records.entry(named.enterprise).or_default().push(record);
    }
    let mut all = Vec::with_capacity(found.len());
    for stored in found {
        let id = stored.profile.id;
        let ties = ties.remove(&id);
        if matches!(scope, Scope::Consent(..)) && ties.is_none() {
            continue;
        }
        let records = records.remove(&id).unwrap_or_default();
        let links = links(&records, &weights);
        let ties: Arc<Ties> = Arc::new(ties.unwrap_or_default());
        let grounds = Grounds { profile: stored.profile, records, links, ties };
        all.push((stored.updated_at, grounds));
    }
    Ok(all)
}

fn links(
    records: &[SourceRecord],
    weights: &HashMap<RecordId, f64>,
) -> BTreeMap<RecordId, Confidence> {
    let of = |it: &SourceRecord| weights.get(&it.id).map(|bits| (it.id, Confidence::Bits(*bits)));
    records.iter().filter_map(of).collect()
}
