//! What another set of rules, or another day, would change: who gets another status or ceiling, and why.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::EnterpriseId;
use rayon::prelude::*;

use crate::catalogue::InForce;
use crate::logic::Truth;
use crate::value::Values;
use crate::verdict::{Answers, Assessor, Status, Verdict};

/// A rule that came out otherwise, or that only one side has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The rule.
    pub rule: String,
    /// What became of it before; none when the version did not have it.
    pub before: Option<Truth>,
    /// What becomes of it after; none when the version does not have it.
    pub after: Option<Truth>,
}

/// One enterprise that a programme would treat otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// The programme.
    pub programme: String,
    /// Before; none when the programme was not in force.
    pub before: Option<Verdict>,
    /// After; none when the programme is not in force.
    pub after: Option<Verdict>,
    /// Why. Empty when only the amount of a ceiling changed.
    pub because: Vec<Reason>,
}

/// What changes in one programme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgrammeChanges {
    /// How many enterprises go from one status to another, those that stay included.
    pub moves: BTreeMap<(Option<Status>, Option<Status>), u64>,
    /// How many of those that change are touched by each reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// How many get a higher ceiling, or one at all.
    pub higher: u64,
    /// How many get a lower ceiling, or none any more.
    pub lower: u64,
}

/// What changes in the whole register.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many enterprises were compared.
    pub enterprises: u64,
    /// How many of them change in at least one programme.
    pub changed: u64,
    /// By programme id.
    pub programmes: BTreeMap<String, ProgrammeChanges>,
    /// The changes, in the order in which the enterprises were given, as many as were asked for.
    pub list: Vec<Change>,
    /// How many more changes there are than the list has.
    pub unlisted: u64,
}

/// Compares `old` with `new` on these enterprises. The list has at most `list_at_most` changes; the counts are of
/// all.
pub fn compare(
    old: &InForce,
    new: &InForce,
    enterprises: &[(EnterpriseId, Values)],
    list_at_most: usize,
) -> Comparison {
    let (before, after) = (Assessor::new(old), Assessor::new(new));
    let pairs = pairs(old, new);
    let sides = Sides { old, new, before, after, pairs };
    enterprises
        .par_chunks(4_096)
        .map(|piece| sides.compare(piece, list_at_most))
        .collect::<Vec<_>>()
        .into_iter()
        .fold(Comparison::default(), |mut all, it| {
            all.absorb(it, list_at_most);
            all
        })
}

impl Comparison {
    /// Adds what was found on further enterprises, as when a register is read in pages.
    pub fn absorb(&mut self, further: Comparison, list_at_most: usize) {
        self.enterprises += further.enterprises;
        self.changed += further.changed;
        self.unlisted += further.unlisted;
        for (programme, found) in further.programmes {
            let all = self.programmes.entry(programme).or_default();
            found
                .moves
                .into_iter()
                .for_each(|(it, count)| *all.moves.entry(it).or_default() += count);
            for (reason, count) in found.reasons {
                *all.reasons.entry(reason).or_default() += count;
            }
            all.higher += found.higher;
            all.lower += found.lower;
        }
        for change in further.list {
            if self.list.len() < list_at_most { self.list.push(change) } else { self.unlisted += 1 }
        }
    }
}

/// A programme and where its versions stand on either side.
type Pair<'a> = (&'a str, Option<usize>, Option<usize>);

struct Sides<'a> {
    old: &'a InForce<'a>,
    new: &'a InForce<'a>,
    before: Assessor<'a>,
    after: Assessor<'a>,
    pairs: Vec<Pair<'a>>,
}

fn pairs<'a>(old: &'a InForce, new: &'a InForce) -> Vec<Pair<'a>> {
    let ids = |it: &'a InForce| it.versions.iter().map(|it| it.0.id.as_str());
    let all: BTreeSet<&str> = ids(old).chain(ids(new)).collect();
    let place = |side: &'a InForce, id: &str| ids(side).position(|it| it == id);
    all.into_iter().map(|it| (it, place(old, it), place(new, it))).collect()
}

impl Sides<'_> {
    fn compare(&self, piece: &[(EnterpriseId, Values)], list_at_most: usize) -> Comparison {
        let mut found = Comparison::default();
        let (mut before, mut after) = (Answers::default(), Answers::default());
        for (enterprise, values) in piece {
            self.before.ask(values, &mut before);
            self.after.ask(values, &mut after);
            found.enterprises += 1;
            let mut changed = false;
            for &(programme, old, new) in &self.pairs {
                let was = old.map(|it| self.before.verdict(it, values, &mut before));
                let becomes = new.map(|it| self.after.verdict(it, values, &mut after));
                let status = |it: Option<Verdict>| it.map(|it| it.status);
                // A name is copied once for each piece, not for each enterprise.
                if !found.programmes.contains_key(programme) {
                    found.programmes.insert(programme.to_owned(), ProgrammeChanges::default());
                }
                let Some(counts) = found.programmes.get_mut(programme) else { continue };
                *counts.moves.entry((status(was), status(becomes))).or_default() += 1;
                if was == becomes {
                    continue;
                }
                changed = true;
                let ceiling = |it: Option<Verdict>| it.and_then(|it| it.ceiling);
                counts.higher += u64::from(ceiling(was) < ceiling(becomes));
                counts.lower += u64::from(ceiling(becomes) < ceiling(was));
                let because = self.because(old, new, &before, &after);
                for reason in &because {
                    *counts.reasons.entry(reason.clone()).or_default() += 1;
                }
                if found.list.len() < list_at_most {
                    let (enterprise, programme) = (*enterprise, programme.to_owned());
                    let (before, after) = (was, becomes);
                    found.list.push(Change { enterprise, programme, before, after, because });
                } else {
                    found.unlisted += 1;
                }
            }
            found.changed += u64::from(changed);
        }
        found
    }

    /// The rules that come out otherwise. One that only one side has tells something when it is not met there.
    fn because(
        &self,
        old: Option<usize>,
        new: Option<usize>,
        before: &Answers,
        after: &Answers,
    ) -> Vec<Reason> {
        let answers =
            |side: &InForce, assessor: &Assessor, place: Option<usize>, answers: &Answers| {
                let version = place.and_then(|it| side.versions.get(it)).map(|it| it.1);
                let rules = version.into_iter().flat_map(|it| it.every_rule());
                let named = rules.filter_map(|it| {
                    Some((side.catalogue.rules()[it].id.clone(), assessor.answer_of(it, answers)?))
                });
                named.collect::<BTreeMap<String, Truth>>()
            };
        let was = answers(self.old, &self.before, old, before);
        let becomes = answers(self.new, &self.after, new, after);
        let ids: BTreeSet<&String> = was.keys().chain(becomes.keys()).collect();
        let reasons = ids.into_iter().map(|it| Reason {
            rule: it.clone(),
            before: was.get(it).copied(),
            after: becomes.get(it).copied(),
        });
        let tells = |it: &Reason| match (it.before, it.after) {
            (Some(one), Some(two)) => one != two,
            (Some(one), None) | (None, Some(one)) => one != Truth::Met,
            (None, None) => false,
        };
        reasons.filter(tells).collect()
    }
}
