//! Cursors of feeds: sealed, so that one is good for whom and for what it was given alone.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::sealing::{Place, What, version_of};

/// Where what is bound to `binding` stands.
fn place(binding: &str) -> Place {
    let digest = Sha256::digest(binding.as_bytes());
    let (mut id, mut number) = ([0; 16], [0; 16]);
    id.copy_from_slice(&digest[..16]);
    number.copy_from_slice(&digest[16..]);
    Place::and(Uuid::from_bytes(id), u128::from_be_bytes(number))
}

/// The cursor that holds `plain` for whoever `binding` tells of.
pub(super) fn write(app: &App, binding: &str, plain: &[u8]) -> Result<String, Error> {
    let sealed = app.store.sealer().seal(What::Cursor, place(binding), plain)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
}

/// What [`write`] wrote for the same `binding`.
///
/// Fails with [`Error::CursorForeign`] on that of another, and with [`Error::CursorStale`] when its key is not in
/// the ring any more.
pub(super) fn read(app: &App, binding: &str, cursor: &str) -> Result<Vec<u8>, Error> {
    let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| malformed())?;
    version_of(&sealed).ok_or_else(malformed)?;
    let sealer = app.store.sealer();
    match sealer.open(What::Cursor, place(binding), &mut sealed) {
        Err(Error::DataKeyMissing(_)) => Err(Error::CursorStale),
        Err(Error::DataDamaged(_)) => Err(Error::CursorForeign),
        plain => Ok(plain?.to_vec()),
    }
}

/// That a text is no cursor of a feed.
pub(super) fn malformed() -> Error {
    Error::invalid("since", "is no cursor of this feed")
}
