//! Owners: which records name one person.
//!
//! A record of another enterprise names the same person when what speaks of persons agrees; records of one
//! enterprise name one person unless their names or NIK tell two, as with spouses.

use crate::cluster::{self, Bonds, Link, Rule};
use crate::compare::{Comparator, compare};
use crate::corpus::Corpus;
use crate::model::Model;
use crate::score::Scorer;

/// Bits that belonging to one enterprise adds.
const SAME_ENTERPRISE: f64 = 6.0;
/// Bits that stand for "cannot be one person".
const TWO_PERSONS: f64 = -40.0;

/// Where two NIK differ altogether.
pub(crate) const DIFFERENT_NIK: u8 = 4;
const PARTLY_EQUAL_NAME: u8 = 5;
const DIFFERENT_NAME: u8 = 6;

/// Groups records by the person they name. `links` are scored pairs with their person bits, `enterprise`
/// the cluster of each record.
pub(crate) fn owners(
    corpus: &Corpus,
    scorer: &Scorer,
    model: &Model,
    links: &[Link],
    enterprise: &[u32],
    members: &[Vec<u32>],
) -> Vec<Vec<u32>> {
    let judge = Judge::new(corpus, scorer, enterprise);
    let weight = |a: u32, b: u32| judge.bits(a, b);
    let (threshold, near) = thresholds(model);
    let near = links.iter().filter(|it| near <= it.2);
    let inside = members.iter().flat_map(|group| {
        group.iter().enumerate().flat_map(|(place, a)| group[place + 1..].iter().map(|b| (*a, *b)))
    });
    let mut pairs: Vec<(u32, u32)> = near.map(|it| (it.0, it.1)).chain(inside).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let all: Vec<Link> = pairs.into_iter().map(|(a, b)| (a, b, weight(a, b))).collect();
    let bonds = Bonds::default();
    let groups = cluster::groups(corpus.len(), &all, &bonds, threshold);
    let pieces: Vec<Vec<u32>> =
        groups.into_iter().flat_map(|it| cluster::pieces(it, &all, &bonds, threshold)).collect();
    let rule = Rule { threshold, best_share: 0.5, cap: 40.0 };
    cluster::clusters(&pieces, &all, &bonds, rule, &weight)
}

/// Bits from which two records name one person, and from which they may if they are of one enterprise.
pub(crate) fn thresholds(model: &Model) -> (f64, f64) {
    let threshold = model.settings.owner_threshold_bits;
    (threshold, threshold - SAME_ENTERPRISE)
}

/// Judges whether two records name one person.
pub(crate) struct Judge<'a> {
    corpus: &'a Corpus<'a>,
    scorer: &'a Scorer,
    enterprise: &'a [u32],
    /// Which comparisons are of the NIK and of the person's name.
    nik: Option<usize>,
    name: Option<usize>,
}

impl<'a> Judge<'a> {
    /// A judge who knows the `enterprise` of each record by a number.
    pub(crate) fn new(
        corpus: &'a Corpus<'a>,
        scorer: &'a Scorer,
        enterprise: &'a [u32],
    ) -> Judge<'a> {
        let of = |by: Comparator| corpus.plan.comparisons.iter().position(|it| it.by == by);
        let (nik, name) = (of(Comparator::Nik), of(Comparator::PersonName));
        Judge { corpus, scorer, enterprise, nik, name }
    }

    /// Bits of two records naming one person.
    pub(crate) fn bits(&self, a: u32, b: u32) -> f64 {
        let found = compare(self.corpus, a.min(b) as usize, a.max(b) as usize);
        let level = |comparison: Option<usize>| comparison.map_or(0, |it| found.levels[it]);
        let (nik, name) = (level(self.nik), level(self.name));
        if name == DIFFERENT_NAME || (nik == DIFFERENT_NIK && name == PARTLY_EQUAL_NAME) {
            return TWO_PERSONS;
        }
        let together = self.enterprise[a as usize] == self.enterprise[b as usize];
        let bonus = if together && nik != DIFFERENT_NIK { SAME_ENTERPRISE } else { 0.0 };
        let bits = self.scorer.score(&found).person + bonus;
        // Without a name on one side only an enterprise in common tells whose record it is.
        if name == 0 && !together && nik != 1 { bits.min(-1.0) } else { bits }
    }
}
