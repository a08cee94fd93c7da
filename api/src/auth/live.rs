//! What bearers may do just now, as the database says: read at most once a second, on every node.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::agency::{Agency, AgencyCode};
use domain::permission::Action;
use domain::place::KecamatanCode;
use domain::viewer::Viewer;
use tokio::runtime::Handle;

use super::{Bearer, Told, belongs};
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::store::Store;
use crate::store::accounts::{Account, Kind};
use crate::store::signatures::Signing;

/// How long an answer of the database holds.
const FRESH: Duration = Duration::from_secs(1);
/// How long it holds for a token that knows more.
const AT_ONCE: Duration = Duration::from_millis(20);
/// How long the last one holds when it gives none.
const LONGEST: Duration = Duration::from_secs(4);
/// How long it may take to give one.
const PATIENCE: Duration = Duration::from_secs(2);

/// The live state, as last read and when.
pub struct Live {
    store: Store,
    config: Arc<Config>,
    runtime: Handle,
    last: RwLock<Last>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Last {
    read: Option<(Instant, Arc<State>)>,
    failed: Option<Instant>,
}

/// What the database says of everyone.
pub struct State {
    /// Whether the register holds synthetic data alone.
    pub synthetic: bool,
    known: Arc<Known>,
}

/// What changes seldom, and its mark.
struct Known {
    mark: String,
    accounts: HashMap<String, Account>,
    agencies: Arc<[Agency]>,
}

impl Live {
    /// Reads from the register of `app`, on the runtime on which its connections live.
    pub fn new(app: &App, runtime: Handle) -> Live {
        let (store, config) = (app.store.clone(), Arc::clone(&app.config));
        let turn = tokio::sync::Mutex::default();
        Live { store, config, runtime, last: RwLock::default(), turn }
    }

    /// The state, at most a second old; up to four while the database does not answer, and then
    /// [`Error::AccountsUnreadable`]: nobody is taken for what she was an hour ago.
    pub async fn state(&self) -> Result<Arc<State>, Error> {
        self.younger(FRESH).await
    }

    /// The viewer that a bearer is at `now`, and how her requests are signed if they are. An account that was made or changed in the last second is
    /// known to the token already, and then the state is read anew.
    pub async fn viewer(
        &self,
        bearer: &Bearer,
        now: DateTime<Utc>,
    ) -> Result<(Viewer, Option<Signing>), Error> {
        let state = self.state().await?;
        let state = if state.is_behind(bearer) { self.younger(AT_ONCE).await? } else { state };
        let viewer = state.viewer(bearer, now)?;
        let unknown = |it: &String| self.config.institutions.find(it).is_none();
        if viewer.institution.as_ref().is_some_and(unknown) {
            return Err(Error::Unauthenticated(
                "the token names an institution the hub does not know",
            ));
        }
        let signing = state.known.accounts.get(&bearer.subject);
        Ok((viewer, signing.and_then(|it| it.signing.clone())))
    }

    async fn younger(&self, age: Duration) -> Result<Arc<State>, Error> {
        if let Some(state) = self.younger_than(age) {
            return Ok(state);
        }
        let _turn = self.turn.lock().await;
        if let Some(state) = self.younger_than(age) {
            return Ok(state);
        }
        // Whoever waited here while it failed does not wait again.
        if self.last(|it| it.failed).is_some_and(|it| it.elapsed() < FRESH) {
            return self.older();
        }
        let (asked, last) = (Instant::now(), self.younger_than(Duration::MAX));
        let store = self.store.clone();
        let read = async move { tokio::time::timeout(PATIENCE, read(&store, last)).await };
        match self.runtime.spawn(read).await {
            Ok(Ok(Ok(state))) => {
                let state = Arc::new(state);
                self.keep(Last { read: Some((asked, Arc::clone(&state))), failed: None });
                Ok(state)
            }
            failed => {
                if let Ok(Ok(Err(error))) = failed {
                    tracing::error!(%error, "the accounts cannot be read");
                }
                let read = self.last(|it| it.read.clone());
                self.keep(Last { read, failed: Some(Instant::now()) });
                self.older()
            }
        }
    }

    /// The state as it was before the database fell silent.
    fn older(&self) -> Result<Arc<State>, Error> {
        let last = self.younger_than(LONGEST).ok_or(Error::AccountsUnreadable)?;
        // A real list may have arrived meanwhile.
        Ok(Arc::new(State { synthetic: false, known: Arc::clone(&last.known) }))
    }

    fn younger_than(&self, age: Duration) -> Option<Arc<State>> {
        let read = self.last(|it| it.read.clone());
        read.filter(|it| it.0.elapsed() < age).map(|it| it.1)
    }

    fn last<T>(&self, of: impl FnOnce(&Last) -> T) -> T {
        of(&self.last.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, last: Last) {
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = last;
    }
}

async fn read(store: &Store, last: Option<Arc<State>>) -> Result<State, Error> {
    let marks = store.identity_marks().await?;
    let synthetic = marks.synthetic;
    if let Some(last) = last.as_ref().filter(|it| it.known.mark == marks.accounts) {
        return Ok(State { synthetic, known: Arc::clone(&last.known) });
    }
    let accounts = store.accounts().await?;
    // Agencies are there from the start of a register and stay.
    let agencies = match last {
        Some(last) => Arc::clone(&last.known.agencies),
        None => store.agencies().await?.into(),
    };
    let accounts = accounts.into_iter().map(|it| (it.name.clone(), it)).collect();
    Ok(State { synthetic, known: Arc::new(Known { mark: marks.accounts, accounts, agencies }) })
}

impl State {
    /// The viewer that a bearer is at `now`.
    ///
    /// Fails with [`Error::AccountDisabled`] when she is shut out, and with [`Error::Unauthenticated`]
    /// when her token no longer speaks for her or says what the hub does not know.
    fn viewer(&self, bearer: &Bearer, now: DateTime<Utc>) -> Result<Viewer, Error> {
        let account = self.known.accounts.get(&bearer.subject);
        if account.is_some_and(|it| !it.is_open(now)) {
            return Err(Error::AccountDisabled);
        }
        let client = account.filter(|it| it.kind == Kind::Client).map(|it| it.name.clone());
        let standing = account.and_then(|it| Some((it, it.standing.as_ref()?)));
        let (role, agency, institution, person, held_to) = match (&bearer.told, standing) {
            (Told::Account { generation }, Some((account, standing)))
                if account.generation == *generation =>
            {
                let held_to = both(account.scopes.as_ref(), bearer.held_to.as_ref());
                let (agency, institution) = (standing.agency.clone(), standing.institution.clone());
                (standing.role, agency, institution, standing.person, held_to)
            }
            (Told::Account { .. }, _) => {
                return Err(Error::Unauthenticated("the tokens of this account were revoked"));
            }
            (Told::Itself { .. }, Some(_)) => {
                return Err(Error::Unauthenticated("this subject has an account: sign in to it"));
            }
            (Told::Itself { role, agency, institution, person, kecamatan }, None) => {
                let agency = self.agency(agency.as_deref(), kecamatan.as_deref())?;
                (*role, agency, institution.clone(), *person, bearer.held_to.clone())
            }
        };
        belongs(role, agency.is_some(), institution.is_some(), person.is_some())
            .map_err(|_| Error::Unauthenticated("the token lacks its agency or institution"))?;
        let subject = bearer.subject.clone();
        let client = client.or_else(|| bearer.client.clone());
        let synthetic = self.synthetic;
        Ok(Viewer {
            subject,
            role,
            agency,
            institution,
            person,
            client,
            held_to,
            synthetic,
            stated: None,
        })
    }

    /// Whether the token of a bearer is of an account as it is only since.
    fn is_behind(&self, bearer: &Bearer) -> bool {
        let known = self.known.accounts.get(&bearer.subject).map(|it| it.generation);
        matches!(bearer.told, Told::Account { generation } if known < Some(generation))
    }

    /// The agency that a token means: by its code, or as the office of a kecamatan. Where it names both
    /// they are the same one; a narrower right than an agency's is not known here.
    fn agency(
        &self,
        code: Option<&str>,
        kecamatan: Option<&str>,
    ) -> Result<Option<AgencyCode>, Error> {
        let unknown = Error::Unauthenticated("the token names an agency the hub does not know");
        let kecamatan: Option<KecamatanCode> = match kecamatan.map(str::parse) {
            Some(Ok(kecamatan)) => Some(kecamatan),
            Some(Err(_)) => return Err(unknown),
            None => None,
        };
        if code.is_none() && kecamatan.is_none() {
            return Ok(None);
        }
        let meant = |it: &&Agency| {
            code.is_none_or(|code| it.code.as_str() == code)
                && (kecamatan.is_none() || it.kecamatan == kecamatan)
        };
        self.known.agencies.iter().find(meant).map(|it| Some(it.code.clone())).ok_or(unknown)
    }
}

/// What two limits leave; an absent one is none.
fn both(
    one: Option<&BTreeSet<Action>>,
    other: Option<&BTreeSet<Action>>,
) -> Option<BTreeSet<Action>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one & other),
        (one, other) => one.or(other).cloned(),
    }
}
