//! Truth in three values, as Kleene has it: what does not hang on the unknown is answered all the same.

use std::ops::Not;

/// Whether a rule holds. Ordered: not met below unknown below met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    NotMet,
    /// What is known does not tell.
    Unknown,
    /// It holds.
    Met,
}

impl Truth {
    /// The three, in their order.
    pub const ALL: [Truth; 3] = [Truth::NotMet, Truth::Unknown, Truth::Met];

    /// `met`, `not_met` or `unknown`.
    pub fn code(self) -> &'static str {
        match self {
            Truth::NotMet => "not_met",
            Truth::Unknown => "unknown",
            Truth::Met => "met",
        }
    }

    /// Both hold: not met as soon as one is not met.
    pub fn and(self, other: Truth) -> Truth {
        self.min(other)
    }

    /// At least one holds: met as soon as one is met.
    pub fn or(self, other: Truth) -> Truth {
        self.max(other)
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::Met } else { Truth::NotMet }
    }
}

impl Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::NotMet => Truth::Met,
            Truth::Unknown => Truth::Unknown,
            Truth::Met => Truth::NotMet,
        }
    }
}
