//! Who asks. A token is checked once, before anything is executed: first that it holds (one of ours by
//! [`keys`], a provider's by `provider`), then what its bearer may do just now (`live`).

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::id::RecordId;
use domain::permission::Action;
use domain::viewer::{Role, Viewer};

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::store::signatures::Signing;

mod claims;
mod compact;
pub mod file;
mod jwks;
pub mod keys;
mod live;
pub mod password;
mod provider;
mod recent;
pub mod secret;
pub mod signature;

pub(crate) use file::{replace, write_once};
pub use keys::Keys;

/// Whom a checked token speaks for, until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Who: the name of an account, `oidc:` and the provider's subject, or a subject of the command line.
    pub subject: String,
    /// The program through which she asks, where the token names one.
    pub client: Option<String>,
    /// The only actions it is for; every one of the role when absent.
    pub held_to: Option<BTreeSet<Action>>,
    /// When it ends.
    pub expires: DateTime<Utc>,
    /// The key of ours that signed it; absent for a provider's.
    key: Option<String>,
    told: Told,
}

/// Where it is written what the bearer may do.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    /// In the account of this subject, unless its tokens were revoked since.
    Account { generation: i64 },
    /// In the token itself.
    Itself {
        role: Role,
        agency: Option<String>,
        institution: Option<String>,
        person: Option<RecordId>,
        kecamatan: Option<String>,
    },
}

/// What tells who asks: the tokens that are taken, and the live state of their bearers.
pub struct Identity {
    own: Option<Arc<Keys>>,
    provider: Option<provider::Provider>,
    recent: recent::Recent,
    live: live::Live,
}

impl Identity {
    /// Takes the tokens that the configuration of `app` names. Called on the runtime that the
    /// database's connections live on. A provider that does not answer is asked again with the first
    /// token.
    pub fn new(app: &App) -> Result<Identity, Error> {
        let runtime = tokio::runtime::Handle::current();
        let provider = app.config.oidc.as_ref();
        Ok(Identity {
            own: app.config.embedded_issuer.then(|| Arc::clone(&app.keys)),
            provider: provider
                .map(|it| provider::Provider::new(it.clone(), runtime.clone()))
                .transpose()?,
            recent: recent::Recent::new(),
            live: live::Live::new(app, runtime),
        })
    }

    /// Whom a token speaks for.
    ///
    /// Fails with [`Error::Unauthenticated`] when it does not hold, and with
    /// [`Error::ProviderUnreachable`] when that cannot be told now.
    pub async fn bearer(&self, token: &str) -> Result<Bearer, Error> {
        if let Some(bearer) = self.recent.bearer(token) {
            return Ok(bearer);
        }
        let bearer = self.check(token).await?;
        self.recent.keep(token, &bearer);
        Ok(bearer)
    }

    async fn check(&self, token: &str) -> Result<Bearer, Error> {
        let (token, now) = (compact::Unverified::read(token)?, clock::now());
        let issuer = token.claims.get("iss").and_then(serde_json::Value::as_str);
        match (issuer, &self.own, &self.provider) {
            (Some(keys::ISSUER), Some(own), _) => own.check(token, now),
            (Some(issuer), _, Some(provider)) if provider.is(issuer) => {
                provider.check(token, now).await
            }
            _ => Err(Error::Unauthenticated("the token is of another issuer")),
        }
    }

    /// The viewer that a bearer is just now, and how her requests are signed if they must be: at most two seconds
    /// after a change of her account.
    ///
    /// Fails with [`Error::AccountDisabled`] or [`Error::Unauthenticated`] when she is none any more.
    pub async fn viewer(&self, bearer: &Bearer) -> Result<(Viewer, Option<Signing>), Error> {
        let now = clock::now();
        if bearer.expires <= now {
            return Err(Error::Unauthenticated("the token has expired"));
        }
        if let (Some(key), Some(own)) = (&bearer.key, &self.own) {
            own.require(key, now)?;
        }
        self.live.viewer(bearer, now).await
    }

    /// Whether the register holds synthetic data alone; what cannot be read is not synthetic.
    pub async fn synthetic(&self) -> bool {
        self.live.state().await.is_ok_and(|it| it.synthetic)
    }
}

/// The token of a header `Authorization: Bearer ...`.
///
/// Fails on any other scheme, so that a request which means to be signed in never passes as public.
pub fn bearer_token(header: &str) -> Result<&str, Error> {
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => {
            Ok(token)
        }
        _ => Err(Error::Unauthenticated("the header Authorization must read: Bearer and a token")),
    }
}

/// Refuses a role without what it belongs to, and the public, which has neither token nor account.
pub fn belongs(role: Role, agency: bool, institution: bool, person: bool) -> Result<(), Error> {
    match role {
        Role::Public => Err(Error::invalid("role", "the public needs no token")),
        Role::AgencyOperator | Role::AgencyViewer if !agency => {
            Err(Error::invalid("agency", "this role belongs to an agency"))
        }
        Role::Lender if !institution => {
            Err(Error::invalid("institution", "this role belongs to an institution"))
        }
        Role::Owner if !person => Err(Error::invalid("person", "this role belongs to a person")),
        _ => Ok(()),
    }
}
