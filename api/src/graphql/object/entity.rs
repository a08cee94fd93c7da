//! What other graphs extend: the entities of Apollo Federation.

use async_graphql::{SimpleObject, Union};

use super::enterprise::Enterprise;
use super::owner::Owner;
use super::place::{Agency, Kbli, Kecamatan, Kelurahan};

/// What another graph may name by a key and extend with fields of its own.
#[derive(Union)]
#[graphql(name = "_Entity")]
pub enum Entity {
    /// By `id`, or by `nibKey`.
    Enterprise(Enterprise),
    /// By `id`.
    Owner(Owner),
    /// By `id`.
    Agency(Agency),
    /// By `code`.
    Kelurahan(Kelurahan),
    /// By `code`.
    Kecamatan(Kecamatan),
    /// By `code`.
    Kbli(Kbli),
}

/// What this graph is to a federation of graphs.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
pub struct Service {
    /// The schema with the directives of Apollo Federation 2, as graphs are composed from it.
    pub sdl: String,
}
