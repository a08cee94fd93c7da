//! What can be said of one enterprise and every programme in force, with reasons, evidence and next steps.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::amount::Rupiah;

use crate::catalogue::{Catalogue, Paper, Programme, Rule, RuleKind, Version, Words};
use crate::fact::{Fact, Holder};
use crate::facts::{Facts, Gap, Known};
use crate::logic::Truth;
use crate::verdict::{Answers, Assessor, Status, Verdict};

/// What every answer says of itself, in Indonesian.
pub const NOTICE_ID: &str = "Ini bukan keputusan kredit. Tunggal hanya menyandingkan catatan dinas dengan aturan program; bank memeriksa dan memutuskan.";
/// The same in English.
pub const NOTICE_EN: &str = "This is not a credit decision. Tunggal only compares agencies' records with the programme's rules; the bank checks and decides.";

/// One rule and what became of it.
#[derive(Debug, Clone)]
pub struct RuleResult<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// What became of it.
    pub truth: Truth,
    /// The facts it names and shows, with who says what.
    pub evidence: Vec<(Fact, Known)>,
    /// The facts for want of which it is unknown, and why each is not known.
    pub undecided: Vec<(Fact, Gap)>,
    /// The lowest probability of the links that the evidence rests on; none when there is no evidence or a link
    /// was not measured.
    pub link_probability: Option<f64>,
}

impl RuleResult<'_> {
    /// The sentence a clerk would say. It holds no value of the enterprise.
    pub fn says(&self) -> &Words {
        match self.truth {
            Truth::Met => &self.rule.met,
            Truth::NotMet => &self.rule.not_met,
            Truth::Unknown => &self.rule.unknown,
        }
    }

    /// Whether the bank has to look: a rule that is its own, or one that hangs on what only the bank can know.
    pub fn for_the_bank(&self) -> bool {
        let bank_only = |it: &(Fact, Gap)| it.0.holder() == Holder::Bank;
        self.truth == Truth::Unknown
            && (self.rule.kind == RuleKind::Bank || self.undecided.iter().any(bank_only))
    }
}

/// A paper that is not there and what it would give.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    /// The paper: how to get it, where, at what cost.
    pub paper: &'a Paper,
    /// The status with this paper alone.
    pub status: Status,
    /// The highest ceiling with this paper alone.
    pub ceiling: Option<Rupiah>,
}

/// One programme in the version of the day.
#[derive(Debug, Clone)]
pub struct ProgrammeAssessment<'a> {
    /// The programme.
    pub programme: &'a Programme,
    /// The version in force.
    pub version: &'a Version,
    /// Status and ceilings.
    pub verdict: Verdict,
    /// Every rule of the version and its ceilings.
    pub rules: Vec<RuleResult<'a>>,
    /// The papers that would help, those that give most first.
    pub steps: Vec<Step<'a>>,
    /// Status and ceiling with all of them.
    pub with_all: (Status, Option<Rupiah>),
}

impl ProgrammeAssessment<'_> {
    /// The rules that made the status what it is, by id: those not met or unknown, of conditions and papers. When
    /// a verified condition is not met, such conditions alone.
    pub fn because(&self) -> Vec<&str> {
        let base = &self.version.rules;
        let decides = self.rules.iter().take(base.len()).filter(|it| {
            let kind = it.rule.kind;
            it.truth != Truth::Met && matches!(kind, RuleKind::Condition | RuleKind::Paper)
        });
        let fatal = |it: &&RuleResult| {
            self.verdict.status != Status::NotEligible
                || it.rule.kind == RuleKind::Condition
                    && it.truth == Truth::NotMet
                    && it.rule.mark == crate::catalogue::Mark::Verified
        };
        decides.filter(fatal).map(|it| it.rule.id.as_str()).collect()
    }

    /// What the bank has to look at.
    pub fn bank_checks(&self) -> impl Iterator<Item = &RuleResult<'_>> {
        self.rules.iter().filter(|it| it.for_the_bank())
    }

    /// Papers that help without being asked for and are not on record.
    pub fn advice<'b>(&'b self, catalogue: &'b Catalogue) -> Vec<&'b Paper> {
        let lacks =
            |it: &&RuleResult| it.rule.kind == RuleKind::Advice && it.truth == Truth::NotMet;
        let papers = self.rules.iter().filter(lacks).flat_map(|it| &it.rule.papers);
        papers.map(|it| &catalogue.papers()[*it]).collect()
    }
}

/// One enterprise and every programme in force. Never a credit decision: [`NOTICE_ID`], [`NOTICE_EN`].
#[derive(Debug, Clone)]
pub struct Assessment<'a> {
    /// The day whose rules and facts were taken.
    pub on: NaiveDate,
    /// [`Catalogue::fingerprint`] of the rules.
    pub fingerprint: &'a str,
    /// The programmes in force, by id.
    pub programmes: Vec<ProgrammeAssessment<'a>>,
}

impl Assessment<'_> {
    /// The highest ceiling reachable now in any programme, with the programme's id.
    pub fn highest_now(&self) -> Option<(&str, Rupiah)> {
        let now = |it: &ProgrammeAssessment| it.verdict.ceiling;
        self.highest(now)
    }

    /// The highest ceiling reachable with one more paper in any programme, when it is higher than now.
    pub fn highest_next(&self) -> Option<(&str, Rupiah)> {
        let next = self.highest(|it| it.verdict.next)?;
        self.highest_now().is_none_or(|it| it.1 < next.1).then_some(next)
    }

    fn highest(
        &self,
        ceiling: impl Fn(&ProgrammeAssessment) -> Option<Rupiah>,
    ) -> Option<(&str, Rupiah)> {
        let all =
            self.programmes.iter().filter_map(|it| Some((it.programme.id.as_str(), ceiling(it)?)));
        all.max_by_key(|it| it.1)
    }
}

/// Assesses one enterprise by the rules in force. `facts` are those of the same day.
pub fn assess<'a>(assessor: &Assessor<'a>, facts: &Facts) -> Assessment<'a> {
    let in_force = assessor.in_force();
    let catalogue = in_force.catalogue;
    let mut answers = Answers::default();
    assessor.ask(facts.values(), &mut answers);
    let programmes = in_force.versions.iter().enumerate().map(|(place, (programme, version))| {
        let verdict = assessor.verdict(place, facts.values(), &mut answers);
        let given = assessor.what_papers_give(place, facts.values());
        let mut steps: Vec<Step> = given
            .each
            .iter()
            .map(|(paper, status, ceiling)| Step {
                paper: &catalogue.papers()[*paper],
                status: *status,
                ceiling: *ceiling,
            })
            .collect();
        steps.sort_by_key(|it| std::cmp::Reverse((it.ceiling, it.status)));
        let mut seen = BTreeSet::new();
        let rules = version.every_rule().filter(|it| seen.insert(*it)).filter_map(|it| {
            Some(result(&catalogue.rules()[it], assessor.answer_of(it, &answers)?, facts))
        });
        let rules = rules.collect();
        ProgrammeAssessment { programme, version, verdict, rules, steps, with_all: given.all }
    });
    let programmes = programmes.collect();
    Assessment { on: in_force.on, fingerprint: catalogue.fingerprint(), programmes }
}

fn result<'a>(rule: &'a Rule, truth: Truth, facts: &Facts) -> RuleResult<'a> {
    let named = rule.when.iter().flat_map(|it| it.facts().iter().copied());
    let all: BTreeSet<Fact> = named.chain(rule.shows.iter().copied()).collect();
    let all = all.into_iter().filter(|it| it.holder() != Holder::Calendar);
    let evidence: Vec<(Fact, Known)> = all.map(|it| (it, facts.get(it))).collect();
    let undecided =
        rule.when.as_ref().map_or_else(BTreeSet::new, |it| it.undecided(facts.values()));
    let why = |it: Fact| (it, facts.get(it).gap.unwrap_or(Gap::Imprecise));
    let undecided = undecided.into_iter().map(why).collect();
    let links: Option<Vec<f64>> = evidence
        .iter()
        .flat_map(|it| it.1.evidence.iter())
        .map(|it| it.link.probability())
        .collect();
    let link_probability = links.and_then(|it| it.into_iter().min_by(f64::total_cmp));
    RuleResult { rule, truth, evidence, undecided, link_probability }
}
