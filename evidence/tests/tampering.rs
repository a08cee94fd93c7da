use evidence::verify::verify_log;
use evidence::{Checkpoint, Fault, Head, PublicKey, Report, SigningKey, Verifier, log as file};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::made::{HERE, Log, act, checkpoints, continued, key, log, rehashed};

fn verify(log: &Log, checkpoints: Vec<Checkpoint>, key: &PublicKey) -> Result<Report, Fault> {
    let mut verifier = Verifier::new(HERE, checkpoints, key)?;
    for (entry, hash) in log {
        verifier.entry(entry, hash)?;
    }
    verifier.finish()
}

/// Checks both the entries and their file, which must be found to be the same.
fn check(log: &Log, made: &[Checkpoint], key: &SigningKey, expected: Result<Report, Fault>) {
    assert_eq!(verify(log, made.to_vec(), &key.public()), expected);
    let text: String = made.iter().map(|it| format!("{it}\n")).collect();
    let made = if made.is_empty() { vec![] } else { Checkpoint::read_all(&text).unwrap() };
    let lines = log.iter().map(|(entry, hash)| file::line(entry, hash));
    let lines = std::iter::once(file::title(HERE)).chain(lines).map(Ok::<_, ()>);
    assert_eq!(verify_log(lines, made, &key.public()).unwrap(), expected);
}

fn found(log: &Log, made: &[Checkpoint], key: &SigningKey, first: u64) {
    let fault = verify(log, made.to_vec(), &key.public()).unwrap_err();
    assert_eq!(fault.entry(), Some(first), "{fault}");
}

#[test]
fn a_whole_log_holds() {
    let (key, log) = (key(), log(HERE, 25));
    let made = checkpoints(&key, HERE, &log, 10);
    let report = Report { entries: 25, vouched: 20, checkpoints: 2, clock_set_back: 0 };
    check(&log, &made, &key, Ok(report));
    check(&log, &[], &key, Ok(Report { vouched: 0, checkpoints: 0, ..report_of(25) }));
}

fn report_of(entries: u64) -> Report {
    Report { entries, ..Report::default() }
}

#[test]
fn what_a_tamperer_does_is_found_where_he_did_it() {
    let (key, log) = (key(), log(HERE, 30));
    let made = checkpoints(&key, HERE, &log, 10);
    let changed = |change: &dyn Fn(&mut Log)| {
        let mut log = log.clone();
        change(&mut log);
        log
    };
    let edited = changed(&|it| it[12].0.act.subject = "somebody else".to_owned());
    check(&edited, &made, &key, Err(Fault::Altered(13)));
    check(&changed(&|it| drop(it.remove(12))), &made, &key, Err(Fault::Missing(13)));
    let inserted = changed(&|it| it.insert(12, it[3].clone()));
    check(&inserted, &made, &key, Err(Fault::Misplaced { found: 4, expected: 13 }));
    check(&changed(&|it| it.swap(12, 20)), &made, &key, Err(Fault::Missing(13)));
    let truncated = changed(&|it| it.truncate(28));
    check(&truncated, &made, &key, Err(Fault::Truncated { first: 29, size: 30 }));
    check(&vec![], &made, &key, Err(Fault::Truncated { first: 1, size: 30 }));
    let emptied = changed(&|it| it[12].0.act.reads.clear());
    check(&emptied, &made, &key, Err(Fault::Altered(13)));
    let moved = changed(&|it| it[12].0.at -= 5_000);
    check(&moved, &made, &key, Err(Fault::Altered(13)));
}

#[test]
fn behind_the_last_checkpoint_the_chain_alone_finds_a_change() {
    let (key, whole) = (key(), log(HERE, 25));
    let made = checkpoints(&key, HERE, &whole, 10);
    for at in [20, 24] {
        for made in [&made[..], &[]] {
            let mut changed = whole.clone();
            changed[at].0.act.subject = "nobody".to_owned();
            found(&changed, made, &key, at as u64 + 1);
            let mut changed = whole.clone();
            changed[at].1 = changed[at - 1].1;
            found(&changed, made, &key, at as u64 + 1);
        }
    }
}

#[test]
fn a_rewritten_tail_is_found_though_its_hashes_fit() {
    let (key, mut log) = (key(), log(HERE, 30));
    let made = checkpoints(&key, HERE, &log, 10);
    log[14].0.act.subject = "somebody else".to_owned();
    let log = rehashed(HERE, &log);
    check(&log, &made, &key, Err(Fault::Altered(15)));
    // The first checkpoint and the last: the marks of the last reach back to entry 21 only.
    let some = [made[0].clone(), made[2].clone()];
    check(&log, &some, &key, Err(Fault::Rewritten { first: 11, last: 20 }));
    check(&log, &made[..1], &key, Ok(Report { vouched: 10, checkpoints: 1, ..report_of(30) }));
}

#[test]
fn a_replaced_checkpoint_is_found() {
    let (key, other) = (key(), crate::made::key());
    let log = log(HERE, 30);
    let made = checkpoints(&key, HERE, &log, 10);
    let forged = checkpoints(&other, HERE, &log, 10);
    check(&log, &[made[0].clone(), forged[1].clone()], &key, Err(Fault::Signature(2)));
    check(&log, &[made[0].clone(), made[0].clone()], &key, Err(Fault::Sequence(1)));
    check(&log, &[made[1].clone(), made[0].clone()], &key, Err(Fault::Sequence(1)));
    // Signed with the right key, but over another past.
    let past = crate::made::log(HERE, 40)[5..35].to_vec();
    let past = rehashed(HERE, &past);
    let rewritten = checkpoints(&key, HERE, &past, 10);
    check(&log, &[made[0].clone(), rewritten[1].clone()], &key, Err(Fault::Sequence(2)));
    let text = made[1].to_string();
    for (from, to) in [("size 20", "size 19"), ("number 2", "number 3"), ("at ", "at 1")] {
        let changed = text.replacen(from, to, 1);
        let read = changed.parse::<Checkpoint>();
        assert!(read.is_err() || !read.unwrap().holds(&key.public()), "{from}");
    }
}

#[test]
fn a_checkpoint_of_another_installation_is_refused() {
    let elsewhere = "3f0c1e8e-0000-4000-8000-000000000002";
    let key = key();
    let made = checkpoints(&key, elsewhere, &log(elsewhere, 10), 10);
    let fault = Fault::AnotherInstallation {
        number: 1,
        found: elsewhere.to_owned(),
        expected: HERE.to_owned(),
    };
    check(&log(HERE, 10), &made, &key, Err(fault));
}

#[test]
fn a_clock_set_back_does_not_take_the_log_back_and_is_told() {
    let key = key();
    let log = continued(Head::start(HERE), [100, 200, 50, 60, 250]);
    let times: Vec<(i64, i64)> = log.iter().map(|it| (it.0.at, it.0.behind)).collect();
    assert_eq!(
        times,
        [(100_000, 0), (200_000, 0), (200_000, 150_000), (200_000, 140_000), (250_000, 0)]
    );
    let report = Report { clock_set_back: 2, ..report_of(5) };
    check(&log, &[], &key, Ok(report));
    let made = Checkpoint::sign(&key, HERE, None, log.clone(), 10_000).unwrap();
    assert_eq!(made.at, 250_000, "a checkpoint is never before what it vouches for");
    // A log whose times run backwards was not made by the rule, hashes or not.
    let mut head = Head::start(HERE);
    let mut turned = vec![];
    for (mut entry, _) in log {
        entry.at -= entry.behind;
        head.hash = evidence::chain::link(&head.hash, &entry.leaf());
        turned.push((entry, head.hash));
    }
    check(&turned, &[], &key, Err(Fault::BackInTime(3)));
}

#[test]
fn a_log_that_was_changed_is_never_signed() {
    let key = key();
    let mut log = log(HERE, 10);
    log[6].0.act.subject = "somebody else".to_owned();
    assert_eq!(Checkpoint::sign(&key, HERE, None, log, 0), Err(7));
}

#[test]
fn what_is_no_log_is_refused() {
    let lines = |text: &str| vec![Ok::<_, ()>(text.to_owned())];
    let key = key().public();
    for text in ["", "{}", r#"{"log":"another","installation":"x"}"#] {
        assert_eq!(verify_log(lines(text), vec![], &key).unwrap(), Err(Fault::NotALog));
    }
    let entries = [file::title(HERE), "{\"entry\":".to_owned()].map(Ok::<_, ()>);
    assert_eq!(verify_log(entries, vec![], &key).unwrap(), Err(Fault::Unreadable(1)));
}

/// What is done to a log behind its back.
#[derive(Debug, Clone, Copy)]
enum Harm {
    Edit,
    Delete,
    Insert,
    Swap,
    Truncate,
}

fn harm(kind: Harm, log: &mut Log, at: usize) {
    let last = log.len() - 1;
    match kind {
        Harm::Edit => log[at].0.act.purpose += "!",
        Harm::Delete => drop(log.remove(at)),
        Harm::Insert => log.insert(at, continued(Head::start(HERE), [-7]).remove(0)),
        Harm::Swap => log.swap(at, last),
        Harm::Truncate => log.truncate(at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whether or not the tamperer makes the hashes anew, the first entry he touched is named.
    #[test]
    fn any_harm_is_found_at_its_first_entry(
        size in 4_i64..60,
        each in 1_usize..20,
        place in any::<Index>(),
        again in any::<bool>(),
        kind in prop::sample::select(vec![
            Harm::Edit, Harm::Delete, Harm::Insert, Harm::Swap, Harm::Truncate,
        ]),
    ) {
        let key = key();
        let log = log(HERE, size);
        let made = checkpoints(&key, HERE, &log, each);
        prop_assume!(!made.is_empty());
        // What a checkpoint vouches for; behind the last, rehashing hides.
        let vouched = log.len() / each * each;
        let at = place.index(vouched);
        prop_assume!(!matches!(kind, Harm::Swap) || at + 1 < log.len());
        let mut harmed = log.clone();
        harm(kind, &mut harmed, at);
        if again {
            harmed = rehashed(HERE, &harmed);
        }
        prop_assume!(harmed != log);
        found(&harmed, &made, &key, at as u64 + 1);
    }

    #[test]
    fn two_acts_never_have_the_same_bytes(subject in ".{0,8}", role in ".{0,8}", other in ".{0,8}") {
        let entry = |subject: &str, role: &str| {
            let mut it = act(subject);
            role.clone_into(&mut it.role);
            Head::start(HERE).append(it, 0).canonical()
        };
        let same = other == role;
        prop_assert_eq!(entry(&subject, &role) == entry(&subject, &other), same);
        if !subject.is_empty() || !role.is_empty() {
            prop_assert_ne!(entry(&subject, &role), entry(&format!("{subject}{role}"), "\u{0}"));
        }
    }
}
