//! Statistical disclosure control: which counts of a register may be told, such that nobody is found out by
//! what else is told.
//!
//! A [`Cube`] says by which [`Dimension`]s the register is counted and which of them may be crossed. A
//! [`Tally`] counts it. A [`Release`] decides once, for every cell of every table at once, what is shown and
//! what is hidden; whatever is asked is answered from it and from nothing else, so that no question tells
//! more than the release does:
//!
//! ```
//! use std::sync::Arc;
//! use disclosure::{Cube, Dimension, Figure, Release, Rules, Tally};
//!
//! let size = Dimension::flat("size", ["micro", "small"])?;
//! let sex = Dimension::flat("sex", ["female", "male"])?;
//! let cube = Arc::new(Cube::up_to(vec![size, sex], 2)?);
//! let mut tally = Tally::new(&cube);
//! for (size, sex, count) in [("micro", "female", 30), ("micro", "male", 20), ("small", "male", 9)] {
//!     tally.add(&[&[Some(size)], &[Some(sex)]], count)?;
//! }
//! tally.add(&[&[Some("small")], &[Some("female")]], 2)?;
//!
//! let release = Release::first(&tally, Rules::default());
//! let small = cube.dimension(0).find(&[Some("small")]).expect("declared above");
//! let female = cube.dimension(1).find(&[Some("female")]).expect("declared above");
//! assert_eq!(release.answer(&[(0, vec![small])])?, Figure::Shown(11));
//! assert_eq!(release.answer(&[(0, vec![small]), (1, vec![female])])?, Figure::Hidden);
//! # Ok::<(), disclosure::Invalid>(())
//! ```
//!
//! The rule, and the words *primary* and *secondary suppression*, are those of Hundepool et al., Statistical
//! Disclosure Control (2012), chapters 4 and 5; why this method and not another is in decision 0021. Nothing here
//! touches a database, a clock or a network.

pub mod cube;
pub mod dimension;
mod grid;
pub mod hidden;
mod part;
pub mod pseudonym;
pub mod release;
mod witness;

pub use cube::{Cube, Invalid, Spot, Tally};
pub use dimension::{Category, Dimension};
pub use hidden::Hidden;
pub use release::{Figure, Reason, Release, Row, Rules};
