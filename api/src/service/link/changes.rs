//! What a run changes in the register: ids, members, profiles, pairs and history, compared with what the
//! run before left.

mod events;
mod ids;
mod overrides;
mod row;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::agency::Agency;
use domain::enterprise::{Attribute, EnterpriseProfile};
use domain::id::{DecisionId, EnterpriseId, OwnerId, RecordId};
use entity::link_pair;
use linkage::identity::heirs;
use linkage::link::Linkage;
use linkage::merge::merge;
use linkage::normalise::NormalisedRecord;
use rayon::prelude::*;

use self::events::Happened;
use self::ids::Ids;
use self::overrides::Overrides;
use self::row::{count, row, sort_name, text_of};
use super::corpus::Corpus;
use crate::error::Error;
use crate::store::decisions::{Move, StoredDecision, Verdict};
use crate::store::linking::{Member, RunChanges};
use crate::store::owners::StoredOwner;
use crate::store::{Store, profile_json};

/// What binds a run beside the engine's findings.
pub struct Ground<'a> {
    /// The decisions in force, the oldest first.
    pub verdicts: &'a [(DecisionId, Verdict)],
    /// The decision that comes into force or is taken back.
    pub verdict: Option<&'a Verdict>,
    /// The decision that is taken back, as it was made.
    pub undone: Option<&'a StoredDecision>,
    /// The moment of the run.
    pub at: DateTime<Utc>,
}

/// Works out what changes.
pub async fn plan(
    store: &Store,
    corpus: &Corpus,
    linkage: &Linkage,
    ground: &Ground<'_>,
) -> Result<RunChanges, Error> {
    let Ids { enterprises, owners, restored } = ids::given(store, corpus, linkage, ground).await?;
    let before = corpus.members.iter().map(|(record, it)| (*record, it.enterprise)).collect();
    let redirects = heirs(&linkage.enterprises, &enterprises, &before);
    let members = new_members(corpus, linkage, &enterprises, &owners);
    let mut changes = RunChanges { redirects, restored, ..RunChanges::default() };
    member_changes(corpus, &members, &mut changes);
    changes.cancels =
        ground.undone.filter(|it| takes_back(it, &changes.moves)).and_then(|it| it.run);
    pair_changes(corpus, linkage, &mut changes);

    let mut touched: HashSet<RecordId> =
        changes.members.iter().map(|it| it.0).chain(changes.gone_members.iter().copied()).collect();
    let overridden = match ground.verdict {
        Some(Verdict::Override(record, attribute, _)) => Some((*record, *attribute)),
        _ => None,
    };
    touched.extend(overridden.map(|it| it.0));
    let by_id: HashMap<RecordId, (&NormalisedRecord, &Agency)> = corpus
        .normalised
        .iter()
        .filter_map(|it| Some((it.id, (it, corpus.agencies.get(&it.agency)?))))
        .collect();
    let work = Work {
        touched: &touched,
        before: &corpus.members,
        now: &members,
        by_id: &by_id,
        overrides: Overrides::of(ground.verdicts),
    };

    let profiles = work.profiles(linkage, &enterprises);
    changes.gone_enterprises = work.gone(&enterprises, |it| Some(it.enterprise));
    changes.gone_owners = work.gone(&owners, |it| it.owner);
    changes.owners = work.owners(linkage, &owners)?;
    let ids: Vec<EnterpriseId> = profiles.iter().map(|it| it.id).collect();
    let stored = store.stored_profiles(&ids).await?;
    let former = match ground.undone.and_then(|it| it.run) {
        Some(run) => store.replaced_by(run, &ids).await?,
        None => HashMap::new(),
    };
    let mut changed = vec![];
    for profile in profiles {
        let json = profile_json::to_json(&profile)?;
        if stored.get(&profile.id) == Some(&json) {
            continue;
        }
        changed.push(profile.id);
        // What a decision replaced comes back with the moment it had.
        let since = former.get(&profile.id).filter(|it| it.0 == json).map_or(ground.at, |it| it.1);
        changes.enterprises.push(row(&profile, json, since, ground.at, &by_id));
    }
    let happened = Happened { corpus, members: &members, changed: &changed, overridden };
    changes.events = happened.events(&changes.redirects, &changes.restored);
    Ok(changes)
}

/// Whether `moves` take back just what the decision moved.
fn takes_back(undone: &StoredDecision, moves: &HashMap<RecordId, Move>) -> bool {
    let between = |moves: &HashMap<RecordId, Move>, back: bool| {
        let ways = moves.iter().filter(|(_, it)| it.from != it.to);
        let way = |(record, it): (&RecordId, &Move)| match back {
            true => (*record, it.to, it.from),
            false => (*record, it.from, it.to),
        };
        ways.map(way).collect::<HashSet<_>>()
    };
    between(&undone.moves, true) == between(moves, false)
}

fn new_members(
    corpus: &Corpus,
    linkage: &Linkage,
    enterprises: &[EnterpriseId],
    owners: &[OwnerId],
) -> HashMap<RecordId, Member> {
    let mut owner_of: HashMap<RecordId, OwnerId> = HashMap::new();
    for (records, owner) in linkage.owners.iter().zip(owners) {
        owner_of.extend(records.iter().map(|it| (*it, *owner)));
    }
    let versions: HashMap<RecordId, i64> =
        corpus.current.iter().map(|it| (it.record.id, it.version)).collect();
    let mut members = HashMap::with_capacity(versions.len());
    for (records, &enterprise) in linkage.enterprises.iter().zip(enterprises) {
        for record in records {
            let version = versions.get(record).copied().unwrap_or_default();
            let owner = owner_of.get(record).copied();
            let was = corpus.members.get(record).is_some_and(|it| it.beside);
            let is = linkage.beside.binary_search(record).is_ok();
            let beside = if corpus.is_reached(*record) { is } else { was };
            members.insert(*record, Member { enterprise, owner, version, beside });
        }
    }
    members
}

fn member_changes(corpus: &Corpus, members: &HashMap<RecordId, Member>, changes: &mut RunChanges) {
    for it in &corpus.current {
        let (id, agency) = (it.record.id, &it.record.agency);
        if let Some(member) = members.get(&id)
            && corpus.members.get(&id) != Some(member)
        {
            changes.members.push((id, *member, agency.clone()));
            let before = corpus.members.get(&id);
            if let Some(before) = before
                && (before.enterprise, before.owner) != (member.enterprise, member.owner)
            {
                let way = Move {
                    from: before.enterprise,
                    from_owner: before.owner,
                    to: member.enterprise,
                    to_owner: member.owner,
                };
                changes.moves.insert(id, way);
            }
        }
    }
    changes.gone_members =
        corpus.members.keys().filter(|it| !members.contains_key(it)).copied().collect();
    changes.gone_members.sort();
}

fn pair_changes(corpus: &Corpus, linkage: &Linkage, changes: &mut RunChanges) {
    let mut gone: HashMap<(RecordId, RecordId), &link_pair::Model> =
        corpus.pairs.iter().map(|it| ((RecordId(it.a), RecordId(it.b)), it)).collect();
    for pair in &linkage.pairs {
        let row = link_pair::Model {
            a: pair.a.0,
            b: pair.b.0,
            weight: pair.weight_bits,
            context: pair.context_bits,
            probability: pair.probability,
            person_weight: pair.person_bits,
            linked: pair.linked,
        };
        if gone.remove(&(pair.a, pair.b)) != Some(&row) {
            changes.pairs.push(row);
        }
    }
    changes.gone_pairs = gone.into_keys().collect();
    changes.gone_pairs.sort();
}

/// The weights at which stewards could not tell, by pair in order.
pub(super) fn not_sure(
    verdicts: &[(DecisionId, Verdict)],
) -> HashMap<(RecordId, RecordId), Vec<f64>> {
    let mut settled: HashMap<(RecordId, RecordId), Vec<f64>> = HashMap::new();
    for (_, verdict) in verdicts {
        if let Verdict::NotSure(a, b, bits) = verdict {
            settled.entry((*a.min(b), *a.max(b))).or_default().push(*bits);
        }
    }
    settled
}

/// Whether two weights are of one evidence: the sum of the same parts may differ in its last digits.
pub(super) fn same_weight(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-6
}

struct Work<'a> {
    touched: &'a HashSet<RecordId>,
    before: &'a HashMap<RecordId, Member>,
    now: &'a HashMap<RecordId, Member>,
    by_id: &'a HashMap<RecordId, (&'a NormalisedRecord, &'a Agency)>,
    overrides: Overrides,
}

impl Work<'_> {
    /// The profiles of the enterprises that a touched record is or was in.
    fn profiles(&self, linkage: &Linkage, ids: &[EnterpriseId]) -> Vec<EnterpriseProfile> {
        let affected = self.affected(|it| Some(it.enterprise));
        let clusters: Vec<(&Vec<RecordId>, EnterpriseId)> = linkage
            .enterprises
            .iter()
            .zip(ids.iter().copied())
            .filter(|it| affected.contains(&it.1))
            .collect();
        clusters
            .par_iter()
            .map(|(records, id)| {
                let mut profile = merge(*id, self.owners_of(records), &self.sides(records));
                self.overrides.apply(&mut profile);
                profile
            })
            .collect()
    }

    /// The rows of the owners that a touched record names or named.
    fn owners(&self, linkage: &Linkage, ids: &[OwnerId]) -> Result<Vec<StoredOwner>, Error> {
        let affected = self.affected(|it| it.owner);
        let clusters: Vec<(&Vec<RecordId>, OwnerId)> = linkage
            .owners
            .iter()
            .zip(ids.iter().copied())
            .filter(|it| affected.contains(&it.1))
            .collect();
        Ok(clusters
            .par_iter()
            .map(|(records, id)| {
                let enterprises: HashSet<EnterpriseId> =
                    records.iter().filter_map(|it| Some(self.now.get(it)?.enterprise)).collect();
                // Survivorship over the person's records gives the name and NIK the hub stands by.
                let person = merge(EnterpriseId(id.0), vec![*id], &self.sides(records));
                let name = text_of(&person, Attribute::OwnerName);
                StoredOwner {
                    id: id.0,
                    sort_name: sort_name(&name),
                    name,
                    nik: person.value(Attribute::Nik).map(profile_json::write_value),
                    records: count(records.len()),
                    enterprises: count(enterprises.len()),
                }
            })
            .collect())
    }

    /// The ids that touched records left and no cluster carries any more.
    fn gone<Id: Copy + Ord + std::hash::Hash>(
        &self,
        ids: &[Id],
        of: impl Fn(&Member) -> Option<Id>,
    ) -> Vec<Id> {
        let kept: HashSet<Id> = ids.iter().copied().collect();
        let left = self.touched.iter().filter_map(|it| of(self.before.get(it)?));
        let gone: BTreeSet<Id> = left.filter(|it| !kept.contains(it)).collect();
        gone.into_iter().collect()
    }

    fn affected<Id: Eq + std::hash::Hash>(
        &self,
        of: impl Fn(&Member) -> Option<Id>,
    ) -> HashSet<Id> {
        let sides = self.touched.iter().flat_map(|it| [self.before.get(it), self.now.get(it)]);
        sides.flatten().filter_map(of).collect()
    }

    fn sides(&self, records: &[RecordId]) -> Vec<(&NormalisedRecord, &Agency)> {
        records.iter().filter_map(|it| self.by_id.get(it).copied()).collect()
    }

    /// The persons the records name, the one most of them name first.
    fn owners_of(&self, records: &[RecordId]) -> Vec<OwnerId> {
        let mut named: BTreeMap<OwnerId, usize> = BTreeMap::new();
        for owner in records.iter().filter_map(|it| self.now.get(it)?.owner) {
            *named.entry(owner).or_default() += 1;
        }
        let mut owners: Vec<(usize, OwnerId)> = named.into_iter().map(|it| (it.1, it.0)).collect();
        owners.sort_by_key(|it| (std::cmp::Reverse(it.0), it.1));
        owners.into_iter().map(|it| it.1).collect()
    }
}
