//! Accounts of persons and clients: made, changed and shut by whoever runs the hub.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::permission::{Action, may};
use domain::viewer::{Role, Viewer};

use crate::app::App;
use crate::auth::{belongs, password, secret, signature};
use crate::clock;
use crate::error::Error;
use crate::store::access::reading::AccessFilter;
use crate::store::accounts::{Account, Change, Kind, Standing};
use crate::store::client_secrets::ClientSecret;
use crate::store::signatures::Signing;
use crate::store::slice::Slice;

/// Adds an account for a person.
///
/// Fails when the name is taken or is none, when the password is easy to guess, and when the role lacks
/// the agency or institution it belongs to.
pub async fn add_person(
    app: &App,
    name: &str,
    standing: Standing,
    password: &str,
) -> Result<(), Error> {
    check_standing(app, &standing).await?;
    password::check(name, password)?;
    let account = named(name, Kind::Person, Some(standing))?;
    app.store.add_account(&account, Some(password::hash(password)?)).await
}

/// Refuses a name under which no steward works: neither `viewer`'s own, nor an open account's, nor that of
/// somebody an OpenID provider or the command line vouches for and who has asked as a steward before.
pub async fn require_steward(app: &App, viewer: &Viewer, name: &str) -> Result<(), Error> {
    let unknown = || Error::invalid("assignee", "is no steward the hub knows");
    if viewer.role == Role::Steward && viewer.subject == name {
        return Ok(());
    }
    if let Some((account, _)) = app.store.account(name).await? {
        let steward = account.standing.as_ref().is_some_and(|it| it.role == Role::Steward);
        if !account.is_open(clock::now()) {
            return Err(unknown());
        }
        if account.kind != Kind::Subject {
            return if steward { Ok(()) } else { Err(unknown()) };
        }
    }
    let filter = AccessFilter {
        subject: Some(name.to_owned()),
        role: Some(Role::Steward.code()),
        ..AccessFilter::default()
    };
    let latest = Slice { descending: true, after: None, before: None, limit: 1, backwards: false };
    let (entries, _) = app.store.access_page(&filter, &latest).await?;
    if entries.is_empty() { Err(unknown()) } else { Ok(()) }
}

/// Gives a person another password, and revokes the tokens she was given until now.
pub async fn set_password(app: &App, name: &str, password: &str) -> Result<(), Error> {
    of_kind(app, name, Kind::Person).await?;
    password::check(name, password)?;
    let kept = password::hash(password)?;
    app.store.change_account(name, Change::Password(kept)).await
}

/// Gives a person or client another role, agency and institution; her tokens follow.
pub async fn set_standing(app: &App, name: &str, standing: Standing) -> Result<(), Error> {
    check_standing(app, &standing).await?;
    match app.store.account(name).await? {
        Some((account, _)) if account.kind != Kind::Subject => {
            app.store.change_account(name, Change::Standing(standing)).await
        }
        _ => Err(Error::NotFound { noun: "account" }),
    }
}

/// Who was shut out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutOut {
    /// Whoever has the account.
    Account,
    /// A subject without one: its tokens come from elsewhere, from a provider (`oidc:` and its subject) or the
    /// command line. It is noted, and its tokens are refused.
    Subject,
}

/// Shuts an account out, on every node and in open sockets within five seconds, and says what the name was.
pub async fn disable(app: &App, name: &str) -> Result<ShutOut, Error> {
    if app.store.account(name).await?.is_none() {
        let plain = (1..=260).contains(&name.len()) && !name.contains(char::is_control);
        if !plain {
            return Err(Error::invalid("name", "must have 1 to 260 characters"));
        }
        let subject = Account { disabled: true, ..fresh(name, Kind::Subject, None) };
        app.store.add_account(&subject, None).await?;
        return Ok(ShutOut::Subject);
    }
    app.store.change_account(name, Change::Disabled(true)).await?;
    Ok(ShutOut::Account)
}

/// Shuts a client out, as [`disable`] does. Fails with [`Error::NotFound`] for what is no client.
pub async fn disable_client(app: &App, name: &str) -> Result<(), Error> {
    of_kind(app, name, Kind::Client).await?;
    app.store.change_account(name, Change::Disabled(true)).await
}

/// Lets an account in again.
pub async fn enable(app: &App, name: &str) -> Result<(), Error> {
    app.store.change_account(name, Change::Disabled(false)).await
}

/// Adds a client, and answers with its first secret, which is kept nowhere.
///
/// Fails as [`add_person`] does, and when `scopes` name what the role may not.
pub async fn add_client(
    app: &App,
    name: &str,
    standing: Standing,
    scopes: Option<BTreeSet<Action>>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<String, Error> {
    let account = client(app, name, standing, scopes, expires_at).await?;
    app.store.add_account(&account, None).await?;
    new_secret(app, name, clock::now()).await
}

/// Adds a client that signs its requests, by its public key as PEM, and answers with the secret that it signs its calls
/// with, which is kept nowhere. It has no other: a token is given to a signature of that key alone.
///
/// Fails as [`add_client`] does, and when the key is not one that is taken.
pub async fn add_signing_client(
    app: &App,
    name: &str,
    standing: Standing,
    scopes: Option<BTreeSet<Action>>,
    expires_at: Option<DateTime<Utc>>,
    public_key: &[u8],
) -> Result<String, Error> {
    let signing = Signing {
        key: signature::read_key(public_key)?,
        previous_key: None,
        generation: 1,
        previous_until: None,
    };
    let secret = signature::secret(&app.store.sealer(), name, signing.generation);
    let account = client(app, name, standing, scopes, expires_at).await?;
    app.store.add_account(&Account { signing: Some(signing), ..account }, None).await?;
    Ok(secret)
}

/// Gives a client that signs another public key. The one before is taken for `overlap` more, any older one no longer.
pub async fn change_key(
    app: &App,
    name: &str,
    public_key: &[u8],
    overlap: TimeDelta,
) -> Result<(), Error> {
    let before = of_kind(app, name, Kind::Client).await?.signing;
    let before = before.ok_or(Error::invalid("name", "is of a client that does not sign"))?;
    let (key, until) = (signature::read_key(public_key)?, clock::now() + overlap);
    let previous_key = Some((before.key.clone(), until));
    let after = Signing { key, previous_key, ..before.clone() };
    app.store.change_signing(name, &before, &after).await
}

/// A new client of a well-formed name, which may do what is asked for it.
async fn client(
    app: &App,
    name: &str,
    standing: Standing,
    scopes: Option<BTreeSet<Action>>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Account, Error> {
    check_standing(app, &standing).await?;
    if name.contains('@') {
        return Err(Error::invalid("name", "of a client must not contain @"));
    }
    let beyond = scopes.iter().flatten().find(|it| !may(standing.role, **it));
    if let Some(beyond) = beyond {
        let reason = format!("the role {} may not {}", standing.role.code(), beyond.phrase());
        return Err(Error::invalid("scope", reason));
    }
    if expires_at.is_some_and(|it| it <= clock::now()) {
        return Err(Error::invalid("expires", "must lie in the future"));
    }
    Ok(Account { scopes, expires_at, ..named(name, Kind::Client, Some(standing))? })
}

/// Gives a client another secret, by which it signs in or signs its calls, and answers with it. The one before is taken
/// for `overlap` more, any older one no longer.
pub async fn rotate_secret(app: &App, name: &str, overlap: TimeDelta) -> Result<String, Error> {
    let until = clock::now() + overlap;
    let Some(before) = of_kind(app, name, Kind::Client).await?.signing else {
        return new_secret(app, name, until).await;
    };
    let generation = before.generation + 1;
    let after = Signing { generation, previous_until: Some(until), ..before.clone() };
    app.store.change_signing(name, &before, &after).await?;
    Ok(signature::secret(&app.store.sealer(), name, generation))
}

async fn new_secret(app: &App, name: &str, overlap: DateTime<Utc>) -> Result<String, Error> {
    let secret = secret::fresh()?;
    let kept = ClientSecret {
        account: name.to_owned(),
        kept: secret::kept(&secret),
        made_at: clock::now(),
        expires_at: None,
    };
    app.store.add_client_secret(kept, overlap).await?;
    Ok(secret)
}

async fn of_kind(app: &App, name: &str, kind: Kind) -> Result<Account, Error> {
    match app.store.account(name).await? {
        Some((account, _)) if account.kind == kind => Ok(account),
        _ => Err(Error::NotFound { noun: "account" }),
    }
}

async fn check_standing(app: &App, standing: &Standing) -> Result<(), Error> {
    let person = standing.person;
    belongs(
        standing.role,
        standing.agency.is_some(),
        standing.institution.is_some(),
        person.is_some(),
    )?;
    if let Some(person) = person {
        app.store.member(person).await?.ok_or(Error::NotFound { noun: "linked record" })?;
    }
    if let Some(agency) = &standing.agency {
        app.store.agency(agency).await?;
    }
    if let Some(institution) = &standing.institution {
        app.config.institutions.require(institution)?;
    }
    Ok(())
}

/// A new account of a well-formed name.
fn named(name: &str, kind: Kind, standing: Option<Standing>) -> Result<Account, Error> {
    let plain = |it: u8| {
        it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'.' | b'_' | b'-' | b'@')
    };
    if !(3..=64).contains(&name.len()) || !name.bytes().all(plain) {
        let reason = "must have 3 to 64 lower-case letters, digits or the signs . _ - @";
        return Err(Error::invalid("name", reason));
    }
    Ok(fresh(name, kind, standing))
}

fn fresh(name: &str, kind: Kind, standing: Option<Standing>) -> Account {
    Account {
        name: name.to_owned(),
        kind,
        standing,
        scopes: None,
        disabled: false,
        generation: 0,
        failures: 0,
        locked_until: None,
        expires_at: None,
        signing: None,
        created_at: clock::now(),
    }
}
