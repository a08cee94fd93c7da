//! Pairs of records, and why they weigh what they weigh.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::id::RecordId;

use super::record::SourceRecord;
use crate::graphql::loader::Loaders;
use crate::graphql::{Ask, Soft};
use crate::service;

/// Two rows that the engine compared.
pub struct Link(pub entity::link_pair::Model);

/// What the engine makes of one field of two rows.
#[derive(Debug, Clone, SimpleObject)]
pub struct FieldEvidence {
    /// The field. Example: "phone".
    pub field: String,
    /// How well the two agree in it. Example: "equal"; "missing" is no evidence.
    pub level: String,
    /// Evidence in bits: log2 of how much likelier this agreement is for one enterprise than for two.
    pub bits: f64,
    /// More bits for how rare the shared value is.
    pub rarity_bits: f64,
    /// What the field says in all, `bits` and `rarityBits` together: above 0 for one enterprise, below 0
    /// against it.
    pub total_bits: f64,
}

/// Why a pair weighs what it weighs; the parts add up to the weight.
#[derive(Debug, Clone, SimpleObject)]
pub struct Explanation {
    /// Bits before any evidence: how seldom two random rows are one enterprise.
    pub prior_bits: f64,
    /// The evidence of each field.
    pub fields: Vec<FieldEvidence>,
    /// Bits given back because the evidence also fits one enterprise that moved or has two owners.
    pub moved_or_two_owners_bits: f64,
    /// Bits taken off because the evidence also fits another business of the same person or at the same
    /// address.
    pub other_business_bits: f64,
    /// The weight, in bits.
    pub weight: f64,
}

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

    /// The evidence, field by field.
    #[graphql(complexity = "20 + 15 * child_complexity")]
    async fn why(&self, ctx: &Context<'_>) -> Soft<Explanation> {
        Some(explain(ctx, &self.0).await)
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

    /// The evidence, field by field.
    #[graphql(complexity = "20 + 15 * child_complexity")]
    async fn why(&self, ctx: &Context<'_>) -> Soft<Explanation> {
        Some(explain(ctx, &self.0).await)
    }
}

async fn explain(
    ctx: &Context<'_>,
    pair: &entity::link_pair::Model,
) -> async_graphql::Result<Explanation> {
    let (a, b) = (RecordId(pair.a), RecordId(pair.b));
    let found = service::link::explain(ctx.app(), a, b).await?;
    let evidence = |it: linkage::score::FieldEvidence| FieldEvidence {
        field: it.field.code().to_owned(),
        level: it.level.to_owned(),
        bits: it.level_bits,
        rarity_bits: it.rarity_bits,
        total_bits: it.level_bits + it.rarity_bits,
    };
    Ok(Explanation {
        prior_bits: found.prior_bits,
        fields: found.fields.into_iter().map(evidence).collect(),
        moved_or_two_owners_bits: found.moved_or_two_owners_bits,
        other_business_bits: found.other_business_bits,
        weight: found.weight_bits,
    })
}
