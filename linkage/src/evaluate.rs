//! Evaluation: found clusters against known ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::id::RecordId;
use rustc_hash::FxHashMap;

/// Shares of right answers; each between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Of what was found, the share that is right.
    pub precision: f64,
    /// Of what is right, the share that was found.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
}

impl Quality {
    fn of(precision: f64, recall: f64) -> Quality {
        let sum = precision + recall;
        let f1 = if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum };
        Quality { precision, recall, f1 }
    }
}

/// How well found clusters fit the known ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Over pairs of records in one cluster.
    pub pairwise: Quality,
    /// Over records, each with the overlap of its two clusters (B-cubed).
    pub b_cubed: Quality,
    /// The share of true pairs that blocking proposed; `None` when the proposals were not given.
    pub candidate_recall: Option<f64>,
    /// Pairs found that are not true, in order.
    pub false_links: Vec<(RecordId, RecordId)>,
    /// True pairs that were not found, in order.
    pub missed_links: Vec<(RecordId, RecordId)>,
}

/// Compares clusters. Only records the truth speaks of count; a record no found cluster holds stands alone.
pub fn evaluate(
    found: &[Vec<RecordId>],
    truth: &[Vec<RecordId>],
    candidates: Option<&[(RecordId, RecordId)]>,
) -> Evaluation {
    let known: BTreeMap<RecordId, usize> =
        truth.iter().enumerate().flat_map(|(i, it)| it.iter().map(move |id| (*id, i))).collect();
    let mut place: HashMap<RecordId, usize> = HashMap::new();
    let mut kept: Vec<Vec<RecordId>> = vec![];
    for cluster in found {
        let members: Vec<RecordId> =
            cluster.iter().copied().filter(|it| known.contains_key(it)).collect();
        place.extend(members.iter().map(|it| (*it, kept.len())));
        kept.push(members);
    }
    for id in known.keys() {
        place.entry(*id).or_insert_with(|| {
            kept.push(vec![*id]);
            kept.len() - 1
        });
    }
    let (found_pairs, true_pairs) = (pairs(&kept), pairs(truth));
    let false_links: Vec<_> = found_pairs.difference(&true_pairs).copied().collect();
    let missed_links: Vec<_> = true_pairs.difference(&found_pairs).copied().collect();
    let right = (found_pairs.len() - false_links.len()) as f64;
    let pairwise = Quality::of(share(right, found_pairs.len()), share(right, true_pairs.len()));
    let (mut precision, mut recall) = (0.0, 0.0);
    for (id, of_truth) in &known {
        let cluster = &kept[place[id]];
        let common = cluster.iter().filter(|it| known[it] == *of_truth).count() as f64;
        precision += common / cluster.len() as f64;
        recall += common / truth[*of_truth].len() as f64;
    }
    let b_cubed = Quality::of(share(precision, known.len()), share(recall, known.len()));
    let candidate_recall = candidates.map(|proposed| {
        let proposed: BTreeSet<_> = proposed.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
        share(true_pairs.intersection(&proposed).count() as f64, true_pairs.len())
    });
    Evaluation { pairwise, b_cubed, candidate_recall, false_links, missed_links }
}

/// Pairwise and B-cubed quality of a grouping: `found` and `truth` name the group of each record. With `side`,
/// which says of each record from which of two lists it comes, only what a record has to do with those of the
/// other list counts. Takes time in proportion to the records, whatever the size of the groups.
pub fn measure(found: &[u32], truth: &[u32], side: Option<&[bool]>) -> (Quality, Quality) {
    /// How many records of a group come from each list.
    type Sizes = [f64; 2];
    let mut sizes: [FxHashMap<u32, Sizes>; 2] = Default::default();
    let mut common: FxHashMap<(u32, u32), Sizes> = FxHashMap::default();
    for (record, (one, two)) in found.iter().zip(truth).enumerate() {
        let list = side.map_or(0, |it| usize::from(it[record]));
        sizes[0].entry(*one).or_default()[list] += 1.0;
        sizes[1].entry(*two).or_default()[list] += 1.0;
        common.entry((*one, *two)).or_default()[list] += 1.0;
    }
    let pairs = |of: &Sizes| match side {
        Some(_) => of[0] * of[1],
        None => of[0] * (of[0] - 1.0) / 2.0,
    };
    let right: f64 = common.values().map(pairs).sum();
    let all = sizes.each_ref().map(|it| it.values().map(pairs).sum::<f64>());
    let ratio = |part: f64, whole: f64| if whole == 0.0 { 1.0 } else { part / whole };
    let pairwise = Quality::of(ratio(right, all[0]), ratio(right, all[1]));
    let (mut precision, mut recall) = (0.0, 0.0);
    for ((one, two), both) in &common {
        for list in [0, 1] {
            // The record itself and those it can be linked to.
            let seen = |of: &Sizes| if side.is_some() { 1.0 + of[1 - list] } else { of[list] };
            precision += both[list] * seen(both) / seen(&sizes[0][one]).max(1.0);
            recall += both[list] * seen(both) / seen(&sizes[1][two]).max(1.0);
        }
    }
    let records = found.len() as f64;
    (pairwise, Quality::of(ratio(precision, records), ratio(recall, records)))
}

fn share(part: f64, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part / whole as f64 }
}

fn pairs(clusters: &[Vec<RecordId>]) -> BTreeSet<(RecordId, RecordId)> {
    let mut pairs = BTreeSet::new();
    for cluster in clusters {
        for (index, a) in cluster.iter().enumerate() {
            pairs.extend(cluster[index + 1..].iter().map(|b| (*a.min(b), *a.max(b))));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::RecordId;

    fn clusters(of: &[&[u8]]) -> Vec<Vec<RecordId>> {
        let id = |it: &u8| RecordId(uuid_of(*it));
        of.iter().map(|it| it.iter().map(id).collect()).collect()
    }

    fn uuid_of(number: u8) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(number))
    }

    #[test]
    fn quality_counts_pairs_and_records() {
        let found = clusters(&[&[1, 2], &[3, 4], &[5]]);
        let truth = clusters(&[&[1, 2, 3], &[4], &[5]]);
        let of = evaluate(&found, &truth, None);
        assert_eq!(of.pairwise.precision, 0.5);
        assert!((of.pairwise.recall - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!((of.false_links.len(), of.missed_links.len()), (1, 2));
        assert!((of.b_cubed.precision - 4.0 / 5.0).abs() < 1e-9);
    }

    #[test]
    fn measuring_without_lists_says_what_evaluating_says() {
        let found = clusters(&[&[1, 2], &[3, 4], &[5]]);
        let truth = clusters(&[&[1, 2, 3], &[4], &[5]]);
        let of = evaluate(&found, &truth, None);
        let (pairwise, b_cubed) = measure(&[0, 0, 1, 1, 2], &[0, 0, 0, 1, 2], None);
        assert_eq!(pairwise, of.pairwise);
        assert!((b_cubed.precision - of.b_cubed.precision).abs() < 1e-9);
        assert!((b_cubed.recall - of.b_cubed.recall).abs() < 1e-9);
    }

    #[test]
    fn between_two_lists_pairs_within_one_do_not_count() {
        let side = [false, false, true, true, true];
        // The two of the first list are one in truth, and one of them is found with its like in the second.
        let (pairwise, b_cubed) = measure(&[0, 1, 0, 2, 3], &[0, 0, 0, 1, 1], Some(&side));
        assert_eq!((pairwise.precision, pairwise.recall), (1.0, 0.5));
        assert_eq!(b_cubed.precision, 1.0);
        let recall = (1.0 + 0.5 + 2.0 / 3.0 + 1.0 + 1.0) / 5.0;
        assert!((b_cubed.recall - recall).abs() < 1e-9);
        // A false pair within one list is none that was looked for, a false pair across is one.
        let (pairwise, _) = measure(&[0, 0, 1, 2, 2], &[0, 1, 2, 3, 4], Some(&side));
        assert_eq!((pairwise.precision, pairwise.recall), (1.0, 1.0));
        let (pairwise, _) = measure(&[0, 1, 0, 2, 3], &[0, 1, 2, 3, 4], Some(&side));
        assert_eq!(pairwise.precision, 0.0);
    }

    #[test]
    fn a_record_that_was_not_found_stands_alone() {
        let of = evaluate(&clusters(&[&[1]]), &clusters(&[&[1], &[2]]), None);
        assert_eq!(of.pairwise.f1, 1.0);
        assert_eq!(of.b_cubed.f1, 1.0);
    }
}
