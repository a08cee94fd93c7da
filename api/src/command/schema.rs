//! `tunggal schema`.

use crate::error::Error;
use crate::graphql::schema;

/// Prints the schema as `schema.graphql` keeps it.
pub fn run() -> Result<(), Error> {
    super::print(&schema::sdl())
}
