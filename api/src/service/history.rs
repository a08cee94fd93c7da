//! What happened to enterprises, and what they were, cut to what the viewer may see today.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::id::{EnterpriseId, FileId, RecordId};
use domain::view::cut;
use domain::viewer::{Scope, Viewer};

use super::profiles::Shown;
use crate::app::App;
use crate::error::Error;
use crate::store::history::{EventKind, StoredEvent};

/// Hours that the city's clocks (WIB) are ahead of UTC.
const WIB_HOURS: i32 = 7;

/// The last millisecond of a day by the city's clocks.
pub fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let last = NaiveTime::from_hms_milli_opt(23, 59, 59, 999)?;
    let zone = FixedOffset::east_opt(WIB_HOURS * 3_600)?;
    let local = day.and_time(last).and_local_timezone(zone).single()?;
    Some(local.with_timezone(&Utc))
}

/// The day of a moment by the city's clocks.
pub fn day_of(moment: DateTime<Utc>) -> NaiveDate {
    (moment + TimeDelta::hours(i64::from(WIB_HOURS))).date_naive()
}

/// The enterprise with this id as it was at `moment`, or the heir of an id that was retired by then. `None`
/// when the id was not given yet, or when the viewer may not find it.
///
/// An agency's viewer finds it when a record of the agency was in it then and the enterprise it leads to
/// is within her scope today.
pub async fn as_of(
    app: &App,
    viewer: &Viewer,
    id: EnterpriseId,
    moment: DateTime<Utc>,
) -> Result<Option<Shown>, Error> {
    let (store, scope) = (&app.store, viewer.scope());
    if scope != Scope::All {
        // First, so that what is out of scope takes no longer than what is not there.
        let live = store.heirs(&[id]).await?;
        let live = *live.get(&id).unwrap_or(&id);
        if store.open_ids(&scope, &[live]).await?.is_empty() {
            return Ok(None);
        }
    }
    let (mut then, mut seen) = (id, BTreeSet::new());
    let found = loop {
        if let Some(found) = store.profile_at(then, moment).await? {
            break found;
        }
        // The latest event tells: what was merged by then went to its heir.
        let events = store.events(&[then], Some(moment)).await?;
        let heir = events.iter().find(|it| it.kind == EventKind::MergedInto);
        match heir.and_then(|it| it.other).filter(|_| seen.insert(then)) {
            Some(heir) => then = heir,
            None => return Ok(None),
        }
    };
    let live = store.heirs(&[then]).await?;
    let live = *live.get(&then).unwrap_or(&then);
    let open = match &scope {
        Scope::All => true,
        Scope::Agency(agency) => {
            !store.open_ids(&scope, &[live]).await?.is_empty()
                && store.any_of_agency(&found.profile.records, agency).await?
        }
        Scope::Used | Scope::Person(_) => !store.open_ids(&scope, &[live]).await?.is_empty(),
        // An owner agreed to what is known, not to what was.
        Scope::Consent(..) | Scope::Nothing => false,
    };
    if !open {
        return Ok(None);
    }
    let ties = store.ties(&scope, &[live]).await?.remove(&live).unwrap_or_default();
    let view = cut(viewer, &ties, &found.profile);
    let (updated_at, past) = (found.updated_at, Some(moment));
    Ok(Some(Shown { view, updated_at, past, ties: Arc::new(ties) }))
}

/// The ids that had been retired in favour of `id` by `moment` and were not in use again; those that came
/// and went with a decision only if they are included.
pub async fn retired_ids_at(
    app: &App,
    id: EnterpriseId,
    moment: DateTime<Utc>,
    include_undone: bool,
) -> Result<Vec<EnterpriseId>, Error> {
    let events = app.store.events(&[id], Some(moment)).await?;
    let mut retired = BTreeSet::new();
    for event in events.iter().rev().filter(|it| include_undone || !it.undone) {
        match (event.kind, event.other) {
            (EventKind::Absorbed, Some(other)) => {
                retired.insert(other);
            }
            // It is in use again, with records that it had brought here.
            (EventKind::SplitOff, Some(other)) => {
                retired.remove(&other);
            }
            _ => {}
        }
    }
    Ok(retired.into_iter().collect())
}

/// What happened to the ids, the latest first: their own events and, while they were in use, the changes of
/// the linkage model. The caller sees to the scope.
pub async fn events(
    app: &App,
    ids: &[EnterpriseId],
    until: Option<DateTime<Utc>>,
) -> Result<HashMap<EnterpriseId, Vec<StoredEvent>>, Error> {
    let models = app.store.model_changes().await?;
    let mut of: HashMap<EnterpriseId, Vec<StoredEvent>> = HashMap::new();
    for event in app.store.events(ids, until).await? {
        of.entry(event.enterprise).or_default().push(event);
    }
    for (id, events) in &mut of {
        let Some(first) = events.last().map(|it| it.at) else { continue };
        let retired = events.first().filter(|it| it.kind == EventKind::MergedInto).map(|it| it.at);
        let during = models.iter().filter(|it| {
            first < it.finished_at
                && retired.is_none_or(|end| it.finished_at < end)
                && until.is_none_or(|end| it.finished_at <= end)
        });
        events.extend(during.map(|run| StoredEvent {
            enterprise: *id,
            kind: EventKind::ModelChanged,
            other: None,
            records: vec![],
            attribute: None,
            at: run.finished_at,
            undone: false,
            run: run.clone(),
        }));
        events.sort_by_key(|it| std::cmp::Reverse(it.at));
    }
    Ok(of)
}

/// The file that each of `records` was last taken from before the run that ended at `moment`.
pub async fn files_of(
    app: &App,
    records: &[RecordId],
    moment: DateTime<Utc>,
) -> Result<HashMap<RecordId, FileId>, Error> {
    let versions = app.store.versions_at(records, moment).await?;
    Ok(versions.into_iter().map(|it| (RecordId(it.record_id), FileId(it.file_id))).collect())
}
