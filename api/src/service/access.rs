//! Evidence of reading: every request keeps a ledger of whose data it showed, and the ledger is stored
//! before the answer leaves (law 9).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use domain::viewer::Viewer;

use crate::clock;
use crate::error::Error;
use crate::store::Store;
use crate::store::access::AccessEntry;

/// What one request read and what it was refused.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    operations: BTreeSet<&'static str>,
    refused: BTreeSet<&'static str>,
    /// Attributes by whose they are: an id with its prefix, and whether they were shown.
    read: BTreeMap<(String, bool), BTreeSet<&'static str>>,
}

impl Ledger {
    /// Notes what the request does, as the field it asks for.
    pub fn operation(&self, name: &'static str) {
        self.entries(|it| it.operations.insert(name));
    }

    /// Notes that the request was refused `name` as a whole.
    pub fn refuse(&self, name: &'static str) {
        self.entries(|it| it.refused.insert(name));
    }

    /// Notes that `attribute` of `whose` was asked for, and whether anything of it was shown.
    pub fn read(&self, whose: impl ToString, attribute: &'static str, shown: bool) {
        self.entries(|it| it.read.entry((whose.to_string(), shown)).or_default().insert(attribute));
    }

    fn entries<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stores what was noted, in one statement, and empties the ledger. Nothing noted stores nothing.
    pub async fn store(&self, store: &Store, viewer: &Viewer) -> Result<(), Error> {
        let entries = self.entries(std::mem::take);
        let rows = entries.rows();
        if rows.is_empty() {
            return Ok(());
        }
        store.record_access(viewer, clock::now(), rows).await
    }
}

impl Entries {
    /// One row for each set of attributes, with everyone of whom just those were read.
    fn rows(self) -> Vec<AccessEntry> {
        let all = self.operations.iter().copied().collect::<Vec<_>>().join(" ");
        let mut groups: BTreeMap<(BTreeSet<&str>, bool), Vec<String>> = BTreeMap::new();
        for ((whose, shown), attributes) in self.read {
            groups.entry((attributes, shown)).or_default().push(whose);
        }
        let read = groups.into_iter().map(|((attributes, allowed), whose)| AccessEntry {
            operation: all.clone(),
            whose,
            attributes: attributes.into_iter().map(str::to_owned).collect(),
            allowed,
        });
        let refused = self.refused.into_iter().map(|operation| AccessEntry {
            operation: operation.to_owned(),
            whose: vec![],
            attributes: vec![],
            allowed: false,
        });
        read.chain(refused).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_and_what_was_withheld_are_rows_of_their_own() {
        let ledger = Ledger::default();
        ledger.operation("enterprises");
        for id in ["ent_1", "ent_2"] {
            ledger.read(id, "owner_name", true);
            ledger.read(id, "nik", false);
        }
        ledger.read("ent_2", "phone", true);
        let rows = ledger.entries(std::mem::take).rows();
        let told: Vec<_> =
            rows.iter().map(|it| (it.whose.len(), it.attributes.join(" "), it.allowed)).collect();
        assert_eq!(
            told,
            [
                (2, "nik".to_owned(), false),
                (1, "owner_name".to_owned(), true),
                (1, "owner_name phone".to_owned(), true)
            ]
        );
    }
}
