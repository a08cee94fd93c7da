//! Some enterprises counted elsewhere than they are: what is left when no move between two leaves of each dimension
//! serves, as where a small register has only one enterprise of a size.
//!
//! A *transfer* takes enterprises out of one innermost cell and puts them into another, wherever that is. It hides
//! what either of the two is counted in and the other is not, never the grand total.

use std::cmp::Reverse;

use super::Search;
use crate::grid::{self, Grid};
use crate::part::Part;

/// How many innermost cells are looked at to take from, and to bring to.
const CELLS: usize = 128;
/// How many of these for each cell that is taken from within the guarded one.
const AWAY: usize = 8;

/// Enterprises of one innermost cell that are counted in another.
pub(super) struct Transfer {
    /// A leaf for each dimension.
    from: Vec<u16>,
    to: Vec<u16>,
    amount: u64,
    /// Whether the guarded cell gains by it.
    up: bool,
    cost: u64,
}

impl Transfer {
    /// By how much the guarded cell changes.
    pub fn amount(&self) -> u64 {
        self.amount
    }
}

impl Search<'_> {
    /// The cheapest transfer into the guarded cell or out of it, for what it gives.
    pub(super) fn transfer(&self, place: &[u16]) -> Option<Transfer> {
        let cube = self.ground.cube;
        let own = &self.grids[self.table].dimensions;
        let part = grid::part_of(cube, self.ground.parts, own);
        let lies_within = |leaves: &[u16]| {
            let mut each = own.iter().zip(place);
            each.all(|(it, at)| cube.chains[*it][usize::from(leaves[*it])].contains(at))
        };
        let mut cells: Vec<(Reverse<u64>, u64)> =
            part.counts.iter().map(|it| (Reverse(*it.1), *it.0)).collect();
        cells.sort_unstable();
        let leaves = cells.into_iter().map(|it| self.leaves(part, it.1));
        let (within, mut beyond): (Vec<_>, Vec<_>) = leaves.partition(|it| lies_within(it));
        beyond.truncate(CELLS);

        let mut best: Option<Transfer> = None;
        let mut offer = |from: &[u16], to: &[u16], up: bool| {
            let found = self.between(own, from, to, up);
            let cheaper = |it: &Transfer, than: &Transfer| {
                u128::from(it.cost) * u128::from(than.amount)
                    < u128::from(than.cost) * u128::from(it.amount)
            };
            if let Some(it) = found
                && best.as_ref().is_none_or(|than| cheaper(&it, than))
            {
                best = Some(it);
            }
        };
        for from in &beyond {
            let mut to = from.clone();
            for (dimension, at) in own.iter().zip(place) {
                if !cube.chains[*dimension][usize::from(from[*dimension])].contains(at) {
                    to[*dimension] = cube.leaves[*dimension][usize::from(*at)][0];
                }
            }
            offer(from, &to, true);
        }
        for from in within.iter().take(CELLS) {
            for away in beyond.iter().take(AWAY) {
                let mut to = from.clone();
                own.iter().for_each(|it| to[*it] = away[*it]);
                offer(from, &to, false);
            }
        }
        best
    }

    /// Counts what it takes elsewhere.
    pub(super) fn carry(&mut self, it: &Transfer) {
        let amount = it.amount.cast_signed();
        let mut corners = vec![];
        for part in self.changed(&it.from, &it.to) {
            corners.push(((part, self.key(part, &it.from)), -amount));
            corners.push(((part, self.key(part, &it.to)), amount));
        }
        let mut cells = vec![];
        for (table, grid) in self.grids.iter().enumerate() {
            let (lose, gain) = self.apart(grid, it);
            cells.extend(lose.into_iter().map(|index| ((table, index), -amount)));
            cells.extend(gain.into_iter().map(|index| ((table, index), amount)));
        }
        let (moved, found) = match it.up {
            true => (&mut self.more, &mut self.found.more),
            false => (&mut self.less, &mut self.found.less),
        };
        corners
            .into_iter()
            .for_each(|(corner, change)| *moved.entry(corner).or_default() += change);
        cells.into_iter().for_each(|(cell, change)| *found.entry(cell).or_default() += change);
    }

    /// The leaves of an innermost cell of a part; in each facet that the part does not have, the first.
    fn leaves(&self, part: &Part, key: u64) -> Vec<u16> {
        let cube = self.ground.cube;
        let facets = cube.facets();
        let leaf = |it: usize| match facets.contains(&it) && part.facet != Some(it) {
            true => cube.leaves[it][0][0],
            false => cube.leaf(key, it),
        };
        (0..cube.dimensions().len()).map(leaf).collect()
    }

    /// The transfer between two cells that differ in a table's dimensions alone, if there is anybody to take.
    fn between(&self, own: &[usize], from: &[u16], to: &[u16], up: bool) -> Option<Transfer> {
        let cube = self.ground.cube;
        let (from, to) = (from.to_vec(), to.to_vec());
        let mut it = Transfer { from, to, amount: self.wanted, up, cost: 0 };
        for part in self.changed(&it.from, &it.to) {
            let moved = if up { &self.more } else { &self.less };
            let there = |leaves: &[u16]| {
                let corner = (part, self.key(part, leaves));
                let count = self.ground.parts[part].counts.get(&corner.1).copied().unwrap_or(0);
                count.saturating_add_signed(moved.get(&corner).copied().unwrap_or(0))
            };
            // In a facet that the table does not have they may be in any leaf, and stay there.
            if let Some(facet) = self.ground.parts[part].facet.filter(|it| !own.contains(it)) {
                let mut trial = it.from.clone();
                let most = cube.leaves[facet][0].iter().copied().max_by_key(|leaf| {
                    trial[facet] = *leaf;
                    (there(&trial), Reverse(*leaf))
                })?;
                (it.from[facet], it.to[facet]) = (most, most);
            }
            it.amount = it.amount.min(there(&it.from));
        }
        if it.amount == 0 {
            return None;
        }
        for grid in self.grids {
            let (lose, gain) = self.apart(grid, &it);
            let each = lose.into_iter().chain(gain).map(|index| self.price(grid, index));
            it.cost = each.fold(it.cost, u64::saturating_add);
        }
        Some(it)
    }

    /// The cells of a table that have what is taken and not what is brought, and the other way about.
    fn apart(&self, grid: &Grid, it: &Transfer) -> (Vec<usize>, Vec<usize>) {
        let cells = |leaves: &[u16]| {
            let chain =
                |at: &usize| self.ground.cube.chains[*at][usize::from(leaves[*at])].as_slice();
            let chains: Vec<&[u16]> = grid.dimensions.iter().map(chain).collect();
            let mut cells = vec![];
            grid::each(&chains, &grid.strides, 0, &mut |index| {
                cells.push(index);
                true
            });
            cells
        };
        let (mut lose, mut gain) = (cells(&it.from), cells(&it.to));
        let both: Vec<usize> = lose.iter().copied().filter(|it| gain.contains(it)).collect();
        lose.retain(|it| !both.contains(it));
        gain.retain(|it| !both.contains(it));
        (lose, gain)
    }

    /// The parts in which two cells are not one: that of a facet alone, or all.
    fn changed(&self, from: &[u16], to: &[u16]) -> Vec<usize> {
        let facets = self.ground.cube.facets();
        if from[..facets.start] != to[..facets.start] {
            return (0..self.ground.parts.len()).collect();
        }
        let facet = |part: &usize| self.ground.parts[*part].facet;
        let differs = |part: &usize| facet(part).is_some_and(|it| from[it] != to[it]);
        (0..self.ground.parts.len()).filter(differs).collect()
    }

    /// The number of an innermost cell of a part.
    fn key(&self, part: usize, leaves: &[u16]) -> u64 {
        let cube = self.ground.cube;
        let dimensions = (0..cube.facets().start).chain(self.ground.parts[part].facet);
        dimensions.map(|it| u64::from(leaves[it]) * cube.stride(it)).sum()
    }
}
