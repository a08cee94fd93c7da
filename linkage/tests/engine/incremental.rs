//! Linking what changed gives what linking everything gives (law 3).

use std::collections::HashSet;

use domain::id::DecisionId;
use linkage::link::{Decision, DecisionKind, Ready};
use proptest::prelude::*;
use uuid::Uuid;

use crate::Record;
use crate::city::CITY;
use crate::register::{Linked, afresh, same_answer};

/// One thing that happens to the register.
#[derive(Debug, Clone)]
enum Event {
    /// These records arrive.
    Arrive(Vec<usize>),
    /// These go.
    Withdraw(Vec<usize>),
    /// The first takes over the content of the second.
    Change(usize, usize),
    /// A steward answers on two records.
    Decide(bool, usize, usize),
    /// A steward's oldest answer is undone.
    Undo,
}

fn event() -> impl Strategy<Value = Event> {
    let place = || 0..160_usize;
    prop_oneof![
        3 => proptest::collection::vec(place(), 1..40).prop_map(Event::Arrive),
        1 => proptest::collection::vec(place(), 1..20).prop_map(Event::Withdraw),
        2 => (place(), place()).prop_map(|(a, b)| Event::Change(a, b)),
        2 => (any::<bool>(), place(), place()).prop_map(|(same, a, b)| Event::Decide(same, a, b)),
        1 => Just(Event::Undo),
    ]
}

/// The records of whole enterprises, so that much of what arrives belongs together.
fn pool() -> Vec<Record> {
    let large = CITY.truth.iter().filter(|it| 2 < it.len()).flatten().take(160);
    large.map(|id| CITY.records.iter().find(|it| it.id == *id).unwrap().clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_sequence_of_events_relinking_equals_linking(
        events in proptest::collection::vec(event(), 1..8),
        block_limit in prop_oneof![Just(2_u32), Just(2_000)],
    ) {
        let pool = pool();
        let mut model = CITY.model.clone();
        model.settings.block_limit = block_limit;
        let mut here: Vec<Record> = pool[..60].to_vec();
        let mut decisions: Vec<Decision> = vec![];
        let ready = Ready::new(model.clone());
        let mut register = Linked::new(&ready, &here, &decisions);
        for (number, event) in events.into_iter().enumerate() {
            let mut changed = HashSet::new();
            match event {
                Event::Arrive(places) => {
                    for place in places {
                        if here.iter().all(|it| it.id != pool[place].id) {
                            here.push(pool[place].clone());
                        }
                    }
                }
                Event::Withdraw(places) => {
                    here.retain(|it| places.iter().all(|place| pool[*place].id != it.id));
                }
                Event::Change(a, b) => {
                    for record in here.iter_mut().filter(|it| it.id == pool[a].id) {
                        *record = pool[b].clone().renamed(pool[a].id);
                        changed.insert(record.id);
                    }
                }
                Event::Decide(same, a, b) => decisions.push(Decision {
                    id: DecisionId(Uuid::from_u128(number as u128)),
                    kind: if same { DecisionKind::Same } else { DecisionKind::Never },
                    a: pool[a].id,
                    b: pool[b].id,
                }),
                Event::Undo => {
                    decisions.drain(..decisions.len().min(1));
                }
            }
            register.follow(&here, &changed, &decisions);
            here.reverse();
            let what = format!("event {number}");
            same_answer(&register.linkage, &afresh(&here, &model, &decisions), &what);
        }
    }
}

#[test]
fn a_new_record_reaches_only_what_it_can_change() {
    let (first, rest) = CITY.records.split_first().unwrap();
    let ready = Ready::new(CITY.model.clone());
    let mut register = Linked::new(&ready, rest, &[]);
    register.follow(&CITY.records, &HashSet::new(), &[]);
    assert!(register.reached < 40, "{}", register.reached);
    same_answer(&register.linkage, &afresh(&CITY.records, &CITY.model, &[]), "one record");
    assert!(register.linkage.enterprises.iter().flatten().any(|it| *it == first.id));
}

#[test]
fn a_city_that_comes_in_parts_is_linked_as_if_it_came_at_once() {
    let ready = Ready::new(CITY.model.clone());
    let records = &CITY.records[..CITY.records.len().min(1_500)];
    let half = records.len() / 2;
    let mut register = Linked::new(&ready, &records[..half], &[]);
    for (part, end) in [(1, half + 1), (2, half + 60), (3, half + 400), (4, records.len())] {
        register.follow(&records[..end], &HashSet::new(), &[]);
        let what = format!("part {part}");
        same_answer(&register.linkage, &afresh(&records[..end], &CITY.model, &[]), &what);
    }
}
