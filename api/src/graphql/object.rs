//! The types of the API, by noun: each converts a view and decides nothing.

pub mod access;
pub mod attribute;
pub mod changes;
pub mod consent;
pub mod decision;
pub mod enterprise;
pub mod entity;
pub mod file;
pub mod financing;
pub mod history;
pub mod how;
pub mod inclusion;
pub mod job;
pub mod linkage;
pub mod model;
pub mod node;
pub mod owner;
pub mod pair;
pub mod place;
pub mod quality;
pub mod queue;
pub mod record;
pub mod rights;
pub mod statistics;
pub mod viewer;
pub mod why;
