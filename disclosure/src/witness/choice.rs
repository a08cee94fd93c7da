//! Which innermost cells a move takes from, once the table's own dimensions are chosen.

use super::step::Step;
use super::{Best, RESTS, Search};

/// How many leaves of a facet are tried for each side of a dimension that it is tied to.
const LEAVES: usize = 3;

impl<'a> Search<'a> {
    /// Chooses in the dimensions that the table does not have, and in each other facet.
    pub(super) fn finish(&mut self, cost: u64) {
        for rest in self.rests() {
            for dimension in self.index.others.iter().copied() {
                let leaf = usize::from(self.ground.cube.leaf(rest, dimension));
                self.steps[dimension] =
                    Some(Step::Within(&self.ground.cube.chains[dimension][leaf]));
            }
            let (mut up, mut down) = self.room(self.part, self.wanted, self.wanted);
            if up + down == 0 {
                continue;
            }
            self.patience = self.patience.saturating_sub(1);
            let bound = self.bound();
            if bound <= cost || (self.patience == 0 && self.best.is_some()) {
                break;
            }
            let mut cost = cost.saturating_add(self.cost(&self.beyond, bound - cost));
            for facet in 0..self.of_facet.len() {
                if up + down == 0 || bound <= cost {
                    break;
                }
                (cost, up, down) = self.settle(facet, cost, up, down);
            }
            down = down.min(self.wanted - up);
            let gain = u128::from(up + down);
            let dearer = |it: &Best<'_>| {
                u128::from(cost) * u128::from(it.up + it.down) < u128::from(it.cost) * gain
            };
            if 0 < gain && self.best.as_ref().is_none_or(dearer) {
                let (steps, between) = (self.steps.clone(), self.between);
                self.best = Some(Best { cost, steps, between, up, down });
            }
        }
        for dimension in &self.index.others {
            self.steps[*dimension] = None;
        }
        for facet in &self.of_facet {
            self.steps[facet.dimension] = None;
        }
    }

    /// What may be chosen in the dimensions that the table does not have: where there are enterprises to take
    /// from one side or the other.
    fn rests(&self) -> Vec<u64> {
        let mut fewest: [Option<&[u64]>; 2] = [None; 2];
        self.corners(self.part, &mut |key, minus| {
            let rests = self.index.rests(key);
            let side = &mut fewest[usize::from(minus)];
            if side.is_none_or(|it| rests.len() < it.len()) {
                *side = Some(rests);
            }
        });
        let sides = fewest.into_iter().flatten();
        let mut rests: Vec<u64> = sides.flat_map(|it| it.iter().take(RESTS)).copied().collect();
        rests.extend((self.between == 0 && rests.is_empty()).then_some(self.index.any));
        rests
    }

    /// What a move does in a facet that it does not move within, so that it is cheapest for what it gives: what it
    /// then costs, and gives. One leaf will do where it gives anything; else one for each side of a dimension.
    fn settle(&mut self, facet: usize, cost: u64, up: u64, down: u64) -> (u64, u64, u64) {
        let (cube, dimension) = (self.ground.cube, self.of_facet[facet].dimension);
        let part = dimension - cube.facets().start + 1;
        let found = self.leaves_beside(part);
        let chain = |leaf: u16| cube.chains[dimension][usize::from(leaf)].as_slice();
        let may = self.of_facet[facet].leaves.clone();
        let gaining = |of: &dyn Fn(u32) -> bool| -> Vec<u16> {
            let all = found.iter().filter(|it| of(it.1)).map(|it| it.0);
            let mut leaves: Vec<u16> =
                all.filter(|it| may.is_empty() || may.contains(it)).collect();
            leaves.sort_unstable();
            leaves.dedup();
            let any = may.first().copied().unwrap_or(cube.leaves[dimension][0][0]);
            leaves.extend(leaves.is_empty().then_some(any));
            leaves
        };
        let within = gaining(&|_| true).into_iter().map(|it| Step::Within(chain(it)));
        let mut best = self.cheapest(facet, part, within.collect(), (cost, up, down));
        if best.is_none() {
            let mut tied = vec![];
            for to in (0..cube.facets().start).filter(|it| self.between >> it & 1 == 1) {
                let Some(Step::Between { plus, minus }) = self.steps[to] else { continue };
                // What contains both sides of the dimension would have to be told twice.
                if plus.len() < cube.chains[to][usize::from(plus[0])].len()
                    || minus.len() < cube.chains[to][usize::from(minus[0])].len()
                {
                    continue;
                }
                let mut losing: Vec<u16> =
                    found.iter().filter(|it| it.1 >> to & 1 == 1).map(|it| it.0).collect();
                losing.sort_unstable();
                losing.dedup();
                for plus in gaining(&|it| it >> to & 1 == 0).into_iter().take(LEAVES) {
                    for minus in losing.iter().filter(|it| **it != plus).take(LEAVES) {
                        tied.push(Step::Tied { to, plus: chain(plus), minus: chain(*minus) });
                    }
                }
            }
            best = self.cheapest(facet, part, tied, (cost, up, down));
        }
        let Some((cost, up, down, step)) = best else { return (cost, 0, 0) };
        self.steps[dimension] = Some(step);
        (cost, up, down)
    }

    /// The leaves of a facet in which there is somebody where the move goes, each with the dimensions in which that
    /// is the leaf that loses.
    fn leaves_beside(&self, part: usize) -> Vec<(u16, u32)> {
        let leaves_at = &self.ground.parts[part].leaves;
        let mut found = vec![];
        self.corners_of(0, &mut |key, _, lost| {
            let leaves = leaves_at.get(&key).map_or(&[][..], Vec::as_slice);
            found.extend(leaves.iter().map(|it| (*it, lost)));
        });
        found
    }

    /// The one of these steps that is cheapest for what it gives, with what the move then costs and gives.
    fn cheapest(
        &mut self,
        facet: usize,
        part: usize,
        steps: Vec<Step<'a>>,
        (cost, up, down): (u64, u64, u64),
    ) -> Option<(u64, u64, u64, Step<'a>)> {
        let dimension = self.of_facet[facet].dimension;
        let mut best: Option<(u64, u64, u64, Step<'a>)> = None;
        for step in steps {
            self.steps[dimension] = Some(step);
            let (up, down) = self.room(part, up, down);
            let gain = u128::from(up) + u128::from(down);
            if gain == 0 {
                continue;
            }
            let tables = self.of_facet[facet].tables.iter();
            let touched: Vec<usize> =
                tables.copied().filter(|it| self.touches(&self.grids[*it])).collect();
            let cost = cost.saturating_add(self.cost(&touched, u64::MAX));
            let dearer = |it: &(u64, u64, u64, Step<'a>)| {
                u128::from(cost) * (u128::from(it.1) + u128::from(it.2)) < u128::from(it.0) * gain
            };
            if best.as_ref().is_none_or(dearer) {
                best = Some((cost, up, down, step));
            }
        }
        best
    }
}
