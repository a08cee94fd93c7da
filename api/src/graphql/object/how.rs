//! How the rows of an enterprise came together, as the API shows it.

use async_graphql::{Enum, ID, SimpleObject};
use domain::id::RecordId;

use crate::service::how::{How, Step, StepCause};

/// Why two groups of rows joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JoinCause {
    /// The evidence between them reaches the threshold.
    Evidence,
    /// A steward said *same*.
    Steward,
    /// What was decided of other rows holds them together.
    Others,
}

/// Two groups of rows that joined.
#[derive(Debug, Clone, SimpleObject)]
pub struct Join {
    /// One group. Example: `rec_...`.
    pub left: Vec<ID>,
    /// The other.
    pub right: Vec<ID>,
    /// The row of the deciding pair that has the lesser id; `why` explains the pair.
    pub a: ID,
    /// The other row of the deciding pair.
    pub b: ID,
    /// The weight of the deciding pair, in bits.
    pub pair_bits: f64,
    /// The bits the join was judged by: the best pair and the mean of all pairs between the two groups.
    pub bits: f64,
    /// Why they joined.
    pub cause: JoinCause,
    /// The decision of the steward, where one joined them. Example: `dec_...`.
    pub decision: Option<ID>,
}

/// The weakest join of an enterprise and what a split there would give.
#[derive(Debug, Clone, SimpleObject)]
pub struct WeakestLink {
    /// Its place in `steps`, from 0.
    pub step: i32,
    /// The join.
    pub link: Join,
    /// The rows on one side without it. Example: `rec_...`.
    pub one: Vec<ID>,
    /// The rows on the other.
    pub other: Vec<ID>,
}

/// How the rows of an enterprise came together.
#[derive(Debug, Clone, SimpleObject)]
pub struct Composition {
    /// The joins in order: the best evidence first, then stewards' decisions. Empty for a single row.
    pub steps: Vec<Join>,
    /// The join with the least evidence that no steward made; null where there is none.
    pub weakest: Option<WeakestLink>,
    /// Bits from which two groups join.
    pub link_bits: f64,
}

impl From<How> for Composition {
    fn from(how: How) -> Composition {
        let steps: Vec<Join> = how.steps.iter().map(join).collect();
        let weakest = how.weakest.map(|(place, [one, other])| WeakestLink {
            step: i32::try_from(place).unwrap_or(i32::MAX),
            link: steps[place].clone(),
            one: ids(&one),
            other: ids(&other),
        });
        Composition { steps, weakest, link_bits: how.link_bits }
    }
}

fn join(step: &Step) -> Join {
    let (cause, decision) = match step.cause {
        StepCause::Evidence => (JoinCause::Evidence, None),
        StepCause::Steward(id) => (JoinCause::Steward, Some(ID(id.to_string()))),
        StepCause::Others => (JoinCause::Others, None),
    };
    Join {
        left: ids(&step.left),
        right: ids(&step.right),
        a: ID(step.pair.0.to_string()),
        b: ID(step.pair.1.to_string()),
        pair_bits: step.pair_bits,
        bits: step.bits,
        cause,
        decision,
    }
}

fn ids(records: &[RecordId]) -> Vec<ID> {
    records.iter().map(|it| ID(it.to_string())).collect()
}
