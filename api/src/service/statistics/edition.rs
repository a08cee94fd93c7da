//! Editions: the register counted as it stands, and what is told of it.
//!
//! Those who may see exact figures are told the register as it stands. All others are told of the *edition*, which
//! hides what is small and what that could be worked out from, in every table at once. It is renewed when enough
//! enterprises have come, left or changed that nobody reads one of them off the difference of two editions, and
//! what it hid stays hidden until as much has changed as there was when the series began. It is kept in the
//! register, so that neither a restart nor another node tells more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use disclosure::pseudonym::Pseudonym;
use disclosure::{Hidden, Release, Rules, Spot, Tally};
use domain::id::EnterpriseId;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::plan::{Memory, Plan};
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::financing::standing;
use crate::store::statistics::{Facts, State, Told};

/// Figures that answers come of.
#[derive(Debug)]
pub struct Figures {
    /// When the register was counted.
    pub at: DateTime<Utc>,
    /// Counts from 1 to below this are hidden; none when nothing is.
    pub threshold: Option<u64>,
    /// Of the cube of enterprises.
    pub enterprises: Release,
    /// Of the cube of agencies.
    pub agencies: Release,
    /// Rows of each agency's lists.
    pub records: BTreeMap<String, u64>,
}

/// Enterprises in the order of the names by which one recipient knows them.
pub type Order = Arc<Vec<(Pseudonym, usize)>>;

/// What is told from one moment to another.
#[derive(Debug)]
pub struct Edition {
    /// Its number, from 1.
    pub seq: i64,
    /// What is told.
    pub figures: Figures,
    /// The enterprises that were counted, and where each is.
    pub spots: Vec<(EnterpriseId, Spot)>,
    /// Their orders, by recipient and programme.
    pub orders: Mutex<BTreeMap<(String, String), Order>>,
}

/// The register as it stands and as it is told.
#[derive(Debug)]
pub struct Counted {
    state: State,
    /// By what it is counted.
    pub plan: Plan,
    /// As it stands, for those who see exact figures.
    pub exact: Figures,
    /// As it is told.
    pub edition: Edition,
}

/// The figures, shared by all requests: the register is counted once for each of its states, however many ask.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<tokio::sync::Mutex<Option<Arc<Counted>>>>);

impl Shared {
    /// The figures of the register as it stands.
    ///
    /// The lock is held while counting: those who ask meanwhile wait for the one answer without holding a
    /// connection.
    pub async fn now(&self, app: &App) -> Result<Arc<Counted>, Error> {
        let mut last = self.0.lock().await;
        standing::current(app).await?;
        // Read before the counts: a change in between is then counted again, never missed.
        let state = app.store.register_state().await?;
        if let Some(known) = last.as_ref().filter(|it| it.state == state) {
            return Ok(Arc::clone(known));
        }
        let plan = Plan::of(&app.rules, &app.store).await?;
        let threshold = u64::from(app.config.small_cell);
        let (store, runtime) = (app.store.clone(), Handle::current());
        let count = move || {
            // SQLite answers on the thread that asks.
            let facts = runtime.block_on(store.facts(&plan.programmes))?;
            let live = Live::of(&plan, facts, clock::now())?;
            loop {
                let told = runtime.block_on(store.told_figures())?;
                let (edition, keep) = live.edition(&plan, told, threshold)?;
                if let Some(told) = keep
                    && !runtime.block_on(store.keep_told_figures(&told))?
                {
                    continue;
                }
                let mut state = state;
                state.edition = edition.seq;
                return Ok(Counted { state, exact: live.exact(), plan, edition });
            }
        };
        let counted = tokio::task::spawn_blocking(count).await.map_err(Error::internal)?;
        let counted = Arc::new(counted.map_err(|it: Error| it)?);
        *last = Some(Arc::clone(&counted));
        Ok(counted)
    }
}

/// What an enterprise is counted as: itself, and where it is in both cubes.
type Counting = (EnterpriseId, Spot, Spot);

/// The register as it stands.
struct Live {
    at: DateTime<Utc>,
    all: [Tally; 2],
    records: BTreeMap<String, u64>,
    /// Of enterprises whose use is not restricted.
    used: Vec<Counting>,
    used_records: BTreeMap<String, u64>,
}

impl Live {
    fn of(plan: &Plan, facts: Vec<Facts>, at: DateTime<Utc>) -> Result<Live, Error> {
        let all = [Tally::new(&plan.enterprises), Tally::new(&plan.agencies)];
        let (records, used_records) = (BTreeMap::new(), BTreeMap::new());
        let mut live = Live { at, all, records, used: vec![], used_records };
        let mut memory = Memory::default();
        for it in facts {
            let (spot, known) = plan.spots(&it, &mut memory).map_err(Error::internal)?;
            live.all[0].add_spot(spot, 1);
            live.all[1].add_spot(known, 1);
            if !it.restricted {
                live.used.push((it.id, spot, known));
            }
            for (agency, count) in it.agencies {
                if !it.restricted {
                    *live.used_records.entry(agency.clone()).or_default() += count;
                }
                *live.records.entry(agency).or_default() += count;
            }
        }
        Ok(live)
    }

    fn exact(&self) -> Figures {
        let [enterprises, agencies] =
            [0, 1].map(|it| Release::first(&self.all[it], Rules::below(0)));
        let records = self.records.clone();
        Figures { at: self.at, threshold: None, enterprises, agencies, records }
    }

    /// What is told: what was, while too little has changed, or the next edition, which is to be kept.
    fn edition(
        &self,
        plan: &Plan,
        told: Option<Told>,
        threshold: u64,
    ) -> Result<(Edition, Option<Told>), Error> {
        let rules = Rules::below(threshold);
        let now = tallies(plan, &self.used);
        let was = match &told {
            Some(it) if it.cubes == plan.digest => read(plan, &it.spots),
            _ => None,
        };
        let hidden = told.as_ref().and_then(|it| Hidden::from_bytes(&it.hidden));
        let hidden = hidden.unwrap_or_default();
        let mut next = Told {
            seq: told.as_ref().map_or(0, |it| it.seq) + 1,
            at: self.at,
            threshold,
            cubes: plan.digest.clone(),
            began_with: told.as_ref().map_or(0, |it| it.began_with),
            changed: told.as_ref().map_or(0, |it| it.changed),
            records: self.used_records.clone(),
            spots: write(&self.used),
            hidden: vec![],
        };
        if let (Some(told), Some(was)) = (&told, was) {
            let before = tallies(plan, &was);
            let changed = [0, 1].map(|it| now[it].changed_since(&before[it]));
            let changed = changed[0].max(changed[1]);
            if told.threshold == threshold && changed < threshold.max(1) {
                let [enterprises, agencies] =
                    [0, 1].map(|it| Release::restored(&hidden, &before[it], rules));
                let records = told.records.clone();
                let threshold = Some(threshold);
                let figures = Figures { at: told.at, threshold, enterprises, agencies, records };
                return Ok((Edition::of(told.seq, figures, &was), None));
            }
            next.changed = next.changed.saturating_add(changed);
        }
        let begins = told.is_none() || next.began_with.max(1) <= next.changed;
        let hidden = if begins { Hidden::default() } else { hidden };
        if begins {
            (next.began_with, next.changed) = (now[0].total(), 0);
        }
        let [enterprises, agencies] = [0, 1].map(|it| Release::following(&hidden, &now[it], rules));
        next.hidden = enterprises.hidden().and(agencies.hidden()).to_bytes();
        let records = next.records.clone();
        let threshold = Some(threshold);
        let figures = Figures { at: self.at, threshold, enterprises, agencies, records };
        Ok((Edition::of(next.seq, figures, &self.used), Some(next)))
    }
}

impl Edition {
    fn of(seq: i64, figures: Figures, counted: &[Counting]) -> Edition {
        let spots = counted.iter().map(|it| (it.0, it.1)).collect();
        Edition { seq, figures, spots, orders: Mutex::default() }
    }
}

fn tallies(plan: &Plan, counted: &[Counting]) -> [Tally; 2] {
    let mut tallies = [Tally::new(&plan.enterprises), Tally::new(&plan.agencies)];
    for (_, spot, known) in counted {
        tallies[0].add_spot(*spot, 1);
        tallies[1].add_spot(*known, 1);
    }
    tallies
}

fn write(counted: &[Counting]) -> Vec<u8> {
    let each = counted.iter();
    let bytes = each.flat_map(|(id, spot, known)| {
        let spots = spot.to_bytes().into_iter().chain(known.to_bytes());
        id.0.into_bytes().into_iter().chain(spots)
    });
    bytes.collect()
}

/// What [`write`] wrote; none for what it did not write.
fn read(plan: &Plan, bytes: &[u8]) -> Option<Vec<Counting>> {
    let (each, rest) = bytes.as_chunks::<32>();
    let one = |it: &[u8; 32]| {
        let (id, spots) = it.split_first_chunk::<16>()?;
        let (spot, known) = spots.split_first_chunk::<8>()?;
        let spot = plan.enterprises.spot_of(*spot)?;
        let known = plan.agencies.spot_of(known.try_into().ok()?)?;
        Some((EnterpriseId(Uuid::from_bytes(*id)), spot, known))
    };
    rest.is_empty().then(|| each.iter().map(one).collect()).flatten()
}
