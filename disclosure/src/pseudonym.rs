//! Names for enterprises by which a recipient follows them and two recipients cannot compare notes.

use std::fmt;

use aws_lc_rs::hmac;

/// What the key of a recipient is made of beside the secret.
const RECIPIENT: &[u8] = b"tunggal pseudonyms of recipient\0";

/// The key of one recipient's pseudonyms: HMAC-SHA-256 (RFC 2104) of the recipient's name under a secret of
/// the hub.
pub struct PseudonymKey(hmac::Key);

impl PseudonymKey {
    /// The key of a recipient, by a secret of at least 32 bytes that is used for nothing else; `None` with a
    /// shorter one.
    pub fn of_recipient(secret: &[u8], recipient: &str) -> Option<Self> {
        if secret.len() < 32 {
            return None;
        }
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let named = hmac::sign(&secret, &[RECIPIENT, recipient.as_bytes()].concat());
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, named.as_ref())))
    }

    /// What this recipient knows an enterprise by: the first 16 bytes of HMAC-SHA-256 of its id.
    pub fn pseudonym(&self, enterprise: &[u8; 16]) -> Pseudonym {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hmac::sign(&self.0, enterprise).as_ref()[..16]);
        Pseudonym(bytes)
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey")
    }
}

/// A name for an enterprise that only one recipient knows it by. Prints as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym([u8; 16]);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| write!(f, "{it:02x}"))
    }
}
