//! Who sends a request.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use domain::viewer::Viewer;

use super::Shared;
use crate::auth::bearer_token;
use crate::error::Error;

impl Shared {
    /// The viewer of a request: its token's, or the public without one. A token that does not hold is
    /// refused, never taken for the public.
    pub(super) fn viewer(&self, request: &HttpRequest) -> Result<Viewer, Error> {
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let Some(header) = headers.next() else {
            return Ok(Viewer::public());
        };
        if headers.next().is_some() {
            return Err(Error::Unauthenticated("send one header Authorization"));
        }
        let text =
            header.to_str().map_err(|_| Error::Unauthenticated("the token cannot be read"))?;
        self.app.keys.viewer(bearer_token(text)?, self.synthetic)
    }

    /// The viewer of a socket, by the payload of its first message.
    pub(super) fn viewer_of_payload(
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
                self.app.keys.viewer(bearer_token(text)?, self.synthetic)
            }
            Some(_) => Err(Error::Unauthenticated("the token cannot be read")),
        }
    }
}
