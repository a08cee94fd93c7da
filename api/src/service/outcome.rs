//! What a run or a decision changed in the enterprises.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::EnterpriseId;

use crate::store::history::EventKind;

/// What happened to enterprises, by id and in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Ids that are retired, each with the enterprise that took most of its records.
    pub merged: Vec<(EnterpriseId, EnterpriseId)>,
    /// Enterprises that lost records to a new or restored one, each with that one.
    pub split: Vec<(EnterpriseId, EnterpriseId)>,
    /// Ids that are new, or in use again.
    pub created: Vec<EnterpriseId>,
    /// Enterprises that were there before, live on under their id, and changed their records or profile.
    pub touched: Vec<EnterpriseId>,
}

impl Outcome {
    /// Reads it off a run's events: the id, what happened, the other id.
    pub fn of(
        events: impl Iterator<Item = (EnterpriseId, EventKind, Option<EnterpriseId>)>,
    ) -> Outcome {
        let mut kinds: BTreeMap<EnterpriseId, Vec<EventKind>> = BTreeMap::new();
        let (mut merged, mut split) = (BTreeSet::new(), BTreeSet::new());
        for (id, kind, other) in events {
            kinds.entry(id).or_default().push(kind);
            match (kind, other) {
                (EventKind::MergedInto, Some(heir)) => {
                    merged.insert((id, heir));
                }
                (EventKind::SplitOff, Some(new)) => {
                    split.insert((id, new));
                }
                _ => {}
            }
        }
        let is = |id: &EnterpriseId, kind| kinds.get(id).is_some_and(|it| it.contains(&kind));
        let is_new = |id: &EnterpriseId| is(id, EventKind::Created) || is(id, EventKind::Restored);
        let created = kinds.keys().filter(|it| is_new(it)).copied().collect();
        let touched = kinds.keys().filter(|it| !is_new(it) && !is(it, EventKind::MergedInto));
        Outcome {
            touched: touched.copied().collect(),
            created,
            merged: merged.into_iter().collect(),
            split: split.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(number: u128) -> EnterpriseId {
        EnterpriseId(Uuid::from_u128(number))
    }

    #[test]
    fn every_enterprise_of_a_run_is_retired_created_or_touched() {
        let (a, b, c, d) = (id(1), id(2), id(3), id(4));
        let events = [
            (b, EventKind::MergedInto, Some(a)),
            (a, EventKind::Absorbed, Some(b)),
            (d, EventKind::Created, None),
            (c, EventKind::SplitOff, Some(d)),
            (d, EventKind::SplitFrom, Some(c)),
        ];
        let of = Outcome::of(events.into_iter());
        assert_eq!(of.merged, [(b, a)]);
        assert_eq!(of.split, [(c, d)]);
        assert_eq!(of.created, [d]);
        assert_eq!(of.touched, [a, c]);
    }
}
