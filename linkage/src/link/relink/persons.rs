//! Whom the records around a change name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::id::{EnterpriseId, RecordId};

use super::Around;
use crate::cluster::Link;
use crate::corpus::Corpus;
use crate::link::Register;
use crate::owner;

/// The persons whose records a change can reach.
pub(super) struct Persons {
    /// The records that name each.
    pub(super) persons: Vec<Vec<RecordId>>,
    /// The enterprises of those records, of them the ones that the change did not reach.
    pub(super) others: Vec<Vec<RecordId>>,
}

/// Numbers for enterprises: those found first, then those that stay as they are.
struct Numbers<'a> {
    found: &'a HashMap<RecordId, u32>,
    others: BTreeMap<EnterpriseId, u32>,
    next: u32,
}

impl Numbers<'_> {
    fn of(&mut self, id: RecordId, home: Option<EnterpriseId>) -> u32 {
        if let Some(number) = self.found.get(&id) {
            return *number;
        }
        let mut fresh = || {
            self.next += 1;
            self.next - 1
        };
        match home {
            Some(home) => *self.others.entry(home).or_insert_with(fresh),
            None => fresh(),
        }
    }
}

/// Groups by person; `clusters` are the enterprises found, `seeds` the records whose person may be another.
pub(super) fn persons<R: Register>(
    around: &mut Around<'_>,
    register: &mut R,
    clusters: &[Vec<RecordId>],
    seeds: BTreeSet<RecordId>,
) -> Result<Persons, R::Error> {
    let model = &around.ready.model;
    let (threshold, near) = owner::thresholds(model);
    let found: HashMap<RecordId, u32> = clusters
        .iter()
        .zip(0..)
        .flat_map(|(records, number)| records.iter().map(move |it| (*it, number)))
        .collect();
    let mut numbers =
        Numbers { found: &found, others: BTreeMap::new(), next: clusters.len() as u32 };
    let mut reached: BTreeSet<RecordId> = BTreeSet::new();
    let mut next = seeds;
    while !next.is_empty() {
        around.web.load(register, next.iter().copied())?;
        around.homes.load(register, next.iter().copied())?;
        let mut pairs: Vec<(RecordId, RecordId)> = vec![];
        let mut more: BTreeSet<RecordId> = BTreeSet::new();
        for id in &next {
            pairs.extend(around.web.persons(*id).filter(|it| near <= it.1).map(|it| it.0));
            match found.get(id) {
                Some(number) => more.extend(&clusters[*number as usize]),
                None => more.extend(around.homes.together(*id)),
            }
            more.extend(around.homes.of_person(*id).filter(|it| !around.gone.contains(it)));
        }
        reached.append(&mut next);
        pairs.retain(|it| !reached.contains(&it.0) || !reached.contains(&it.1));
        let ends: BTreeSet<RecordId> = pairs.iter().flat_map(|it| [it.0, it.1]).collect();
        around.shelf.fetch(register, ends.iter().copied())?;
        around.homes.load(register, ends.iter().copied())?;
        let features = around.shelf.features(&ends);
        let corpus = Corpus::new(&features, model);
        let labels: Vec<u32> =
            features.ids.iter().map(|it| numbers.of(*it, around.homes.enterprise(*it))).collect();
        let judge = owner::Judge::new(&corpus, &around.ready.scorer, &labels);
        for (a, b) in pairs {
            let (Some(one), Some(two)) = (features.position(a), features.position(b)) else {
                continue;
            };
            if threshold <= judge.bits(one as u32, two as u32) {
                more.extend([a, b]);
            }
        }
        more.retain(|it| !reached.contains(it));
        next = more;
    }

    around.shelf.fetch(register, reached.iter().copied())?;
    let features = around.shelf.features(&reached);
    let corpus = Corpus::new(&features, model);
    let labels: Vec<u32> =
        features.ids.iter().map(|it| numbers.of(*it, around.homes.enterprise(*it))).collect();
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (place, label) in labels.iter().enumerate() {
        groups.entry(*label).or_default().push(place as u32);
    }
    let mut links: Vec<Link> = vec![];
    for (place, id) in features.ids.iter().enumerate() {
        let pairs = around.web.persons(*id).filter(|((a, _), _)| a == id);
        links.extend(pairs.filter_map(|((_, other), bits)| {
            Some((place as u32, features.position(other)? as u32, bits))
        }));
    }
    let others = groups.range(clusters.len() as u32..).map(|it| it.1);
    let named = |it: &Vec<u32>| it.iter().map(|it| features.ids[*it as usize]).collect::<Vec<_>>();
    let others = others.map(named).collect();
    let groups: Vec<Vec<u32>> = groups.into_values().collect();
    let persons = owner::owners(&corpus, &around.ready.scorer, model, &links, &labels, &groups);
    Ok(Persons { persons: persons.iter().map(named).collect(), others })
}
