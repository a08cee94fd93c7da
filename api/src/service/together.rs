//! Many answers at once, within guard rails: all come into force in one run, or none does.

use domain::id::{DecisionId, RecordId, RunId};
use domain::viewer::Viewer;

use super::decisions::{home, link_new, needs_second, new};
use super::link::{self, Cause, CauseKind};
use crate::app::App;
use crate::error::Error;
use crate::store::decisions::Verdict;

/// The most pairs of one call.
pub const AT_ONCE: usize = 100;

/// One answer to many pairs.
#[derive(Debug, Clone)]
pub struct Order {
    /// They are one enterprise each; otherwise none of them is.
    pub same: bool,
    /// The pairs, each once.
    pub pairs: Vec<(RecordId, RecordId)>,
    /// How many the steward means to answer.
    pub expected: usize,
    /// Every pair must be at least so probable for *same*, at most so for *never*; from 0 to 1.
    pub probability: f64,
    /// Why.
    pub reason: String,
}

/// What many answers came to.
#[derive(Debug, Clone)]
pub struct Done {
    /// The decisions, in the order of the pairs.
    pub decisions: Vec<DecisionId>,
    /// The run that put them into force.
    pub run: RunId,
}

/// Answers every pair of `order`.
///
/// Refuses, and changes nothing, when a pair is not open in the queue, lies beyond the stated probability,
/// or needs a second person; when there are more or fewer than expected; and when the answers contradict
/// each other or one in force.
pub async fn decide_together(app: &App, by: &Viewer, order: Order) -> Result<Done, Error> {
    if order.pairs.is_empty() || AT_ONCE < order.pairs.len() {
        return Err(Error::invalid("pairs", format!("must be 1 to {AT_ONCE}")));
    }
    if order.pairs.len() != order.expected {
        let found = order.pairs.len();
        return Err(Error::invalid("expected", format!("there are {found} different pairs")));
    }
    let bounds = if order.same { 0.5..=1.0 } else { 0.0..=0.5 };
    if !bounds.contains(&order.probability) {
        let reason = "must be from 0.5 to 1 for SAME and from 0 to 0.5 for NEVER";
        return Err(Error::invalid("probability", reason));
    }
    let _turn = app.store.run_lock().await?;
    link_new(app).await?;
    let mut made = Vec::with_capacity(order.pairs.len());
    for (a, b) in order.pairs {
        let item = app.store.review_item(a, b).await?.ok_or_else(|| {
            Error::Conflict(format!("{a} and {b} do not wait in the queue any more"))
        })?;
        let beyond = match order.same {
            true => item.probability < order.probability,
            false => order.probability < item.probability,
        };
        if beyond {
            let refusal = format!("{a} and {b} lie beyond the stated probability");
            return Err(Error::Conflict(refusal));
        }
        let pair = ((a, home(app, a).await?), (b, home(app, b).await?));
        if order.same && needs_second(app, pair.0, pair.1).await? {
            let refusal = format!("{a} and {b} need a second person; answer them by themselves");
            return Err(Error::Conflict(refusal));
        }
        let verdict = if order.same { Verdict::Same(a, b) } else { Verdict::Never(a, b) };
        made.push(new(by, verdict, &order.reason));
    }
    let decisions = made.iter().map(|it| it.id).collect();
    let cause = Cause { kind: CauseKind::Together(made), by: Some(by.subject.clone()) };
    link::run(app, cause).await?;
    let run = app.store.last_run().await?.ok_or_else(|| Error::internal("no run was kept"))?;
    Ok(Done { decisions, run: RunId(run.id) })
}
