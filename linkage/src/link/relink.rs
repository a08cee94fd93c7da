//! Linking after a change: what linking everything would give, found by looking only at what the change can
//! reach.
//!
//! The changed records are compared with those that share a block. From the pairs that came, went or weigh
//! otherwise the run follows links, enterprises and persons outward until nothing further can change; what it
//! passed is clustered as if it were all there is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::id::{EnterpriseId, RecordId};

use self::arrival::arrival;
use self::homes::Homes;
use self::persons::persons;
use self::shelf::Shelf;
use self::web::Web;
use super::run::{Judge, bonds, left_out};
use super::{Contradiction, Counts, Decision, DecisionKind, Linkage, Register, ScoredPair};
use crate::block::StopKeys;
use crate::cluster::Link;
use crate::corpus::Corpus;
use crate::model::Model;
use crate::owner;
use crate::review::{self, Doubt};
use crate::score::Scorer;

mod arrival;
mod homes;
mod persons;
mod shelf;
mod web;

type Pair = (RecordId, RecordId);

/// A model made ready for linking changes: its tables, worked out once.
pub struct Ready {
    model: Model,
    stop: StopKeys,
    scorer: Scorer,
}

impl Ready {
    /// Makes `model` ready.
    pub fn new(model: Model) -> Ready {
        Ready { stop: StopKeys::of(&model), scorer: Scorer::new(&model), model }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }
}

/// What is otherwise than at the last run.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Records that are new or have other content.
    pub changed: &'a [RecordId],
    /// Linked records that are no more.
    pub gone: &'a [RecordId],
    /// The decisions in force now.
    pub decisions: &'a [Decision],
    /// Records of which decisions speak that came into force or were taken back.
    pub spoken: &'a [RecordId],
}

/// The register as far as a change reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct Relinked {
    /// The enterprises reached, and those of every person reached; those persons; every pair of a reached
    /// record; what a steward should look at in or between reached enterprises and others; which reached
    /// records stand beside another business; the figures of the part.
    pub found: Linkage,
    /// The records whose enterprise, pairs or surroundings may be others, in order. What is not of one of them
    /// is as it was.
    pub reached: Vec<RecordId>,
    /// The blocking keys of the changed records.
    pub keys: Vec<(RecordId, Vec<u64>)>,
    /// How many blocks more are left out for their size than before.
    pub capped_blocks: i64,
}

/// Links a change; the same answer as [`super::link`] on everything, for what the change reaches.
pub fn relink<R: Register>(
    register: &mut R,
    ready: &Ready,
    change: &Change<'_>,
) -> Result<Relinked, R::Error> {
    let mut shelf = Shelf::new(&ready.model);
    let arrival = arrival(register, ready, &mut shelf, change)?;
    let gone: HashSet<RecordId> = change.gone.iter().copied().collect();
    let renewed: HashSet<RecordId> = arrival.renewed.iter().chain(&gone).copied().collect();
    let mut web = Web::new(ready.model.other_business, renewed);
    for (pair, fresh) in &arrival.fresh {
        web.add(*pair, *fresh);
    }
    let turned = BTreeSet::new();
    let homes = Homes::default();
    let mut around = Around { ready, change, gone, shelf, web, homes, turned };
    let seeds = around.seeds(register, &arrival.renewed)?;
    let persons_touched = around.persons_touched(register, &arrival.renewed)?;
    let reached = around.reached(register, seeds)?;
    let (clusters, contradictions) = around.clusters(register, &reached)?;
    let persons_touched = persons_touched.into_iter().chain(reached.iter().copied()).collect();
    let persons = persons(&mut around, register, &clusters, persons_touched)?;

    let pairs = around.pairs(&clusters, &reached);
    let review = around.review(register, &clusters, &contradictions, &pairs)?;
    let beside = reached.iter().copied().filter(|it| around.web.is_beside(*it)).collect();
    let mut enterprises = clusters;
    enterprises.extend(persons.others);
    enterprises.sort();
    let counts = Counts {
        records: reached.len(),
        candidate_pairs: arrival.compared,
        capped_blocks: 0,
        enterprises: enterprises.len(),
        owners: persons.persons.len(),
    };
    let owners = persons.persons;
    let found = Linkage { enterprises, owners, pairs, review, beside, contradictions, counts };
    Ok(Relinked {
        found,
        reached: reached.into_iter().collect(),
        keys: arrival.keys,
        capped_blocks: arrival.capped,
    })
}

/// Enterprises, and the decisions that could not be followed in making them.
type Clustered = (Vec<Vec<RecordId>>, Vec<Contradiction>);

/// What is known of the register around a change.
struct Around<'a> {
    ready: &'a Ready,
    change: &'a Change<'a>,
    gone: HashSet<RecordId>,
    shelf: Shelf<'a>,
    web: Web,
    homes: Homes,
    /// Records that came to stand beside another business of their owner, or ceased to.
    turned: BTreeSet<RecordId>,
}

impl Around<'_> {
    /// The records whose links are others than before, or may be.
    fn seeds<R: Register>(
        &mut self,
        register: &mut R,
        renewed: &BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, R::Error> {
        let moved: BTreeSet<RecordId> = renewed.iter().chain(&self.gone).copied().collect();
        self.web.load(register, moved.iter().copied())?;
        let mut near = self.web.neighbours(&moved);
        near.extend(renewed);
        near.retain(|it| !self.gone.contains(it));
        self.web.look(register, near.iter().copied())?;
        self.turned = self.web.turned(&near);
        self.web.load(register, self.turned.iter().copied())?;
        self.web.look(register, self.web.neighbours(&self.turned))?;

        let mut seeds: BTreeSet<RecordId> = moved.union(&self.turned).copied().collect();
        let link_bits = self.ready.model.link_bits;
        let links = seeds.iter().flat_map(|it| self.web.before(*it));
        let links = links.filter(|it| link_bits <= it.weight_bits);
        let ends: Vec<RecordId> = links.flat_map(|it| [it.a, it.b]).collect();
        seeds.extend(ends);
        seeds.extend(self.change.spoken);
        self.homes.load(register, seeds.iter().copied())?;
        let gone = self.gone.iter().flat_map(|it| self.homes.together(*it));
        seeds.extend(gone.collect::<Vec<_>>());
        seeds.retain(|it| self.is_live(*it));
        Ok(seeds)
    }

    /// The records that lost or gained a pair that may speak of one person.
    fn persons_touched<R: Register>(
        &mut self,
        register: &mut R,
        renewed: &BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, R::Error> {
        let near = owner::thresholds(&self.ready.model).1;
        let moved: BTreeSet<RecordId> = renewed.iter().chain(&self.gone).copied().collect();
        let lost = moved.iter().flat_map(|it| self.web.before(*it));
        let lost = lost.filter(|it| near <= it.person_bits);
        let mut touched: BTreeSet<RecordId> = lost.flat_map(|it| [it.a, it.b]).collect();
        touched.extend(renewed);
        self.homes.load(register, moved.iter().chain(&touched).copied())?;
        touched.extend(moved.iter().flat_map(|it| self.homes.of_person(*it)));
        touched.retain(|it| self.is_live(*it));
        Ok(touched)
    }

    /// Whether a record whose home was asked for is there.
    fn is_live(&self, id: RecordId) -> bool {
        !self.gone.contains(&id) && (self.homes.enterprise(id).is_some() || self.shelf.has(id))
    }

    /// Everything that hangs together with `seeds` by links, decisions, or an enterprise as it was.
    fn reached<R: Register>(
        &mut self,
        register: &mut R,
        seeds: BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, R::Error> {
        let mut same: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
        for it in self.change.decisions.iter().filter(|it| it.kind == DecisionKind::Same) {
            same.entry(it.a).or_default().push(it.b);
            same.entry(it.b).or_default().push(it.a);
        }
        let link_bits = self.ready.model.link_bits;
        let mut reached = BTreeSet::new();
        let mut next = seeds;
        while !next.is_empty() {
            self.web.load(register, next.iter().copied())?;
            let mut more: BTreeSet<RecordId> = BTreeSet::new();
            for id in &next {
                let links = self.web.now(*id, &self.turned).filter(|it| link_bits <= it.weight);
                more.extend(links.map(|it| it.other(*id)));
                more.extend(self.homes.together(*id));
                more.extend(same.get(id).into_iter().flatten());
            }
            self.web.look(register, next.iter().copied())?;
            reached.append(&mut next);
            more.retain(|it| !reached.contains(it));
            self.homes.load(register, more.iter().copied())?;
            more.retain(|it| self.is_live(*it));
            next = more;
        }
        Ok(reached)
    }

    /// The enterprises that the reached records make.
    fn clusters<R: Register>(
        &mut self,
        register: &mut R,
        reached: &BTreeSet<RecordId>,
    ) -> Result<Clustered, R::Error> {
        self.shelf.fetch(register, reached.iter().copied())?;
        let features = self.shelf.features(reached);
        let corpus = Corpus::new(&features, &self.ready.model);
        let mut links: Vec<Link> = vec![];
        for (place, id) in features.ids.iter().enumerate() {
            for it in self.web.now(*id, &self.turned).filter(|it| it.a == *id) {
                links.extend(features.position(it.b).map(|b| (place as u32, b as u32, it.weight)));
            }
        }
        let known: Vec<bool> = features.ids.iter().map(|it| self.web.is_beside(*it)).collect();
        let (bonds, contradictions) = bonds(&corpus, self.change.decisions);
        let (scorer, model) = (&self.ready.scorer, &self.ready.model);
        let judge = Judge { corpus: &corpus, scorer, model, known: &known };
        let mut found = judge.grouped(&links, &bonds);
        found.iter_mut().for_each(|it| it.sort_unstable());
        found.sort();
        let named = |it: &Vec<u32>| it.iter().map(|it| features.ids[*it as usize]).collect();
        Ok((found.iter().map(named).collect(), contradictions))
    }

    /// Every pair of a reached record.
    fn pairs(&self, clusters: &[Vec<RecordId>], reached: &BTreeSet<RecordId>) -> Vec<ScoredPair> {
        let home = homes_in(clusters);
        let mut pairs: BTreeMap<Pair, ScoredPair> = BTreeMap::new();
        for id in reached {
            pairs.extend(self.web.now(*id, &self.turned).map(|it| {
                let linked = home.contains_key(&it.a) && home.get(&it.a) == home.get(&it.b);
                ((it.a, it.b), it.scored(linked))
            }));
        }
        pairs.into_values().collect()
    }

    /// What a steward should look at in or between the enterprises found and others.
    fn review<R: Register>(
        &mut self,
        register: &mut R,
        clusters: &[Vec<RecordId>],
        contradictions: &[Contradiction],
        pairs: &[ScoredPair],
    ) -> Result<Vec<review::ReviewPair>, R::Error> {
        let (model, scorer) = (&self.ready.model, &self.ready.scorer);
        let mut home = homes_in(clusters);
        let apart = pairs.iter().filter(|it| !it.linked && model.review_bits <= it.weight_bits);
        let apart: Vec<&ScoredPair> = apart.collect();
        let outside = apart.iter().flat_map(|it| [it.a, it.b]).filter(|it| !home.contains_key(it));
        let outside: BTreeSet<RecordId> = outside.collect();
        self.homes.load(register, outside.iter().copied())?;
        let mut sizes: Vec<u32> = clusters.iter().map(|it| it.len() as u32).collect();
        let mut numbers: HashMap<EnterpriseId, usize> = HashMap::new();
        for id in outside {
            let Some(enterprise) = self.homes.enterprise(id) else { continue };
            let number = *numbers.entry(enterprise).or_insert_with(|| {
                sizes.push(self.homes.together(id).count() as u32);
                sizes.len() - 1
            });
            home.insert(id, number);
        }
        let mut doubts: Vec<Doubt> = apart
            .iter()
            .map(|it| {
                let homes = [home[&it.a], home[&it.b]];
                Doubt::apart((it.a, it.b), it.weight_bits, model, homes, &sizes)
            })
            .collect();
        let inner = clusters.iter().flatten();
        let features = self.shelf.features(inner);
        let corpus = Corpus::new(&features, model);
        let known: Vec<bool> = features.ids.iter().map(|it| self.web.is_beside(*it)).collect();
        let within = review::Within { corpus: &corpus, scorer, model, known: &known };
        for (number, records) in clusters.iter().enumerate() {
            let places = records.iter().filter_map(|it| features.position(*it));
            let places: Vec<u32> = places.map(|it| it as u32).collect();
            doubts.extend(within.doubts(&places, number));
        }
        Ok(review::queue(doubts, &left_out(self.change.decisions, contradictions)))
    }
}

fn homes_in(clusters: &[Vec<RecordId>]) -> HashMap<RecordId, usize> {
    let numbered = clusters.iter().enumerate();
    numbered.flat_map(|(number, it)| it.iter().map(move |id| (*id, number))).collect()
}
