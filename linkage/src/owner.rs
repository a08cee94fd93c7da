//! Owners: which records name one person.
//!
//! A record of another enterprise names the same person when what speaks of persons agrees; records of one
//! enterprise name one person unless their names or NIK tell two, as with spouses.

use crate::block::Pair;
use crate::cluster::{self, Bonds, Rule};
use crate::compare::{ComparedField, compare};
use crate::corpus::Corpus;
use crate::model::Model;
use crate::score::Scorer;

/// Bits that belonging to one enterprise adds.
const SAME_ENTERPRISE: f64 = 6.0;
/// Bits that stand for "cannot be one person".
const TWO_PERSONS: f64 = -40.0;

const DIFFERENT_NIK: u8 = 4;
const PARTLY_EQUAL_NAME: u8 = 5;
const DIFFERENT_NAME: u8 = 6;

/// Groups records by the person they name. `links` are scored pairs with their person bits, `enterprise`
/// the cluster of each record.
pub(crate) fn owners(
    corpus: &Corpus,
    scorer: &Scorer,
    model: &Model,
    links: &[(u32, u32, f64)],
    enterprise: &[u32],
    members: &[Vec<u32>],
) -> Vec<Vec<u32>> {
    let weight = |a: u32, b: u32| person_bits(corpus, scorer, enterprise, a, b);
    let threshold = model.settings.owner_threshold_bits;
    let near: Vec<(u32, u32, f64)> = links
        .iter()
        .filter(|it| threshold - SAME_ENTERPRISE <= it.2)
        .map(|(a, b, _)| (*a, *b, weight(*a, *b)))
        .collect();
    let inside = members.iter().flat_map(|group| {
        group.iter().enumerate().flat_map(|(place, a)| group[place + 1..].iter().map(|b| (*a, *b)))
    });
    let inside = inside.map(|(a, b): Pair| (a, b, weight(a, b)));
    let all: Vec<(u32, u32, f64)> = near.into_iter().chain(inside).collect();
    let bonds = Bonds::default();
    let groups = cluster::groups(corpus.len(), &all, &bonds, threshold);
    let pieces: Vec<Vec<u32>> =
        groups.iter().flat_map(|it| cluster::pieces(it, &all, &bonds, threshold)).collect();
    let rule = Rule { threshold, best_share: 0.5, cap: 40.0 };
    cluster::clusters(&pieces, &bonds, rule, &weight)
}

fn person_bits(corpus: &Corpus, scorer: &Scorer, enterprise: &[u32], a: u32, b: u32) -> f64 {
    let found = compare(corpus, &scorer.scale, a.min(b) as usize, a.max(b) as usize);
    let level = |field: ComparedField| found.levels[field as usize];
    let (nik, name) = (level(ComparedField::Nik), level(ComparedField::Owner));
    if name == DIFFERENT_NAME || (nik == DIFFERENT_NIK && name == PARTLY_EQUAL_NAME) {
        return TWO_PERSONS;
    }
    let together = enterprise[a as usize] == enterprise[b as usize];
    let bonus = if together && nik != DIFFERENT_NIK { SAME_ENTERPRISE } else { 0.0 };
    let bits = scorer.score(&found).person + bonus;
    // Without a name on one side only an enterprise in common tells whose record it is.
    if name == 0 && !together && nik != 1 { bits.min(-1.0) } else { bits }
}
