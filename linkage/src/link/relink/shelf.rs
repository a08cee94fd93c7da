//! The records that a run after a change has read so far.

use std::collections::HashMap;

use domain::id::RecordId;

use crate::features::{Features, Place};
use crate::link::Register;
use crate::model::Model;

/// Records as they are now, each read once.
pub(super) struct Shelf<'a> {
    model: &'a Model,
    parts: Vec<Features>,
    places: HashMap<RecordId, Option<Place>>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(model: &'a Model) -> Shelf<'a> {
        Shelf { model, parts: vec![], places: HashMap::new() }
    }

    /// Reads those of `ids` that are not here yet.
    pub(super) fn fetch<R: Register>(
        &mut self,
        register: &mut R,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<(), R::Error> {
        let mut missing: Vec<RecordId> =
            ids.into_iter().filter(|it| !self.places.contains_key(it)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let found = self.model.settled(register.current(&missing)?);
        let part = self.parts.len();
        for id in missing {
            self.places.insert(id, found.position(id).map(|row| (part, row)));
        }
        self.parts.push(found);
        Ok(())
    }

    /// Whether the record, once fetched, is there.
    pub(super) fn has(&self, id: RecordId) -> bool {
        self.places.get(&id).is_some_and(Option::is_some)
    }

    /// Those of `ids` that were fetched and are there, in order.
    pub(super) fn features<'b>(&self, ids: impl IntoIterator<Item = &'b RecordId>) -> Features {
        let places = ids.into_iter().filter_map(|it| self.places.get(it).copied().flatten());
        Features::gathered(&self.parts, &places.collect::<Vec<_>>())
    }
}
