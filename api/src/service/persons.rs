//! Finding a person by the number that a document of hers bears.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::agency::{Agency, AgencyCode};
use domain::consent::Ties;
use domain::enterprise::Attribute;
use domain::id::{FileId, OwnerId, RecordId};
use domain::identifier::{Nik, Reading};
use domain::permission::Action;
use domain::record::{Field, RecordFields, SourceRecord};
use domain::viewer::Viewer;
use domain::visibility::{Access, Standing};
use linkage::features::{Features, Written};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::service::link;
use crate::store::owners::StoredOwner;

/// More rows than this do not share a NIK by right: all rows are then looked through.
const MOST: usize = 10_000;

/// Somebody in whose rows a NIK stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The person; none for rows that name nobody.
    pub owner: Option<OwnerId>,
    /// The rows in which it stands, the least first.
    pub records: Vec<RecordId>,
}

/// The persons in whose linked rows `nik` stands. More than one where two persons share it, by a mistake
/// in a list or in linking.
pub async fn by_nik(app: &App, nik: &Nik) -> Result<Vec<Named>, Error> {
    let rows = rows_with(app, nik).await?;
    let mut ids: Vec<RecordId> = rows.iter().map(|it| it.id).collect();
    ids.sort();
    let members = app.store.members_among(&ids).await?;
    let mut named: BTreeMap<Option<OwnerId>, Vec<RecordId>> = BTreeMap::new();
    for id in ids {
        named.entry(members.get(&id).and_then(|it| it.owner)).or_default().push(id);
    }
    Ok(named.into_iter().map(|(owner, records)| Named { owner, records }).collect())
}

/// The persons within `viewer`'s scope in whose rows `nik` stands: for whoever may answer persons, in any row;
/// for an agency, in those whose number it sees whole, its own. An owner finds herself.
pub async fn found_by_nik(
    app: &App,
    viewer: &Viewer,
    nik: &Nik,
) -> Result<Vec<StoredOwner>, Error> {
    let mut rows = rows_with(app, nik).await?;
    if !viewer.may(Action::AnswerPersons) {
        rows.retain(|it| {
            let row = std::iter::once((&it.agency, &it.id));
            let standing = Standing::to(viewer, &Ties::default(), row);
            viewer.sees(&standing, Attribute::Nik).access == Access::Whole
        });
    }
    let ids: Vec<RecordId> = rows.iter().map(|it| it.id).collect();
    let members = app.store.members_among(&ids).await?;
    let owners: BTreeSet<OwnerId> = members.values().filter_map(|it| it.owner).collect();
    let owners: Vec<OwnerId> = owners.into_iter().collect();
    app.store.owners(&viewer.scope(), &owners).await
}

/// The rows in which `nik` stands: those that linking knows, and those that wait for it.
async fn rows_with(app: &App, nik: &Nik) -> Result<Vec<SourceRecord>, Error> {
    let rows = match indexed(app, nik).await? {
        Some(mut ids) => {
            ids.extend(app.store.unlinked().await?);
            ids.sort();
            ids.dedup();
            app.store.current_among(&ids).await?
        }
        None => app.store.current_records().await?,
    };
    Ok(rows.into_iter().map(|it| it.record).filter(|it| holds(it, nik)).collect())
}

/// The rows that may have this NIK, by the index that linking uses; `None` where it has none, and for a number
/// too common to be found by.
async fn indexed(app: &App, nik: &Nik) -> Result<Option<Vec<RecordId>>, Error> {
    let Some((_, ready)) = link::active(app).await? else { return Ok(None) };
    let agencies: HashMap<AgencyCode, Agency> =
        app.store.agencies().await?.into_iter().map(|it| (it.code.clone(), it)).collect();
    let Some(agency) = agencies.values().next() else { return Ok(None) };
    let mut fields = RecordFields::default();
    fields.set(Field::Nik, nik.reveal());
    let asked = SourceRecord {
        id: RecordId(Uuid::nil()),
        agency: agency.code.clone(),
        file: FileId(Uuid::nil()),
        sheet: String::new(),
        row: 1,
        fields,
        recorded_on: None,
    };
    let features = Features::read(&ready.model().settings, &[Written::new(&asked, agency)]);
    let keys = linkage::link::keys(&features, ready.model());
    let keys: Vec<u64> = keys.into_iter().flat_map(|it| it.1).collect();
    let holders: Option<Vec<_>> = app.store.holders(&keys, MOST).await?.into_values().collect();
    Ok(holders.map(|it| it.into_iter().flatten().collect()))
}

fn holds(record: &SourceRecord, nik: &Nik) -> bool {
    nik_of(&record.fields).is_some_and(|it| &it == nik)
}

/// The NIK that a row writes, where it is whole.
pub fn nik_of(fields: &RecordFields) -> Option<Nik> {
    match Nik::read(fields.get(Field::Nik)?) {
        Reading::Whole(nik) => Some(nik),
        _ => None,
    }
}
