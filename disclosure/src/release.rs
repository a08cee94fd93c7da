//! What is published of a register: decided once for all cells, and all that is ever answered from.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::cube::{Cube, Invalid, Tally};
use crate::dimension::Category;
use crate::grid::{Cell, Grid};
use crate::witness::{Search, bits};

/// When a count is small, and how uncertain it is to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Counts from 1 to below this are hidden: the minimum frequency rule (Hundepool et al. 2012, chapter
    /// 4). At most 1 hides nothing.
    pub threshold: u64,
    /// How wide the interval is at least, from the least to the most that a hidden small count can be by
    /// everything that is told. With no less than the threshold nobody finds any group of few that it is in.
    pub width: u64,
}

impl Rules {
    /// The threshold, and an interval as wide as it.
    pub fn below(threshold: u64) -> Self {
        Self { threshold, width: threshold }
    }
}

impl Default for Rules {
    /// Five, the default of the setting `small_cell`.
    fn default() -> Self {
        Self::below(5)
    }
}

/// What is told of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The count, exact.
    Shown(u64),
    /// A count that is not told. Why is not told either: a cell known to be small would be half told.
    Hidden,
}

/// Why a cell is hidden; for those who see exact figures, never for those who get the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Primary suppression: its count is small.
    Small,
    /// Secondary suppression: a small one could be worked out from it.
    Cover,
    /// It was hidden in the release before: the two together would tell.
    Before,
}

/// One cell of a table as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One category for each dimension of the table; never the total.
    pub categories: Vec<Category>,
    /// What is told of it.
    pub figure: Figure,
}

/// The figures of a register, with small ones hidden and with them what they could be worked out from.
#[derive(Debug)]
pub struct Release {
    cube: Arc<Cube>,
    rules: Rules,
    grids: Vec<Grid>,
    by_set: FxHashMap<u32, usize>,
    base: FxHashMap<u64, u64>,
}

impl Release {
    /// The first release of a series.
    pub fn first(tally: &Tally, rules: Rules) -> Self {
        Self::decide(tally, rules, None)
    }

    /// The next release of a series. What was hidden stays hidden, so that what covered a small count one day
    /// is not told the other. Somebody who has both and knows of each newcomer between them works out no more
    /// of what was small the first day than from that day alone. A series that has become too dark is ended by
    /// a first release, at a time when much has changed.
    ///
    /// # Errors
    /// [`Invalid::AnotherCube`] when it was counted otherwise.
    pub fn following(previous: &Release, tally: &Tally) -> Result<Self, Invalid> {
        if !Arc::ptr_eq(&previous.cube, &tally.cube) {
            return Err(Invalid::AnotherCube);
        }
        Ok(Self::decide(tally, previous.rules, Some(previous)))
    }

    fn decide(tally: &Tally, rules: Rules, previous: Option<&Release>) -> Self {
        let cube = Arc::clone(&tally.cube);
        let mut grids = Grid::all(tally);
        let by_set = grids.iter().enumerate().map(|it| (bits(&it.1.dimensions), it.0)).collect();
        for (table, grid) in grids.iter_mut().enumerate() {
            for (index, cell) in grid.cells.iter_mut().enumerate() {
                let before = previous.map(|it| &it.grids[table].cells[index]);
                if 0 < cell.value && cell.value < rules.threshold {
                    cell.hidden = Some(Reason::Small);
                } else if before.is_some_and(|it| it.hidden.is_some()) {
                    cell.hidden = Some(Reason::Before);
                }
                cell.guarded = cell.hidden == Some(Reason::Small);
            }
        }
        let mut made = Self { cube, rules, grids, by_set, base: tally.counts.clone() };
        made.cover();
        made
    }

    /// Hides what is needed for every guarded cell to have its width. What one search hid stays hidden, so
    /// what was found for one cell holds to the end; coarse tables come first, finer ones profit by them.
    fn cover(&mut self) {
        for table in 0..self.grids.len() {
            for index in 0..self.grids[table].cells.len() {
                let cell = &self.grids[table].cells[index];
                if !cell.guarded || self.rules.width <= cell.up.saturating_add(cell.down) {
                    continue;
                }
                let search = Search::new(
                    &self.cube,
                    &self.grids,
                    &self.base,
                    &self.by_set,
                    self.rules.width,
                );
                let found = search.guard(table, index);
                for ((table, index), change) in found.more.into_iter().chain(found.less) {
                    let cell = &mut self.grids[table].cells[index];
                    cell.hidden.get_or_insert(Reason::Cover);
                    cell.up = cell.up.max(change.max(0).unsigned_abs());
                    cell.down = cell.down.max(change.min(0).unsigned_abs());
                }
            }
        }
    }

    /// The cube the release is of.
    pub fn cube(&self) -> &Arc<Cube> {
        &self.cube
    }

    /// Answers how many enterprises are in any of the categories named for each dimension: the sum of cells
    /// that are shown, or nothing. No dimension: the grand total.
    ///
    /// # Errors
    /// [`Invalid::NotCrossed`] when the dimensions are not published together, [`Invalid::Overlap`] when a
    /// category is counted twice, [`Invalid::NoSuchCategory`] for one that is not there and for the total.
    pub fn answer(&self, asked: &[(usize, Vec<Category>)]) -> Result<Figure, Invalid> {
        let mut asked: Vec<&(usize, Vec<Category>)> = asked.iter().collect();
        asked.sort_by_key(|it| it.0);
        let dimensions: Vec<usize> = asked.iter().map(|it| it.0).collect();
        let table = self.cube.tables().iter().position(|it| *it == dimensions);
        let grid = &self.grids[table.ok_or(Invalid::NotCrossed)?];
        let mut lists = vec![];
        for (dimension, categories) in asked {
            let chains = &self.cube.chains[*dimension];
            let list: Vec<u16> = categories.iter().map(|it| it.0).collect();
            if list.iter().any(|it| *it == 0 || chains.len() <= usize::from(*it)) {
                let dimension = self.cube.dimension(*dimension).name().to_owned();
                return Err(Invalid::NoSuchCategory { dimension });
            }
            let within = |it: &u16| {
                let chain = &chains[usize::from(*it)];
                list.iter().filter(|one| chain.contains(one)).count() != 1
            };
            if list.is_empty() || list.iter().any(within) {
                return Err(Invalid::Overlap);
            }
            lists.push(list);
        }
        let lists: Vec<&[u16]> = lists.iter().map(Vec::as_slice).collect();
        let mut sum = 0_u64;
        let shown = crate::grid::each(&lists, &grid.strides, 0, &mut |index| {
            let cell = &grid.cells[index];
            sum = sum.saturating_add(cell.value);
            cell.hidden.is_none()
        });
        Ok(if shown { Figure::Shown(sum) } else { Figure::Hidden })
    }

    /// A whole table as published: every cell, those of inner categories (a kecamatan) with those within them.
    ///
    /// # Errors
    /// [`Invalid::NotCrossed`] when these dimensions, in ascending order, are no table of the cube.
    pub fn table(&self, dimensions: &[usize]) -> Result<impl Iterator<Item = Row>, Invalid> {
        let grid = self.grids.iter().find(|it| it.dimensions == dimensions);
        let grid = grid.ok_or(Invalid::NotCrossed)?;
        Ok(grid.cells.iter().enumerate().map(|(index, cell)| Row {
            categories: grid.categories(&self.cube, index).into_iter().map(Category).collect(),
            figure: match cell.hidden {
                None => Figure::Shown(cell.value),
                Some(_) => Figure::Hidden,
            },
        }))
    }

    /// Why the cell of these categories, one for each of the dimensions in ascending order, is hidden; `None`
    /// when it is shown. Not for those who get the release ([`Figure::Hidden`]).
    ///
    /// # Errors
    /// [`Invalid::NotCrossed`] when there is no such cell.
    pub fn reason(
        &self,
        dimensions: &[usize],
        categories: &[Category],
    ) -> Result<Option<Reason>, Invalid> {
        Ok(self.cell(dimensions, categories)?.hidden)
    }

    fn cell(&self, dimensions: &[usize], categories: &[Category]) -> Result<&Cell, Invalid> {
        let grid = self.grids.iter().find(|it| it.dimensions == dimensions);
        let grid = grid.filter(|_| dimensions.len() == categories.len());
        let grid = grid.filter(|_| categories.iter().all(|it| *it != Category::TOTAL));
        let grid = grid.ok_or(Invalid::NotCrossed)?;
        let index = grid.index(categories.iter().map(|it| it.0));
        grid.cells.get(index).ok_or(Invalid::NotCrossed)
    }
}
