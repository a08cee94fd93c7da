//! What a move does in one dimension, and which moves there are.

use crate::cube::Cube;

/// What a move does in one dimension.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// From a leaf to another: both chains of categories without what they share, and how the leaves begin.
    Between { plus: &'a [u16], minus: &'a [u16] },
    /// Everything happens within this leaf: its chain.
    Within(&'a [u16]),
    /// Of a facet: what gains in another dimension is in one leaf here, what loses there in another. For where the
    /// two go together, as large enterprises do with standing nowhere.
    Tied { to: usize, plus: &'a [u16], minus: &'a [u16] },
}

impl<'a> Step<'a> {
    fn between(plus: &'a [u16], minus: &'a [u16]) -> Self {
        let shared = plus.iter().rev().zip(minus.iter().rev()).take_while(|it| it.0 == it.1);
        let shared = shared.count();
        Step::Between { plus: &plus[..plus.len() - shared], minus: &minus[..minus.len() - shared] }
    }

    /// The categories that gain and those that lose.
    pub fn sides(self) -> (&'a [u16], &'a [u16]) {
        match self {
            Step::Between { plus, minus } => (plus, minus),
            Step::Within(chain) => (chain, &[]),
            // In a table without the dimension that it is tied to it is a step between.
            Step::Tied { plus, minus, .. } => Step::between(plus, minus).sides(),
        }
    }

    /// The dimension that it is tied to.
    pub fn tied_to(self) -> Option<usize> {
        match self {
            Step::Tied { to, .. } => Some(to),
            _ => None,
        }
    }

    /// The chain of a step that stays within a leaf, where the dimension that it may be tied to gains or loses.
    pub fn chain(self, lost: impl Fn(usize) -> bool) -> Option<&'a [u16]> {
        match self {
            Step::Between { .. } => None,
            Step::Within(chain) => Some(chain),
            Step::Tied { to, plus, minus } => Some(if lost(to) { minus } else { plus }),
        }
    }
}

/// The steps that stay within a leaf of a category.
pub(super) fn within(cube: &Cube, dimension: usize, category: u16) -> Vec<Step<'_>> {
    let chain = |it: &u16| Step::Within(&cube.chains[dimension][usize::from(*it)]);
    cube.leaves[dimension][usize::from(category)].iter().map(chain).collect()
}

/// The steps from a leaf within a category to one beside it, or to any outside.
pub(super) fn pairs(cube: &Cube, dimension: usize, category: u16, far: bool) -> Vec<Step<'_>> {
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
