//! A signed token in its compact form (RFC 7515), read strictly: whatever could be read in two ways is
//! refused before any key is tried.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::Error;

/// The longest token that is looked at, in bytes; a provider's with many roles has about 3,000.
const LONGEST: usize = 16 * 1024;

/// What a header may not say: it would bring its own key, or change what the signature means.
const REFUSED_PARAMETERS: [&str; 8] = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"];

/// A token whose signature has not been looked at.
pub struct Unverified<'a> {
    /// What it is signed with.
    pub algorithm: Algorithm,
    /// Which key, by the signer's name for it.
    pub key: String,
    /// Its `typ`, in lower case and without `application/`; empty when absent.
    pub kind: String,
    /// What it claims.
    pub claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl Unverified<'_> {
    /// Reads a token.
    ///
    /// Fails with [`Error::Unauthenticated`] on anything but three parts of plain base64url, a header
    /// with a known asymmetric algorithm and a key's name, and claims of which none is said twice.
    pub fn read(token: &str) -> Result<Unverified<'_>, Error> {
        if LONGEST < token.len() {
            return Err(Error::Unauthenticated("the token is too long"));
        }
        let unreadable = || Error::Unauthenticated("the token cannot be read");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or_else(unreadable)?;
        let bytes = |part: &str| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| unreadable())?;
            if bytes.is_empty() { Err(unreadable()) } else { Ok(bytes) }
        };
        bytes(signature)?;
        let header = object(&bytes(header)?)?;
        if REFUSED_PARAMETERS.iter().any(|it| header.contains_key(*it)) {
            return Err(Error::Unauthenticated("the token's header says what it may not"));
        }
        let text = |name: &str| header.get(name).map(Value::as_str);
        let algorithm = match text("alg").flatten() {
            Some("EdDSA") => Algorithm::EdDSA,
            Some("RS256") => Algorithm::RS256,
            Some("ES256") => Algorithm::ES256,
            _ => return Err(Error::Unauthenticated("the token is not signed in a known way")),
        };
        let key = text("kid").flatten().filter(|it| (1..=256).contains(&it.len()));
        let key = key.ok_or(Error::Unauthenticated("the token does not name its key"))?;
        let kind = match text("typ") {
            None => String::new(),
            Some(Some(it)) => it.to_ascii_lowercase(),
            Some(None) => return Err(unreadable()),
        };
        let kind = kind.strip_prefix("application/").unwrap_or(&kind).to_owned();
        let claims = object(&bytes(claims)?)?;
        Ok(Unverified { algorithm, key: key.to_owned(), kind, claims, signed, signature })
    }

    /// The claims, once the signature is seen to be that of `key`.
    pub fn verified(self, key: &DecodingKey) -> Result<Map<String, Value>, Error> {
        let signed = self.signed.as_bytes();
        match jsonwebtoken::crypto::verify(self.signature, signed, key, self.algorithm) {
            Ok(true) => Ok(self.claims),
            _ => Err(Error::Unauthenticated("the token's signature does not hold")),
        }
    }
}

/// A JSON object in which no name occurs twice, at any depth: two readers could take a different one.
fn object(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    match serde_json::from_slice(bytes) {
        Ok(Unambiguous(Value::Object(object))) => Ok(object),
        _ => Err(Error::Unauthenticated("the token cannot be read")),
    }
}

/// Any JSON value of which no object names something twice.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Unambiguous)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("JSON without repeated names")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(Value::from(it))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Unambiguous(it)) = items.next_element()? {
            all.push(it);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((name, Unambiguous(it))) = entries.next_entry::<String, _>()? {
            if all.insert(name, it).is_some() {
                return Err(de::Error::custom("a name occurs twice"));
            }
        }
        Ok(Value::Object(all))
    }
}
