//! Anything that has an id, found by it.

#![expect(missing_docs, reason = "the derived methods of the interface have none")]
#![expect(clippy::large_enum_variant, reason = "one is made for an answer and goes with it")]

use async_graphql::{ID, Interface};

use super::enterprise::Enterprise;
use super::file::SourceFile;
use super::owner::Owner;
use super::place::Agency;

/// Anything that has an id of its own and can be read again by it.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id, with the prefix of its noun."))]
pub enum Node {
    /// An enterprise.
    Enterprise(Enterprise),
    /// A person named as owner.
    Owner(Owner),
    /// A file an agency sent.
    SourceFile(SourceFile),
    /// An agency.
    Agency(Agency),
}
