//! The stewards' queue after a run: doubtful pairs, enterprises in conflict with themselves, and pairs drawn
//! by lot, ordered by what hangs on the answer.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::id::{DecisionId, EnterpriseId, ModelId, RecordId};
use entity::{quality_sample, review_item};
use linkage::link::Linkage;
use linkage::model::Model;
use linkage::normalise::NormalisedRecord;

use super::changes::{not_sure, same_weight};
use super::corpus::{Corpus, normalised};
use super::{bonds, draw};
use crate::error::Error;
use crate::store::Store;
use crate::store::decisions::Verdict;
use crate::store::queue::QueueChanges;

/// A bridge this many bits above the threshold or less is weak.
const WEAK_BRIDGE_BITS: f64 = 3.0;
/// Pairs drawn by lot take places among so many at the front of the queue.
const FRONT: u64 = 400;
/// Why a pair of the sample is put to a steward, where nothing is in doubt.
const CONFIRM_LINK: &str = "confirm_link";
const CONFIRM_APART: &str = "confirm_apart";

type Pair = (RecordId, RecordId);

/// What a run found, as the queue needs it.
pub(super) struct Found<'a> {
    pub(super) linkage: &'a Linkage,
    pub(super) model: &'a Model,
    /// The enterprises found, and those beyond.
    enterprises: Vec<&'a [RecordId]>,
    /// The enterprise of each record, by its place among them.
    pub(super) home: HashMap<RecordId, usize>,
    pub(super) by_id: HashMap<RecordId, &'a NormalisedRecord>,
    corpus: &'a Corpus,
    /// Pairs that a standing decision speaks of.
    pub(super) settled: HashSet<Pair>,
    /// Weights at which stewards could not tell.
    unsure: HashMap<Pair, Vec<f64>>,
}

/// What of the queue and of the sample changes with a run, and by how many items the queue grows.
pub async fn plan(
    store: &Store,
    corpus: &Corpus,
    linkage: &Linkage,
    model: (ModelId, &Model),
    verdicts: &[(DecisionId, Verdict)],
) -> Result<(QueueChanges, i64), Error> {
    let mut found = Found::new(corpus, linkage, model.1, verdicts);
    let seen: Option<Vec<RecordId>> =
        corpus.reached.as_ref().map(|it| it.iter().copied().collect());
    let known = store.quality_sample(seen.as_deref()).await?;
    let rates = store.sample_rates(model.0).await?;
    let same_model: Vec<_> = known.iter().filter(|it| it.model_id == model.0.0).cloned().collect();
    let sample = draw::draw(&found, model.0, &same_model, rates);
    let asked = linkage.review.iter().map(|it| (it.a, it.b));
    let asked = asked.chain(sample.iter().map(|it| (RecordId(it.a), RecordId(it.b))));
    let outside = asked.flat_map(|it| [it.0, it.1]).filter(|it| !found.home.contains_key(it));
    let beyond = Beyond::load(store, corpus, outside.collect()).await?;
    found.add(&beyond);
    let before = store.review_items(seen.as_deref()).await?;
    let mut items = found.doubts();
    let mut front = store.queue_front(FRONT).await?;
    if front.is_empty() {
        front = items.values().map(|it| it.consequence).collect();
        front.sort_by(|x, y| y.total_cmp(x));
        front.truncate(FRONT as usize);
    }
    found.mix_in(&mut items, &sample, &front, &before);
    let grown = items.len() as i64 - before.len() as i64;
    Ok((changes(before, items, known, sample), grown))
}

/// Enterprises beyond what a run looks at, to which a pair in the queue leads.
#[derive(Default)]
struct Beyond {
    enterprises: Vec<Vec<RecordId>>,
    normalised: Vec<NormalisedRecord>,
}

impl Beyond {
    /// Those of these records.
    async fn load(
        store: &Store,
        corpus: &Corpus,
        records: BTreeSet<RecordId>,
    ) -> Result<Beyond, Error> {
        if records.is_empty() {
            return Ok(Beyond::default());
        }
        let homes = store.homes(&records.into_iter().collect::<Vec<_>>()).await?;
        let ids: BTreeSet<EnterpriseId> = homes.into_values().collect();
        let members = store.members_beside(&ids.into_iter().collect::<Vec<_>>(), &[]).await?;
        let records: Vec<RecordId> = members.keys().copied().collect();
        let current = store.current_among(&records).await?;
        let mut enterprises: BTreeMap<EnterpriseId, Vec<RecordId>> = BTreeMap::new();
        for (record, it) in members {
            enterprises.entry(it.enterprise).or_default().push(record);
        }
        Ok(Beyond {
            enterprises: enterprises.into_values().collect(),
            normalised: normalised(current.iter(), &corpus.agencies),
        })
    }
}

impl<'a> Found<'a> {
    fn new(
        corpus: &'a Corpus,
        linkage: &'a Linkage,
        model: &'a Model,
        verdicts: &[(DecisionId, Verdict)],
    ) -> Found<'a> {
        let enterprises: Vec<&[RecordId]> = linkage.enterprises.iter().map(Vec::as_slice).collect();
        let homes = enterprises.iter().enumerate();
        let home = homes.flat_map(|(place, it)| it.iter().map(move |id| (*id, place))).collect();
        let by_id = corpus.normalised.iter().map(|it| (it.id, it)).collect();
        let decisions = bonds(verdicts);
        let settled = decisions.iter().map(|it| (it.a.min(it.b), it.a.max(it.b))).collect();
        let unsure = not_sure(verdicts);
        Found { linkage, model, enterprises, home, by_id, corpus, settled, unsure }
    }

    /// Takes in enterprises that were not looked at.
    fn add(&mut self, beyond: &'a Beyond) {
        for records in &beyond.enterprises {
            let place = self.enterprises.len();
            self.home.extend(records.iter().map(|it| (*it, place)));
            self.enterprises.push(records);
        }
        self.by_id.extend(beyond.normalised.iter().map(|it| (it.id, it)));
    }

    /// The enterprises whose pairs are looked at, with their places.
    pub(super) fn reached(&self) -> impl Iterator<Item = (usize, &'a [RecordId])> {
        let all = self.enterprises.iter().copied().enumerate();
        all.filter(|it| self.corpus.is_reached(it.1[0]))
    }

    /// The doubts of the engine and the conflicts inside enterprises, each pair once.
    fn doubts(&self) -> BTreeMap<Pair, review_item::Model> {
        let mut items = BTreeMap::new();
        let mut add = |pair: Pair, reason: &str, weight: f64| {
            if self.is_open(pair, weight) {
                items.entry(pair).or_insert_with(|| self.item(pair, reason, weight));
            }
        };
        for (pair, reason) in self.conflicts() {
            add(pair, reason, self.weight(pair));
        }
        for it in &self.linkage.review {
            add((it.a, it.b), it.reason.code(), it.weight_bits);
        }
        items
    }

    /// Enterprises with two valid NIB, and those that hang together by one weak pair.
    fn conflicts(&self) -> Vec<(Pair, &'static str)> {
        let mut inner: HashMap<usize, Vec<(f64, Pair)>> = HashMap::new();
        for it in self.linkage.pairs.iter().filter(|it| it.linked) {
            let pairs = inner.entry(self.home[&it.a]).or_default();
            pairs.push((it.weight_bits, (it.a, it.b)));
        }
        let mut found = vec![];
        for (place, records) in self.reached() {
            if records.len() < 2 {
                continue;
            }
            let mut holders = BTreeMap::new();
            for record in records {
                if let Some(nib) = self.by_id.get(record).and_then(|it| it.nib.as_ref()) {
                    holders.entry(nib.reveal().to_owned()).or_insert(*record);
                }
            }
            let mut holders: Vec<RecordId> = holders.into_values().collect();
            holders.sort();
            if let [one, two, ..] = holders[..] {
                found.push(((one, two), "two_nib"));
            }
            if let Some(pairs) = inner.remove(&place)
                && let Some((bits, pair)) = bridge(records, pairs)
                && bits < self.model.link_bits + WEAK_BRIDGE_BITS
            {
                found.push((pair, "weak_bridge"));
            }
        }
        found
    }

    /// Adds the open pairs of the sample where they stand among the others by lot, not by their kind; a pair
    /// keeps the place it has.
    fn mix_in(
        &self,
        items: &mut BTreeMap<Pair, review_item::Model>,
        sample: &[quality_sample::Model],
        front: &[f64],
        before: &[review_item::Model],
    ) {
        let before: HashMap<Pair, &review_item::Model> =
            before.iter().map(|it| ((RecordId(it.a), RecordId(it.b)), it)).collect();
        for it in sample {
            let pair = (RecordId(it.a), RecordId(it.b));
            let weight = self.weight(pair);
            if !self.is_open(pair, weight) || items.contains_key(&pair) {
                continue;
            }
            let linked = self.home.get(&pair.0) == self.home.get(&pair.1);
            let reason = if linked { CONFIRM_LINK } else { CONFIRM_APART };
            let mut item = self.item(pair, reason, weight);
            let place = (draw::lot(pair, "place") * front.len() as f64) as usize;
            let kept = before.get(&pair).filter(|it| it.reason == reason).map(|it| it.consequence);
            let place = kept.or_else(|| front.get(place).copied());
            item.consequence = place.unwrap_or(item.consequence);
            items.insert(pair, item);
        }
    }

    /// Nobody has answered yet, nor said of this very evidence that nobody can tell.
    fn is_open(&self, pair: Pair, weight: f64) -> bool {
        let unsure = self.unsure.get(&pair);
        let unsure = unsure.is_some_and(|it| it.iter().any(|bits| same_weight(*bits, weight)));
        !unsure && !self.settled.contains(&pair)
    }

    /// The weight of a pair, compared in this run or not.
    fn weight(&self, (a, b): Pair) -> f64 {
        let known = self.linkage.pairs.binary_search_by_key(&(a, b), |it| (it.a, it.b));
        match (known, self.corpus.written(a), self.corpus.written(b)) {
            (Ok(place), ..) => self.linkage.pairs[place].weight_bits,
            (Err(_), Some(one), Some(two)) => {
                let beside = [a, b].iter().any(|it| self.linkage.beside.binary_search(it).is_ok());
                linkage::score::explain(&one, &two, self.model, beside).weight_bits
            }
            _ => self.model.settings.floor_bits,
        }
    }

    fn item(&self, (a, b): Pair, reason: &str, weight: f64) -> review_item::Model {
        let places: BTreeSet<usize> =
            [a, b].iter().filter_map(|it| self.home.get(it).copied()).collect();
        let records: Vec<&NormalisedRecord> = places
            .iter()
            .flat_map(|it| self.enterprises[*it])
            .filter_map(|it| self.by_id.get(it).copied())
            .collect();
        let agencies: HashSet<_> = records.iter().map(|it| &it.agency).collect();
        let aid = 1 < agencies.len();
        let financing = records.iter().any(|it| it.nib.is_some());
        let nearness = 1.0 / (1.0 + (weight - self.model.link_bits).abs());
        let stakes = 1 + u8::from(aid) + u8::from(financing);
        review_item::Model {
            a: a.0,
            b: b.0,
            kind: if places.len() == 1 { "cluster" } else { "pair" }.to_owned(),
            reason: reason.to_owned(),
            weight,
            probability: Model::probability(weight),
            records: i32::try_from(records.len()).unwrap_or(i32::MAX),
            aid,
            financing,
            nearness,
            consequence: records.len() as f64 * f64::from(stakes) + nearness,
        }
    }
}

/// The weakest pair of those that hold `records` together at best, where it parts them into two groups of
/// two records or more.
fn bridge(records: &[RecordId], mut pairs: Vec<(f64, Pair)>) -> Option<(f64, Pair)> {
    if records.len() < 4 {
        return None;
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
    let mut group: BTreeMap<RecordId, RecordId> = records.iter().map(|it| (*it, *it)).collect();
    let mut last = None;
    for (bits, (a, b)) in pairs {
        let (one, two) = (group[&a], group[&b]);
        if one == two {
            continue;
        }
        let size = |of: RecordId| group.values().filter(|it| **it == of).count();
        last = Some((size(one).min(size(two)), bits, (a, b)));
        for it in group.values_mut().filter(|it| **it == two) {
            *it = one;
        }
    }
    let whole = group.values().collect::<HashSet<_>>().len() == 1;
    last.filter(|it| whole && 2 <= it.0).map(|it| (it.1, it.2))
}

fn changes(
    before: Vec<review_item::Model>,
    items: BTreeMap<Pair, review_item::Model>,
    known: Vec<quality_sample::Model>,
    sample: Vec<quality_sample::Model>,
) -> QueueChanges {
    let mut stored: HashMap<_, _> = before.into_iter().map(|it| ((it.a, it.b), it)).collect();
    let items = items.into_values().filter(|it| stored.remove(&(it.a, it.b)).as_ref() != Some(it));
    let items = items.collect();
    let mut gone_items: Vec<_> = stored.into_keys().collect();
    gone_items.sort();
    let mut drawn: HashMap<_, _> = known.into_iter().map(|it| ((it.a, it.b), it)).collect();
    let sample = sample.into_iter().filter(|it| drawn.remove(&(it.a, it.b)).as_ref() != Some(it));
    let sample = sample.collect();
    let mut gone_sample: Vec<_> = drawn.into_keys().collect();
    gone_sample.sort();
    QueueChanges { items, gone_items, sample, gone_sample }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn check(pairs: &[(u128, u128, f64)], records: u128, expected: Option<(u128, u128)>) {
        let id = |it: u128| RecordId(Uuid::from_u128(it));
        let all: Vec<RecordId> = (1..=records).map(id).collect();
        let pairs = pairs.iter().map(|it| (it.2, (id(it.0), id(it.1)))).collect();
        let found = bridge(&all, pairs).map(|it| (it.1.0.0.as_u128(), it.1.1.0.as_u128()));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_bridge_is_the_weakest_pair_between_two_groups() {
        check(&[(1, 2, 9.0), (3, 4, 8.0), (2, 3, 4.0), (1, 4, 3.0)], 4, Some((2, 3)));
        check(&[(1, 2, 9.0), (2, 3, 8.0), (3, 4, 4.0)], 4, None);
        check(&[(1, 2, 9.0), (2, 3, 4.0)], 3, None);
    }
}
