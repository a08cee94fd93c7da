//! The use cases: each orders the steps of one thing a user does.

pub mod access;
pub mod accounts;
pub mod attempts;
pub mod audit;
pub mod checkpoints;
pub mod decisions;
pub mod evidence;
pub mod files;
pub mod history;
pub mod how;
pub mod ingest;
pub mod link;
pub mod models;
pub mod outcome;
pub mod owners;
pub mod profiles;
pub mod progress;
pub mod quality;
pub mod sign_in;
pub mod statistics;
pub mod together;
pub mod why;
