//! Rules as a clerk would work them out by hand, files as an analyst would get them wrong.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod catalogue;
mod expressions;
mod golden;
mod laws;
mod previews;
mod stories;

use std::sync::LazyLock;

use financing::catalogue::Catalogue;

/// The shipped files, read once for all tests.
static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::shipped().unwrap());
