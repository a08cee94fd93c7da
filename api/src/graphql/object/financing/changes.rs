//! What changed in an institution's financing view.

use async_graphql::{Enum, ID, SimpleObject};

use super::FinancingRow;
use crate::graphql::scalar::{Date, DateTime};
use crate::service::financing::feed;

/// What happened to an enterprise in a financing view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "feed::ChangeKind")]
pub enum FinancingChangeKind {
    /// It is in the view now. Take up `row`.
    Entered,
    /// It is in the view now, made of rows of `otherId`. Take up `row`.
    SplitFrom,
    /// It is in the view, and what `matters` names is otherwise. Put `row` in the place of what you hold.
    Changed,
    /// It is not in the view any more, for none of the reasons below: its use is restricted, or the row whose
    /// person had agreed is another enterprise's now. Drop it.
    Left,
    /// It is the same enterprise as `otherId`, which stands in the feed by itself. Drop it.
    MergedInto,
    /// The owner took her consent back. Drop it, and forget what you were told of it.
    ConsentWithdrawn,
    /// The time of the consent is over. Drop it, and forget what you were told of it.
    ConsentExpired,
    /// The register has it no more: its rows were erased or taken back. Drop it, and forget what you were told.
    Erased,
}

/// A part of what is told of an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "feed::Matter")]
pub enum FinancingMatter {
    /// Status, ceilings, and the rules that make them so.
    Status,
    /// Papers that are missing, and what they would give.
    Papers,
    /// What became of the rules.
    Rules,
    /// The evidence of the rules.
    Evidence,
    /// The profile.
    Profile,
}

/// A change of one enterprise in a financing view.
#[derive(Clone, SimpleObject)]
pub struct FinancingChange {
    /// What happened.
    pub kind: FinancingChangeKind,
    /// To which enterprise. It is named though it went, so that you drop it.
    pub enterprise_id: ID,
    /// The enterprise that it was split from or merged into; null when you do not find that one.
    pub other_id: Option<ID>,
    /// What of it is otherwise since your cursor; empty unless it changed.
    pub matters: Vec<FinancingMatter>,
    /// When that was seen.
    pub at: DateTime,
    /// It as it is now; null when it went.
    pub row: Option<FinancingRow>,
}

/// A page of changes in a financing view.
#[derive(Clone, SimpleObject)]
pub struct FinancingChanges {
    /// The changes, the earliest first; of each enterprise the last alone.
    pub changes: Vec<FinancingChange>,
    /// From where to go on: the next question's `since`. It does not expire.
    pub cursor: String,
    /// There are more, or there may be: ask again at once. A page may be empty and yet not the last.
    pub has_next_page: bool,
    /// The day whose rules and facts were taken.
    pub as_of: Date,
    /// The fingerprint of the rules.
    pub fingerprint: String,
}

impl From<feed::Changes> for FinancingChanges {
    fn from(it: feed::Changes) -> FinancingChanges {
        let change = |it: feed::Change| FinancingChange {
            kind: it.kind.into(),
            enterprise_id: ID(it.enterprise.to_string()),
            other_id: it.other.map(|it| ID(it.to_string())),
            matters: it.matters.into_iter().map(Into::into).collect(),
            at: DateTime(chrono::DateTime::from_timestamp_millis(it.at).unwrap_or_default()),
            row: it.row.map(FinancingRow::from),
        };
        FinancingChanges {
            changes: it.changes.into_iter().map(change).collect(),
            cursor: it.cursor,
            has_next_page: it.more,
            as_of: Date(it.on),
            fingerprint: it.fingerprint,
        }
    }
}
