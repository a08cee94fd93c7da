//! `tunggal schema`.

use crate::error::Error;
use crate::graphql::{schema, subgraph};

/// Prints the schema as `schema.graphql` keeps it, or as graphs are composed from it.
pub fn run(composed: bool) -> Result<(), Error> {
    if composed { super::print(subgraph::sdl()) } else { super::print(&schema::sdl()) }
}
