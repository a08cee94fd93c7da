//! Signatures of requests, in the shape that banks here know from Bank Indonesia's SNAP (Standar Nasional Open API
//! Pembayaran): an asymmetric one on the request for a token, and an HMAC on each call.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    VerificationAlgorithm,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;

use crate::error::Error;
use crate::sealing::Sealer;
use crate::store::signatures::Signing;

/// The shortest modulus of RSA that is taken, in bits (NIST SP 800-131A rev. 2).
const RSA_BITS: usize = 2_048;

/// A public key from its PEM (`BEGIN PUBLIC KEY`), as it is kept.
///
/// Fails on anything but RSA of 2048 bits or more, EC of the curve P-256, or Ed25519.
pub fn read_key(pem: &[u8]) -> Result<Vec<u8>, Error> {
    let reason =
        "must be a PEM file of a public key: RSA of 2048 to 8192 bits, EC P-256 or Ed25519";
    let refused = || Error::invalid("public_key", reason);
    let key = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| refused())?.to_vec();
    // A key of RSA is read whatever its length, and refused with each signature when it is too short.
    let rsa = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key).is_ok();
    let size = || PublicEncryptingKey::from_der(&key).map_or(0, |it| it.key_size_bits());
    if parsed(&key).is_none() || rsa && !(RSA_BITS..=8_192).contains(&size()) {
        return Err(refused());
    }
    Ok(key)
}

/// RSA and ECDSA sign a SHA-256 digest; Ed25519 signs the text.
fn parsed(key: &[u8]) -> Option<ParsedPublicKey> {
    let all: [&'static dyn VerificationAlgorithm; 3] =
        [&RSA_PKCS1_2048_8192_SHA256, &ECDSA_P256_SHA256_ASN1, &ED25519];
    all.into_iter().find_map(|it| ParsedPublicKey::new(it, key).ok())
}

/// Whether `signature` over `text` is by a key that is taken at `now`.
pub fn is_by(signing: &Signing, text: &[u8], signature: &[u8], now: DateTime<Utc>) -> bool {
    let before = signing.previous_key.as_ref().filter(|it| now < it.1).map(|it| &it.0);
    let by = |key: &[u8]| parsed(key).is_some_and(|it| it.verify_sig(text, signature).is_ok());
    [Some(&signing.key), before].into_iter().flatten().any(|it| by(it))
}

/// The secret of this generation that a client signs its calls with, as it is given it. It follows from the key of the
/// register and is kept nowhere.
pub fn secret(sealer: &Sealer, account: &str, generation: i32) -> String {
    let parts: [&[u8]; 3] = [b"signing secret", account.as_bytes(), &generation.to_be_bytes()];
    format!("tgs_{}", BASE64_URL_SAFE_NO_PAD.encode(sealer.name(&parts)))
}

/// Whether `tag` over `text` is by a secret that is taken at `now`; compared in constant time.
pub fn is_with(
    sealer: &Sealer,
    (account, signing): (&str, &Signing),
    text: &[u8],
    tag: &[u8],
    now: DateTime<Utc>,
) -> bool {
    let before = signing.previous_until.filter(|it| now < *it).map(|_| signing.generation - 1);
    [Some(signing.generation), before].into_iter().flatten().any(|generation| {
        let secret = secret(sealer, account, generation);
        let key = hmac::Key::new(hmac::HMAC_SHA512, secret.as_bytes());
        hmac::verify(&key, text, tag).is_ok()
    })
}

/// The text that is signed of a call: method, path, token, digest of the body and timestamp.
pub fn called(method: &str, path: &str, token: &str, body: &[u8], timestamp: &str) -> String {
    let digest = digest(&SHA256, &minified(body));
    let digest: String = digest.as_ref().iter().map(|it| format!("{it:02x}")).collect();
    format!("{method}:{path}:{token}:{digest}:{timestamp}")
}

/// JSON without the space between its parts. What differs in that alone says the same, so a signature over this is one
/// over what is said; of what is no JSON, whatever comes is refused later.
fn minified(json: &[u8]) -> Vec<u8> {
    let (mut inside, mut escaped) = (false, false);
    let keeps = |it: &u8| {
        let kept = inside || !matches!(it, b' ' | b'\t' | b'\r' | b'\n');
        if *it == b'"' && !escaped {
            inside = !inside;
        }
        escaped = inside && *it == b'\\' && !escaped;
        kept
    };
    json.iter().copied().filter(keeps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_between_the_parts_of_json_is_not_signed_and_space_within_texts_is() {
        let check = |json: &str, expected: &str| {
            assert_eq!(String::from_utf8(minified(json.as_bytes())).unwrap(), expected);
        };
        check("", "");
        check("{ \"a b\" :\n[ 1,\t2 ] }\r\n", "{\"a b\":[1,2]}");
        check(r#"{"a": "x \" y", "b" : "\\"} "#, r#"{"a":"x \" y","b":"\\"}"#);
        check(r#"["\\\" ", " "]"#, r#"["\\\" "," "]"#);
    }
}
