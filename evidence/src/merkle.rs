//! The Merkle tree of RFC 6962, section 2.1, and its two proofs.

use crate::hash::Hash;

/// The hash of a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    Hash::of(&[&[0], bytes])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], &left.0, &right.0])
}

/// The right edge of a tree that grows: the roots of its full subtrees, the largest first. It is all
/// that is needed to append a leaf and to tell the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// The edge of a tree of `size` leaves; `None` unless there is one root for each full subtree.
    pub fn new(size: u64, roots: Vec<Hash>) -> Option<Frontier> {
        (roots.len() == size.count_ones() as usize).then_some(Frontier { size, roots })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the full subtrees, the largest first.
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// The root of the full subtree over the leaves from `from` to before `to`, if it is at the edge.
    fn full(&self, from: u64, to: u64) -> Option<Hash> {
        let mut start = 0;
        for (root, bit) in
            self.roots.iter().zip((0..64).rev().filter(|it| self.size >> it & 1 == 1))
        {
            let end = start + (1 << bit);
            if (start, end) == (from, to) {
                return Some(*root);
            }
            start = end;
        }
        None
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                root = node(&left, &root);
            }
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// The root of the whole tree; of an empty one the digest of nothing.
    pub fn root(&self) -> Hash {
        let joined = self.roots.iter().rev().copied().reduce(|right, left| node(&left, &right));
        joined.unwrap_or_else(|| Hash::of(&[]))
    }
}

/// The root of a tree over these leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(&[]),
        [only] => *only,
        more => {
            let (left, right) = more.split_at(split(more.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The largest power of two below `size`, which is 2 or more.
fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// What proves that the leaf at `index`, from 0, is in the tree over `leaves`; `None` when it is not.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    match leaves.len() {
        len if len <= index => None,
        1 => Some(vec![]),
        len => {
            let (left, right) = leaves.split_at(split(len));
            let (mut path, sibling) = match index.checked_sub(left.len()) {
                None => (inclusion(left, index)?, root(right)),
                Some(index) => (inclusion(right, index)?, root(left)),
            };
            path.push(sibling);
            Some(path)
        }
    }
}

/// What proves that the leaf at `index`, from 0, is in the tree over the leaves that made `before` and those in
/// `behind`, of which it is one; `None` when it is not.
pub fn inclusion_behind(before: &Frontier, behind: &[Hash], index: u64) -> Option<Vec<Hash>> {
    let size = before.size + behind.len() as u64;
    if !(before.size..size).contains(&index) {
        return None;
    }
    let mut path = vec![];
    let (mut from, mut to) = (0, size);
    while 1 < to - from {
        let middle = from + (to - from).next_power_of_two() / 2;
        if index < middle {
            path.push(root_between(before, behind, middle, to)?);
            to = middle;
        } else {
            path.push(root_between(before, behind, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// The root over the leaves from `from` to before `to`, a subtree of the tree over `before` and `behind`.
fn root_between(before: &Frontier, behind: &[Hash], from: u64, to: u64) -> Option<Hash> {
    if before.size <= from {
        let place = |it: u64| usize::try_from(it - before.size).ok();
        return Some(root(behind.get(place(from)?..place(to)?)?));
    }
    if to <= before.size {
        // A sibling that lies before the edge is a full subtree that nothing larger at the edge holds.
        return before.full(from, to);
    }
    let middle = from + (to - from).next_power_of_two() / 2;
    let left = root_between(before, behind, from, middle)?;
    Some(node(&left, &root_between(before, behind, middle, to)?))
}

/// Whether `proof` shows that `leaf` is the one at `index`, from 0, of the `size` under `root`.
pub fn included(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if size <= index {
        return false;
    }
    let (mut place, mut last, mut found) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            found = node(sibling, &found);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            found = node(&found, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && found == *root
}

/// What proves that the tree over the first `size` of `leaves` is the beginning of the tree over all of
/// them; `None` when there are not so many.
pub fn consistency(leaves: &[Hash], size: usize) -> Option<Vec<Hash>> {
    match size {
        0 => Some(vec![]),
        size if leaves.len() < size => None,
        size => Some(subproof(leaves, size, true)),
    }
}

fn subproof(leaves: &[Hash], size: usize, whole: bool) -> Vec<Hash> {
    if size == leaves.len() {
        return if whole { vec![] } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    if size <= left.len() {
        let mut proof = subproof(left, size, whole);
        proof.push(root(right));
        proof
    } else {
        let mut proof = subproof(right, size - left.len(), false);
        proof.push(root(left));
        proof
    }
}

/// Whether `proof` shows that the tree of `old_size` leaves under `old` is the beginning of the tree of
/// `size` leaves under `root`.
pub fn consistent(old_size: u64, old: &Hash, size: u64, root: &Hash, proof: &[Hash]) -> bool {
    match old_size {
        0 => return proof.is_empty() && *old == Hash::of(&[]),
        it if it == size => return proof.is_empty() && old == root,
        it if size < it => return false,
        _ => {}
    }
    let (mut place, mut last) = (old_size - 1, size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let mut steps = proof.iter();
    let mut first = *old;
    if place != 0 {
        let Some(step) = steps.next() else { return false };
        first = *step;
    }
    let (mut before, mut now) = (first, first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            before = node(step, &before);
            now = node(step, &now);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            now = node(&now, step);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old && now == *root
}
