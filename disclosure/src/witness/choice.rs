//! Which innermost cells a move takes from, once the table's own dimensions are chosen.

use super::step::Step;
use super::{Best, RESTS, Search};

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
        for (facet, _) in &self.of_facet {
            self.steps[*facet] = None;
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

    /// The leaf of another facet in which the move is cheapest for what it gives: what it then costs, and gives.
    fn settle(&mut self, facet: usize, cost: u64, up: u64, down: u64) -> (u64, u64, u64) {
        let (cube, dimension) = (self.ground.cube, self.of_facet[facet].0);
        let part = dimension - cube.facets().start + 1;
        let leaves_at = &self.ground.parts[part].leaves;
        let mut fewest: [Option<&[u16]>; 2] = [None; 2];
        self.corners(0, &mut |key, minus| {
            let leaves = leaves_at.get(&key).map_or(&[][..], Vec::as_slice);
            let side = &mut fewest[usize::from(minus)];
            if side.is_none_or(|it| leaves.len() < it.len()) {
                *side = Some(leaves);
            }
        });
        let mut leaves: Vec<u16> = fewest.into_iter().flatten().flatten().copied().collect();
        leaves.sort_unstable();
        leaves.dedup();
        if leaves.is_empty() {
            leaves.push(cube.leaves[dimension][0][0]);
        }
        let mut best: Option<(u64, u64, u64, Step<'a>)> = None;
        for leaf in leaves {
            let step = Step::Within(&cube.chains[dimension][usize::from(leaf)]);
            self.steps[dimension] = Some(step);
            let (up, down) = self.room(part, up, down);
            let gain = u128::from(up) + u128::from(down);
            if gain == 0 {
                continue;
            }
            let more = self.cost(&self.of_facet[facet].1, u64::MAX);
            let cost = cost.saturating_add(more);
            let dearer = |it: &(u64, u64, u64, Step<'a>)| {
                u128::from(cost) * (u128::from(it.1) + u128::from(it.2)) < u128::from(it.0) * gain
            };
            if best.as_ref().is_none_or(dearer) {
                best = Some((cost, up, down, step));
            }
        }
        let Some((cost, up, down, step)) = best else { return (cost, 0, 0) };
        self.steps[dimension] = Some(step);
        (cost, up, down)
    }
}
