//! What is left of an expression once it is checked.

use std::collections::BTreeSet;

use crate::fact::Fact;

/// Something that holds or does not.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Always(bool),
    Flag(Fact),
    Not(Box<Test>),
    And(Box<[Test; 2]>),
    Or(Box<[Test; 2]>),
    Same(Box<[Test; 2]>),
    If(Box<[Test; 3]>),
    Compare(Comparison, Box<[Number; 2]>),
    /// The fact's value lies in one of these ranges, which are in order and apart.
    Within(Number, Box<[(i64, i64)]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
}

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    Written(i64),
    Fact(Fact),
    Negative(Box<Number>),
    Sum(Calculation, Box<[Number; 2]>),
    If(Box<(Test, Number, Number)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calculation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Test {
    /// Adds the facts named in it.
    pub(super) fn facts(&self, all: &mut BTreeSet<Fact>) {
        match self {
            Test::Always(_) => {}
            Test::Flag(fact) => {
                all.insert(*fact);
            }
            Test::Not(test) => test.facts(all),
            Test::And(both) | Test::Or(both) | Test::Same(both) => {
                both.iter().for_each(|it| it.facts(all));
            }
            Test::If(parts) => parts.iter().for_each(|it| it.facts(all)),
            Test::Compare(_, both) => both.iter().for_each(|it| it.facts(all)),
            Test::Within(number, _) => number.facts(all),
        }
    }

    /// Adds the facts that stand elsewhere than under `&&`, `||` and the outcomes of a choice, an even number of
    /// negations apart.
    pub(super) fn falling(&self, rising: bool, all: &mut BTreeSet<Fact>) {
        match self {
            Test::Flag(_) if rising => {}
            Test::Not(test) => test.falling(!rising, all),
            Test::And(both) | Test::Or(both) => {
                both.iter().for_each(|it| it.falling(rising, all));
            }
            Test::If(parts) => {
                let [condition, then, or_else] = parts.as_ref();
                condition.facts(all);
                then.falling(rising, all);
                or_else.falling(rising, all);
            }
            Test::Always(_)
            | Test::Flag(_)
            | Test::Same(_)
            | Test::Compare(..)
            | Test::Within(..) => self.facts(all),
        }
    }
}

impl Number {
    /// Adds the facts named in it.
    pub(super) fn facts(&self, all: &mut BTreeSet<Fact>) {
        match self {
            Number::Written(_) => {}
            Number::Fact(fact) => {
                all.insert(*fact);
            }
            Number::Negative(number) => number.facts(all),
            Number::Sum(_, both) => both.iter().for_each(|it| it.facts(all)),
            Number::If(parts) => {
                parts.0.facts(all);
                parts.1.facts(all);
                parts.2.facts(all);
            }
        }
    }
}
