//! Signed requests of clients: each within minutes of the hub's clock, by a key or secret that is live, and once.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};

use crate::app::App;
use crate::auth::signature;
use crate::clock;
use crate::error::Error;
use crate::store::signatures::{Once, Signing};

/// How long it is known which requests were taken: longer than a day lasts anywhere, and than any window.
const KNOWN: TimeDelta = TimeDelta::days(3);

/// A signature and the time that it is over.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The time as it was written.
    pub timestamp: String,
    /// The time that it means.
    pub at: DateTime<FixedOffset>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// A call of a client that signs.
pub struct Call<'a> {
    /// Whose: the name of an account.
    pub account: &'a str,
    /// The method, in capitals.
    pub method: &'a str,
    /// The path with what stands behind it in the address, as it was sent.
    pub path: &'a str,
    /// The token that it bears.
    pub token: &'a str,
    /// The body as it came.
    pub body: &'a [u8],
    /// What proves that it is the client's.
    pub proof: &'a Proof,
}

/// The text that a call's signature is over, once it is seen to hold. Changes nothing.
///
/// Fails with [`Error::ClockOff`] and [`Error::SignatureRefused`].
pub fn held(app: &App, signing: &Signing, call: &Call<'_>) -> Result<String, Error> {
    let (proof, now) = (call.proof, clock::now());
    in_time(app, proof.at, now)?;
    let text = signature::called(call.method, call.path, call.token, call.body, &proof.timestamp);
    let client = (call.account, signing);
    let sealer = app.store.sealer();
    match signature::is_with(&sealer, client, text.as_bytes(), &proof.signature, now) {
        true => Ok(text),
        false => Err(Error::SignatureRefused("the signature does not hold")),
    }
}

/// Takes a request whose signature holds, or fails with [`Error::RequestReplayed`] when it was taken before.
pub async fn take(
    app: &App,
    account: &str,
    at: DateTime<FixedOffset>,
    external_id: &str,
    signed: &[u8],
) -> Result<(), Error> {
    let once = Once { account, day: at.date_naive(), external_id, signed };
    let taken = app.store.take_signed(once, clock::now()).await?;
    if taken { Ok(()) } else { Err(Error::RequestReplayed) }
}

/// Takes a client's signed request for a token; whether the signature holds.
///
/// Fails with [`Error::ClockOff`], and with [`Error::RequestReplayed`] for a time that was signed before.
pub async fn take_sign_in(
    app: &App,
    account: &str,
    signing: Option<&Signing>,
    proof: &Proof,
) -> Result<bool, Error> {
    let now = clock::now();
    in_time(app, proof.at, now)?;
    let text = format!("{account}|{}", proof.timestamp);
    let right = |it| signature::is_by(it, text.as_bytes(), &proof.signature, now);
    if !signing.is_some_and(right) {
        return Ok(false);
    }
    // No name of a call has this sign in it.
    take(app, account, proof.at, &text, text.as_bytes()).await?;
    app.store.forget_signed(account, now - KNOWN).await?;
    Ok(true)
}

fn in_time(app: &App, at: DateTime<FixedOffset>, now: DateTime<Utc>) -> Result<(), Error> {
    let minutes = app.config.signature_minutes;
    if (now - at.to_utc()).abs() <= TimeDelta::minutes(i64::from(minutes)) {
        return Ok(());
    }
    Err(Error::ClockOff { minutes, hub: now.to_rfc3339_opts(SecondsFormat::Secs, true) })
}
