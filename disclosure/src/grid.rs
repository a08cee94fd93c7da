//! One table of a cube with all its cells.

use crate::cube::Cube;
use crate::part::Part;
use crate::release::Reason;

/// A cell while it is decided and after.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub value: u64,
    pub hidden: Option<Reason>,
    /// Whether what others can work out of it is to be kept wide.
    pub guarded: bool,
    /// By how much another register with the same figures has more here.
    pub up: u64,
    /// By how much another register with the same figures has less here.
    pub down: u64,
}

/// A table: a cell for each choice of a category other than the total in each of its dimensions.
#[derive(Debug)]
pub(crate) struct Grid {
    pub dimensions: Vec<usize>,
    pub strides: Vec<usize>,
    pub cells: Vec<Cell>,
}

impl Grid {
    pub fn empty(cube: &Cube, dimensions: &[usize]) -> Self {
        let mut strides = vec![];
        let mut stride = 1;
        for dimension in dimensions {
            strides.push(stride);
            stride *= usize::from(cube.dimension(*dimension).len()) - 1;
        }
        Self { dimensions: dimensions.to_vec(), strides, cells: vec![Cell::default(); stride] }
    }

    /// Every table of the cube, in its order, filled with counts.
    pub fn all(cube: &Cube, parts: &[Part]) -> Vec<Grid> {
        cube.tables().iter().map(|it| Grid::filled(cube, it, part_of(cube, parts, it))).collect()
    }

    fn filled(cube: &Cube, dimensions: &[usize], part: &Part) -> Grid {
        let mut grid = Grid::empty(cube, dimensions);
        let Grid { strides, cells, .. } = &mut grid;
        for (key, count) in &part.counts {
            let chains: Vec<&[u16]> = dimensions
                .iter()
                .map(|it| cube.chains[*it][usize::from(cube.leaf(*key, *it))].as_slice())
                .collect();
            each(&chains, strides, 0, &mut |index| {
                cells[index].value = cells[index].value.saturating_add(*count);
                true
            });
        }
        grid
    }

    /// Where the cell of these categories is, one for each dimension, none the total.
    pub fn index(&self, categories: impl IntoIterator<Item = u16>) -> usize {
        let steps = categories.into_iter().zip(&self.strides);
        steps.map(|(it, stride)| (usize::from(it) - 1) * stride).sum()
    }

    /// The categories of a cell, one for each dimension.
    pub fn categories(&self, cube: &Cube, index: usize) -> Vec<u16> {
        let sizes = self.dimensions.iter().map(|it| usize::from(cube.dimension(*it).len()) - 1);
        let each = sizes.zip(&self.strides).map(|(size, stride)| index / stride % size + 1);
        each.map(|it| u16::try_from(it).unwrap_or(0)).collect()
    }
}

/// The part that a table of these dimensions is counted from.
pub(crate) fn part_of<'a>(cube: &Cube, parts: &'a [Part], dimensions: &[usize]) -> &'a Part {
    let facet = dimensions.iter().find(|it| cube.facets().contains(it));
    &parts[facet.map_or(0, |it| it - cube.facets().start + 1)]
}

/// Visits the cells in which one category of each list meets, until told to stop; whether it went through.
pub(crate) fn each(
    lists: &[&[u16]],
    strides: &[usize],
    from: usize,
    visit: &mut impl FnMut(usize) -> bool,
) -> bool {
    match (lists.split_first(), strides.split_first()) {
        (Some((list, lists)), Some((stride, strides))) => list
            .iter()
            .all(|it| each(lists, strides, from + (usize::from(*it) - 1) * stride, visit)),
        _ => visit(from),
    }
}
