use evidence::{Checkpoint, PublicKey};

use crate::made::{HERE, checkpoints, key, log};

#[test]
fn a_checkpoint_reads_back_and_nothing_else_does() {
    let key = key();
    let made = checkpoints(&key, HERE, &log(HERE, 12), 4);
    for it in &made {
        let text = it.to_string();
        assert_eq!(text.parse().as_ref(), Ok(it));
        assert!(it.holds(&key.public()));
        for other in [text.trim_end().to_owned(), format!("{text}more\n"), text.to_uppercase()] {
            assert!(other.parse::<Checkpoint>().is_err());
        }
    }
    for text in ["", "tunggal checkpoint 1\n", "tunggal checkpoint 2\n"] {
        assert!(Checkpoint::read_all(text).is_err(), "{text}");
    }
    assert_eq!((made[2].marked_from(), made[2].head.size), (9, 12));
}

#[test]
fn a_public_key_reads_back() {
    let public = key().public();
    assert_eq!(public.to_string().parse(), Ok(public));
    for text in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
        assert!(text.parse::<PublicKey>().is_err(), "{text}");
    }
}
