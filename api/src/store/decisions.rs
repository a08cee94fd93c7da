//! What stewards said, and what became of it.

mod row;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::enterprise::{Attribute, Value};
use domain::id::{DecisionId, EnterpriseId, OwnerId, RecordId, RunId};
use entity::decision;
use linkage::link::{Decision, DecisionKind};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

pub use row::DecisionRow;
use row::{Said, moves_json};

use super::linking::Run;
use super::slice::Slice;
use super::sql::{Execute, Transaction};
use super::{Store, profile_json};
use crate::error::Error;
use crate::sealing::{Place, Sealer, What};

/// What a steward says.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The two records are one enterprise.
    Same(RecordId, RecordId),
    /// They are not, whatever the evidence says.
    Never(RecordId, RecordId),
    /// Nobody can tell from the evidence as it is, which weighs so many bits.
    NotSure(RecordId, RecordId, f64),
    /// The record belongs with none of the others, its enterprise when that was said.
    Split(RecordId, Vec<RecordId>),
    /// The enterprise that has the record has this value, whatever the records say.
    Override(RecordId, Attribute, Value),
}

impl Verdict {
    /// The word for its kind in the table.
    pub fn code(&self) -> &'static str {
        match self {
            Verdict::Same(..) => "same",
            Verdict::Never(..) => "never",
            Verdict::NotSure(..) => "not_sure",
            Verdict::Split(..) => "split",
            Verdict::Override(..) => "override",
        }
    }

    /// The records it speaks of.
    pub fn records(&self) -> Vec<RecordId> {
        match self {
            Verdict::Same(a, b) | Verdict::Never(a, b) | Verdict::NotSure(a, b, _) => vec![*a, *b],
            Verdict::Split(record, others) => {
                std::iter::once(record).chain(others).copied().collect()
            }
            Verdict::Override(record, ..) => vec![*record],
        }
    }

    /// What is left of it when these records are no more.
    pub fn without(self, erased: &HashSet<RecordId>) -> Option<Verdict> {
        match self {
            Verdict::Split(record, mut others) if !erased.contains(&record) => {
                others.retain(|it| !erased.contains(it));
                (!others.is_empty()).then_some(Verdict::Split(record, others))
            }
            other => other.records().iter().all(|it| !erased.contains(it)).then_some(other),
        }
    }

    /// What it binds the engine to, pair by pair.
    pub fn bonds(&self, id: DecisionId) -> Vec<Decision> {
        let bond = |kind, a: &RecordId, b: &RecordId| Decision { id, kind, a: *a, b: *b };
        match self {
            Verdict::Same(a, b) => vec![bond(DecisionKind::Same, a, b)],
            Verdict::Never(a, b) => vec![bond(DecisionKind::Never, a, b)],
            Verdict::Split(record, others) => {
                others.iter().map(|it| bond(DecisionKind::Never, record, it)).collect()
            }
            Verdict::NotSure(..) | Verdict::Override(..) => vec![],
        }
    }
}

/// How things stand with a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
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

impl Status {
    /// The word for it in the table.
    pub fn code(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Standing => "standing",
            Status::Undone => "undone",
            Status::Rejected => "rejected",
            Status::Withdrawn => "withdrawn",
        }
    }

    /// The status with this word.
    pub fn from_code(code: &str) -> Option<Status> {
        use Status::{Pending, Rejected, Standing, Undone, Withdrawn};
        [Pending, Standing, Undone, Rejected, Withdrawn].into_iter().find(|it| it.code() == code)
    }
}

/// Where a run moved a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Its enterprise before.
    pub from: EnterpriseId,
    /// The person it named before.
    pub from_owner: Option<OwnerId>,
    /// Its enterprise after.
    pub to: EnterpriseId,
    /// The person it names after.
    pub to_owner: Option<OwnerId>,
}

/// A decision as stored.
#[derive(Debug, Clone)]
pub struct StoredDecision {
    /// Its id.
    pub id: DecisionId,
    /// What is said.
    pub verdict: Verdict,
    /// How things stand with it.
    pub status: Status,
    /// Who said it.
    pub made_by: String,
    /// What the run moved that put it into force.
    pub moves: HashMap<RecordId, Move>,
    /// That run.
    pub run: Option<RunId>,
}

/// A decision to keep.
#[derive(Debug, Clone)]
pub struct NewDecision {
    /// Its id.
    pub id: DecisionId,
    /// What is said.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Who says it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What happens to a decision together with a run.
#[derive(Debug, Clone)]
pub enum DecisionChange {
    /// It is made and in force.
    Make(NewDecision),
    /// A second person puts it into force.
    Approve(DecisionId),
    /// It is taken back.
    Undo(DecisionId),
}

impl DecisionChange {
    /// Of the moves of a run that several decisions caused, those out of the enterprises that this one speaks
    /// of: what its undoing takes back.
    pub fn of_these(&self, moves: &HashMap<RecordId, Move>) -> HashMap<RecordId, Move> {
        let rows = match self {
            DecisionChange::Make(NewDecision {
                verdict: Verdict::Same(a, b) | Verdict::Never(a, b),
                ..
            }) => [*a, *b],
            _ => return HashMap::new(),
        };
        let left = rows.map(|it| moves.get(&it).map(|it| it.from));
        let of_these = moves.iter().filter(|it| left.contains(&Some(it.1.from)));
        of_these.map(|(record, it)| (*record, *it)).collect()
    }
}

impl Store {
    /// Every decision that is in force, the oldest first.
    pub async fn standing_verdicts(&self) -> Result<Vec<(DecisionId, Verdict)>, Error> {
        let rows = decision::Entity::find()
            .filter(decision::Column::Status.eq(Status::Standing.code()))
            .order_by_asc(decision::Column::Seq)
            .all(self.reader())
            .await?;
        let sealer = self.sealer();
        let read = |it| {
            let row = DecisionRow::opened(it, &sealer)?;
            Ok((DecisionId(row.row.id), verdict(&row)?))
        };
        rows.into_iter().map(read).collect()
    }

    /// One decision.
    pub async fn decision(&self, id: DecisionId) -> Result<Option<StoredDecision>, Error> {
        self.decision_row(id.0).await?.map(to_decision).transpose()
    }

    /// The decision with this id, as stored.
    pub async fn decision_row(&self, id: Uuid) -> Result<Option<DecisionRow>, Error> {
        let query = decision::Entity::find().filter(decision::Column::Id.eq(id));
        let row = query.one(self.reader()).await?;
        row.map(|it| DecisionRow::opened(it, &self.sealer())).transpose()
    }

    /// Keeps a decision that waits for a second person.
    pub async fn propose(&self, new: NewDecision) -> Result<(), Error> {
        insert(self.writer(), &self.sealer(), new, Status::Pending, None, &HashMap::new()).await
    }

    /// Closes a decision that waits for a second person without putting it into force.
    pub async fn settle(
        &self,
        id: DecisionId,
        status: Status,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        decision::Entity::update_many()
            .col_expr(decision::Column::Status, status.code().into())
            .col_expr(decision::Column::SettledBy, by.into())
            .col_expr(decision::Column::SettledAt, at.into())
            .filter(decision::Column::Id.eq(id.0))
            .exec(self.writer())
            .await?;
        Ok(())
    }

    /// The decisions, the latest first, and whether there are more.
    pub async fn decision_page(
        &self,
        status: Option<Status>,
        slice: &Slice,
    ) -> Result<(Vec<DecisionRow>, bool), Error> {
        let rows = decision::Entity::find()
            .filter(slice.bounds(&[Expr::col((decision::Entity, decision::Column::Seq))]))
            .filter(of_status(status))
            .order_by(decision::Column::Seq, slice.direction())
            .limit(slice.limit + 1)
            .all(self.reader())
            .await?;
        let ((rows, more), sealer) = (slice.cut(rows), self.sealer());
        let rows = rows.into_iter().map(|it| DecisionRow::opened(it, &sealer));
        Ok((rows.collect::<Result<_, _>>()?, more))
    }

    /// How many decisions there are.
    pub async fn decision_count(&self, status: Option<Status>) -> Result<u64, Error> {
        Ok(decision::Entity::find().filter(of_status(status)).count(self.reader()).await?)
    }
}

fn of_status(status: Option<Status>) -> sea_orm::Condition {
    let only = status.map(|it| decision::Column::Status.eq(it.code()));
    sea_orm::Condition::all().add_option(only)
}

/// Writes what happens to a decision, as part of the transaction of its run.
pub(super) async fn change(
    transaction: &Transaction,
    sealer: &Sealer,
    change: DecisionChange,
    by: &str,
    run: &Run,
    moves: &HashMap<RecordId, Move>,
) -> Result<(), Error> {
    use decision::Column;
    let (run, at) = (run.id, run.finished_at);
    let update = decision::Entity::update_many();
    let (id, update) = match change {
        DecisionChange::Make(new) => {
            return insert(transaction, sealer, new, Status::Standing, Some(run), moves).await;
        }
        DecisionChange::Approve(id) => {
            let update = update
                .col_expr(Column::Status, Status::Standing.code().into())
                .col_expr(Column::SettledBy, by.into())
                .col_expr(Column::SettledAt, at.into())
                .col_expr(Column::RunId, run.0.into())
                .col_expr(Column::Before, moves_json(moves)?.into());
            (id, update)
        }
        DecisionChange::Undo(id) => {
            let update = update
                .col_expr(Column::Status, Status::Undone.code().into())
                .col_expr(Column::UndoneBy, by.into())
                .col_expr(Column::UndoneAt, at.into());
            (id, update)
        }
    };
    let update = update.filter(Column::Id.eq(id.0)).build(transaction.backend());
    Ok(transaction.execute(update).await?)
}

async fn insert<C: Execute>(
    connection: &C,
    sealer: &Sealer,
    new: NewDecision,
    status: Status,
    run: Option<RunId>,
    moves: &HashMap<RecordId, Move>,
) -> Result<(), Error> {
    let value = match &new.verdict {
        Verdict::Override(_, _, value) => Some(profile_json::write_value(value)),
        _ => None,
    };
    let said = serde_json::to_vec(&Said(value, new.reason))?;
    let mut row = decision::ActiveModel {
        id: Set(new.id.0),
        kind: Set(new.verdict.code().to_owned()),
        status: Set(status.code().to_owned()),
        said: Set(sealer.seal(What::Said, Place::of(new.id.0), &said)?),
        before: Set(moves_json(moves)?),
        run_id: Set(run.map(|it| it.0)),
        made_by: Set(new.by),
        made_at: Set(new.at),
        ..Default::default()
    };
    match new.verdict {
        Verdict::Same(a, b) | Verdict::Never(a, b) => (row.a, row.b) = (Set(a.0), Set(Some(b.0))),
        Verdict::NotSure(a, b, weight) => {
            (row.a, row.b, row.weight) = (Set(a.0), Set(Some(b.0)), Set(Some(weight)));
        }
        Verdict::Split(record, others) => {
            let others: Vec<Uuid> = others.iter().map(|it| it.0).collect();
            (row.a, row.others) = (Set(record.0), Set(Some(serde_json::to_string(&others)?)));
        }
        Verdict::Override(record, attribute, _) => {
            row.a = Set(record.0);
            row.attribute = Set(Some(attribute.code().to_owned()));
        }
    }
    let row = decision::Entity::insert(row).build(connection.backend());
    Ok(connection.execute(row).await?)
}

fn to_decision(row: DecisionRow) -> Result<StoredDecision, Error> {
    let (verdict, row) = (verdict(&row)?, row.row);
    let status = Status::from_code(&row.status);
    Ok(StoredDecision {
        id: DecisionId(row.id),
        verdict,
        status: status.ok_or_else(|| Error::internal("unknown status of a decision"))?,
        moves: row::moves(&row.before)?,
        run: row.run_id.map(RunId),
        made_by: row.made_by,
    })
}

pub(in crate::store) fn verdict(said: &DecisionRow) -> Result<Verdict, Error> {
    let row = &said.row;
    let incomplete = || Error::internal("a decision that is not of its kind");
    let a = RecordId(row.a);
    let b = || row.b.map(RecordId).ok_or_else(incomplete);
    Ok(match row.kind.as_str() {
        "same" => Verdict::Same(a, b()?),
        "never" => Verdict::Never(a, b()?),
        "not_sure" => Verdict::NotSure(a, b()?, row.weight.ok_or_else(incomplete)?),
        "split" => {
            let others: Vec<Uuid> = serde_json::from_str(row.others.as_deref().unwrap_or("[]"))?;
            Verdict::Split(a, others.into_iter().map(RecordId).collect())
        }
        "override" => {
            let attribute = row.attribute.as_deref().and_then(Attribute::from_code);
            let attribute = attribute.ok_or_else(incomplete)?;
            let value = said.value.as_deref();
            let value = value.and_then(|it| profile_json::read_value(attribute, it));
            Verdict::Override(a, attribute, value.ok_or_else(incomplete)?)
        }
        _ => return Err(incomplete()),
    })
}
