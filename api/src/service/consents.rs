//! What owners agree to: given and taken back by themselves, or by an office with proof on their behalf;
//! told to the institution without a word about persons.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::consent::{Channel, can_be_agreed_to, is_shown_at_all};
use domain::enterprise::Attribute;
use domain::id::{ConsentId, EnterpriseId, OwnerId, RecordId};
use domain::purpose::Purpose;
use domain::viewer::{Role, Scope, Viewer};
use enumset::EnumSet;
use uuid::Uuid;

use super::access::{HOLDS_NUMBER, holds_number, plain};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::consents::{ChangeKind, StoredChange, StoredConsent, StoredText, written};

/// The longest a consent may hold: after that the owner is asked again.
const LONGEST: TimeDelta = TimeDelta::days(5 * 366);
/// The longest that an application is read by: by then it is decided.
const APPLICATION: TimeDelta = TimeDelta::days(180);
/// The longest number of an application, in characters.
const NUMBER: usize = 64;
/// The longest text an owner is told, in characters.
const TEXT: usize = 20_000;
/// The longest name of a version, in characters.
const NAME: usize = 100;
/// The longest description of proof, in characters.
const EVIDENCE: usize = 500;
/// A change that was written later than another may carry an earlier time, by this much: what a reader
/// was told of the last seconds she is told again.
const OVERLAP: TimeDelta = TimeDelta::seconds(10);
/// The most changes told at once.
const CHANGES: i32 = 1_000;

/// Who agrees, or asks for what is her right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject {
    /// The person.
    pub owner: Option<OwnerId>,
    /// One enterprise of hers; all of them where there is none.
    pub enterprise: Option<EnterpriseId>,
}

/// The row that names somebody, and whether what she says is for every enterprise of hers.
pub type Anchor = (RecordId, bool);

/// By which row `viewer` may speak for `subject`.
///
/// An owner speaks for herself alone. Fails with [`Error::NotFound`] for what is out of scope, and with
/// [`Error::InvalidInput`] when it does not say which of several owners is meant.
pub async fn anchor(app: &App, viewer: &Viewer, subject: Subject) -> Result<Anchor, Error> {
    let scope = viewer.scope();
    let nobody = || Error::NotFound { noun: "person" };
    let herself = match &scope {
        Scope::Person(anchor) => Some(app.store.member(*anchor).await?.ok_or_else(nobody)?),
        _ => None,
    };
    if let (Some(herself), Some(owner)) = (herself, subject.owner)
        && herself.owner != Some(owner)
    {
        return Err(nobody());
    }
    let owner = subject.owner.or(herself.and_then(|it| it.owner));
    let Some(enterprise) = subject.enterprise else {
        if let Some(herself) = herself {
            return Ok((herself.record, true));
        }
        let owner = owner
            .ok_or_else(|| Error::invalid("owner", "give an owner, an enterprise, or both"))?;
        let row = app.store.anchor_of_person(&scope, owner).await?;
        return row.map(|it| (it, true)).ok_or_else(nobody);
    };
    if app.store.open_ids(&scope, &[enterprise]).await?.is_empty() {
        return Err(Error::NotFound { noun: "enterprise" });
    }
    let mut members = app.store.linked_members(&[enterprise]).await?;
    members.sort_by_key(|it| it.record);
    let owners: BTreeSet<OwnerId> = members.iter().filter_map(|it| it.owner).collect();
    let row = match owner {
        Some(owner) => members.iter().find(|it| it.owner == Some(owner)),
        None if herself.is_some() => {
            members.iter().find(|it| Some(it.record) == herself.map(|it| it.record))
        }
        None if 1 < owners.len() => {
            return Err(Error::invalid("owner", "the enterprise has several owners: say which"));
        }
        None => members.iter().find(|it| it.owner.is_some()).or(members.first()),
    };
    row.map(|it| (it.record, false)).ok_or_else(nobody)
}

/// Keeps a text that owners are told, in Indonesian, under a version that is its for ever.
pub async fn add_text(
    app: &App,
    viewer: &Viewer,
    version: &str,
    content: &str,
) -> Result<StoredText, Error> {
    let content = content.trim();
    if content.chars().count() < 20 || TEXT < content.chars().count() {
        return Err(Error::invalid("content", format!("must have 20 to {TEXT} characters")));
    }
    let text = StoredText {
        version: name("version", version)?,
        content: content.to_owned(),
        added_by: plain(&viewer.subject, NAME),
        added_at: clock::now().timestamp_millis(),
    };
    app.store.add_consent_text(text.clone()).await?;
    Ok(text)
}

/// What an owner agrees to.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Who.
    pub subject: Subject,
    /// To which institution.
    pub institution: String,
    /// For which purpose.
    pub purpose: Purpose,
    /// To which fields; the name of the business is always among them.
    pub fields: EnumSet<Attribute>,
    /// The version of the text she was told.
    pub text_version: String,
    /// How she said so.
    pub channel: Channel,
    /// Where the proof is kept.
    pub evidence: String,
    /// The institution's own number of her application, where she applied there.
    pub reference: Option<String>,
    /// From when on it no longer holds.
    pub expires_at: DateTime<Utc>,
}

/// Writes down that an owner gives a consent.
pub async fn give(app: &App, viewer: &Viewer, given: Agreement) -> Result<StoredConsent, Error> {
    let now = clock::now();
    if !can_be_agreed_to(given.purpose) {
        return Err(Error::invalid("purpose", "no institution reads profiles for this purpose"));
    }
    if given.fields.is_empty() || !given.fields.iter().all(is_shown_at_all) {
        let reason = "must name fields that an institution can see, such as phone";
        return Err(Error::invalid("fields", reason));
    }
    if given.expires_at <= now || now + LONGEST < given.expires_at {
        return Err(Error::invalid("expiresAt", "must lie in the future, by at most five years"));
    }
    if given.reference.is_some() && now + APPLICATION < given.expires_at {
        let reason = "must lie within 180 days for an application, and can be given again";
        return Err(Error::invalid("expiresAt", reason));
    }
    let reference = given.reference.as_deref().map(reference).transpose()?;
    app.config.institutions.require(&given.institution)?;
    if app.store.consent_text(&given.text_version).await?.is_none() {
        return Err(Error::invalid(
            "textVersion",
            "is not the version of a text that is kept here",
        ));
    }
    let evidence = proof(viewer, given.channel, &given.evidence)?;
    let (anchor, every_enterprise) = anchor(app, viewer, given.subject).await?;
    let mut fields = given.fields;
    // A list without it would tell the name by its order.
    fields.insert(Attribute::BusinessName);
    let kept = StoredConsent {
        id: Uuid::new_v4(),
        anchor: anchor.0,
        every_enterprise,
        institution: given.institution,
        purpose: given.purpose.code().to_owned(),
        fields: written(fields),
        text_version: given.text_version,
        channel: given.channel.code().to_owned(),
        evidence,
        reference,
        given_by: plain(&viewer.subject, 200),
        given_at: now.timestamp_millis(),
        expires_at: given.expires_at.timestamp_millis(),
        withdrawn_by: None,
        withdrawn_at: None,
    };
    app.store.add_consent(kept.clone()).await?;
    Ok(kept)
}

/// An institution's number of an application, as it writes it.
fn reference(written: &str) -> Result<String, Error> {
    let written = written.trim();
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-_./".contains(&it);
    if !(1..=NUMBER).contains(&written.len()) || !written.bytes().all(plain) {
        let reason = "must have 1 to 64 letters, digits or the signs - _ . /";
        return Err(Error::invalid("reference", reason));
    }
    if holds_number(written) {
        return Err(Error::invalid("reference", HOLDS_NUMBER));
    }
    Ok(written.to_owned())
}

/// What proves that somebody said so: nothing for herself, where the paper is for an office.
fn proof(viewer: &Viewer, channel: Channel, evidence: &str) -> Result<String, Error> {
    if (viewer.role == Role::Owner) != (channel == Channel::Herself) {
        return Err(Error::invalid(
            "channel",
            "an owner who is signed in says so herself, an office how she did",
        ));
    }
    let evidence = plain(evidence, EVIDENCE);
    if viewer.role != Role::Owner && evidence.chars().count() < 10 {
        return Err(Error::invalid(
            "evidence",
            "must say in 10 characters or more where the proof is kept",
        ));
    }
    if holds_number(&evidence) {
        return Err(Error::invalid("evidence", HOLDS_NUMBER));
    }
    Ok(evidence)
}

/// Writes down that an owner takes a consent back: it holds no longer from this moment on.
///
/// Fails with [`Error::Conflict`] when it was taken back before.
pub async fn withdraw(app: &App, viewer: &Viewer, id: ConsentId) -> Result<StoredConsent, Error> {
    const MISSING: Error = Error::NotFound { noun: "consent" };
    let scope = viewer.scope();
    app.store.consent(&scope, id).await?.ok_or(MISSING)?;
    let by = plain(&viewer.subject, 200);
    if !app.store.withdraw_consent(id, &by, clock::now().timestamp_millis()).await? {
        return Err(Error::Conflict("this consent was taken back before".to_owned()));
    }
    app.store.consent(&scope, id).await?.ok_or(MISSING)
}

/// What became of a consent, and of which enterprises the institution may read by it, or must forget.
#[derive(Debug, Clone)]
pub struct ConsentChange {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: ChangeKind,
    /// The consent.
    pub consent: StoredConsent,
    /// The enterprises it reaches just now.
    pub enterprises: Vec<EnterpriseId>,
}

/// What became of consents behind the mark `since`, and the mark to go on from.
pub async fn changes(
    app: &App,
    viewer: &Viewer,
    since: Option<&str>,
    first: i32,
) -> Result<(Vec<ConsentChange>, String), Error> {
    if !(1..=CHANGES).contains(&first) {
        return Err(Error::invalid("first", format!("must be from 1 to {CHANGES}")));
    }
    let after = match since {
        None => (i64::MIN, Uuid::nil(), ChangeKind::Given),
        Some(mark) => {
            read_mark(mark).ok_or_else(|| Error::invalid("since", "is no mark of this feed"))?
        }
    };
    let now = clock::now();
    let scope = viewer.scope();
    let limit = usize::try_from(first).unwrap_or(1);
    let found = app.store.consent_changes(&scope, after, now.timestamp_millis(), limit).await?;
    let settled = (now - OVERLAP).timestamp_millis();
    let last = found.last().map_or(after, StoredChange::place);
    // A full page goes on behind its last change, however young: its rest is told first.
    let mark = if found.len() < limit && settled < last.0 {
        (settled.max(after.0.min(last.0)), Uuid::nil(), ChangeKind::Given)
    } else {
        last
    };
    let mut told = Vec::with_capacity(found.len());
    for StoredChange { at, kind, consent, restriction } in found {
        let mut enterprises =
            reached(app, (RecordId(consent.anchor), consent.every_enterprise)).await?;
        if let Some(restriction) = restriction {
            let restricted = reached(app, restriction).await?;
            enterprises.retain(|it| restricted.contains(it));
            // It is of another enterprise of hers.
            if enterprises.is_empty() {
                continue;
            }
        }
        // An institution must hear what to forget; an agency hears of its own.
        if matches!(scope, Scope::Agency(_)) {
            enterprises = app.store.open_ids(&scope, &enterprises).await?;
        }
        let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
        told.push(ConsentChange { at, kind, consent, enterprises });
    }
    Ok((told, write_mark(mark)))
}

/// The enterprises that a person has by a row of hers just now.
async fn reached(app: &App, (anchor, every): Anchor) -> Result<Vec<EnterpriseId>, Error> {
    if every {
        return app.store.enterprises_of_person(anchor).await;
    }
    Ok(app.store.member(anchor).await?.map(|it| it.enterprise).into_iter().collect())
}

fn write_mark((at, id, kind): (i64, Uuid, ChangeKind)) -> String {
    format!("{at}.{}.{}", id.simple(), kind as u8)
}

fn read_mark(text: &str) -> Option<(i64, Uuid, ChangeKind)> {
    let mut parts = text.split('.');
    let (at, id, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let kind = match kind {
        "0" => ChangeKind::Given,
        "1" => ChangeKind::Expired,
        "2" => ChangeKind::Withdrawn,
        "3" => ChangeKind::Restricted,
        "4" => ChangeKind::Lifted,
        _ => return None,
    };
    parts.next().is_none().then_some(())?;
    Some((at.parse().ok()?, Uuid::try_parse(id).ok()?, kind))
}

/// A name of something outside the register.
fn name(field: &'static str, text: &str) -> Result<String, Error> {
    let fits = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    if text.is_empty() || NAME < text.len() || !text.chars().all(fits) {
        return Err(Error::invalid(field, "must be of letters, digits and the signs - _ ."));
    }
    Ok(text.to_owned())
}
