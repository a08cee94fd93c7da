//! The figures of the register.

use async_graphql::{Context, Object};
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::object::statistics::Statistics;
use crate::graphql::{Ask, Soft, some};
use crate::service;

/// Questions about figures.
#[derive(Default)]
pub struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// The figures of the register as it stands; small counts are suppressed for most roles.
    #[graphql(complexity = "8_000 + 10 * child_complexity")]
    async fn statistics(&self, ctx: &Context<'_>) -> Soft<Statistics> {
        some(figures(ctx).await)
    }
}

async fn figures(ctx: &Context<'_>) -> Result<Statistics, Error> {
    ctx.permit(Action::ReadStatistics, "statistics")?;
    Ok(service::statistics::statistics(ctx.app(), ctx.viewer()).await?.into())
}
