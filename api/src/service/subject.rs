//! Everything that is held of a person, where it comes from, and who read it when and what for: the answer
//! that is hers within 3 x 24 hours (UU PDP 27/2022 articles 5, 7 and 32).

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::id::{DecisionId, EnterpriseId, FileId, OwnerId, RecordId};
use domain::identifier::Nik;
use domain::view::{Disclosure, cut};
use domain::viewer::{Role, Scope, Viewer};
use evidence::Read;
use evidence::entry::EVERYONE;
use financing::verdict::Status;

use super::persons::{by_nik, nik_of};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::access::reading::AccessFilter;
use crate::store::consents::{ConsentFilter, consent_key, fields_of};
use crate::store::erasure::RowText;
use crate::store::profile_json::write_value;
use crate::store::rights::{RequestFilter, request_key};
use crate::store::slice::{Key, Slice};

mod page;
mod told;
mod words;

pub use page::page;
pub use told::{
    Consent, Enterprise, Held, Person, Reading, Report, Request, Row, Source, Standing,
};

/// Rows of a list read at once.
const PART: u64 = 2_000;

/// Whose report is asked for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Of those in whose rows this number stands.
    Number(Nik),
    /// Of this person.
    Person(OwnerId),
    /// Of the person whom this row names.
    Row(RecordId),
}

/// The answer to whom is asked about.
pub async fn report(app: &App, asked: &Asked) -> Result<Report, Error> {
    let persons = match asked {
        Asked::Number(nik) => {
            let mut persons = vec![];
            for named in by_nik(app, nik).await? {
                persons.push(person(app, named.owner, named.records).await?);
            }
            persons
        }
        Asked::Person(owner) => {
            let rows = app.store.members_of_person(*owner).await?;
            if rows.is_empty() {
                return Err(Error::NotFound { noun: "person" });
            }
            vec![person(app, Some(*owner), rows.iter().map(|it| it.record).collect()).await?]
        }
        Asked::Row(row) => {
            let member = app.store.member(*row).await?;
            let member = member.ok_or(Error::NotFound { noun: "person" })?;
            vec![person(app, member.owner, vec![*row]).await?]
        }
    };
    let agencies = app.store.agencies().await?.into_iter();
    let mut names: BTreeMap<String, String> =
        agencies.map(|it| (it.code.to_string(), it.name)).collect();
    let institutions = app.config.institutions.all().iter();
    names.extend(institutions.map(|it| (it.code.clone(), it.name.clone())));
    let catalogue = &app.rules.catalogue;
    names.extend(catalogue.programmes().iter().map(|it| (it.id.clone(), it.name.id.clone())));
    names.extend(catalogue.papers().iter().map(|it| (it.id.clone(), it.name.id.clone())));
    Ok(Report { made_at: clock::now(), persons, names })
}

async fn person(app: &App, owner: Option<OwnerId>, found: Vec<RecordId>) -> Result<Person, Error> {
    let mut records: BTreeSet<RecordId> = found.into_iter().collect();
    if let Some(owner) = owner {
        records.extend(app.store.members_of_person(owner).await?.iter().map(|it| it.record));
    }
    let Some(anchor) = records.first().copied() else { return Ok(Person::default()) };
    let ids: Vec<RecordId> = records.iter().copied().collect();
    let name = match owner {
        Some(owner) => app.store.owners(&Scope::All, &[owner]).await?.pop().map(|it| it.name),
        None => None,
    };
    let rows = rows(app, &ids).await?;
    let niks = rows.1;
    let homes: Vec<EnterpriseId> =
        app.store.homes(&ids).await?.into_values().collect::<BTreeSet<_>>().into_iter().collect();
    let mut whose = Whose::new(owner, &ids, &homes, &rows.2);
    whose.extend(app.store.retired_ids(&homes, true).await?.iter().map(|it| it.0.to_string()));
    let decisions = app.store.decisions_about(&ids).await?;
    whose.extend(decisions.iter().map(DecisionId::to_string));
    Ok(Person {
        owner: owner.map(|it| it.to_string()),
        name: name.filter(|it| !it.is_empty()),
        niks,
        enterprises: enterprises(app, anchor, &homes).await?,
        rows: rows.0,
        consents: consents(app, anchor).await?,
        requests: requests(app, anchor).await?,
        reads: reads(app, &whose.0).await?,
    })
}

/// The ids under which reads of somebody are written down.
struct Whose(BTreeSet<String>);

impl Whose {
    fn new(
        owner: Option<OwnerId>,
        records: &[RecordId],
        homes: &[EnterpriseId],
        files: &BTreeSet<FileId>,
    ) -> Whose {
        let mut ids = BTreeSet::from([EVERYONE.to_owned()]);
        ids.extend(owner.map(|it| it.to_string()));
        ids.extend(records.iter().map(ToString::to_string));
        ids.extend(homes.iter().map(ToString::to_string));
        ids.extend(files.iter().map(ToString::to_string));
        Whose(ids)
    }

    fn extend(&mut self, ids: impl Iterator<Item = String>) {
        self.0.extend(ids);
    }
}

/// The rows in every version, the numbers in them, and the files they came in.
async fn rows(
    app: &App,
    ids: &[RecordId],
) -> Result<(Vec<Row>, BTreeSet<String>, BTreeSet<FileId>), Error> {
    let (mut rows, mut niks, mut files) = (vec![], BTreeSet::new(), BTreeSet::new());
    let mut known = HashMap::new();
    for RowText { row: it, fields } in app.store.row_texts(ids).await? {
        let file = FileId(it.file_id);
        if let Entry::Vacant(unknown) = known.entry(file) {
            unknown.insert(app.store.file(file).await?);
        }
        niks.extend(nik_of(&fields).map(|it| it.reveal().to_owned()));
        files.extend([file, FileId(it.seen_in)]);
        let sent = known.get(&file).and_then(Option::as_ref);
        rows.push(Row {
            id: RecordId(it.record_id).to_string(),
            agency: it.agency,
            file: file.to_string(),
            file_name: sent.map(|it| it.name.clone()).unwrap_or_default(),
            received_at: sent.map(|it| it.received_at),
            row: it.row,
            current: it.state == crate::store::sources::state::CURRENT,
            texts: fields.iter().map(|(field, text)| (field.code(), text.to_owned())).collect(),
        });
    }
    Ok((rows, niks, files))
}

/// Her enterprises, cut as for an owner who asks about herself.
async fn enterprises(
    app: &App,
    anchor: RecordId,
    homes: &[EnterpriseId],
) -> Result<Vec<Enterprise>, Error> {
    let herself = Viewer { role: Role::Owner, person: Some(anchor), ..Viewer::public() };
    let mut ties = app.store.ties(&herself.scope(), homes).await?;
    let mut standings = app.store.standings_of(homes).await?;
    let mut shown = vec![];
    for stored in app.store.enterprises(&Scope::All, homes).await? {
        let ties = ties.remove(&stored.profile.id).unwrap_or_default();
        let view = cut(&herself, &ties, &stored.profile);
        let mut values = vec![];
        for (attribute, it) in &view.attributes {
            let claims = std::iter::once((&it.chosen, true));
            for (claim, chosen) in claims.chain(it.alternatives.iter().map(|it| (it, false))) {
                let value = match &claim.shown {
                    Disclosure::Whole(value) => write_value(value),
                    Disclosure::Masked(text, _) => text.clone(),
                    Disclosure::Hidden(_) => continue,
                };
                let source = |it: &domain::enterprise::Provenance| Source {
                    row: it.record.to_string(),
                    agency: it.agency.to_string(),
                };
                let sources = claim.sources.iter().map(source).collect();
                values.push(Held { attribute: attribute.code(), value, chosen, sources });
            }
        }
        let shared = view.records.len() < stored.profile.records.len();
        let standings = standings.remove(&view.id).unwrap_or_default().into_iter();
        // What stands against it may be another person's (decision 0020).
        let told = standings.filter(|it| {
            !shared || matches!(it.0.status, Status::LikelyEligible | Status::Missing)
        });
        let standings = told.map(|(it, since)| Standing {
            programme: it.programme,
            version: it.version,
            status: it.status.code(),
            ceiling: it.ceiling.map(|it| it.0),
            next_ceiling: it.next.map(|it| it.0),
            missing: it.missing,
            since: moment(since),
        });
        let standings = standings.collect();
        shown.push(Enterprise { id: view.id.to_string(), shared, values, standings });
    }
    Ok(shown)
}

fn moment(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

fn part(after: Option<Key>, descending: bool) -> Slice {
    Slice { descending, after, before: None, limit: PART, backwards: false }
}

async fn consents(app: &App, anchor: RecordId) -> Result<Vec<Consent>, Error> {
    let filter = ConsentFilter { person: Some(anchor), ..ConsentFilter::default() };
    let (mut all, mut after) = (vec![], None);
    loop {
        let slice = part(after, true);
        let (rows, more) = app.store.consent_page(&Scope::All, &filter, &slice).await?;
        after = rows.last().map(consent_key);
        all.extend(rows.into_iter().map(|it| Consent {
            id: domain::id::ConsentId(it.id).to_string(),
            fields: fields_of(&it).into_iter().map(|it| it.code()).collect(),
            institution: it.institution,
            purpose: it.purpose,
            text_version: it.text_version,
            given_at: moment(it.given_at),
            expires_at: moment(it.expires_at),
            withdrawn_at: it.withdrawn_at.map(moment),
        }));
        if !more {
            return Ok(all);
        }
    }
}

async fn requests(app: &App, anchor: RecordId) -> Result<Vec<Request>, Error> {
    let (mut all, mut after) = (vec![], None);
    loop {
        let slice = part(after, true);
        let filter = RequestFilter::default();
        let (rows, more) = app.store.request_page(&Scope::Person(anchor), &filter, &slice).await?;
        after = rows.last().map(request_key);
        all.extend(rows.into_iter().map(|it| Request {
            id: domain::id::RequestId(it.row.id).to_string(),
            kind: it.row.kind,
            status: it.row.status,
            made_at: moment(it.row.made_at),
            due_at: moment(it.row.due_at),
            answer: it.row.answer,
        }));
        if !more {
            return Ok(all);
        }
    }
}

async fn reads(app: &App, whose: &BTreeSet<String>) -> Result<Vec<Reading>, Error> {
    let filter =
        AccessFilter { whose: Some(whose.iter().cloned().collect()), ..AccessFilter::default() };
    let (mut all, mut after) = (vec![], None);
    loop {
        let slice = part(after, true);
        let (rows, more) = app.store.access_page(&filter, &slice).await?;
        after = rows.last().map(|it| crate::store::review::order_key(it.0.seq));
        for (entry, _) in rows {
            let (mut shown, mut withheld) = (BTreeSet::new(), BTreeSet::new());
            let read: Vec<Read> = serde_json::from_str(&entry.reads)?;
            for it in read.into_iter().filter(|it| it.whose.iter().any(|it| whose.contains(it))) {
                if it.shown { shown.extend(it.fields) } else { withheld.extend(it.fields) }
            }
            let of = match entry.institution.is_empty() {
                true => entry.agency,
                false => entry.institution,
            };
            all.push(Reading {
                entry: entry.seq,
                at: moment(entry.at),
                by: entry.subject,
                role: entry.role,
                of,
                purpose: entry.purpose,
                outcome: entry.outcome,
                shown,
                withheld,
            });
        }
        if !more {
            return Ok(all);
        }
    }
}

/// The ids of the persons and enterprises that a report is about, by which it is written down.
pub fn about(report: &Report) -> (Vec<OwnerId>, Vec<EnterpriseId>, Vec<RecordId>) {
    let persons = &report.persons;
    let owners = persons.iter().filter_map(|it| it.owner.as_deref()?.parse().ok()).collect();
    let enterprises = persons.iter().flat_map(|it| &it.enterprises);
    let enterprises = enterprises.filter_map(|it| it.id.parse().ok()).collect();
    let rows = persons.iter().flat_map(|it| &it.rows).filter_map(|it| it.id.parse().ok());
    (owners, enterprises, rows.collect())
}
