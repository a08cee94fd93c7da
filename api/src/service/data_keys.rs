//! The ring of data keys and what is sealed with it: adding, rotating and retiring keys.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Error;
use crate::sealing::ring::{self, FRESH, State};
use crate::service::link;
use crate::store::resealing::Position;

/// How far a rotation is, among the settings of the register.
const SETTING: &str = "data_key_rotation";
/// After so long every process has read the ring as it is now.
const KNOWN: Duration = FRESH.saturating_add(Duration::from_millis(250));

/// How far a rotation is.
#[derive(Serialize, Deserialize)]
struct Begun {
    version: u32,
    position: String,
    sealed: u64,
    damaged: u64,
}

/// What a rotation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The key that seals now.
    pub version: u32,
    /// Values sealed anew.
    pub sealed: u64,
    /// Values that do not open; they stay as they are and keep their key from being retired.
    pub damaged: u64,
}

/// A key and how many values are sealed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    /// Its version.
    pub version: u32,
    /// What it is for now.
    pub state: State,
    /// Values sealed with it.
    pub values: u64,
}

/// The keys of the ring, the newest first.
pub async fn list(app: &App) -> Result<Vec<KeyUse>, Error> {
    let mut keys = vec![];
    for (version, state) in app.store.ring().list()? {
        let values = app.store.sealed_with(version).await?.iter().map(|it| it.1).sum();
        keys.push(KeyUse { version, state, values });
    }
    Ok(keys)
}

/// Lets the newest key of the ring seal, one made now where none waits, and seals with it what other keys
/// sealed. The register is served meanwhile; imports and link runs take turns with it. A rotation that was
/// cut short goes on.
pub async fn rotate(app: &App) -> Result<Rotated, Error> {
    let (store, ring) = (&app.store, app.store.ring());
    let begun: Option<Begun> =
        store.setting(SETTING).await?.map(|it| serde_json::from_str(&it)).transpose()?;
    let mut begun = match begun {
        Some(begun) => begun,
        None => {
            let version = next_key(app)?;
            // A process that did not know the key yet could not open what another seals with it.
            tokio::time::sleep(KNOWN).await;
            store.make_key_known(version).await?;
            let begun =
                Begun { version, position: Position::default().write(), sealed: 0, damaged: 0 };
            keep(app, &begun).await?;
            begun
        }
    };
    if store.sealer().version() < begun.version {
        ring.activate(begun.version)?;
    }
    // From then on every process seals with it.
    tokio::time::sleep(KNOWN).await;
    let mut position = Position::read(&begun.position);
    loop {
        let batch = store.reseal(&position).await?;
        begun.sealed += batch.sealed;
        begun.damaged += batch.damaged;
        let Some(next) = batch.next else { break };
        position = next;
        begun.position = position.write();
        keep(app, &begun).await?;
    }
    if store.index_is_of_former_key().await? {
        link::index_anew(app).await?;
    }
    store.unset_setting(SETTING).await?;
    let Begun { version, sealed, damaged, .. } = begun;
    Ok(Rotated { version, sealed, damaged })
}

/// Takes a key out of the ring for ever. Refused with [`Error::Conflict`] for the one that seals and for one
/// that something is still sealed with.
pub async fn retire(app: &App, version: u32) -> Result<(), Error> {
    let ring = app.store.ring();
    let state = ring.list()?.into_iter().find(|it| it.0 == version);
    let Some((_, state)) = state else {
        return Err(Error::NotFound { noun: "data key" });
    };
    if state == State::Seals {
        return Err(Error::Conflict(format!("key {version} seals: rotate to another key first")));
    }
    if app.store.setting(SETTING).await?.is_some() {
        return Err(Error::Conflict("a rotation is not finished: let it finish first".into()));
    }
    tokio::time::sleep(KNOWN).await;
    let _turn = app.store.run_lock().await?;
    let used = app.store.sealed_with(version).await?;
    let values: u64 = used.iter().map(|it| it.1).sum();
    if 0 < values {
        return Err(Error::Conflict(format!(
            "{values} values are still sealed with key {version}: rotate first"
        )));
    }
    if ring.is_file() {
        ring.remove(version)?;
    }
    app.store.forget_key(version).await
}

/// The version that a rotation goes to.
fn next_key(app: &App) -> Result<u32, Error> {
    let ring = app.store.ring();
    let newest = ring.list()?.first().copied();
    match newest {
        Some((version, State::Waits)) if ring.is_file() => Ok(version),
        // The ring that the environment gives says which key seals.
        Some((_, _)) if !ring.is_file() => Ok(app.store.sealer().version()),
        _ => {
            let (version, _) = ring::add(&app.config.data_key_source())?;
            Ok(version)
        }
    }
}

async fn keep(app: &App, begun: &Begun) -> Result<(), Error> {
    app.store.set_setting(SETTING, &serde_json::to_string(begun)?).await
}
