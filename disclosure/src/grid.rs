//! One table of a cube with all its cells.

use crate::cube::{Cube, Tally};
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
    pub fn all(tally: &Tally) -> Vec<Grid> {
        let cube = &tally.cube;
        let mut grids: Vec<Grid> = cube.tables().iter().map(|it| Grid::empty(cube, it)).collect();
        for (key, count) in &tally.counts {
            let leaves: Vec<u16> =
                (0..cube.dimensions().len()).map(|it| cube.leaf(*key, it)).collect();
            for grid in &mut grids {
                let chains: Vec<&[u16]> = grid
                    .dimensions
                    .iter()
                    .map(|it| cube.chains[*it][usize::from(leaves[*it])].as_slice())
                    .collect();
                let Grid { strides, cells, .. } = grid;
                each(&chains, strides, 0, &mut |index| {
                    cells[index].value = cells[index].value.saturating_add(*count);
                    true
                });
            }
        }
        grids
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
