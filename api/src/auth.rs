//! Tokens: who asks is read from a signed token once, before anything is executed.
//!
//! The hub signs with an Ed25519 key of its own, made on first start and kept in the data directory.
//! Every claim is required; a token that does not hold is refused, never taken for the public.

use std::io::Write;
use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, TimeDelta, Utc};
use domain::agency::AgencyCode;
use domain::viewer::{Role, Viewer};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::error::Error;

/// Who issues the tokens, in the claim `iss`.
pub const ISSUER: &str = "tunggal";
/// For whom they are, in the claim `aud`.
pub const AUDIENCE: &str = "tunggal-api";

const KEY_FILE: &str = "token-key.der";
/// Clocks of two machines may differ by this many seconds.
const LEEWAY_SECONDS: u64 = 30;

/// What tokens are signed and checked with.
pub struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Keys")
    }
}

/// The claims of a token. `agency` and `institution` are always written, empty where there is none.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    role: String,
    agency: String,
    institution: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Keys {
    /// Reads the signing key from the data directory, or makes one there that its owner alone may
    /// read.
    ///
    /// Several processes may start at once: the first to write its key wins and all use that one.
    pub fn load_or_create(data_dir: &Path) -> Result<Keys, Error> {
        std::fs::create_dir_all(data_dir)?;
        let path = data_dir.join(KEY_FILE);
        if !path.exists() {
            let made = Ed25519KeyPair::generate().map_err(|_| Error::internal("no random key"))?;
            let document = made.to_pkcs8v1().map_err(|_| Error::internal("key not written"))?;
            write_once(&path, document.as_ref())?;
        }
        Keys::from_pkcs8(&std::fs::read(&path)?)
    }

    fn from_pkcs8(document: &[u8]) -> Result<Keys, Error> {
        let pair = Ed25519KeyPair::from_pkcs8(document)
            .map_err(|_| Error::internal(format!("{KEY_FILE} is not an Ed25519 key")))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS;
        Ok(Keys {
            signing: EncodingKey::from_ed_der(document),
            checking: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            validation,
        })
    }

    /// A token for `bearer` from now on for `lifetime`.
    ///
    /// Fails when the role needs an agency or an institution that `bearer` does not name, and for the
    /// public, which has no token.
    pub fn issue(&self, bearer: &Viewer, lifetime: TimeDelta) -> Result<String, Error> {
        self.issue_at(bearer, clock::now(), lifetime)
    }

    fn issue_at(
        &self,
        bearer: &Viewer,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> Result<String, Error> {
        belongs(bearer)?;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.subject.clone(),
            role: bearer.role.code().to_owned(),
            agency: bearer.agency.as_ref().map(ToString::to_string).unwrap_or_default(),
            institution: bearer.institution.clone().unwrap_or_default(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + lifetime).timestamp(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.signing)
            .map_err(Error::internal)
    }

    /// The viewer a token speaks for. `synthetic` says whether the register holds synthetic data
    /// alone.
    ///
    /// Fails with [`Error::Unauthenticated`] on anything but a whole, signed and current token.
    pub fn viewer(&self, token: &str, synthetic: bool) -> Result<Viewer, Error> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation);
        let claims = read.map_err(|error| Error::Unauthenticated(reason(&error)))?.claims;
        let role = Role::from_code(&claims.role)
            .ok_or(Error::Unauthenticated("the token names a role the hub does not know"))?;
        let agency = match claims.agency.as_str() {
            "" => None,
            code => Some(
                AgencyCode::parse(code)
                    .map_err(|_| Error::Unauthenticated("the token names no agency's code"))?,
            ),
        };
        let institution = Some(claims.institution).filter(|it| !it.is_empty());
        let viewer = Viewer { subject: claims.sub, role, agency, institution, synthetic };
        if viewer.subject.is_empty() || belongs(&viewer).is_err() {
            return Err(Error::Unauthenticated(
                "the token lacks its subject, agency or institution",
            ));
        }
        Ok(viewer)
    }
}

/// The token of a header `Authorization: Bearer ...`.
///
/// Fails on any other scheme, so that a request which means to be signed in never passes as public.
pub fn bearer_token(header: &str) -> Result<&str, Error> {
    let (scheme, token) = header.trim().split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        Ok(token.trim())
    } else {
        Err(Error::Unauthenticated("the header Authorization must read: Bearer and a token"))
    }
}

fn belongs(bearer: &Viewer) -> Result<(), Error> {
    match bearer.role {
        Role::Public => Err(Error::invalid("role", "the public needs no token")),
        Role::AgencyOperator | Role::AgencyViewer if bearer.agency.is_none() => {
            Err(Error::invalid("agency", "this role belongs to an agency"))
        }
        Role::Lender if bearer.institution.is_none() => {
            Err(Error::invalid("institution", "this role belongs to an institution"))
        }
        _ => Ok(()),
    }
}

fn reason(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidSignature => "the token was not signed by this hub",
        _ => "the token cannot be read",
    }
}

/// Writes a file of mode 0600 whole, unless another process was first.
pub(crate) fn write_once(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let draft = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let pair = Ed25519KeyPair::generate().unwrap();
        Keys::from_pkcs8(pair.to_pkcs8v1().unwrap().as_ref()).unwrap()
    }

    fn steward() -> Viewer {
        Viewer { subject: "ani".into(), role: Role::Steward, ..Viewer::public() }
    }

    #[test]
    fn a_token_reads_back_as_the_viewer_it_was_issued_for() {
        let (keys, agency) = (keys(), AgencyCode::parse("kominfo").ok());
        let bearer = Viewer { role: Role::AgencyOperator, agency: agency.clone(), ..steward() };
        let token = keys.issue(&bearer, TimeDelta::hours(1)).unwrap();
        let viewer = keys.viewer(&token, true).unwrap();
        assert_eq!((viewer.role, viewer.agency), (Role::AgencyOperator, agency));
        assert_eq!((viewer.subject.as_str(), viewer.synthetic), ("ani", true));
    }

    #[test]
    fn a_token_of_another_hub_or_time_is_refused() {
        let keys = keys();
        let hour = TimeDelta::hours(1);
        let foreign = super::tests::keys().issue(&steward(), hour).unwrap();
        let old = keys.issue_at(&steward(), clock::now() - TimeDelta::days(2), hour).unwrap();
        let early = keys.issue_at(&steward(), clock::now() + TimeDelta::days(2), hour).unwrap();
        for token in [foreign, old, early, "x.y.z".to_owned(), String::new()] {
            let refused = keys.viewer(&token, false);
            assert!(matches!(refused, Err(Error::Unauthenticated(_))));
        }
    }

    #[test]
    fn every_claim_is_required() {
        let keys = keys();
        let now = clock::now().timestamp();
        let whole = serde_json::json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "ani", "role": "steward", "agency": "",
            "institution": "", "iat": now, "nbf": now, "exp": now + 60,
        });
        let sign = |claims: &serde_json::Value| {
            jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &keys.signing).unwrap()
        };
        assert!(keys.viewer(&sign(&whole), false).is_ok());
        for claim in whole.as_object().unwrap().keys() {
            for change in [None, Some(serde_json::json!("never")), Some(serde_json::json!([]))] {
                let mut claims = whole.clone();
                match change {
                    Some(serde_json::Value::String(_))
                        if ["sub", "agency", "institution"].contains(&claim.as_str()) =>
                    {
                        continue;
                    }
                    Some(value) => claims[claim] = value,
                    None => drop(claims.as_object_mut().unwrap().remove(claim)),
                }
                assert!(keys.viewer(&sign(&claims), false).is_err(), "{claim}");
            }
        }
    }

    #[test]
    fn a_role_of_an_agency_has_no_token_without_its_agency() {
        let bearer = Viewer { role: Role::AgencyOperator, ..steward() };
        assert!(keys().issue(&bearer, TimeDelta::hours(1)).is_err());
    }

    #[test]
    fn the_key_is_made_once_and_is_its_owners_alone() {
        let directory = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string());
        let first = Keys::load_or_create(&directory).unwrap();
        let second = Keys::load_or_create(&directory).unwrap();
        let token = first.issue(&steward(), TimeDelta::hours(1)).unwrap();
        assert!(second.viewer(&token, false).is_ok());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(directory.join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::remove_dir_all(directory).unwrap();
    }
}
