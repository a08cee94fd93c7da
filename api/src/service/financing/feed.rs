//! What changed in the financing view of an institution, so that who applies it holds what the whole view would
//! give.
//!
//! What the institution sees of an enterprise changes with lists, decisions, consents, restrictions, rules and days,
//! and with an expiry that nobody writes. So it is not collected where these are written: it is kept what the
//! institution was told, as digests, and compared with what it would be told now, whenever anything of that may
//! have changed since. A comparison goes by ids, so many at a question, and goes on where it was cut short.
//!
//! Of each enterprise the last change alone is kept. A cursor is a position, and positions are given one after the
//! other by whoever holds the feed's row: none becomes visible before a smaller one. Nothing expires.

mod compare;
mod cursor;
mod digest;
pub mod look;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::consent::can_be_agreed_to;
use domain::id::EnterpriseId;
use domain::permission::Action;
use domain::purpose::Purpose;
use domain::viewer::{Scope, Viewer};

use super::found::Found;
use super::told::Detail;
use super::view::{Row, require_programme};
use crate::app::App;
use crate::error::Error;
use crate::store::financing::feed::Told;
use crate::store::financing::{Open, Part, StandingFilter};
use cursor::Mark;
pub use digest::Matter;

/// The most enterprises that one question compares.
const COMPARED_AT_ONCE: usize = 2_000;

/// What happened to an enterprise in a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is in the view now.
    Entered,
    /// It is in the view now, made of rows of another that is or was in it.
    SplitFrom,
    /// It is in the view, and something told of it is otherwise.
    Changed,
    /// It is not in the view any more, for none of the reasons below: its use is restricted, or the row whose
    /// person had agreed is another enterprise's now.
    Left,
    /// Its id was retired in favour of another.
    MergedInto,
    /// The owner took her consent back.
    ConsentWithdrawn,
    /// The time of the consent is over.
    ConsentExpired,
    /// The register has it no more: its rows were erased or taken back.
    Erased,
}

impl ChangeKind {
    /// How it is kept; what is there is kept as entered.
    const KEPT: [ChangeKind; 7] = [
        ChangeKind::Entered,
        ChangeKind::SplitFrom,
        ChangeKind::Left,
        ChangeKind::MergedInto,
        ChangeKind::ConsentWithdrawn,
        ChangeKind::ConsentExpired,
        ChangeKind::Erased,
    ];

    fn number(self) -> i16 {
        let place = ChangeKind::KEPT.iter().position(|it| *it == self);
        place.and_then(|it| i16::try_from(it).ok()).unwrap_or_default()
    }

    fn of(number: i16) -> Result<ChangeKind, Error> {
        let kind = usize::try_from(number).ok().and_then(|it| ChangeKind::KEPT.get(it));
        kind.copied().ok_or_else(|| Error::internal("a change of no known kind"))
    }

    fn is_there(self) -> bool {
        matches!(self, ChangeKind::Entered | ChangeKind::SplitFrom | ChangeKind::Changed)
    }
}

/// A change of one enterprise in a view.
#[derive(Debug, Clone)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// To which enterprise.
    pub enterprise: EnterpriseId,
    /// The enterprise that it was split from or merged into, where the viewer may know of that.
    pub other: Option<EnterpriseId>,
    /// What of it is otherwise, where it [`ChangeKind::Changed`].
    pub matters: Vec<Matter>,
    /// When that was seen, in milliseconds since 1970.
    pub at: i64,
    /// It as it is now; none when it went.
    pub row: Option<Row>,
}

/// A page of changes.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The changes in their order.
    pub changes: Vec<Change>,
    /// From where to go on.
    pub cursor: String,
    /// There are more, or there may be.
    pub more: bool,
    /// The day whose rules and facts were taken.
    pub on: NaiveDate,
    /// The fingerprint of the rules.
    pub fingerprint: String,
}

/// Whose view of what it is.
#[derive(Debug, Clone, Copy)]
struct Reader<'a> {
    viewer: &'a Viewer,
    institution: &'a str,
    purpose: Purpose,
    programme: &'a str,
}

/// At most `limit` changes behind the cursor `since`; without it, what is there now.
///
/// Fails with [`Error::UnknownProgramme`], with [`Error::CursorForeign`] on a cursor of another programme or client,
/// with [`Error::CursorStale`] on one that can no longer be gone on from, and with [`Error::PurposeRefused`] for
/// another purpose than owners can agree to.
pub async fn changes(
    app: &App,
    viewer: &Viewer,
    programme: &str,
    since: Option<&str>,
    limit: u64,
) -> Result<Changes, Error> {
    require_programme(&app.rules, programme)?;
    let scope = viewer.scope();
    let Scope::Consent(institution, purpose) = &scope else {
        return Err(Error::forbidden(viewer, Action::FollowFinancing));
    };
    // For another purpose nothing is agreed to, which is no change of what is.
    if !can_be_agreed_to(*purpose) {
        return Err(Error::PurposeRefused("state the purpose financing"));
    }
    let reader = Reader { viewer, institution, purpose: *purpose, programme };
    let mark = since.map(|it| cursor::read(app, viewer, programme, it)).transpose()?;
    let begun = app.store.financing_feed(institution, programme).await?;
    if mark.is_some_and(|it| begun.head < it.position) {
        return Err(Error::CursorStale);
    }
    let (feed, assessed, whole) = compare::catch_up(app, reader, COMPARED_AT_ONCE).await?;
    let mark = mark.unwrap_or(Mark { position: 0, from: feed.head });
    let (told, more) = app.store.told_page(&feed, mark.position, mark.from, limit).await?;
    let last = told.last().map_or(mark.position, |it| it.position);
    let changes = changes_of(app, reader, told, mark, assessed.on).await?;
    let cursor = cursor::write(app, viewer, programme, Mark { position: last, ..mark })?;
    let more = more || !whole;
    Ok(Changes { changes, cursor, more, on: assessed.on, fingerprint: assessed.fingerprint })
}

/// What was told, with the rows of what is there. What was closed to the viewer since it was compared is left out:
/// that it went stands further back.
async fn changes_of(
    app: &App,
    reader: Reader<'_>,
    told: Vec<Told>,
    mark: Mark,
    on: NaiveDate,
) -> Result<Vec<Change>, Error> {
    let mut there = vec![];
    for it in &told {
        if ChangeKind::of(it.kind)?.is_there() {
            there.push(EnterpriseId(it.enterprise_id));
        }
    }
    let mut rows: HashMap<EnterpriseId, Row> = HashMap::new();
    if !there.is_empty() {
        let part = Part::Among(&there);
        for row in view_rows(app, reader, part, there.len() as u64, on).await?.0 {
            rows.insert(row.enterprise.view.id, row);
        }
    }
    let mut changes = Vec::with_capacity(told.len());
    for it in told {
        let id = EnterpriseId(it.enterprise_id);
        let (mut kind, row) = (ChangeKind::of(it.kind)?, rows.remove(&id));
        if kind.is_there() && row.is_none() {
            continue;
        }
        let mut matters = vec![];
        // What stood there when she began she is given for the first time.
        if kind.is_there() && it.entered <= mark.position && mark.from < it.position {
            kind = ChangeKind::Changed;
            let parts: BTreeMap<Matter, _> = digest::parts(&it.parts);
            matters.extend(parts.iter().filter(|it| mark.position < it.1.0).map(|it| *it.0));
        }
        let other = it.other.filter(|_| kind != ChangeKind::Changed).map(EnterpriseId);
        changes.push(Change { kind, enterprise: id, other, matters, at: it.at, row });
    }
    Ok(changes)
}

/// Rows of the view, the last enterprise that was looked at, and whether there are more behind it.
async fn view_rows(
    app: &App,
    reader: Reader<'_>,
    part: Part<'_>,
    limit: u64,
    on: NaiveDate,
) -> Result<(Vec<Row>, Option<EnterpriseId>, bool), Error> {
    let scope = reader.viewer.scope();
    let (open, all) =
        (Open { scope: &scope, asks: &[], reference: None }, StandingFilter::default());
    let (found, more) = app.store.standing_page(open, reader.programme, &all, part, limit).await?;
    let last = found.last().map(|it| it.0.profile.id);
    let found =
        Found::read(app, reader.viewer, found, on, reader.programme, Detail::Evidence).await?;
    let rows = found.told(&app.rules, reader.viewer);
    Ok((rows, last, more))
}
