//! Where the records around a change were.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::id::{EnterpriseId, OwnerId, RecordId};

use crate::link::{Home, Register};

/// Enterprises and persons of the last run, as far as asked for.
#[derive(Default)]
pub(super) struct Homes {
    of: HashMap<RecordId, Home>,
    enterprises: HashMap<EnterpriseId, BTreeSet<RecordId>>,
    persons: HashMap<OwnerId, BTreeSet<RecordId>>,
    loaded: HashSet<RecordId>,
}

impl Homes {
    /// Learns where these records were, and who was with them.
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
        for home in register.homes(&missing)? {
            self.of.insert(home.record, home);
            self.enterprises.entry(home.enterprise).or_default().insert(home.record);
            self.persons.entry(home.owner).or_default().insert(home.record);
        }
        Ok(())
    }

    /// The enterprise the record was in.
    pub(super) fn enterprise(&self, id: RecordId) -> Option<EnterpriseId> {
        self.of.get(&id).map(|it| it.enterprise)
    }

    /// The records of the enterprise that a loaded record was in, itself among them.
    pub(super) fn together(&self, id: RecordId) -> impl Iterator<Item = RecordId> {
        let home = self.of.get(&id).and_then(|it| self.enterprises.get(&it.enterprise));
        home.into_iter().flatten().copied()
    }

    /// The records that named the person whom a loaded record named, itself among them.
    pub(super) fn of_person(&self, id: RecordId) -> impl Iterator<Item = RecordId> {
        let person = self.of.get(&id).and_then(|it| self.persons.get(&it.owner));
        person.into_iter().flatten().copied()
    }
}
