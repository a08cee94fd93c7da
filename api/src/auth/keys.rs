//! The hub's own tokens: Ed25519 keys made on first start and kept in the data directory, one that
//! signs and those before it, whose tokens are taken until they have expired.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::permission::Action;
use domain::viewer::{Role, Viewer};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use super::claims::Claims;
use super::compact::Unverified;
use super::file;
use super::{Bearer, Told};
use crate::clock;
use crate::error::Error;
use crate::store::accounts::Account;

/// Who issues the tokens, in the claim `iss`.
pub const ISSUER: &str = "tunggal";
/// For whom they are, in the claim `aud`.
pub const AUDIENCE: &str = "tunggal-api";
/// The longest any token holds; a replaced key is kept for as long.
pub const LONGEST: TimeDelta = TimeDelta::days(30);

const KEY_FILE: &str = "token-keys.json";
/// The type of an access token (RFC 9068).
const KIND: &str = "at+jwt";
/// How long the file is taken to be as it was read; another process may rotate the keys.
const FRESH: Duration = Duration::from_secs(1);

/// What the hub signs tokens with and checks its own by.
pub struct Keys {
    path: PathBuf,
    read: RwLock<Reading>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Keys")
    }
}

/// The file as last read.
#[derive(Clone)]
struct Reading {
    ring: Arc<Vec<Key>>,
    stamp: Option<SystemTime>,
    looked: Instant,
}

struct Key {
    written: Written,
    signing: EncodingKey,
    checking: DecodingKey,
}

/// A key in the file; the first one signs.
#[derive(Clone, Serialize, Deserialize)]
struct Written {
    kid: String,
    /// PKCS #8, in base64.
    private: String,
    /// From when, in seconds since 1970, its tokens are refused; absent for the one that signs.
    until: Option<i64>,
}

/// A key as `tunggal key list` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTold {
    /// Its name in tokens.
    pub kid: String,
    /// From when its tokens are refused; absent for the one that signs.
    pub until: Option<DateTime<Utc>>,
}

/// The claims of a token of ours.
#[derive(Serialize)]
struct Issued<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// Of an account: how often its tokens had been revoked. A token without it speaks for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
}

impl Keys {
    /// Reads the keys in the data directory, or makes the first one there, in a file that its owner
    /// alone may read.
    ///
    /// Several processes may start at once: the first to write wins and all use its key.
    pub fn load_or_create(data_dir: &Path) -> Result<Keys, Error> {
        std::fs::create_dir_all(data_dir)?;
        let path = data_dir.join(KEY_FILE);
        if !path.exists() {
            file::write_once(&path, &serde_json::to_vec(&[Written::fresh()?])?)?;
        }
        let read = RwLock::new(Reading::of(&path)?);
        Ok(Keys { path, read })
    }

    /// Signs with a new key from now on. The tokens of those before hold until they expire, or no
    /// longer at all when `at_once`, for a key that may be in wrong hands.
    ///
    /// Running servers that use the same data directory follow within a second.
    pub fn rotate(&self, at_once: bool) -> Result<(), Error> {
        let lock = std::fs::File::create(self.path.with_extension("lock"))?;
        lock.lock()?;
        let (now, before) = (clock::now(), Reading::of(&self.path)?);
        let last_day = (now + LONGEST).timestamp();
        let mut all = vec![Written::fresh()?];
        let kept = before.ring.iter().filter(|it| !at_once && it.holds(now));
        all.extend(kept.map(|it| {
            let until = it.written.until.or(Some(last_day));
            Written { until, ..it.written.clone() }
        }));
        file::replace(&self.path, &serde_json::to_vec(&all)?)?;
        self.keep(Reading::of(&self.path)?);
        Ok(())
    }

    /// The keys whose tokens are taken, the one that signs first.
    pub fn list(&self) -> Vec<KeyTold> {
        let (ring, now) = (self.ring(FRESH), clock::now());
        let live = ring.iter().filter(|it| it.holds(now));
        live.map(|it| KeyTold {
            kid: it.written.kid.clone(),
            until: it.written.until.and_then(|it| DateTime::from_timestamp(it, 0)),
        })
        .collect()
    }

    /// A token that itself says who `bearer` is, from now on for `lifetime`.
    ///
    /// Fails when the role needs an agency or an institution that `bearer` does not name, and for the
    /// public, which has no token.
    pub fn issue(&self, bearer: &Viewer, lifetime: TimeDelta) -> Result<String, Error> {
        super::belongs(
            bearer.role,
            bearer.agency.is_some(),
            bearer.institution.is_some(),
            bearer.person.is_some(),
        )?;
        self.sign(&Issued {
            role: Some(bearer.role.code()),
            agency: bearer.agency.as_ref().map(|it| it.as_str()),
            institution: bearer.institution.as_deref(),
            person: bearer.person.map(|it| it.to_string()),
            scope: bearer.held_to.as_ref().map(scope),
            ..Issued::to(&bearer.subject, lifetime)
        })
    }

    /// A token for the bearer of an account, from now on for `lifetime`. It says who she is; what she
    /// may do is read from the account at each request.
    pub fn issue_for(
        &self,
        account: &Account,
        held_to: Option<&BTreeSet<Action>>,
        lifetime: TimeDelta,
    ) -> Result<String, Error> {
        self.sign(&Issued {
            scope: held_to.map(scope),
            generation: Some(account.generation),
            ..Issued::to(&account.name, lifetime)
        })
    }

    /// The key of this name, if its tokens are taken.
    pub(super) fn require(&self, name: &str, now: DateTime<Utc>) -> Result<DecodingKey, Error> {
        let named = |it: &&Key| it.written.kid == name && it.holds(now);
        let mut ring = self.ring(FRESH);
        if !ring.iter().any(|it| named(&it)) {
            // The key may have been made this very second.
            ring = self.ring(Duration::ZERO);
        }
        let key = ring.iter().find(named).map(|it| it.checking.clone());
        key.ok_or(Error::Unauthenticated("the token's key is not in use"))
    }

    fn sign(&self, claims: &Issued<'_>) -> Result<String, Error> {
        let ring = self.ring(FRESH);
        let key = ring.first().ok_or_else(|| Error::internal("no key to sign with"))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(KIND.to_owned());
        header.kid = Some(key.written.kid.clone());
        jsonwebtoken::encode(&header, claims, &key.signing).map_err(Error::internal)
    }

    /// Whom a token of ours speaks for.
    ///
    /// Fails with [`Error::Unauthenticated`] on anything but a whole, signed and current token.
    pub(super) fn check(&self, token: Unverified<'_>, now: DateTime<Utc>) -> Result<Bearer, Error> {
        if token.algorithm != Algorithm::EdDSA || token.kind != KIND {
            return Err(Error::Unauthenticated("the token was not issued by this hub"));
        }
        let name = token.key.clone();
        let key = self.require(&name, now)?;
        let claims = Claims::check(token.verified(&key)?, ISSUER, AUDIENCE, now)?;
        // Ours say both, and in one way.
        if claims.number("nbf").is_none() || claims.text("aud").is_err() {
            return Err(Error::Unauthenticated("the token was not issued by this hub"));
        }
        let expires = claims.expires()?;
        if now + LONGEST < expires {
            return Err(Error::Unauthenticated("the token holds longer than any of this hub"));
        }
        let told = match claims.number("generation") {
            Some(generation) => Told::Account { generation },
            None => {
                let unknown = |_| Error::Unauthenticated("the token names no person's row");
                let role = claims.text("role")?.and_then(Role::from_code);
                Told::Itself {
                    role: role.ok_or(Error::Unauthenticated("the token names no known role"))?,
                    agency: claims.text("agency")?.map(str::to_owned),
                    institution: claims.text("institution")?.map(str::to_owned),
                    person: claims.text("person")?.map(str::parse).transpose().map_err(unknown)?,
                    kecamatan: None,
                }
            }
        };
        Ok(Bearer {
            subject: claims.subject()?.to_owned(),
            told,
            key: Some(name),
            client: None,
            held_to: claims.held_to()?,
            expires,
        })
    }

    /// The keys as the file had them at most `age` ago.
    fn ring(&self, age: Duration) -> Arc<Vec<Key>> {
        let last = self.read.read().unwrap_or_else(PoisonError::into_inner).clone();
        if last.looked.elapsed() < age {
            return last.ring;
        }
        if stamp(&self.path) == last.stamp {
            self.keep(Reading { looked: Instant::now(), ..last.clone() });
            return last.ring;
        }
        match Reading::of(&self.path) {
            Ok(reading) => {
                let ring = Arc::clone(&reading.ring);
                self.keep(reading);
                ring
            }
            // A file that cannot be read is no reason to stop serving those who are signed in.
            Err(error) => {
                tracing::warn!(%error, "the file of keys cannot be read");
                last.ring
            }
        }
    }

    fn keep(&self, reading: Reading) {
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = reading;
    }
}

impl Reading {
    fn of(path: &Path) -> Result<Reading, Error> {
        let (looked, stamp) = (Instant::now(), stamp(path));
        let written: Vec<Written> = serde_json::from_slice(&std::fs::read(path)?)?;
        let ring = written.into_iter().map(Key::read).collect::<Result<_, _>>()?;
        Ok(Reading { ring: Arc::new(ring), stamp, looked })
    }
}

impl Key {
    fn read(written: Written) -> Result<Key, Error> {
        let wrong = || Error::internal(format!("{KEY_FILE} holds what is not an Ed25519 key"));
        let private = BASE64_STANDARD.decode(&written.private).map_err(|_| wrong())?;
        let pair = Ed25519KeyPair::from_pkcs8(&private).map_err(|_| wrong())?;
        Ok(Key {
            signing: EncodingKey::from_ed_der(&private),
            checking: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            written,
        })
    }

    fn holds(&self, now: DateTime<Utc>) -> bool {
        self.written.until.is_none_or(|it| now.timestamp() < it)
    }
}

impl Written {
    fn fresh() -> Result<Written, Error> {
        let pair = Ed25519KeyPair::generate().map_err(|_| Error::internal("no random key"))?;
        let document = pair.to_pkcs8v1().map_err(|_| Error::internal("key not written"))?;
        let named = digest(&SHA256, pair.public_key().as_ref());
        let kid = named.as_ref()[..8].iter().map(|it| format!("{it:02x}")).collect();
        Ok(Written { kid, private: BASE64_STANDARD.encode(document.as_ref()), until: None })
    }
}

impl<'a> Issued<'a> {
    fn to(subject: &'a str, lifetime: TimeDelta) -> Issued<'a> {
        let now = clock::now();
        Issued {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: subject,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + lifetime).timestamp(),
            scope: None,
            generation: None,
            role: None,
            agency: None,
            institution: None,
            person: None,
        }
    }
}

/// Actions as the text of a claim.
pub fn scope(actions: &BTreeSet<Action>) -> String {
    actions.iter().map(|it| it.scope()).collect::<Vec<_>>().join(" ")
}

fn stamp(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|it| it.modified()).ok()
}
