//! Expressions of rules: a checked part of CEL, the Common Expression Language.
//!
//! The library `cel` reads the text. What it read is checked against the facts and their kinds, so that nothing
//! can go wrong for want of a name or by a type later, and is kept as a small tree that answers in nanoseconds
//! and knows of ranges and of the unknown. For values that are all known, or not known at all, the tree answers
//! as the library does; where the library gives an error the tree says unknown.
//!
//! There are no loops and no calls but `startsWith`, so an expression takes at most [`MOST_STEPS`] steps.

use std::collections::BTreeSet;

use crate::fact::Fact;
use crate::logic::Truth;
use crate::value::Values;

use tree::Test;

mod check;
mod evaluate;
mod literal;
mod tree;

/// How long the text of an expression may be, in bytes.
pub const LONGEST: usize = 2_000;
/// How deep brackets, negations and choices may be nested.
pub const DEEPEST: usize = 24;
/// How many operators, names and values an expression may have, and so how many steps it takes at most.
pub const MOST_STEPS: usize = 200;

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    test: Test,
    facts: BTreeSet<Fact>,
    falling: BTreeSet<Fact>,
}

/// Why an expression is refused, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// The stable name of the mistake, such as `UNKNOWN_FACT`.
    pub code: &'static str,
    /// The byte of the text where it is.
    pub at: usize,
    /// What is wrong, in Indonesian.
    pub text: String,
    /// What to do, in Indonesian.
    pub remedy: String,
}

impl Refusal {
    fn new(code: &'static str, at: usize, text: String, remedy: impl Into<String>) -> Refusal {
        Refusal { code, at, text, remedy: remedy.into() }
    }
}

/// How much room the parser gets, in bytes: a bracket costs it more than 100 kB in a debug build.
const ROOM: usize = 64 * 1024 * 1024;

/// Reads `text` on a thread of its own: the generated parser needs more stack than worker threads have, and should
/// it ever give way, the text is refused and the program goes on.
fn aside(text: &str) -> Result<Test, Refusal> {
    let gave_way = || {
        let told = "Ungkapan ini tidak dapat dibaca.".to_owned();
        Refusal::new("RULE_SYNTAX", 0, told, "Tulis lebih sederhana.")
    };
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().name("rule".to_owned()).stack_size(ROOM);
        let reader = reader.spawn_scoped(scope, || check::test(text));
        reader.map_err(|_| gave_way())?.join().unwrap_or_else(|_| Err(gave_way()))
    })
}

impl Expression {
    /// Reads and checks `text`.
    ///
    /// # Errors
    /// The first mistake: of syntax, an unknown fact or value, operands of wrong kinds, a call or a loop, a
    /// division by a written zero, or too long a text.
    pub fn parse(text: &str) -> Result<Expression, Refusal> {
        let test = aside(text)?;
        let (mut facts, mut falling) = (BTreeSet::new(), BTreeSet::new());
        test.facts(&mut facts);
        test.falling(true, &mut falling);
        Ok(Expression { text: text.to_owned(), test, facts, falling })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The facts it names.
    pub fn facts(&self) -> &BTreeSet<Fact> {
        &self.facts
    }

    /// The facts whose becoming true could turn a met expression into one that is not: those under a negation,
    /// an equation or the condition of a choice.
    pub fn falling(&self) -> &BTreeSet<Fact> {
        &self.falling
    }

    /// Whether it holds, as far as `values` tell.
    pub fn holds(&self, values: &Values) -> Truth {
        self.test.holds(values)
    }

    /// The facts on which an unknown answer hangs; empty when the answer is known.
    pub fn undecided(&self, values: &Values) -> BTreeSet<Fact> {
        let mut facts = BTreeSet::new();
        if self.holds(values) == Truth::Unknown {
            self.test.undecided(values, &mut facts);
        }
        facts
    }
}
