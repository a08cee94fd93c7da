//! Finding out whether a log is whole.

use crate::chain::{Head, link};
use crate::checkpoint::{Checkpoint, MARK};
use crate::entry::Entry;
use crate::hash::Hash;
use crate::key::PublicKey;
use crate::merkle::Frontier;

/// What is wrong with a log or with its checkpoints. Entries and checkpoints are named by number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The checkpoint speaks of another log.
    #[error("checkpoint {number} is of another installation ({found}, the log is of {expected})")]
    AnotherInstallation {
        /// The checkpoint.
        number: u64,
        /// The installation it names.
        found: String,
        /// The installation of the log.
        expected: String,
    },
    /// The checkpoint was not signed with the key, or was changed since.
    #[error("checkpoint {0} does not carry this key's signature: it was replaced or changed")]
    Signature(u64),
    /// The checkpoint does not follow the one in front of it.
    #[error("checkpoint {0} does not follow the one before it: one was replaced or left out")]
    Sequence(u64),
    /// The entry is not there, though later ones are.
    #[error("entry {0} is missing: it was deleted or moved")]
    Missing(u64),
    /// The entry stands where another one belongs.
    #[error(
        "entry {found} stands where entry {expected} belongs: it was inserted, repeated or moved"
    )]
    Misplaced {
        /// The number that the entry has.
        found: u64,
        /// The number that belongs there.
        expected: u64,
    },
    /// The entry stands behind the end of the log.
    #[error("entry {0} stands behind the end of the log: it was inserted")]
    BehindTheEnd(u64),
    /// The entry says something else than it did.
    #[error("entry {0} was changed")]
    Altered(u64),
    /// The line is no entry.
    #[error("entry {0} cannot be read")]
    Unreadable(u64),
    /// The entry is earlier than the one in front of it.
    #[error("entry {0} is earlier than the one before it")]
    BackInTime(u64),
    /// Somewhere in these entries the log was rewritten, hashes included.
    #[error("the entries {first} to {last} were rewritten")]
    Rewritten {
        /// The first of which nothing vouches.
        first: u64,
        /// The last that the checkpoint contradicts.
        last: u64,
    },
    /// The log ends before the checkpoint does.
    #[error("the log ends before entry {first}, though the checkpoint vouches for {size} entries")]
    Truncated {
        /// The first entry that is gone.
        first: u64,
        /// How many there were.
        size: u64,
    },
    /// The text does not begin like a log.
    #[error("this is no log of Tunggal")]
    NotALog,
}

impl Fault {
    /// The first bad entry, where it is about an entry.
    pub fn entry(&self) -> Option<u64> {
        match *self {
            Fault::Missing(it)
            | Fault::Altered(it)
            | Fault::Unreadable(it)
            | Fault::BackInTime(it)
            | Fault::Misplaced { expected: it, .. }
            | Fault::Rewritten { first: it, .. }
            | Fault::Truncated { first: it, .. } => Some(it),
            _ => None,
        }
    }
}

/// What holds of a whole log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Its entries.
    pub entries: u64,
    /// So many of them, from the first, are vouched for by a checkpoint; the rest by the chain alone.
    pub vouched: u64,
    /// Checkpoints that hold.
    pub checkpoints: u64,
    /// Entries made while the clock was behind the entry in front of them.
    pub clock_set_back: u64,
}

/// Reads a log from its first entry to its last and finds the first that is not what it was.
#[derive(Debug)]
pub struct Verifier {
    head: Head,
    tree: Frontier,
    /// In the order of the log; those before `next` hold.
    checkpoints: Vec<Checkpoint>,
    next: usize,
    report: Report,
}

impl Verifier {
    /// A verifier of the log of an installation against its checkpoints.
    ///
    /// Fails on checkpoints that this key did not sign, of another installation, or that contradict each
    /// other: a checkpoint that follows another must name its digest, and neither log nor clock shrinks.
    pub fn new(
        installation: &str,
        checkpoints: Vec<Checkpoint>,
        key: &PublicKey,
    ) -> Result<Verifier, Fault> {
        for it in &checkpoints {
            if it.installation != installation {
                return Err(Fault::AnotherInstallation {
                    number: it.number,
                    found: it.installation.clone(),
                    expected: installation.to_owned(),
                });
            }
            if !it.holds(key) {
                return Err(Fault::Signature(it.number));
            }
        }
        for pair in checkpoints.windows(2) {
            let (before, it) = (&pair[0], &pair[1]);
            let grows =
                before.number < it.number && before.head.size <= it.head.size && before.at <= it.at;
            let follows = before.number + 1 != it.number || it.previous == before.digest();
            if !grows || !follows {
                return Err(Fault::Sequence(it.number));
            }
        }
        let report = Report { checkpoints: checkpoints.len() as u64, ..Report::default() };
        let (head, tree) = (Head::start(installation), Frontier::default());
        let mut verifier = Verifier { head, tree, checkpoints, next: 0, report };
        verifier.settle()?;
        Ok(verifier)
    }

    /// Reads the next entry, with the hash that the log keeps beside it.
    pub fn entry(&mut self, entry: &Entry, hash: &Hash) -> Result<(), Fault> {
        let seq = self.head.size + 1;
        if seq < entry.seq {
            return Err(Fault::Missing(seq));
        }
        if entry.seq < seq {
            return Err(Fault::Misplaced { found: entry.seq, expected: seq });
        }
        let leaf = entry.leaf();
        let covering = self.checkpoints.get(self.next);
        let mark = covering.and_then(|it| it.mark(seq));
        let link = link(&self.head.hash, &leaf);
        if *hash != link || mark.is_some_and(|it| *it != leaf.0[..MARK]) {
            return Err(Fault::Altered(seq));
        }
        if entry.at < self.head.at || covering.is_some_and(|it| it.at < entry.at) {
            return Err(Fault::BackInTime(seq));
        }
        self.head = Head { size: seq, hash: link, at: entry.at };
        self.tree.push(leaf);
        self.report.entries = seq;
        self.report.clock_set_back += u64::from(0 < entry.behind);
        self.settle()
    }

    /// Compares with the checkpoints of this length.
    fn settle(&mut self) -> Result<(), Fault> {
        while let Some(it) = self.checkpoints.get(self.next)
            && it.head.size == self.head.size
        {
            if it.head != self.head || it.tree != self.tree {
                let first = self.report.vouched + 1;
                // The marks held, so what was changed lies in front of them.
                let last = (it.marked_from() - 1).max(first);
                return Err(Fault::Rewritten { first, last });
            }
            self.report.vouched = self.head.size;
            self.next += 1;
        }
        Ok(())
    }

    /// Ends the log. Fails when a checkpoint vouches for entries that did not come.
    pub fn finish(self) -> Result<Report, Fault> {
        match self.checkpoints.last() {
            Some(it) if self.head.size < it.head.size => {
                Err(Fault::Truncated { first: self.head.size + 1, size: it.head.size })
            }
            _ => Ok(self.report),
        }
    }
}

/// Verifies a log in the form of its file, line by line without their ends.
pub fn verify_log<E>(
    lines: impl IntoIterator<Item = Result<String, E>>,
    checkpoints: Vec<Checkpoint>,
    key: &PublicKey,
) -> Result<Result<Report, Fault>, E> {
    let mut lines = lines.into_iter();
    let title = lines.next().transpose()?;
    let Some(installation) = title.as_deref().and_then(crate::log::read_title) else {
        return Ok(Err(Fault::NotALog));
    };
    let mut verifier = match Verifier::new(&installation, checkpoints, key) {
        Ok(verifier) => verifier,
        Err(fault) => return Ok(Err(fault)),
    };
    for line in lines {
        let read = match crate::log::read_line(&line?) {
            Some((entry, hash)) => verifier.entry(&entry, &hash),
            None => Err(Fault::Unreadable(verifier.head.size + 1)),
        };
        if let Err(fault) = read {
            return Ok(Err(fault));
        }
    }
    Ok(verifier.finish())
}
