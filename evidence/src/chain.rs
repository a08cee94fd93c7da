//! The hash chain: every entry is bound to the one in front of it.

use crate::entry::{Act, Entry};
use crate::hash::Hash;

/// Where the log ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are.
    pub size: u64,
    /// The chain's hash at the last of them.
    pub hash: Hash,
    /// When the last was made, in milliseconds since 1970.
    pub at: i64,
}

impl Head {
    /// The head of the empty log of an installation. Logs of two installations share no hash.
    pub fn start(installation: &str) -> Head {
        let hash = Hash::of(&[b"tunggal evidence 1\0", installation.as_bytes()]);
        Head { size: 0, hash, at: i64::MIN }
    }

    /// Gives an act its place behind the last entry. `clock` is what the clock shows, in milliseconds
    /// since 1970; a clock that was set back does not take the log back, and the entry says by how much.
    pub fn append(&mut self, act: Act, clock: i64) -> Entry {
        let at = clock.max(self.at);
        let entry = Entry { seq: self.size + 1, at, behind: at - clock, act };
        self.size = entry.seq;
        self.at = at;
        self.hash = link(&self.hash, &entry.leaf());
        entry
    }
}

/// The chain's hash at an entry, from the hash in front of it and its leaf.
pub fn link(before: &Hash, leaf: &Hash) -> Hash {
    Hash::of(&[&[2], &before.0, &leaf.0])
}
