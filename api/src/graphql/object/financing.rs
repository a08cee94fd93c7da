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
use financing::catalogue::Rule;
use financing::fact::Fact;
use financing::{facts, logic, verdict};

use super::attribute::{Access, WithheldReason, told};
use super::enterprise::Enterprise;
use crate::graphql::Ask;
use crate::graphql::scalar::{Date, DateTime, Rupiah};
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
pub struct FactEvidence {
    of: Arc<Told>,
    rule: usize,
    at: usize,
}

impl FactEvidence {
    fn told(&self) -> &EvidenceTold {
        &self.of.outcomes[self.rule].evidence[self.at]
    }
}

/// One record's word on a fact, as far as you see it.
#[Object]
impl FactEvidence {
    /// The fact. Example: "annual_sales".
    async fn fact(&self) -> &str {
        self.told().fact.name()
    }

    /// What it is called in Indonesian.
    async fn label(&self) -> &str {
        self.told().fact.label()
    }

    /// What the record says; null for a number of which only counts that it is there, and for what you do not
    /// see whole.
    async fn value(&self) -> Option<&str> {
        self.told().value.as_deref()
    }

    /// How much of it you see.
    async fn access(&self) -> Access {
        told(self.told().ruling).0
    }

    /// Why no more.
    async fn reason(&self) -> Option<WithheldReason> {
        told(self.told().ruling).1
    }

    /// The row; null when it is a steward's word, or not for you.
    async fn record_id(&self) -> Option<ID> {
        self.told().record.map(|it| ID(it.to_string()))
    }

    /// The code of the agency that wrote it.
    async fn agency(&self) -> Option<&str> {
        self.told().agency.as_ref().map(|it| it.as_str())
    }

    /// When the agency wrote it.
    async fn recorded_on(&self) -> Option<Date> {
        self.told().recorded_on.map(Date)
    }

    /// How probable it is, from 0 to 1, that the row is of this enterprise; null when no link was measured.
    async fn link_probability(&self) -> Option<f64> {
        self.told().link_probability
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
pub struct RuleResult {
    of: Arc<Told>,
    at: usize,
}

impl RuleResult {
    fn told(&self) -> &RuleTold {
        &self.of.outcomes[self.at]
    }

    fn rule(&self) -> &Rule {
        &self.of.rules.catalogue.rules()[self.told().rule]
    }
}

/// A rule and what became of it.
#[Object]
impl RuleResult {
    /// The rule. Example: "sales_limit_2026".
    async fn id(&self) -> &str {
        &self.rule().id
    }

    /// What follows when it is not met.
    async fn kind(&self) -> RuleKind {
        self.rule().kind.into()
    }

    /// What became of it.
    async fn outcome(&self) -> RuleOutcome {
        self.told().truth.into()
    }

    /// Why you are not told what became of it; null when it is told.
    async fn withheld(&self) -> Option<WithheldReason> {
        self.told().withheld.map(WithheldReason::from)
    }

    /// The sentence a clerk would say. It holds no value of the enterprise.
    async fn says(&self) -> Sentence {
        // What is not shown may well be on record.
        match (self.told().withheld, self.told().truth) {
            (Some(reason), _) => not_shown(reason),
            (None, logic::Truth::Met) => (&self.rule().met).into(),
            (None, logic::Truth::NotMet) => (&self.rule().not_met).into(),
            (None, logic::Truth::Unknown) => (&self.rule().unknown).into(),
        }
    }

    /// The bank has to look.
    async fn for_the_bank(&self) -> bool {
        self.told().for_the_bank
    }

    /// Who says what, the most trusted first.
    async fn evidence(&self) -> Vec<FactEvidence> {
        let one = |at| FactEvidence { of: Arc::clone(&self.of), rule: self.at, at };
        (0..self.told().evidence.len()).map(one).collect()
    }

    /// The facts for want of which it is unknown.
    async fn undecided(&self) -> Vec<FactGap> {
        let gap = |(fact, gap): &(Fact, facts::Gap)| {
            let (id, en) = gap.says();
            FactGap {
                fact: fact.name().to_owned(),
                label: fact.label().to_owned(),
                gap: (*gap).into(),
                says: Sentence { id: id.to_owned(), en: en.to_owned() },
            }
        };
        self.told().undecided.iter().map(gap).collect()
    }

    /// The lowest probability, from 0 to 1, of the links that the evidence rests on.
    async fn link_probability(&self) -> Option<f64> {
        self.told().link_probability
    }

    /// The regulation and article.
    async fn source(&self) -> &str {
        &self.rule().source
    }

    /// How far that was checked.
    async fn mark(&self) -> Mark {
        self.rule().mark.into()
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
        let mut read = BTreeSet::from([("financing", true)]);
        for it in self.0.outcomes.iter().flat_map(|it| &it.evidence) {
            let seen = it.ruling.access != domain::visibility::Access::Hidden;
            read.extend(rests_on(it.fact).iter().map(|it| (it.code(), seen)));
        }
        ctx.ledger().read_all(self.0.enterprise, &read);
        let one = |at| RuleResult { of: Arc::clone(&self.0), at };
        (0..self.0.outcomes.len()).map(one).collect()
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
