//! What a run did to each enterprise, told from where its records were and where they are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::enterprise::Attribute;
use domain::id::{EnterpriseId, RecordId};

use crate::service::link::corpus::Corpus;
use crate::store::history::EventKind;
use crate::store::linking::{Member, NewEvent};

/// What the events of a run are told from.
pub(super) struct Happened<'a> {
    /// The records and where they were.
    pub(super) corpus: &'a Corpus,
    /// Where they are.
    pub(super) members: &'a HashMap<RecordId, Member>,
    /// The enterprises whose profile is another.
    pub(super) changed: &'a [EnterpriseId],
    /// The anchor and the attribute of the value that was set or given back.
    pub(super) overridden: Option<(RecordId, Attribute)>,
}

/// The records that went from one enterprise, or from none, to another, or to none.
type Ways = BTreeMap<(Option<EnterpriseId>, Option<EnterpriseId>), Vec<RecordId>>;

impl Happened<'_> {
    /// The events, enterprise by enterprise.
    pub(super) fn events(
        &self,
        redirects: &[(EnterpriseId, EnterpriseId)],
        restored: &[EnterpriseId],
    ) -> Vec<NewEvent> {
        let heir: HashMap<EnterpriseId, EnterpriseId> = redirects.iter().copied().collect();
        let restored: HashSet<EnterpriseId> = restored.iter().copied().collect();
        let before: HashSet<EnterpriseId> =
            self.corpus.members.values().map(|it| it.enterprise).collect();
        let mut events = self.births(&before, &restored);
        for ((from, to), records) in self.ways() {
            let mut tell = |enterprise: Option<EnterpriseId>, kind, other| {
                events.extend(enterprise.map(|it| event(it, kind, other, &records)));
            };
            let retired = from.is_some_and(|it| heir.get(&it).copied() == to);
            let born = to.is_some_and(|it| !before.contains(&it) && !restored.contains(&it));
            let back = to.is_some_and(|it| restored.contains(&it));
            match (from, born || back) {
                (None, true) => {}
                (None, false) => tell(to, EventKind::RecordJoined, None),
                (Some(_), _) if retired => {
                    tell(from, EventKind::MergedInto, to);
                    tell(to, if back { EventKind::Restored } else { EventKind::Absorbed }, from);
                }
                (Some(_), true) => {
                    tell(from, EventKind::SplitOff, to);
                    tell(to, if back { EventKind::Restored } else { EventKind::SplitFrom }, from);
                }
                (Some(_), false) => {
                    tell(from, EventKind::RecordLeft, to);
                    tell(to, EventKind::RecordJoined, from);
                }
            }
        }
        if let Some((record, attribute)) = self.overridden
            && let Some(member) = self.members.get(&record)
        {
            let set = event(member.enterprise, EventKind::ValueOverridden, None, &[record]);
            events.push(NewEvent { attribute: Some(attribute), ..set });
        }
        let told: HashSet<EnterpriseId> = events.iter().map(|it| it.enterprise).collect();
        let mut renewed = self.renewed();
        for id in self.changed.iter().filter(|it| !told.contains(it)) {
            let records = renewed.remove(id).unwrap_or_default();
            events.push(event(*id, EventKind::Changed, None, &records));
        }
        events.sort_by_key(|it| it.enterprise);
        events
    }

    /// An event for each id that is new, with the records it is given to.
    fn births(
        &self,
        before: &HashSet<EnterpriseId>,
        restored: &HashSet<EnterpriseId>,
    ) -> Vec<NewEvent> {
        let mut born: BTreeMap<EnterpriseId, BTreeSet<RecordId>> = BTreeMap::new();
        for (record, member) in self.members {
            if !before.contains(&member.enterprise) && !restored.contains(&member.enterprise) {
                born.entry(member.enterprise).or_default().insert(*record);
            }
        }
        let created = |(id, records): (EnterpriseId, BTreeSet<RecordId>)| {
            event(id, EventKind::Created, None, &records.into_iter().collect::<Vec<_>>())
        };
        born.into_iter().map(created).collect()
    }

    fn ways(&self) -> Ways {
        let mut ways = Ways::new();
        for (record, member) in self.members {
            let from = self.corpus.members.get(record).map(|it| it.enterprise);
            if from != Some(member.enterprise) {
                ways.entry((from, Some(member.enterprise))).or_default().push(*record);
            }
        }
        for (record, member) in &self.corpus.members {
            if !self.members.contains_key(record) {
                ways.entry((Some(member.enterprise), None)).or_default().push(*record);
            }
        }
        ways.values_mut().for_each(|it| it.sort());
        ways
    }

    /// The records of each enterprise that have a new version.
    fn renewed(&self) -> HashMap<EnterpriseId, Vec<RecordId>> {
        let mut renewed: HashMap<EnterpriseId, Vec<RecordId>> = HashMap::new();
        for (record, member) in self.members {
            let before = self.corpus.members.get(record);
            if before.is_some_and(|it| it.version != member.version) {
                renewed.entry(member.enterprise).or_default().push(*record);
            }
        }
        renewed.values_mut().for_each(|it| it.sort());
        renewed
    }
}

fn event(
    enterprise: EnterpriseId,
    kind: EventKind,
    other: Option<EnterpriseId>,
    records: &[RecordId],
) -> NewEvent {
    NewEvent { enterprise, kind, other, records: records.to_vec(), attribute: None }
}
