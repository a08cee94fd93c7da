//! The use cases: each orders the steps of one thing a user does.

pub mod ingest;
pub mod link;
pub mod progress;
