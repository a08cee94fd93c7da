//! What changed in the enterprises that a viewer finds.

use std::sync::Arc;

use async_graphql::{Enum, ID, SimpleObject};

use super::enterprise::Enterprise;
use crate::graphql::scalar::DateTime;
use crate::service::enterprise_feed::{self, Change, Changes};

/// What happened to an enterprise among those that you find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "enterprise_feed::ChangeKind")]
pub enum EnterpriseChangeKind {
    /// It is among them now. Take up `enterprise`.
    Entered,
    /// It is among them now, made of rows of `otherId`. Take up `enterprise`.
    SplitFrom,
    /// It is among them, and something of it is otherwise. Put `enterprise` in the place of what you hold.
    Changed,
    /// It is the same enterprise as `otherId`, which stands in the feed by itself. Drop it.
    MergedInto,
    /// It is not among them any more: your rows of it are another enterprise's now, or its use is restricted. Drop
    /// it.
    Left,
    /// The register has it no more: its rows were erased or taken back. Drop it, and forget what you were told.
    Erased,
}

/// A change of one enterprise.
#[derive(Clone, SimpleObject)]
pub struct EnterpriseChange {
    /// What happened.
    pub kind: EnterpriseChangeKind,
    /// To which enterprise. Example: `ent_...`.
    pub enterprise_id: ID,
    /// The enterprise that it was split from or merged into, where you find that. Example: `ent_...`.
    pub other_id: Option<ID>,
    /// When; for what is there at the beginning, since when it is as it is.
    pub at: DateTime,
    /// It as it is now; null when it went.
    pub enterprise: Option<Enterprise>,
}

/// A page of changes in the enterprises that you find.
#[derive(Clone, SimpleObject)]
pub struct EnterpriseFeed {
    /// The changes, the earliest first; of each enterprise one.
    pub changes: Vec<EnterpriseChange>,
    /// From where to go on: the next question's `since`. It does not expire.
    pub cursor: String,
    /// There are more, or there may be: ask again at once. A page may be empty and yet not the last.
    pub has_next_page: bool,
}

/// That there are changes in the enterprises that you find.
#[derive(Debug, Clone, SimpleObject)]
pub struct EnterprisesChanged {
    /// When that was seen.
    pub at: DateTime,
}

impl From<Changes> for EnterpriseFeed {
    fn from(it: Changes) -> EnterpriseFeed {
        let change = |it: Change| EnterpriseChange {
            kind: it.kind.into(),
            enterprise_id: ID(it.enterprise.to_string()),
            other_id: it.other.map(|it| ID(it.to_string())),
            at: DateTime(it.at),
            enterprise: it.row.map(|it| Enterprise(Arc::new(it))),
        };
        EnterpriseFeed {
            changes: it.changes.into_iter().map(change).collect(),
            cursor: it.cursor,
            has_next_page: it.more,
        }
    }
}
