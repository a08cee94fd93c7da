//! Tests over HTTP, one file per user story, each on every database that is there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod hub;
mod interrupted;
mod operators;
mod protocol;
mod roles;
mod socket;
mod specification;
mod upgrade;
mod workspace;
