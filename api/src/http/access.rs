//! Who sends a request.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use domain::viewer::Viewer;

use super::client_address::client_address;
use super::{Shared, reply as refusal};
use crate::auth::{Bearer, bearer_token};
use crate::error::Error;
use crate::service::attempts::Refusal;

/// Names under which tokens are put in addresses, where logs and histories keep them.
const IN_ADDRESS: [&str; 5] = ["access_token", "id_token", "token", "authorization", "bearer"];

impl Shared {
    /// The viewer of a request: its token's, or the public without one. A token that does not hold is
    /// refused, never taken for the public. Counts the request.
    pub(super) async fn viewer(&self, request: &HttpRequest) -> Result<Viewer, refusal::Refusal> {
        Ok(self.bearer_and_viewer(request).await?.1)
    }

    /// The same with the token, for what stays open.
    pub(super) async fn bearer_and_viewer(
        &self,
        request: &HttpRequest,
    ) -> Result<(Option<Bearer>, Viewer), refusal::Refusal> {
        let found = async {
            let bearer = self.noted(None, self.bearer(request).await)?;
            let viewer = self.viewer_now(bearer.as_ref()).await?;
            Ok((bearer, viewer))
        };
        let found = found.await;
        match &found {
            Ok((_, viewer)) => self.count(request, viewer)?,
            // Else a token could be guessed at any rate.
            Err(Error::Unauthenticated(_) | Error::AccountDisabled) => {
                self.count(request, &Viewer::public())?;
            }
            Err(_) => {}
        }
        Ok(found?)
    }

    /// Counts a request of `viewer`, and refuses it when it is one too many.
    pub(super) fn count(
        &self,
        request: &HttpRequest,
        viewer: &Viewer,
    ) -> Result<(), refusal::Refusal> {
        let address = client_address(request, &self.app.config.trusted_proxies);
        match self.rates.count(viewer, address) {
            Ok(allowance) => {
                allowance.into_iter().for_each(|it| it.note(request));
                Ok(())
            }
            Err(allowance) => {
                allowance.note(request);
                Err(refusal::Refusal::too_often(allowance.reset()))
            }
        }
    }

    /// Notes in the access log that a token was refused; `bearer` is who it speaks for, if it holds.
    fn noted<T>(&self, bearer: Option<&Bearer>, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Err(Error::Unauthenticated(_) | Error::AccountDisabled) = &outcome {
            self.attempts.refused(Refusal::Token, bearer.map(|it| it.subject.as_str()));
        }
        outcome
    }

    /// Whom the token of a request speaks for; nobody without one.
    async fn bearer(&self, request: &HttpRequest) -> Result<Option<Bearer>, Error> {
        let names = request.query_string().split('&').filter_map(|it| it.split('=').next());
        if names.into_iter().any(|name| IN_ADDRESS.iter().any(|it| name.eq_ignore_ascii_case(it))) {
            return Err(Error::Unauthenticated("send the token in a header, not in the address"));
        }
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let Some(header) = headers.next() else {
            return Ok(None);
        };
        if headers.next().is_some() {
            return Err(Error::Unauthenticated("send one header Authorization"));
        }
        let text =
            header.to_str().map_err(|_| Error::Unauthenticated("the token cannot be read"))?;
        self.identity.bearer(bearer_token(text)?).await.map(Some)
    }

    /// Whom the first message of a socket speaks for, by its payload; nobody without a token. The
    /// request that opened the socket brings none.
    pub(super) async fn bearer_of_payload(
        &self,
        payload: Option<&serde_json::Value>,
    ) -> Result<Option<Bearer>, Error> {
        let fields = payload.and_then(serde_json::Value::as_object);
        let mut named =
            fields.into_iter().flatten().filter(|it| it.0.eq_ignore_ascii_case("authorization"));
        let bearer = match (named.next(), named.next()) {
            (None, _) => return Ok(None),
            (Some((_, serde_json::Value::String(text))), None) => match bearer_token(text) {
                Ok(token) => self.identity.bearer(token).await.map(Some),
                Err(error) => Err(error),
            },
            _ => Err(Error::Unauthenticated("the token cannot be read")),
        };
        self.noted(None, bearer)
    }

    /// The viewer that a bearer is just now; the public without one.
    pub(super) async fn viewer_now(&self, bearer: Option<&Bearer>) -> Result<Viewer, Error> {
        match bearer {
            Some(it) => self.noted(bearer, self.identity.viewer(it).await),
            None => Ok(Viewer::public()),
        }
    }

    /// Refuses a request that opens a socket and brings a token: there it would go unread.
    pub(super) async fn without_token(&self, request: &HttpRequest) -> Result<(), Error> {
        match self.noted(None, self.bearer(request).await)? {
            None => Ok(()),
            Some(_) => {
                Err(Error::Unauthenticated("send the token in the payload of connection_init"))
            }
        }
    }
}
