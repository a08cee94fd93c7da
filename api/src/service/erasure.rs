//! Erasing a person, or rows whose time is over: out of the register, its past, the engine's aids and the
//! files that were received (UU PDP 27/2022 articles 8, 43 and 44).
//!
//! Marks are kept and rows are taken out of the count first; from then on nothing rests on them. The engine
//! then links what is left, and last every copy goes. Cut short anywhere, the next start of a server or run of
//! the engine finishes it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use ::ingest::plan::Mapping;
use domain::agency::AgencyCode;
use domain::id::{EnterpriseId, FileId, OwnerId, RecordId, RequestId};
use domain::viewer::Scope;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ingest::rows::dead_rows;
use super::link::{self, Cause, CauseKind};
use super::persons::{by_nik, nik_of};
use super::rights::Status;
use super::tombs::Tombs;
use super::{accounts, ingest};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::sealing::Sealer;
use crate::store::erasure::{Erasure, RowText};

/// What an erasure took out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Rows.
    pub records: usize,
    /// Enterprises of which nothing is left.
    pub enterprises: usize,
    /// Enterprises of others that go on without her rows.
    pub shared: usize,
    /// Rows that were emptied in kept files.
    pub file_rows: usize,
}

/// The rows that go when the person whom `anchor` names is erased: those that name her, and those that name
/// nobody in enterprises of hers alone. With one enterprise, of that one.
pub async fn rows_of(
    app: &App,
    anchor: RecordId,
    every_enterprise: bool,
) -> Result<Vec<RecordId>, Error> {
    let missing = || Error::NotFound { noun: "person" };
    let herself = app.store.member(anchor).await?.ok_or_else(missing)?;
    let homes = match every_enterprise {
        true => app.store.enterprises_of_person(anchor).await?,
        false => vec![herself.enterprise],
    };
    let members = app.store.linked_members(&homes).await?;
    let shared: HashSet<EnterpriseId> = members
        .iter()
        .filter(|it| it.owner.is_some() && it.owner != herself.owner)
        .map(|it| it.enterprise)
        .collect();
    let hers = members.iter().filter(|it| {
        it.record == anchor
            || (herself.owner.is_some() && it.owner == herself.owner)
            || (it.owner.is_none() && !shared.contains(&it.enterprise))
    });
    let rows: BTreeSet<RecordId> = hers.map(|it| it.record).collect();
    Ok(rows.into_iter().collect())
}

/// An erasure that was begun. Once the engine has linked what is left, nothing else tells what it is about.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    request: Uuid,
    by: String,
    records: Vec<Uuid>,
    homes: Vec<Uuid>,
    persons: Vec<Uuid>,
}

/// The setting that keeps the erasure which was begun and is not finished. There is one at most: each holds
/// the run lock.
const BEGUN: &str = "erasure_begun";

/// Erases `records` because of `request`. With `for_good` neither they nor the numbers of the person come
/// back with another list; otherwise their time was over, and a new list may bring them.
pub async fn erase(
    app: &App,
    by: &str,
    request: Uuid,
    records: &[RecordId],
    for_good: bool,
) -> Result<Erased, Error> {
    let _turn = app.store.run_lock().await?;
    if let Some((begun, erased)) = finish_begun(app).await? {
        if begun == request {
            return Ok(erased);
        }
        settled_again(app, begun, by).await?;
    }
    ingest::finish_interrupted(app, None).await?;
    let at = clock::now().timestamp_millis();
    let mut tombs = Tombs::open(app).await?;
    let kept = if for_good { marks(app, &tombs, records).await? } else { vec![] };
    tombs.add(kept.iter().map(|it| it.1.clone()));
    let members = app.store.members_among(records).await?;
    let homes: BTreeSet<Uuid> = members.values().map(|it| it.enterprise.0).collect();
    let persons: BTreeSet<Uuid> = members.values().filter_map(|it| Some(it.owner?.0)).collect();
    let begun = Begun {
        request,
        by: by.to_owned(),
        records: records.iter().map(|it| it.0).collect(),
        homes: homes.into_iter().collect(),
        persons: persons.into_iter().collect(),
    };
    let written = (BEGUN, serde_json::to_string(&begun)?);
    app.store.bury(request, kept, records, at, written).await?;
    carry_on(app, begun, tombs).await
}

/// Finishes the erasure that was cut short, if one was, and settles its request. Whoever calls holds the run
/// lock.
pub(super) async fn finish_interrupted(app: &App) -> Result<(), Error> {
    match finish_begun(app).await? {
        Some((begun, _)) => settled_again(app, begun, "tunggal").await,
        None => Ok(()),
    }
}

/// What keeps the rows and the person they name from coming back.
async fn marks(
    app: &App,
    tombs: &Tombs,
    records: &[RecordId],
) -> Result<Vec<(&'static str, String)>, Error> {
    let texts = app.store.row_texts(records).await?;
    let mut marks: Vec<(&'static str, String)> =
        records.iter().map(|it| ("row", tombs.of_row(*it))).collect();
    let own: HashSet<RecordId> = records.iter().copied().collect();
    let mut numbers: BTreeSet<String> = BTreeSet::new();
    for nik in texts.iter().filter_map(|it| nik_of(&it.fields)) {
        // A number that another person's row bears as well would bar hers.
        let elsewhere = by_nik(app, &nik).await?.into_iter().flat_map(|it| it.records);
        if elsewhere.into_iter().all(|it| own.contains(&it)) {
            numbers.insert(nik.reveal().to_owned());
        }
    }
    marks.extend(numbers.iter().map(|it| ("number", tombs.of_number(it))));
    let named: BTreeSet<String> = texts.iter().flat_map(|it| tombs.of_person(&it.fields)).collect();
    marks.extend(named.into_iter().map(|it| ("person", it)));
    Ok(marks)
}

/// Finishes the erasure that was cut short, if one was, for a server that starts, once it is its turn.
pub async fn finish_at_start(app: &App) -> Result<(), Error> {
    if app.store.setting(BEGUN).await?.is_none() {
        return Ok(());
    }
    let _turn = app.store.run_lock().await?;
    finish_interrupted(app).await
}

async fn finish_begun(app: &App) -> Result<Option<(Uuid, Erased)>, Error> {
    let Some(written) = app.store.setting(BEGUN).await? else { return Ok(None) };
    let begun: Begun = serde_json::from_str(&written)?;
    let request = begun.request;
    tracing::info!(%request, "going on with an erasure cut short");
    let tombs = Tombs::open(app).await?;
    Ok(Some((request, carry_on(app, begun, tombs).await?)))
}

/// Settles the request of an erasure that was finished behind it. There is none for rows whose time was over.
async fn settled_again(app: &App, request: Uuid, by: &str) -> Result<(), Error> {
    let Some(mut request) = app.store.request(&Scope::All, RequestId(request)).await? else {
        return Ok(());
    };
    request.status = Status::Done.code().to_owned();
    request.proposed = None;
    request.settled_by = Some(by.to_owned());
    request.settled_at = Some(clock::now().timestamp_millis());
    app.store.change_request(request).await?;
    Ok(())
}

/// What is left to do once the rows are out of the count. Each step can be done again.
async fn carry_on(app: &App, begun: Begun, mut tombs: Tombs) -> Result<Erased, Error> {
    let at = clock::now().timestamp_millis();
    let records: Vec<RecordId> = begun.records.into_iter().map(RecordId).collect();
    // Of rows whose time was over no mark is kept.
    let rows: Vec<String> = records.iter().map(|it| tombs.of_row(*it)).collect();
    tombs.add(rows);
    let homes: Vec<EnterpriseId> = begun.homes.into_iter().map(EnterpriseId).collect();
    let persons: Vec<OwnerId> = begun.persons.into_iter().map(OwnerId).collect();
    let texts = app.store.row_texts(&records).await?;
    if link::active(app).await?.is_some() {
        let kind = CauseKind::Erased(records.clone());
        link::run(app, Cause { kind, by: Some(begun.by) }).await?;
    }
    let mut left = app.store.heirs(&homes).await?;
    let live: HashSet<EnterpriseId> =
        app.store.open_ids(&Scope::All, &homes).await?.into_iter().collect();
    left.retain(|id, _| !live.contains(id));
    let gone: Vec<EnterpriseId> =
        homes.iter().copied().filter(|it| !live.contains(it) && !left.contains_key(it)).collect();
    let ends = gone.iter().map(|it| tombs.of_enterprise(*it)).collect();
    app.store.bury_enterprises(begun.request, ends, at).await?;
    let own: HashSet<RecordId> = records.iter().copied().collect();
    let mut owners: HashSet<OwnerId> = persons.iter().copied().collect();
    for owner in persons {
        if !app.store.members_of_person(owner).await?.is_empty() {
            owners.remove(&owner);
        }
    }
    for account in app.store.accounts_of(&own).await? {
        accounts::disable(app, &account).await?;
    }
    let erasure = Erasure { records: own, owners, words: words(&texts), at };
    app.store.scrub(&erasure).await?;
    let (tombs, mut file_rows) = (Arc::new(tombs), 0);
    for file in app.store.file_ids().await? {
        file_rows += redact(app, file, &tombs).await?;
    }
    app.store.shrink().await?;
    app.store.unset_setting(BEGUN).await?;
    let shared = homes.len() - gone.len();
    Ok(Erased { records: records.len(), enterprises: gone.len(), shared, file_rows })
}

/// In how many of the rows each word occurs, in any of their versions.
fn words(texts: &[RowText]) -> BTreeMap<String, u32> {
    let mut of: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    for it in texts {
        let words = of.entry(it.row.record_id).or_default();
        for (_, text) in it.fields.iter() {
            for word in linkage::text::words(text) {
                words.insert(linkage::text::canonical(&word));
                words.insert(word);
            }
        }
    }
    let mut count: BTreeMap<String, u32> = BTreeMap::new();
    for word in of.into_values().flatten() {
        *count.entry(word).or_default() += 1;
    }
    count
}

/// Empties the rows of a kept file that may not come back; how many those were.
async fn redact(app: &App, id: FileId, tombs: &Arc<Tombs>) -> Result<usize, Error> {
    let Some(file) = app.store.file(id).await? else { return Ok(0) };
    let original = ingest::restored(app, &file).await?;
    let mapping = file.mapping.as_ref();
    let known = (app.store.sealer(), Arc::clone(tombs));
    let redacted = redacted(original.path(), (&file.agency, &file.name), mapping, known).await?;
    let Some(it) = redacted else { return Ok(0) };
    let at = clock::now().timestamp_millis();
    app.store.redact_file(id, it.copy.path(), (&it.name, it.format), &it.rows, at).await?;
    Ok(it.rows.len())
}

/// A file as it was but for the rows that may not come back.
pub(super) struct Redacted {
    /// Its bytes.
    pub(super) copy: tempfile::NamedTempFile,
    /// Its name, with the extension of its format.
    pub(super) name: String,
    /// Its format.
    pub(super) format: &'static str,
    /// The rows that are empty now, by sheet and number.
    pub(super) rows: Vec<(String, u32)>,
}

/// A copy of a file without the rows that may not come back; none when it has none of them.
pub(super) async fn redacted(
    path: &Path,
    (agency, name): (&AgencyCode, &str),
    mapping: Option<&Mapping>,
    (sealer, tombs): (Arc<Sealer>, Arc<Tombs>),
) -> Result<Option<Redacted>, Error> {
    let (path, agency, name) = (path.to_owned(), agency.clone(), name.to_owned());
    let mapping = mapping.cloned();
    let work = move || {
        let found = dead_rows(&path, (&agency, &name), mapping.as_ref(), (&sealer, &tombs))?;
        let Some((plan, source, dead)) = found else { return Ok(None) };
        let copy = tempfile::NamedTempFile::new()?;
        ::ingest::redact::write(&source, &plan, &dead, copy.path())?;
        let format = ::ingest::redact::format_of(source.format());
        let stem = Path::new(&name).file_stem().and_then(|it| it.to_str()).unwrap_or("list");
        let name = match format == source.format() {
            true => name.clone(),
            false => format!("{stem}.{}", format.code()),
        };
        let named = |it: &(usize, u32)| Some((plan.sheets.get(it.0)?.name.clone(), it.1));
        let mut rows: Vec<(String, u32)> = dead.iter().filter_map(named).collect();
        rows.sort();
        Ok(Some(Redacted { copy, name, format: format.code(), rows }))
    };
    ingest::blocking(work).await
}
