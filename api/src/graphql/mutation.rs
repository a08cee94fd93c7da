//! What can be changed, by noun.

use async_graphql::MergedObject;
use tokio::runtime::Handle;

use crate::error::Error;

pub mod access;
pub mod consent;
pub mod decision;
pub mod file;
pub mod job;
pub mod linkage;
pub mod model;
pub mod queue;
pub mod rights;
pub mod webhook;

/// Everything that can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    file::FileMutation,
    job::JobMutation,
    linkage::LinkageMutation,
    decision::DecisionMutation,
    model::ModelMutation,
    queue::QueueMutation,
    access::AccessMutation,
    consent::ConsentMutation,
    rights::RightsMutation,
    webhook::WebhookMutation,
);

/// Runs long work on a thread of its own, so that it neither holds up other requests nor ends with the
/// connection of whoever asked for it.
pub(crate) async fn apart<T, Work, Done>(work: Work) -> Result<T, Error>
where
    T: Send + 'static,
    Work: FnOnce() -> Done + Send + 'static,
    Done: Future<Output = Result<T, Error>>,
{
    let runtime = Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work()));
    done.await.map_err(Error::internal)?
}
