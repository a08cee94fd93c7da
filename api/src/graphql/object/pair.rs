//! Pairs of records.

use async_graphql::{Context, ID, Object};
use domain::id::RecordId;

use super::why::{Explanation, explain};
use crate::graphql::{Ask, Soft, some};

/// Two rows that the engine compared.
pub struct Link(pub entity::link_pair::Model);

/// Two rows that the engine compared.
#[Object]
impl Link {
    /// One row. Example: `rec_...`.
    async fn a(&self, ctx: &Context<'_>) -> ID {
        ctx.named(RecordId(self.0.a))
    }

    /// The other. Example: `rec_...`.
    async fn b(&self, ctx: &Context<'_>) -> ID {
        ctx.named(RecordId(self.0.b))
    }

    /// Match weight in bits: above 0 the evidence speaks for one enterprise.
    async fn weight(&self) -> f64 {
        self.0.weight
    }

    /// The weight as a probability that the two are one enterprise, from 0 to 1.
    async fn probability(&self) -> f64 {
        self.0.probability
    }

    /// The two are in one enterprise.
    async fn linked(&self) -> bool {
        self.0.linked
    }

    /// The evidence, field by field, and what became of the two.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn why(&self, ctx: &Context<'_>) -> Soft<Explanation> {
        some(explain(ctx, RecordId(self.0.a), RecordId(self.0.b)).await)
    }
}
