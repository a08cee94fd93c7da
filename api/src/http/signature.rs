//! The headers of a signed request.

use actix_web::HttpRequest;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::DateTime;

use crate::error::Error;
use crate::service::signatures::Proof;

/// Who asks for a token with a signature.
pub(super) const CLIENT_KEY: &str = "x-client-key";
const TIMESTAMP: &str = "x-timestamp";
const SIGNATURE: &str = "x-signature";
const EXTERNAL_ID: &str = "x-external-id";
const PARTNER_ID: &str = "x-partner-id";

/// The longest timestamp and the longest name of a call, in bytes.
const LONGEST: usize = 64;

/// A header that is there once at most.
pub(super) fn header<'a>(http: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Error> {
    let mut all = http.headers().get_all(name);
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => one
            .to_str()
            .map(Some)
            .map_err(|_| Error::SignatureRefused("a header of the signature cannot be read")),
        _ => Err(Error::SignatureRefused("a header of the signature is there twice")),
    }
}

/// The signature of a request and its time.
///
/// Fails with [`Error::SignatureRefused`] when one is missing or is none.
pub(super) fn proof(http: &HttpRequest) -> Result<Proof, Error> {
    let (Some(timestamp), Some(signature)) = (header(http, TIMESTAMP)?, header(http, SIGNATURE)?)
    else {
        return Err(Error::SignatureRefused(
            "this client signs: send X-TIMESTAMP, X-SIGNATURE and, with a call, X-EXTERNAL-ID",
        ));
    };
    let at = DateTime::parse_from_rfc3339(timestamp).ok().filter(|_| timestamp.len() <= LONGEST);
    let at = at.ok_or(Error::SignatureRefused(
        "X-TIMESTAMP is no time with its offset, such as 2026-11-23T09:00:00.000+07:00",
    ))?;
    let signature = BASE64_STANDARD
        .decode(signature)
        .map_err(|_| Error::SignatureRefused("X-SIGNATURE is not base64"))?;
    Ok(Proof { timestamp: timestamp.to_owned(), at, signature })
}

/// What the client calls a call of its own, `account` being whose it is.
///
/// Fails with [`Error::SignatureRefused`] when it has no name, and when it names another partner.
pub(super) fn external_id<'a>(http: &'a HttpRequest, account: &str) -> Result<&'a str, Error> {
    if header(http, PARTNER_ID)?.is_some_and(|it| it != account) {
        return Err(Error::SignatureRefused("X-PARTNER-ID is not the id of the client"));
    }
    let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    let fits = |it: &&str| (1..=LONGEST).contains(&it.len()) && it.bytes().all(plain);
    header(http, EXTERNAL_ID)?.filter(fits).ok_or(Error::SignatureRefused(
        "X-EXTERNAL-ID must have 1 to 64 letters, digits or the signs - _",
    ))
}
