//! How good the links are, as the API shows it.

use async_graphql::SimpleObject;

use crate::graphql::page::count;
use crate::service::quality::{ENOUGH, Estimate, Quality};

/// A share that was estimated.
#[derive(Debug, Clone, SimpleObject)]
pub struct EstimatedShare {
    /// The share, from 0 to 1.
    pub value: f64,
    /// Where its interval of 95 % begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// How good the links are, estimated from stewards' answers to pairs that were drawn by lot, so that it is
/// not an estimate of the hard cases only.
#[derive(Debug, Clone, SimpleObject)]
pub struct LinkageQuality {
    /// Of the pairs of rows that the engine linked, the share that is right; null while too few were
    /// answered.
    pub precision: Option<EstimatedShare>,
    /// Of the right pairs of rows that the engine weighed, the share that it linked; null while too few were
    /// answered. Pairs that no blocking rule proposes are not in it. The interval puts both ends of two
    /// intervals together and is rather too wide.
    pub recall: Option<EstimatedShare>,
    /// Linked pairs that were drawn.
    pub links_drawn: i32,
    /// Linked pairs that were drawn and answered.
    pub links_answered: i32,
    /// Pairs left apart that were drawn.
    pub apart_drawn: i32,
    /// Pairs left apart that were drawn and answered.
    pub apart_answered: i32,
    /// What the figures rest on, or why there are none, in a sentence.
    pub statement: String,
}

impl From<Quality> for LinkageQuality {
    fn from(found: Quality) -> LinkageQuality {
        let share = |it: Estimate| EstimatedShare { value: it.value, low: it.low, high: it.high };
        LinkageQuality {
            statement: statement(&found),
            precision: found.precision.map(share),
            recall: found.recall.map(share),
            links_drawn: count(found.links.0 as u64),
            links_answered: count(found.links.1 as u64),
            apart_drawn: count(found.apart.0 as u64),
            apart_answered: count(found.apart.1 as u64),
        }
    }
}

fn statement(found: &Quality) -> String {
    let rests = format!(
        "{} of {} drawn links and {} of {} drawn pairs left apart are answered",
        found.links.1, found.links.0, found.apart.1, found.apart.0
    );
    let needed = format!("at least {ENOUGH} answers of a kind, and one of each band, are needed");
    match (found.precision, found.recall) {
        (Some(_), Some(_)) => format!("{rests}."),
        (Some(_), None) => format!("{rests}. Too few for the recall: {needed}."),
        (None, _) => format!("{rests}. Too few: {needed}."),
    }
}
