//! What is published of a register: decided once for all cells, and all that is ever answered from.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::cube::{Cube, Invalid, Tally};
use crate::dimension::Category;
use crate::grid::{Cell, Grid};
use crate::hidden::{Hidden, Names};
use crate::part::Part;
use crate::witness::{Ground, bits};

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
    grids: Vec<Grid>,
    by_set: FxHashMap<u32, usize>,
}

impl Release {
    /// The first release of a series.
    pub fn first(tally: &Tally, rules: Rules) -> Self {
        Self::following(&Hidden::default(), tally, rules)
    }

    /// The next release of a series. What was hidden stays hidden, so that what covered a small count one day
    /// is not told the other. Somebody who has both and knows of each newcomer between them works out no more
    /// of what was small the first day than from that day alone. A series that has become too dark is ended by
    /// a first release, at a time when much has changed.
    pub fn following(before: &Hidden, tally: &Tally, rules: Rules) -> Self {
        let parts = Part::all(tally);
        let mut made = Self::marked(before, tally, rules, &parts);
        let Self { cube, grids, by_set } = &mut made;
        Ground { cube, parts: &parts, by_set, width: rules.width }.cover(grids);
        made
    }

    /// A release that was decided before: what was counted and what it hid ([`Release::hidden`]).
    pub fn restored(hidden: &Hidden, tally: &Tally, rules: Rules) -> Self {
        Self::marked(hidden, tally, rules, &Part::all(tally))
    }

    /// The tables with small counts hidden, and what was hidden before.
    fn marked(before: &Hidden, tally: &Tally, rules: Rules, parts: &[Part]) -> Self {
        let cube = Arc::clone(&tally.cube);
        let mut grids = Grid::all(&cube, parts);
        let names = (*before != Hidden::default()).then(|| Names::of(&cube));
        for grid in &mut grids {
            for index in 0..grid.cells.len() {
                let was = names.as_ref().is_some_and(|it| {
                    before.has(it.cell(&grid.dimensions, &grid.categories(&cube, index)))
                });
                let cell = &mut grid.cells[index];
                if 0 < cell.value && cell.value < rules.threshold {
                    cell.hidden = Some(Reason::Small);
                } else if was {
                    cell.hidden = Some(Reason::Before);
                }
                cell.guarded = cell.hidden == Some(Reason::Small);
            }
        }
        let by_set = grids.iter().enumerate().map(|it| (bits(&it.1.dimensions), it.0)).collect();
        Self { cube, grids, by_set }
    }

    /// What is hidden, to be kept for the release that follows.
    pub fn hidden(&self) -> Hidden {
        let (names, mut hidden) = (Names::of(&self.cube), Hidden::default());
        for grid in &self.grids {
            for (index, _) in grid.cells.iter().enumerate().filter(|it| it.1.hidden.is_some()) {
                hidden.insert(names.cell(&grid.dimensions, &grid.categories(&self.cube, index)));
            }
        }
        hidden
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
        let grid = self.grid(&dimensions)?;
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
    pub fn table<'s>(
        &'s self,
        dimensions: &[usize],
    ) -> Result<impl Iterator<Item = Row> + use<'s>, Invalid> {
        let grid = self.grid(dimensions)?;
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

    /// What is told of the cell of these categories, one for each of the dimensions in ascending order.
    ///
    /// # Errors
    /// [`Invalid::NotCrossed`] when there is no such cell.
    pub fn figure(&self, dimensions: &[usize], categories: &[Category]) -> Result<Figure, Invalid> {
        let cell = self.cell(dimensions, categories)?;
        Ok(if cell.hidden.is_none() { Figure::Shown(cell.value) } else { Figure::Hidden })
    }

    fn grid(&self, dimensions: &[usize]) -> Result<&Grid, Invalid> {
        let sorted = dimensions.windows(2).all(|it| it[0] < it[1]);
        let known = sorted && dimensions.last().is_none_or(|it| *it < self.cube.dimensions().len());
        let table = known.then(|| self.by_set.get(&bits(dimensions))).flatten();
        table.map(|it| &self.grids[*it]).ok_or(Invalid::NotCrossed)
    }

    fn cell(&self, dimensions: &[usize], categories: &[Category]) -> Result<&Cell, Invalid> {
        let grid = self.grid(dimensions)?;
        let each = dimensions.iter().zip(categories);
        let there = |it: (&usize, &Category)| {
            *it.1 != Category::TOTAL && it.1.0 < self.cube.dimension(*it.0).len()
        };
        if dimensions.len() != categories.len() || !each.into_iter().all(there) {
            return Err(Invalid::NotCrossed);
        }
        Ok(&grid.cells[grid.index(categories.iter().map(|it| it.0))])
    }
}
