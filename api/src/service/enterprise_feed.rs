//! What changed in the enterprises that a viewer finds, so that who applies it holds what the list gives.
//!
//! It begins with what is there, in the order of ids, and goes on with the events that runs wrote since, in theirs.
//! An event tells as which enterprise it was found before; what is told of it is what it is now. So each is told
//! at least once after its last change, twice at times, and telling it again harms nothing. What is restricted
//! or released changes no enterprise and is no event: then all that ever was restricted is told anew.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::id::EnterpriseId;
use domain::permission::Action;
use domain::viewer::{Scope, Viewer};
use uuid::Uuid;

use super::cursors;
use super::profiles::{Shown, shown};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::enterprise_feed::{FeedEvent, Head};
use crate::store::history::EventKind;

/// Events looked through at a time.
const WINDOW: u64 = 1_000;

/// What happened to an enterprise among those that a viewer finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is among them now.
    Entered,
    /// It is among them now, made of rows of another that is or was.
    SplitFrom,
    /// It is among them, and something of it is otherwise.
    Changed,
    /// Its id was retired in favour of another that is among them.
    MergedInto,
    /// It is not among them any more, and is in the register.
    Left,
    /// The register has it no more: its rows were erased or taken back.
    Erased,
}

/// A change of one enterprise.
#[derive(Debug, Clone)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// To which enterprise.
    pub enterprise: EnterpriseId,
    /// The enterprise that it was split from or merged into.
    pub other: Option<EnterpriseId>,
    /// When; for what was there at the beginning, since when it is as it is.
    pub at: DateTime<Utc>,
    /// It as it is now; none when it went.
    pub row: Option<Shown>,
}

/// A page of changes.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The changes in their order; of each enterprise one.
    pub changes: Vec<Change>,
    /// From where to go on.
    pub cursor: String,
    /// There are more, or there may be.
    pub more: bool,
}

/// From where a viewer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    told: Head,
    walk: Option<Walk>,
}

/// Enterprises that are gone through in the order of their ids before events are told on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Walk {
    /// Those that a restriction reaches or reached; otherwise all.
    restricted: bool,
    behind: Uuid,
}

impl Mark {
    /// Behind everything that happened so far.
    pub async fn now(app: &App) -> Result<Mark, Error> {
        Ok(Mark { told: app.store.feed_head().await?, walk: None })
    }

    async fn beginning(app: &App) -> Result<Mark, Error> {
        let walk = Walk { restricted: false, behind: Uuid::nil() };
        Ok(Mark { walk: Some(walk), ..Mark::now(app).await? })
    }

    fn write(self) -> Vec<u8> {
        let kind: u8 = self.walk.map_or(0, |it| if it.restricted { 2 } else { 1 });
        let mut bytes = vec![kind];
        bytes.extend(self.told.events.to_be_bytes());
        bytes.extend(self.told.restrictions.to_be_bytes());
        bytes.extend(self.walk.map(|it| it.behind).unwrap_or_default().as_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Mark> {
        let (kind, bytes) = bytes.split_first()?;
        let (events, bytes) = bytes.split_first_chunk()?;
        let (restrictions, bytes) = bytes.split_first_chunk()?;
        let behind = Uuid::from_slice(bytes).ok()?;
        let walk = (*kind != 0).then_some(Walk { restricted: *kind == 2, behind });
        let (events, restrictions) =
            (i64::from_be_bytes(*events), i64::from_be_bytes(*restrictions));
        Some(Mark { told: Head { events, restrictions }, walk })
    }
}

/// At most `limit` changes behind the cursor `since`; without it, what is there now.
///
/// Fails with [`Error::CursorForeign`] on a cursor of another agency, role or purpose, with [`Error::CursorStale`]
/// on one that can no longer be gone on from, and with [`Error::Forbidden`] for who has a feed of her own or none.
pub async fn changes(
    app: &App,
    viewer: &Viewer,
    since: Option<&str>,
    limit: u64,
) -> Result<Changes, Error> {
    let binding = binding(viewer)?;
    let mark = match since {
        Some(cursor) => {
            let plain = cursors::read(app, &binding, cursor)?;
            Mark::read(&plain).ok_or_else(cursors::malformed)?
        }
        None => Mark::beginning(app).await?,
    };
    let page = behind(app, viewer, mark, limit).await?;
    let cursor = cursors::write(app, &binding, &page.mark.write())?;
    Ok(Changes { changes: page.changes, cursor, more: page.more })
}

/// Whether there are changes behind `mark`, and from where to look on: behind all that there are, if there are none.
pub async fn news(app: &App, viewer: &Viewer, mark: Mark) -> Result<(bool, Mark), Error> {
    let mut mark = mark;
    loop {
        let page = behind(app, viewer, mark, 1).await?;
        if !page.changes.is_empty() {
            return Ok((true, Mark::now(app).await?));
        }
        mark = page.mark;
        if !page.more {
            return Ok((false, mark));
        }
    }
}

/// Whose cursors of this feed are alike.
fn binding(viewer: &Viewer) -> Result<String, Error> {
    match viewer.scope() {
        Scope::All | Scope::Used | Scope::Agency(_) => {
            let agency = viewer.agency.as_ref().map_or("", |it| it.as_str());
            let (role, purpose) = (viewer.role.code(), viewer.purpose().code());
            Ok(format!("enterprises\u{1f}{role}\u{1f}{agency}\u{1f}{purpose}"))
        }
        Scope::Consent(..) | Scope::Person(_) | Scope::Nothing => {
            Err(Error::forbidden(viewer, Action::FollowEnterprises))
        }
    }
}

struct Page {
    changes: Vec<Change>,
    mark: Mark,
    more: bool,
}

async fn behind(app: &App, viewer: &Viewer, mark: Mark, limit: u64) -> Result<Page, Error> {
    let (scope, head) = (viewer.scope(), app.store.feed_head().await?);
    if head.events < mark.told.events {
        return Err(Error::CursorStale);
    }
    // Who reads what is restricted sees no more and no less of it.
    let moved = scope != Scope::All && head.restrictions != mark.told.restrictions;
    let walk = match mark.walk {
        None if moved => Some(Walk { restricted: true, behind: Uuid::nil() }),
        walk => walk,
    };
    let Some(walk) = walk else { return told(app, viewer, mark, limit).await };
    let after = (!walk.behind.is_nil()).then_some(EnterpriseId(walk.behind));
    let (changes, last, more) = match walk.restricted {
        true => restricted(app, viewer, after, limit).await?,
        false => present(app, viewer, after, limit).await?,
    };
    // What is restricted while they are gone through is told by another walk.
    let restrictions = if after.is_none() { head.restrictions } else { mark.told.restrictions };
    let told = Head { restrictions, ..mark.told };
    let walk = last.filter(|_| more).map(|it| Walk { behind: it.0, ..walk });
    Ok(Page { changes, mark: Mark { told, walk }, more: more || head != told })
}

/// The changes of a part of a walk, its last enterprise, and whether there are more.
type Walked = (Vec<Change>, Option<EnterpriseId>, bool);

async fn present(
    app: &App,
    viewer: &Viewer,
    after: Option<EnterpriseId>,
    limit: u64,
) -> Result<Walked, Error> {
    let (found, more) = app.store.enterprises_behind(&viewer.scope(), after, limit).await?;
    let last = found.last().map(|it| it.profile.id);
    let entered = shown(app, viewer, found).await?.into_iter().map(|it| Change {
        kind: ChangeKind::Entered,
        enterprise: it.view.id,
        other: None,
        at: it.updated_at,
        row: Some(it),
    });
    Ok((entered.collect(), last, more))
}

async fn restricted(
    app: &App,
    viewer: &Viewer,
    after: Option<EnterpriseId>,
    limit: u64,
) -> Result<Walked, Error> {
    let scope = viewer.scope();
    let (ids, more) = app.store.ever_restricted(&scope, after, limit).await?;
    let mut open = rows(app, viewer, &ids).await?;
    let changes = ids.iter().map(|id| {
        let row = open.remove(id);
        let kind = if row.is_some() { ChangeKind::Changed } else { ChangeKind::Left };
        Change { kind, enterprise: *id, other: None, at: clock::now(), row }
    });
    Ok((changes.collect(), ids.last().copied(), more))
}

/// What happened to one enterprise within a part of the events.
struct Story {
    enterprise: EnterpriseId,
    /// It was there for the viewer before the first of them.
    was_there: bool,
    /// The enterprise that it was split from.
    from: Option<EnterpriseId>,
    at: DateTime<Utc>,
}

async fn told(app: &App, viewer: &Viewer, mark: Mark, limit: u64) -> Result<Page, Error> {
    let scope = viewer.scope();
    let events = app.store.feed_events(&scope, mark.told.events, WINDOW).await?;
    let (stories, last, whole) = stories(&events, limit);
    let ids: Vec<EnterpriseId> = stories.iter().map(|it| it.enterprise).collect();
    let mut open = rows(app, viewer, &ids).await?;
    let gone: Vec<EnterpriseId> = stories
        .iter()
        .filter(|it| it.was_there && !open.contains_key(&it.enterprise))
        .map(|it| it.enterprise)
        .collect();
    let reasons = reasons(app, &scope, &gone).await?;
    let origins: Vec<EnterpriseId> = stories.iter().filter_map(|it| it.from).collect();
    let origins = among(app, &scope, &origins).await?;
    let changes = stories.into_iter().filter_map(|it| {
        let row = open.remove(&it.enterprise);
        let from = it.from.filter(|it| origins.contains(it));
        let (kind, other) = match (it.was_there, &row) {
            (true, Some(_)) => (ChangeKind::Changed, None),
            (false, Some(_)) if from.is_some() => (ChangeKind::SplitFrom, from),
            (false, Some(_)) => (ChangeKind::Entered, None),
            (true, None) => *reasons.get(&it.enterprise)?,
            (false, None) => return None,
        };
        Some(Change { kind, enterprise: it.enterprise, other, at: it.at, row })
    });
    let told = Head { events: last.unwrap_or(mark.told.events), ..mark.told };
    let more = !whole || events.len() as u64 == WINDOW;
    Ok(Page { changes: changes.collect(), mark: Mark { told, walk: None }, more })
}

/// The events by enterprise, of at most so many enterprises; the number of the last, and whether it is the last of
/// all.
fn stories(events: &[FeedEvent], limit: u64) -> (Vec<Story>, Option<i64>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut places: HashMap<EnterpriseId, usize> = HashMap::new();
    let mut stories: Vec<Story> = vec![];
    let mut last = None;
    for event in events {
        let from = event.other.filter(|_| event.kind == EventKind::SplitFrom);
        match places.get(&event.enterprise) {
            Some(place) => {
                let story = &mut stories[*place];
                story.from = story.from.or(from);
                story.at = event.at;
            }
            None if stories.len() == limit => return (stories, last, false),
            None => {
                places.insert(event.enterprise, stories.len());
                let (enterprise, was_there) = (event.enterprise, event.was_there);
                stories.push(Story { enterprise, was_there, from, at: event.at });
            }
        }
        last = Some(event.seq);
    }
    (stories, last, true)
}

/// Those of `ids` that the viewer finds, as she sees them.
async fn rows(
    app: &App,
    viewer: &Viewer,
    ids: &[EnterpriseId],
) -> Result<HashMap<EnterpriseId, Shown>, Error> {
    let found = app.store.enterprises(&viewer.scope(), ids).await?;
    Ok(shown(app, viewer, found).await?.into_iter().map(|it| (it.view.id, it)).collect())
}

/// Why each of `gone` is not found any more.
async fn reasons(
    app: &App,
    scope: &Scope,
    gone: &[EnterpriseId],
) -> Result<HashMap<EnterpriseId, (ChangeKind, Option<EnterpriseId>)>, Error> {
    let heirs = app.store.heirs(gone).await?;
    let found = among(app, scope, &heirs.values().copied().collect::<Vec<_>>()).await?;
    let used = among(app, &Scope::All, gone).await?;
    let reason = |id: &EnterpriseId| match heirs.get(id) {
        Some(heir) if found.contains(heir) => (ChangeKind::MergedInto, Some(*heir)),
        Some(_) => (ChangeKind::Left, None),
        None if used.contains(id) => (ChangeKind::Left, None),
        None => (ChangeKind::Erased, None),
    };
    Ok(gone.iter().map(|it| (*it, reason(it))).collect())
}

async fn among(
    app: &App,
    scope: &Scope,
    ids: &[EnterpriseId],
) -> Result<HashSet<EnterpriseId>, Error> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(app.store.open_ids(scope, ids).await?.into_iter().collect())
}
