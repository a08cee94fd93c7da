//! Whoever changes the log afterwards is found out, and told where.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checkpoints;
mod made;
mod tampering;
mod tree;
