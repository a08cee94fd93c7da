//! What auditors and the public learn from the access log.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use domain::id::{EnterpriseId, OwnerId};
use domain::permission::{Action, may, touches_persons};
use domain::viewer::{Role, Scope, Viewer};
use entity::{access_log, access_review};
use evidence::Outcome;
use evidence::entry::EVERYONE;
use tokio::sync::Mutex;

use super::access::{HOLDS_NUMBER, holds_number, plain};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::access::excess::{Bulk, MostRead, OddHours};
use crate::store::access::reading::Reviewed;

/// Days that are looked at unless the auditor says otherwise.
const USUAL_SPAN: TimeDelta = TimeDelta::days(30);
/// The most days that are looked at.
const LONGEST_SPAN: TimeDelta = TimeDelta::days(366);

/// Every id under which reads of this person, enterprise or row are written down: an owner's enterprises
/// and rows are hers, and what was read of everyone was read of her.
pub async fn about(app: &App, id: &str) -> Result<Vec<String>, Error> {
    let known = ["ent_", "own_", "rec_", "fil_", "dec_"];
    if !known.iter().any(|it| id.starts_with(it)) {
        return Err(Error::invalid("whose", "must begin with ent_, own_, rec_, fil_ or dec_"));
    }
    let mut ids = vec![EVERYONE.to_owned(), id.to_owned()];
    let mut enterprises: Vec<EnterpriseId> = id.parse().into_iter().collect();
    if let Ok(owner) = id.parse::<OwnerId>() {
        let of_owner = app.store.enterprises_of_owners(&Scope::All, &[owner]).await?;
        enterprises.extend(of_owner.iter().map(|it| it.1));
        ids.extend(enterprises.iter().map(ToString::to_string));
    }
    for enterprise in enterprises {
        let rows = app.store.members_of(enterprise).await?;
        ids.extend(rows.iter().map(ToString::to_string));
    }
    Ok(ids)
}

/// Use that is out of the ordinary.
#[derive(Debug, Clone)]
pub struct Excess {
    /// From this moment.
    pub since: DateTime<Utc>,
    /// Before this one.
    pub until: DateTime<Utc>,
    /// Days on which somebody read of very many.
    pub bulk: Vec<Bulk>,
    /// Who read at odd hours.
    pub odd_hours: Vec<OddHours>,
    /// Of whom most was read.
    pub most_read: Vec<MostRead>,
    /// Rights to persons' data that somebody who reads has and made no use of.
    pub unused: Vec<Unused>,
}

/// Rights that somebody has and made no use of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// Who.
    pub subject: String,
    /// In which role.
    pub role: Role,
    /// The rights.
    pub rights: Vec<Action>,
}

/// Use that is out of the ordinary, in the last thirty days unless told otherwise; a read of at least
/// `bulk` ids on a day is one of very many.
pub async fn excess(
    app: &App,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    bulk: u64,
) -> Result<Excess, Error> {
    let until = until.unwrap_or_else(|| clock::now() + TimeDelta::milliseconds(1));
    let since = since.unwrap_or(until - USUAL_SPAN);
    if until <= since || LONGEST_SPAN < until - since {
        return Err(Error::invalid("since", "must be before until, by at most 366 days"));
    }
    let span = (since.timestamp_millis(), until.timestamp_millis());
    Ok(Excess {
        since,
        until,
        bulk: app.store.bulk_reads(span, bulk).await?,
        odd_hours: app.store.odd_hours(span).await?,
        most_read: app.store.most_read(span).await?,
        unused: unused(&app.store.rights_used(span).await?),
    })
}

fn unused(used: &[[String; 3]]) -> Vec<Unused> {
    let mut by: BTreeMap<(&str, Role), BTreeSet<&str>> = BTreeMap::new();
    for [subject, role, rights] in used.iter().filter(|it| !it[2].is_empty()) {
        if let Some(role) = Role::from_code(role).filter(|it| *it != Role::Public) {
            by.entry((subject, role)).or_default().extend(rights.split("; "));
        }
    }
    let left = by.into_iter().map(|((subject, role), used)| Unused {
        subject: subject.to_owned(),
        role,
        rights: Action::ALL
            .iter()
            .copied()
            .filter(|it| touches_persons(*it) && may(role, *it) && !used.contains(it.phrase()))
            .collect(),
    });
    left.filter(|it| !it.rights.is_empty()).collect()
}

/// Keeps what an auditor found of an access for which the glass was broken.
///
/// Fails with [`Error::NotFound`] on any other entry, and with [`Error::Conflict`] on one's own and on one
/// that is settled.
pub async fn settle(
    app: &App,
    viewer: &Viewer,
    seq: i64,
    justified: bool,
    note: &str,
) -> Result<Reviewed, Error> {
    let note = plain(note, 1_000);
    if note.is_empty() {
        return Err(Error::invalid("note", "must have 1 to 1,000 characters"));
    }
    if holds_number(&note) {
        return Err(Error::invalid("note", HOLDS_NUMBER));
    }
    let missing = || Error::NotFound { noun: "broken glass" };
    let entry = app.store.access_entry(seq).await?.map(|it| it.0);
    let broken = |it: &access_log::Model| {
        it.purpose == "break_glass" && it.outcome != Outcome::Refused.code()
    };
    let entry = entry.filter(broken).ok_or_else(missing)?;
    if entry.subject == viewer.subject {
        return Err(Error::Conflict("nobody settles her own access".to_owned()));
    }
    let review = access_review::Model {
        seq,
        justified,
        note,
        settled_by: viewer.subject.clone(),
        settled_at: clock::now().timestamp_millis(),
    };
    if !app.store.settle_access(review).await? {
        return Err(Error::Conflict("it is settled already".to_owned()));
    }
    app.store.access_entry(seq).await?.ok_or_else(missing)
}

/// How often one reader read for one purpose in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthlyUse {
    /// The month, as `2026-01`.
    pub month: String,
    /// An institution, an agency, or `hub` for those who run it.
    pub reader: String,
    /// For which purpose.
    pub purpose: String,
    /// Requests that showed something; `None` where there are too few to tell (law 11).
    pub reads: Option<u64>,
}

/// Month, reader, purpose.
type Cell = (String, String, String);

/// The log as counted so far: each entry is counted once, however often somebody asks.
#[derive(Debug, Default)]
pub struct UseCounted(Mutex<(u64, BTreeMap<Cell, u64>)>);

/// What the register is used for, by month: the latest first. Nothing adds the cells up, so a suppressed
/// one cannot be solved for.
pub async fn data_use(app: &App, counted: &UseCounted) -> Result<Vec<MonthlyUse>, Error> {
    let mut counted = counted.0.lock().await;
    let until = app.store.log_head().await?.head.size;
    let days = app.store.daily_use(counted.0, until).await?;
    // A sign-in has no purpose: nothing is read by it.
    for day in days.into_iter().filter(|it| !it.purpose.is_empty()) {
        let reader = match (day.institution.as_str(), day.agency.as_str()) {
            ("", "") => "hub",
            ("", agency) => agency,
            (institution, _) => institution,
        };
        let cell = (month(day.day), reader.to_owned(), day.purpose);
        *counted.1.entry(cell).or_default() += day.reads;
    }
    counted.0 = until;
    let least = u64::from(app.config.small_cell);
    let cells = counted.1.iter().rev().map(|((month, reader, purpose), &reads)| MonthlyUse {
        month: month.clone(),
        reader: reader.clone(),
        purpose: purpose.clone(),
        reads: (least <= reads).then_some(reads),
    });
    Ok(cells.collect())
}

/// The month of a day counted from 1970-01-01.
fn month(day: i64) -> String {
    let day = DateTime::UNIX_EPOCH + TimeDelta::days(day);
    format!("{:04}-{:02}", day.year(), day.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_to_persons_data_that_nobody_used_is_told() {
        let row = |rights: &str| ["ani".to_owned(), "agency_viewer".to_owned(), rights.to_owned()];
        let used = [row("read enterprises"), row("read enterprises; read owners")];
        let expected = Unused {
            subject: "ani".to_owned(),
            role: Role::AgencyViewer,
            rights: vec![Action::FollowEnterprises, Action::ReadSourceFiles],
        };
        assert_eq!(unused(&used), [expected]);
    }

    #[test]
    fn a_day_falls_in_its_month() {
        assert_eq!(
            (month(0).as_str(), month(30).as_str(), month(31).as_str()),
            ("1970-01", "1970-01", "1970-02")
        );
    }
}
