//! What can be changed, by noun.

use async_graphql::MergedObject;

pub mod file;
pub mod linkage;

/// Everything that can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(file::FileMutation, linkage::LinkageMutation);
