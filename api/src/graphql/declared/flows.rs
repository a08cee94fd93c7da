//! What the fields take that tell an agency of its own list.

use super::Fields;
use super::Takes::Object;

/// What an agency is asked to correct.
pub(super) const CORRECTION: &[Fields] = &[(
    Object,
    "code kind status agency record field sheet row message remedy suggestion other reason askedAt settledAt",
)];
