//! The tokens of an OpenID provider: what makes one hold, and what its claims mean here.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::viewer::Role;
use tokio::runtime::Handle;

use super::claims::Claims;
use super::compact::Unverified;
use super::jwks::KeySet;
use super::{Bearer, Told};
use crate::config::oidc::Oidc;
use crate::error::Error;

/// Before the provider's name of somebody: it is never the name of an account.
const PREFIX: &str = "oidc:";

/// An OpenID provider whose access tokens are taken.
pub struct Provider {
    settings: Oidc,
    keys: Arc<KeySet>,
}

impl Provider {
    /// The provider of these settings; it is asked for its keys on `runtime`, and need not answer yet.
    pub fn new(settings: Oidc, runtime: Handle) -> Result<Provider, Error> {
        let keys = Arc::new(KeySet::new(&settings, runtime)?);
        keys.refresh_aside();
        Ok(Provider { settings, keys })
    }

    /// Whether it is the one that a token names.
    pub fn is(&self, issuer: &str) -> bool {
        self.settings.issuer == issuer
    }

    /// Whom a token of the provider speaks for.
    ///
    /// Fails with [`Error::Unauthenticated`] when it does not hold, and with
    /// [`Error::ProviderUnreachable`] when the key it names cannot be had.
    pub async fn check(&self, token: Unverified<'_>, now: DateTime<Utc>) -> Result<Bearer, Error> {
        let settings = &self.settings;
        if !settings.algorithms.contains(&token.algorithm) {
            return Err(Error::Unauthenticated("the token is not signed in an allowed way"));
        }
        let kind = if token.kind.is_empty() { "none" } else { &token.kind };
        if !settings.token_types.iter().any(|it| it == kind) {
            return Err(Error::Unauthenticated("the token is not an access token"));
        }
        let key = self.keys.key(&token.key, token.algorithm).await?;
        let claims = token.verified(&key)?;
        let claims = Claims::check(claims, &settings.issuer, &settings.audience, now)?;
        let text = |path: &str| Ok::<_, Error>(claims.text(path)?.map(str::to_owned));
        Ok(Bearer {
            subject: format!("{PREFIX}{}", claims.subject()?),
            told: Told::Itself {
                role: self.role(&claims)?,
                agency: text(&settings.agency_claim)?,
                institution: text(&settings.institution_claim)?,
                // Nobody but the hub knows the rows; an owner's account is made here.
                person: None,
                kecamatan: text(&settings.kecamatan_claim)?,
            },
            key: None,
            client: claims.client()?.map(str::to_owned),
            held_to: None,
            expires: claims.expires()?,
        })
    }

    /// The one role of ours that the token names. Two would leave open in which of them somebody acts.
    fn role(&self, claims: &Claims) -> Result<Role, Error> {
        let named = claims.texts(&self.settings.role_claim)?;
        let mut known: Vec<Role> = named.iter().filter_map(|it| self.settings.role(it)).collect();
        known.sort_unstable();
        known.dedup();
        match known[..] {
            [role] => Ok(role),
            [] => Err(Error::Unauthenticated("the token names no role that the hub knows")),
            _ => Err(Error::Unauthenticated("the token names several roles; it must name one")),
        }
    }
}
