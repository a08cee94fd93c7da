//! Who has opened what stays open: a socket, or a stream of answers.

use std::time::Duration;

use actix_web::HttpRequest;
use domain::viewer::Viewer;
use serde_json::Value;

use super::access::Asker;
use super::reply::Refusal;
use super::{Shared, purpose};
use crate::auth::Bearer;
use crate::clock;
use crate::error::Error;
use crate::service::access::Stated;

/// How often it is asked whether a caller still is who she was.
pub(super) const WATCH: Duration = Duration::from_secs(1);

/// Who asks, and what she states the data is for.
pub(super) struct Caller {
    pub bearer: Option<Bearer>,
    pub viewer: Viewer,
    pub stated: Stated,
}

/// Why what is open ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Her token has ended.
    Expired,
    /// She may not do any more what she might when it was opened.
    Changed,
    /// It cannot be told just now who she is.
    Unknown,
}

impl Caller {
    /// Who sends a request of this body. Counts the request.
    pub async fn of(
        shared: &Shared,
        http: &HttpRequest,
        asker: Asker,
        body: &[u8],
    ) -> Result<Caller, Refusal> {
        let (bearer, viewer) = shared.signed(http, asker, body).await?;
        let stated = purpose::stated(http, &viewer);
        Ok(Caller { bearer, viewer, stated })
    }

    /// Who introduces herself with this payload of a socket's first message.
    pub async fn introduced(
        shared: &Shared,
        payload: Option<&Value>,
        request: &str,
    ) -> Result<Caller, Error> {
        let bearer = shared.bearer_of_payload(payload).await?;
        let viewer = shared.unsigned_viewer(bearer.as_ref()).await?;
        let stated = purpose::stated_in(payload, &viewer, request);
        Ok(Caller { bearer, viewer, stated })
    }

    /// Looks again who she is: what is open lives long, and an account may be shut or change meanwhile. It
    /// was begun with what she was, so it ends when that is not so any more.
    pub async fn look_again(&mut self, shared: &Shared) -> Result<(), Ended> {
        let viewer = match shared.viewer_now(self.bearer.as_ref()).await {
            Ok((viewer, _)) => viewer,
            Err(_) if self.bearer.as_ref().is_some_and(|it| it.expires <= clock::now()) => {
                return Err(Ended::Expired);
            }
            Err(Error::Unauthenticated(_) | Error::AccountDisabled) => return Err(Ended::Changed),
            Err(_) => return Err(Ended::Unknown),
        };
        let same = viewer.scope() == self.viewer.scope()
            && Viewer { synthetic: self.viewer.synthetic, ..viewer.clone() } == self.viewer;
        self.viewer = viewer;
        if same { Ok(()) } else { Err(Ended::Changed) }
    }
}
