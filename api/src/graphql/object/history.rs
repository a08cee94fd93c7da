//! What happened to enterprises, and why.

use async_graphql::{Context, Enum, ID, Object};
use domain::id::{DecisionId, ModelId, RunId};
use domain::permission::Action;
use domain::viewer::Scope;
use domain::visibility::{Origin, origin};

use crate::graphql::loader::{FilesOf, Loaders};
use crate::graphql::scalar::DateTime;
use crate::graphql::{Ask, Soft};
use crate::store::history::{EventKind, StoredEvent};

/// What can happen to an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "EventKind")]
pub enum EnterpriseEventKind {
    /// Its id was given, to `records`.
    Created,
    /// `records` came, from `other` or from no enterprise.
    RecordJoined,
    /// `records` went, to `other` or out of the register.
    RecordLeft,
    /// Its id was retired: `records` went to `other`, which is its heir.
    MergedInto,
    /// The id `other` was retired in favour of this one, and `records` came from it.
    Absorbed,
    /// It was made of `records` of `other`, which lives on.
    SplitFrom,
    /// `other` was made of `records` of this one.
    SplitOff,
    /// Its retired id is in use again, with `records` of `other`.
    Restored,
    /// Its profile changed: new versions of `records`, or an owner told apart anew.
    Changed,
    /// A steward set the value of `attribute`, or took that back.
    ValueOverridden,
    /// Another linkage model was activated.
    ModelChanged,
}

/// What made something happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CauseKind {
    /// Lists that agencies sent: their rows were linked.
    Import,
    /// Everything was linked afresh.
    LinkRun,
    /// A decision of a steward.
    Decision,
    /// A decision was taken back.
    Undo,
    /// Another linkage model was activated.
    ModelActivation,
}

/// Something that happened to an enterprise.
pub struct EnterpriseEvent(pub StoredEvent);

/// Something that happened to an enterprise.
#[Object]
impl EnterpriseEvent {
    /// What happened.
    async fn kind(&self) -> EnterpriseEventKind {
        self.0.kind.into()
    }

    /// The other enterprise, for what happened between two; null where you cannot find it. Example:
    /// `ent_...`.
    #[graphql(complexity = 3)]
    async fn other(&self, ctx: &Context<'_>) -> Soft<ID> {
        let other = self.0.other?;
        if ctx.viewer().scope() == Scope::All {
            return Some(Ok(ctx.named(other)));
        }
        match ctx.data_unchecked::<Loaders>().enterprises(&[other]).await {
            Ok(found) => (!found.is_empty()).then(|| Ok(ctx.named(other))),
            Err(error) => Some(Err(error)),
        }
    }

    /// The rows it is about. Example: `rec_...`.
    async fn records(&self, ctx: &Context<'_>) -> Vec<ID> {
        self.0.records.iter().map(|it| ctx.named(*it)).collect()
    }

    /// The attribute whose value was set or given back. Example: "phone".
    async fn attribute(&self) -> Option<&str> {
        self.0.attribute.as_deref()
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// Nothing remains of it: a decision did it that was taken back exactly, or the taking back did.
    async fn undone(&self) -> bool {
        self.0.undone
    }

    /// What made it happen.
    async fn cause(&self) -> EventCause<'_> {
        EventCause(&self.0)
    }
}

/// What made something happen to an enterprise.
pub struct EventCause<'a>(&'a StoredEvent);

/// What made something happen to an enterprise.
#[Object]
impl EventCause<'_> {
    /// What it was.
    async fn kind(&self) -> CauseKind {
        match self.0.run.cause.as_str() {
            _ if self.0.kind == EventKind::ModelChanged => CauseKind::ModelActivation,
            "decision" | "decisions" => CauseKind::Decision,
            "undo" => CauseKind::Undo,
            "link" => CauseKind::Import,
            "everything" => CauseKind::LinkRun,
            _ => CauseKind::ModelActivation,
        }
    }

    /// The run of the engine that did it. Example: `run_...`.
    async fn run_id(&self) -> ID {
        ID(RunId(self.0.run.id).to_string())
    }

    /// The linkage model of that run. Example: `mdl_...`.
    async fn model_id(&self) -> ID {
        ID(ModelId(self.0.run.model_id).to_string())
    }

    /// The decision that was made or taken back. Example: `dec_...`.
    async fn decision_id(&self) -> Option<ID> {
        self.0.run.subject_id.map(|it| ID(DecisionId(it).to_string()))
    }

    /// The files that brought the rows, for an import; empty for a lender. Example: `fil_...`.
    #[graphql(complexity = 5)]
    async fn files(&self, ctx: &Context<'_>) -> Soft<Vec<ID>> {
        if self.0.run.cause != "link" || origin(ctx.viewer().role) == Origin::Dated {
            return Some(Ok(vec![]));
        }
        let key = FilesOf(self.0.at, self.0.records.clone());
        let loaded = ctx.data_unchecked::<Loaders>().0.load_one(key).await;
        Some(
            loaded.map(|it| {
                it.unwrap_or_default().into_iter().map(|it| ID(it.to_string())).collect()
            }),
        )
    }

    /// The subject of whoever caused it; null at the command line, and for those who may not read the
    /// engine's runs.
    async fn by(&self, ctx: &Context<'_>) -> Option<&str> {
        let shown = ctx.viewer().may(Action::ReadLinkage);
        self.0.run.made_by.as_deref().filter(|_| shown)
    }
}
