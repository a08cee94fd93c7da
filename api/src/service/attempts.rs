//! Evidence of who was let in and who was not: sign-ins, and tokens that do not hold (UU PDP 27/2022
//! article 39: unlawful access is prevented, so it must be seen).
//!
//! A refusal costs the one who asks nothing, so it must not cost the log an entry each: of the same
//! refusal of the same account the first is written down at once, and how many followed once a minute.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::viewer::Role;
use evidence::{Act, Outcome};
use tokio::sync::watch;
use uuid::Uuid;

use super::access::plain;
use super::evidence::Evidence;
use crate::error::Error;
use crate::store::accounts::{Account, Kind};

/// How often repeated refusals are written down.
const EVERY: Duration = Duration::from_secs(60);
/// Accounts whose refusals are told apart within that time; those of more are counted as nobody's.
const ACCOUNTS: usize = 64;

/// Why somebody was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// Name and secret do not belong together, or the account is shut, or the scope is not its own.
    SignIn,
    /// The account has to wait after wrong passwords.
    Waiting,
    /// The address has sent too many.
    Address,
    /// A token that does not hold, or not any more.
    Token,
    /// A request of a client that signs, without a signature that holds, or one that was taken before.
    Signature,
}

impl Refusal {
    /// The operation in the access log.
    fn operation(self) -> &'static str {
        match self {
            Refusal::SignIn => "sign_in",
            Refusal::Waiting => "sign_in_while_waiting",
            Refusal::Address => "sign_in_too_often",
            Refusal::Token => "token",
            Refusal::Signature => "signature",
        }
    }
}

/// Counts refusals, and writes down them and who was let in.
#[derive(Debug, Clone)]
pub struct Attempts {
    evidence: Evidence,
    runtime: tokio::runtime::Handle,
    again: Arc<Mutex<BTreeMap<(Refusal, String), u64>>>,
}

impl Attempts {
    /// Nothing counted yet. Called on the runtime of the process.
    pub fn new(evidence: Evidence) -> Attempts {
        let runtime = tokio::runtime::Handle::current();
        Attempts { evidence, runtime, again: Arc::default() }
    }

    /// Notes that somebody was refused. `account` is the name of an account that there is; what else was
    /// typed for a name is written nowhere, since it may be a password.
    pub fn refused(&self, why: Refusal, account: Option<&str>) {
        let mut again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        let known = again.len() < ACCOUNTS;
        let key = |name: &str| (why, name.to_owned());
        let key = match account {
            Some(name) if known || again.contains_key(&key(name)) => key(name),
            _ => key(""),
        };
        if let Some(more) = again.get_mut(&key) {
            *more += 1;
            return;
        }
        let act = refusal(why, &key.1, None);
        again.insert(key, 0);
        // Whoever was refused does not wait for it: the time would tell which names there are.
        let evidence = self.evidence.clone();
        self.runtime.spawn(async move { written(evidence.record(act).await) });
    }

    /// Writes down that this account was let in; its token must not leave before.
    pub async fn let_in(&self, account: &Account) -> Result<(), Error> {
        let Some(standing) = &account.standing else { return Ok(()) };
        self.evidence
            .record(Act {
                subject: account.name.clone(),
                role: standing.role.code().to_owned(),
                agency: standing.agency.as_ref().map(ToString::to_string).unwrap_or_default(),
                institution: standing.institution.clone().unwrap_or_default(),
                client: match account.kind {
                    Kind::Client => account.name.clone(),
                    Kind::Person | Kind::Subject => String::new(),
                },
                outcome: Outcome::Allowed,
                ..refusal(Refusal::SignIn, "", None)
            })
            .await
            .map(drop)
    }

    /// Writes down once a minute what was refused again, and a last time when the hub stops.
    pub async fn keep(self, mut stopping: watch::Receiver<bool>) {
        let mut every = tokio::time::interval(EVERY);
        every.tick().await;
        loop {
            let last = tokio::select! {
                _ = every.tick() => false,
                _ = stopping.wait_for(|it| *it) => true,
            };
            let counted = {
                let mut again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *again)
            };
            for ((why, account), more) in counted.into_iter().filter(|it| 0 < it.1) {
                written(self.evidence.record(refusal(why, &account, Some(more))).await);
            }
            if last {
                return;
            }
        }
    }
}

fn written(outcome: Result<u64, Error>) {
    if let Err(error) = outcome {
        tracing::error!(code = error.code(), "a refusal could not be written down");
    }
}

/// The entry of a refusal, or of so many more of it.
fn refusal(why: Refusal, account: &str, more: Option<u64>) -> Act {
    Act {
        request: Uuid::new_v4().simple().to_string(),
        subject: plain(account, 200),
        role: Role::Public.code().to_owned(),
        agency: String::new(),
        institution: String::new(),
        client: String::new(),
        purpose: String::new(),
        reason: more.map(|it| format!("{it} more within a minute")).unwrap_or_default(),
        operation: why.operation().to_owned(),
        rights: String::new(),
        outcome: Outcome::Refused,
        receipt: String::new(),
        reads: vec![],
    }
}
