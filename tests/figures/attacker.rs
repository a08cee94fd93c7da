//! Somebody who asks pairs of questions and subtracts one answer from the other.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Facts, Tables};
use super::city::Random;

const THRESHOLD: u64 = 5;

/// What is asked by, and for each which categories.
type Question = BTreeMap<String, BTreeSet<Option<String>>>;

/// One day: the register, and what is told of it.
pub struct Day<'a> {
    pub register: &'a [Facts],
    pub told: &'a Tables,
}

fn categories(tables: &Tables, by: &str) -> Vec<Option<String>> {
    let cells = &tables[&vec![by.to_owned()]];
    cells.keys().map(|it| it[0].clone()).collect()
}

fn chosen(tables: &Tables, by: &str, random: &mut Random) -> BTreeSet<Option<String>> {
    let all = categories(tables, by);
    if all.is_empty() {
        return BTreeSet::new();
    }
    let one = all[random.below(all.len())].clone();
    let some: BTreeSet<Option<String>> = match random.below(4) {
        0 => [one.clone()].into(),
        1 => all.iter().filter(|it| **it != one).cloned().collect(),
        2 => all.iter().cloned().collect(),
        _ => all.iter().filter(|_| random.below(2) == 0).cloned().collect(),
    };
    if some.is_empty() { [one].into() } else { some }
}

fn question(tables: &Tables, random: &mut Random) -> Question {
    let all: Vec<&Vec<String>> = tables.keys().collect();
    let table = all[random.below(all.len())];
    table.iter().map(|by| (by.clone(), chosen(tables, by, random))).collect()
}

/// A question within another: a category taken out, something more asked by.
fn narrower(tables: &Tables, wide: &Question, random: &mut Random) -> Question {
    let mut narrow = wide.clone();
    for categories in narrow.values_mut() {
        if 1 < categories.len() && random.below(2) == 0 {
            let out = categories.iter().nth(random.below(categories.len())).cloned().unwrap();
            categories.remove(&out);
        }
    }
    if random.below(2) == 0 {
        let more = |it: &&Vec<String>| {
            it.len() == narrow.len() + 1 && narrow.keys().all(|by| it.contains(by))
        };
        let tables_with_more: Vec<&Vec<String>> = tables.keys().filter(more).collect();
        if !tables_with_more.is_empty() {
            let table = tables_with_more[random.below(tables_with_more.len())];
            let by = table.iter().find(|it| !narrow.contains_key(*it)).unwrap();
            narrow.insert(by.clone(), chosen(tables, by, random));
        }
    }
    narrow
}

/// The sum of the cells that are asked for, if each of them is told.
fn answer(tables: &Tables, question: &Question) -> Option<u64> {
    let table = tables
        .keys()
        .find(|it| it.len() == question.len() && it.iter().all(|by| question.contains_key(by)))?;
    let asked = |cell: &Vec<Option<String>>| {
        table.iter().zip(cell).all(|(by, it)| question[by].contains(it))
    };
    tables[table].iter().filter(|it| asked(it.0)).map(|it| *it.1).sum()
}

fn is_about(question: &Question, facts: &Facts) -> bool {
    question.iter().all(|(by, categories)| facts.get(by).is_some_and(|it| categories.contains(it)))
}

/// How many of 10,000 differences were told, and how many of these were counts of few.
pub fn attack(days: &[Day<'_>]) -> (usize, usize) {
    let mut random = Random(7);
    let (mut told, mut found) = (0, 0);
    for _ in 0..10_000 {
        let (one, other) = (random.below(days.len()), random.below(days.len()));
        let wide = question(days[one].told, &mut random);
        let narrow = match random.below(4) {
            0 => question(days[one].told, &mut random),
            _ => narrower(days[one].told, &wide, &mut random),
        };
        let answers = (answer(days[one].told, &wide), answer(days[other].told, &narrow));
        let (Some(most), Some(least)) = answers else { continue };
        let about = |day: usize, of: &Question| -> Vec<bool> {
            days[day].register.iter().map(|it| is_about(of, it)).collect()
        };
        let within = |day: usize| {
            let (wide, narrow) = (about(day, &wide), about(day, &narrow));
            let inside = wide.iter().zip(&narrow).all(|it| *it.0 || !*it.1);
            let left = wide.iter().zip(&narrow).filter(|it| *it.0 && !*it.1).count() as u64;
            inside.then_some(left)
        };
        let (Some(left), Some(then)) = (within(one.min(other)), within(one.max(other))) else {
            continue;
        };
        told += 1;
        // What became small after the first of the two days was told when it was not.
        let small = (1..THRESHOLD).contains(&left);
        let guess = most.checked_sub(least);
        if small && guess == Some(left) && (one == other || (1..THRESHOLD).contains(&then)) {
            found += 1;
        }
    }
    (told, found)
}
