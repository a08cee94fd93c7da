//! Checkpoints: what the log was at one moment, signed.
//!
//! A checkpoint is a short text, and the signature is over that text as it stands, so what one reads is
//! what was signed. A file of checkpoints holds them one after the other, parted by empty lines.

use std::fmt::Write;

use crate::chain::{Head, link};
use crate::entry::Entry;
use crate::hash::{Hash, from_hex, to_hex};
use crate::key::{PublicKey, SigningKey};
use crate::merkle::Frontier;

const TITLE: &str = "tunggal checkpoint 1";

/// How much of a leaf's hash a checkpoint keeps, in bytes: enough to name which entry was changed. That
/// none was changed is what the root shows.
pub(crate) const MARK: usize = 8;

/// Text that is not a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint of Tunggal")]
pub struct CheckpointError;

/// What the log was at one moment, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log it is.
    pub installation: String,
    /// The how many-th of its installation, from 1.
    pub number: u64,
    /// When it was made, in milliseconds since 1970; never before the last entry.
    pub at: i64,
    /// How long the chain was, its last hash, and when the last entry was made.
    pub head: Head,
    /// The Merkle tree over all entries until then.
    pub tree: Frontier,
    /// The digest of the checkpoint in front of it; of the first, the digest of nothing.
    pub previous: Hash,
    /// The beginnings of the leaves since the checkpoint in front of it.
    marks: Vec<u8>,
    signature: [u8; 64],
}

impl Checkpoint {
    /// Signs the log as it is after `entries`, which follow `previous` or, without one, the beginning.
    ///
    /// `entries` are given with the hashes they were stored with. The first one that does not follow from
    /// the checkpoint is returned instead: a log that was changed is never signed.
    pub fn sign(
        key: &SigningKey,
        installation: &str,
        previous: Option<&Checkpoint>,
        entries: impl IntoIterator<Item = (Entry, Hash)>,
        clock: i64,
    ) -> Result<Checkpoint, u64> {
        let (mut head, mut tree) = match previous {
            Some(it) => (it.head.clone(), it.tree.clone()),
            None => (Head::start(installation), Frontier::default()),
        };
        let mut marks = vec![];
        for (entry, hash) in entries {
            let leaf = entry.leaf();
            let next = Head { size: head.size + 1, hash: link(&head.hash, &leaf), at: entry.at };
            if entry.seq != next.size || hash != next.hash || entry.at < head.at {
                return Err(next.size);
            }
            head = next;
            tree.push(leaf);
            marks.extend_from_slice(&leaf.0[..MARK]);
        }
        let mut checkpoint = Checkpoint {
            installation: installation.to_owned(),
            number: previous.map_or(1, |it| it.number + 1),
            at: clock.max(head.at).max(previous.map_or(i64::MIN, |it| it.at)),
            head,
            tree,
            previous: previous.map_or_else(|| Hash::of(&[]), Checkpoint::digest),
            marks,
            signature: [0; 64],
        };
        checkpoint.signature = key.sign(checkpoint.signed_text().as_bytes());
        Ok(checkpoint)
    }

    /// Whether the key signed just this.
    pub fn holds(&self, key: &PublicKey) -> bool {
        key.holds(self.signed_text().as_bytes(), &self.signature)
    }

    /// The digest of the text, signature included; the next checkpoint names it.
    pub fn digest(&self) -> Hash {
        Hash::of(&[self.to_string().as_bytes()])
    }

    /// The first entry that the mark of a checkpoint knows, from 1.
    pub fn marked_from(&self) -> u64 {
        self.head.size + 1 - (self.marks.len() / MARK) as u64
    }

    /// The beginning of the leaf of the entry `seq`, if it came since the checkpoint in front.
    pub(crate) fn mark(&self, seq: u64) -> Option<&[u8]> {
        let index = usize::try_from(seq.checked_sub(self.marked_from())?).ok()?;
        self.marks.chunks(MARK).nth(index)
    }

    /// Reads a file of checkpoints, in the order of the file.
    ///
    /// Fails on any text that is not exactly what a checkpoint writes.
    pub fn read_all(text: &str) -> Result<Vec<Checkpoint>, CheckpointError> {
        let found: Result<Vec<_>, _> = text
            .replace("\r\n", "\n")
            .split("\n\n")
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .map(|it| format!("{it}\n").parse())
            .collect();
        found.and_then(|it| if it.is_empty() { Err(CheckpointError) } else { Ok(it) })
    }

    fn signed_text(&self) -> String {
        let roots: Vec<String> = self.tree.roots().iter().map(Hash::to_string).collect();
        let mut text = format!("{TITLE}\n");
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "installation {}\nnumber {}\nat {}\nsize {}\nlast {}\nhead {}\nroot {}\ntree {}\n\
             previous {}\nmarks {}\n",
            self.installation,
            self.number,
            self.at,
            self.head.size,
            self.head.at,
            self.head.hash,
            self.tree.root(),
            roots.join(","),
            self.previous,
            to_hex(&self.marks),
        );
        text
    }
}

impl std::fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "{}signature {}", self.signed_text(), to_hex(&self.signature))
    }
}

impl std::str::FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Checkpoint, CheckpointError> {
        let read = read(text).ok_or(CheckpointError)?;
        // Whatever else could be written the same way was not written by us.
        if read.to_string() == text { Ok(read) } else { Err(CheckpointError) }
    }
}

fn read(text: &str) -> Option<Checkpoint> {
    let mut lines = text.lines();
    if lines.next()? != TITLE {
        return None;
    }
    let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    let installation = field("installation")?.to_owned();
    let number = field("number")?.parse().ok()?;
    let at = field("at")?.parse().ok()?;
    let size: u64 = field("size")?.parse().ok()?;
    let last = field("last")?.parse().ok()?;
    let hash = Hash::from_hex(field("head")?)?;
    field("root")?;
    let roots: Option<Vec<Hash>> =
        field("tree")?.split(',').filter(|it| !it.is_empty()).map(Hash::from_hex).collect();
    let previous = Hash::from_hex(field("previous")?)?;
    let marks = from_hex(field("marks")?)?;
    let signature = from_hex(field("signature")?)?.try_into().ok()?;
    let kept = marks.len() / MARK;
    if !marks.len().is_multiple_of(MARK) || size < kept as u64 {
        return None;
    }
    let head = Head { size, hash, at: last };
    let tree = Frontier::new(size, roots?)?;
    Some(Checkpoint { installation, number, at, head, tree, previous, marks, signature })
}
