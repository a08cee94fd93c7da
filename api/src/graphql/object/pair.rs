//! Pairs of records.

use async_graphql::{Context, ID, Object};
use domain::id::RecordId;

use super::record::SourceRecord;
use super::why::{Explanation, explain};
use crate::graphql::loader::Loaders;
use crate::graphql::{Ask, Soft, some};

/// Two rows that the engine compared.
pub struct Link(pub entity::link_pair::Model);

/// Two rows that the engine compared.
#[Object]
impl Link {
    /// One row. Example: `rec_...`.
    async fn a(&self) -> ID {
        ID(RecordId(self.0.a).to_string())
    }

    /// The other. Example: `rec_...`.
    async fn b(&self) -> ID {
        ID(RecordId(self.0.b).to_string())
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

/// Two rows a steward should look at.
pub struct ReviewPair(pub entity::link_pair::Model);

/// Two rows a steward should look at.
#[Object]
impl ReviewPair {
    /// The two rows, as the agencies wrote them.
    #[graphql(complexity = "2 * child_complexity")]
    async fn records(&self, ctx: &Context<'_>) -> Soft<Vec<SourceRecord>> {
        let ids = [RecordId(self.0.a), RecordId(self.0.b)];
        Some(ctx.data_unchecked::<Loaders>().records(ctx.viewer(), &ids).await)
    }

    /// One row. Example: `rec_...`.
    async fn a(&self) -> ID {
        ID(RecordId(self.0.a).to_string())
    }

    /// The other. Example: `rec_...`.
    async fn b(&self) -> ID {
        ID(RecordId(self.0.b).to_string())
    }

    /// Match weight in bits.
    async fn weight(&self) -> f64 {
        self.0.weight
    }

    /// The weight as a probability, from 0 to 1.
    async fn probability(&self) -> f64 {
        self.0.probability
    }

    /// The two are in one enterprise now.
    async fn linked(&self) -> bool {
        self.0.linked
    }

    /// Why a person should look: `doubtful`, `link_refused`, `two_nik` or `inner_conflict`.
    async fn reason(&self) -> &str {
        self.0.review.as_deref().unwrap_or_default()
    }

    /// How many rows change their enterprise if the answer goes against the engine.
    async fn consequence(&self) -> f64 {
        self.0.consequence
    }

    /// The evidence, field by field, and what became of the two.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn why(&self, ctx: &Context<'_>) -> Soft<Explanation> {
        some(explain(ctx, RecordId(self.0.a), RecordId(self.0.b)).await)
    }
}
