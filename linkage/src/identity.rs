//! Which id a cluster carries: ids pass on by maximum overlap of records, and none is ever reused.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use domain::id::RecordId;

/// Gives every cluster its id; the ids come in the order of the clusters. No cluster is empty.
///
/// `previous` tells under which id a record was; `mint` gives the `attempt`-th id (from 0) that a record
/// can found, and `used` tells the ids that were ever given. The cluster and the id that share most
/// records go together first; between equals the one with the smallest record id wins. Clusters left
/// over get an id minted from their first record by id, so that the answer depends neither on the order
/// of arrival nor on that of `clusters`.
pub fn assign<Id: Copy + Ord + Hash>(
    clusters: &[Vec<RecordId>],
    previous: &HashMap<RecordId, Id>,
    mint: &dyn Fn(RecordId, u32) -> Id,
    used: &dyn Fn(Id) -> bool,
) -> Vec<Id> {
    let first: Vec<Option<RecordId>> = clusters.iter().map(|it| it.iter().copied().min()).collect();
    let mut of_cluster: Vec<Option<Id>> = vec![None; clusters.len()];
    let mut cluster_of: HashMap<Id, usize> = HashMap::new();
    for (id, cluster, _) in ranked(clusters, previous) {
        if of_cluster[cluster].is_none() && !cluster_of.contains_key(&id) {
            of_cluster[cluster] = Some(id);
            cluster_of.insert(id, cluster);
        }
    }
    let mut in_order: Vec<usize> = (0..clusters.len()).collect();
    in_order.sort_by_key(|&it| first[it]);
    for cluster in in_order {
        if let (None, Some(founder)) = (of_cluster[cluster], first[cluster]) {
            let free = |id: &Id| !cluster_of.contains_key(id) && !used(*id);
            let id = (0..).map(|attempt| mint(founder, attempt)).find(free);
            of_cluster[cluster] = id;
            cluster_of.extend(id.map(|it| (it, cluster)));
        }
    }
    of_cluster.into_iter().flatten().collect()
}

/// Where the ids of `before` that no cluster carries any more lead: to the cluster that took most of their
/// records. Ordered by the retired id.
pub fn heirs<Id: Copy + Ord + Hash>(
    clusters: &[Vec<RecordId>],
    ids: &[Id],
    before: &HashMap<RecordId, Id>,
) -> Vec<(Id, Id)> {
    let kept: HashSet<Id> = ids.iter().copied().collect();
    let mut heirs = BTreeMap::new();
    for (id, cluster, _) in ranked(clusters, before) {
        if !kept.contains(&id) {
            heirs.entry(id).or_insert(ids[cluster]);
        }
    }
    heirs.into_iter().collect()
}

/// Every id and cluster that share records, those that share most first; between equals the cluster with the
/// smallest record id.
fn ranked<Id: Copy + Ord + Hash>(
    clusters: &[Vec<RecordId>],
    ids: &HashMap<RecordId, Id>,
) -> Vec<(Id, usize, usize)> {
    let mut overlaps: HashMap<(Id, usize), usize> = HashMap::new();
    for (cluster, records) in clusters.iter().enumerate() {
        for id in records.iter().filter_map(|it| ids.get(it)) {
            *overlaps.entry((*id, cluster)).or_default() += 1;
        }
    }
    let mut ranked: Vec<(Id, usize, usize)> =
        overlaps.into_iter().map(|((id, cluster), shared)| (id, cluster, shared)).collect();
    ranked.sort_by_cached_key(|&(id, cluster, shared)| {
        (Reverse(shared), clusters[cluster].iter().copied().min(), id)
    });
    ranked
}

#[cfg(test)]
mod tests {
    use domain::id::EnterpriseId;
    use uuid::Uuid;

    use super::*;

    /// Records are numbered; the id that record `r` founds is `10 r`, then `10 r + 1`, ...
    fn check(
        previous: &[(u128, u128)],
        used: &[u128],
        clusters: &[&[u128]],
        ids: &[u128],
        heirs: &[(u128, u128)],
    ) {
        let record = |it: u128| RecordId(Uuid::from_u128(it));
        let id = |it: u128| EnterpriseId(Uuid::from_u128(it));
        let number = |it: RecordId| it.0.as_u128();
        let clusters: Vec<Vec<RecordId>> =
            clusters.iter().map(|it| it.iter().map(|&it| record(it)).collect()).collect();
        let previous = previous.iter().map(|&(r, e)| (record(r), id(e))).collect();
        let expected: Vec<EnterpriseId> = ids.iter().map(|&it| id(it)).collect();
        let found = assign(
            &clusters,
            &previous,
            &|it, attempt| id(number(it) * 10 + u128::from(attempt)),
            &|it| used.contains(&it.0.as_u128()),
        );
        assert_eq!(found, expected);
        let expected: Vec<_> = heirs.iter().map(|&(a, b)| (id(a), id(b))).collect();
        assert_eq!(super::heirs(&clusters, &found, &previous), expected);
    }

    #[test]
    fn a_new_cluster_is_named_after_its_first_record() {
        check(&[], &[], &[&[3, 1], &[2]], &[10, 20], &[]);
    }

    #[test]
    fn a_record_that_joins_changes_no_id() {
        check(&[(2, 20)], &[20], &[&[2, 1]], &[20], &[]);
    }

    #[test]
    fn in_a_merge_the_larger_keeps_its_id_and_the_other_redirects() {
        check(&[(1, 10), (2, 20), (3, 20)], &[10, 20], &[&[1, 2, 3]], &[20], &[(10, 20)]);
    }

    #[test]
    fn in_a_split_the_larger_part_keeps_the_id_and_no_used_id_is_given_again() {
        check(&[(1, 10), (2, 10), (3, 10)], &[10], &[&[1], &[2, 3]], &[11, 10], &[]);
    }

    #[test]
    fn between_equal_parts_the_one_with_the_first_record_keeps_the_id() {
        check(&[(1, 10), (2, 10)], &[10], &[&[2], &[1]], &[20, 10], &[]);
    }
}
