//! Where there are enterprises to move: the innermost cells behind each cell of a table.

use rustc_hash::FxHashMap;

use super::Ground;
use crate::cube::Cube;
use crate::grid::part_of;
use crate::part::Part;

/// The indexes of a table.
#[derive(Debug)]
pub(super) struct Indexes {
    /// By its shared dimensions, of the part of these.
    pub shared: Index,
    /// By all of its dimensions, of its facet's part, if it has one.
    pub facet: Option<Index>,
}

impl Indexes {
    pub fn new(ground: &Ground<'_>, dimensions: &[usize]) -> Self {
        let (cube, parts) = (ground.cube, ground.parts);
        let facets = cube.facets();
        let shared: Vec<usize> =
            dimensions.iter().copied().filter(|it| !facets.contains(it)).collect();
        let facet = (shared.len() < dimensions.len())
            .then(|| Index::new(cube, part_of(cube, parts, dimensions), dimensions));
        Self { shared: Index::new(cube, &parts[0], &shared), facet }
    }
}

/// The innermost cells of a part by where they are in a table: what a move has to choose in the dimensions that
/// the table does not have is chosen among those that are not empty.
#[derive(Debug)]
pub(super) struct Index {
    /// By the cell in the table's dimensions: the cells in the others, the largest count first.
    rests: FxHashMap<u64, Vec<u64>>,
    /// A cell in the other dimensions, for when nothing is anywhere.
    pub any: u64,
    /// The other dimensions of the part.
    pub others: Vec<usize>,
}

impl Index {
    fn new(cube: &Cube, part: &Part, dimensions: &[usize]) -> Self {
        let whole = (0..cube.facets().start).chain(part.facet);
        let others: Vec<usize> = whole.filter(|it| !dimensions.contains(it)).collect();
        let mut counted: FxHashMap<u64, Vec<(u64, u64)>> = FxHashMap::default();
        for (key, count) in &part.counts {
            let leaf = |it: &usize| u64::from(cube.leaf(*key, *it)) * cube.stride(*it);
            let rest: u64 = others.iter().map(leaf).sum();
            counted.entry(key - rest).or_default().push((*count, rest));
        }
        let sorted = counted.into_iter().map(|(own, mut rests)| {
            rests.sort_unstable_by_key(|it| (std::cmp::Reverse(it.0), it.1));
            (own, rests.into_iter().map(|it| it.1).collect())
        });
        let first = |it: &usize| u64::from(cube.leaves[*it][0][0]) * cube.stride(*it);
        Self { rests: sorted.collect(), any: others.iter().map(first).sum(), others }
    }

    /// The cells in the other dimensions that are not empty where the table's dimensions are `own`.
    pub fn rests(&self, own: u64) -> &[u64] {
        self.rests.get(&own).map_or(&[], Vec::as_slice)
    }
}
