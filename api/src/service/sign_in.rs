//! Signing in to an account of the hub: a password or a secret against a token that ends soon.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::permission::{Action, may};
use tokio::sync::Semaphore;

use super::attempts::{Attempts, Refusal};
use super::signatures::{self, Proof};
use crate::app::App;
use crate::auth::{password, secret};
use crate::clock;
use crate::error::Error;
use crate::store::accounts::{Account, Kind};

/// How long a person's token holds: a working day. What she may do is read at each request.
const PERSONS: TimeDelta = TimeDelta::hours(8);
/// How long a client's token holds.
const CLIENTS: TimeDelta = TimeDelta::hours(1);
/// From this many wrong passwords on, an account waits.
const PATIENT_FOR: i32 = 5;
/// How long it waits first; then twice that, and so on.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
/// The longest it waits.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
/// Passwords looked at at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 4;
/// How long a sign-in may wait for its turn.
const TURN: Duration = Duration::from_secs(3);

/// Bounds how many passwords are looked at at once.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Gate {
        Gate(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// A token, and what it is for.
pub struct Granted {
    /// The token.
    pub token: String,
    /// Seconds until it ends.
    pub seconds: i64,
    /// What its bearer may do.
    pub actions: BTreeSet<Action>,
}

/// Why no token is given.
#[derive(Debug)]
pub enum Refused {
    /// Name and secret do not belong together, or their account is shut or has to wait. Which of it, is
    /// not told: it would say which names exist.
    Unknown,
    /// The scope is unknown or more than the account is for.
    Scope,
    /// Something else.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(cause: E) -> Refused {
        Refused::Failed(cause.into())
    }
}

/// A token for a person, by name and password. `scope` holds it to some actions.
///
/// From the fifth wrong password on, the account waits: 30 seconds, then twice as long each time, up to
/// 15 minutes; meanwhile the right one is refused too. A name that is not there takes the same work.
pub async fn with_password(
    (app, attempts): &(App, Attempts),
    gate: &Gate,
    name: &str,
    password: &str,
    scope: Option<&str>,
) -> Result<Granted, Refused> {
    let turn = tokio::time::timeout(TURN, gate.0.acquire()).await;
    let _turn = turn.map_err(|_| Error::Overloaded)?.map_err(Error::internal)?;
    let found = app.store.account(name).await?.filter(|it| it.0.kind == Kind::Person);
    let heard = match &found {
        Some((account, _)) => count(app, account.clone()).await?,
        None => false,
    };
    let kept = found.as_ref().and_then(|it| it.1.clone());
    let password = password.to_owned();
    let right = tokio::task::spawn_blocking(move || password::is(&password, kept.as_deref()));
    let right = right.await.map_err(Error::internal)?;
    match found {
        Some((ref account, _)) if heard && right && account.is_open(clock::now()) => {
            app.store.forget_attempts(name).await?;
            grant((app, attempts), account, scope, PERSONS).await
        }
        _ => {
            let why = if found.is_some() && !heard { Refusal::Waiting } else { Refusal::SignIn };
            attempts.refused(why, found.as_ref().map(|it| it.0.name.as_str()));
            Err(Refused::Unknown)
        }
    }
}

/// A token for a client, by name and secret. `scope` holds it to some of its actions.
pub async fn with_secret(
    (app, attempts): &(App, Attempts),
    name: &str,
    given: &str,
    scope: Option<&str>,
) -> Result<Granted, Refused> {
    let now = clock::now();
    let found = app.store.account(name).await?.map(|it| it.0);
    let found = found.filter(|it| it.kind == Kind::Client);
    let secrets = app.store.client_secrets(name, now).await?;
    let right = secrets.iter().any(|it| secret::is(given, &it.kept));
    match found {
        Some(ref account) if right && account.is_open(now) => {
            grant((app, attempts), account, scope, CLIENTS).await
        }
        _ => {
            attempts.refused(Refusal::SignIn, found.as_ref().map(|it| it.name.as_str()));
            Err(Refused::Unknown)
        }
    }
}

/// A token for a client that signs, by a signature over its name and the time. `scope` holds it to some of its
/// actions. A time that was signed before gets no second token.
pub async fn with_signature(
    (app, attempts): &(App, Attempts),
    name: &str,
    proof: &Proof,
    scope: Option<&str>,
) -> Result<Granted, Refused> {
    let found = app.store.account(name).await?.map(|it| it.0);
    let found = found.filter(|it| it.kind == Kind::Client);
    let signing = found.as_ref().and_then(|it| it.signing.as_ref());
    let taken = signatures::take_sign_in(app, name, signing, proof).await;
    match (found, taken) {
        (Some(ref account), Ok(true)) if account.is_open(clock::now()) => {
            grant((app, attempts), account, scope, CLIENTS).await
        }
        (found, taken) => {
            attempts.refused(Refusal::SignIn, found.as_ref().map(|it| it.name.as_str()));
            taken?;
            Err(Refused::Unknown)
        }
    }
}

/// Counts an attempt; false when the account has to wait.
async fn count(app: &App, mut account: Account) -> Result<bool, Error> {
    loop {
        let now = clock::now();
        if account.locked_until.is_some_and(|it| now < it) {
            return Ok(false);
        }
        let until = wait(account.failures + 1, now);
        if app.store.count_attempt(&account.name, account.failures, until).await? {
            return Ok(true);
        }
        // Somebody else tried at the same moment: her attempt counts first.
        match app.store.account(&account.name).await? {
            Some((again, _)) => account = again,
            None => return Ok(false),
        }
    }
}

/// Until when an account waits after so many wrong passwords.
fn wait(failures: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let doublings = u32::try_from(failures - PATIENT_FOR).ok()?;
    let wait = FIRST_WAIT * 2_i32.pow(doublings.min(10));
    Some(now + wait.min(LONGEST_WAIT))
}

/// A token for an account that is let in, once that is written down.
async fn grant(
    (app, attempts): (&App, &Attempts),
    account: &Account,
    scope: Option<&str>,
    lifetime: TimeDelta,
) -> Result<Granted, Refused> {
    let granted = made(app, account, scope, lifetime);
    match &granted {
        Ok(_) => attempts.let_in(account).await?,
        Err(_) => attempts.refused(Refusal::SignIn, Some(&account.name)),
    }
    granted
}

fn made(
    app: &App,
    account: &Account,
    scope: Option<&str>,
    lifetime: TimeDelta,
) -> Result<Granted, Refused> {
    let role = account.standing.as_ref().map(|it| it.role).ok_or(Refused::Unknown)?;
    let whole = |it: &Action| {
        may(role, *it) && account.scopes.as_ref().is_none_or(|scopes| scopes.contains(it))
    };
    let asked: Option<BTreeSet<Action>> = match scope {
        None | Some("") => None,
        Some(text) => {
            let named: Option<_> = text.split(' ').map(Action::from_scope).collect();
            Some(named.ok_or(Refused::Scope)?)
        }
    };
    if asked.iter().flatten().any(|it| !whole(it)) {
        return Err(Refused::Scope);
    }
    let left = account.expires_at.map_or(lifetime, |it| lifetime.min(it - clock::now()));
    // A token lives for whole seconds.
    if left < TimeDelta::seconds(1) {
        return Err(Refused::Unknown);
    }
    let token = app.keys.issue_for(account, asked.as_ref(), left)?;
    let actions = asked.unwrap_or_else(|| Action::ALL.iter().copied().filter(whole).collect());
    Ok(Granted { token, seconds: left.num_seconds(), actions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_waits_longer_after_each_wrong_password_and_never_for_ever() {
        let now = clock::now();
        let seconds: Vec<i64> = [1, 4, 5, 6, 9, 10, 40, i32::MAX]
            .map(|it| wait(it, now).map_or(0, |it| (it - now).num_seconds()))
            .to_vec();
        assert_eq!(seconds, [0, 0, 30, 60, 480, 900, 900, 900]);
    }
}
