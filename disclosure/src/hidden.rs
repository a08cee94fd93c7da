//! What was hidden, by the names of the cells: it can be kept, and holds for another cube that has some of them.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};

use crate::cube::Cube;
use crate::dimension::Category;

/// The cells that a release hides, each as the first eight bytes of the SHA-256 of its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden(BTreeSet<[u8; 8]>);

impl Hidden {
    /// The cells as bytes, eight for each.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flatten().copied().collect()
    }

    /// What [`Hidden::to_bytes`] wrote; `None` for what it did not write.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (cells, rest) = bytes.as_chunks::<8>();
        rest.is_empty().then(|| Self(cells.iter().copied().collect()))
    }

    /// The cells of both.
    pub fn and(mut self, other: Hidden) -> Hidden {
        self.0.extend(other.0);
        self
    }

    pub(crate) fn insert(&mut self, name: [u8; 8]) {
        self.0.insert(name);
    }

    pub(crate) fn has(&self, name: [u8; 8]) -> bool {
        self.0.contains(&name)
    }
}

/// What categories are called, by dimension.
pub(crate) struct Names(Vec<Vec<Vec<u8>>>);

impl Names {
    pub fn of(cube: &Cube) -> Self {
        let names = cube.dimensions().iter().map(|dimension| {
            let mut names = vec![vec![]];
            for category in dimension.categories() {
                let mut name = part(Some(dimension.name()));
                let mut path = vec![];
                let mut at = Some(category).filter(|it| *it != Category::TOTAL);
                while let Some(it) = at {
                    path.push(part(dimension.label(it)));
                    at = dimension.parent(it).filter(|it| *it != Category::TOTAL);
                }
                name.extend(path.into_iter().rev().flatten());
                name.push(2);
                names.push(name);
            }
            names
        });
        Self(names.collect())
    }

    /// The name of a cell: its dimensions in the order of their names, so that it is the same in another cube.
    pub fn cell(&self, dimensions: &[usize], categories: &[u16]) -> [u8; 8] {
        let each = dimensions.iter().zip(categories);
        let mut names: Vec<&[u8]> =
            each.map(|it| self.0[*it.0][usize::from(*it.1)].as_slice()).collect();
        names.sort_unstable();
        let mut name = [0; 8];
        name.copy_from_slice(&digest(&SHA256, &names.concat()).as_ref()[..8]);
        name
    }
}

/// A label with its length, so that no two lists of labels are written alike; 0 alone for the unknown.
fn part(label: Option<&str>) -> Vec<u8> {
    let Some(label) = label else { return vec![0] };
    let mut part = vec![1];
    part.extend_from_slice(&(label.len() as u64).to_be_bytes());
    part.extend_from_slice(label.as_bytes());
    part
}
