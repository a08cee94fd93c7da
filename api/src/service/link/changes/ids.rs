//! Which ids enterprises and persons carry after a run.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use domain::id::{EnterpriseId, OwnerId, RecordId};
use linkage::identity::assign;
use linkage::link::Linkage;

use super::Ground;
use crate::error::Error;
use crate::service::link::corpus::Corpus;
use crate::store::Store;
use crate::store::decisions::Move;

/// The ids of what a run found.
pub(super) struct Ids {
    /// Of the enterprises, in their order.
    pub(super) enterprises: Vec<EnterpriseId>,
    /// Of the persons, in their order.
    pub(super) owners: Vec<OwnerId>,
    /// Those of the enterprises that were retired.
    pub(super) restored: Vec<EnterpriseId>,
}

/// Gives what was found the ids of before, as far as they last, and new ones.
pub(super) async fn given(
    store: &Store,
    corpus: &Corpus,
    linkage: &Linkage,
    ground: &Ground<'_>,
) -> Result<Ids, Error> {
    let former = former_ids(store, corpus, ground).await?;
    let enterprises = enterprise_ids(store, corpus, linkage, &former).await?;
    let retired = store.retired_among(&enterprises).await?;
    Ok(Ids {
        owners: owner_ids(store, corpus, linkage, &former).await?,
        restored: enterprises.iter().copied().filter(|it| retired.contains_key(it)).collect(),
        enterprises,
    })
}

/// The former enterprise and owner of each record that the undone decision moved and that is where it was
/// moved to, or in the heir of that.
async fn former_ids(
    store: &Store,
    corpus: &Corpus,
    ground: &Ground<'_>,
) -> Result<HashMap<RecordId, Move>, Error> {
    let Some(undone) = ground.undone else { return Ok(HashMap::new()) };
    let targets: HashSet<EnterpriseId> = undone.moves.values().map(|it| it.to).collect();
    let heirs = store.heirs(&targets.into_iter().collect::<Vec<_>>()).await?;
    let there = |(record, it): &(&RecordId, &Move)| {
        let live = heirs.get(&it.to).unwrap_or(&it.to);
        corpus.members.get(record).is_some_and(|member| member.enterprise == *live)
    };
    let former = undone.moves.iter().filter(there);
    Ok(former.map(|(record, it)| (*record, *it)).collect())
}

async fn enterprise_ids(
    store: &Store,
    corpus: &Corpus,
    linkage: &Linkage,
    former: &HashMap<RecordId, Move>,
) -> Result<Vec<EnterpriseId>, Error> {
    let mut previous: HashMap<RecordId, EnterpriseId> =
        corpus.members.iter().map(|(record, it)| (*record, it.enterprise)).collect();
    previous.extend(former.iter().map(|(record, it)| (*record, it.from)));
    let mint = EnterpriseId::minted_from;
    let founders = founders(&linkage.enterprises, &previous);
    let used = used(founders, mint, async |ids: Vec<EnterpriseId>| store.ever_used(&ids).await);
    let used = used.await?;
    Ok(assign(&linkage.enterprises, &previous, &mint, &|it| used.contains(&it)))
}

async fn owner_ids(
    store: &Store,
    corpus: &Corpus,
    linkage: &Linkage,
    former: &HashMap<RecordId, Move>,
) -> Result<Vec<OwnerId>, Error> {
    let mut previous: HashMap<RecordId, OwnerId> =
        corpus.members.iter().filter_map(|(record, it)| Some((*record, it.owner?))).collect();
    for (record, it) in former {
        if previous.get(record).copied() == it.to_owner
            && let Some(owner) = it.from_owner
        {
            previous.insert(*record, owner);
        }
    }
    let mint = OwnerId::minted_from;
    let founders = founders(&linkage.owners, &previous);
    let used = used(founders, mint, async |ids: Vec<OwnerId>| store.owners_among(&ids).await);
    let used = used.await?;
    Ok(assign(&linkage.owners, &previous, &mint, &|it| used.contains(&it)))
}

/// Those of the ids that `founders` would be given, attempt by attempt, that are in use already.
async fn used<Id: Copy + Eq + Hash>(
    mut founders: Vec<RecordId>,
    mint: fn(RecordId, u32) -> Id,
    ask: impl AsyncFn(Vec<Id>) -> Result<HashSet<Id>, Error>,
) -> Result<HashSet<Id>, Error> {
    let mut used = HashSet::new();
    for attempt in 0.. {
        if founders.is_empty() {
            break;
        }
        let found = ask(founders.iter().map(|it| mint(*it, attempt)).collect()).await?;
        founders.retain(|it| found.contains(&mint(*it, attempt)));
        used.extend(found);
    }
    Ok(used)
}

/// The records that new ids may be minted from: the first of each cluster that may not keep an id.
fn founders<Id: Copy + Eq + Hash>(
    clusters: &[Vec<RecordId>],
    previous: &HashMap<RecordId, Id>,
) -> Vec<RecordId> {
    let mut claims: HashMap<Id, usize> = HashMap::new();
    let ids_of = |cluster: &[RecordId]| -> HashSet<Id> {
        cluster.iter().filter_map(|it| previous.get(it).copied()).collect()
    };
    for cluster in clusters {
        for id in ids_of(cluster) {
            *claims.entry(id).or_default() += 1;
        }
    }
    // Whose former ids nobody else claims keeps one of them.
    let may_found = |cluster: &&Vec<RecordId>| !ids_of(cluster).iter().any(|it| claims[it] == 1);
    clusters.iter().filter(may_found).filter_map(|it| it.iter().copied().min()).collect()
}
