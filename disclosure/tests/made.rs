//! Registers made up for the tests, and what is told of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use disclosure::{Category, Cube, Dimension, Figure, Reason, Release, Rules, Tally};

/// Leaves of every dimension, and how many enterprises are there.
pub type Register = BTreeMap<Vec<Category>, u64>;

/// What is told: by table and categories, a count or nothing.
pub type Told = BTreeMap<(Vec<usize>, Vec<Category>), Option<u64>>;

/// Kecamatan with kelurahan, sectors, sizes and sexes, as many of each as asked for.
pub fn cube(kelurahan: &[usize], flat: &[usize], crossed: usize) -> Arc<Cube> {
    let numbered = |count: usize| (0..count).map(|it| it.to_string()).collect::<Vec<_>>();
    let places =
        kelurahan.iter().zip(0..).map(|(it, name)| (name.to_string(), Some(numbered(*it))));
    let mut dimensions = vec![Dimension::nested("place", places).unwrap()];
    for (count, name) in flat.iter().zip(["sector", "size", "sex"]) {
        dimensions.push(Dimension::flat(name, numbered(*count)).unwrap());
    }
    Arc::new(Cube::up_to(dimensions, crossed).unwrap())
}

/// Sizes and sexes, with two facets that are each crossed with one of them, or with both.
pub fn star(both: bool) -> Arc<Cube> {
    let shared = [("size", &["micro", "small"][..]), ("sex", &["female"])];
    let shared = shared.map(|it| Dimension::flat(it.0, it.1.iter().copied()).unwrap());
    let kur = [("likely", None), ("missing", Some(["npwp"]))];
    let facets =
        vec![Dimension::nested("kur", kur).unwrap(), Dimension::flat("umi", ["likely"]).unwrap()];
    let tables: &[&[usize]] =
        if both { &[&[0, 1, 2], &[0, 1, 3]] } else { &[&[0, 1], &[0, 2], &[1, 3]] };
    Arc::new(Cube::star(shared.into(), facets, tables).unwrap())
}

/// The leaves of a dimension.
pub fn leaves(dimension: &Dimension) -> Vec<Category> {
    dimension.categories().filter(|it| dimension.is_leaf(*it)).collect()
}

/// Every choice of a leaf in each dimension.
pub fn places(cube: &Cube) -> Vec<Vec<Category>> {
    let mut places = vec![vec![]];
    for dimension in cube.dimensions() {
        let longer = |place: &Vec<Category>| {
            let place = place.clone();
            leaves(dimension).into_iter().map(move |it| [place.clone(), vec![it]].concat())
        };
        places = places.iter().flat_map(longer).collect();
    }
    places
}

pub fn tally(cube: &Arc<Cube>, register: &Register) -> Tally {
    let mut tally = Tally::new(cube);
    for (place, count) in register {
        tally.add_at(place, *count).unwrap();
    }
    tally
}

/// What a release tells.
pub fn told(release: &Release) -> Told {
    let mut told = Told::new();
    for dimensions in release.cube().tables() {
        for row in release.table(dimensions).unwrap() {
            let figure = match row.figure {
                Figure::Shown(count) => Some(count),
                Figure::Hidden => None,
            };
            told.insert((dimensions.clone(), row.categories), figure);
        }
    }
    told
}

/// Every count as it is.
pub fn exact(cube: &Arc<Cube>, register: &Register) -> Told {
    told(&Release::first(&tally(cube, register), Rules::below(0)))
}

/// What it would tell if it hid small counts and nothing else.
pub fn told_without_cover(release: &Release, exact: &Told) -> Told {
    let small = |dimensions: &[usize], categories: &[Category]| {
        release.reason(dimensions, categories).unwrap() == Some(Reason::Small)
    };
    let cells =
        exact.iter().map(|(it, count)| (it.clone(), count.filter(|_| !small(&it.0, &it.1))));
    cells.collect()
}

/// Whether a leaf is within a category.
pub fn within(dimension: &Dimension, leaf: Category, category: Category) -> bool {
    let mut at = Some(leaf);
    while let Some(it) = at {
        if it == category {
            return true;
        }
        at = dimension.parent(it);
    }
    false
}

/// SplitMix64: the same numbers on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % limit as u64).unwrap()
    }
}
