//! How good the links are, estimated from stewards' answers to the pairs that were drawn by lot.
//!
//! Each drawn pair stands for as many as one over the probability with which it was drawn (Horvitz and
//! Thompson). Within a stratum the pairs that were answered stand for those that were not. The interval is
//! Wilson's, for as many answers as the weighted ones are worth.

use std::collections::{BTreeMap, HashMap};

use domain::id::RecordId;
use linkage::link::DecisionKind;

use crate::app::App;
use crate::error::Error;
use crate::service::link::standing_bonds;

/// So many answers at least, or no estimate is given.
pub const ENOUGH: usize = 30;
/// The quantile of 95 %.
const Z: f64 = 1.96;

/// A share with its interval of 95 %; each between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The share.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// One stratum of the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// The engine had linked its pairs.
    pub linked: bool,
    /// Its band of probability, from 0.
    pub band: i16,
    /// How many pairs it has, as estimated from the sample.
    pub pairs: f64,
    /// How many were drawn.
    pub drawn: usize,
    /// How many of them were answered *same*.
    pub same: usize,
    /// How many of them were answered *never*.
    pub never: usize,
}

/// What the answers say of the links.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// Of the linked pairs, the share that is right.
    pub precision: Option<Estimate>,
    /// Of the right pairs that were weighed, the share that is linked.
    pub recall: Option<Estimate>,
    /// Linked pairs drawn, and answered.
    pub links: (usize, usize),
    /// Pairs left apart drawn, and answered.
    pub apart: (usize, usize),
    /// The strata, in order.
    pub strata: Vec<Stratum>,
}

/// What stewards' answers say of the links under the active model.
pub async fn quality(app: &App) -> Result<Quality, Error> {
    let mut answers: HashMap<(RecordId, RecordId), bool> = HashMap::new();
    for it in standing_bonds(app).await? {
        let same = match it.kind {
            DecisionKind::Same => true,
            DecisionKind::Never => false,
        };
        answers.insert((it.a.min(it.b), it.a.max(it.b)), same);
    }
    let sample = app.store.quality_sample(None).await?;
    let drawn = sample.iter().map(|it| Drawn {
        stratum: (it.linked, it.band),
        stands_for: 1.0 / it.inclusion,
        answer: answers.get(&(RecordId(it.a), RecordId(it.b))).copied(),
    });
    Ok(estimate(drawn))
}

/// A drawn pair.
struct Drawn {
    stratum: (bool, i16),
    stands_for: f64,
    answer: Option<bool>,
}

fn estimate(drawn: impl Iterator<Item = Drawn>) -> Quality {
    let mut strata: BTreeMap<(bool, i16), Stratum> = BTreeMap::new();
    for it in drawn {
        let (linked, band) = it.stratum;
        let empty = Stratum { linked, band, pairs: 0.0, drawn: 0, same: 0, never: 0 };
        let stratum = strata.entry(it.stratum).or_insert(empty);
        stratum.pairs += it.stands_for;
        stratum.drawn += 1;
        stratum.same += usize::from(it.answer == Some(true));
        stratum.never += usize::from(it.answer == Some(false));
    }
    let strata: Vec<Stratum> = strata.into_values().collect();
    let (linked, apart): (Vec<Stratum>, Vec<Stratum>) = strata.iter().partition(|it| it.linked);
    let count = |of: &[Stratum]| {
        let drawn = of.iter().map(|it| it.drawn).sum();
        (drawn, of.iter().map(|it| it.same + it.never).sum())
    };
    let (right, missed) = (share(&linked), share(&apart));
    let size = |of: &[Stratum]| of.iter().map(|it| it.pairs).sum::<f64>();
    let (links, left) = (size(&linked), size(&apart));
    let of = |right: f64, missed: f64| {
        let all = links * right + left * missed;
        if all == 0.0 { 1.0 } else { links * right / all }
    };
    let recall = right.zip(missed).map(|(right, missed)| Estimate {
        value: of(right.value, missed.value),
        low: of(right.low, missed.high),
        high: of(right.high, missed.low),
    });
    Quality { precision: right, recall, links: count(&linked), apart: count(&apart), strata }
}

/// The share of *same* among the pairs of `strata`. `None` while fewer than [`ENOUGH`] are answered, or a
/// stratum has none: nothing can be said of it then. Where there are no pairs the share is 0.
fn share(strata: &[Stratum]) -> Option<Estimate> {
    if strata.is_empty() {
        return Some(Estimate { value: 0.0, low: 0.0, high: 0.0 });
    }
    let answered = |it: &Stratum| (it.same + it.never) as f64;
    let total: f64 = strata.iter().map(|it| it.pairs).sum();
    let all: f64 = strata.iter().map(answered).sum();
    let whole = strata.iter().map(|it| it.drawn).sum::<usize>() as f64 == all;
    if strata.iter().any(|it| answered(it) == 0.0) || (all < ENOUGH as f64 && !whole) {
        return None;
    }
    let (mut value, mut spread) = (0.0, 0.0);
    for it in strata {
        let weight = it.pairs / total;
        value += weight * it.same as f64 / answered(it);
        spread += weight * weight / answered(it);
    }
    Some(wilson(value, 1.0 / spread))
}

/// Wilson's interval for a share found in so many answers.
fn wilson(value: f64, answers: f64) -> Estimate {
    let square = Z * Z;
    let middle = (value + square / (2.0 * answers)) / (1.0 + square / answers);
    let half = Z / (1.0 + square / answers)
        * (value * (1.0 - value) / answers + square / (4.0 * answers * answers)).sqrt();
    Estimate { value, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(
        linked: bool,
        band: i16,
        rate: f64,
        same: usize,
        never: usize,
        open: usize,
    ) -> Vec<Drawn> {
        let answers = [(same, Some(true)), (never, Some(false)), (open, None)];
        let of = |answer| Drawn { stratum: (linked, band), stands_for: 1.0 / rate, answer };
        answers.iter().flat_map(|(count, answer)| (0..*count).map(|_| of(*answer))).collect()
    }

    #[test]
    fn a_pair_stands_for_as_many_as_its_rate_says() {
        // 2,000 sure links, 5 % of which are wrong, and 50 doubtful ones, half of them wrong.
        let mut all = drawn(true, 6, 0.01, 19, 1, 0);
        all.extend(drawn(true, 3, 1.0, 25, 25, 0));
        all.extend(drawn(false, 0, 0.01, 0, 40, 0));
        let found = estimate(all.into_iter());
        let precision = found.precision.unwrap();
        assert!((precision.value - (0.95 * 2_000.0 + 25.0) / 2_050.0).abs() < 1e-9);
        assert!(0.75 < precision.low && precision.low < precision.value);
        assert!(precision.value < precision.high && precision.high <= 1.0);
        let recall = found.recall.unwrap();
        assert_eq!(recall.value, 1.0);
        assert!(recall.low < 0.9, "40 answers do not rule out that 4,000 pairs hide some");
    }

    #[test]
    fn too_few_answers_give_no_figure() {
        let found = estimate(drawn(true, 6, 0.1, 29, 0, 5).into_iter());
        assert_eq!((found.precision, found.links), (None, (34, 29)));
        let mut all = drawn(true, 6, 0.1, 40, 0, 0);
        all.extend(drawn(true, 5, 0.1, 0, 0, 3));
        assert_eq!(estimate(all.into_iter()).precision, None, "a stratum without an answer");
    }

    #[test]
    fn wilsons_interval_is_the_textbooks() {
        let found = wilson(0.9, 100.0);
        assert!((found.low - 0.826).abs() < 1e-3 && (found.high - 0.945).abs() < 1e-3);
    }
}
