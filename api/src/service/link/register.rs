//! The stored register as the engine asks it for the surroundings of a change.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::agency::{Agency, AgencyCode};
use domain::id::{OwnerId, RecordId};
use entity::link_pair;
use linkage::features::{Features, Written};
use linkage::link::{Home, Register, Relinked, ScoredPair};
use linkage::settings::Settings;
use tokio::runtime::Handle;

use super::corpus::{Corpus, normalised};
use crate::error::Error;
use crate::store::Store;
use crate::store::linking::{CurrentRecord, Member};

/// The register as the last run left it, and what was read of it so far.
pub(super) struct StoredRegister {
    store: Store,
    settings: Settings,
    agencies: HashMap<AgencyCode, Agency>,
    runtime: Handle,
    current: HashMap<RecordId, CurrentRecord>,
    members: HashMap<RecordId, Member>,
    pairs: HashMap<(RecordId, RecordId), link_pair::Model>,
}

impl StoredRegister {
    /// The register whose records are read by `settings`. The engine asks it from a thread that may wait.
    pub(super) async fn new(store: &Store, settings: Settings) -> Result<StoredRegister, Error> {
        let agencies = store.agencies().await?;
        Ok(StoredRegister {
            store: store.clone(),
            settings,
            agencies: agencies.into_iter().map(|it| (it.code.clone(), it)).collect(),
            runtime: Handle::current(),
            current: HashMap::new(),
            members: HashMap::new(),
            pairs: HashMap::new(),
        })
    }

    fn features<'a>(&self, records: impl Iterator<Item = &'a CurrentRecord>) -> Features {
        let written: Vec<Written> = records
            .filter_map(|it| Some(Written::new(&it.record, self.agencies.get(&it.record.agency)?)))
            .collect();
        Features::read(&self.settings, &written)
    }

    async fn fetch(&mut self, ids: impl IntoIterator<Item = RecordId>) -> Result<(), Error> {
        let missing = ids.into_iter().filter(|it| !self.current.contains_key(it));
        let missing: BTreeSet<RecordId> = missing.collect();
        let missing: Vec<RecordId> = missing.into_iter().collect();
        for it in self.store.current_among(&missing).await? {
            self.current.insert(it.record.id, it);
        }
        Ok(())
    }

    /// What a run over the part that was `found` works on, and over the linked rows that are `gone`.
    pub(super) async fn corpus(
        mut self,
        found: &Relinked,
        gone: &[RecordId],
    ) -> Result<Corpus, Error> {
        let mut part: HashSet<RecordId> =
            found.found.enterprises.iter().flatten().copied().collect();
        self.fetch(part.iter().copied()).await?;
        let reached: HashSet<RecordId> = found.reached.iter().copied().collect();
        let mut current: Vec<CurrentRecord> =
            part.iter().filter_map(|it| self.current.remove(it)).collect();
        current.sort_by_key(|it| it.record.id);
        part.extend(gone);
        let pairs = self.pairs.into_iter();
        let pairs = pairs.filter(|((a, b), _)| reached.contains(a) || reached.contains(b));
        Ok(Corpus {
            normalised: normalised(current.iter(), &self.agencies),
            current,
            agencies: self.agencies,
            members: self.members.into_iter().filter(|it| part.contains(&it.0)).collect(),
            pairs: pairs.map(|it| it.1).collect(),
            reached: Some(reached),
        })
    }
}

impl Register for StoredRegister {
    type Error = Error;

    fn holders(
        &mut self,
        keys: &[u64],
        most: usize,
    ) -> Result<HashMap<u64, Option<Vec<RecordId>>>, Error> {
        self.runtime.clone().block_on(self.store.holders(keys, most))
    }

    fn current(&mut self, ids: &[RecordId]) -> Result<Features, Error> {
        self.runtime.clone().block_on(self.fetch(ids.iter().copied()))?;
        Ok(self.features(ids.iter().filter_map(|it| self.current.get(it))))
    }

    fn linked(&mut self, ids: &[RecordId]) -> Result<Features, Error> {
        let read = async {
            let members = self.store.members_among(ids).await?;
            let versions: Vec<i64> = members.values().map(|it| it.version).collect();
            self.store.versions(&versions).await
        };
        let versions = self.runtime.block_on(read)?;
        Ok(self.features(versions.iter()))
    }

    fn pairs(&mut self, ids: &[RecordId]) -> Result<Vec<ScoredPair>, Error> {
        let found = self.runtime.block_on(self.store.pairs_of(ids))?;
        let scored = found.iter().map(scored).collect();
        let key = |it: link_pair::Model| ((RecordId(it.a), RecordId(it.b)), it);
        self.pairs.extend(found.into_iter().map(key));
        Ok(scored)
    }

    fn beside(&mut self, ids: &[RecordId]) -> Result<HashSet<RecordId>, Error> {
        self.runtime.block_on(self.store.beside(ids))
    }

    fn homes(&mut self, ids: &[RecordId]) -> Result<Vec<Home>, Error> {
        let read = async {
            let here = self.store.members_among(ids).await?;
            let enterprises: BTreeSet<_> = here.values().map(|it| it.enterprise).collect();
            let owners: BTreeSet<_> = here.values().filter_map(|it| it.owner).collect();
            let enterprises: Vec<_> = enterprises.into_iter().collect();
            let owners: Vec<_> = owners.into_iter().collect();
            self.store.members_beside(&enterprises, &owners).await
        };
        let found = self.runtime.block_on(read)?;
        let home = |(record, it): (&RecordId, &Member)| Home {
            record: *record,
            enterprise: it.enterprise,
            owner: it.owner.unwrap_or(OwnerId(record.0)),
        };
        let homes = found.iter().map(home).collect();
        self.members.extend(found);
        Ok(homes)
    }
}

fn scored(it: &link_pair::Model) -> ScoredPair {
    ScoredPair {
        a: RecordId(it.a),
        b: RecordId(it.b),
        weight_bits: it.weight,
        context_bits: it.context,
        probability: it.probability,
        person_bits: it.person_weight,
        linked: it.linked,
    }
}
