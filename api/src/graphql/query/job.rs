//! Live sources.

use async_graphql::{Context, Object};
use domain::permission::Action;

use crate::clock;
use crate::error::Error;
use crate::graphql::object::job::Job;
use crate::graphql::{Ask, Soft, some};
use crate::service::schedule;

/// Questions about live sources.
#[derive(Default)]
pub struct JobQuery;

#[Object]
impl JobQuery {
    /// The live sources of your agency, or all for roles that see all: where each stands, when it is pulled next,
    /// what became of the last pull. `progress` tells how far one is that is at work.
    async fn jobs(&self, ctx: &Context<'_>) -> Soft<Vec<Job>> {
        some(jobs(ctx).await)
    }
}

async fn jobs(ctx: &Context<'_>) -> Result<Vec<Job>, Error> {
    ctx.permit(Action::FollowProgress, "jobs")?;
    let jobs = schedule::jobs(ctx.app(), ctx.viewer(), clock::now()).await?;
    Ok(jobs.into_iter().map(Job::from).collect())
}
