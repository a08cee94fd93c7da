//! A register in memory, linked change by change.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::convert::Infallible;

use domain::id::{EnterpriseId, OwnerId, RecordId};
use linkage::features::Features;
use linkage::link::{
    Change, Decision, Home, Linkage, Ready, Register, Relinked, ReviewPair, ScoredPair, keys, link,
    relink,
};
use linkage::model::Model;

use crate::{Record, features};

/// Records, what was said of them, and how they are linked.
pub struct Linked<'a> {
    ready: &'a Ready,
    now: Vec<Record>,
    linked: Vec<Record>,
    decisions: Vec<Decision>,
    blocks: HashMap<u64, BTreeSet<RecordId>>,
    pub linkage: Linkage,
    /// How many records the last change reached.
    pub reached: usize,
}

impl<'a> Linked<'a> {
    pub fn new(ready: &'a Ready, records: &[Record], decisions: &[Decision]) -> Linked<'a> {
        let all = features(records);
        let mut blocks: HashMap<u64, BTreeSet<RecordId>> = HashMap::new();
        for (id, keys) in keys(&all, ready.model()) {
            for key in keys {
                blocks.entry(key).or_default().insert(id);
            }
        }
        Linked {
            ready,
            now: records.to_vec(),
            linked: records.to_vec(),
            decisions: decisions.to_vec(),
            blocks,
            linkage: sorted(link(&all, ready.model(), decisions, &|_, _| {})),
            reached: records.len(),
        }
    }

    /// Links what is otherwise in `records` and `decisions`; `changed` have other content.
    pub fn follow(
        &mut self,
        records: &[Record],
        changed: &HashSet<RecordId>,
        decisions: &[Decision],
    ) {
        let had: HashSet<RecordId> = self.linked.iter().map(|it| it.id).collect();
        let has: HashSet<RecordId> = records.iter().map(|it| it.id).collect();
        let is_changed = |it: &RecordId| !had.contains(it) || changed.contains(it);
        let changed: Vec<RecordId> = has.iter().filter(|it| is_changed(it)).copied().collect();
        let gone: Vec<RecordId> = had.difference(&has).copied().collect();
        let (one, other): (HashSet<&Decision>, HashSet<&Decision>) =
            (self.decisions.iter().collect(), decisions.iter().collect());
        let spoken = one.symmetric_difference(&other).flat_map(|it| [it.a, it.b]);
        let spoken: Vec<RecordId> = spoken.collect();
        self.now = records.to_vec();
        let ready = self.ready;
        let change = Change { changed: &changed, gone: &gone, decisions, spoken: &spoken };
        let Ok(found) = relink(self, ready, &change);
        self.reached = found.reached.len();
        self.take(found, &gone, decisions);
    }

    fn take(&mut self, part: Relinked, gone: &[RecordId], decisions: &[Decision]) {
        for members in self.blocks.values_mut() {
            members.retain(|it| !gone.contains(it) && part.keys.iter().all(|of| of.0 != *it));
        }
        for (id, keys) in &part.keys {
            for key in keys {
                self.blocks.entry(*key).or_default().insert(*id);
            }
        }
        let reached: HashSet<RecordId> = part.reached.iter().chain(gone).copied().collect();
        let old = |a: &RecordId, b: &RecordId| reached.contains(a) || reached.contains(b);
        let speaks = |it: &domain::id::DecisionId| {
            let all = self.decisions.iter().chain(decisions).filter(|of| of.id == *it);
            all.into_iter().any(|it| old(&it.a, &it.b))
        };
        let state = &mut self.linkage;
        state.pairs.retain(|it| !old(&it.a, &it.b));
        state.review.retain(|it| !old(&it.a, &it.b));
        state.contradictions.retain(|it| !speaks(&it.same) && !speaks(&it.never));
        for (groups, found) in [
            (&mut state.enterprises, part.found.enterprises),
            (&mut state.owners, part.found.owners),
        ] {
            let replaced: HashSet<RecordId> = found.iter().flatten().chain(gone).copied().collect();
            groups.retain(|it| !it.iter().any(|it| replaced.contains(it)));
            groups.extend(found);
        }
        state.beside.retain(|it| !reached.contains(it));
        state.beside.extend(part.found.beside);
        state.pairs.extend(part.found.pairs);
        state.review.extend(part.found.review);
        state.contradictions.extend(part.found.contradictions);
        state.counts.capped_blocks =
            state.counts.capped_blocks.checked_add_signed(part.capped_blocks as isize).unwrap();
        self.linkage = sorted(std::mem::replace(state, empty()));
        self.linked = self.now.clone();
        self.decisions = decisions.to_vec();
    }
}

impl Register for Linked<'_> {
    type Error = Infallible;

    fn holders(
        &mut self,
        keys: &[u64],
        most: usize,
    ) -> Result<HashMap<u64, Option<Vec<RecordId>>>, Infallible> {
        let of = |key: &u64| {
            let members = self.blocks.get(key)?;
            let few = members.len() <= most;
            Some((*key, few.then(|| members.iter().copied().collect())))
        };
        Ok(keys.iter().filter_map(of).collect())
    }

    fn current(&mut self, ids: &[RecordId]) -> Result<Features, Infallible> {
        Ok(features(&only(&self.now, ids)))
    }

    fn linked(&mut self, ids: &[RecordId]) -> Result<Features, Infallible> {
        Ok(features(&only(&self.linked, ids)))
    }

    fn pairs(&mut self, ids: &[RecordId]) -> Result<Vec<ScoredPair>, Infallible> {
        let asked = |it: &&ScoredPair| ids.contains(&it.a) || ids.contains(&it.b);
        Ok(self.linkage.pairs.iter().filter(asked).copied().collect())
    }

    fn beside(&mut self, ids: &[RecordId]) -> Result<HashSet<RecordId>, Infallible> {
        Ok(self.linkage.beside.iter().filter(|it| ids.contains(it)).copied().collect())
    }

    fn homes(&mut self, ids: &[RecordId]) -> Result<Vec<Home>, Infallible> {
        let of = |groups: &[Vec<RecordId>]| -> HashMap<RecordId, RecordId> {
            groups.iter().flat_map(|it| it.iter().map(|id| (*id, it[0]))).collect()
        };
        let (enterprises, owners) = (of(&self.linkage.enterprises), of(&self.linkage.owners));
        let with = |of: &HashMap<RecordId, RecordId>, it: &RecordId| {
            ids.iter().any(|id| of.get(id) == Some(&of[it]))
        };
        let asked = enterprises.keys().filter(|it| with(&enterprises, it) || with(&owners, it));
        Ok(asked
            .map(|it| Home {
                record: *it,
                enterprise: EnterpriseId(enterprises[it].0),
                owner: OwnerId(owners[it].0),
            })
            .collect())
    }
}

fn only(records: &[Record], ids: &[RecordId]) -> Vec<Record> {
    records.iter().filter(|it| ids.contains(&it.id)).cloned().collect()
}

/// A linkage in one order, whichever way it came about, without the figures of the run.
pub fn sorted(mut of: Linkage) -> Linkage {
    of.enterprises.sort();
    of.owners.sort();
    of.pairs.sort_by_key(|it| (it.a, it.b));
    of.review.sort_by_key(|it: &ReviewPair| (it.a, it.b));
    of.beside.sort();
    of.contradictions.sort();
    of
}

/// The register linked afresh.
pub fn afresh(records: &[Record], model: &Model, decisions: &[Decision]) -> Linkage {
    sorted(link(&features(records), model, decisions, &|_, _| {}))
}

fn empty() -> Linkage {
    Linkage {
        enterprises: vec![],
        owners: vec![],
        pairs: vec![],
        review: vec![],
        beside: vec![],
        contradictions: vec![],
        counts: linkage::link::Counts::default(),
    }
}

/// Panics unless the two are one answer.
pub fn same_answer(one: &Linkage, other: &Linkage, what: &str) {
    assert_eq!(one.enterprises, other.enterprises, "{what}");
    assert_eq!(one.owners, other.owners, "{what}");
    assert_eq!(one.pairs, other.pairs, "{what}");
    assert_eq!(one.review, other.review, "{what}");
    assert_eq!(one.beside, other.beside, "{what}");
    assert_eq!(one.contradictions, other.contradictions, "{what}");
    assert_eq!(one.counts.capped_blocks, other.counts.capped_blocks, "{what}");
}
