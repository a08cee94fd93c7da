//! What one viewer is told of an enterprise and the programmes: each rule as far as she may see what it rests on.
//!
//! An enterprise is assessed on the facts that the viewer may see: what is withheld counts as unknown, so that
//! neither a status nor a rule tells of it. One exception: to the agencies that serve an enterprise and to its
//! owner it is told, whatever it rests on, that it is likely eligible or that papers are missing; they can do
//! nothing about it otherwise. They are not told by it that, or why, it is not eligible.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use domain::agency::AgencyCode;
use domain::amount::Rupiah;
use domain::consent::Ties;
use domain::enterprise::{Attribute, EnterpriseProfile};
use domain::id::{EnterpriseId, RecordId};
use domain::purpose::default_of;
use domain::record::SourceRecord;
use domain::view::{hears_of, without_person_numbers};
use domain::viewer::{Role, Viewer};
use domain::visibility::{Access, Reason, Ruling, Standing};
use financing::assessment::{Assessment, ProgrammeAssessment, RuleResult, assess};
use financing::catalogue::InForce;
use financing::fact::{Fact, Holder};
use financing::facts::{Confidence, Evidence, Facts, Gap, Known, Said, Sources, gather};
use financing::logic::Truth;
use financing::value::Possible;
use financing::verdict::{Assessor, Status};

use super::rules::Rules;

/// What is known of an enterprise on a day, and what ties the viewer to it.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// Its profile.
    pub profile: EnterpriseProfile,
    /// Its rows.
    pub records: Vec<SourceRecord>,
    /// How sure it is that each row is of it.
    pub links: BTreeMap<RecordId, Confidence>,
    /// What ties the viewer to it.
    pub ties: Arc<Ties>,
}

/// How much is told of each rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What became of it.
    Outcome,
    /// Also who says what of what it rests on, and how sure it is that each row is of the enterprise.
    Evidence,
}

/// One record's word on a fact, as far as it is shown.
#[derive(Debug, Clone)]
pub struct EvidenceTold {
    /// The fact.
    pub fact: Fact,
    /// What is said; none when that is withheld, or more than that it is there.
    pub value: Option<String>,
    /// How much of it is shown.
    pub ruling: Ruling,
    /// The row.
    pub record: Option<RecordId>,
    /// Who wrote it.
    pub agency: Option<AgencyCode>,
    /// When.
    pub recorded_on: Option<NaiveDate>,
    /// The probability that the row is of the enterprise.
    pub link_probability: Option<f64>,
}

/// A rule and what became of it.
#[derive(Debug, Clone)]
pub struct RuleTold {
    /// The rule, as a place in the catalogue.
    pub rule: usize,
    /// What became of it.
    pub truth: Truth,
    /// Why it is not told what became of it.
    pub withheld: Option<Reason>,
    /// The bank has to look.
    pub for_the_bank: bool,
    /// Who says what, where that is told.
    pub evidence: Vec<EvidenceTold>,
    /// The facts for want of which it is unknown, without those that are withheld.
    pub undecided: Vec<(Fact, Gap)>,
    /// The lowest probability of a link that it rests on.
    pub link_probability: Option<f64>,
}

/// A paper that is not there and what it would give.
#[derive(Debug, Clone, Copy)]
pub struct StepTold {
    /// The paper, as a place in the catalogue.
    pub paper: usize,
    /// The status with it alone.
    pub status: Status,
    /// The highest ceiling with it alone.
    pub ceiling: Option<Rupiah>,
}

/// One enterprise and one programme, as far as the viewer is told.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// Whose rules.
    pub rules: Arc<Rules>,
    /// The day whose rules and facts were taken.
    pub on: NaiveDate,
    /// The programme, as a place in the catalogue.
    pub programme: usize,
    /// Its version, as a place in the programme.
    pub version: usize,
    /// The status.
    pub status: Status,
    /// The highest ceiling reachable as things are.
    pub ceiling: Option<Rupiah>,
    /// The highest ceiling reachable with one more paper, when that is higher.
    pub next: Option<Rupiah>,
    /// The rules that made the status what it is.
    pub because: Vec<String>,
    /// Every rule.
    pub outcomes: Vec<RuleTold>,
    /// The papers that would help.
    pub steps: Vec<StepTold>,
    /// Status and ceiling with all of them.
    pub with_all: (Status, Option<Rupiah>),
    /// Papers that help without being asked for, as places in the catalogue.
    pub advice: Vec<usize>,
}

/// The attributes that whoever is told of a fact must see, masked at least.
pub fn rests_on(fact: Fact) -> &'static [Attribute] {
    match fact {
        // Read from records alone, in columns that are as visible as these.
        Fact::HasSku => &[Attribute::Nib],
        Fact::ReportedClosed => &[Attribute::Trade],
        _ => fact.attributes(),
    }
}

/// Whether the viewer serves the enterprise, or owns it, and asks for that.
pub fn serves(viewer: &Viewer) -> bool {
    let role = matches!(viewer.role, Role::AgencyViewer | Role::AgencyOperator | Role::Owner);
    role && viewer.purpose() == default_of(viewer.role)
}

/// The programmes in force on a day, or one of them.
pub fn in_force<'a>(rules: &'a Rules, on: NaiveDate, programme: Option<&str>) -> InForce<'a> {
    let mut in_force = rules.catalogue.on(on);
    in_force.versions.retain(|it| programme.is_none_or(|wanted| it.0.id == wanted));
    in_force
}

/// Tells `viewer` in such detail of one enterprise and the programmes that `assessor` has, which are of these rules.
pub fn tell(
    rules: &Arc<Rules>,
    viewer: &Viewer,
    assessor: &Assessor<'_>,
    grounds: &Grounds,
    detail: Detail,
) -> Vec<Readiness> {
    let (agencies, on) = (rules.known_agencies(), assessor.in_force().on);
    let Grounds { profile, records, links, .. } = grounds;
    let sources = Sources { profile, records, agencies, links };
    let facts = gather(&sources, rules.catalogue.reading(), on);
    let cut = Cut::new(viewer, grounds, &facts);
    let seen = assess(assessor, &cut.facts);
    let served = serves(viewer).then(|| assess(assessor, &facts));
    let tell = Teller { rules, viewer, grounds, cut: &cut, detail };
    let told = seen.programmes.iter().enumerate();
    told.map(|(place, it)| tell.readiness(it, status_of(&served, place, it), on)).collect()
}

/// What the status is told by: what the viewer sees, or for whom it serves, everything.
fn status_of<'a>(
    served: &'a Option<Assessment<'a>>,
    place: usize,
    seen: &'a ProgrammeAssessment<'a>,
) -> &'a ProgrammeAssessment<'a> {
    let whole = served.as_ref().and_then(|it| it.programmes.get(place));
    let helps = |it: &&ProgrammeAssessment| {
        matches!(it.verdict.status, Status::LikelyEligible | Status::Missing)
    };
    whole.filter(helps).unwrap_or(seen)
}

/// The facts that a viewer may see, and why she does not see the others.
struct Cut {
    facts: Facts,
    withheld: BTreeMap<Fact, Reason>,
}

impl Cut {
    fn new(viewer: &Viewer, grounds: &Grounds, facts: &Facts) -> Cut {
        let mut cut = Cut { facts: facts.clone(), withheld: BTreeMap::new() };
        for &fact in Fact::ALL.iter().filter(|it| it.holder() == Holder::Register) {
            let (known, rests) = (facts.get(fact), rests_here(facts, fact));
            // That no record tells is told by all of them.
            let rulings: Vec<Ruling> = match known.evidence.is_empty() {
                true => vec![ruling_of_all(viewer, grounds, rests)],
                false => {
                    known.evidence.iter().map(|it| ruling(viewer, grounds, rests, it)).collect()
                }
            };
            let hidden = rulings.into_iter().find(|it| it.access == Access::Hidden);
            if let Some(reason) = hidden.and_then(|it| it.reason) {
                cut.withheld.insert(fact, reason);
                let nothing = Known { possible: Possible::ANY, gap: None, evidence: [].into() };
                cut.facts.set(fact, nothing);
            }
        }
        cut
    }
}

/// The attributes that a fact of this enterprise rests on: a size class on the figure that it is by.
fn rests_here(facts: &Facts, fact: Fact) -> &'static [Attribute] {
    let by_size = matches!(fact, Fact::SizeClass | Fact::SizeBasis);
    match facts.values().get(Fact::SizeBasis).value() {
        Some(0) if by_size => &[Attribute::AnnualSales],
        Some(1) if by_size => &[Attribute::Capital],
        _ => rests_on(fact),
    }
}

fn ruling_of_all(viewer: &Viewer, grounds: &Grounds, attributes: &[Attribute]) -> Ruling {
    let rows = grounds.records.iter().map(|it| (&it.agency, &it.id));
    least(viewer, &Standing::to(viewer, &grounds.ties, rows), attributes)
}

/// How much the viewer sees of what a record says of a fact; of what a steward said, as of all records.
fn ruling(
    viewer: &Viewer,
    grounds: &Grounds,
    attributes: &[Attribute],
    evidence: &Evidence,
) -> Ruling {
    match (&evidence.agency, &evidence.record) {
        (Some(agency), Some(record)) => {
            let row = [(agency, record)].into_iter();
            least(viewer, &Standing::to(viewer, &grounds.ties, row), attributes)
        }
        _ => ruling_of_all(viewer, grounds, attributes),
    }
}

fn least(viewer: &Viewer, standing: &Standing, attributes: &[Attribute]) -> Ruling {
    let rulings = attributes.iter().map(|it| viewer.sees(standing, *it));
    rulings.min_by_key(|it| it.access).unwrap_or(Ruling { access: Access::Whole, reason: None })
}

struct Teller<'a> {
    rules: &'a Arc<Rules>,
    viewer: &'a Viewer,
    grounds: &'a Grounds,
    cut: &'a Cut,
    detail: Detail,
}

impl Teller<'_> {
    fn readiness(
        &self,
        seen: &ProgrammeAssessment<'_>,
        told: &ProgrammeAssessment<'_>,
        on: NaiveDate,
    ) -> Readiness {
        let catalogue = &self.rules.catalogue;
        let programme = position(catalogue.programmes(), |it| &it.id, &seen.programme.id);
        let version = position(&seen.programme.versions, |it| &it.id, &seen.version.id);
        let papers = catalogue.papers();
        let paper = |id: &String| position(papers, |it| &it.id, id);
        // Of a paper that she does not see it is not said either that it is not there.
        let is_whole = !std::ptr::eq(seen, told);
        let steps = told
            .steps
            .iter()
            .filter(|it| is_whole || !self.cut.withheld.contains_key(&it.paper.gives));
        let steps = steps.map(|it| StepTold {
            paper: paper(&it.paper.id),
            status: it.status,
            ceiling: it.ceiling,
        });
        let advice: BTreeSet<usize> =
            seen.advice(catalogue).into_iter().map(|it| paper(&it.id)).collect();
        Readiness {
            enterprise: self.grounds.profile.id,
            rules: Arc::clone(self.rules),
            on,
            programme,
            version,
            status: told.verdict.status,
            ceiling: told.verdict.ceiling,
            next: told.verdict.next,
            because: told.because().into_iter().map(str::to_owned).collect(),
            outcomes: seen.rules.iter().map(|it| self.rule(it)).collect(),
            steps: steps.collect(),
            with_all: told.with_all,
            advice: advice.into_iter().collect(),
        }
    }

    fn rule(&self, it: &RuleResult<'_>) -> RuleTold {
        let withheld = |fact: &Fact| self.cut.withheld.get(fact).copied();
        let undecided = it.undecided.iter().map(|it| it.0);
        let reason = match it.truth {
            Truth::Unknown => undecided.into_iter().find_map(|it| withheld(&it)),
            Truth::Met | Truth::NotMet => None,
        };
        let told = if self.detail == Detail::Evidence { &it.evidence[..] } else { &[] };
        let evidence = told.iter();
        let evidence: Vec<EvidenceTold> =
            evidence.flat_map(|(fact, known)| self.evidence(*fact, known)).collect();
        let seen = |it: &&(Fact, Gap)| withheld(&it.0).is_none();
        RuleTold {
            rule: position(self.rules.catalogue.rules(), |it| &it.id, &it.rule.id),
            truth: it.truth,
            withheld: reason,
            for_the_bank: it.for_the_bank(),
            evidence,
            undecided: it.undecided.iter().filter(seen).copied().collect(),
            link_probability: it.link_probability,
        }
    }

    fn evidence(&self, fact: Fact, known: &Known) -> Vec<EvidenceTold> {
        let one = |it: &Evidence| {
            let rests = rests_here(&self.cut.facts, fact);
            let ruling = ruling(self.viewer, self.grounds, rests, it);
            let hears = |it: &RecordId| hears_of(self.viewer, &self.grounds.ties, it);
            let row = it.record.filter(hears);
            EvidenceTold {
                fact,
                value: self.value(fact, &it.said, ruling),
                ruling,
                record: row,
                agency: it.agency.clone().filter(|_| row.is_some()),
                recorded_on: it.recorded_on,
                link_probability: it.link.probability(),
            }
        };
        if let Some(&reason) = self.cut.withheld.get(&fact) {
            let ruling = Ruling { access: Access::Hidden, reason: Some(reason) };
            return vec![EvidenceTold {
                fact,
                value: None,
                ruling,
                record: None,
                agency: None,
                recorded_on: None,
                link_probability: None,
            }];
        }
        known.evidence.iter().map(one).collect()
    }

    fn value(&self, fact: Fact, said: &Said, ruling: Ruling) -> Option<String> {
        let whole = ruling.access == Access::Whole;
        match said {
            Said::Number(it) => whole.then(|| it.to_string()),
            Said::Date(it) => whole.then(|| it.to_string()),
            Said::Text(it) if fact == Fact::ReportedClosed => {
                whole.then(|| without_person_numbers(it))
            }
            Said::Text(it) => whole.then(|| it.clone()),
            // That a number is there is what masking leaves of it.
            Said::Present | Said::Unreadable => None,
        }
    }
}

/// The place of what is called `id`; everything looked for comes from the same catalogue.
fn position<T>(all: &[T], id_of: impl Fn(&T) -> &String, id: &String) -> usize {
    all.iter().position(|it| id_of(it) == id).unwrap_or_default()
}
