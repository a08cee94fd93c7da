//! Pulling live sources out of turn, and stopping pulls.

use async_graphql::{Context, Object};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::job::Job;
use crate::graphql::{Ask, Soft, some};
use crate::service::schedule;

/// Changes to pulls.
#[derive(Default)]
pub struct JobMutation;

#[Object]
impl JobMutation {
    /// Has a live source of your agency pulled as soon as a node looks, within a second or two, whatever its schedule.
    async fn pull_source(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the source, as `jobs` lists it. Example: \"disnaker\".")]
        source: String,
    ) -> Soft<Job> {
        some(pull(ctx, &source).await)
    }

    /// Stops the pull of a live source of your agency that is at work, on whichever node. What was taken stays; the
    /// next pull comes as scheduled.
    async fn cancel_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the source, as `jobs` lists it. Example: \"disnaker\".")]
        source: String,
    ) -> Soft<Job> {
        some(cancel(ctx, &source).await)
    }
}

async fn pull(ctx: &Context<'_>, source: &str) -> Result<Job, Error> {
    ctx.permit(Action::PullSources, "pullSource")?;
    let job = schedule::hurry(ctx.app(), ctx.viewer(), source).await?;
    ctx.ledger().done();
    Ok(Job::from(job))
}

async fn cancel(ctx: &Context<'_>, source: &str) -> Result<Job, Error> {
    ctx.permit(Action::PullSources, "cancelJob")?;
    let job = schedule::cancel(ctx.app(), ctx.viewer(), source).await?;
    ctx.ledger().done();
    Ok(Job::from(job))
}
