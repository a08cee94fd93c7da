//! The innermost counts, in parts that fit together in any way that agrees on what they share.
//!
//! No table crosses two facets. So two counts, of the shared dimensions with one facet and with another, are of one
//! register whenever they agree on the shared dimensions alone: who stands where in one facet may be joined with
//! who stands where in the other at will. Another register is found part by part.

use rustc_hash::FxHashMap;

use crate::cube::Tally;

/// The counts by the shared dimensions and at most one facet.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The facet; `None` for the shared dimensions alone.
    pub facet: Option<usize>,
    /// By the number of the cell, in which other facets are nothing.
    pub counts: FxHashMap<u64, u64>,
    /// Of a facet: its leaves that are not empty, by the cell of the shared dimensions.
    pub leaves: FxHashMap<u64, Vec<u16>>,
}

impl Part {
    /// The part of the shared dimensions, then that of each facet.
    pub fn all(tally: &Tally) -> Vec<Part> {
        let cube = &tally.cube;
        let of = |facet| Part { facet, ..Part::default() };
        let facets = cube.facets();
        let mut parts: Vec<Part> =
            std::iter::once(None).chain(facets.clone().map(Some)).map(of).collect();
        for (key, count) in &tally.counts {
            let leaf = |it: usize| u64::from(cube.leaf(*key, it)) * cube.stride(it);
            let shared: u64 = (0..facets.start).map(leaf).sum();
            for part in &mut parts {
                let at = shared + part.facet.map_or(0, leaf);
                let cell = part.counts.entry(at).or_default();
                if *cell == 0 {
                    let facet = part.facet.map(|it| cube.leaf(*key, it));
                    part.leaves.entry(shared).or_default().extend(facet);
                }
                *cell = cell.saturating_add(*count);
            }
        }
        for leaves in parts.iter_mut().flat_map(|it| it.leaves.values_mut()) {
            leaves.sort_unstable();
        }
        parts
    }
}
