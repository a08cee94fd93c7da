//! Linking.

use async_graphql::{Context, Object, SimpleObject};
use domain::permission::Action;

use super::apart;
use crate::error::Error;
use crate::graphql::page::count;
use crate::graphql::{Ask, Soft, some};
use crate::service;

/// What a run of the engine found.
#[derive(Debug, Clone, SimpleObject)]
pub struct LinkReport {
    /// Rows that are current.
    pub source_records: i32,
    /// Enterprises they are.
    pub enterprises: i32,
    /// Rows beyond the first of their enterprise.
    pub duplicates: i32,
    /// Persons named as owners.
    pub owners: i32,
    /// Pairs a person should look at.
    pub review_pairs: i32,
}

/// Running the engine.
#[derive(Default)]
pub struct LinkageMutation;

#[Object]
impl LinkageMutation {
    /// Finds which rows are the same enterprise, new rows included. Running it again changes nothing.
    async fn link(&self, ctx: &Context<'_>) -> Soft<LinkReport> {
        some(link(ctx).await)
    }
}

async fn link(ctx: &Context<'_>) -> Result<LinkReport, Error> {
    ctx.permit(Action::Link, "link")?;
    let (app, viewer) = (ctx.app().clone(), ctx.viewer().clone());
    let found = apart(async move || service::link::link_for(&app, &viewer).await).await?;
    Ok(LinkReport {
        source_records: count(found.records),
        enterprises: count(found.enterprises),
        duplicates: count(found.duplicates),
        owners: count(found.owners),
        review_pairs: count(found.review_pairs),
    })
}
