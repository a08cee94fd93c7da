//! How the records of one enterprise came together: the joins in order, the weakest of them, and what would
//! fall apart without it.
//!
//! The joins are worked out again from the weights of the pairs by the rule the engine clusters by, so they
//! depend on nothing but the records, the weights and the stewards' bonds.

/// How joins are judged; the same figures as in clustering.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Bits from which two groups join.
    pub threshold: f64,
    /// The part of a join that its best pair decides; the mean of all pairs decides the rest. From 0 to 1.
    pub best_share: f64,
    /// Bits a pair counts at most for or against.
    pub cap: f64,
}

/// Why two groups joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The evidence between them reaches the threshold.
    Evidence,
    /// A steward's *same*, by its place in the list that was given.
    Same(usize),
    /// Neither: what was decided of other records holds them together.
    Others,
}

/// Two groups of records that joined; records by their position.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// One group, in order.
    pub left: Vec<usize>,
    /// The other, in order.
    pub right: Vec<usize>,
    /// The pair between them that weighs most, or that the steward named.
    pub pair: (usize, usize),
    /// The bits of that pair, uncapped.
    pub pair_bits: f64,
    /// What the join was judged by: best pair and mean of all pairs.
    pub bits: f64,
    /// Why.
    pub cause: Cause,
}

/// The joins that make one group of `size` records, in the order they happen: the best evidence first, then
/// the stewards' bonds, then what is left. One fewer than the records.
pub fn steps(
    size: usize,
    same: &[(usize, usize)],
    rule: Rule,
    weight: &dyn Fn(usize, usize) -> f64,
) -> Vec<Step> {
    let weights: Vec<f64> = (0..size * size)
        .map(|it| (it / size, it % size))
        .map(|(a, b)| if a < b { weight(a, b) } else { 0.0 })
        .collect();
    let bits_of = |a: usize, b: usize| weights[a.min(b) * size + a.max(b)];
    let mut groups: Vec<Vec<usize>> = (0..size).map(|it| vec![it]).collect();
    let mut steps = vec![];
    while 1 < groups.len() {
        let (mut best, mut step) = (f64::NEG_INFINITY, (0, 1));
        for one in 0..groups.len() {
            for two in one + 1..groups.len() {
                let bits = judged(&groups[one], &groups[two], rule, &bits_of);
                if best < bits {
                    (best, step) = (bits, (one, two));
                }
            }
        }
        let mut cause = Cause::Evidence;
        let mut named = None;
        if best < rule.threshold {
            cause = Cause::Others;
            let home = |record: usize| groups.iter().position(|it| it.contains(&record));
            let apart = |(_, (a, b)): &(usize, &(usize, usize))| home(*a) != home(*b);
            if let Some((place, pair)) = same.iter().enumerate().find(apart)
                && let (Some(one), Some(two)) = (home(pair.0), home(pair.1))
            {
                (cause, named) = (Cause::Same(place), Some(*pair));
                step = (one.min(two), one.max(two));
            }
        }
        let right = groups.remove(step.1);
        let left = groups[step.0].clone();
        let pair = named.unwrap_or_else(|| strongest(&left, &right, &bits_of));
        steps.push(Step {
            pair,
            pair_bits: bits_of(pair.0, pair.1),
            bits: judged(&left, &right, rule, &bits_of),
            cause,
            left,
            right: right.clone(),
        });
        groups[step.0].extend(right);
        groups[step.0].sort_unstable();
    }
    steps
}

/// The place of the step with the least bits that no steward made; between equals the first.
pub fn weakest(steps: &[Step]) -> Option<usize> {
    let open = steps.iter().enumerate().filter(|it| !matches!(it.1.cause, Cause::Same(_)));
    open.min_by(|x, y| x.1.bits.total_cmp(&y.1.bits)).map(|it| it.0)
}

/// The two groups that the records fall into when the pair of the step at `without` holds them together no
/// more and the pairs of all other steps do.
pub fn parts(size: usize, steps: &[Step], without: usize) -> [Vec<usize>; 2] {
    let Some(start) = steps.get(without).map(|it| it.pair.0) else { return [vec![], vec![]] };
    let mut here = vec![false; size];
    here[start] = true;
    let pairs: Vec<(usize, usize)> =
        steps.iter().enumerate().filter(|it| it.0 != without).map(|it| it.1.pair).collect();
    // As many rounds as there are records reach every one.
    for _ in 0..size {
        for (a, b) in &pairs {
            let either = here[*a] || here[*b];
            (here[*a], here[*b]) = (either, either);
        }
    }
    let side = |of: bool| (0..size).filter(|it| here[*it] == of).collect();
    [side(true), side(false)]
}

fn judged(
    left: &[usize],
    right: &[usize],
    rule: Rule,
    bits_of: &dyn Fn(usize, usize) -> f64,
) -> f64 {
    let (mut sum, mut best) = (0.0, f64::NEG_INFINITY);
    for a in left {
        for b in right {
            let bits = bits_of(*a, *b).clamp(-rule.cap, rule.cap);
            sum += bits;
            best = f64::max(best, bits);
        }
    }
    let mean = sum / (left.len() * right.len()) as f64;
    rule.best_share * best + (1.0 - rule.best_share) * mean
}

fn strongest(
    left: &[usize],
    right: &[usize],
    bits_of: &dyn Fn(usize, usize) -> f64,
) -> (usize, usize) {
    let mut found = (f64::NEG_INFINITY, (left[0], right[0]));
    for a in left {
        for b in right {
            let bits = bits_of(*a, *b);
            if found.0 < bits {
                found = (bits, (*a.min(b), *a.max(b)));
            }
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { threshold: 3.0, best_share: 0.6, cap: 12.0 };

    /// The steps of four records as `left + right cause`, and the two parts without the weakest.
    fn check(
        weights: &[(usize, usize, f64)],
        same: &[(usize, usize)],
        expected: &[&str],
        apart: &str,
    ) {
        let weight = |a: usize, b: usize| {
            weights.iter().find(|it| (it.0, it.1) == (a, b)).map_or(-1.0, |it| it.2)
        };
        let found = steps(4, same, RULE, &weight);
        let told: Vec<String> = found
            .iter()
            .map(|it| format!("{:?} + {:?} {:?}", it.left, it.right, it.cause))
            .collect();
        assert_eq!(told, expected);
        let [one, other] = parts(4, &found, weakest(&found).unwrap());
        assert_eq!(format!("{one:?} {other:?}"), apart);
    }

    #[test]
    fn the_best_evidence_joins_first_and_the_weakest_link_parts() {
        check(
            &[(0, 1, 9.0), (2, 3, 11.0), (1, 2, 9.0), (0, 2, 6.0), (1, 3, 5.0), (0, 3, 4.0)],
            &[],
            &["[2] + [3] Evidence", "[0] + [1] Evidence", "[0, 1] + [2, 3] Evidence"],
            "[0, 1] [2, 3]",
        );
    }

    #[test]
    fn a_stewards_bond_joins_after_the_evidence_and_is_no_weak_link() {
        check(
            &[(0, 1, 9.0), (2, 3, 8.0)],
            &[(1, 2)],
            &["[0] + [1] Evidence", "[2] + [3] Evidence", "[0, 1] + [2, 3] Same(0)"],
            "[0, 1, 2] [3]",
        );
    }

    #[test]
    fn records_that_nothing_joins_any_more_are_told_as_such() {
        check(
            &[(0, 1, 9.0), (1, 2, 8.0), (0, 2, 8.0)],
            &[],
            &["[0] + [1] Evidence", "[0, 1] + [2] Evidence", "[0, 1, 2] + [3] Others"],
            "[0, 1, 2] [3]",
        );
    }
}
