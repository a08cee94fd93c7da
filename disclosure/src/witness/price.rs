//! What a move changes, what it costs to hide that, and how far it can go.

use super::{Search, TOTAL, ZERO};
use crate::grid::Grid;

impl Search<'_> {
    /// What it costs to hide what the steps chosen change in some tables.
    pub(super) fn cost(&self, tables: &[usize], bound: u64) -> u64 {
        let mut cost = 0_u64;
        for table in tables {
            let grid = &self.grids[*table];
            self.each(grid, &mut |index, _| {
                cost = cost.saturating_add(self.price(grid, index));
                cost < bound
            });
        }
        cost
    }

    /// What it costs to hide a cell: by its count, and 64 times as much in a table of one dimension fewer,
    /// for those are read by more.
    pub(super) fn price(&self, grid: &Grid, index: usize) -> u64 {
        let cell = &grid.cells[index];
        let finer = self.most.saturating_sub(grid.dimensions.len()).min(4);
        let price = match cell.value {
            _ if cell.hidden.is_some() => return 0,
            _ if grid.dimensions.is_empty() => return TOTAL,
            0 => ZERO,
            value => value.min(TOTAL >> 24).saturating_add(self.ground.width),
        };
        price << (6 * finer)
    }

    /// By how much the guarded cell can rise and fall by this move in a part, after those taken: what can be
    /// taken from the cells of one sign and of the other.
    pub(super) fn room(&self, part: usize, mut up: u64, mut down: u64) -> (u64, u64) {
        let counts = &self.ground.parts[part].counts;
        self.corners(part, &mut |key, minus| {
            let count = counts.get(&key).copied().unwrap_or(0);
            let (room, moved) = if minus { (&mut up, &self.more) } else { (&mut down, &self.less) };
            let moved = moved.get(&(part, key)).copied().unwrap_or(0);
            *room = count.saturating_add_signed(moved).min(*room);
        });
        (up, down)
    }

    /// Visits the innermost cells of a part that the steps chosen change, each with whether it loses.
    pub(super) fn corners(&self, part: usize, visit: &mut impl FnMut(u64, bool)) {
        let shared = self.ground.cube.facets().start;
        self.corners_from(0, shared, self.ground.parts[part].facet, 0, false, visit);
    }

    fn corners_from(
        &self,
        at: usize,
        shared: usize,
        facet: Option<usize>,
        key: u64,
        minus: bool,
        visit: &mut impl FnMut(u64, bool),
    ) {
        let (dimension, next, facet) = match (at < shared, facet) {
            (true, _) => (at, at + 1, facet),
            (false, Some(it)) => (it, at, None),
            (false, None) => return visit(key, minus),
        };
        // What is not chosen yet is left out, as in the index.
        let Some(step) = self.steps[dimension] else {
            return self.corners_from(next, shared, facet, key, minus, visit);
        };
        let stride = self.ground.cube.stride(dimension);
        let (plus, other) = step.sides();
        for (chain, turn) in [(plus, false), (other, true)] {
            // A chain begins with its leaf.
            if let Some(leaf) = chain.first() {
                let key = key + u64::from(*leaf) * stride;
                self.corners_from(next, shared, facet, key, minus != turn, visit);
            }
        }
    }

    pub(super) fn each(&self, grid: &Grid, visit: &mut impl FnMut(usize, bool) -> bool) {
        self.each_from(grid, 0, 0, false, visit);
    }

    fn each_from(
        &self,
        grid: &Grid,
        at: usize,
        index: usize,
        minus: bool,
        visit: &mut impl FnMut(usize, bool) -> bool,
    ) -> bool {
        let Some(dimension) = grid.dimensions.get(at) else { return visit(index, minus) };
        let Some(step) = self.steps[*dimension] else { return true };
        let (plus, other) = step.sides();
        [(plus, false), (other, true)].into_iter().all(|(chain, turn)| {
            chain.iter().all(|category| {
                let index = index + (usize::from(*category) - 1) * grid.strides[at];
                self.each_from(grid, at + 1, index, minus != turn, visit)
            })
        })
    }
}
