//! What a run or a decision changed in the enterprises, as the API shows it.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::id::EnterpriseId;

use crate::graphql::Ask;
use crate::graphql::page::count;
use crate::service::outcome::Outcome;

/// The most ids of one list.
const SHOWN: usize = 200;

/// What happened to enterprises; each list holds the first 200 by id, each count all.
pub struct EnterpriseChanges(pub Outcome);

/// Two enterprises of which one passed records to the other.
#[derive(Debug, Clone, SimpleObject)]
pub struct EnterprisePassage {
    /// Whose records passed on: retired by a merge, smaller after a split. Example: `ent_...`.
    pub from: ID,
    /// Where they went: the heir of a merge, the new enterprise of a split. Example: `ent_...`.
    pub to: ID,
}

/// What happened to enterprises; each list holds the first 200 by id, each count all.
#[Object]
impl EnterpriseChanges {
    /// How many ids were retired.
    async fn merged_count(&self) -> i32 {
        count(self.0.merged.len() as u64)
    }

    /// Retired ids, each with the enterprise it now leads to.
    async fn merged(&self, ctx: &Context<'_>) -> Vec<EnterprisePassage> {
        passages(ctx, &self.0.merged)
    }

    /// How many enterprises were split off another.
    async fn split_count(&self) -> i32 {
        count(self.0.split.len() as u64)
    }

    /// Enterprises that lost records to a new one, each with that one.
    async fn split(&self, ctx: &Context<'_>) -> Vec<EnterprisePassage> {
        passages(ctx, &self.0.split)
    }

    /// How many ids are new, or in use again.
    async fn created_count(&self) -> i32 {
        count(self.0.created.len() as u64)
    }

    /// Ids that are new, or in use again.
    async fn created(&self, ctx: &Context<'_>) -> Vec<ID> {
        ids(ctx, &self.0.created)
    }

    /// How many enterprises kept their id and changed their records or profile.
    async fn touched_count(&self) -> i32 {
        count(self.0.touched.len() as u64)
    }

    /// Enterprises that kept their id and changed their records or profile.
    async fn touched(&self, ctx: &Context<'_>) -> Vec<ID> {
        ids(ctx, &self.0.touched)
    }
}

fn ids(ctx: &Context<'_>, all: &[EnterpriseId]) -> Vec<ID> {
    all.iter().take(SHOWN).map(|it| ctx.named(*it)).collect()
}

fn passages(ctx: &Context<'_>, all: &[(EnterpriseId, EnterpriseId)]) -> Vec<EnterprisePassage> {
    let passage = |it: &(EnterpriseId, EnterpriseId)| EnterprisePassage {
        from: ctx.named(it.0),
        to: ctx.named(it.1),
    };
    all.iter().take(SHOWN).map(passage).collect()
}
