//! The claims of a verified token (RFC 7519), each read strictly.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::permission::Action;
use serde_json::{Map, Value};

use crate::error::Error;

/// A token may come from a clock that is ahead by this much; none is taken after it has expired.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// The claims of a token whose signature holds.
pub struct Claims(Map<String, Value>);

impl Claims {
    /// The claims of a token from `issuer` for `audience`, current at `now`.
    ///
    /// `exp`, `iat` and `sub` are required; times are whole seconds, and no other form of a number.
    pub fn check(
        claims: Map<String, Value>,
        issuer: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Result<Claims, Error> {
        let claims = Claims(claims);
        if claims.0.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(Error::Unauthenticated("the token is of another issuer"));
        }
        if !claims.is_for(audience) {
            return Err(Error::Unauthenticated("the token is for another audience"));
        }
        let (issued, expires) = (claims.required_time("iat")?, claims.expires()?);
        let begins = claims.time("nbf")?.unwrap_or(issued);
        if expires <= now || expires <= issued {
            return Err(Error::Unauthenticated("the token has expired"));
        }
        if now + LEEWAY < begins || now + LEEWAY < issued {
            return Err(Error::Unauthenticated("the token is not valid yet"));
        }
        if claims.is_identity() {
            return Err(Error::Unauthenticated("send the access token, not the identity token"));
        }
        claims.subject()?;
        Ok(claims)
    }

    /// Who the token is about.
    pub fn subject(&self) -> Result<&str, Error> {
        let subject = self.0.get("sub").and_then(Value::as_str);
        let fits = |it: &&str| {
            (1..=255).contains(&it.len()) && !it.contains(char::is_control) && it.trim() == *it
        };
        subject.filter(fits).ok_or(Error::Unauthenticated("the token does not say whose it is"))
    }

    /// The client it was given to: `client_id` (RFC 9068) or `azp` (OpenID Connect Core 2).
    pub fn client(&self) -> Result<Option<&str>, Error> {
        match self.text("client_id")? {
            None => self.text("azp"),
            named => Ok(named),
        }
    }

    /// When it ends.
    pub fn expires(&self) -> Result<DateTime<Utc>, Error> {
        self.required_time("exp")
    }

    /// The text at a path whose steps are parted by dots; absent where there is none or it is empty.
    pub fn text(&self, path: &str) -> Result<Option<&str>, Error> {
        match self.at(path) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|it| !it.is_empty())),
            Some(_) => Err(Error::Unauthenticated("a claim of the token is not a text")),
        }
    }

    /// The texts at a path: a list of them, or one.
    pub fn texts(&self, path: &str) -> Result<Vec<&str>, Error> {
        let wrong = || Error::Unauthenticated("a claim of the token is not a list of texts");
        match self.at(path) {
            Some(Value::Array(all)) => all.iter().map(|it| it.as_str().ok_or_else(wrong)).collect(),
            _ => Ok(self.text(path)?.into_iter().collect()),
        }
    }

    /// The whole number of this name.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    /// The actions in the claim `scope` of a token of ours; absent when it is not held to any.
    pub fn held_to(&self) -> Result<Option<BTreeSet<Action>>, Error> {
        let Some(scope) = self.text("scope")? else { return Ok(None) };
        let actions: Option<BTreeSet<Action>> = scope.split(' ').map(Action::from_scope).collect();
        actions.map(Some).ok_or(Error::Unauthenticated("the token names an unknown scope"))
    }

    fn at(&self, path: &str) -> Option<&Value> {
        // Some providers write names with dots, such as addresses.
        self.0.get(path).or_else(|| {
            let (first, rest) = path.split_once('.')?;
            rest.split('.').try_fold(self.0.get(first)?, |it, step| it.get(step))
        })
    }

    fn is_for(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(all)) => {
                all.iter().all(Value::is_string) && all.iter().any(|it| it == audience)
            }
            _ => false,
        }
    }

    /// Whether it is an identity or refresh token: those say so, or carry what only they carry
    /// (OpenID Connect Core 2 and 3.3.2.11; `typ` is Keycloak's, `token_use` is Cognito's).
    fn is_identity(&self) -> bool {
        let says = |name: &str, access: &[&str]| {
            let said = self.0.get(name);
            said.is_some_and(|it| !it.as_str().is_some_and(|it| access.contains(&it)))
        };
        ["nonce", "at_hash", "c_hash", "s_hash"].iter().any(|it| self.0.contains_key(*it))
            || says("typ", &["Bearer", "at+jwt", "JWT"])
            || says("token_use", &["access"])
    }

    fn required_time(&self, name: &str) -> Result<DateTime<Utc>, Error> {
        self.time(name)?.ok_or(Error::Unauthenticated("the token does not say when it holds"))
    }

    fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Error> {
        let wrong = Error::Unauthenticated("a time of the token is not in whole seconds");
        let Some(value) = self.0.get(name) else { return Ok(None) };
        // The last second of the year 9999: what is later is no time.
        let seconds = value.as_i64().filter(|it| (0..=253_402_300_799).contains(it));
        seconds.and_then(|it| DateTime::from_timestamp(it, 0)).map(Some).ok_or(wrong)
    }
}
