//! Nobody is found out by what is published.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attack;
mod auditor;
mod intervals;
mod made;
mod pseudonyms;
mod release;
