//! Who sends a request.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use chrono::{DateTime, FixedOffset};
use domain::viewer::Viewer;

use super::client_address::client_address;
use super::{Shared, reply as refusal, signature};
use crate::app::App;
use crate::auth::{Bearer, bearer_token};
use crate::error::Error;
use crate::service::attempts::Refusal;
use crate::service::signatures::{self, Call};
use crate::store::signatures::Signing;

/// Names under which tokens are put in addresses, where logs and histories keep them.
const IN_ADDRESS: [&str; 5] = ["access_token", "id_token", "token", "authorization", "bearer"];

/// Who sends a request, by its token; of a client that signs nothing is answered before its signature was looked at.
pub(super) struct Asker {
    bearer: Option<Bearer>,
    /// Who she is if the request is hers.
    pub viewer: Viewer,
    /// How the request is to be signed, and over which token.
    signing: Option<(Signing, String)>,
}

impl Asker {
    /// Whether her requests are signed.
    pub fn signs(&self) -> bool {
        self.signing.is_some()
    }
}

impl Shared {
    /// The viewer of a request without a body: its token's, or the public without one. A token that does not hold
    /// is refused, never taken for the public. Counts the request.
    pub(super) async fn viewer(&self, request: &HttpRequest) -> Result<Viewer, refusal::Refusal> {
        let asker = self.asker(request).await?;
        Ok(self.signed(request, asker, b"").await?.1)
    }

    /// Who sends a request, by its token alone. Counts the request, unless it is to be signed: then it is counted
    /// when its signature has been looked at, by [`Shared::signed`].
    pub(super) async fn asker(&self, request: &HttpRequest) -> Result<Asker, refusal::Refusal> {
        let found = async {
            let token = self.noted(None, token(request))?;
            let bearer = match token {
                Some(token) => Some(self.noted(None, self.identity.bearer(token).await)?),
                None => None,
            };
            let (viewer, signing) = self.viewer_now(bearer.as_ref()).await?;
            let signing = signing.zip(token.map(str::to_owned));
            Ok(Asker { bearer, viewer, signing })
        };
        let found = found.await;
        match &found {
            Ok(asker) if asker.signing.is_some() => {}
            Ok(asker) => self.count(request, &asker.viewer)?,
            // Else a token could be guessed at any rate.
            Err(Error::Unauthenticated(_) | Error::AccountDisabled) => {
                self.count(request, &Viewer::public())?;
            }
            Err(_) => {}
        }
        Ok(found?)
    }

    /// Refuses a request before its signature is looked at; counts what [`Shared::asker`] did not.
    pub(super) fn unread(
        &self,
        request: &HttpRequest,
        asker: &Asker,
        why: impl Into<refusal::Refusal>,
    ) -> refusal::Refusal {
        let counted = if asker.signs() { self.count(request, &Viewer::public()) } else { Ok(()) };
        counted.err().unwrap_or_else(|| why.into())
    }

    /// Who sends a request of this body: of a client that signs, once its signature is seen to hold and the request
    /// was not taken before, on any node. Counts what [`Shared::asker`] did not.
    pub(super) async fn signed(
        &self,
        request: &HttpRequest,
        asker: Asker,
        body: &[u8],
    ) -> Result<(Option<Bearer>, Viewer), refusal::Refusal> {
        let Asker { bearer, viewer, signing } = asker;
        let Some((signing, token)) = signing else { return Ok((bearer, viewer)) };
        let call = held(self, request, (&viewer.subject, &signing, &token), body);
        let call = match self.noted(bearer.as_ref(), call) {
            Ok(call) => call,
            Err(error) => {
                // Whoever has the token alone does not use up what its client may send.
                self.count(request, &Viewer::public())?;
                return Err(error.into());
            }
        };
        self.count(request, &viewer)?;
        let (app, account) = (self.app.clone(), viewer.subject.clone());
        let taken = self.runtime.spawn(async move { call.take(&app, &account).await }).await;
        let taken = taken.map_err(Error::internal).flatten();
        self.noted(bearer.as_ref(), taken)?;
        Ok((bearer, viewer))
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

    /// Notes in the access log that a token or a signature was refused; `bearer` is who it speaks for, if it holds.
    fn noted<T>(&self, bearer: Option<&Bearer>, outcome: Result<T, Error>) -> Result<T, Error> {
        let why = match &outcome {
            Err(Error::Unauthenticated(_) | Error::AccountDisabled) => Some(Refusal::Token),
            Err(Error::SignatureRefused(_) | Error::ClockOff { .. } | Error::RequestReplayed) => {
                Some(Refusal::Signature)
            }
            _ => None,
        };
        if let Some(why) = why {
            self.attempts.refused(why, bearer.map(|it| it.subject.as_str()));
        }
        outcome
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

    /// The viewer that a bearer is just now, and how her requests are signed if they must be; the public without
    /// one.
    pub(super) async fn viewer_now(
        &self,
        bearer: Option<&Bearer>,
    ) -> Result<(Viewer, Option<Signing>), Error> {
        match bearer {
            Some(it) => self.noted(bearer, self.identity.viewer(it).await),
            None => Ok((Viewer::public(), None)),
        }
    }

    /// The viewer of a socket, whose messages nobody signs; refuses a client that signs.
    pub(super) async fn unsigned_viewer(&self, bearer: Option<&Bearer>) -> Result<Viewer, Error> {
        let outcome = match self.viewer_now(bearer).await? {
            (viewer, None) => Ok(viewer),
            _ => Err(Error::SignatureRefused("a client that signs does not open sockets")),
        };
        self.noted(bearer, outcome)
    }

    /// Refuses a request that opens a socket and brings a token: there it would go unread.
    pub(super) async fn without_token(&self, request: &HttpRequest) -> Result<(), Error> {
        let Some(token) = self.noted(None, token(request))? else { return Ok(()) };
        self.noted(None, self.identity.bearer(token).await)?;
        Err(Error::Unauthenticated("send the token in the payload of connection_init"))
    }
}

/// The token of a request, which has none, or one in its only header `Authorization`.
fn token(request: &HttpRequest) -> Result<Option<&str>, Error> {
    let names = request.query_string().split('&').filter_map(|it| it.split('=').next());
    if names.into_iter().any(|name| IN_ADDRESS.iter().any(|it| name.eq_ignore_ascii_case(it))) {
        return Err(Error::Unauthenticated("send the token in a header, not in the address"));
    }
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else { return Ok(None) };
    if headers.next().is_some() {
        return Err(Error::Unauthenticated("send one header Authorization"));
    }
    let text = header.to_str().map_err(|_| Error::Unauthenticated("the token cannot be read"))?;
    bearer_token(text).map(Some)
}

/// A call whose signature holds, and which nobody has taken yet.
struct Held {
    at: DateTime<FixedOffset>,
    external_id: String,
    signed: String,
}

impl Held {
    async fn take(&self, app: &App, account: &str) -> Result<(), Error> {
        signatures::take(app, account, self.at, &self.external_id, self.signed.as_bytes()).await
    }
}

/// The call that a request is, if its signature over this body holds.
fn held(
    shared: &Shared,
    request: &HttpRequest,
    (account, signing, token): (&str, &Signing, &str),
    body: &[u8],
) -> Result<Held, Error> {
    let proof = signature::proof(request)?;
    let external_id = signature::external_id(request, account)?.to_owned();
    let path = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let method = request.method().as_str();
    let call = Call { account, method, path, token, body, proof: &proof };
    let signed = signatures::held(&shared.app, signing, &call)?;
    Ok(Held { at: proof.at, external_id, signed })
}
