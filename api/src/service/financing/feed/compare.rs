//! What an institution was told, compared with what it would be told now.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::id::EnterpriseId;
use domain::viewer::Scope;
use uuid::Uuid;

use super::digest::{digests, parts, written};
use super::{ChangeKind, Reader, view_rows};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::financing::standing;
use crate::service::financing::view::Row;
use crate::store::financing::feed::{Feed, Told};
use crate::store::financing::{Assessed, Part};
use crate::store::history::EventKind;

/// How many enterprises are compared and written at a time.
const STEP: usize = 200;
/// How many enterprises may have gone in one step.
const MOST_TOLD: u64 = 1_000;

/// Compares until the feed stands on the register as it was when this was called or later, or `most` enterprises
/// were looked at: then it is not whole, and the next call goes on.
pub(super) async fn catch_up(
    app: &App,
    reader: Reader<'_>,
    most: usize,
) -> Result<(Feed, Assessed, bool), Error> {
    let mut assessed = standing::current(app).await?;
    let mut state = state(app, reader, &assessed).await?;
    let mut looked_at = 0;
    loop {
        let feed = app.store.financing_feed(reader.institution, reader.programme).await?;
        if feed.behind.is_none() && feed.compared == state {
            return Ok((feed, assessed, true));
        }
        if most <= looked_at {
            return Ok((feed, assessed, false));
        }
        // What changes from here on makes another state, which is compared anew.
        let (behind, compared) = match feed.behind {
            Some(behind) => (behind, feed.compared.clone()),
            None => {
                assessed = standing::current(app).await?;
                state = self::state(app, reader, &assessed).await?;
                (Uuid::nil(), state.clone())
            }
        };
        let (changed, until) = step(app, reader, &feed, behind, &assessed).await?;
        let head = feed.head + i64::try_from(changed.len()).unwrap_or(i64::MAX);
        let next = Feed { head, compared, behind: until, ..feed.clone() };
        // Where another node was faster, the feed is read again.
        app.store.advance_feed(&feed, &next, changed).await?;
        looked_at += STEP;
    }
}

/// What all that is told rests on.
async fn state(app: &App, reader: Reader<'_>, assessed: &Assessed) -> Result<String, Error> {
    let stored = app.store.feed_state(reader.institution, reader.purpose).await?;
    Ok(format!("{stored} {} {}", assessed.on, assessed.fingerprint))
}

/// The changes of the enterprises behind an id, and the id up to which they were looked at; none at the end.
async fn step(
    app: &App,
    reader: Reader<'_>,
    feed: &Feed,
    behind: Uuid,
    assessed: &Assessed,
) -> Result<(Vec<Told>, Option<Uuid>), Error> {
    let after = (!behind.is_nil()).then_some(EnterpriseId(behind));
    let (mut rows, last, more) =
        view_rows(app, reader, Part::Behind(after), STEP as u64, assessed.on).await?;
    let mut until = last.filter(|_| more).map(|it| it.0);
    let told = app.store.told_between(feed, behind, until, MOST_TOLD).await?;
    if let Some(last) = told.last().filter(|_| told.len() as u64 == MOST_TOLD) {
        until = Some(last.enterprise_id);
        rows.retain(|it| it.enterprise.view.id.0 <= last.enterprise_id);
    }
    let mut told: BTreeMap<EnterpriseId, Told> =
        told.into_iter().map(|it| (EnterpriseId(it.enterprise_id), it)).collect();
    let (mut entered, mut changed) = (vec![], vec![]);
    let mut writer = Writer::of(app, reader, feed);
    for row in rows {
        match told.remove(&row.enterprise.view.id) {
            Some(before) => changed.extend(writer.changed(before, &row)),
            None => entered.push(row),
        }
    }
    let gone: Vec<EnterpriseId> = told.keys().copied().collect();
    let reasons = reasons(app, reader, &gone).await?;
    let origins = origins(app, feed, &entered).await?;
    let mut all = vec![];
    for (id, before) in told {
        let (kind, other) = reasons.get(&id).copied().unwrap_or((ChangeKind::Left, None));
        all.push(writer.gone(before, kind, other));
    }
    all.extend(changed);
    for row in entered {
        let origin = origins.get(&row.enterprise.view.id).copied();
        all.push(writer.entered(&row, origin));
    }
    // Positions in the order in which it is told: what went comes first, so that a step's page never counts twice
    // what was merged.
    for (place, it) in all.iter_mut().enumerate() {
        writer.put(it, place);
    }
    Ok((all, until))
}

/// Makes what is kept of changes.
struct Writer<'a> {
    sealer: std::sync::Arc<crate::sealing::Sealer>,
    reader: Reader<'a>,
    head: i64,
    at: i64,
}

/// Stands for the position of a change that is not in its place yet.
const HERE: i64 = -1;

impl<'a> Writer<'a> {
    fn of(app: &App, reader: Reader<'a>, feed: &Feed) -> Writer<'a> {
        let (sealer, at) = (app.store.sealer(), clock::now().timestamp_millis());
        Writer { sealer, reader, head: feed.head, at }
    }

    fn changed(&mut self, before: Told, row: &Row) -> Option<Told> {
        let was = parts(&before.parts);
        let mut otherwise = false;
        let mut now = BTreeMap::new();
        for (matter, digest) in digests(&self.sealer, self.reader.institution, row) {
            let same = was.get(&matter).filter(|it| it.1 == digest);
            otherwise |= same.is_none();
            now.insert(matter, same.cloned().unwrap_or((HERE, digest)));
        }
        otherwise.then(|| Told { at: self.at, position: HERE, parts: written(&now), ..before })
    }

    fn entered(&self, row: &Row, origin: Option<EnterpriseId>) -> Told {
        let digests = digests(&self.sealer, self.reader.institution, row);
        let parts = digests.into_iter().map(|(matter, it)| (matter, (HERE, it))).collect();
        let kind = if origin.is_some() { ChangeKind::SplitFrom } else { ChangeKind::Entered };
        Told {
            institution: self.reader.institution.to_owned(),
            programme: self.reader.programme.to_owned(),
            enterprise_id: row.enterprise.view.id.0,
            position: HERE,
            kind: kind.number(),
            other: origin.map(|it| it.0),
            at: self.at,
            entered: HERE,
            entered_at: self.at,
            parts: written(&parts),
        }
    }

    fn gone(&self, before: Told, kind: ChangeKind, other: Option<EnterpriseId>) -> Told {
        let (other, parts) = (other.map(|it| it.0), String::new());
        Told { kind: kind.number(), other, parts, at: self.at, position: HERE, ..before }
    }

    fn put(&self, it: &mut Told, place: usize) {
        let position = self.head + 1 + i64::try_from(place).unwrap_or(i64::MAX);
        it.position = position;
        if it.entered == HERE {
            it.entered = position;
        }
        if !it.parts.is_empty() {
            let mut parts = parts(&it.parts);
            parts.values_mut().filter(|it| it.0 == HERE).for_each(|it| it.0 = position);
            it.parts = written(&parts);
        }
    }
}

/// Why enterprises are not in the view any more, and the heir of those that were merged, where the viewer finds it.
async fn reasons(
    app: &App,
    reader: Reader<'_>,
    gone: &[EnterpriseId],
) -> Result<HashMap<EnterpriseId, (ChangeKind, Option<EnterpriseId>)>, Error> {
    let mut reasons = HashMap::new();
    if gone.is_empty() {
        return Ok(reasons);
    }
    let held = app.store.open_ids(&Scope::All, gone).await?;
    let members = app.store.linked_members(&held).await?;
    let ended = app.store.ended_grants(reader.institution, reader.purpose, &members).await?;
    let held: HashSet<EnterpriseId> = held.into_iter().collect();
    let heirs = app.store.heirs(gone).await?;
    let all: Vec<EnterpriseId> = heirs.values().copied().collect();
    let open: HashSet<EnterpriseId> =
        app.store.open_ids(&reader.viewer.scope(), &all).await?.into_iter().collect();
    for id in gone {
        let reason = match (held.contains(id), ended.get(id), heirs.get(id)) {
            (true, Some(true), _) => (ChangeKind::ConsentWithdrawn, None),
            (true, Some(false), _) => (ChangeKind::ConsentExpired, None),
            (true, None, _) => (ChangeKind::Left, None),
            (false, _, Some(heir)) => {
                (ChangeKind::MergedInto, Some(*heir).filter(|it| open.contains(it)))
            }
            (false, _, None) => (ChangeKind::Erased, None),
        };
        reasons.insert(*id, reason);
    }
    Ok(reasons)
}

/// The enterprises of the view from which some that entered were split since they are in it.
async fn origins(
    app: &App,
    feed: &Feed,
    entered: &[Row],
) -> Result<HashMap<EnterpriseId, EnterpriseId>, Error> {
    let ids: Vec<EnterpriseId> = entered.iter().map(|it| it.enterprise.view.id).collect();
    let mut origins = HashMap::new();
    // Before the first step nothing was told, so nothing was split from it.
    if ids.is_empty() || feed.head == 0 {
        return Ok(origins);
    }
    let mut made = HashMap::new();
    // The latest event comes first. One that was undone is among them: a merge that is taken back gives its id again.
    for event in app.store.events(&ids, None).await? {
        if matches!(event.kind, EventKind::SplitFrom | EventKind::Restored)
            && let Some(other) = event.other
        {
            made.entry(event.enterprise).or_insert((other, event.at.timestamp_millis()));
        }
    }
    let others: Vec<EnterpriseId> = made.values().map(|it| it.0).collect();
    let told = app.store.told_of(feed, &others).await?;
    let since: HashMap<Uuid, i64> =
        told.into_iter().map(|it| (it.enterprise_id, it.entered_at)).collect();
    for (id, (other, at)) in made {
        if since.get(&other.0).is_some_and(|since| *since <= at) {
            origins.insert(id, other);
        }
    }
    Ok(origins)
}
