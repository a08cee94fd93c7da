//! Profiles as viewers see them: found within a scope, cut by role.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::consent::Ties;
use domain::enterprise::Attribute;
use domain::id::EnterpriseId;
use domain::identifier::Nib;
use domain::view::{ProfileView, cut};
use domain::viewer::Viewer;
use domain::visibility::{Origin, origin};

use crate::app::App;
use crate::error::Error;
use crate::store::enterprises::{EnterpriseFilter, EnterpriseOrder, StoredEnterprise};
use crate::store::profile_json::Wanted;
use crate::store::search::{BUSINESS_NAME, OWNER_NAME};
use crate::store::slice::{Key, Slice};

/// One enterprise as one viewer sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its profile, cut.
    pub view: ProfileView,
    /// Since when the profile is as it is.
    pub updated_at: DateTime<Utc>,
    /// The moment as of which it is shown; none for the present.
    pub past: Option<DateTime<Utc>>,
    /// What ties the viewer to it beyond her role.
    pub ties: Arc<Ties>,
}

/// A page of enterprises, each with where it stands in the list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The enterprises.
    pub enterprises: Vec<(Key, Shown)>,
    /// There are more in the direction of reading.
    pub more: bool,
}

/// How often ids are looked for that are retired while they are.
const ATTEMPTS: usize = 3;

/// The enterprise with this id, or the heir of a retired id. `None` when there is none in scope.
pub async fn by_id(
    app: &App,
    viewer: &Viewer,
    id: EnterpriseId,
    wanted: Wanted,
) -> Result<Option<Shown>, Error> {
    Ok(wanted_by_ids(app, viewer, &[id], wanted).await?.remove(&id))
}

/// The enterprises by the ids they were asked for, retired ones included; what is out of scope is
/// absent.
pub async fn by_ids(
    app: &App,
    viewer: &Viewer,
    ids: &[EnterpriseId],
) -> Result<HashMap<EnterpriseId, Shown>, Error> {
    wanted_by_ids(app, viewer, ids, Wanted::ALL).await
}

async fn wanted_by_ids(
    app: &App,
    viewer: &Viewer,
    ids: &[EnterpriseId],
    wanted: Wanted,
) -> Result<HashMap<EnterpriseId, Shown>, Error> {
    let parts = readable(viewer, wanted);
    let mut found = HashMap::new();
    let mut current: HashMap<EnterpriseId, EnterpriseId> =
        ids.iter().map(|it| (*it, *it)).collect();
    // Between two questions an heir can be retired, and a retired id come back.
    let mut came_back = false;
    for _ in 0..ATTEMPTS {
        let wanted: Vec<EnterpriseId> = current.values().copied().collect();
        let stored = app.store.parts_of_enterprises(&viewer.scope(), &wanted, parts).await?;
        let stored: HashMap<EnterpriseId, Shown> =
            shown(app, viewer, stored).await?.into_iter().map(|it| (it.view.id, it)).collect();
        found.extend(current.iter().filter_map(|(id, now)| Some((*id, stored.get(now)?.clone()))));
        current.retain(|id, _| !found.contains_key(id));
        if current.is_empty() || came_back {
            break;
        }
        let absent: Vec<EnterpriseId> = current.keys().copied().collect();
        let heirs = app.store.heirs(&absent).await?;
        current.iter_mut().for_each(|(id, now)| *now = *heirs.get(id).unwrap_or(id));
        came_back = heirs.is_empty();
    }
    Ok(found)
}

/// What is read of profiles for a viewer who wants this much. Of what rows a lender or an owner hears follows from
/// everything that they say.
fn readable(viewer: &Viewer, wanted: Wanted) -> Wanted {
    match origin(viewer.role) {
        Origin::Rows => wanted,
        Origin::Dated => Wanted::ALL,
    }
}

/// The enterprise in scope that holds this NIB.
///
/// One NIB may stand for several enterprises of one person; then the answer is [`Error::Conflict`].
pub async fn by_nib(app: &App, viewer: &Viewer, nib: &Nib) -> Result<Option<Shown>, Error> {
    require_whole(viewer, Attribute::Nib, "nib")?;
    let filter = EnterpriseFilter {
        nib: Some(nib.reveal().to_owned()),
        asks: vec![Attribute::Nib],
        ..EnterpriseFilter::default()
    };
    let slice = Slice { descending: false, after: None, before: None, limit: 1, backwards: false };
    let scope = viewer.scope();
    let (found, more) = app
        .store
        .enterprise_page(&scope, &filter, EnterpriseOrder::Name, &slice, Wanted::ALL)
        .await?;
    if more {
        return Err(shared_nib());
    }
    Ok(shown(app, viewer, found).await?.pop())
}

/// The ids of the enterprises in scope that hold each of these NIBs; one that nobody holds is absent.
pub async fn ids_by_nib(
    app: &App,
    viewer: &Viewer,
    nibs: &BTreeSet<&str>,
) -> Result<HashMap<String, Vec<EnterpriseId>>, Error> {
    require_whole(viewer, Attribute::Nib, "nib")?;
    let mut found: HashMap<String, Vec<EnterpriseId>> = HashMap::new();
    for (nib, id) in app.store.enterprises_by_nib(&viewer.scope(), nibs).await? {
        found.entry(nib).or_default().push(id);
    }
    Ok(found)
}

/// That a NIB does not say which enterprise is meant.
pub fn shared_nib() -> Error {
    Error::Conflict(
        "several enterprises hold this NIB; ask for the list with the filter nib".to_owned(),
    )
}

/// A page of the enterprises that fit `filter`.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    filter: &EnterpriseFilter,
    order: EnterpriseOrder,
    slice: &Slice,
    wanted: Wanted,
) -> Result<Page, Error> {
    let (scope, wanted) = (viewer.scope(), readable(viewer, wanted));
    let (found, more) = app.store.enterprise_page(&scope, filter, order, slice, wanted).await?;
    let keys: Vec<Key> = found.iter().map(|it| it.key(order)).collect();
    let enterprises = keys.into_iter().zip(shown(app, viewer, found).await?).collect();
    Ok(Page { enterprises, more })
}

/// How many enterprises fit `filter`.
pub async fn count(app: &App, viewer: &Viewer, filter: &EnterpriseFilter) -> Result<u64, Error> {
    app.store.enterprise_count(&viewer.scope(), filter).await
}

/// Completes `filter` with the words of a search, and refuses it where it asks about an attribute the
/// role may not see whole: otherwise the filter would tell what the profile withholds.
pub async fn searching(
    app: &App,
    viewer: &Viewer,
    mut filter: EnterpriseFilter,
    search: Option<&str>,
) -> Result<EnterpriseFilter, Error> {
    let asked = [
        (filter.kecamatan.is_some(), Attribute::Kecamatan, "kecamatan"),
        (filter.kelurahan.is_some(), Attribute::Kelurahan, "kelurahan"),
        (filter.kbli.is_some() || filter.section.is_some(), Attribute::Kbli, "kbli"),
        (filter.nib.is_some(), Attribute::Nib, "nib"),
        (filter.has_nib.is_some(), Attribute::Nib, "hasNib"),
        (filter.has_npwp.is_some(), Attribute::Npwp, "hasNpwp"),
        (search.is_some(), Attribute::BusinessName, "search"),
    ];
    if filter.size.is_some() {
        // Which of the two an enterprise is found by, the store knows.
        require_whole(viewer, Attribute::AnnualSales, "sizeClass")?;
        require_whole(viewer, Attribute::Capital, "sizeClass")?;
    }
    for (set, attribute, name) in asked {
        if set {
            require_whole(viewer, attribute, name)?;
            filter.asks.push(attribute);
        }
    }
    if let Some(text) = search {
        // What she does not see of everybody, the words of a name would tell.
        let owners = viewer.sees_of_everybody(Attribute::OwnerName);
        let sources: &[i16] = if owners { &[BUSINESS_NAME, OWNER_NAME] } else { &[BUSINESS_NAME] };
        filter.words = app.store.spellings(text, sources).await?;
        if filter.words.is_empty() {
            return Err(Error::invalid("search", "has no word of two letters or more"));
        }
    }
    Ok(filter)
}

/// Refuses an order by what the role may not see whole.
pub fn require_order(viewer: &Viewer, order: EnterpriseOrder) -> Result<(), Error> {
    match order {
        EnterpriseOrder::Name => require_whole(viewer, Attribute::BusinessName, "orderBy"),
        EnterpriseOrder::UpdatedAt => Ok(()),
    }
}

/// Refuses a question about an attribute that the viewer does not see whole of all it reaches. A lender may ask
/// about what an owner can agree to: the store looks among the enterprises whose owners did.
pub fn require_whole(
    viewer: &Viewer,
    attribute: Attribute,
    field: &'static str,
) -> Result<(), Error> {
    if viewer.finds_by(attribute) {
        return Ok(());
    }
    Err(Error::Withheld { field })
}

/// Enterprises that were found in scope, each cut by what ties the viewer to it just now: a consent that
/// ended meanwhile shows nothing.
pub(super) async fn shown(
    app: &App,
    viewer: &Viewer,
    stored: Vec<StoredEnterprise>,
) -> Result<Vec<Shown>, Error> {
    let ids: Vec<EnterpriseId> = stored.iter().map(|it| it.profile.id).collect();
    let mut ties = app.store.ties(&viewer.scope(), &ids).await?;
    let shown = stored.into_iter().map(|it| {
        let ties = ties.remove(&it.profile.id).unwrap_or_default();
        let view = cut(viewer, &ties, &it.profile);
        Shown { view, updated_at: it.updated_at, past: None, ties: Arc::new(ties) }
    });
    Ok(shown.collect())
}
