//! Views of financing: a lender's, an agency's, an owner's.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use domain::enterprise::Attribute;
use domain::id::EnterpriseId;
use domain::record::SourceRecord;
use domain::viewer::{Role, Scope, Viewer};
use domain::visibility::{Access, Relation, Standing};
use financing::catalogue::RuleKind;
use financing::verdict::{Assessor, Status};
use sha2::{Digest, Sha256};

use super::found::{Found, grounds};
use super::rules::Rules;
use super::standing;
use super::told::{Detail, Grounds, Readiness, in_force, rests_on, serves, tell};
use crate::app::App;
use crate::error::Error;
use crate::service::history::end_of;
use crate::service::profiles::Shown;
use crate::service::statistics::figure;
use crate::store::financing::figures::FunnelCounts;
use crate::store::financing::{Open, Part, StandingFilter};
use crate::store::slice::{At, Key};

/// One enterprise of a view.
#[derive(Debug, Clone)]
pub struct Row {
    /// The enterprise, cut.
    pub enterprise: Shown,
    /// Since when it stands so, in milliseconds since 1970; none when what is told is not how it stands for
    /// those who see everything.
    pub since: Option<i64>,
    /// Why.
    pub readiness: Readiness,
}

/// A page of a view.
#[derive(Debug, Clone)]
pub struct Page {
    /// The enterprises, each with its cursor.
    pub rows: Vec<(Key, Row)>,
    /// There are more.
    pub more: bool,
    /// How many there are on all pages, where that was asked.
    pub total: u64,
}

/// What a page is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The programme.
    pub programme: String,
    /// Which enterprises.
    pub filter: StandingFilter,
    /// Those alone whose owners applied at the viewer's institution under this number of its own.
    pub reference: Option<String>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// So many.
    pub limit: u64,
    /// How many there are in all is asked for as well.
    pub total: bool,
}

/// Fails with [`Error::UnknownProgramme`] when there is none of this name.
pub fn require_programme(rules: &Rules, programme: &str) -> Result<(), Error> {
    rules.catalogue.programme(programme).map(drop).ok_or(Error::UnknownProgramme)
}

/// The attributes that a status of a programme rests on, by the rules of a day: those of its conditions and papers.
fn attributes(rules: &Rules, programme: &str, on: NaiveDate) -> Vec<Attribute> {
    let in_force = rules.catalogue.on(on);
    let versions = in_force.versions.iter().filter(|it| it.0.id == programme);
    let named = versions.flat_map(|it| it.1.every_rule()).map(|it| &rules.catalogue.rules()[it]);
    let deciding = named.filter(|it| matches!(it.kind, RuleKind::Condition | RuleKind::Paper));
    let facts =
        deciding.filter_map(|it| it.when.as_ref()).flat_map(|it| it.facts().iter().copied());
    let mut all: Vec<Attribute> = facts.flat_map(|it| rests_on(it).iter().copied()).collect();
    all.sort();
    all.dedup();
    all
}

/// What enterprises a question about statuses reaches: those of which the viewer is told everything that the
/// programme rests on, or whom she serves.
///
/// Fails with [`Error::Withheld`] for whoever sees less: a list by status would tell what each answer withholds.
fn asks(app: &App, viewer: &Viewer, filter: &Asked) -> Result<Vec<Attribute>, Error> {
    if filter.filter.is_empty() {
        return Ok(vec![]);
    }
    let papers = app.rules.catalogue.papers();
    if filter.filter.missing.as_ref().is_some_and(|it| papers.iter().all(|one| one.id != *it)) {
        return Err(Error::invalid("missing", "is no paper that a programme asks for"));
    }
    let helps =
        matches!(filter.filter.status, None | Some(Status::LikelyEligible | Status::Missing));
    if serves(viewer) && helps {
        return Ok(vec![]);
    }
    whole(app, viewer, &filter.programme)
}

fn whole(app: &App, viewer: &Viewer, programme: &str) -> Result<Vec<Attribute>, Error> {
    let rests = attributes(&app.rules, programme, standing::today());
    let lender = viewer.role == Role::Lender;
    let consented = if lender { rests.iter().copied().collect() } else { Default::default() };
    let sees = |it: &Attribute| {
        Relation::ALL.into_iter().all(|relation| {
            let standing = Standing { relation, consented, restricted: false };
            viewer.sees(&standing, *it).access != Access::Hidden
        })
    };
    if !rests.iter().all(sees) {
        return Err(Error::Withheld { field: "filter" });
    }
    Ok(if lender { rests } else { vec![] })
}

/// What a cursor is bound to: who asks, and what for.
pub(super) fn binding(viewer: &Viewer, asked: &Asked) -> String {
    let Asked { programme, filter, .. } = asked;
    let who = [
        viewer.subject.as_str(),
        viewer.role.code(),
        viewer.agency.as_ref().map_or("", |it| it.as_str()),
        viewer.institution.as_deref().unwrap_or_default(),
        viewer.client.as_deref().unwrap_or_default(),
        viewer.purpose().code(),
        programme,
        filter.status.map_or("", Status::code),
        if filter.one_away { "one away" } else { "" },
        filter.missing.as_deref().unwrap_or_default(),
        asked.reference.as_deref().unwrap_or_default(),
    ];
    let digest = Sha256::digest(who.join("\u{1f}").as_bytes());
    digest[..12].iter().map(|it| format!("{it:02x}")).collect()
}

/// A key of the kind that these lists have.
pub fn key_kind() -> Key {
    key(EnterpriseId(uuid::Uuid::nil()), "")
}

fn key(id: EnterpriseId, binding: &str) -> Key {
    Key(vec![At::Id(id.0), At::Text(binding.to_owned())])
}

/// The enterprise behind which a page begins.
///
/// Fails with [`Error::CursorForeign`] on a cursor of another question or of somebody else.
fn behind(cursor: Option<&str>, binding: &str) -> Result<Option<EnterpriseId>, Error> {
    let Some(cursor) = cursor else { return Ok(None) };
    match Key::read(cursor, &key_kind()).map(|it| it.0) {
        Some(parts) => match parts.as_slice() {
            [At::Id(id), At::Text(bound)] if bound == binding => Ok(Some(EnterpriseId(*id))),
            _ => Err(Error::CursorForeign),
        },
        None => Err(Error::invalid("after", "is not a cursor of this list")),
    }
}

/// What a page is told of.
#[derive(Debug)]
pub struct Finding {
    found: Found,
    binding: String,
    /// How many enterprises were found.
    pub count: u64,
    /// There are more.
    pub more: bool,
    /// How many there are on all pages, where that was asked.
    pub total: u64,
    /// The cursor of the last.
    pub last: Option<String>,
}

impl Finding {
    /// What the viewer who found them is told of each, with its cursor.
    pub fn told(self, rules: &Arc<Rules>, viewer: &Viewer) -> Vec<(Key, Row)> {
        let rows = self.found.told(rules, viewer).into_iter();
        rows.map(|it| (key(it.enterprise.view.id, &self.binding), it)).collect()
    }
}

/// A page of the enterprises that the viewer finds, in the order of their ids, each with what she is told of it
/// and the programme. At most four statements, whatever its size, and one more for the total.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    asked: &Asked,
    detail: Detail,
) -> Result<Page, Error> {
    let finding = find(app, viewer, asked, detail).await?;
    let (more, total) = (finding.more, finding.total);
    Ok(Page { rows: finding.told(&app.rules, viewer), more, total })
}

/// As [`page`], with what is to be told of it left to the caller.
pub async fn find(
    app: &App,
    viewer: &Viewer,
    asked: &Asked,
    detail: Detail,
) -> Result<Finding, Error> {
    require_programme(&app.rules, &asked.programme)?;
    let (scope, asks) = (viewer.scope(), asks(app, viewer, asked)?);
    let reference = asked.reference.as_deref();
    if reference.is_some() && !matches!(scope, Scope::Consent(..)) {
        return Err(Error::invalid(
            "reference",
            "is a number of an institution, and of no other use",
        ));
    }
    let open = Open { scope: &scope, asks: &asks, reference };
    let binding = binding(viewer, asked);
    let after = behind(asked.after.as_deref(), &binding)?;
    let on = standing::current(app).await?.on;
    let (programme, filter) = (asked.programme.as_str(), &asked.filter);
    let (found, more) =
        app.store.standing_page(open, programme, filter, Part::Behind(after), asked.limit).await?;
    let total = match asked.total {
        true => app.store.standing_count(open, programme, filter).await?,
        false => 0,
    };
    let last = found.last().map(|it| key(it.0.profile.id, &binding).write());
    let count = found.len() as u64;
    let found = Found::read(app, viewer, found, on, programme, detail).await?;
    Ok(Finding { found, binding, count, more, total, last })
}

/// What the viewer is told of enterprises that she found, by the rules of the day `on`, which is today or to
/// come, and what is known today.
pub async fn of_many(
    app: &App,
    viewer: &Viewer,
    ids: &[EnterpriseId],
    on: NaiveDate,
) -> Result<HashMap<EnterpriseId, Vec<Readiness>>, Error> {
    let found = app.store.enterprises(&viewer.scope(), ids).await?;
    let in_force = in_force(&app.rules, on, None);
    let assessor = Assessor::new(&in_force);
    let all = grounds(app, viewer, found, Detail::Evidence).await?.into_iter();
    let told = all
        .map(|(_, it)| (it.profile.id, tell(&app.rules, viewer, &assessor, &it, Detail::Evidence)));
    Ok(told.collect())
}

/// What the viewer is told of an enterprise that she found, by rules and facts of the past day `on`.
///
/// Fails with [`Error::Withheld`] for a lender: an owner agreed to what is known, not to what was.
pub async fn of_past(
    app: &App,
    viewer: &Viewer,
    shown: &Shown,
    on: NaiveDate,
) -> Result<Vec<Readiness>, Error> {
    if matches!(viewer.scope(), Scope::Consent(..) | Scope::Nothing) {
        return Err(Error::Withheld { field: "asOf" });
    }
    let end = end_of(on).ok_or_else(|| Error::invalid("asOf", "is out of range"))?;
    let moment = shown.past.map_or(end, |it| it.min(end));
    let id = shown.view.id;
    let Some(former) = app.store.profile_at(id, moment).await? else { return Ok(vec![]) };
    app.rules.agencies(&app.store).await?;
    let rows = app.store.records_at(id, &former.profile.records, moment).await?;
    let records: Vec<SourceRecord> = rows.into_iter().map(|it| it.record).collect();
    // The pairs of the past are not kept: how sure a row was held is not known.
    let grounds = Grounds {
        profile: former.profile,
        records,
        links: BTreeMap::new(),
        ties: Arc::clone(&shown.ties),
    };
    let in_force = in_force(&app.rules, on, None);
    Ok(tell(&app.rules, viewer, &Assessor::new(&in_force), &grounds, Detail::Evidence))
}

/// The way of enterprises to a programme, in numbers.
#[derive(Debug, Clone)]
pub struct Funnel {
    /// Of which day.
    pub on: NaiveDate,
    /// By which rules.
    pub fingerprint: String,
    /// The numbers.
    pub counts: FunnelCounts,
    /// The papers that are missing, with how many enterprises miss each and how many that alone; the most
    /// missed first.
    pub missing: Vec<(String, u64, u64)>,
    /// For an institution: how many enterprises of the register did not agree to it; none when these are few.
    pub beyond: Option<u64>,
    /// The viewer is not told apart who is not eligible and of whom that cannot be said.
    pub merged: bool,
}

/// Counts the viewer's enterprises on their way to a programme.
///
/// Fails with [`Error::Withheld`] for whoever is not told of everything that it rests on, and does not serve
/// the enterprises either.
pub async fn funnel(app: &App, viewer: &Viewer, programme: &str) -> Result<Funnel, Error> {
    require_programme(&app.rules, programme)?;
    let scope = viewer.scope();
    let asks = if serves(viewer) { vec![] } else { whole(app, viewer, programme)? };
    let assessed = standing::current(app).await?;
    let counts =
        app.store.funnel(Open { scope: &scope, asks: &asks, reference: None }, programme).await?;
    let mut missing: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (_, papers, one_away, count) in counts.standings.iter().filter(|it| it.0 == Status::Missing)
    {
        for paper in papers {
            let all = missing.entry(paper.clone()).or_default();
            all.0 += count;
            all.1 += if *one_away { *count } else { 0 };
        }
    }
    let mut missing: Vec<(String, u64, u64)> =
        missing.into_iter().map(|(paper, (all, alone))| (paper, all, alone)).collect();
    missing.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let beyond = match &scope {
        Scope::Consent(..) => {
            // The whole comes of the edition alone: the register as it stands would tell of each newcomer, and of
            // each person who had the use of her data restricted.
            let whole = app.figures.now(app).await?.edition.figures.enterprises.answer(&[]);
            let within = app.store.enterprises_within(&scope).await?;
            let beyond = figure(whole.map_err(Error::internal)?);
            let least = u64::from(app.config.small_cell);
            let beyond = beyond.map(|it| it.saturating_sub(within));
            beyond.filter(|it| *it == 0 || least <= *it)
        }
        _ => None,
    };
    Ok(Funnel {
        on: assessed.on,
        fingerprint: assessed.fingerprint,
        counts,
        missing,
        beyond,
        merged: serves(viewer),
    })
}
