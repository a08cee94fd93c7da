//! Ten thousand pairs of questions that may be asked, one subtracted from the other.

use disclosure::{Category, Cube, Figure, Reason, Release, Rules};

use crate::made::{Random, Register, cube, leaves, places, tally, within};

const THRESHOLD: u64 = 5;

/// Categories of some dimensions.
type Question = Vec<(usize, Vec<Category>)>;

/// A question of a table of at most three dimensions, each a category, some of them or all but one.
fn question(cube: &Cube, random: &mut Random) -> Question {
    let table = &cube.tables()[random.below(cube.tables().len())];
    table.iter().map(|it| (*it, categories(cube, *it, random))).collect()
}

fn categories(cube: &Cube, dimension: usize, random: &mut Random) -> Vec<Category> {
    let dimension = cube.dimension(dimension);
    let all: Vec<Category> = dimension.categories().collect();
    let top: Vec<Category> = dimension.children(Category::TOTAL).collect();
    let chosen = all[random.below(all.len())];
    match random.below(4) {
        0 => vec![chosen],
        1 => top.iter().copied().filter(|it| *it != chosen).collect(),
        2 => leaves(dimension).into_iter().filter(|it| *it != chosen).collect(),
        _ => {
            let some: Vec<Category> =
                top.iter().copied().filter(|_| random.below(2) == 0).collect();
            if some.is_empty() { top } else { some }
        }
    }
}

/// A question within another: a category taken out, a dimension added.
fn narrower(cube: &Cube, question: &Question, random: &mut Random) -> Question {
    let mut narrower = question.clone();
    for (dimension, categories) in &mut narrower {
        match random.below(3) {
            0 if 1 < categories.len() => drop(categories.remove(random.below(categories.len()))),
            1 => {
                let children = |it: &Category| cube.dimension(*dimension).children(*it).collect();
                let inner: Vec<Vec<Category>> = categories.iter().map(children).collect();
                let whole = categories.iter().zip(&inner);
                let all: Vec<Category> = whole
                    .flat_map(|it| if it.1.is_empty() { vec![*it.0] } else { it.1.clone() })
                    .collect();
                *categories = all;
                if 1 < categories.len() {
                    categories.remove(random.below(categories.len()));
                }
            }
            _ => {}
        }
    }
    if narrower.len() < 3 && random.below(2) == 0 {
        let absent = |it: &usize| narrower.iter().all(|one| one.0 != *it);
        let absent: Vec<usize> = (0..cube.dimensions().len()).filter(absent).collect();
        let dimension = absent[random.below(absent.len())];
        narrower.push((dimension, categories(cube, dimension, random)));
    }
    narrower
}

/// Which of the places a question is about.
fn about(cube: &Cube, places: &[Vec<Category>], question: &Question) -> Vec<bool> {
    let asked = |place: &Vec<Category>| {
        question.iter().all(|(dimension, categories)| {
            let inside = |it: &Category| within(cube.dimension(*dimension), place[*dimension], *it);
            categories.iter().any(inside)
        })
    };
    places.iter().map(asked).collect()
}

/// What comes of a question.
type Answer<'a> = &'a dyn Fn(&Question) -> Option<u64>;

/// How many differences of 10,000 pairs could be told, and how many of them were of fewer than the threshold.
fn attack(days: &[(Register, Answer<'_>)], cube: &Cube) -> (usize, usize) {
    let mut random = Random(7);
    let places = places(cube);
    let (mut told, mut found) = (0, 0);
    for _ in 0..10_000 {
        let wide = question(cube, &mut random);
        let narrow = if random.below(4) == 0 {
            question(cube, &mut random)
        } else {
            narrower(cube, &wide, &mut random)
        };
        let (one, other) = (random.below(days.len()), random.below(days.len()));
        let (Some(most), Some(least)) = ((days[one].1)(&wide), (days[other].1)(&narrow)) else {
            continue;
        };
        let (wide, narrow) = (about(cube, &places, &wide), about(cube, &places, &narrow));
        if narrow.iter().zip(&wide).any(|it| *it.0 && !it.1) {
            continue;
        }
        told += 1;
        // What became small after the first of the two days was told when it was not.
        let few = |day: usize| {
            let count: u64 = (0..places.len())
                .filter(|it| wide[*it] && !narrow[*it])
                .map(|it| days[day].0[&places[it]])
                .sum();
            (1..THRESHOLD).contains(&count).then_some(count)
        };
        let day = one.min(other);
        let guess = most.checked_sub(least);
        if few(day).is_some() && (one == other || few(one.max(other)) == guess) {
            found += 1;
        }
    }
    (told, found)
}

fn city() -> (std::sync::Arc<Cube>, [Register; 2]) {
    let cube = cube(&[3, 2, 3], &[4, 2, 2], 3);
    let mut random = Random(42);
    let some = [0, 0, 0, 1, 2, 6, 9, 14, 30, 45];
    let mut before = Register::new();
    for place in places(&cube) {
        before.insert(place, some[random.below(some.len())]);
    }
    let mut after = before.clone();
    let all: Vec<Vec<Category>> = after.keys().cloned().collect();
    for _ in 0..all.len() / 8 {
        // One of two that were the same goes; another comes elsewhere.
        let (gone, come) = (random.below(all.len()), random.below(all.len()));
        *after.get_mut(&all[gone]).unwrap() = after[&all[gone]].saturating_sub(1);
        *after.get_mut(&all[come]).unwrap() += u64::from(come % 3 == 0);
    }
    (cube, [before, after])
}

fn answer(release: &Release, question: &Question) -> Option<u64> {
    match release.answer(question).unwrap() {
        Figure::Shown(count) => Some(count),
        Figure::Hidden => None,
    }
}

#[test]
fn ten_thousand_pairs_of_questions_on_two_days_tell_of_no_group_of_few() {
    let (cube, [before, after]) = city();
    let first = Release::first(&tally(&cube, &before), Rules::below(THRESHOLD));
    let second =
        Release::following(&first.hidden(), &tally(&cube, &after), Rules::below(THRESHOLD));
    let (told, found) =
        attack(&[(before, &|it| answer(&first, it)), (after, &|it| answer(&second, it))], &cube);
    assert!(300 < told, "only {told} pairs were answered");
    assert_eq!(found, 0, "of {told}");
}

#[test]
fn the_attacker_finds_groups_of_few_when_small_counts_alone_are_hidden() {
    let (cube, [before, _]) = city();
    let release = Release::first(&tally(&cube, &before), Rules::below(THRESHOLD));
    let exact = Release::first(&tally(&cube, &before), Rules::below(0));
    let naive = |question: &Question| {
        let mut question = question.clone();
        question.sort_by_key(|it| it.0);
        let dimensions: Vec<usize> = question.iter().map(|it| it.0).collect();
        let asked = |categories: &[Category]| {
            question.iter().zip(categories).all(|it| it.0.1.contains(it.1))
        };
        let mut cells = release.table(&dimensions).unwrap().filter(|it| asked(&it.categories));
        let small =
            |it: &[Category]| release.reason(&dimensions, it).unwrap() == Some(Reason::Small);
        if cells.any(|it| small(&it.categories)) { None } else { answer(&exact, &question) }
    };
    let (told, found) = attack(&[(before, &naive)], &cube);
    assert!(0 < found, "{found} of {told}");
}
