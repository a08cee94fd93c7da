//! By what a register is counted, what of it may be crossed, and the counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::dimension::{Category, Dimension};

/// A cube has at most so many dimensions.
pub const MOST_DIMENSIONS: usize = 16;
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
    /// A table crosses two facets.
    #[error("a table crosses two facets; make one of them a dimension that all share")]
    TwoFacets,
}

/// The innermost cell that an enterprise is in: a leaf of each dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot(u64);

impl Spot {
    /// The spot as bytes, to be kept.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

/// The dimensions of a register, and which of them are published together.
#[derive(Debug)]
pub struct Cube {
    dimensions: Vec<Dimension>,
    /// The last so many are facets.
    facets: usize,
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
        Self::star(dimensions, vec![], tables)
    }

    /// The same with *facets*: further dimensions, numbered after the others, each of which may be crossed with
    /// those but never with another facet. How one programme's standings go with another's is then told by
    /// nothing, and each is counted by itself, however many there are.
    ///
    /// # Errors
    /// [`Invalid::NoSuchDimension`], [`Invalid::TooLarge`], [`Invalid::TwoFacets`].
    pub fn star(
        shared: Vec<Dimension>,
        facets: Vec<Dimension>,
        tables: &[&[usize]],
    ) -> Result<Self, Invalid> {
        let (shared_count, facet_count) = (shared.len(), facets.len());
        let dimensions: Vec<Dimension> = shared.into_iter().chain(facets).collect();
        let mut groupings = BTreeSet::from([(0, vec![])]);
        for table in tables {
            let set: BTreeSet<usize> = table.iter().copied().collect();
            if set.len() != table.len() || set.iter().any(|it| dimensions.len() <= *it) {
                return Err(Invalid::NoSuchDimension);
            }
            if MOST_DIMENSIONS < set.len() {
                return Err(Invalid::TooLarge);
            }
            if 1 < set.iter().filter(|it| shared_count <= **it).count() {
                return Err(Invalid::TwoFacets);
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
        if MOST_DIMENSIONS < dimensions.len() || groupings.iter().any(|it| MOST_CELLS < cells(it)) {
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
        Ok(Self { dimensions, facets: facet_count, groupings, strides, chains, leaves })
    }

    /// A cube that publishes every table of at most so many dimensions.
    ///
    /// # Errors
    /// [`Invalid::TooLarge`].
    pub fn up_to(dimensions: Vec<Dimension>, crossed: usize) -> Result<Self, Invalid> {
        if MOST_DIMENSIONS < dimensions.len() {
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

    /// The spot of an enterprise: one path of labels for each dimension ([`Dimension::find`]).
    ///
    /// # Errors
    /// [`Invalid::NoSuchCategory`] when a path ends at no leaf.
    pub fn spot(&self, paths: &[&[Option<&str>]]) -> Result<Spot, Invalid> {
        let mut leaves = Vec::with_capacity(paths.len());
        for (dimension, path) in self.dimensions.iter().zip(paths) {
            let found = dimension.find(path).ok_or_else(|| Invalid::NoSuchCategory {
                dimension: dimension.name().to_owned(),
            })?;
            leaves.push(found);
        }
        self.spot_at(&leaves)
    }

    /// The spot where these leaves meet, one for each dimension.
    ///
    /// # Errors
    /// [`Invalid::NoSuchCategory`] when one is no leaf, [`Invalid::NoSuchDimension`] when they are more or
    /// fewer than the dimensions.
    pub fn spot_at(&self, leaves: &[Category]) -> Result<Spot, Invalid> {
        if leaves.len() != self.dimensions.len() {
            return Err(Invalid::NoSuchDimension);
        }
        for (dimension, leaf) in self.dimensions.iter().zip(leaves) {
            if !dimension.is_leaf(*leaf) {
                return Err(Invalid::NoSuchCategory { dimension: dimension.name().to_owned() });
            }
        }
        Ok(Spot(self.key(leaves.iter().map(|it| it.0))))
    }

    /// The spot that [`Spot::to_bytes`] wrote of this cube; `None` for what is none.
    pub fn spot_of(&self, bytes: [u8; 8]) -> Option<Spot> {
        let spot = Spot(u64::from_be_bytes(bytes));
        let each = (0..self.dimensions.len()).map(|it| self.leaf(spot.0, it));
        let leaves: Vec<Category> = each.map(Category).collect();
        self.spot_at(&leaves).ok().filter(|it| *it == spot)
    }

    /// The leaf of a dimension in a spot.
    pub fn leaf_of(&self, spot: Spot, dimension: usize) -> Category {
        Category(self.leaf(spot.0, dimension))
    }

    /// The facets, as positions.
    pub(crate) fn facets(&self) -> std::ops::Range<usize> {
        self.dimensions.len() - self.facets..self.dimensions.len()
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
        let spot = self.cube.spot(paths)?;
        self.add_spot(spot, count);
        Ok(())
    }

    /// Counts so many enterprises where these leaves meet, one for each dimension.
    ///
    /// # Errors
    /// Those of [`Cube::spot_at`]: nothing is counted.
    pub fn add_at(&mut self, leaves: &[Category], count: u64) -> Result<(), Invalid> {
        let spot = self.cube.spot_at(leaves)?;
        self.add_spot(spot, count);
        Ok(())
    }

    /// Counts so many enterprises at a spot of the same cube.
    pub fn add_spot(&mut self, spot: Spot, count: u64) {
        if 0 < count {
            let cell = self.counts.entry(spot.0).or_default();
            *cell = cell.saturating_add(count);
        }
    }

    /// How many enterprises were counted.
    pub fn total(&self) -> u64 {
        self.counts.values().fold(0, |sum, it| sum.saturating_add(*it))
    }

    /// How many enterprises at least came, left or changed between two tallies of the same cube.
    pub fn changed_since(&self, before: &Tally) -> u64 {
        let rise = |one: &Tally, other: &Tally| {
            let counts = one.counts.iter();
            let rises = counts
                .map(|(key, it)| it.saturating_sub(other.counts.get(key).copied().unwrap_or(0)));
            rises.fold(0_u64, u64::saturating_add)
        };
        rise(self, before).max(rise(before, self))
    }
}
