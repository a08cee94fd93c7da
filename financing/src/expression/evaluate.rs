//! What a tree says of values.

use std::collections::BTreeSet;

use super::tree::{Calculation, Comparison, Number, Test};
use crate::fact::Fact;
use crate::logic::Truth;
use crate::value::{Possible, Values};

impl Test {
    pub(super) fn holds(&self, values: &Values) -> Truth {
        match self {
            Test::Always(holds) => Truth::from(*holds),
            Test::Flag(fact) => values.get(*fact).truth(),
            Test::Not(test) => !test.holds(values),
            Test::And(both) => match both[0].holds(values) {
                Truth::NotMet => Truth::NotMet,
                first => first.and(both[1].holds(values)),
            },
            Test::Or(both) => match both[0].holds(values) {
                Truth::Met => Truth::Met,
                first => first.or(both[1].holds(values)),
            },
            Test::Same(both) => match (both[0].holds(values), both[1].holds(values)) {
                (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
                (one, two) => Truth::from(one == two),
            },
            Test::If(parts) => match parts[0].holds(values) {
                Truth::Met => parts[1].holds(values),
                Truth::NotMet => parts[2].holds(values),
                Truth::Unknown => Truth::Unknown,
            },
            Test::Compare(how, both) => {
                compare(*how, both[0].possible(values), both[1].possible(values))
            }
            Test::Within(number, ranges) => within(number.possible(values), ranges),
        }
    }

    /// Adds the facts for want of which the test is unknown.
    pub(super) fn undecided(&self, values: &Values, all: &mut BTreeSet<Fact>) {
        if self.holds(values) != Truth::Unknown {
            return;
        }
        match self {
            Test::And(both) | Test::Or(both) | Test::Same(both) => {
                both.iter().for_each(|it| it.undecided(values, all));
            }
            Test::Not(test) => test.undecided(values, all),
            Test::If(parts) => {
                // Of a choice only the part that was taken matters.
                match parts[0].holds(values) {
                    Truth::Unknown => parts[0].undecided(values, all),
                    Truth::Met => parts[1].undecided(values, all),
                    Truth::NotMet => parts[2].undecided(values, all),
                }
            }
            Test::Always(_) | Test::Flag(_) | Test::Compare(..) | Test::Within(..) => {
                let mut named = BTreeSet::new();
                self.facts(&mut named);
                all.extend(named.iter().filter(|it| values.get(**it).value().is_none()));
            }
        }
    }
}

fn compare(how: Comparison, one: Possible, two: Possible) -> Truth {
    if one.is_any() || two.is_any() {
        return Truth::Unknown;
    }
    let (always, never) = match how {
        Comparison::Less => (one.high() < two.low(), two.high() <= one.low()),
        Comparison::LessOrEqual => (one.high() <= two.low(), two.high() < one.low()),
        Comparison::Equal => {
            let apart = one.high() < two.low() || two.high() < one.low();
            (one.value().is_some() && one.value() == two.value(), apart)
        }
    };
    match (always, never) {
        (true, _) => Truth::Met,
        (_, true) => Truth::NotMet,
        _ => Truth::Unknown,
    }
}

fn within(possible: Possible, ranges: &[(i64, i64)]) -> Truth {
    if possible.is_any() {
        return Truth::Unknown;
    }
    let (low, high) = (possible.low(), possible.high());
    if ranges.iter().any(|it| it.0 <= low && high <= it.1) {
        Truth::Met
    } else if ranges.iter().all(|it| high < it.0 || it.1 < low) {
        Truth::NotMet
    } else {
        Truth::Unknown
    }
}

impl Number {
    /// What it can be; any when that cannot be computed, as by a division by zero.
    fn possible(&self, values: &Values) -> Possible {
        match self {
            Number::Written(value) => Possible::only(*value),
            Number::Fact(fact) => values.get(*fact),
            Number::Negative(number) => {
                let of = number.possible(values);
                corners([of.low().checked_neg(), of.high().checked_neg()])
            }
            Number::Sum(how, both) => {
                calculate(*how, both[0].possible(values), both[1].possible(values))
            }
            Number::If(parts) => match parts.0.holds(values) {
                Truth::Met => parts.1.possible(values),
                Truth::NotMet => parts.2.possible(values),
                Truth::Unknown => Possible::ANY,
            },
        }
    }
}

fn calculate(how: Calculation, one: Possible, two: Possible) -> Possible {
    if one.is_any() || two.is_any() {
        return Possible::ANY;
    }
    let ((a, b), (c, d)) = ((one.low(), one.high()), (two.low(), two.high()));
    match how {
        Calculation::Add => corners([a.checked_add(c), b.checked_add(d)]),
        Calculation::Subtract => corners([a.checked_sub(d), b.checked_sub(c)]),
        Calculation::Multiply => {
            corners([a.checked_mul(c), a.checked_mul(d), b.checked_mul(c), b.checked_mul(d)])
        }
        Calculation::Divide if c <= 0 && 0 <= d => Possible::ANY,
        Calculation::Divide => {
            corners([a.checked_div(c), a.checked_div(d), b.checked_div(c), b.checked_div(d)])
        }
        // What a range leaves of a division is not worth the telling.
        Calculation::Remainder => match (one.value(), two.value()) {
            (Some(one), Some(two)) => one.checked_rem(two).map_or(Possible::ANY, Possible::only),
            _ => Possible::ANY,
        },
    }
}

/// From the smallest to the largest; any when one of them is too large to compute.
fn corners<const N: usize>(corners: [Option<i64>; N]) -> Possible {
    let mut found: Option<Possible> = None;
    for corner in corners {
        let Some(corner) = corner else { return Possible::ANY };
        let corner = Possible::only(corner);
        found = Some(found.map_or(corner, |it| it.or(corner)));
    }
    found.unwrap_or(Possible::ANY)
}
