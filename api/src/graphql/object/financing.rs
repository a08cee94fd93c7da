//! Financing as the API tells it: how enterprises stand with programmes, and why.

mod changes;
mod funnel;
mod programme;

pub use changes::FinancingChanges;
pub use funnel::{FinancingFunnel, MissingCount, StatusCount};
pub use programme::{
    Ceiling, Mark, Paper, Programme, ProgrammeRule, ProgrammeVersion, RuleKind, Sentence,
};

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::visibility::Reason;
use financing::assessment::{NOTICE_EN, NOTICE_ID};
use financing::facts;
use financing::{logic, verdict};

use super::attribute::{Access, WithheldReason, told};
use super::enterprise::Enterprise;
use crate::graphql::Ask;
use crate::graphql::scalar::{Date, DateTime, Rupiah};
use crate::service::financing::rules::Rules;
use crate::service::financing::told::{EvidenceTold, Readiness as Told, RuleTold, rests_on};
use crate::service::financing::view;

/// How an enterprise stands with a programme. Never a credit decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "verdict::Status")]
pub enum FinancingStatus {
    /// A condition that was checked against its source is not met.
    NotEligible,
    /// Something that decides is not known, or withheld from you.
    CannotSay,
    /// Only papers are missing; with them it would be likely eligible.
    Missing,
    /// Everything that can be checked here is met. The bank checks the rest and decides.
    LikelyEligible,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "logic::Truth")]
pub enum RuleOutcome {
    /// It does not hold.
    NotMet,
    /// What is known, or shown to you, does not tell.
    Unknown,
    /// It holds.
    Met,
}

/// Why a fact is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "facts::Gap")]
pub enum Gap {
    /// No record tells.
    NotRecorded,
    /// Records contradict each other.
    Conflicting,
    /// A spreadsheet destroyed it, or what is written cannot be right.
    Destroyed,
    /// It is too old to count.
    Stale,
    /// Told, but not to the day or the year it would take.
    Imprecise,
    /// Only the bank can know it.
    BankOnly,
}

/// One record's word on a fact, as far as you see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct FactEvidence {
    /// The fact. Example: "annual_sales".
    pub fact: String,
    /// What it is called in Indonesian.
    pub label: String,
    /// What the record says; null for a number of which only counts that it is there, and for what you do not
    /// see whole.
    pub value: Option<String>,
    /// How much of it you see.
    pub access: Access,
    /// Why no more.
    pub reason: Option<WithheldReason>,
    /// The row; null when it is a steward's word, or not for you.
    pub record_id: Option<ID>,
    /// The code of the agency that wrote it.
    pub agency: Option<String>,
    /// When the agency wrote it.
    pub recorded_on: Option<Date>,
    /// How probable it is, from 0 to 1, that the row is of this enterprise; null when no link was measured.
    pub link_probability: Option<f64>,
}

impl From<&EvidenceTold> for FactEvidence {
    fn from(it: &EvidenceTold) -> FactEvidence {
        let (access, reason) = told(it.ruling);
        FactEvidence {
            fact: it.fact.name().to_owned(),
            label: it.fact.label().to_owned(),
            value: it.value.clone(),
            access,
            reason,
            record_id: it.record.map(|it| ID(it.to_string())),
            agency: it.agency.as_ref().map(ToString::to_string),
            recorded_on: it.recorded_on.map(Date),
            link_probability: it.link_probability,
        }
    }
}

/// A fact for want of which a rule is unknown.
#[derive(Debug, Clone, SimpleObject)]
pub struct FactGap {
    /// The fact.
    pub fact: String,
    /// What it is called in Indonesian.
    pub label: String,
    /// Why it is not known.
    pub gap: Gap,
    /// The same as a sentence.
    pub says: Sentence,
}

/// A rule and what became of it.
#[derive(Debug, Clone, SimpleObject)]
pub struct RuleResult {
    /// The rule. Example: "sales_limit_2026".
    pub id: String,
    /// What follows when it is not met.
    pub kind: RuleKind,
    /// What became of it.
    pub outcome: RuleOutcome,
    /// Why you are not told what became of it; null when it is told.
    pub withheld: Option<WithheldReason>,
    /// The sentence a clerk would say. It holds no value of the enterprise.
    pub says: Sentence,
    /// The bank has to look.
    pub for_the_bank: bool,
    /// Who says what, the most trusted first.
    pub evidence: Vec<FactEvidence>,
    /// The facts for want of which it is unknown.
    pub undecided: Vec<FactGap>,
    /// The lowest probability, from 0 to 1, of the links that the evidence rests on.
    pub link_probability: Option<f64>,
    /// The regulation and article.
    pub source: String,
    /// How far that was checked.
    pub mark: Mark,
}

impl RuleResult {
    fn of(rules: &Rules, it: &RuleTold) -> RuleResult {
        let rule = &rules.catalogue.rules()[it.rule];
        // What is not shown may well be on record.
        let says = match (it.withheld, it.truth) {
            (Some(reason), _) => not_shown(reason),
            (None, logic::Truth::Met) => (&rule.met).into(),
            (None, logic::Truth::NotMet) => (&rule.not_met).into(),
            (None, logic::Truth::Unknown) => (&rule.unknown).into(),
        };
        let gap = |(fact, gap): &(financing::fact::Fact, facts::Gap)| {
            let (id, en) = gap.says();
            FactGap {
                fact: fact.name().to_owned(),
                label: fact.label().to_owned(),
                gap: (*gap).into(),
                says: Sentence { id: id.to_owned(), en: en.to_owned() },
            }
        };
        RuleResult {
            id: rule.id.clone(),
            kind: rule.kind.into(),
            outcome: it.truth.into(),
            withheld: it.withheld.map(WithheldReason::from),
            says,
            for_the_bank: it.for_the_bank,
            evidence: it.evidence.iter().map(FactEvidence::from).collect(),
            undecided: it.undecided.iter().map(gap).collect(),
            link_probability: it.link_probability,
            source: rule.source.clone(),
            mark: rule.mark.into(),
        }
    }
}

/// What is said of a rule that rests on something withheld.
fn not_shown(reason: Reason) -> Sentence {
    let (id, en) = match reason {
        Reason::Consent => (
            "Tidak diperlihatkan kepada Anda: data yang mendasarinya tidak termasuk dalam persetujuan pemilik.",
            "Not shown to you: what it rests on is not within the owner's consent.",
        ),
        Reason::Restricted => (
            "Tidak diperlihatkan kepada Anda: pemilik meminta penggunaan datanya dibatasi.",
            "Not shown to you: the owner has had the use of what it rests on restricted.",
        ),
        Reason::Role | Reason::OtherAgency | Reason::OtherPerson | Reason::Purpose => (
            "Tidak diperlihatkan kepada Anda: data yang mendasarinya tidak boleh Anda lihat.",
            "Not shown to you: you do not see what it rests on.",
        ),
    };
    Sentence { id: id.to_owned(), en: en.to_owned() }
}

/// A paper that is not there and what it would give.
#[derive(Debug, Clone, SimpleObject)]
pub struct FinancingStep {
    /// The paper: how to get it, where, at what cost.
    pub paper: Paper,
    /// The status with this paper alone.
    pub status: FinancingStatus,
    /// The highest ceiling with this paper alone, in rupiah.
    pub ceiling: Option<Rupiah>,
}

/// One enterprise and one programme: how it stands, why, and what is missing. Never a credit decision.
#[derive(Clone)]
pub struct Readiness(pub Arc<Told>);

/// One enterprise and one programme: how it stands, why, and what is missing. Never a credit decision.
#[Object]
impl Readiness {
    /// The programme, in the version of the day.
    async fn programme(&self) -> Programme {
        let all = &self.0.rules.catalogue;
        let programme = &all.programmes()[self.0.programme];
        Programme::of(all, programme, &programme.versions[self.0.version])
    }

    /// The day whose rules and facts were taken.
    async fn as_of(&self) -> Date {
        Date(self.0.on)
    }

    /// The fingerprint of the rules.
    async fn fingerprint(&self) -> &str {
        self.0.rules.catalogue.fingerprint()
    }

    /// That this is no credit decision.
    async fn notice(&self) -> Sentence {
        Sentence { id: NOTICE_ID.to_owned(), en: NOTICE_EN.to_owned() }
    }

    /// How it stands, by what you may see of it. To the agencies that serve it and to its owner it is told
    /// whatever it rests on that it is likely eligible or that papers are missing.
    async fn status(&self, ctx: &Context<'_>) -> FinancingStatus {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        self.0.status.into()
    }

    /// The highest ceiling reachable as things are, in rupiah; only when it is likely eligible.
    async fn ceiling(&self, ctx: &Context<'_>) -> Option<Rupiah> {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        self.0.ceiling.map(|it| Rupiah(it.0))
    }

    /// The highest ceiling reachable with one more paper, in rupiah, when that is higher.
    async fn next_ceiling(&self, ctx: &Context<'_>) -> Option<Rupiah> {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        self.0.next.map(|it| Rupiah(it.0))
    }

    /// The rules that made the status what it is, by id.
    async fn because(&self, ctx: &Context<'_>) -> &[String] {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        &self.0.because
    }

    /// Every rule, with what became of it and on what evidence.
    async fn rules(&self, ctx: &Context<'_>) -> Vec<RuleResult> {
        let (ledger, id) = (ctx.ledger(), self.0.enterprise);
        ledger.read(id, "financing", true);
        for it in self.0.outcomes.iter().flat_map(|it| &it.evidence) {
            let seen = it.ruling.access != domain::visibility::Access::Hidden;
            rests_on(it.fact).iter().for_each(|it_is| ledger.read(id, it_is.code(), seen));
        }
        self.0.outcomes.iter().map(|it| RuleResult::of(&self.0.rules, it)).collect()
    }

    /// The papers that would help and are not on record, those that give most first: how to get each, where, at
    /// what cost.
    async fn steps(&self, ctx: &Context<'_>) -> Vec<FinancingStep> {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        let papers = self.0.rules.catalogue.papers();
        let step = self.0.steps.iter().map(|it| FinancingStep {
            paper: (&papers[it.paper]).into(),
            status: it.status.into(),
            ceiling: it.ceiling.map(|it| Rupiah(it.0)),
        });
        step.collect()
    }

    /// The status with all of these papers.
    async fn status_with_all(&self, ctx: &Context<'_>) -> FinancingStatus {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        self.0.with_all.0.into()
    }

    /// The highest ceiling with all of these papers, in rupiah.
    async fn ceiling_with_all(&self, ctx: &Context<'_>) -> Option<Rupiah> {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        self.0.with_all.1.map(|it| Rupiah(it.0))
    }

    /// Papers that help without being asked for and are not on record.
    async fn advice(&self, ctx: &Context<'_>) -> Vec<Paper> {
        ctx.ledger().read(self.0.enterprise, "financing", true);
        let papers = self.0.rules.catalogue.papers();
        self.0.advice.iter().map(|it| (&papers[*it]).into()).collect()
    }
}

/// One enterprise of a financing view.
#[derive(Clone, SimpleObject)]
pub struct FinancingRow {
    /// The enterprise, as far as you see it.
    pub enterprise: Enterprise,
    /// Since when it stands so; null where you are told less of it than the register knows.
    pub since: Option<DateTime>,
    /// How it stands with the programme, and why.
    pub readiness: Readiness,
    /// Your institution's own numbers of its owners' applications, where they applied there. Example:
    /// "KUR-2026-000123".
    pub references: Vec<String>,
}

impl From<view::Row> for FinancingRow {
    fn from(it: view::Row) -> FinancingRow {
        let since = it.since.and_then(chrono::DateTime::from_timestamp_millis);
        let grants = it.enterprise.ties.grants.iter();
        let references: BTreeSet<String> = grants.filter_map(|it| it.reference.clone()).collect();
        FinancingRow {
            references: references.into_iter().collect(),
            enterprise: Enterprise(Arc::new(it.enterprise)),
            since: since.map(DateTime),
            readiness: Readiness(Arc::new(it.readiness)),
        }
    }
}
