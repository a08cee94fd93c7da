//! Reliability: of the pairs that are given probability p, whether a share p is true.

/// The probabilities between the bands of [`bands`].
pub const EDGES: [f64; 8] = [0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999];

/// The pairs of one band of probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The least probability of the band.
    pub from: f64,
    /// The least probability of the next band; 1 for the last.
    pub to: f64,
    /// How many pairs it has.
    pub pairs: usize,
    /// The mean of their probabilities: the share that should be true.
    pub expected: f64,
    /// The share that is true.
    pub actual: f64,
}

/// The bands that have pairs, from the least probable on. Each pair comes with its probability and whether
/// it is true.
pub fn bands(pairs: impl IntoIterator<Item = (f64, bool)>) -> Vec<Band> {
    let mut sums = [(0_usize, 0.0, 0_usize); EDGES.len() + 1];
    for (probability, is_true) in pairs {
        let sum = &mut sums[EDGES.iter().filter(|it| **it <= probability).count()];
        sum.0 += 1;
        sum.1 += probability;
        sum.2 += usize::from(is_true);
    }
    let band = |(place, (pairs, probability, right)): (usize, (usize, f64, usize))| {
        let share = |it: f64| it / pairs as f64;
        (0 < pairs).then(|| Band {
            from: place.checked_sub(1).map_or(0.0, |it| EDGES[it]),
            to: EDGES.get(place).copied().unwrap_or(1.0),
            pairs,
            expected: share(probability),
            actual: share(right as f64),
        })
    };
    sums.into_iter().enumerate().filter_map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_compares_what_was_said_with_what_is() {
        let found = bands([(0.9, true), (0.86, true), (0.88, false), (0.005, false), (1.0, true)]);
        let told: Vec<_> = found.iter().map(|it| (it.from, it.to, it.pairs)).collect();
        assert_eq!(told, [(0.0, 0.01, 1), (0.8, 0.95, 3), (0.999, 1.0, 1)]);
        assert!((found[1].expected - 0.88).abs() < 1e-9);
        assert!((found[1].actual - 2.0 / 3.0).abs() < 1e-9);
    }
}
