//! What persons ask for by right, each with its clock of 3 x 24 hours: rectification, which travels to the
//! agency whose row it is and back (UU PDP 27/2022 article 30), restriction (41) and erasure (43); and how
//! long rows are kept.

use std::collections::BTreeSet;

use chrono::{Months, TimeDelta};
use domain::agency::AgencyCode;
use domain::id::{RecordId, RequestId};
use domain::identifier::Phone;
use domain::record::Field;
use domain::viewer::{Role, Scope, Viewer};
use entity::rights_request;
use ingest::interpret::flaw;
use uuid::Uuid;

use super::access::plain;
use super::consents::{Subject, anchor};
use super::erasure::{Erased, erase, rows_of};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::rights::StoredRequest;

/// The time for an answer (UU PDP 27/2022 articles 30 to 32, 41 and 43).
pub const CLOCK: TimeDelta = TimeDelta::hours(3 * 24);
/// The longest reason or answer, in characters.
const WORDS: usize = 1_000;
/// The longest value a row should have, in characters.
const VALUE: usize = 500;

macro_rules! codes {
    ($(#[$doc:meta])* $type:ident { $($(#[$inner:meta])* $name:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $type { $($(#[$inner])* $name),+ }

        impl $type {
            /// The word for it in the table.
            pub fn code(self) -> &'static str {
                match self { $($type::$name => $code),+ }
            }

            /// The one with this word.
            pub fn from_code(code: &str) -> Option<$type> {
                match code { $($code => Some($type::$name),)+ _ => None }
            }
        }
    };
}

codes! {
    /// What is asked for.
    Kind {
        /// A value of a row is to be corrected by the agency that wrote it.
        Rectification = "rectification",
        /// What is held is not to be used for the time being.
        Restriction = "restriction",
        /// What is held is to be erased.
        Erasure = "erasure",
    }
}
codes! {
    /// How things stand with a request.
    Status {
        /// It waits for a steward.
        Open = "open",
        /// It waits for the agency.
        Sent = "sent",
        /// It is being carried out; what was cut short is taken up by carrying it out again.
        CarryingOut = "carrying_out",
        /// It was carried out.
        Done = "done",
        /// It was refused, with a reason.
        Refused = "refused",
    }
}

/// What a person asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What.
    pub kind: Kind,
    /// Who.
    pub subject: Subject,
    /// For a rectification: the row.
    pub record: Option<RecordId>,
    /// For a rectification: what of it.
    pub field: Option<Field>,
    /// For a rectification: what it should say.
    pub proposed: Option<String>,
    /// Why.
    pub reason: String,
}

/// Writes down what a person asks for. From now on there are 3 x 24 hours to settle it.
pub async fn ask(app: &App, viewer: &Viewer, asked: Asked) -> Result<StoredRequest, Error> {
    let (anchor, every_enterprise) = anchor(app, viewer, asked.subject).await?;
    let reason = plain(&asked.reason, WORDS);
    if reason.chars().count() < 5 {
        return Err(Error::invalid("reason", "must say in 5 characters or more what it is about"));
    }
    let now = clock::now();
    let row = rights_request::Model {
        id: Uuid::new_v4(),
        kind: asked.kind.code().to_owned(),
        status: Status::Open.code().to_owned(),
        anchor: Some(anchor.0),
        every_enterprise,
        agency: None,
        record_id: None,
        field: None,
        proposed: None,
        reason: None,
        made_by: plain(&viewer.subject, 200),
        made_at: now.timestamp_millis(),
        due_at: (now + CLOCK).timestamp_millis(),
        answer: None,
        settled_by: None,
        settled_at: None,
    };
    let mut request = StoredRequest { row, proposed: None, reason };
    if asked.kind == Kind::Rectification {
        let record =
            asked.record.ok_or_else(|| Error::invalid("record", "says which row is wrong"))?;
        let field =
            asked.field.ok_or_else(|| Error::invalid("field", "says what of it is wrong"))?;
        let proposed = plain(asked.proposed.as_deref().unwrap_or_default(), VALUE);
        if proposed.is_empty() {
            return Err(Error::invalid("proposed", "says what the row should have"));
        }
        if let Some(flaw) = flaw(field, &proposed) {
            let reason = format!("cannot be what the row should have: {}", flaw.as_str());
            return Err(Error::invalid("proposed", reason));
        }
        if !rows_of(app, anchor, every_enterprise).await?.contains(&record) {
            return Err(Error::NotFound { noun: "row of hers" });
        }
        let row = app.store.current_record(record).await?;
        let row = row.ok_or(Error::NotFound { noun: "row of hers" })?;
        request.agency = Some(row.agency.to_string());
        request.record_id = Some(record.0);
        request.field = Some(field.code().to_owned());
        request.proposed = Some(proposed);
        request.status = Status::Sent.code().to_owned();
    }
    app.store.add_request(request.clone()).await?;
    Ok(request)
}

/// Carries a request out, or refuses it with a reason.
///
/// A rectification is done when the agency's row says what was asked for: it answers by sending its corrected
/// list first. Restriction and erasure are for stewards. Fails with [`Error::Conflict`] on what is settled, and
/// while the row still says something else.
pub async fn settle(
    app: &App,
    viewer: &Viewer,
    id: RequestId,
    carry_out: bool,
    answer: &str,
) -> Result<StoredRequest, Error> {
    const MISSING: Error = Error::NotFound { noun: "request" };
    let mut request = app.store.request(&viewer.scope(), id).await?.ok_or(MISSING)?;
    let settled = || Error::Conflict("this request is settled".to_owned());
    if request.settled_at.is_some() {
        return Err(settled());
    }
    let kind = Kind::from_code(&request.kind).ok_or_else(|| Error::internal("unknown kind"))?;
    if kind != Kind::Rectification && viewer.role != Role::Steward {
        return Err(Error::Forbidden { role: viewer.role.code(), action: "restrict or erase" });
    }
    let answer = plain(answer, WORDS);
    if !carry_out && answer.chars().count() < 10 {
        return Err(Error::invalid("answer", "must say in 10 characters or more why not"));
    }
    let by = plain(&viewer.subject, 200);
    let anchor = request.anchor.map(RecordId);
    if carry_out {
        match kind {
            Kind::Rectification => check_corrected(app, &request).await?,
            Kind::Restriction => {
                let anchor = anchor.ok_or(MISSING)?;
                let at = clock::now().timestamp_millis();
                app.store.restrict(id, (anchor, request.every_enterprise), at).await?;
            }
            Kind::Erasure => {
                let rows = rows_to_erase(app, &mut request).await?;
                if !app.store.change_request(request.clone()).await? {
                    return Err(settled());
                }
                erase(app, &by, request.id, &rows, true).await?;
            }
        }
    }
    let status = if carry_out { Status::Done } else { Status::Refused };
    request.status = status.code().to_owned();
    // The value is in the row, or nowhere.
    request.proposed = None;
    request.answer = Some(answer).filter(|it| !it.is_empty());
    request.settled_by = Some(by);
    request.settled_at = Some(clock::now().timestamp_millis());
    if !app.store.change_request(request).await? {
        return Err(settled());
    }
    app.store.request(&Scope::All, id).await?.ok_or(MISSING)
}

/// What carrying a request out would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreseen {
    /// The agency's row says by now what was asked for, or not yet.
    Rectified(bool),
    /// So many enterprises would be out of use.
    Restricted(usize),
    /// So many rows would go, so many enterprises with them, and so many go on with the rows of others.
    Erased {
        /// Rows.
        records: usize,
        /// Enterprises of which nothing would be left.
        enterprises: usize,
        /// Enterprises of others.
        shared: usize,
    },
}

/// What carrying the request out would do, without doing it. Fails as [`settle`] does.
pub async fn foresee(app: &App, id: RequestId) -> Result<Foreseen, Error> {
    const MISSING: Error = Error::NotFound { noun: "request" };
    let mut request = app.store.request(&Scope::All, id).await?.ok_or(MISSING)?;
    if request.settled_at.is_some() {
        return Err(Error::Conflict("this request is settled".to_owned()));
    }
    let anchor = request.anchor.map(RecordId).ok_or(MISSING)?;
    match Kind::from_code(&request.kind).ok_or_else(|| Error::internal("unknown kind"))? {
        Kind::Rectification => match check_corrected(app, &request).await {
            Ok(()) => Ok(Foreseen::Rectified(true)),
            Err(Error::Conflict(_)) => Ok(Foreseen::Rectified(false)),
            Err(error) => Err(error),
        },
        Kind::Restriction if request.every_enterprise => {
            Ok(Foreseen::Restricted(app.store.enterprises_of_person(anchor).await?.len()))
        }
        Kind::Restriction => Ok(Foreseen::Restricted(1)),
        Kind::Erasure => {
            let rows: BTreeSet<RecordId> =
                rows_to_erase(app, &mut request).await?.into_iter().collect();
            let ids: Vec<RecordId> = rows.iter().copied().collect();
            let homes: BTreeSet<_> = app.store.homes(&ids).await?.into_values().collect();
            let homes: Vec<_> = homes.into_iter().collect();
            let stays = app.store.linked_members(&homes).await?;
            let shared: BTreeSet<_> = stays
                .iter()
                .filter(|it| !rows.contains(&it.record))
                .map(|it| it.enterprise)
                .collect();
            let (enterprises, shared) = (homes.len() - shared.len(), shared.len());
            Ok(Foreseen::Erased { records: rows.len(), enterprises, shared })
        }
    }
}

/// The rows that an erasure is about: as they were found when it was begun.
async fn rows_to_erase(app: &App, request: &mut StoredRequest) -> Result<Vec<RecordId>, Error> {
    if request.status == Status::CarryingOut.code() {
        let kept: Vec<Uuid> = serde_json::from_str(request.proposed.as_deref().unwrap_or("[]"))?;
        return Ok(kept.into_iter().map(RecordId).collect());
    }
    let anchor = request.anchor.map(RecordId).ok_or(Error::NotFound { noun: "person" })?;
    let rows = rows_of(app, anchor, request.every_enterprise).await?;
    let ids: Vec<Uuid> = rows.iter().map(|it| it.0).collect();
    request.status = Status::CarryingOut.code().to_owned();
    request.proposed = Some(serde_json::to_string(&ids)?);
    Ok(rows)
}

/// Whether the agency's row says by now what was asked for.
async fn check_corrected(app: &App, request: &StoredRequest) -> Result<(), Error> {
    let record = request.record_id.map(RecordId).ok_or(Error::NotFound { noun: "row" })?;
    let row = app.store.current_record(record).await?.ok_or(Error::NotFound { noun: "row" })?;
    let field = request.field.as_deref().and_then(Field::from_code);
    let says = field.and_then(|it| Some((it, row.fields.get(it)?)));
    let proposed = request.proposed.as_deref().unwrap_or_default();
    if says.is_some_and(|(field, says)| folded(field, says) == folded(field, proposed)) {
        return Ok(());
    }
    Err(Error::Conflict(
        "the agency's row does not say so yet: send the corrected list first".into(),
    ))
}

/// What of a text is compared: of a number its digits; of one that has none, and of all else, the words.
fn folded(field: Field, text: &str) -> String {
    let number = match field {
        Field::Nik | Field::FamilyCard | Field::Nib | Field::Npwp | Field::Kbli => {
            text.chars().filter(char::is_ascii_digit).collect()
        }
        Field::Phone => {
            Phone::read_all(text).0.iter().map(Phone::reveal).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    };
    match number.is_empty() {
        true => text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase(),
        false => number,
    }
}

/// Lets what was restricted be used again.
pub async fn lift(app: &App, id: RequestId) -> Result<StoredRequest, Error> {
    const MISSING: Error = Error::NotFound { noun: "request" };
    if !app.store.lift_restriction(id, clock::now().timestamp_millis()).await? {
        return Err(Error::Conflict("no restriction stands by this request".to_owned()));
    }
    app.store.request(&Scope::All, id).await?.ok_or(MISSING)
}

/// The rows of one agency whose time is over.
#[derive(Debug, Clone)]
pub struct Overdue {
    /// Whose.
    pub agency: AgencyCode,
    /// For how many months rows are kept.
    pub months: u32,
    /// The rows.
    pub records: Vec<RecordId>,
    /// How many enterprises they are of.
    pub enterprises: usize,
}

/// The rows whose time is over, agency by agency: no list received within the time it sets has them.
pub async fn kept_too_long(app: &App) -> Result<Vec<Overdue>, Error> {
    let mut found = vec![];
    for rule in app.store.retention().await?.into_values() {
        let agency = AgencyCode::parse(&rule.agency).map_err(Error::internal)?;
        let months = rule.months.unsigned_abs();
        let limit = clock::now().checked_sub_months(Months::new(months));
        let limit = limit.ok_or_else(|| Error::invalid("months", "is out of range"))?;
        let records = app.store.rows_not_seen_since(&agency, limit).await?;
        let homes: BTreeSet<_> = app.store.homes(&records).await?.into_values().collect();
        found.push(Overdue { agency, months, records, enterprises: homes.len() });
    }
    Ok(found)
}

/// Erases the rows whose time is over. A new list may bring them again.
pub async fn retire(app: &App, by: &str) -> Result<Vec<(Overdue, Erased)>, Error> {
    let mut done = vec![];
    for overdue in kept_too_long(app).await? {
        let erased = match overdue.records.is_empty() {
            true => Erased::default(),
            false => erase(app, by, Uuid::new_v4(), &overdue.records, false).await?,
        };
        done.push((overdue, erased));
    }
    Ok(done)
}
