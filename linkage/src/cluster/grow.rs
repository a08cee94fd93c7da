//! Growth inside one component: the best join first, until none is good enough.

use super::{Component, Forest, links_from};

/// Evidence between two clusters, the capped bits of all their pairs.
#[derive(Debug, Clone, Copy)]
struct Between {
    one: usize,
    two: usize,
    sum: f64,
    best: f64,
    forbidden: bool,
}

/// Clusters grown from the sets of `forest`. Only clusters with a link between them can join, so only between
/// those are all pairs weighed.
pub(super) fn grown(component: &Component, mut forest: Forest) -> Vec<Vec<u32>> {
    let Component { records, links, rule, .. } = component;
    let mut groups: Vec<Vec<u32>> = vec![vec![]; records.len()];
    for (index, record) in records.iter().enumerate() {
        groups[forest.root(index as u32) as usize].push(*record);
    }
    let mut adjacent: Vec<(usize, usize)> = vec![];
    for (index, record) in records.iter().enumerate() {
        for (_, other, bits) in links_from(links, *record) {
            if *bits < rule.threshold {
                continue;
            }
            let Ok(other) = records.binary_search(other) else { continue };
            let (one, two) =
                (forest.root(index as u32) as usize, forest.root(other as u32) as usize);
            if one != two {
                adjacent.push((one.min(two), one.max(two)));
            }
        }
    }
    adjacent.sort_unstable();
    adjacent.dedup();
    let between = |it: &(usize, usize)| component.between(&groups, it.0, it.1);
    let mut bounds: Vec<Between> = adjacent.iter().map(between).collect();
    while let Some(chosen) = component.best(&groups, &bounds) {
        let (one, two) = (bounds[chosen].one, bounds[chosen].two);
        let mut touching = vec![];
        bounds.retain(|it| {
            let ours = [it.one, it.two].iter().any(|side| *side == one || *side == two);
            if ours && (it.one, it.two) != (one, two) {
                touching.push(*it);
            }
            !ours
        });
        let other = |it: &Between| if it.one == one || it.one == two { it.two } else { it.one };
        touching.sort_by_key(other);
        for same in touching.chunk_by(|a, b| other(a) == other(b)) {
            let third = other(&same[0]);
            let mut sum = same[0];
            let more = match same {
                [_, more] => *more,
                [only] => {
                    let far = if only.one == one || only.two == one { two } else { one };
                    component.between(&groups, far, third)
                }
                _ => continue,
            };
            sum.sum += more.sum;
            sum.best = sum.best.max(more.best);
            sum.forbidden |= more.forbidden;
            (sum.one, sum.two) = (one.min(third), one.max(third));
            bounds.push(sum);
        }
        let moved = std::mem::take(&mut groups[two]);
        groups[one].extend(moved);
    }
    groups.retain(|it| !it.is_empty());
    for group in &mut groups {
        group.sort_unstable();
    }
    groups
}

impl Component<'_> {
    fn between(&self, groups: &[Vec<u32>], one: usize, two: usize) -> Between {
        let mut found = Between { one, two, sum: 0.0, best: f64::NEG_INFINITY, forbidden: false };
        for a in &groups[one] {
            for b in &groups[two] {
                let pair = (*a.min(b), *a.max(b));
                let bits = (self.weight)(pair.0, pair.1).clamp(-self.rule.cap, self.rule.cap);
                found.sum += bits;
                found.best = found.best.max(bits);
                found.forbidden |= !self.never.is_empty() && self.never.contains(&pair);
            }
        }
        found
    }

    /// The best join that is good enough; between equals that of the first records.
    fn best(&self, groups: &[Vec<u32>], bounds: &[Between]) -> Option<usize> {
        let mut chosen: Option<(f64, (usize, usize), usize)> = None;
        for (index, it) in bounds.iter().enumerate().filter(|it| !it.1.forbidden) {
            let mean = it.sum / (groups[it.one].len() * groups[it.two].len()) as f64;
            let bits = self.rule.best_share * it.best + (1.0 - self.rule.best_share) * mean;
            let place = (it.one, it.two);
            if self.rule.threshold <= bits
                && chosen.is_none_or(|of| of.0 < bits || (of.0 == bits && place < of.1))
            {
                chosen = Some((bits, place, index));
            }
        }
        chosen.map(|it| it.2)
    }
}
