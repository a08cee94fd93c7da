//! The model that new records are linked with, kept ready.

use std::sync::{Arc, Mutex, PoisonError};

use domain::id::ModelId;
use linkage::link::Ready;

use crate::app::App;
use crate::error::Error;

/// The model that was last asked for.
#[derive(Clone, Default)]
pub struct ModelCache(Arc<Mutex<Option<ActiveModel>>>);

/// A model with its id.
pub type ActiveModel = (ModelId, Arc<Ready>);

/// The model that new records are linked with; none before the first run.
pub async fn active(app: &App) -> Result<Option<ActiveModel>, Error> {
    let Some(id) = app.store.active_model_id().await? else { return Ok(None) };
    let lock = || app.model.0.lock().unwrap_or_else(PoisonError::into_inner);
    let known = lock().as_ref().filter(|it| it.0 == id).cloned();
    if known.is_some() {
        return Ok(known);
    }
    let Some(model) = app.store.model(id).await? else { return Ok(None) };
    let found = (id, Arc::new(Ready::new(model)));
    *lock() = Some(found.clone());
    Ok(Some(found))
}

/// The same, where there must be one.
pub async fn required(app: &App) -> Result<Arc<Ready>, Error> {
    active(app).await?.map(|it| it.1).ok_or(Error::NotFound { noun: "model" })
}
