//! The random sample that the quality of the links is estimated from.
//!
//! Chance is a hash of the two records, so the same register gives the same sample on every machine and no
//! steward can see it coming. Pairs are drawn within strata, linked or apart by band of probability, so that
//! the many easy ones do not hide the few hard ones. A pair enters a stratum once, with the stratum's rate
//! at that moment, and that rate is kept beside it.

use std::collections::{BTreeMap, HashMap};

use domain::id::{ModelId, RecordId};
use entity::quality_sample;
use linkage::model::Model;
use uuid::Uuid;

use super::queue::Found;

/// Probabilities between the bands.
pub const BANDS: [f64; 6] = [0.01, 0.1, 0.5, 0.9, 0.98, 0.999];
/// About so many pairs are drawn in each stratum, all where there are fewer.
const PER_STRATUM: f64 = 24.0;

type Pair = (RecordId, RecordId);
/// Linked or apart, and the band of probability.
pub(super) type Stratum = (bool, i16);

/// The band of a probability, from 0.
fn band(probability: f64) -> i16 {
    BANDS.iter().filter(|it| **it <= probability).count() as i16
}

/// A number from 0 to 1 that `pair` draws, the same each time.
pub(super) fn lot((a, b): Pair, what: &str) -> f64 {
    let name = [a.0.as_bytes(), b.0.as_bytes(), what.as_bytes()].concat();
    let drawn = Uuid::new_v5(&domain::id::NAMESPACE, &name).as_u128() >> 75;
    drawn as f64 / (1_u64 << 53) as f64
}

/// The sample under `model` after a run: what was `known` of it and still holds, and what is new; `rates` are
/// the least with which a pair of each stratum was drawn so far.
pub(super) fn draw(
    found: &Found<'_>,
    model: ModelId,
    known: &[quality_sample::Model],
    mut rates: HashMap<Stratum, f64>,
) -> Vec<quality_sample::Model> {
    let mut sizes: HashMap<Stratum, usize> = HashMap::new();
    each(found, |_, stratum| *sizes.entry(stratum).or_default() += 1);
    // A rate never rises, so that each pair was drawn with the rate kept beside it.
    for (stratum, size) in sizes {
        let rate = rates.entry(stratum).or_insert(1.0);
        *rate = rate.min(self::rate(size));
    }
    let known: HashMap<Pair, &quality_sample::Model> =
        known.iter().map(|it| ((RecordId(it.a), RecordId(it.b)), it)).collect();
    let settled = known.iter().filter(|it| found.settled.contains(it.0));
    let mut sample: BTreeMap<Pair, quality_sample::Model> =
        settled.map(|(pair, it)| (*pair, (*it).clone())).collect();
    each(found, |pair, stratum| {
        let holds = known.get(&pair).filter(|it| (it.linked, it.band) == stratum);
        if let Some(it) = holds {
            sample.entry(pair).or_insert_with(|| (*it).clone());
        } else if lot(pair, "sample") < rates[&stratum] {
            sample.entry(pair).or_insert_with(|| quality_sample::Model {
                model_id: model.0,
                a: pair.0.0,
                b: pair.1.0,
                linked: stratum.0,
                band: stratum.1,
                inclusion: rates[&stratum],
            });
        }
    });
    sample.into_values().collect()
}

/// The largest power of a half that draws about as many as are wanted.
fn rate(size: usize) -> f64 {
    (PER_STRATUM / size as f64).log2().ceil().min(0.0).exp2()
}

/// Visits every pair that the engine weighed or linked, with its stratum. One that a steward spoke of counts
/// as the engine would have it by its own weight.
fn each(found: &Found<'_>, mut visit: impl FnMut(Pair, Stratum)) {
    let pairs = &found.linkage.pairs;
    for it in pairs {
        let pair = (it.a, it.b);
        let by_weight = found.model.link_bits <= it.weight_bits;
        let linked = if found.settled.contains(&pair) { by_weight } else { it.linked };
        visit(pair, (linked, band(it.probability)));
    }
    // Records linked through others, too unlike to be kept as a pair.
    let unlike = band(Model::probability(found.model.settings.floor_bits));
    for (_, records) in found.reached() {
        for (place, a) in records.iter().enumerate() {
            for b in &records[place + 1..] {
                let pair = (*a.min(b), *a.max(b));
                if pairs.binary_search_by_key(&pair, |it| (it.a, it.b)).is_err() {
                    visit(pair, (!found.settled.contains(&pair), unlike));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stratum_is_drawn_whole_or_at_a_power_of_a_half() {
        assert_eq!(rate(3), 1.0);
        assert_eq!(rate(24), 1.0);
        assert_eq!(rate(50), 0.5);
        assert!((0.01..0.05).contains(&rate(1_000)));
    }

    #[test]
    fn lots_are_spread_evenly() {
        let id = |it: u128| RecordId(Uuid::from_u128(it));
        let below = (0..2_000).filter(|it| lot((id(*it), id(it + 1)), "sample") < 0.25).count();
        assert!((430..570).contains(&below), "{below}");
    }
}
