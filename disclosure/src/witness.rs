//! The search for another register that would be told of in the same words.
//!
//! A *move* takes one or two leaves in every dimension, and adds to the cells in which they meet, in turn, plus
//! and minus the same amount. Where it has two leaves of a dimension the sums over that dimension stay as they
//! were; so the move changes only cells of tables that have all those dimensions. When all of these are hidden,
//! the register after the move, if it has no negative count, gives the same figures to the last one. This is the
//! hypercube of Giessing and Repsilber (Hundepool et al. 2012, chapter 4), made on the innermost cells, so
//! that it holds in all tables, margins and levels of the hierarchies at once.

use rustc_hash::FxHashMap;

use crate::cube::Cube;
use crate::grid::Grid;

/// What hiding the grand total costs: more than anything else.
const TOTAL: u64 = 1 << 50;
/// What hiding a zero costs: others may know that there is none, so it is a poor cover, but better than a large count.
const ZERO: u64 = 100;

/// How many choices are looked at, in one set of dimensions, beyond the first that serves.
const PATIENCE: u32 = 400;

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
        Step::Between { plus: &plus[..plus.len() - shared], minus: &minus[..minus.len() - shared] }
    }

    fn sides(self) -> (&'a [u16], &'a [u16]) {
        match self {
            Step::Between { plus, minus } => (plus, minus),
            Step::Within(chain) => (chain, &[]),
        }
    }
}

/// Other registers that were found: what they change, by table and cell.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    /// Where the guarded cell has more.
    pub more: FxHashMap<(usize, usize), i64>,
    /// Where it has less.
    pub less: FxHashMap<(usize, usize), i64>,
}

/// The best move found so far.
struct Best<'a> {
    cost: u64,
    steps: Vec<Step<'a>>,
    between: u32,
    up: u64,
    down: u64,
}

/// Looks for the cheapest moves that guard one cell.
pub(crate) struct Search<'a> {
    cube: &'a Cube,
    grids: &'a [Grid],
    base: &'a FxHashMap<u64, u64>,
    width: u64,
    /// Position of the table of each set of dimensions.
    by_set: &'a FxHashMap<u32, usize>,
    /// How many dimensions the finest table has.
    most: usize,
    order: Vec<usize>,
    between: u32,
    steps: Vec<Step<'a>>,
    candidates: Vec<Vec<Step<'a>>>,
    /// For each number of dimensions chosen, the tables that can be costed then.
    costed: Vec<Vec<usize>>,
    best: Option<Best<'a>>,
    /// How many choices may still be looked at.
    patience: u32,
    /// How much of the width is still to be found.
    wanted: u64,
    /// What the moves so far change of innermost cells: where the guarded cell has more, and less.
    more: FxHashMap<u64, i64>,
    less: FxHashMap<u64, i64>,
    found: Witness,
}

impl<'a> Search<'a> {
    pub fn new(
        cube: &'a Cube,
        grids: &'a [Grid],
        base: &'a FxHashMap<u64, u64>,
        by_set: &'a FxHashMap<u32, usize>,
        width: u64,
    ) -> Self {
        Self {
            cube,
            grids,
            base,
            width,
            by_set,
            most: grids.last().map_or(0, |it| it.dimensions.len()),
            order: vec![],
            between: 0,
            steps: vec![Step::Within(&[]); cube.dimensions().len()],
            candidates: vec![],
            costed: vec![],
            best: None,
            patience: 0,
            wanted: width,
            more: FxHashMap::default(),
            less: FxHashMap::default(),
            found: Witness::default(),
        }
    }

    /// Registers in which the cell differs by the width together. Moves are added one to another, each the
    /// cheapest for what it gives; in the end there is one always, for everything may be hidden up to the
    /// grand total.
    pub fn guard(mut self, table: usize, index: usize) -> Witness {
        let place = self.grids[table].categories(self.cube, index);
        let set = bits(&self.grids[table].dimensions);
        let mut subsets: Vec<u32> = (0..=set).filter(|it| it & set == *it).collect();
        subsets.sort_by_key(|it| std::cmp::Reverse(it.count_ones()));
        while 0 < self.wanted {
            self.best = None;
            for far in [false, true] {
                let everything = far || self.grids[0].cells[0].hidden.is_some();
                for between in subsets.iter().filter(|it| **it != 0 || everything) {
                    self.look(&place, table, *between, far);
                }
                if self.best.as_ref().is_some_and(|it| it.cost < TOTAL) {
                    break;
                }
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
        self.steps = best.steps;
        let (mut more, mut less) = (std::mem::take(&mut self.more), std::mem::take(&mut self.less));
        self.corners(0, 0, false, &mut |key, minus| {
            let sign = if minus { -1 } else { 1 };
            *more.entry(key).or_default() += sign * up;
            *less.entry(key).or_default() -= sign * down;
        });
        (self.more, self.less) = (more, less);
        let mut found = std::mem::take(&mut self.found);
        for (table, grid) in self.grids.iter().enumerate() {
            if bits(&grid.dimensions) & best.between == best.between {
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

    /// Looks through the moves between two leaves of each of the dimensions `between`, far ones or siblings.
    fn look(&mut self, place: &[u16], table: usize, between: u32, far: bool) {
        if self.best.as_ref().is_some_and(|it| it.cost == 0) {
            return;
        }
        self.patience = PATIENCE;
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
                    let mut pairs = pairs(cube, *dimension, at, far);
                    let table = &self.grids[self.by_set[&between]];
                    pairs.sort_by_cached_key(|pair| {
                        let (plus, minus) = pair.sides();
                        let beside = |leaf: u16| {
                            let moved = |it: &usize| match own.iter().position(|one| one == it) {
                                _ if it == dimension => leaf,
                                Some(at) => place[at],
                                None => leaf,
                            };
                            self.price(table, table.index(table.dimensions.iter().map(moved)))
                        };
                        beside(plus[0]).saturating_add(beside(minus[0]))
                    });
                    pairs
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

    /// Chooses in the next dimension, as long as what it gives is cheaper than what was found.
    fn extend(&mut self, chosen: usize, cost: u64) {
        if self.bound() <= cost || !self.may_give(chosen) {
            return;
        }
        self.patience = self.patience.saturating_sub(1);
        let Some(dimension) = self.order.get(chosen).copied() else {
            let (up, down) = self.room();
            let gain = up + down;
            let dearer = |it: &Best<'_>| {
                u128::from(cost) * u128::from(it.up + it.down)
                    < u128::from(it.cost) * u128::from(gain)
            };
            if 0 < gain && self.best.as_ref().is_none_or(dearer) {
                let (steps, between) = (self.steps.clone(), self.between);
                self.best = Some(Best { cost, steps, between, up, down });
            }
            return;
        };
        for candidate in 0..self.candidates[chosen].len() {
            self.steps[dimension] = self.candidates[chosen][candidate];
            let bound = self.bound();
            if bound <= cost || (self.patience == 0 && self.best.is_some()) {
                return;
            }
            let more = self.cost(chosen + 1, bound - cost);
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

    /// Whether there is anything to give or take, by the table of the dimensions chosen so far, if there is one.
    fn may_give(&self, chosen: usize) -> bool {
        if self.between == 0 || chosen < self.between.count_ones() as usize {
            return true;
        }
        let Some(table) = self.by_set.get(&bits(&self.order[..chosen])) else { return true };
        let grid = &self.grids[*table];
        let mut none = [false; 2];
        // The innermost of each chain comes first; those further out have no less.
        self.each(grid, &mut |index, minus| {
            none[usize::from(minus)] |= grid.cells[index].value == 0;
            !(none[0] && none[1])
        });
        !(none[0] && none[1] && self.more.is_empty())
    }

    /// What it costs to hide what the steps chosen change in the tables that they decide.
    fn cost(&self, chosen: usize, bound: u64) -> u64 {
        let mut cost = 0_u64;
        for table in &self.costed[chosen] {
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
    fn price(&self, grid: &Grid, index: usize) -> u64 {
        let cell = &grid.cells[index];
        let finer = self.most.saturating_sub(grid.dimensions.len()).min(4);
        let price = match cell.value {
            _ if cell.hidden.is_some() => return 0,
            _ if grid.dimensions.is_empty() => return TOTAL,
            0 => ZERO,
            value => value.min(TOTAL >> 24).saturating_add(self.width),
        };
        price << (6 * finer)
    }

    /// By how much the guarded cell can rise and fall by this move, after those taken: what can be taken from
    /// the cells of one sign and of the other, together no more than is wanted.
    fn room(&self) -> (u64, u64) {
        let (mut up, mut down) = (self.wanted, self.wanted);
        self.corners(0, 0, false, &mut |key, minus| {
            let count = self.base.get(&key).copied().unwrap_or(0);
            let (room, moved) = if minus { (&mut up, &self.more) } else { (&mut down, &self.less) };
            let moved = moved.get(&key).copied().unwrap_or(0);
            *room = count.saturating_add_signed(moved).min(*room);
        });
        (up, down.min(self.wanted - up))
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
