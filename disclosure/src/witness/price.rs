//! What a move changes, what it costs to hide that, and how far it can go.

use super::step::Step;
use super::{Search, TOTAL, ZERO, bits};
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

    /// Whether the move changes a table: it has every dimension that the move has two leaves of; but the one that
    /// its facet is tied to it need not have.
    pub(super) fn touches(&self, grid: &Grid) -> bool {
        let set = bits(&grid.dimensions);
        let facets = self.ground.cube.facets();
        let facet = grid.dimensions.iter().find(|it| facets.contains(it));
        let step = facet.map(|it| self.steps[*it]);
        let tied = step.flatten().and_then(Step::tied_to).map_or(0, |it| 1 << it);
        let needed = self.between & !tied;
        set & needed == needed && step.is_none_or(|it| it.is_some())
    }

    /// Visits the innermost cells of a part that the steps chosen change, each with whether it loses.
    pub(super) fn corners(&self, part: usize, visit: &mut impl FnMut(u64, bool)) {
        self.corners_of(part, &mut |key, minus, _| visit(key, minus));
    }

    /// The same, with the dimensions in which it is the leaf that loses.
    pub(super) fn corners_of(&self, part: usize, visit: &mut impl FnMut(u64, bool, u32)) {
        let shared = self.ground.cube.facets().start;
        let dimensions: Vec<usize> = (0..shared).chain(self.ground.parts[part].facet).collect();
        self.corners_from(&dimensions, 0, 0, visit);
    }

    fn corners_from(
        &self,
        dimensions: &[usize],
        key: u64,
        lost: u32,
        visit: &mut impl FnMut(u64, bool, u32),
    ) {
        let Some((dimension, rest)) = dimensions.split_first() else {
            return visit(key, lost.count_ones() % 2 == 1, lost);
        };
        // What is not chosen yet is left out, as in the index.
        let Some(step) = self.steps[*dimension] else {
            return self.corners_from(rest, key, lost, visit);
        };
        let stride = self.ground.cube.stride(*dimension);
        // A chain begins with its leaf.
        let at = |chain: &[u16]| key + chain.first().map_or(0, |it| u64::from(*it)) * stride;
        match step.chain(|it| lost >> it & 1 == 1) {
            Some(chain) => self.corners_from(rest, at(chain), lost, visit),
            None => {
                let (plus, minus) = step.sides();
                self.corners_from(rest, at(plus), lost, visit);
                self.corners_from(rest, at(minus), lost | 1 << dimension, visit);
            }
        }
    }

    /// Visits the cells of a table that the steps chosen change, each with whether it loses, until told to stop.
    pub(super) fn each(&self, grid: &Grid, visit: &mut impl FnMut(usize, bool) -> bool) {
        self.each_from(grid, 0, 0, 0, visit);
    }

    fn each_from(
        &self,
        grid: &Grid,
        at: usize,
        index: usize,
        lost: u32,
        visit: &mut impl FnMut(usize, bool) -> bool,
    ) -> bool {
        let Some(dimension) = grid.dimensions.get(at) else {
            return visit(index, lost.count_ones() % 2 == 1);
        };
        let Some(step) = self.steps[*dimension] else { return true };
        let tied_here = step.tied_to().is_none_or(|it| grid.dimensions.contains(&it));
        let mut along = |chain: &[u16], lost: u32| {
            chain.iter().all(|category| {
                let index = index + (usize::from(*category) - 1) * grid.strides[at];
                self.each_from(grid, at + 1, index, lost, visit)
            })
        };
        match step.chain(|it| lost >> it & 1 == 1).filter(|_| tied_here) {
            Some(chain) => along(chain, lost),
            None => {
                let (plus, minus) = step.sides();
                along(plus, lost) && along(minus, lost | 1 << dimension)
            }
        }
    }
}
