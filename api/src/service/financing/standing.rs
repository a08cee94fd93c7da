//! Standing assessments: kept with every run for what it changes, and for all at the start of a day and when the
//! rules change, for facts age. Only what differs is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use domain::agency::Agency;
use domain::enterprise::EnterpriseProfile;
use domain::id::EnterpriseId;
use domain::record::SourceRecord;
use financing::catalogue::{InForce, Programme, RuleKind, Version};
use financing::facts::{Facts, Sources, gather};
use financing::logic::Truth;
use financing::verdict::{Answers, Assessor, Status};
use rayon::prelude::*;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::history::day_of;
use crate::store::financing::{Assessed, Standing, Standings};

/// How many enterprises are assessed and written at a time.
const PAGE: u64 = 1_000;
/// How often it is looked whether a day has begun.
const LOOK: Duration = Duration::from_secs(60);

/// What this process knows of the standing assessments, so that not every question has to ask.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<Mutex<Option<Assessed>>>);

/// Today by the city's clocks: rules and facts change at its midnight.
pub fn today() -> NaiveDate {
    day_of(clock::now())
}

/// The rules of one day, to assess enterprises by.
pub struct Assessing<'a> {
    in_force: &'a InForce<'a>,
    assessor: Assessor<'a>,
}

impl<'a> Assessing<'a> {
    /// By these rules.
    pub fn new(in_force: &'a InForce<'a>) -> Assessing<'a> {
        Assessing { in_force, assessor: Assessor::new(in_force) }
    }

    /// How an enterprise stands with each programme in force.
    pub fn standings(
        &self,
        profile: &EnterpriseProfile,
        records: &[SourceRecord],
        agencies: &[Agency],
    ) -> Vec<Standing> {
        let links = BTreeMap::new();
        let sources = Sources { profile, records, agencies, links: &links };
        let facts = gather(&sources, self.in_force.catalogue.reading(), self.in_force.on);
        let mut answers = Answers::default();
        self.assessor.ask(facts.values(), &mut answers);
        let versions = self.in_force.versions.iter().enumerate();
        versions.map(|(place, it)| self.standing(place, *it, &facts, &mut answers)).collect()
    }

    fn standing(
        &self,
        place: usize,
        (programme, version): (&Programme, &Version),
        facts: &Facts,
        answers: &mut Answers,
    ) -> Standing {
        let catalogue = self.in_force.catalogue;
        let verdict = self.assessor.verdict(place, facts.values(), answers);
        let lacks = |at: &&usize| {
            catalogue.rules()[**at].kind == RuleKind::Paper
                && self.assessor.answer_of(**at, answers) == Some(Truth::NotMet)
        };
        let lacking = version.rules.iter().filter(lacks);
        let missing: BTreeSet<usize> =
            lacking.flat_map(|it| catalogue.rules()[*it].papers.iter().copied()).collect();
        let one_away = (verdict.status == Status::Missing)
            .then(|| self.assessor.what_papers_give(place, facts.values()))
            .and_then(|it| it.each.into_iter().find(|it| it.1 == Status::LikelyEligible));
        let paper = |it: usize| catalogue.papers()[it].id.clone();
        Standing {
            programme: programme.id.clone(),
            version: version.id.clone(),
            status: verdict.status,
            ceiling: verdict.ceiling,
            next: verdict.next,
            missing: missing.into_iter().map(paper).collect(),
            one_away: one_away.map(|it| paper(it.0)),
        }
    }
}

/// By which rules, of which day, the standing assessments are. Those of another day stand until [`keep`] has
/// renewed them, and say which day it is; other rules are never answered by.
pub async fn current(app: &App) -> Result<Assessed, Error> {
    let wanted = wanted(app);
    let known = app.standing.get();
    if let Some(known) = known.filter(|it| *it == wanted) {
        return Ok(known);
    }
    let stored = app.store.financing_assessed().await?;
    match stored {
        Some(it) if it.fingerprint == wanted.fingerprint => {
            app.standing.set(it.clone());
            Ok(it)
        }
        _ => renew(app).await,
    }
}

fn wanted(app: &App) -> Assessed {
    Assessed { fingerprint: app.rules.catalogue.fingerprint().to_owned(), on: today() }
}

impl Known {
    fn get(&self) -> Option<Assessed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, it: Assessed) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(it);
    }
}

/// Assesses every enterprise by today's rules and facts, where that was not done yet, and says so.
pub async fn renew(app: &App) -> Result<Assessed, Error> {
    let wanted = wanted(app);
    if app.store.financing_assessed().await?.as_ref() != Some(&wanted) {
        let mut after = None;
        loop {
            // No run changes an enterprise between its being read and its standing being written; runs come
            // between two pages, and write what they change themselves.
            let _turn = app.store.run_lock().await?;
            let Some((last, standings)) = assessed_page(app, after, wanted.on).await? else {
                break;
            };
            after = Some(last);
            let (store, at) = (app.store.clone(), clock::now().timestamp_millis());
            let runtime = Handle::current();
            let keep = move || runtime.block_on(store.keep_standings(standings, at));
            tokio::task::spawn_blocking(keep).await.map_err(Error::internal)??;
        }
        app.store.keep_financing_assessed(&wanted).await?;
    }
    app.standing.set(wanted.clone());
    Ok(wanted)
}

/// What is known of enterprises, as it stands now: their profiles and rows.
pub(super) type Grounds = Vec<(EnterpriseProfile, Vec<SourceRecord>)>;

/// The next enterprises behind `after`, and the last of them; none at the end.
pub(super) async fn grounds_page(
    app: &App,
    after: Option<EnterpriseId>,
) -> Result<Option<(EnterpriseId, Grounds)>, Error> {
    let enterprises = app.store.enterprises_after(after, PAGE).await?;
    let Some(last) = enterprises.last().map(|it| it.profile.id) else { return Ok(None) };
    let ids: Vec<EnterpriseId> = enterprises.iter().map(|it| it.profile.id).collect();
    let mut rows: HashMap<EnterpriseId, Vec<SourceRecord>> = HashMap::new();
    for (named, record) in app.store.linked_rows(&ids).await? {
        rows.entry(named.enterprise).or_default().push(record);
    }
    let with_rows = enterprises.into_iter().map(|it| {
        let rows = rows.remove(&it.profile.id).unwrap_or_default();
        (it.profile, rows)
    });
    Ok(Some((last, with_rows.collect())))
}

async fn assessed_page(
    app: &App,
    after: Option<EnterpriseId>,
    on: NaiveDate,
) -> Result<Option<(EnterpriseId, Standings)>, Error> {
    let Some((last, grounds)) = grounds_page(app, after).await? else { return Ok(None) };
    let agencies = app.rules.agencies(&app.store).await?.to_vec();
    let rules = Arc::clone(&app.rules);
    let work = move || {
        let in_force = rules.catalogue.on(on);
        let assessing = Assessing::new(&in_force);
        let one = |(profile, rows): &(EnterpriseProfile, Vec<SourceRecord>)| {
            (profile.id, assessing.standings(profile, rows, &agencies))
        };
        grounds.par_iter().map(one).collect()
    };
    let standings = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    Ok(Some((last, standings)))
}

/// Renews the assessments at once where the rules are others, and whenever a day begins, until `stopping`.
pub async fn keep(app: App, mut stopping: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(LOOK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            _ = interval.tick() => {}
        }
        if app.standing.get().as_ref() == Some(&wanted(&app)) {
            continue;
        }
        if let Err(error) = renew(&app).await {
            tracing::error!(%error, code = error.code(), "enterprises were not assessed; it is tried again");
        }
    }
}
