//! A decision's row, opened, and what stands in it as JSON.

use std::collections::HashMap;

use domain::id::{EnterpriseId, OwnerId, RecordId};
use entity::decision;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Move;
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

/// A move: enterprise and person before, enterprise and person after.
#[derive(Serialize, Deserialize)]
struct MoveJson(Uuid, Option<Uuid>, Uuid, Option<Uuid>);

pub(super) fn moves_json(moves: &HashMap<RecordId, Move>) -> Result<String, Error> {
    let written = |it: &Move| {
        MoveJson(it.from.0, it.from_owner.map(|it| it.0), it.to.0, it.to_owner.map(|it| it.0))
    };
    let moves: HashMap<Uuid, MoveJson> =
        moves.iter().map(|(record, it)| (record.0, written(it))).collect();
    Ok(serde_json::to_string(&moves)?)
}

/// Reads what [`moves_json`] wrote.
pub(super) fn moves(json: &str) -> Result<HashMap<RecordId, Move>, Error> {
    let moves: HashMap<Uuid, MoveJson> = serde_json::from_str(json)?;
    let read = |it: MoveJson| Move {
        from: EnterpriseId(it.0),
        from_owner: it.1.map(OwnerId),
        to: EnterpriseId(it.2),
        to_owner: it.3.map(OwnerId),
    };
    Ok(moves.into_iter().map(|(record, it)| (RecordId(record), read(it))).collect())
}
