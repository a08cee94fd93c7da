//! By what a register is counted, what of it may be crossed, and the counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::dimension::{Category, Dimension};

/// More cells than this in one table are refused.
const MOST_CELLS: usize = 4_000_000;

/// What cannot be counted or asked. Labels are of categories, never of enterprises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Two categories side by side have one label.
    #[error("{dimension} has the category {label:?} twice")]
    Twice {
        /// The dimension.
        dimension: String,
        /// The label.
        label: Option<String>,
    },
    /// More dimensions (16), categories (60,000 a dimension) or cells (4 million a table) than are held.
    #[error("more dimensions, categories or cells than a cube holds; cross fewer or coarser ones")]
    TooLarge,
    /// A table names a dimension that is not there, or one twice.
    #[error("a table crosses a dimension that the cube does not have, or one with itself")]
    NoSuchDimension,
    /// A count names a category that is not a leaf of its dimension.
    #[error("{dimension} has no such category, or it has others within; count it as unknown")]
    NoSuchCategory {
        /// The dimension.
        dimension: String,
    },
    /// The dimensions asked for are not crossed in this cube.
    #[error("these dimensions are not published together; ask for fewer at once")]
    NotCrossed,
    /// A question names a category twice, or one and another within it, or none at all.
    #[error("a dimension is asked for without a category, or with two that overlap")]
    Overlap,
    /// A release was to follow one of another cube.
    #[error("a release follows one of the same cube only; begin a new series")]
    AnotherCube,
}

/// The dimensions of a register, and which of them are published together.
#[derive(Debug)]
pub struct Cube {
    dimensions: Vec<Dimension>,
    /// The published tables: each a sorted set of dimensions. With one come all its margins; smaller first.
    groupings: Vec<Vec<usize>>,
    strides: Vec<u64>,
    /// By dimension and category: the category and what it lies within, without the total.
    pub(crate) chains: Vec<Vec<Vec<u16>>>,
    /// By dimension and category: the leaves within it, itself if it is one.
    pub(crate) leaves: Vec<Vec<Vec<u16>>>,
}

impl Cube {
    /// A cube that publishes the tables named, each as positions of its dimensions, with all their margins.
    ///
    /// # Errors
    /// [`Invalid::NoSuchDimension`], [`Invalid::TooLarge`].
    pub fn new(dimensions: Vec<Dimension>, tables: &[&[usize]]) -> Result<Self, Invalid> {
        let mut groupings = BTreeSet::from([(0, vec![])]);
        for table in tables {
            let set: BTreeSet<usize> = table.iter().copied().collect();
            if set.len() != table.len() || set.iter().any(|it| dimensions.len() <= *it) {
                return Err(Invalid::NoSuchDimension);
            }
            if 16 < set.len() {
                return Err(Invalid::TooLarge);
            }
            for mask in 0_u32..1 << set.len() {
                let chosen = set.iter().enumerate().filter(|it| mask >> it.0 & 1 == 1);
                let margin: Vec<usize> = chosen.map(|it| *it.1).collect();
                groupings.insert((margin.len(), margin));
            }
        }
        let groupings: Vec<Vec<usize>> = groupings.into_iter().map(|it| it.1).collect();
        let cells = |table: &Vec<usize>| {
            let sizes = table.iter().map(|it| usize::from(dimensions[*it].len()));
            sizes.fold(1_usize, usize::saturating_mul)
        };
        if 16 < dimensions.len() || groupings.iter().any(|it| MOST_CELLS < cells(it)) {
            return Err(Invalid::TooLarge);
        }
        let mut strides = vec![];
        let mut stride = 1_u64;
        for dimension in &dimensions {
            strides.push(stride);
            stride = stride.checked_mul(dimension.len().into()).ok_or(Invalid::TooLarge)?;
        }
        let chains: Vec<Vec<Vec<u16>>> = dimensions
            .iter()
            .map(|it| (0..it.len()).map(|node| it.chain(Category(node))).collect())
            .collect();
        let leaves = dimensions
            .iter()
            .zip(&chains)
            .map(|(dimension, chains)| {
                let leaf = |it: &u16| dimension.is_leaf(Category(*it));
                let within = |node| {
                    let all = (1..dimension.len()).filter(leaf);
                    all.filter(|it| node == 0 || chains[usize::from(*it)].contains(&node)).collect()
                };
                (0..dimension.len()).map(within).collect()
            })
            .collect();
        Ok(Self { dimensions, groupings, strides, chains, leaves })
    }

    /// A cube that publishes every table of at most so many dimensions.
    ///
    /// # Errors
    /// [`Invalid::TooLarge`].
    pub fn up_to(dimensions: Vec<Dimension>, crossed: usize) -> Result<Self, Invalid> {
        if 16 < dimensions.len() {
            return Err(Invalid::TooLarge);
        }
        let tables: Vec<Vec<usize>> = (0_u32..1 << dimensions.len())
            .filter(|it| it.count_ones() as usize <= crossed)
            .map(|mask| (0..dimensions.len()).filter(|it| mask >> it & 1 == 1).collect())
            .collect();
        let tables: Vec<&[usize]> = tables.iter().map(Vec::as_slice).collect();
        Self::new(dimensions, &tables)
    }

    /// The dimensions.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// One dimension by its position.
    ///
    /// # Panics
    /// When there are fewer.
    pub fn dimension(&self, position: usize) -> &Dimension {
        &self.dimensions[position]
    }

    /// The published tables with their margins, each as sorted positions of its dimensions; the grand total
    /// first.
    pub fn tables(&self) -> &[Vec<usize>] {
        &self.groupings
    }

    /// The number of the cell in which a leaf of each dimension meets.
    pub(crate) fn key(&self, leaves: impl IntoIterator<Item = u16>) -> u64 {
        leaves.into_iter().zip(&self.strides).map(|(leaf, stride)| u64::from(leaf) * stride).sum()
    }

    /// The leaf of a dimension in a cell.
    pub(crate) fn leaf(&self, key: u64, dimension: usize) -> u16 {
        let size = u64::from(self.dimensions[dimension].len());
        u16::try_from(key / self.strides[dimension] % size).unwrap_or(0)
    }

    pub(crate) fn stride(&self, dimension: usize) -> u64 {
        self.strides[dimension]
    }
}

/// A register as counted: how many enterprises in each cell in which a leaf of every dimension meets.
#[derive(Debug, Clone)]
pub struct Tally {
    pub(crate) cube: Arc<Cube>,
    pub(crate) counts: FxHashMap<u64, u64>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(cube: &Arc<Cube>) -> Self {
        Self { cube: Arc::clone(cube), counts: FxHashMap::default() }
    }

    /// Counts so many enterprises where the paths meet, one path of labels for each dimension
    /// ([`Dimension::find`]).
    ///
    /// # Errors
    /// [`Invalid::NoSuchCategory`] when a path ends at no leaf: nothing is counted.
    pub fn add(&mut self, paths: &[&[Option<&str>]], count: u64) -> Result<(), Invalid> {
        let mut leaves = Vec::with_capacity(paths.len());
        for (dimension, path) in self.cube.dimensions.iter().zip(paths) {
            let found = dimension.find(path).ok_or_else(|| Invalid::NoSuchCategory {
                dimension: dimension.name().to_owned(),
            })?;
            leaves.push(found);
        }
        self.add_at(&leaves, count)
    }

    /// Counts so many enterprises where these leaves meet, one for each dimension.
    ///
    /// # Errors
    /// [`Invalid::NoSuchCategory`] when one is no leaf, [`Invalid::NoSuchDimension`] when they are more or
    /// fewer than the dimensions: nothing is counted.
    pub fn add_at(&mut self, leaves: &[Category], count: u64) -> Result<(), Invalid> {
        if leaves.len() != self.cube.dimensions.len() {
            return Err(Invalid::NoSuchDimension);
        }
        for (dimension, leaf) in self.cube.dimensions.iter().zip(leaves) {
            if !dimension.is_leaf(*leaf) {
                return Err(Invalid::NoSuchCategory { dimension: dimension.name().to_owned() });
            }
        }
        if 0 < count {
            let cell = self.counts.entry(self.cube.key(leaves.iter().map(|it| it.0))).or_default();
            *cell = cell.saturating_add(count);
        }
        Ok(())
    }
}
