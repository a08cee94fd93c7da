//! What an institution is told of an enterprise, part by part, as keyed digests: enough to tell whether it is
//! otherwise now, and nothing else.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use crate::sealing::Sealer;
use crate::service::financing::view::Row;

/// A part of what is told of an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// Status, ceilings, and the rules that make them so.
    Status,
    /// Papers that are missing, and what they would give.
    Papers,
    /// What became of the rules.
    Rules,
    /// The evidence of the rules.
    Evidence,
    /// The profile.
    Profile,
}

impl Matter {
    /// Every part.
    const ALL: [Matter; 5] =
        [Matter::Status, Matter::Papers, Matter::Rules, Matter::Evidence, Matter::Profile];
}

/// The bytes of a digest that are kept.
const BYTES: usize = 16;

/// Everything that a value says of itself to a hasher.
#[derive(Default)]
struct Said(Vec<u8>);

impl Hasher for Said {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// The digests of what is told of a row, without the day and the fingerprint, which are told of the page.
pub(super) fn digests(sealer: &Sealer, institution: &str, row: &Row) -> BTreeMap<Matter, String> {
    let digest = |matter| {
        let mut said = Said::default();
        say(row, matter, &mut said);
        let whole = sealer.name(&[b"told", institution.as_bytes(), &said.0]);
        (matter, whole[..BYTES].iter().map(|it| format!("{it:02x}")).collect())
    };
    Matter::ALL.into_iter().map(digest).collect()
}

fn say(row: &Row, matter: Matter, said: &mut Said) {
    let readiness = &row.readiness;
    let bits = |it: Option<f64>| it.map(f64::to_bits);
    match matter {
        Matter::Status => {
            (row.since, readiness.version, readiness.status).hash(said);
            (readiness.ceiling, readiness.next, &readiness.because).hash(said);
        }
        Matter::Papers => {
            let steps = readiness.steps.iter().map(|it| (it.paper, it.status, it.ceiling));
            steps.for_each(|it| it.hash(said));
            (readiness.with_all, &readiness.advice).hash(said);
        }
        Matter::Rules => {
            for it in &readiness.outcomes {
                (it.rule, it.truth, it.withheld, it.for_the_bank, &it.undecided).hash(said);
            }
        }
        Matter::Evidence => {
            for rule in &readiness.outcomes {
                (rule.rule, bits(rule.link_probability), rule.evidence.len()).hash(said);
                for it in &rule.evidence {
                    (it.fact, &it.value, it.ruling, it.record, &it.agency).hash(said);
                    (it.recorded_on, bits(it.link_probability)).hash(said);
                }
            }
        }
        Matter::Profile => (&row.enterprise.view, row.enterprise.updated_at).hash(said),
    }
}

/// For each part the position of its last change and its digest, as text.
pub(super) fn written(parts: &BTreeMap<Matter, (i64, String)>) -> String {
    let of = |matter| {
        let part: Option<&(i64, String)> = parts.get(&matter);
        part.map_or_else(|| "0 ".to_owned(), |it| format!("{} {}", it.0, it.1))
    };
    Matter::ALL.map(of).join(",")
}

/// Reads what [`written`] wrote.
pub(super) fn parts(written: &str) -> BTreeMap<Matter, (i64, String)> {
    let part = |it: &str| {
        let (position, digest) = it.split_once(' ')?;
        Some((position.parse().ok()?, digest.to_owned()))
    };
    let all = written.split(',').map(part);
    Matter::ALL.into_iter().zip(all).filter_map(|(matter, it)| Some((matter, it?))).collect()
}
