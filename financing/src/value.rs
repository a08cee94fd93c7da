//! What is known of a fact: one value, a range of possible values, or nothing.

use crate::fact::Fact;
use crate::logic::Truth;

/// The values a fact may have, as far as is known: all lie between `low` and `high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Possible {
    low: i64,
    high: i64,
}

impl Possible {
    /// Any value: nothing is known.
    pub const ANY: Possible = Possible { low: i64::MIN, high: i64::MAX };

    /// This value alone.
    pub const fn only(value: i64) -> Possible {
        Possible { low: value, high: value }
    }

    /// One of the values from `low` to `high`, in either order.
    pub fn between(low: i64, high: i64) -> Possible {
        Possible { low: low.min(high), high: low.max(high) }
    }

    /// `low` or more.
    pub fn at_least(low: i64) -> Possible {
        Possible { low, high: i64::MAX }
    }

    /// A flag.
    pub fn flag(truth: Truth) -> Possible {
        match truth {
            Truth::NotMet => Possible::only(0),
            Truth::Unknown => Possible::ANY,
            Truth::Met => Possible::only(1),
        }
    }

    /// The smallest.
    pub fn low(self) -> i64 {
        self.low
    }

    /// The largest.
    pub fn high(self) -> i64 {
        self.high
    }

    /// The one value, when there is but one.
    pub fn value(self) -> Option<i64> {
        (self.low == self.high).then_some(self.low)
    }

    /// Whether nothing at all is known.
    pub fn is_any(self) -> bool {
        self == Possible::ANY
    }

    /// What one of the two may be.
    pub fn or(self, other: Possible) -> Possible {
        Possible { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// A flag as truth.
    pub(crate) fn truth(self) -> Truth {
        match (self.low, self.high) {
            (0, 0) => Truth::NotMet,
            (1, 1) => Truth::Met,
            _ => Truth::Unknown,
        }
    }
}

/// What is known of every fact of one enterprise on one day; the compact form in which whole registers are
/// assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Values([Possible; Fact::COUNT]);

impl Values {
    /// Nothing known.
    pub const UNKNOWN: Values = Values([Possible::ANY; Fact::COUNT]);

    /// What is known of `fact`.
    pub fn get(&self, fact: Fact) -> Possible {
        self.0[fact.index()]
    }

    /// Sets what is known of `fact`.
    pub fn set(&mut self, fact: Fact, possible: Possible) {
        self.0[fact.index()] = possible;
    }

    /// The same with `fact` so.
    pub fn with(mut self, fact: Fact, possible: Possible) -> Values {
        self.set(fact, possible);
        self
    }
}
