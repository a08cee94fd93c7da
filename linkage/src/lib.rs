//! How two records are judged to be one enterprise.
//!
//! [`normalise`] reads a source record; [`model::Model::train`] estimates, without labels, how much each
//! agreement is worth and freezes it; [`link::link`] blocks, compares, scores and clusters under that
//! model; [`merge`] turns a cluster into a profile; [`evaluate`] measures clusters against known ones;
//! [`score::explain`] says why.
//!
//! This crate does no input or output and reads no clock, environment or randomness: the same records
//! under the same model give the same answer in any order.

pub mod compare;
pub mod evaluate;
pub mod features;
pub mod how;
pub mod identity;
pub mod link;
pub mod merge;
pub mod model;
pub mod normalise;
pub mod reliability;
pub mod score;
pub mod settings;
pub mod text;

mod affinity;
mod block;
mod cluster;
mod context;
mod corpus;
mod estimate;
mod owner;
mod plan;
mod review;
