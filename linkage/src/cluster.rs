//! Clustering: scored pairs and stewards' decisions -> groups of records that are one.
//!
//! Inside each connected component clusters grow by the best join first. A join is judged by the best pair
//! and by the mean of all pairs between two clusters, so that a chain of weak links does not join. *Never*
//! forbids a join. *Same* joins the two clusters that evidence made, whole: a steward who calls two
//! enterprises one expects all their records in it. The result does not depend on the order of anything.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::block::Pair;

mod grow;

use grow::grown;

/// What a steward settled, by position in the corpus.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bonds {
    /// Pairs that are one.
    pub(crate) same: Vec<Pair>,
    /// Pairs that are never one.
    pub(crate) never: Vec<Pair>,
}

/// How clusters are judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// Bits from which two clusters join.
    pub(crate) threshold: f64,
    /// The part the best pair decides.
    pub(crate) best_share: f64,
    /// Bits a pair counts at most.
    pub(crate) cap: f64,
}

/// A pair of positions, the lesser first, and its bits.
pub(crate) type Link = (u32, u32, f64);

/// Largest group of records that is clustered as one; a larger one is first cut at its weakest links.
const LARGEST: usize = 400;

/// The groups of records connected by links of `threshold` bits and by *same* bonds, each in order.
pub(crate) fn groups(
    records: usize,
    links: &[Link],
    bonds: &Bonds,
    threshold: f64,
) -> Vec<Vec<u32>> {
    let mut forest = Forest::new(records);
    let strong = links.iter().filter(|it| threshold <= it.2).map(|it| (it.0, it.1));
    for (a, b) in strong.chain(bonds.same.iter().copied()) {
        forest.join(a, b);
    }
    let mut place: Vec<u32> = vec![u32::MAX; records];
    let mut groups: Vec<Vec<u32>> = vec![];
    for record in 0..records as u32 {
        let root = forest.root(record) as usize;
        if place[root] == u32::MAX {
            place[root] = groups.len() as u32;
            groups.push(vec![]);
        }
        groups[place[root] as usize].push(record);
    }
    groups
}

/// A group small enough to cluster as one, or the pieces of a larger one cut at its weakest links.
pub(crate) fn pieces(
    group: Vec<u32>,
    links: &[Link],
    bonds: &Bonds,
    threshold: f64,
) -> Vec<Vec<u32>> {
    const STEP: f64 = 2.0;
    const STRONGEST: f64 = 100.0;
    if group.len() <= LARGEST || STRONGEST < threshold {
        return vec![group];
    }
    let place = |it: &u32| group.binary_search(it).ok().map(|it| it as u32);
    let inner: Vec<Link> = group
        .iter()
        .flat_map(|record| links_from(links, *record))
        .filter_map(|(a, b, bits)| Some((place(a)?, place(b)?, *bits)))
        .collect();
    let same = bonds.same.iter().filter_map(|(a, b)| Some((place(a)?, place(b)?))).collect();
    let inner_bonds = Bonds { same, never: vec![] };
    let parts = groups(group.len(), &inner, &inner_bonds, threshold + STEP);
    if parts.len() == group.len() {
        // All its links are about as strong, as among copies of one row: there is no weakest to cut at.
        return vec![group];
    }
    let outer = parts.iter().map(|part| part.iter().map(|it| group[*it as usize]).collect());
    outer.flat_map(|it| pieces(it, links, bonds, threshold + STEP)).collect()
}

/// The links whose lesser record is this one; `links` must be in order.
fn links_from(links: &[Link], record: u32) -> &[Link] {
    let start = links.partition_point(|it| it.0 < record);
    let count = links[start..].iter().take_while(|it| it.0 == record).count();
    &links[start..start + count]
}

/// Clusters every component; `links` are in order, `weight` gives the bits of any pair.
pub(crate) fn clusters(
    components: &[Vec<u32>],
    links: &[Link],
    bonds: &Bonds,
    rule: Rule,
    weight: &(dyn Fn(u32, u32) -> f64 + Sync),
) -> Vec<Vec<u32>> {
    let never: FxHashSet<Pair> = bonds.never.iter().copied().collect();
    let mut same: HashMap<u32, Vec<u32>> = HashMap::new();
    for (a, b) in &bonds.same {
        same.entry(*a).or_default().push(*b);
    }
    let mut found: Vec<Vec<u32>> = components
        .par_iter()
        .with_min_len(64)
        .flat_map_iter(|records| match records[..] {
            [_] => vec![records.clone()],
            _ => {
                let component = Component { records, links, never: &never, rule, weight };
                component.clusters(&same)
            }
        })
        .collect();
    found.par_sort_unstable();
    found
}

/// A connected group of records with what is known of them.
struct Component<'a> {
    records: &'a [u32],
    links: &'a [Link],
    never: &'a FxHashSet<Pair>,
    rule: Rule,
    weight: &'a (dyn Fn(u32, u32) -> f64 + Sync),
}

impl Component<'_> {
    fn clusters(&self, same: &HashMap<u32, Vec<u32>>) -> Vec<Vec<u32>> {
        let records = self.records;
        let place = |record: &u32| records.binary_search(record).ok();
        let mut bonds: Vec<(u32, u32)> = vec![];
        if !same.is_empty() {
            for (index, record) in records.iter().enumerate() {
                let others = same.get(record).into_iter().flatten().filter_map(place);
                bonds.extend(others.map(|other| (index as u32, other as u32)));
            }
        }
        let parts_any =
            |(a, b): &Pair| records.binary_search(a).is_ok() && records.binary_search(b).is_ok();
        if LARGEST < records.len() {
            let alone = || records.iter().map(|it| vec![*it]).collect();
            let parted = self.never.iter().any(parts_any);
            return if parted { alone() } else { vec![records.to_vec()] };
        }
        let found = grown(self, Forest::new(records.len()));
        if bonds.is_empty() {
            return found;
        }
        let joined = joined(records, &found, &bonds);
        let parted = |it: &Vec<u32>| {
            self.never
                .iter()
                .any(|(a, b)| it.binary_search(a).is_ok() && it.binary_search(b).is_ok())
        };
        if !joined.iter().any(parted) {
            return joined;
        }
        // A *never* stands between two clusters that a *same* would join whole: then the bonded records go
        // together first, and the others join them as evidence and the *never* allow.
        let mut forest = Forest::new(records.len());
        for (a, b) in bonds {
            forest.join(a, b);
        }
        grown(self, forest)
    }
}

/// The clusters `found`, those with bonded records made one.
fn joined(records: &[u32], found: &[Vec<u32>], bonds: &[(u32, u32)]) -> Vec<Vec<u32>> {
    let mut forest = Forest::new(records.len());
    let place = |record: &u32| records.binary_search(record).ok().map(|it| it as u32);
    for cluster in found {
        let mut places = cluster.iter().filter_map(place);
        let Some(first) = places.next() else { continue };
        places.for_each(|it| forest.join(first, it));
    }
    for (a, b) in bonds {
        forest.join(*a, *b);
    }
    let mut clusters: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        clusters.entry(forest.root(index as u32)).or_default().push(*record);
    }
    clusters.into_values().collect()
}

/// Sets that only ever join.
struct Forest(Vec<u32>);

impl Forest {
    fn new(size: usize) -> Forest {
        Forest((0..size as u32).collect())
    }

    /// The least member of the set.
    fn root(&mut self, mut member: u32) -> u32 {
        while self.0[member as usize] != member {
            let above = self.0[self.0[member as usize] as usize];
            self.0[member as usize] = above;
            member = above;
        }
        member
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { threshold: 3.0, best_share: 0.6, cap: 12.0 };

    /// Clusters five records by the given weights; pairs not given weigh -10 bits.
    fn check(weights: &[(u32, u32, f64)], bonds: &Bonds, expected: &[&[u32]]) {
        let weight = |a: u32, b: u32| {
            let known = weights.iter().find(|it| (it.0, it.1) == (a, b));
            known.map_or(-10.0, |it| it.2)
        };
        let groups = groups(5, weights, bonds, RULE.threshold);
        let mut links = weights.to_vec();
        links.sort_by_key(|it| (it.0, it.1));
        assert_eq!(clusters(&groups, &links, bonds, RULE, &weight), expected);
    }

    #[test]
    fn a_chain_of_weak_links_does_not_join() {
        let chain = [(0, 1, 4.0), (1, 2, 3.9), (2, 3, 3.8), (3, 4, 3.7)];
        check(&chain, &Bonds::default(), &[&[0, 1], &[2, 3], &[4]]);
    }

    #[test]
    fn a_record_with_little_in_it_follows_its_best_pair() {
        let pairs = [(0, 1, 9.0), (1, 2, 8.0), (0, 2, -0.5)];
        check(&pairs, &Bonds::default(), &[&[0, 1, 2], &[3], &[4]]);
    }

    #[test]
    fn weak_evidence_leaves_records_apart() {
        check(&[(1, 2, 2.9)], &Bonds::default(), &[&[0], &[1], &[2], &[3], &[4]]);
    }

    #[test]
    fn never_parts_what_evidence_joins_and_same_joins_what_it_parts() {
        let pairs = [(0, 1, 9.0), (1, 2, 8.0), (0, 2, 9.0)];
        let bonds = Bonds { same: vec![(3, 4)], never: vec![(0, 2)] };
        check(&pairs, &bonds, &[&[0, 1], &[2], &[3, 4]]);
    }

    #[test]
    fn same_joins_two_clusters_whole() {
        let pairs = [(0, 1, 9.0), (2, 3, 9.0), (3, 4, -2.0)];
        let bonds = Bonds { same: vec![(1, 2)], never: vec![] };
        check(&pairs, &bonds, &[&[0, 1, 2, 3], &[4]]);
    }

    #[test]
    fn a_never_between_two_clusters_parts_them_around_the_bond() {
        let pairs = [(0, 1, 9.0), (2, 3, 9.0)];
        let bonds = Bonds { same: vec![(1, 2)], never: vec![(0, 2)] };
        check(&pairs, &bonds, &[&[0], &[1, 2, 3], &[4]]);
    }

    #[test]
    fn a_group_too_large_is_cut_at_its_weakest_links() {
        let half = LARGEST as u32;
        let chain =
            (0..2 * half - 1).map(|it| (it, it + 1, if it + 1 == half { 4.0 } else { 9.0 }));
        let links: Vec<_> = chain.collect();
        let all: Vec<u32> = (0..2 * half).collect();
        let found = pieces(all, &links, &Bonds::default(), 3.0);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [LARGEST, LARGEST]);
    }
}
