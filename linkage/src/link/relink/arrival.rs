//! What changed, compared with the records that share a block with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::id::RecordId;
use rayon::prelude::*;

use super::shelf::Shelf;
use super::web::Fresh;
use super::{Change, Pair, Ready};
use crate::block::{Key, keys_of};
use crate::compare::compare;
use crate::corpus::Corpus;
use crate::features::Features;
use crate::link::Register;

type KeysOf = BTreeMap<RecordId, Vec<Key>>;

/// What came of the comparison.
pub(super) struct Arrival {
    /// Records of which every pair was compared anew.
    pub(super) renewed: BTreeSet<RecordId>,
    /// The pairs that reach the floor.
    pub(super) fresh: Vec<(Pair, Fresh)>,
    /// The keys of the changed records.
    pub(super) keys: Vec<(RecordId, Vec<Key>)>,
    /// How many pairs were compared.
    pub(super) compared: usize,
    /// How many blocks more are left out for their size than before.
    pub(super) capped: i64,
}

pub(super) fn arrival<R: Register>(
    register: &mut R,
    ready: &Ready,
    shelf: &mut Shelf<'_>,
    change: &Change<'_>,
) -> Result<Arrival, R::Error> {
    let replaced: Vec<RecordId> = change.changed.iter().chain(change.gone).copied().collect();
    let left = keyed(ready, &ready.model.settled(register.linked(&replaced)?));
    shelf.fetch(register, change.changed.iter().copied())?;
    let mut renewed = keyed(ready, &shelf.features(change.changed));
    let keys: Vec<_> = renewed.iter().map(|(id, keys)| (*id, keys.clone())).collect();

    let mut blocks = Blocks::new(ready.model.settings.block_limit as usize, &left, &renewed);
    blocks.fetch(register, left.values().chain(renewed.values()))?;
    let (mut capped, mut again) = (0, BTreeSet::new());
    for key in blocks.held.keys() {
        match (blocks.before(*key), blocks.now(*key)) {
            (Some(members), None) => {
                capped += 1;
                again.extend(members);
            }
            (None, Some(members)) => {
                capped -= 1;
                again.extend(members);
            }
            _ => {}
        }
    }
    // The records of a block that closed or opened have other partners, although they did not change.
    again.retain(|it| !left.contains_key(it) && !renewed.contains_key(it));
    if !again.is_empty() {
        shelf.fetch(register, again.iter().copied())?;
        let more = keyed(ready, &shelf.features(&again));
        blocks.fetch(register, more.values())?;
        renewed.extend(more);
    }
    let pairs = blocks.pairs(&renewed);
    shelf.fetch(register, pairs.iter().flat_map(|it| [it.0, it.1]))?;
    let fresh = scored(ready, shelf, &pairs);
    let renewed = renewed.into_keys().collect();
    Ok(Arrival { renewed, fresh, keys, compared: pairs.len(), capped })
}

fn keyed(ready: &Ready, features: &Features) -> KeysOf {
    let corpus = Corpus::new(features, &ready.model);
    (0..features.len()).map(|it| (features.ids[it], keys_of(&corpus, it, &ready.stop))).collect()
}

/// The blocks around a change.
struct Blocks {
    limit: usize,
    /// Who had each key; `None` where too many did, whoever leaves.
    held: HashMap<Key, Option<Vec<RecordId>>>,
    most: usize,
    left: HashMap<Key, HashSet<RecordId>>,
    joined: HashMap<Key, Vec<RecordId>>,
}

impl Blocks {
    fn new(limit: usize, left: &KeysOf, joined: &KeysOf) -> Blocks {
        let most = limit + left.len();
        let mut blocks = Blocks {
            limit,
            held: HashMap::new(),
            most,
            left: HashMap::new(),
            joined: HashMap::new(),
        };
        for (id, keys) in left {
            for key in keys {
                blocks.left.entry(*key).or_default().insert(*id);
            }
        }
        for (id, keys) in joined {
            for key in keys {
                blocks.joined.entry(*key).or_default().push(*id);
            }
        }
        blocks
    }

    fn fetch<'a, R: Register>(
        &mut self,
        register: &mut R,
        keys: impl Iterator<Item = &'a Vec<Key>>,
    ) -> Result<(), R::Error> {
        let mut missing: Vec<Key> =
            keys.flatten().copied().filter(|it| !self.held.contains_key(it)).collect();
        missing.sort_unstable();
        missing.dedup();
        let mut found = register.holders(&missing, self.most)?;
        let held = missing.into_iter().map(|it| (it, found.remove(&it).unwrap_or(Some(vec![]))));
        self.held.extend(held);
        Ok(())
    }

    /// Who had the key, unless the block was too large.
    fn before(&self, key: Key) -> Option<Vec<RecordId>> {
        self.held.get(&key)?.as_ref().filter(|it| it.len() <= self.limit).cloned()
    }

    /// Who has the key, unless the block is too large.
    fn now(&self, key: Key) -> Option<Vec<RecordId>> {
        let left = self.left.get(&key);
        let stays = |it: &&RecordId| left.is_none_or(|left| !left.contains(it));
        let stayed = self.held.get(&key)?.as_ref()?.iter().filter(stays);
        let joined = self.joined.get(&key).into_iter().flatten();
        let members: Vec<RecordId> = stayed.chain(joined).copied().collect();
        (members.len() <= self.limit).then_some(members)
    }

    /// The pairs that these records make with those of their blocks, in order, each once.
    fn pairs(&self, of: &KeysOf) -> Vec<Pair> {
        let mut pairs = vec![];
        for (id, keys) in of {
            let others = keys.iter().filter_map(|key| self.now(*key)).flatten();
            pairs.extend(others.filter(|it| it != id).map(|it| (it.min(*id), it.max(*id))));
        }
        pairs.par_sort_unstable();
        pairs.dedup();
        pairs
    }
}

fn scored(ready: &Ready, shelf: &Shelf<'_>, pairs: &[Pair]) -> Vec<(Pair, Fresh)> {
    let ids: BTreeSet<RecordId> = pairs.iter().flat_map(|it| [it.0, it.1]).collect();
    let features = shelf.features(&ids);
    let corpus = Corpus::new(&features, &ready.model);
    let floor = ready.model.settings.floor_bits;
    let of = |pair: &Pair| {
        let (a, b) = (features.position(pair.0)?, features.position(pair.1)?);
        let score = ready.scorer.score_above(&compare(&corpus, a, b), floor)?;
        Some((*pair, Fresh { base: score.weight, person: score.person }))
    };
    pairs.par_iter().with_min_len(256).filter_map(of).collect()
}
