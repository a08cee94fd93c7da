//! The use cases: each orders the steps of one thing a user does.

pub mod access;
pub mod decisions;
pub mod files;
pub mod history;
pub mod ingest;
pub mod link;
pub mod owners;
pub mod profiles;
pub mod progress;
pub mod statistics;
