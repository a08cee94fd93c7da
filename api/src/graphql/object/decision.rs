//! What stewards said.

use async_graphql::{Context, Enum, ID, Object};
use domain::id::{DecisionId, RecordId, RunId};
use uuid::Uuid;

use super::changes::EnterpriseChanges;
use super::enterprise::Enterprise;
use crate::graphql::loader::Loaders;
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft, some};
use crate::service::models::{outcome, undo_outcome};
use crate::store::decisions::{DecisionRow, Status};

/// A steward's answer about two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DecisionKind {
    /// The two rows are one enterprise.
    Same,
    /// They are not, whatever the evidence says.
    Never,
    /// Nobody can tell: the pair leaves the queue until its evidence changes, and nothing else happens.
    NotSure,
}

/// What a steward said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum VerdictKind {
    /// Two rows are one enterprise.
    Same,
    /// Two rows are not, whatever the evidence says.
    Never,
    /// Nobody can tell of two rows.
    NotSure,
    /// A row belongs with none of those it was in one enterprise with.
    Split,
    /// A value stands above what the rows say.
    Override,
}

/// How things stand with a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum DecisionStatus {
    /// It waits for a second person and has no effect.
    Pending,
    /// It is in force.
    Standing,
    /// It was in force and was taken back.
    Undone,
    /// The second person refused it.
    Rejected,
    /// Who proposed it withdrew it.
    Withdrawn,
}

/// What a steward said; it binds the engine until it is taken back.
pub struct Decision(pub DecisionRow);

impl Decision {
    fn other_rows(&self) -> Vec<RecordId> {
        let ids: Vec<Uuid> = match &self.0.row.others {
            Some(text) => serde_json::from_str(text).unwrap_or_default(),
            None => self.0.row.b.into_iter().collect(),
        };
        ids.into_iter().map(RecordId).collect()
    }
}

/// What a steward said; it binds the engine until it is taken back.
#[Object]
impl Decision {
    /// The decision's id. Example: `dec_...`.
    async fn id(&self, ctx: &Context<'_>) -> ID {
        ctx.named(DecisionId(self.0.row.id))
    }

    /// What was said.
    async fn kind(&self) -> Option<VerdictKind> {
        Some(match self.0.row.kind.as_str() {
            "same" => VerdictKind::Same,
            "never" => VerdictKind::Never,
            "not_sure" => VerdictKind::NotSure,
            "split" => VerdictKind::Split,
            "override" => VerdictKind::Override,
            _ => return None,
        })
    }

    /// How things stand with it. A *same* of different NIKs of sole owners waits for a second person.
    async fn status(&self) -> Option<DecisionStatus> {
        Status::from_code(&self.0.row.status).map(DecisionStatus::from)
    }

    /// The row it is about. Example: `rec_...`.
    async fn a(&self, ctx: &Context<'_>) -> ID {
        ctx.named(RecordId(self.0.row.a))
    }

    /// The other row, where it is about two. Example: `rec_...`.
    async fn b(&self, ctx: &Context<'_>) -> Option<ID> {
        self.0.row.b.map(|it| ctx.named(RecordId(it)))
    }

    /// The rows that `a` was said to belong with, or not to belong with.
    async fn others(&self, ctx: &Context<'_>) -> Vec<ID> {
        self.other_rows().into_iter().map(|it| ctx.named(it)).collect()
    }

    /// The attribute whose value was set. Example: "phone".
    async fn attribute(&self) -> Option<&str> {
        self.0.row.attribute.as_deref()
    }

    /// The enterprises that the rows are in now.
    #[graphql(complexity = "2 * child_complexity")]
    async fn enterprises(&self, ctx: &Context<'_>) -> Soft<Vec<Enterprise>> {
        let mut rows = self.other_rows();
        rows.push(RecordId(self.0.row.a));
        Some(enterprises(ctx, &rows).await)
    }

    /// Why, in the words of the steward.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The subject of the steward who said it.
    async fn made_by(&self) -> &str {
        &self.0.row.made_by
    }

    /// When.
    async fn made_at(&self) -> DateTime {
        DateTime(self.0.row.made_at)
    }

    /// What its run changed in the enterprises; null while none put it into force. One run may put several
    /// decisions into force.
    #[graphql(complexity = "20 + child_complexity")]
    async fn changes(&self, ctx: &Context<'_>) -> Soft<EnterpriseChanges> {
        let run = RunId(self.0.row.run_id?);
        some(outcome(ctx.app(), run).await.map(EnterpriseChanges))
    }

    /// What taking it back changed in the enterprises; null while it was not taken back.
    #[graphql(complexity = "20 + child_complexity")]
    async fn undo_changes(&self, ctx: &Context<'_>) -> Soft<EnterpriseChanges> {
        self.0.row.undone_at?;
        some(undo_outcome(ctx.app(), DecisionId(self.0.row.id)).await.map(EnterpriseChanges))
    }

    /// The run that put it into force; null while none did. Example: `run_...`.
    async fn run_id(&self) -> Option<ID> {
        self.0.row.run_id.map(|it| ID(RunId(it).to_string()))
    }

    /// Who approved, rejected or withdrew it, where it needed a second person.
    async fn settled_by(&self) -> Option<&str> {
        self.0.row.settled_by.as_deref()
    }

    /// When that was.
    async fn settled_at(&self) -> Option<DateTime> {
        self.0.row.settled_at.map(DateTime)
    }

    /// Who took it back; null unless somebody did.
    async fn undone_by(&self) -> Option<&str> {
        self.0.row.undone_by.as_deref()
    }

    /// When it was taken back.
    async fn undone_at(&self) -> Option<DateTime> {
        self.0.row.undone_at.map(DateTime)
    }
}

/// The enterprises that these rows are in, each once.
pub(crate) async fn enterprises(
    ctx: &Context<'_>,
    rows: &[RecordId],
) -> async_graphql::Result<Vec<Enterprise>> {
    let found = ctx.app().store.linked_by_id(&ctx.viewer().scope(), rows).await?;
    let mut ids: Vec<_> = found.into_iter().map(|it| it.enterprise).collect();
    ids.sort();
    ids.dedup();
    ctx.data_unchecked::<Loaders>().enterprises(&ids).await
}
