//! The search for another register that would be told of in the same words.
//!
//! A *move* takes one or two leaves in every dimension, and adds to the cells in which they meet, in turn, plus
//! and minus the same amount. Where it has two leaves of a dimension the sums over that dimension stay as they
//! were; so the move changes only cells of tables that have all those dimensions. When all of these are hidden,
//! the register after the move, if it has no negative count, gives the same figures to the last one. This is the
//! hypercube of Giessing and Repsilber (Hundepool et al. 2012, chapter 4), made on the innermost cells, so
//! that it holds in all tables, margins and levels of the hierarchies at once.
//!
//! Where no move serves, a *transfer* puts enterprises from one innermost cell into any other ([`transfer`]).
//!
//! Facets are moved part by part ([`crate::part`]): a move between two leaves of a facet leaves the shared
//! dimensions, and so every other facet, as they were; any other takes one leaf of each facet.

mod choice;
mod index;
mod price;
mod step;
mod transfer;

use rustc_hash::FxHashMap;

use crate::cube::Cube;
use crate::grid::Grid;
use crate::part::Part;
use crate::release::Reason;
use index::{Index, Indexes};
use step::{Step, pairs, within};

/// What hiding the grand total costs: more than anything else.
const TOTAL: u64 = 1 << 50;
/// What hiding a zero costs: others may know that there is none, so it is a poor cover, but better than a large count.
const ZERO: u64 = 100;

/// How many choices are looked at, in one set of dimensions, beyond the first that serves.
const PATIENCE: u32 = 400;
/// How many innermost cells behind one choice are looked at.
const RESTS: usize = 24;

/// What a search rests on.
pub(crate) struct Ground<'a> {
    pub cube: &'a Cube,
    pub parts: &'a [Part],
    /// Position of the table of each set of dimensions.
    pub by_set: &'a FxHashMap<u32, usize>,
    pub width: u64,
}

/// Other registers that were found: what they change, by table and cell.
#[derive(Debug, Default)]
struct Witness {
    /// Where the guarded cell has more.
    more: FxHashMap<(usize, usize), i64>,
    /// Where it has less.
    less: FxHashMap<(usize, usize), i64>,
}

impl Ground<'_> {
    /// Hides what is needed for every guarded cell to have its width. What one search hid stays hidden, so
    /// what was found for one cell holds to the end; coarse tables come first, finer ones profit by them.
    pub fn cover(&self, grids: &mut [Grid]) {
        for table in 0..grids.len() {
            let mut index = None;
            for at in 0..grids[table].cells.len() {
                let cell = &grids[table].cells[at];
                if !cell.guarded || self.width <= cell.up.saturating_add(cell.down) {
                    continue;
                }
                let own = &grids[table].dimensions;
                let index = index.get_or_insert_with(|| Indexes::new(self, own));
                let found = Search::new(self, grids, index, table).guard(at);
                for ((table, index), change) in found.more.into_iter().chain(found.less) {
                    let cell = &mut grids[table].cells[index];
                    cell.hidden.get_or_insert(Reason::Cover);
                    cell.up = cell.up.max(change.max(0).unsigned_abs());
                    cell.down = cell.down.max(change.min(0).unsigned_abs());
                }
            }
        }
    }
}

/// The best move found so far.
struct Best<'a> {
    cost: u64,
    steps: Vec<Option<Step<'a>>>,
    between: u32,
    up: u64,
    down: u64,
}

/// A facet in which a move has to choose a leaf.
struct Beside {
    dimension: usize,
    /// The leaves that may gain.
    leaves: Vec<u16>,
    /// The tables that have it.
    tables: Vec<usize>,
}

/// Looks for the cheapest moves that guard cells of one table.
struct Search<'a> {
    ground: &'a Ground<'a>,
    grids: &'a [Grid],
    /// Of moves within a facet, and of all others.
    indexes: &'a Indexes,
    index: &'a Index,
    table: usize,
    /// The part that is chosen in first.
    part: usize,
    /// How many dimensions the finest table has.
    most: usize,
    order: Vec<usize>,
    between: u32,
    /// What the move does in each dimension; nothing in a facet that it does not touch.
    steps: Vec<Option<Step<'a>>>,
    candidates: Vec<Vec<Step<'a>>>,
    /// For each number of dimensions chosen, the tables that can be costed then.
    costed: Vec<Vec<usize>>,
    /// The tables that can be costed when the dimensions that the table does not have are chosen too, and
    /// those of each other facet.
    beyond: Vec<usize>,
    of_facet: Vec<Beside>,
    best: Option<Best<'a>>,
    /// How many choices may still be looked at.
    patience: u32,
    /// How much of the width is still to be found.
    wanted: u64,
    /// What the moves so far change of innermost cells, by part: where the guarded cell has more, and less.
    more: FxHashMap<(usize, u64), i64>,
    less: FxHashMap<(usize, u64), i64>,
    found: Witness,
}

impl<'a> Search<'a> {
    fn new(ground: &'a Ground<'a>, grids: &'a [Grid], indexes: &'a Indexes, table: usize) -> Self {
        Self {
            ground,
            grids,
            indexes,
            index: &indexes.shared,
            table,
            part: 0,
            most: grids.last().map_or(0, |it| it.dimensions.len()),
            order: vec![],
            between: 0,
            steps: vec![None; ground.cube.dimensions().len()],
            candidates: vec![],
            costed: vec![],
            beyond: vec![],
            of_facet: vec![],
            best: None,
            patience: 0,
            wanted: ground.width,
            more: FxHashMap::default(),
            less: FxHashMap::default(),
            found: Witness::default(),
        }
    }

    /// Registers in which the cell differs by the width together. Moves are added one to another, each the
    /// cheapest for what it gives; where none serves, enterprises are transferred from wherever they are. In the
    /// end there is one always, for everything may be hidden up to the grand total.
    fn guard(mut self, index: usize) -> Witness {
        let grid = &self.grids[self.table];
        let place = grid.categories(self.ground.cube, index);
        let mut subsets = vec![0];
        for dimension in &grid.dimensions {
            subsets.extend(subsets.clone().into_iter().map(|it: u32| it | 1 << dimension));
        }
        subsets.sort_by_key(|it| (std::cmp::Reverse(it.count_ones()), *it));
        while 0 < self.wanted {
            self.best = None;
            for far in [false, true] {
                let everything = far || self.grids[0].cells[0].hidden.is_some();
                for between in subsets.iter().filter(|it| **it != 0 || everything) {
                    self.look(&place, *between, far);
                }
                if self.best.as_ref().is_some_and(|it| it.cost < TOTAL) {
                    break;
                }
            }
            if self.best.as_ref().is_none_or(|it| TOTAL <= it.cost)
                && let Some(transfer) = self.transfer(&place)
            {
                self.wanted = self.wanted.saturating_sub(transfer.amount());
                self.carry(&transfer);
                continue;
            }
            let Some(best) = self.best.take() else { break };
            self.wanted = self.wanted.saturating_sub(best.up.saturating_add(best.down));
            self.take(best);
        }
        self.found
    }

    /// Adds a move to those taken.
    fn take(&mut self, best: Best<'a>) {
        let (up, down) = (best.up.cast_signed(), best.down.cast_signed());
        (self.steps, self.between) = (best.steps, best.between);
        let (mut more, mut less) = (std::mem::take(&mut self.more), std::mem::take(&mut self.less));
        for part in self.touched(best.between) {
            self.corners(part, &mut |key, minus| {
                let sign = if minus { -1 } else { 1 };
                *more.entry((part, key)).or_default() += sign * up;
                *less.entry((part, key)).or_default() -= sign * down;
            });
        }
        (self.more, self.less) = (more, less);
        let mut found = std::mem::take(&mut self.found);
        for (table, grid) in self.grids.iter().enumerate() {
            if self.touches(grid) {
                self.each(grid, &mut |index, minus| {
                    let sign = if minus { -1 } else { 1 };
                    *found.more.entry((table, index)).or_default() += sign * up;
                    *found.less.entry((table, index)).or_default() -= sign * down;
                    true
                });
            }
        }
        self.found = found;
    }

    /// The parts that a move between two leaves of these dimensions changes: one facet's, or all.
    fn touched(&self, between: u32) -> Vec<usize> {
        let facets = self.ground.cube.facets();
        match facets.clone().find(|it| between >> it & 1 == 1) {
            Some(facet) => vec![facet - facets.start + 1],
            None => (0..self.ground.parts.len()).collect(),
        }
    }

    /// Looks through the moves between two leaves of each of the dimensions `between`, far ones or siblings.
    fn look(&mut self, place: &[u16], between: u32, far: bool) {
        if self.best.as_ref().is_some_and(|it| it.cost == 0) {
            return;
        }
        let (cube, grids) = (self.ground.cube, self.grids);
        let own = &grids[self.table].dimensions;
        self.patience = PATIENCE;
        self.between = between;
        self.steps.fill(None);
        let facets = cube.facets();
        let facet = own.iter().copied().find(|it| facets.contains(it));
        let moved = facet.filter(|it| between >> it & 1 == 1);
        (self.part, self.index) = match (moved, &self.indexes.facet) {
            (Some(it), Some(index)) => (it - facets.start + 1, index),
            _ => (0, &self.indexes.shared),
        };
        self.order =
            own.iter().copied().filter(|it| moved.is_some() || Some(*it) != facet).collect();
        self.order.sort_by_key(|it| between >> it & 1 == 0);
        let aside = &grids[self.ground.by_set[&between]];
        let candidates = self.order.iter().map(|dimension| {
            let at = own.iter().position(|it| it == dimension).map_or(0, |it| place[it]);
            if between >> dimension & 1 == 0 {
                return within(cube, *dimension, at);
            }
            let mut pairs = pairs(cube, *dimension, at, far);
            pairs.sort_by_cached_key(|pair| {
                let (plus, minus) = pair.sides();
                let beside = |leaf: u16| {
                    let moved = |it: &usize| match own.iter().position(|one| one == it) {
                        _ if it == dimension => leaf,
                        Some(at) => place[at],
                        None => leaf,
                    };
                    self.price(aside, aside.index(aside.dimensions.iter().map(moved)))
                };
                beside(plus[0]).saturating_add(beside(minus[0]))
            });
            pairs
        });
        self.candidates = candidates.collect();
        self.plan(place);
        let cost = self.cost(&self.costed[0], u64::MAX);
        self.extend(0, cost);
    }

    /// Says which tables a move changes, by when enough of it is chosen to say what it costs to hide there.
    fn plan(&mut self, place: &[u16]) {
        let (between, cube) = (self.between, self.ground.cube);
        let (facets, own) = (cube.facets(), &self.grids[self.table].dimensions);
        let decided: Vec<u32> =
            (0..=self.order.len()).map(|chosen| bits(&self.order[..chosen])).collect();
        self.costed = vec![vec![]; decided.len()];
        self.beyond.clear();
        let alone = facets.clone().any(|it| between >> it & 1 == 1);
        let beside = facets.filter(|_| !alone).map(|dimension| {
            let at = own.iter().position(|it| *it == dimension);
            let leaves =
                at.map_or(vec![], |it| cube.leaves[dimension][usize::from(place[it])].clone());
            Beside { dimension, leaves, tables: vec![] }
        });
        self.of_facet = beside.collect();
        self.of_facet.sort_by_key(|it| it.leaves.is_empty());
        for (table, grid) in self.grids.iter().enumerate() {
            let set = bits(&grid.dimensions);
            if let Some(facet) = self.of_facet.iter_mut().find(|it| set >> it.dimension & 1 == 1) {
                facet.tables.push(table);
            } else if set & between != between {
                continue;
            } else if let Some(chosen) = decided.iter().position(|it| set & it == set) {
                self.costed[chosen].push(table);
            } else {
                self.beyond.push(table);
            }
        }
    }

    /// Chooses in the next dimension, as long as what it gives is cheaper than what was found.
    fn extend(&mut self, chosen: usize, cost: u64) {
        if self.bound() <= cost || !self.may_give(chosen) {
            return;
        }
        self.patience = self.patience.saturating_sub(1);
        let Some(dimension) = self.order.get(chosen).copied() else { return self.finish(cost) };
        for candidate in 0..self.candidates[chosen].len() {
            self.steps[dimension] = Some(self.candidates[chosen][candidate]);
            let bound = self.bound();
            if bound <= cost || (self.patience == 0 && self.best.is_some()) {
                return;
            }
            let more = self.cost(&self.costed[chosen + 1], bound - cost);
            self.extend(chosen + 1, cost.saturating_add(more));
        }
    }

    /// At this cost a move is no better than the best, even if it gave all that is wanted.
    fn bound(&self) -> u64 {
        self.best.as_ref().map_or(u64::MAX, |it| {
            let cost = u128::from(it.cost) * u128::from(self.wanted);
            u64::try_from(cost.div_ceil(u128::from(it.up + it.down))).unwrap_or(u64::MAX)
        })
    }

    /// Whether there is anything to give or take, by the table of the dimensions chosen so far.
    fn may_give(&self, chosen: usize) -> bool {
        if self.between == 0 || chosen < self.between.count_ones() as usize {
            return true;
        }
        let Some(table) = self.ground.by_set.get(&bits(&self.order[..chosen])) else { return true };
        let grid = &self.grids[*table];
        let mut none = [false; 2];
        // The innermost of each chain comes first; those further out have no less.
        self.each(grid, &mut |index, minus| {
            none[usize::from(minus)] |= grid.cells[index].value == 0;
            !(none[0] && none[1])
        });
        !(none[0] && none[1] && self.more.is_empty())
    }
}

/// A set of dimensions.
pub(crate) fn bits(dimensions: &[usize]) -> u32 {
    dimensions.iter().map(|it| 1_u32 << it).sum()
}
