//! The stewards' queue as the API shows it.

use async_graphql::{Context, Enum, ID, Object};
use domain::id::RecordId;
use entity::{review_assignment, review_item};

use super::enterprise::Enterprise;
use super::record::SourceRecord;
use super::why::{Explanation, explain};
use crate::graphql::loader::Loaders;
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, some};

/// What an item of the queue is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ReviewKind {
    /// Two rows of two enterprises: are they one?
    Pair,
    /// Two rows of one enterprise: do they belong together?
    Cluster,
}

impl ReviewKind {
    /// The word for it in the table.
    pub(crate) fn code(self) -> &'static str {
        match self {
            ReviewKind::Pair => "pair",
            ReviewKind::Cluster => "cluster",
        }
    }
}

/// Two rows that wait for a person.
pub struct ReviewItem {
    /// The rows and why they wait.
    pub item: review_item::Model,
    /// Who works on it.
    pub given: Option<review_assignment::Model>,
}

/// Two rows that wait for a person.
#[Object]
impl ReviewItem {
    /// Whether the two are in two enterprises or in one.
    async fn kind(&self) -> ReviewKind {
        if self.item.kind == "pair" { ReviewKind::Pair } else { ReviewKind::Cluster }
    }

    /// Why a person should look. Of a pair: `doubtful`, between the two thresholds; `link_refused`, alike
    /// but the rest of the two enterprises speaks against; `confirm_apart`, kept apart. Of a cluster:
    /// `two_nib`, two valid NIB; `two_nik`, two different NIK; `inner_conflict`, evidence against;
    /// `weak_bridge`, this pair alone holds two groups together; `confirm_link`, linked.
    async fn reason(&self) -> &str {
        &self.item.reason
    }

    /// One row. Example: `rec_...`.
    async fn a(&self, ctx: &Context<'_>) -> ID {
        ctx.named(RecordId(self.item.a))
    }

    /// The other. Example: `rec_...`.
    async fn b(&self, ctx: &Context<'_>) -> ID {
        ctx.named(RecordId(self.item.b))
    }

    /// The two rows, as the agencies wrote them.
    #[graphql(complexity = "2 * child_complexity")]
    async fn records(&self, ctx: &Context<'_>) -> Soft<Vec<SourceRecord>> {
        let ids = [RecordId(self.item.a), RecordId(self.item.b)];
        Some(ctx.data_unchecked::<Loaders>().records(ctx.viewer(), &ids).await)
    }

    /// The enterprise of the two rows, or the two enterprises.
    #[graphql(complexity = "2 * child_complexity")]
    async fn enterprises(&self, ctx: &Context<'_>) -> Soft<Vec<Enterprise>> {
        let rows = [RecordId(self.item.a), RecordId(self.item.b)];
        Some(super::decision::enterprises(ctx, &rows).await)
    }

    /// Match weight in bits.
    async fn weight(&self) -> f64 {
        self.item.weight
    }

    /// The weight as a probability that the two are one enterprise, from 0 to 1.
    async fn probability(&self) -> f64 {
        self.item.probability
    }

    /// How many rows the enterprises have that the answer is about.
    async fn records_at_stake(&self) -> i32 {
        self.item.records
    }

    /// More than one agency knows them, so aid may be given twice, or to one instead of two.
    async fn aid_at_stake(&self) -> bool {
        self.item.aid
    }

    /// One of them holds a NIB, so a lender may read the profile.
    async fn financing_at_stake(&self) -> bool {
        self.item.financing
    }

    /// How near the weight is to the automatic threshold: 1 at it, a half one bit away.
    async fn nearness(&self) -> f64 {
        self.item.nearness
    }

    /// Where it stands in the queue, larger first: the rows at stake, once more where aid is and once more
    /// where financing is, and among equals the nearness. Some items are put elsewhere by lot.
    async fn priority(&self) -> f64 {
        self.item.consequence
    }

    /// The subject of the steward who works on it; null while nobody does.
    async fn assignee(&self) -> Option<&str> {
        self.given.as_ref().map(|it| it.assignee.as_str())
    }

    /// The subject of whoever gave it to her.
    async fn assigned_by(&self) -> Option<&str> {
        self.given.as_ref().map(|it| it.assigned_by.as_str())
    }

    /// When it was given to her.
    async fn assigned_at(&self) -> Option<DateTime> {
        self.given.as_ref().map(|it| DateTime(it.assigned_at))
    }

    /// The evidence, field by field, and what became of the two.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn why(&self, ctx: &Context<'_>) -> Soft<Explanation> {
        some(explain(ctx, RecordId(self.item.a), RecordId(self.item.b)).await)
    }
}
