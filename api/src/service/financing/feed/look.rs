//! Whether there are changes for an institution, without telling which.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use domain::purpose::Purpose;
use domain::viewer::{Role, Viewer};
use tokio::sync::Mutex;

use super::compare::catch_up;
use super::{COMPARED_AT_ONCE, Reader, require_programme};
use crate::app::App;
use crate::error::Error;

/// How often a listener looks.
pub const EVERY: Duration = Duration::from_secs(2);
/// How long an answer holds on a node, however many ask.
const FRESH: Duration = Duration::from_secs(1);

/// The position of a feed, and when it was looked at.
type Seen = Arc<Mutex<Option<(Instant, i64)>>>;

/// The feeds that this process has looked at, by institution and programme.
#[derive(Debug, Clone, Default)]
pub struct Looked(Arc<std::sync::Mutex<HashMap<(String, String), Seen>>>);

impl Looked {
    fn at(&self, institution: &str, programme: &str) -> Seen {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((institution.to_owned(), programme.to_owned())).or_default())
    }
}

/// The position of the last change that `institution` can be told of a programme; greater than before when there are
/// changes. Of a long comparison each call does a part, as questions for changes do.
pub async fn head(app: &App, institution: &str, programme: &str) -> Result<i64, Error> {
    require_programme(&app.rules, programme)?;
    let viewer = Viewer {
        subject: "hub".to_owned(),
        role: Role::Lender,
        institution: Some(institution.to_owned()),
        ..Viewer::public()
    };
    let reader = Reader { viewer: &viewer, institution, purpose: Purpose::Financing, programme };
    Ok(catch_up(app, reader, COMPARED_AT_ONCE).await?.0.head)
}

/// The same as it was within the last second: looked at once on a node, however many listen.
pub async fn head_lately(app: &App, institution: &str, programme: &str) -> Result<i64, Error> {
    let seen = app.looked.at(institution, programme);
    let mut seen = seen.lock().await;
    if let Some((_, head)) = seen.filter(|it| it.0.elapsed() < FRESH) {
        return Ok(head);
    }
    let head = head(app, institution, programme).await?;
    *seen = Some((Instant::now(), head));
    Ok(head)
}
