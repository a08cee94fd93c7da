//! The pairs around a change: as the last run kept them, and as they are with what was compared anew.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::id::RecordId;

use super::Pair;
use crate::context::{OtherBusiness, shows_two};
use crate::link::{Register, ScoredPair};
use crate::model::Model;

/// A pair that was compared anew.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fresh {
    /// Bits without context.
    pub(super) base: f64,
    /// Bits of their being one person.
    pub(super) person: f64,
}

/// A pair as it is now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighed {
    pub(super) a: RecordId,
    pub(super) b: RecordId,
    pub(super) weight: f64,
    pub(super) context: f64,
    pub(super) person: f64,
}

impl Weighed {
    pub(super) fn other(&self, than: RecordId) -> RecordId {
        if self.a == than { self.b } else { self.a }
    }

    pub(super) fn scored(self, linked: bool) -> ScoredPair {
        ScoredPair {
            a: self.a,
            b: self.b,
            weight_bits: self.weight,
            context_bits: self.context,
            probability: Model::probability(self.weight),
            person_bits: self.person,
            linked,
        }
    }
}

/// The pairs known so far.
pub(super) struct Web {
    context: OtherBusiness,
    /// Records of which every pair is compared anew, or that are gone.
    renewed: HashSet<RecordId>,
    fresh: BTreeMap<Pair, Fresh>,
    kept: HashMap<Pair, ScoredPair>,
    of: HashMap<RecordId, BTreeSet<Pair>>,
    loaded: HashSet<RecordId>,
    /// Whether a record stood beside another business of its owner, and whether it does.
    beside: HashMap<RecordId, [bool; 2]>,
}

impl Web {
    pub(super) fn new(context: OtherBusiness, renewed: HashSet<RecordId>) -> Web {
        Web {
            context,
            renewed,
            fresh: BTreeMap::new(),
            kept: HashMap::new(),
            of: HashMap::new(),
            loaded: HashSet::new(),
            beside: HashMap::new(),
        }
    }

    /// Adds a pair that was compared anew, the lesser record first.
    pub(super) fn add(&mut self, pair: Pair, fresh: Fresh) {
        self.fresh.insert(pair, fresh);
        self.note(pair);
    }

    fn note(&mut self, pair: Pair) {
        self.of.entry(pair.0).or_default().insert(pair);
        self.of.entry(pair.1).or_default().insert(pair);
    }

    /// Learns every pair of these records.
    pub(super) fn load<R: Register>(
        &mut self,
        register: &mut R,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<(), R::Error> {
        let mut missing: Vec<RecordId> =
            ids.into_iter().filter(|it| self.loaded.insert(*it)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        for it in register.pairs(&missing)? {
            self.kept.insert((it.a, it.b), it);
            self.note((it.a, it.b));
        }
        Ok(())
    }

    /// The other records of all pairs of these, old and new.
    pub(super) fn neighbours<'a>(
        &'a self,
        ids: impl IntoIterator<Item = &'a RecordId>,
    ) -> BTreeSet<RecordId> {
        let of = |id: &'a RecordId| {
            let pairs = self.of.get(id).into_iter().flatten();
            pairs.map(move |pair| if pair.0 == *id { pair.1 } else { pair.0 })
        };
        ids.into_iter().flat_map(of).collect()
    }

    fn is_renewed(&self, pair: Pair) -> bool {
        self.renewed.contains(&pair.0) || self.renewed.contains(&pair.1)
    }

    /// The pairs of a loaded record as they were.
    pub(super) fn before(&self, id: RecordId) -> impl Iterator<Item = &ScoredPair> {
        self.of.get(&id).into_iter().flatten().filter_map(|it| self.kept.get(it))
    }

    /// The pairs of a loaded record as they are, without context: bits and bits of one person.
    fn plain(&self, id: RecordId) -> impl Iterator<Item = (Pair, Fresh)> {
        self.of.get(&id).into_iter().flatten().filter_map(|pair| {
            let fresh = self.fresh.get(pair).copied();
            let kept = self.kept.get(pair).filter(|_| !self.is_renewed(*pair));
            let kept = kept
                .map(|it| Fresh { base: it.weight_bits - it.context_bits, person: it.person_bits });
            Some((*pair, fresh.or(kept)?))
        })
    }

    /// The pairs of a loaded record with the bits of their being one person.
    pub(super) fn persons(&self, id: RecordId) -> impl Iterator<Item = (Pair, f64)> {
        self.plain(id).map(|it| (it.0, it.1.person))
    }

    /// Learns which of these records stood and which stand beside another business of their owner.
    pub(super) fn look<R: Register>(
        &mut self,
        register: &mut R,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<(), R::Error> {
        let unknown = ids.into_iter().filter(|it| !self.beside.contains_key(it));
        let unknown: BTreeSet<RecordId> = unknown.collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let stood = register.beside(&unknown.iter().copied().collect::<Vec<_>>())?;
        // Who lost a pair that showed two businesses may have another that does.
        let lost = |id: &RecordId| {
            let pairs = self.of.get(id).into_iter().flatten();
            pairs
                .filter(|it| self.is_renewed(**it))
                .any(|it| self.kept.get(it).is_some_and(was_two))
        };
        let lost: Vec<RecordId> = stood.iter().copied().filter(lost).collect();
        self.load(register, lost.iter().copied())?;
        for id in unknown {
            let stood = stood.contains(&id);
            let stays = stood && !self.renewed.contains(&id) && !lost.contains(&id);
            let stands = stays || self.plain(id).any(|it| shows_two(it.1.base, it.1.person));
            self.beside.insert(id, [stood, stands]);
        }
        Ok(())
    }

    /// Whether a record that was looked at stands beside another business of its owner.
    pub(super) fn is_beside(&self, id: RecordId) -> bool {
        self.beside.get(&id).is_some_and(|it| it[1])
    }

    /// Those of these records, all looked at, that came to stand so or ceased to.
    pub(super) fn turned<'a>(
        &'a self,
        ids: impl IntoIterator<Item = &'a RecordId>,
    ) -> BTreeSet<RecordId> {
        let turned = |it: &&RecordId| self.beside.get(it).is_some_and(|it| it[0] != it[1]);
        ids.into_iter().filter(turned).copied().collect()
    }

    /// The pairs of a loaded record as they are. The others of its pairs were looked at where its surroundings
    /// or theirs changed.
    pub(super) fn now<'a>(
        &'a self,
        id: RecordId,
        turned: &'a BTreeSet<RecordId>,
    ) -> impl Iterator<Item = Weighed> + 'a {
        self.plain(id).map(|((a, b), it)| {
            let kept = self.kept.get(&(a, b)).filter(|_| {
                !self.fresh.contains_key(&(a, b)) && !turned.contains(&a) && !turned.contains(&b)
            });
            let context = match kept {
                Some(kept) => kept.context_bits,
                None => self.context.bits(it.person, self.is_beside(a) || self.is_beside(b)),
            };
            Weighed { a, b, weight: it.base + context, context, person: it.person }
        })
    }
}

fn was_two(it: &ScoredPair) -> bool {
    shows_two(it.weight_bits - it.context_bits, it.person_bits)
}
