//! A decision's row, opened.

use entity::decision;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sealing::{Place, Sealer, What};

/// A decision as its row has it.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRow {
    /// The row.
    pub row: decision::Model,
    /// The value that is set, as profiles write it.
    pub value: Option<String>,
    /// Why, in the words of the steward.
    pub reason: String,
}

/// What is sealed of a decision: value and reason.
#[derive(Serialize, Deserialize)]
pub(super) struct Said(pub(super) Option<String>, pub(super) String);

impl DecisionRow {
    pub(in crate::store) fn opened(
        mut row: decision::Model,
        sealer: &Sealer,
    ) -> Result<DecisionRow, Error> {
        let said = sealer.open(What::Said, Place::of(row.id), &mut row.said)?;
        let Said(value, reason) = serde_json::from_slice(said)?;
        Ok(DecisionRow { row, value, reason })
    }
}
