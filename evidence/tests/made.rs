//! Logs made for a test.

use aws_lc_rs::signature::Ed25519KeyPair;
use evidence::{Act, Checkpoint, Entry, Hash, Head, Outcome, Read, SigningKey};

pub const HERE: &str = "3f0c1e8e-0000-4000-8000-000000000001";

pub type Log = Vec<(Entry, Hash)>;

pub fn key() -> SigningKey {
    let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
    SigningKey::from_pkcs8(document.as_ref()).unwrap()
}

pub fn act(subject: &str) -> Act {
    Act {
        request: "0f".repeat(16),
        subject: subject.to_owned(),
        role: "agency_operator".to_owned(),
        agency: "kominfo".to_owned(),
        institution: String::new(),
        client: String::new(),
        purpose: "service".to_owned(),
        reason: String::new(),
        operation: "enterprises".to_owned(),
        rights: "read_enterprises".to_owned(),
        outcome: Outcome::Allowed,
        receipt: String::new(),
        reads: vec![Read {
            shown: true,
            fields: vec!["nik".to_owned(), "owner_name".to_owned()],
            whose: vec![format!("ent_{}", "0a".repeat(16))],
        }],
    }
}

/// A log of so many entries, one a second.
pub fn log(installation: &str, size: i64) -> Log {
    continued(Head::start(installation), 0..size)
}

/// What comes after a head, the clock showing these seconds.
pub fn continued(mut head: Head, seconds: impl IntoIterator<Item = i64>) -> Log {
    let mut log = vec![];
    for second in seconds {
        let entry = head.append(act(&format!("officer {second}")), second * 1_000);
        log.push((entry, head.hash));
    }
    log
}

/// A checkpoint after every `each` entries.
pub fn checkpoints(
    key: &SigningKey,
    installation: &str,
    log: &Log,
    each: usize,
) -> Vec<Checkpoint> {
    let mut made: Vec<Checkpoint> = vec![];
    for entries in log.chunks_exact(each) {
        let next = Checkpoint::sign(key, installation, made.last(), entries.to_vec(), 0).unwrap();
        made.push(next);
    }
    made
}

/// The same entries with numbers and hashes made anew, as one would who means to hide a change.
pub fn rehashed(installation: &str, log: &Log) -> Log {
    let mut head = Head::start(installation);
    log.iter()
        .map(|(entry, _)| {
            let entry = head.append(entry.act.clone(), entry.at);
            (entry, head.hash)
        })
        .collect()
}
