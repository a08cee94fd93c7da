//! Who sends a request, and whether every person in the register is invented.

use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use domain::viewer::Viewer;
use tokio::sync::Mutex;

use super::Shared;
use crate::auth::bearer_token;
use crate::error::Error;

/// How long an answer about the register holds.
const FRESH: Duration = Duration::from_secs(1);
/// How long the database may take to give it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the register holds synthetic data alone, as last read and when.
#[derive(Debug, Default)]
pub(super) struct Synthetic(Mutex<Option<(Instant, bool)>>);

impl Shared {
    /// Whether the register holds synthetic data alone. A real list may arrive at any time, so this is
    /// at most a second old; what cannot be read is not synthetic.
    pub(super) async fn synthetic(&self) -> bool {
        let mut last = self.synthetic.0.lock().await;
        if let Some((_, known)) = last.filter(|it| it.0.elapsed() < FRESH) {
            return known;
        }
        let store = self.app.store.clone();
        let asked = self.runtime.spawn(async move {
            let asked = tokio::time::timeout(PATIENCE, store.setting("synthetic")).await;
            matches!(asked, Ok(Ok(Some(it))) if it == "true")
        });
        let known = asked.await.unwrap_or(false);
        *last = Some((Instant::now(), known));
        known
    }

    /// The viewer of a request: its token's, or the public without one. A token that does not hold is
    /// refused, never taken for the public.
    pub(super) async fn viewer(&self, request: &HttpRequest) -> Result<Viewer, Error> {
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let Some(header) = headers.next() else {
            return Ok(Viewer::public());
        };
        if headers.next().is_some() {
            return Err(Error::Unauthenticated("send one header Authorization"));
        }
        let text =
            header.to_str().map_err(|_| Error::Unauthenticated("the token cannot be read"))?;
        self.app.keys.viewer(bearer_token(text)?, self.synthetic().await)
    }

    /// The viewer of a socket, by the payload of its first message.
    pub(super) async fn viewer_of_payload(
        &self,
        payload: Option<&serde_json::Value>,
    ) -> Result<Viewer, Error> {
        let fields = payload.and_then(serde_json::Value::as_object);
        let field = fields
            .and_then(|it| it.iter().find(|it| it.0.eq_ignore_ascii_case("authorization")))
            .map(|it| it.1);
        match field {
            None => Ok(Viewer::public()),
            Some(serde_json::Value::String(text)) => {
                self.app.keys.viewer(bearer_token(text)?, self.synthetic().await)
            }
            Some(_) => Err(Error::Unauthenticated("the token cannot be read")),
        }
    }
}
