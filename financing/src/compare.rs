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
    let sides = Sides::new(old, new);
    let tallies: Vec<Tally> = enterprises
        .par_chunks(PIECE)
        .enumerate()
        .map(|(piece, all)| sides.tally(piece * PIECE, all, list_at_most))
        .collect();
    let mut whole = sides.empty();
    tallies.into_iter().for_each(|it| whole.add(it));
    let listed: Vec<(usize, usize)> = whole.changes.iter().copied().take(list_at_most).collect();
    let list: Vec<Change> =
        listed.into_iter().map(|(at, pair)| sides.change(pair, &enterprises[at])).collect();
    let programmes = sides.pairs.iter().zip(&whole.pairs);
    Comparison {
        enterprises: enterprises.len() as u64,
        changed: whole.changed,
        programmes: programmes
            .map(|(pair, it)| (pair.programme.to_owned(), it.named(pair)))
            .collect(),
        unlisted: whole.found - list.len() as u64,
        list,
    }
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

/// How many enterprises one core takes at a time.
const PIECE: usize = 4_096;

/// A programme, where its versions stand on either side, and every rule of the two.
struct Pair<'a> {
    programme: &'a str,
    places: (Option<usize>, Option<usize>),
    /// By id, with the rule's place in the catalogue of either side.
    rules: Vec<(&'a str, Option<usize>, Option<usize>)>,
}

struct Sides<'a> {
    before: Assessor<'a>,
    after: Assessor<'a>,
    pairs: Vec<Pair<'a>>,
}

/// What both sides say of one enterprise.
#[derive(Default)]
struct Said {
    before: Answers,
    after: Answers,
}

/// Counts by number instead of by name: a preview asks millions of rules.
#[derive(Clone)]
struct Counts {
    /// By status before and after; 0 where the programme is not in force.
    moves: [[u64; 5]; 5],
    /// For each rule of the pair, by truth before and after; 0 where the version does not have it.
    reasons: Vec<[[u64; 4]; 4]>,
    higher: u64,
    lower: u64,
}

struct Tally {
    changed: u64,
    found: u64,
    pairs: Vec<Counts>,
    /// Enterprise and pair of the first changes.
    changes: Vec<(usize, usize)>,
}

impl Tally {
    fn add(&mut self, further: Tally) {
        self.changed += further.changed;
        self.found += further.found;
        self.changes.extend(further.changes);
        let sum = |all: &mut [u64], more: &[u64]| {
            all.iter_mut().zip(more).for_each(|(it, more)| *it += more);
        };
        for (all, more) in self.pairs.iter_mut().zip(further.pairs) {
            sum(all.moves.as_flattened_mut(), more.moves.as_flattened());
            let (all_reasons, more_reasons) = (&mut all.reasons, &more.reasons);
            sum(
                all_reasons.as_flattened_mut().as_flattened_mut(),
                more_reasons.as_flattened().as_flattened(),
            );
            all.higher += more.higher;
            all.lower += more.lower;
        }
    }
}

impl Counts {
    fn named(&self, pair: &Pair) -> ProgrammeChanges {
        let status = |it: usize| it.checked_sub(1).map(|it| Status::ALL[it]);
        let truth = |it: usize| it.checked_sub(1).map(|it| Truth::ALL[it]);
        let mut named =
            ProgrammeChanges { higher: self.higher, lower: self.lower, ..Default::default() };
        for (before, row) in self.moves.iter().enumerate() {
            for (after, count) in row.iter().enumerate().filter(|it| 0 < *it.1) {
                named.moves.insert((status(before), status(after)), *count);
            }
        }
        for (rule, table) in pair.rules.iter().zip(&self.reasons) {
            for (before, row) in table.iter().enumerate() {
                for (after, count) in row.iter().enumerate().filter(|it| 0 < *it.1) {
                    let (before, after) = (truth(before), truth(after));
                    named.reasons.insert(Reason { rule: rule.0.to_owned(), before, after }, *count);
                }
            }
        }
        named
    }
}

/// Whether a rule that came out so on the two sides is a reason. One that only one side has tells something when
/// it is not met there.
fn tells(before: Option<Truth>, after: Option<Truth>) -> bool {
    match (before, after) {
        (Some(one), Some(two)) => one != two,
        (Some(one), None) | (None, Some(one)) => one != Truth::Met,
        (None, None) => false,
    }
}

impl<'a> Sides<'a> {
    fn new(old: &'a InForce<'a>, new: &'a InForce<'a>) -> Sides<'a> {
        let ids = |it: &'a InForce<'a>| it.versions.iter().map(|it| it.0.id.as_str());
        let all: BTreeSet<&str> = ids(old).chain(ids(new)).collect();
        let place = |side: &'a InForce<'a>, id: &str| ids(side).position(|it| it == id);
        let rules = |side: &'a InForce<'a>, place: Option<usize>| -> BTreeMap<&'a str, usize> {
            let version = place.and_then(|it| side.versions.get(it));
            let rules = version.into_iter().flat_map(|it| it.1.every_rule());
            rules.map(|it| (side.catalogue.rules()[it].id.as_str(), it)).collect()
        };
        let pair = |programme: &'a str| {
            let places = (place(old, programme), place(new, programme));
            let (was, becomes) = (rules(old, places.0), rules(new, places.1));
            let ids: BTreeSet<&str> = was.keys().chain(becomes.keys()).copied().collect();
            let of = |it: &'a str| (it, was.get(it).copied(), becomes.get(it).copied());
            Pair { programme, places, rules: ids.into_iter().map(of).collect() }
        };
        let pairs = all.into_iter().map(pair).collect();
        Sides { before: Assessor::new(old), after: Assessor::new(new), pairs }
    }

    fn empty(&self) -> Tally {
        let counts = |it: &Pair| Counts {
            moves: [[0; 5]; 5],
            reasons: vec![[[0; 4]; 4]; it.rules.len()],
            higher: 0,
            lower: 0,
        };
        let pairs = self.pairs.iter().map(counts).collect();
        Tally { changed: 0, found: 0, pairs, changes: Vec::new() }
    }

    fn ask(&self, values: &Values, said: &mut Said) {
        self.before.ask(values, &mut said.before);
        self.after.ask(values, &mut said.after);
    }

    fn verdicts(
        &self,
        pair: &Pair,
        values: &Values,
        said: &mut Said,
    ) -> (Option<Verdict>, Option<Verdict>) {
        let before = pair.places.0.map(|it| self.before.verdict(it, values, &mut said.before));
        let after = pair.places.1.map(|it| self.after.verdict(it, values, &mut said.after));
        (before, after)
    }

    fn truths(
        &self,
        rule: &(&str, Option<usize>, Option<usize>),
        said: &Said,
    ) -> (Option<Truth>, Option<Truth>) {
        let before = rule.1.and_then(|it| self.before.answer_of(it, &said.before));
        (before, rule.2.and_then(|it| self.after.answer_of(it, &said.after)))
    }

    fn tally(&self, first: usize, piece: &[(EnterpriseId, Values)], list_at_most: usize) -> Tally {
        let mut tally = self.empty();
        let mut said = Said::default();
        let status = |it: Option<Verdict>| it.map_or(0, |it| it.status as usize + 1);
        let ceiling = |it: Option<Verdict>| it.and_then(|it| it.ceiling);
        let truth = |it: Option<Truth>| it.map_or(0, |it| it as usize + 1);
        for (at, (_, values)) in piece.iter().enumerate() {
            self.ask(values, &mut said);
            let found = tally.found;
            for (place, pair) in self.pairs.iter().enumerate() {
                let (before, after) = self.verdicts(pair, values, &mut said);
                let counts = &mut tally.pairs[place];
                counts.moves[status(before)][status(after)] += 1;
                if before == after {
                    continue;
                }
                tally.found += 1;
                counts.higher += u64::from(ceiling(before) < ceiling(after));
                counts.lower += u64::from(ceiling(after) < ceiling(before));
                for (rule, reasons) in pair.rules.iter().zip(&mut counts.reasons) {
                    let (before, after) = self.truths(rule, &said);
                    reasons[truth(before)][truth(after)] += u64::from(tells(before, after));
                }
                if tally.changes.len() < list_at_most {
                    tally.changes.push((first + at, place));
                }
            }
            tally.changed += u64::from(found < tally.found);
        }
        tally
    }

    fn change(&self, pair: usize, (enterprise, values): &(EnterpriseId, Values)) -> Change {
        let pair = &self.pairs[pair];
        let mut said = Said::default();
        self.ask(values, &mut said);
        let (before, after) = self.verdicts(pair, values, &mut said);
        let because = pair.rules.iter().filter_map(|rule| {
            let (before, after) = self.truths(rule, &said);
            let reason = || Reason { rule: rule.0.to_owned(), before, after };
            tells(before, after).then(reason)
        });
        let because = because.collect();
        let (enterprise, programme) = (*enterprise, pair.programme.to_owned());
        Change { enterprise, programme, before, after, because }
    }
}
