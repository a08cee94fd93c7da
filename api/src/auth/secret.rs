//! Secrets made by the hub: random, shown once, and kept as a digest.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::error::Error;

/// A new secret of 256 random bits. What begins so is found by scanners of source code.
pub fn fresh() -> Result<String, Error> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no random secret"))?;
    Ok(format!("tgs_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is kept of a secret. One that cannot be guessed needs no slow hash.
pub fn kept(secret: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}

/// Whether `secret` is the one of which `kept` was kept.
pub fn is(secret: &str, kept: &str) -> bool {
    verify_slices_are_equal(self::kept(secret).as_bytes(), kept.as_bytes()).is_ok()
}
