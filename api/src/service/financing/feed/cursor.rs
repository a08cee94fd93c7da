//! Cursors of a bank's feed: good for the client, the institution and the programme they were given to.

use domain::viewer::Viewer;

use crate::app::App;
use crate::error::Error;
use crate::service::cursors;
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

fn bound(viewer: &Viewer, programme: &str) -> String {
    let asked = Asked {
        programme: programme.to_owned(),
        filter: StandingFilter::default(),
        reference: None,
        after: None,
        limit: 0,
        total: false,
    };
    format!("feed {}", binding(viewer, &asked))
}

pub(super) fn write(
    app: &App,
    viewer: &Viewer,
    programme: &str,
    mark: Mark,
) -> Result<String, Error> {
    let plain = [mark.position.to_be_bytes(), mark.from.to_be_bytes()].concat();
    cursors::write(app, &bound(viewer, programme), &plain)
}

/// Reads what [`write`] wrote for the same viewer and programme; fails as [`cursors::read`] does.
pub(super) fn read(
    app: &App,
    viewer: &Viewer,
    programme: &str,
    cursor: &str,
) -> Result<Mark, Error> {
    let plain = cursors::read(app, &bound(viewer, programme), cursor)?;
    let number = |at: usize| plain.get(at..at + 8).and_then(|it| it.try_into().ok());
    match (plain.len(), number(0), number(8)) {
        (16, Some(position), Some(from)) => {
            Ok(Mark { position: i64::from_be_bytes(position), from: i64::from_be_bytes(from) })
        }
        _ => Err(cursors::malformed()),
    }
}
