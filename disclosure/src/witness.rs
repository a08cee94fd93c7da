//! The search for another register that would be told of in the same words.
//!
//! A *move* takes one or two leaves in every dimension, and adds to the cells in which they meet, in turn, plus
//! and minus the same amount. Where it has two leaves of a dimension the sums over that dimension stay as they
//! were; so the move changes only cells of tables that have all those dimensions. When all of these are hidden,
//! the register after the move, if it has no negative count, gives the same figures to the last one. This is the
//! hypercube of Giessing and Repsilber (Hundepool et al. 2012, section 4.4.3), made on the innermost cells, so
//! that it holds in all tables, margins and levels of the hierarchies at once.

use rustc_hash::FxHashMap;

use crate::cube::Cube;
use crate::grid::Grid;

/// What hiding the grand total costs: more than anything else.
const TOTAL: u64 = 1 << 50;
/// What hiding a zero costs: others may know that there is none, so it is a poor cover.
const ZERO: u64 = 1 << 24;

/// What a move does in one dimension.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    /// From a leaf to another: both chains of categories without what they share, and how the leaves begin.
    Between { plus: &'a [u16], minus: &'a [u16] },
    /// Everything happens within this leaf: its chain.
    Within(&'a [u16]),
}

impl<'a> Step<'a> {
    fn between(plus: &'a [u16], minus: &'a [u16]) -> Self {
        let shared = plus.iter().rev().zip(minus.iter().rev()).take_while(|it| it.0 == it.1);
        let shared = shared.count();
        Step::Between {
            plus: &plus[..plus.len() - shared],
            minus: &minus[..minus.len() - shared],
        }
    }

    fn sides(self) -> (&'a [u16], &'a [u16]) {
        match self {
            Step::Between { plus, minus } => (plus, minus),
            Step::Within(chain) => (chain, &[]),
        }
    }
}

/// A move that was found: the cells it changes, and by how much the first of each kind may rise and fall.
#[derive(Debug)]
pub(crate) struct Move {
    /// Table, cell, and whether it is taken from where the guarded cell is given to.
    pub cells: Vec<(usize, usize, bool)>,
    /// How much can be given to the guarded cell.
    pub up: u64,
    /// How much can be taken from it.
    pub down: u64,
}

/// Looks for the cheapest move that guards one cell.
pub(crate) struct Search<'a> {
    cube: &'a Cube,
    grids: &'a [Grid],
    base: &'a FxHashMap<u64, u64>,
    width: u64,
    /// Position of the table of each set of dimensions.
    by_set: &'a FxHashMap<u32, usize>,
    order: Vec<usize>,
    between: u32,
    steps: Vec<Step<'a>>,
    candidates: Vec<Vec<Step<'a>>>,
    /// For each number of dimensions chosen, the tables that can be costed then.
    costed: Vec<Vec<usize>>,
    best: Option<(u64, Vec<Step<'a>>, u32, u64, u64)>,
}

impl<'a> Search<'a> {
    pub fn new(
        cube: &'a Cube,
        grids: &'a [Grid],
        base: &'a FxHashMap<u64, u64>,
        by_set: &'a FxHashMap<u32, usize>,
        width: u64,
    ) -> Self {
        let steps = vec![Step::Within(&[]); cube.dimensions().len()];
        Self {
            cube,
            grids,
            base,
            width,
            by_set,
            order: vec![],
            between: 0,
            steps,
            candidates: vec![],
            costed: vec![],
            best: None,
        }
    }

    /// The cheapest move of those looked at that widens the cell; one exists always, for everything may be
    /// hidden up to the grand total.
    pub fn guard(mut self, table: usize, index: usize) -> Option<Move> {
        let grid = &self.grids[table];
        let place = grid.categories(self.cube, index);
        let set = bits(&grid.dimensions);
        let mut subsets: Vec<u32> = (0..=set).filter(|it| it & set == *it).collect();
        subsets.sort_by_key(|it| std::cmp::Reverse(it.count_ones()));
        for far in [false, true] {
            let everything = far || self.grids[0].cells[0].hidden.is_some();
            for between in subsets.iter().filter(|it| **it != 0 || everything) {
                self.look(&place, table, *between, far);
            }
            if self.best.as_ref().is_some_and(|it| it.0 < TOTAL) {
                break;
            }
        }
        let (_, steps, between, up, down) = self.best.take()?;
        self.steps = steps;
        let mut cells = vec![];
        for (table, grid) in self.grids.iter().enumerate() {
            if bits(&grid.dimensions) & between == between {
                self.each(grid, &mut |index, taken| {
                    cells.push((table, index, taken));
                    true
                });
            }
        }
        Some(Move { cells, up, down })
    }

    /// Looks through the moves between two leaves of each of the dimensions `between`, far ones or siblings.
    fn look(&mut self, place: &[u16], table: usize, between: u32, far: bool) {
        let cube = self.cube;
        let own = &self.grids[table].dimensions;
        let all = 0..cube.dimensions().len();
        let rank = |it: &usize| (between >> it & 1 == 0, !own.contains(it));
        self.order = all.collect();
        self.order.sort_by_key(rank);
        self.between = between;
        self.candidates = self
            .order
            .iter()
            .map(|dimension| {
                let at = own.iter().position(|it| it == dimension).map_or(0, |it| place[it]);
                if between >> dimension & 1 == 1 {
                    pairs(cube, *dimension, at, far)
                } else {
                    let chain = |it: &u16| Step::Within(&cube.chains[*dimension][usize::from(*it)]);
                    cube.leaves[*dimension][usize::from(at)].iter().map(chain).collect()
                }
            })
            .collect();
        self.costed = (0..=self.order.len())
            .map(|chosen| {
                let decided = bits(&self.order[..chosen]);
                let last = chosen.checked_sub(1).map_or(0, |it| 1_u32 << self.order[it]);
                let now = |set: &u32| {
                    let due = if *set == between { decided == between } else { set & last != 0 };
                    set & between == between && set & decided == *set && due
                };
                let mut now: Vec<u32> = self.by_set.keys().copied().filter(now).collect();
                now.sort_unstable();
                now.iter().map(|it| self.by_set[it]).collect()
            })
            .collect();
        let cost = self.cost(0, u64::MAX);
        self.extend(0, cost);
    }

    /// Chooses in the next dimension, as long as it is cheaper than what was found.
    fn extend(&mut self, chosen: usize, cost: u64) {
        let bound = self.best.as_ref().map_or(u64::MAX, |it| it.0);
        if bound <= cost {
            return;
        }
        let Some(dimension) = self.order.get(chosen).copied() else {
            let (up, down) = self.room();
            if self.width <= up.saturating_add(down) {
                self.best = Some((cost, self.steps.clone(), self.between, up, down));
            }
            return;
        };
        for candidate in 0..self.candidates[chosen].len() {
            self.steps[dimension] = self.candidates[chosen][candidate];
            let bound = self.best.as_ref().map_or(u64::MAX, |it| it.0);
            if bound <= cost {
                return;
            }
            let more = self.cost(chosen + 1, bound - cost);
            self.extend(chosen + 1, cost.saturating_add(more));
        }
    }

    /// What it costs to hide what the steps chosen change in the tables that they decide.
    fn cost(&self, chosen: usize, bound: u64) -> u64 {
        let mut cost = 0_u64;
        for table in &self.costed[chosen] {
            let grid = &self.grids[*table];
            self.each(grid, &mut |index, _| {
                let cell = &grid.cells[index];
                cost += match cell.value {
                    _ if cell.hidden.is_some() => 0,
                    _ if grid.dimensions.is_empty() => TOTAL,
                    0 => ZERO,
                    value => value.min(ZERO - self.width) + self.width,
                };
                cost < bound
            });
        }
        cost
    }

    /// By how much the guarded cell can rise and fall: what the fullest move takes from the other cells, and
    /// from it and those beside it.
    fn room(&self) -> (u64, u64) {
        let (mut given, mut taken) = (u64::MAX, u64::MAX);
        self.corners(0, 0, false, &mut |key, minus| {
            let count = self.base.get(&key).copied().unwrap_or(0);
            let least = if minus { &mut taken } else { &mut given };
            *least = count.min(*least);
        });
        (taken, given)
    }

    fn corners(&self, at: usize, key: u64, minus: bool, visit: &mut impl FnMut(u64, bool)) {
        let Some(step) = self.steps.get(at) else { return visit(key, minus) };
        let stride = self.cube.stride(at);
        let (plus, other) = step.sides();
        for (chain, turn) in [(plus, false), (other, true)] {
            // A chain begins with its leaf.
            if let Some(leaf) = chain.first() {
                self.corners(at + 1, key + u64::from(*leaf) * stride, minus != turn, visit);
            }
        }
    }

    fn each(&self, grid: &Grid, visit: &mut impl FnMut(usize, bool) -> bool) {
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
        let (plus, other) = self.steps[*dimension].sides();
        [(plus, false), (other, true)].into_iter().all(|(chain, turn)| {
            chain.iter().all(|category| {
                let index = index + (usize::from(*category) - 1) * grid.strides[at];
                self.each_from(grid, at + 1, index, minus != turn, visit)
            })
        })
    }
}

/// The steps from a leaf within a category to one beside it, or to any outside.
fn pairs(cube: &Cube, dimension: usize, category: u16, far: bool) -> Vec<Step<'_>> {
    let chains = &cube.chains[dimension];
    let leaves = &cube.leaves[dimension];
    let within = &leaves[usize::from(category)];
    // The second of a chain is what the first lies within.
    let around = chains[usize::from(category)].get(1).filter(|_| !far).copied().unwrap_or(0);
    let others = leaves[usize::from(around)].iter().filter(|it| !within.contains(it));
    let others: Vec<&Vec<u16>> = others.map(|it| &chains[usize::from(*it)]).collect();
    within
        .iter()
        .map(|it| &chains[usize::from(*it)])
        .flat_map(|plus| others.iter().map(move |minus| Step::between(plus, minus)))
        .collect()
}

/// A set of dimensions.
pub(crate) fn bits(dimensions: &[usize]) -> u32 {
    dimensions.iter().map(|it| 1_u32 << it).sum()
}
