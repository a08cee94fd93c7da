//! Cursors of feeds: sealed, so that one is good for the client, the institution and the programme it was given to.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::viewer::Viewer;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::sealing::{Place, What, version_of};
use crate::service::financing::view::{Asked, binding};
use crate::store::financing::StandingFilter;

/// From where a client goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The position of the last change that it was told.
    pub position: i64,
    /// The last position when it began: what went before that it never held, what stood there it had not held.
    pub from: i64,
}

fn place(viewer: &Viewer, programme: &str) -> Place {
    let asked = Asked {
        programme: programme.to_owned(),
        filter: StandingFilter::default(),
        after: None,
        limit: 0,
        total: false,
    };
    let digest = Sha256::digest(format!("feed {}", binding(viewer, &asked)).as_bytes());
    let (mut id, mut number) = ([0; 16], [0; 16]);
    id.copy_from_slice(&digest[..16]);
    number.copy_from_slice(&digest[16..]);
    Place::and(Uuid::from_bytes(id), u128::from_be_bytes(number))
}

pub(super) fn write(
    app: &App,
    viewer: &Viewer,
    programme: &str,
    mark: Mark,
) -> Result<String, Error> {
    let plain = [mark.position.to_be_bytes(), mark.from.to_be_bytes()].concat();
    let sealed = app.store.sealer().seal(What::Cursor, place(viewer, programme), &plain)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
}

/// Reads what [`write`] wrote for the same viewer and programme.
///
/// Fails with [`Error::CursorForeign`] on that of another, and with [`Error::CursorStale`] when its key is not in
/// the ring any more.
pub(super) fn read(
    app: &App,
    viewer: &Viewer,
    programme: &str,
    cursor: &str,
) -> Result<Mark, Error> {
    let malformed = || Error::invalid("since", "is no cursor of this feed");
    let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| malformed())?;
    version_of(&sealed).ok_or_else(malformed)?;
    let sealer = app.store.sealer();
    let plain = match sealer.open(What::Cursor, place(viewer, programme), &mut sealed) {
        Err(Error::DataKeyMissing(_)) => return Err(Error::CursorStale),
        Err(Error::DataDamaged(_)) => return Err(Error::CursorForeign),
        plain => plain?,
    };
    let number = |at: usize| plain.get(at..at + 8).and_then(|it| it.try_into().ok());
    match (plain.len(), number(0), number(8)) {
        (16, Some(position), Some(from)) => {
            Ok(Mark { position: i64::from_be_bytes(position), from: i64::from_be_bytes(from) })
        }
        _ => Err(malformed()),
    }
}
