//! Stewards outrank the engine (law 5).

use domain::id::{DecisionId, RecordId};
use linkage::link::{Decision, DecisionKind, Linkage, link};
use uuid::Uuid;

use crate::city::CITY;

fn decision(number: u128, kind: DecisionKind, a: RecordId, b: RecordId) -> Decision {
    Decision { id: DecisionId(Uuid::from_u128(number)), kind, a, b }
}

fn linked(decisions: &[Decision]) -> Linkage {
    link(&CITY.features, &CITY.model, decisions, &|_, _| {})
}

fn together(linkage: &Linkage, a: RecordId, b: RecordId) -> bool {
    linkage.enterprises.iter().any(|it| it.contains(&a) && it.contains(&b))
}

/// A pair the engine links, and a record of another enterprise.
fn cases() -> (RecordId, RecordId, RecordId) {
    let linkage = linked(&[]);
    let pair = linkage.pairs.iter().find(|it| it.linked).unwrap();
    let other = CITY.records.iter().find(|it| !together(&linkage, it.id, pair.a)).unwrap();
    (pair.a, pair.b, other.id)
}

#[test]
fn same_joins_and_never_separates() {
    let (a, b, stranger) = cases();
    let linkage = linked(&[
        decision(1, DecisionKind::Never, a, b),
        decision(2, DecisionKind::Same, b, stranger),
    ]);
    assert!(!together(&linkage, a, b));
    assert!(together(&linkage, b, stranger));
}

#[test]
fn never_also_separates_through_a_third_record() {
    let linkage = linked(&[]);
    let large = linkage.enterprises.iter().max_by_key(|it| it.len()).unwrap();
    let linkage = linked(&[decision(1, DecisionKind::Never, large[0], large[2])]);
    assert!(!together(&linkage, large[0], large[2]));
}

#[test]
fn a_contradiction_is_told_and_never_wins() {
    let (a, b, stranger) = cases();
    let linkage = linked(&[
        decision(1, DecisionKind::Same, a, stranger),
        decision(2, DecisionKind::Same, stranger, b),
        decision(3, DecisionKind::Never, a, b),
    ]);
    assert!(together(&linkage, a, stranger));
    assert!(!together(&linkage, a, b));
    let told = &linkage.contradictions;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].same, told[0].never),
        (DecisionId(Uuid::from_u128(2)), DecisionId(Uuid::from_u128(3)))
    );
}

#[test]
fn an_undone_decision_leaves_no_trace() {
    let (a, b, _) = cases();
    let before = linked(&[]);
    assert_ne!(linked(&[decision(1, DecisionKind::Never, a, b)]).enterprises, before.enterprises);
    assert_eq!(linked(&[]), before);
}

#[test]
fn a_settled_pair_is_not_asked_again() {
    let before = linked(&[]);
    let asked = before.review.first().unwrap();
    let after = linked(&[decision(1, DecisionKind::Never, asked.a, asked.b)]);
    assert!(after.review.iter().all(|it| (it.a, it.b) != (asked.a, asked.b)));
}

#[test]
fn the_review_queue_puts_the_most_consequential_first() {
    let queue = linked(&[]).review;
    assert!(queue.windows(2).all(|it| it[1].consequence <= it[0].consequence));
}
