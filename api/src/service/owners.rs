//! Persons named as owners, found within a scope.

use domain::enterprise::Attribute;
use domain::id::OwnerId;
use domain::viewer::{Scope, Viewer};

use crate::app::App;
use crate::error::Error;
use crate::store::owners::StoredOwner;
use crate::store::slice::Slice;

/// The person with this id. `None` when there is none in scope.
pub async fn by_id(app: &App, viewer: &Viewer, id: OwnerId) -> Result<Option<StoredOwner>, Error> {
    Ok(app.store.owners(&viewer.scope(), &[id]).await?.pop())
}

/// The persons with these ids, in no order, without those out of scope.
pub async fn by_ids(
    app: &App,
    viewer: &Viewer,
    ids: &[OwnerId],
) -> Result<Vec<StoredOwner>, Error> {
    app.store.owners(&viewer.scope(), ids).await
}

/// A page of the persons in scope, by name, and whether there are more.
///
/// Refused to roles that do not see owners' names whole: the order would tell them.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    several: bool,
    slice: &Slice,
) -> Result<(Vec<StoredOwner>, bool), Error> {
    // An owner finds no person but herself.
    let herself = matches!(viewer.scope(), Scope::Person(_));
    if !herself && !viewer.finds_by(Attribute::OwnerName) {
        return Err(Error::Withheld { field: "owners" });
    }
    app.store.owner_page(&viewer.scope(), several, slice).await
}

/// How many persons are in scope.
pub async fn count(app: &App, viewer: &Viewer, several: bool) -> Result<u64, Error> {
    app.store.owner_count(&viewer.scope(), several).await
}
