//! What the rules of one day say of one enterprise in short: status and ceilings. Whole registers are assessed
//! this way; [`crate::assessment`] tells the same of one enterprise with reasons.

use domain::amount::Rupiah;
use rayon::prelude::*;

use crate::catalogue::{InForce, Mark, RuleKind, Version};
use crate::fact::Fact;
use crate::logic::Truth;
use crate::value::{Possible, Values};

/// What can be said of an enterprise and a programme. Never a credit decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// A verified condition is not met.
    NotEligible,
    /// Something that decides is not known here.
    CannotSay,
    /// Papers are missing that can be had; with them it would be likely eligible.
    Missing,
    /// Everything that can be checked here is met. The bank checks the rest and decides.
    LikelyEligible,
}

impl Status {
    /// Every status, from the least to the most.
    pub const ALL: [Status; 4] =
        [Status::NotEligible, Status::CannotSay, Status::Missing, Status::LikelyEligible];

    /// `likely_eligible`, `missing`, `not_eligible` or `cannot_say`.
    pub fn code(self) -> &'static str {
        match self {
            Status::NotEligible => "not_eligible",
            Status::CannotSay => "cannot_say",
            Status::Missing => "missing",
            Status::LikelyEligible => "likely_eligible",
        }
    }
}

/// Status and ceilings in one programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The status.
    pub status: Status,
    /// The highest ceiling reachable as things are; only when likely eligible.
    pub ceiling: Option<Rupiah>,
    /// The highest ceiling reachable with one more paper, when that is higher.
    pub next: Option<Rupiah>,
}

/// The rules of one day, laid out for many enterprises: each rule is asked once, whatever number of programmes
/// has it.
#[derive(Debug)]
pub struct Assessor<'a> {
    in_force: &'a InForce<'a>,
    /// The rules asked for, as places in the catalogue.
    asked: Vec<usize>,
    layouts: Vec<Layout>,
}

/// One version, with rules as places in `asked`.
#[derive(Debug)]
struct Layout {
    rules: Vec<(usize, RuleKind, Mark)>,
    ceilings: Vec<(Rupiah, Vec<usize>)>,
    papers: Vec<PaperLayout>,
}

/// A paper and the rules that it can change.
#[derive(Debug)]
struct PaperLayout {
    paper: usize,
    gives: Fact,
    changes: Vec<usize>,
}

/// The answers to the rules of an [`Assessor`].
#[derive(Debug, Clone, Default)]
pub struct Answers(Vec<Truth>);

impl<'a> Assessor<'a> {
    /// Lays out the rules in force.
    pub fn new(in_force: &'a InForce<'a>) -> Assessor<'a> {
        let mut asked: Vec<usize> =
            in_force.versions.iter().flat_map(|(_, it)| it.every_rule()).collect();
        asked.sort_unstable();
        asked.dedup();
        let layouts = in_force.versions.iter().map(|it| layout(in_force, it.1, &asked)).collect();
        Assessor { in_force, asked, layouts }
    }

    /// The rules in force.
    pub fn in_force(&self) -> &'a InForce<'a> {
        self.in_force
    }

    /// Answers every rule. `answers` is room that is used again.
    pub fn ask(&self, values: &Values, answers: &mut Answers) {
        answers.0.clear();
        answers.0.extend(self.asked.iter().map(|it| self.answer(*it, values)));
    }

    fn answer(&self, rule: usize, values: &Values) -> Truth {
        let when = &self.in_force.catalogue.rules()[rule].when;
        when.as_ref().map_or(Truth::Unknown, |it| it.holds(values))
    }

    /// What became of the rule at this place in the catalogue; `None` when no version in force has it.
    pub fn answer_of(&self, rule: usize, answers: &Answers) -> Option<Truth> {
        let at = self.asked.binary_search(&rule).ok()?;
        answers.0.get(at).copied()
    }

    /// The verdict for the version at `place` of [`InForce::versions`], from the answers to these `values`.
    pub fn verdict(&self, place: usize, values: &Values, answers: &mut Answers) -> Verdict {
        let layout = &self.layouts[place];
        let (status, ceiling) = layout.outcome(answers);
        let mut next = None;
        if matches!(status, Status::Missing | Status::LikelyEligible | Status::CannotSay) {
            for paper in &layout.papers {
                if values.get(paper.gives).truth() != Truth::Met {
                    next = next.max(self.with_paper(layout, paper, values, answers).1);
                }
            }
        }
        Verdict { status, ceiling, next: next.filter(|it| ceiling.is_none_or(|now| now < *it)) }
    }

    /// Status and ceiling as if the paper were there.
    fn with_paper(
        &self,
        layout: &Layout,
        paper: &PaperLayout,
        values: &Values,
        answers: &mut Answers,
    ) -> (Status, Option<Rupiah>) {
        let values = values.with(paper.gives, Possible::flag(Truth::Met));
        let before: Vec<Truth> = paper.changes.iter().map(|it| answers.0[*it]).collect();
        for &at in &paper.changes {
            answers.0[at] = self.answer(self.asked[at], &values);
        }
        let outcome = layout.outcome(answers);
        for (&at, before) in paper.changes.iter().zip(before) {
            answers.0[at] = before;
        }
        outcome
    }

    /// Each paper of the version at `place` that is not there, with the status and ceiling it would give alone;
    /// and those that all of them would give together.
    pub fn what_papers_give(&self, place: usize, values: &Values) -> WhatPapersGive {
        let layout = &self.layouts[place];
        let mut answers = Answers::default();
        self.ask(values, &mut answers);
        let lacking = |it: &&PaperLayout| values.get(it.gives).truth() != Truth::Met;
        let mut all = *values;
        let mut each = Vec::new();
        for paper in layout.papers.iter().filter(lacking) {
            let (status, ceiling) = self.with_paper(layout, paper, values, &mut answers);
            each.push((paper.paper, status, ceiling));
            all.set(paper.gives, Possible::flag(Truth::Met));
        }
        self.ask(&all, &mut answers);
        WhatPapersGive { each, all: layout.outcome(&answers) }
    }

    /// The verdicts of every enterprise for every version in force, on all cores: those of the first enterprise,
    /// then those of the second, and so on.
    pub fn verdicts(&self, enterprises: &[Values]) -> Vec<Verdict> {
        let one = |answers: &mut Answers, values: &Values| -> Vec<Verdict> {
            self.ask(values, answers);
            (0..self.layouts.len()).map(|it| self.verdict(it, values, answers)).collect()
        };
        let pieces: Vec<Vec<Verdict>> = enterprises
            .par_chunks(4_096)
            .map(|piece| {
                let mut answers = Answers::default();
                piece.iter().flat_map(|it| one(&mut answers, it)).collect()
            })
            .collect();
        pieces.concat()
    }
}

/// What papers would give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatPapersGive {
    /// Each paper, as a place in the catalogue, with status and ceiling were it alone added.
    pub each: Vec<(usize, Status, Option<Rupiah>)>,
    /// Status and ceiling were all of them added.
    pub all: (Status, Option<Rupiah>),
}

impl Version {
    /// The rules of the version and of its ceilings.
    pub fn every_rule(&self) -> impl Iterator<Item = usize> {
        self.rules.iter().chain(self.ceilings.iter().flat_map(|it| &it.requires)).copied()
    }
}

fn layout(in_force: &InForce, version: &Version, asked: &[usize]) -> Layout {
    let catalogue = in_force.catalogue;
    let at = |rule: usize| asked.partition_point(|it| *it < rule);
    let rule = |it: &usize| (at(*it), catalogue.rules()[*it].kind, catalogue.rules()[*it].mark);
    let decides = |it: &usize| catalogue.rules()[*it].kind != RuleKind::Bank;
    let ceilings = version
        .ceilings
        .iter()
        .map(|it| (it.amount, it.requires.iter().copied().filter(decides).map(at).collect()));
    let paper_rules = version
        .every_rule()
        .filter(|it| matches!(catalogue.rules()[*it].kind, RuleKind::Paper | RuleKind::Condition));
    let mut papers: Vec<usize> =
        paper_rules.flat_map(|it| catalogue.rules()[it].papers.iter().copied()).collect();
    papers.sort_unstable();
    papers.dedup();
    let papers = papers.into_iter().map(|paper| {
        let gives = catalogue.papers()[paper].gives;
        let names = |it: &usize| {
            let when = &catalogue.rules()[*it].when;
            when.as_ref().is_some_and(|it| it.facts().contains(&gives))
        };
        let mut changes: Vec<usize> = version.every_rule().filter(names).map(at).collect();
        changes.sort_unstable();
        changes.dedup();
        PaperLayout { paper, gives, changes }
    });
    let papers = papers.collect();
    Layout { rules: version.rules.iter().map(rule).collect(), ceilings: ceilings.collect(), papers }
}

impl Layout {
    fn outcome(&self, answers: &Answers) -> (Status, Option<Rupiah>) {
        let (mut unknown, mut missing) = (false, false);
        for &(at, kind, mark) in &self.rules {
            match (kind, answers.0[at]) {
                (RuleKind::Bank | RuleKind::Advice, _) | (_, Truth::Met) => {}
                (RuleKind::Condition, Truth::NotMet) if mark == Mark::Verified => {
                    return (Status::NotEligible, None);
                }
                // Nobody is turned away by what was not verified.
                (RuleKind::Condition, Truth::NotMet) | (_, Truth::Unknown) => unknown = true,
                (RuleKind::Paper, Truth::NotMet) => missing = true,
            }
        }
        match (unknown, missing) {
            (true, _) => (Status::CannotSay, None),
            (_, true) => (Status::Missing, None),
            _ => {
                let holds =
                    |it: &&(Rupiah, Vec<usize>)| it.1.iter().all(|at| answers.0[*at] == Truth::Met);
                let highest = self.ceilings.iter().rev().find(holds).map(|it| it.0);
                (Status::LikelyEligible, highest)
            }
        }
    }
}
