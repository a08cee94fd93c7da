//! A recipient knows an enterprise by one name, another recipient by another.

use disclosure::pseudonym::PseudonymKey;

const SECRET: [u8; 32] = *b"0123456789abcdef0123456789abcdef";
const ENTERPRISE: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

fn name(secret: &[u8], recipient: &str, enterprise: &[u8; 16]) -> String {
    PseudonymKey::of_recipient(secret, recipient).unwrap().pseudonym(enterprise).to_string()
}

/// By Python: `k = hmac.new(secret, b"tunggal pseudonyms of recipient\0" + recipient, "sha256").digest()` and
/// `hmac.new(k, enterprise, "sha256").hexdigest()[:32]`.
#[test]
fn a_pseudonym_is_what_another_program_makes_of_the_same() {
    assert_eq!(name(&SECRET, "bank-indonesia", &ENTERPRISE), "5c594dca6eb8cba6f18f7dcef71ee836");
    assert_eq!(name(&SECRET, "bjb", &ENTERPRISE), "2d4239f14f9685a6f5760cf753bc64b4");
    assert_eq!(name(&SECRET, "", &[255; 16]), "ae21f7a7f4e3861d343931f62f040407");
}

#[test]
fn two_recipients_know_one_enterprise_by_two_names() {
    let one = name(&SECRET, "bank-indonesia", &ENTERPRISE);
    assert_ne!(one, name(&SECRET, "bjb", &ENTERPRISE));
    assert_ne!(one, name(&SECRET, "bank-indonesia", &[0; 16]));
    assert_ne!(one, name(&[1; 32], "bank-indonesia", &ENTERPRISE));
}

#[test]
fn a_short_secret_is_none_and_a_key_prints_nothing() {
    assert!(PseudonymKey::of_recipient(&SECRET[..31], "bjb").is_none());
    let key = PseudonymKey::of_recipient(&SECRET, "bjb");
    assert_eq!(format!("{key:?}"), "Some(PseudonymKey)");
}
