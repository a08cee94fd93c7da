//! The laws of linking, each over thousands of small registers made from a seed.

use std::collections::HashSet;
use std::sync::LazyLock;

use domain::id::{DecisionId, RecordId};
use linkage::link::{Decision, DecisionKind, Linkage, Ready, link};
use rayon::prelude::*;
use uuid::Uuid;

use crate::city::CITY;
use crate::register::{Linked, afresh, same_answer};
use crate::{Record, features, why_beside};

static READY: LazyLock<Ready> = LazyLock::new(|| Ready::new(CITY.model.clone()));

/// A pseudo-random sequence: the same seed, the same case.
struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for it in 0..all.len() {
            let other = self.below(it + 1);
            all.swap(it, other);
        }
    }
}

/// A few records, most of them of enterprises that have several.
fn register(dice: &mut Dice) -> Vec<Record> {
    let mut ids: Vec<RecordId> = vec![];
    for _ in 0..2 + dice.below(4) {
        ids.extend(&CITY.truth[dice.below(CITY.truth.len())]);
    }
    ids.truncate(14);
    ids.sort();
    ids.dedup();
    let record = |id: &RecordId| CITY.records.iter().find(|it| it.id == *id).unwrap().clone();
    let mut records: Vec<Record> = ids.iter().map(record).collect();
    // Copies of a record by another name, so that there is always something to link.
    for _ in 0..dice.below(3) {
        let of = records[dice.below(records.len())].clone();
        let id = RecordId(Uuid::from_u64_pair(dice.below(1 << 30) as u64, 7));
        records.push(of.renamed(id));
    }
    records
}

fn said(dice: &mut Dice, records: &[Record], number: usize) -> Decision {
    Decision {
        id: DecisionId(Uuid::from_u128(number as u128 + 1)),
        kind: if dice.below(2) == 0 { DecisionKind::Same } else { DecisionKind::Never },
        a: records[dice.below(records.len())].id,
        b: records[dice.below(records.len())].id,
    }
}

fn linked(records: &[Record], decisions: &[Decision]) -> Linkage {
    link(&features(records), &CITY.model, decisions, &|_, _| {})
}

/// Every record is in one enterprise and names one person; what stewards said holds, but for what is told
/// as a contradiction.
fn check(records: &[Record], decisions: &[Decision], linkage: &Linkage, seed: u64) {
    let mut all: Vec<RecordId> = records.iter().map(|it| it.id).collect();
    all.sort();
    for groups in [&linkage.enterprises, &linkage.owners] {
        let mut found: Vec<RecordId> = groups.iter().flatten().copied().collect();
        found.sort();
        assert_eq!(found, all, "seed {seed}");
    }
    let here = |it: &RecordId| all.binary_search(it).is_ok();
    let left_out: HashSet<DecisionId> = linkage.contradictions.iter().map(|it| it.same).collect();
    for decision in decisions.iter().filter(|it| here(&it.a) && here(&it.b) && it.a != it.b) {
        let both = |it: &&Vec<RecordId>| it.contains(&decision.a) && it.contains(&decision.b);
        let together = linkage.enterprises.iter().any(|it| both(&it));
        match decision.kind {
            DecisionKind::Never => assert!(!together, "seed {seed}: never does not hold"),
            DecisionKind::Same if left_out.contains(&decision.id) => {}
            DecisionKind::Same => assert!(together, "seed {seed}: same does not hold"),
        }
    }
}

/// Runs `case` for so many seeds, from `first`.
fn cases(first: u64, count: u64, case: impl Fn(u64) + Send + Sync) {
    (first..first + count).into_par_iter().for_each(case);
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    cases(10_000, 2_500, |seed| {
        let mut dice = Dice::of(seed);
        let mut records = register(&mut dice);
        let mut decisions: Vec<Decision> =
            (0..dice.below(4)).map(|it| said(&mut dice, &records, it)).collect();
        let one = linked(&records, &decisions);
        check(&records, &decisions, &one, seed);
        dice.shuffle(&mut records);
        dice.shuffle(&mut decisions);
        same_answer(&one, &linked(&records, &decisions), &format!("seed {seed}"));
    });
}

#[test]
fn after_any_story_relinking_equals_linking_and_decisions_hold() {
    cases(20_000, 3_500, |seed| {
        let mut dice = Dice::of(seed);
        let pool = register(&mut dice);
        let mut here: Vec<Record> = pool[..pool.len() / 2 + 1].to_vec();
        let mut decisions: Vec<Decision> = vec![];
        let mut register = Linked::new(&READY, &here, &decisions);
        for step in 0..5 {
            let mut changed = HashSet::new();
            let one = pool[dice.below(pool.len())].clone();
            match dice.below(7) {
                // It arrives, or takes over the content of another.
                0 | 1 if here.iter().all(|it| it.id != one.id) => here.push(one),
                0 | 1 => {
                    let of = pool[dice.below(pool.len())].clone();
                    here.retain(|it| it.id != one.id);
                    here.push(of.renamed(one.id));
                    changed.insert(one.id);
                }
                2 => here.retain(|it| it.id != one.id),
                3..=5 => decisions.push(said(&mut dice, &pool, step)),
                _ if !decisions.is_empty() => {
                    decisions.remove(dice.below(decisions.len()));
                }
                _ => {}
            }
            register.follow(&here, &changed, &decisions);
            check(&here, &decisions, &register.linkage, seed);
            let what = format!("seed {seed} step {step}");
            same_answer(&register.linkage, &afresh(&here, &CITY.model, &decisions), &what);
        }
    });
}

#[test]
fn undoing_a_decision_leaves_nothing_of_it() {
    cases(30_000, 2_500, |seed| {
        let mut dice = Dice::of(seed);
        let records = register(&mut dice);
        let mut decisions: Vec<Decision> =
            (0..dice.below(3)).map(|it| said(&mut dice, &records, it)).collect();
        let mut register = Linked::new(&READY, &records, &decisions);
        let before = register.linkage.clone();
        decisions.push(said(&mut dice, &records, 9));
        register.follow(&records, &HashSet::new(), &decisions);
        check(&records, &decisions, &register.linkage, seed);
        decisions.pop();
        register.follow(&records, &HashSet::new(), &decisions);
        same_answer(&register.linkage, &before, &format!("seed {seed}"));
    });
}

#[test]
fn the_parts_of_an_explanation_add_up_to_the_stored_weight() {
    cases(40_000, 2_500, |seed| {
        let mut dice = Dice::of(seed);
        let records = register(&mut dice);
        let record = |id: RecordId| records.iter().find(|it| it.id == id).unwrap();
        let linkage = linked(&records, &[]);
        for pair in &linkage.pairs {
            let beside = [pair.a, pair.b].iter().any(|it| linkage.beside.contains(it));
            let told = why_beside(record(pair.a), record(pair.b), &CITY.model, beside);
            let fields: f64 = told.fields.iter().map(|it| it.level_bits + it.rarity_bits).sum();
            let sum = told.prior_bits
                + fields
                + told.moved_or_two_owners_bits
                + told.other_business_bits
                + told.context_bits;
            assert!((sum - told.weight_bits).abs() < 1e-6, "seed {seed}");
            assert!((told.weight_bits - pair.weight_bits).abs() < 1e-6, "seed {seed}");
        }
    });
}
