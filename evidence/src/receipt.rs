//! Receipts: what an answer disclosed, such that the log holds the hub to it.
//!
//! A receipt comes with the answer it is about. The entry of that answer names the receipt's digest, and the next
//! checkpoint signs the entry; a [`Proof`] shows both. So whoever keeps answer, receipt and proof can show what
//! she was given, and the hub can show that she was not given more. The log itself learns nothing of the answer:
//! a receipt holds a random number that nobody else knows.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::checkpoint::Checkpoint;
use crate::entry::{Bytes, Entry};
use crate::hash::Hash;
use crate::key::PublicKey;
use crate::merkle::included;

/// What a receipt of this layout is called.
pub const RECEIPT: &str = "tunggal receipt 1";

/// What one answer disclosed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Receipt {
    /// [`RECEIPT`].
    pub layout: String,
    /// Whose log holds the hub to it.
    pub installation: String,
    /// The id of the request, as its answer carries it.
    pub request: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who asked, as her token names the person or the machine.
    pub subject: String,
    /// Of which institution.
    pub institution: String,
    /// Through which client.
    pub client: String,
    /// For which purpose.
    pub purpose: String,
    /// What was asked, as names of fields of the API parted by spaces.
    pub operation: String,
    /// The fingerprint of the financing rules in force.
    pub rules: String,
    /// The consents that opened what was shown, by id and in order.
    pub consents: Vec<String>,
    /// The digest of the answer's data ([`digest_of`]) or, of a file, of its bytes (SHA-256); 64 hexadecimal digits.
    pub data: String,
    /// 32 hexadecimal digits by chance, so that nobody finds out an answer by trying digests.
    pub salt: String,
}

impl Receipt {
    /// The digest that the entry of the answer names, over the texts in the order above: a text is its length in
    /// bytes, 64 bits, big end first, and its UTF-8; a list its length and its texts.
    pub fn digest(&self) -> Hash {
        let mut out = Bytes(Vec::with_capacity(512));
        out.text(&self.layout);
        out.text(&self.installation);
        out.text(&self.request);
        out.number(self.at.cast_unsigned());
        for text in [
            &self.subject,
            &self.institution,
            &self.client,
            &self.purpose,
            &self.operation,
            &self.rules,
        ] {
            out.text(text);
        }
        out.texts(&self.consents);
        out.text(&self.data);
        out.text(&self.salt);
        Hash::of(&[&out.0])
    }
}

/// The digest of an answer's data: SHA-256 of its JSON with the members of every object in the order of their
/// names and nothing between tokens (RFC 8785; numbers as the answer writes them).
pub fn digest_of(data: &Value) -> Hash {
    let mut out = Vec::with_capacity(4_096);
    write(data, &mut out);
    Hash::of(&[&out])
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push(b'{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if 0 < at {
                    out.push(b',');
                }
                out.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if 0 < at {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        other => out.extend_from_slice(other.to_string().as_bytes()),
    }
}

/// What shows that the log holds the hub to a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The entry of the answer.
    pub entry: Entry,
    /// The way from its leaf to the root that the checkpoint signs (RFC 6962, section 2.1.1), as hexadecimal
    /// digits.
    pub path: Vec<String>,
    /// The checkpoint, as its text.
    pub checkpoint: String,
}

/// Why a receipt does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disproof {
    /// The layout is none that this program knows.
    #[error("the receipt is of a layout that this program does not know")]
    Layout,
    /// The data of the answer is not what the receipt is about.
    #[error("the answer is not the one that the receipt is about: its data was changed")]
    Data,
    /// The entry names another receipt.
    #[error(
        "the entry of the log is not of this receipt: the receipt was changed, or belongs to another answer"
    )]
    Receipt,
    /// The checkpoint cannot be read.
    #[error("the proof has no checkpoint")]
    Checkpoint,
    /// Another key signed the checkpoint, or it was changed.
    #[error("the checkpoint was not signed with this key")]
    Signature,
    /// The checkpoint is of another installation.
    #[error("the checkpoint is of another installation than the receipt")]
    Installation,
    /// The entry is not in the log that was signed.
    #[error("the entry is not in the log that the checkpoint signs")]
    Entry,
}

/// Whether `receipt` is about an answer with the digest `data`, and the log holds the hub to it, by what `key` signed.
pub fn verify(
    receipt: &Receipt,
    data: Hash,
    proof: &Proof,
    key: &PublicKey,
) -> Result<(), Disproof> {
    if receipt.layout != RECEIPT {
        return Err(Disproof::Layout);
    }
    if receipt.data != data.to_string() {
        return Err(Disproof::Data);
    }
    let act = &proof.entry.act;
    if act.receipt != receipt.digest().to_string() || act.request != receipt.request {
        return Err(Disproof::Receipt);
    }
    let checkpoint: Checkpoint = proof.checkpoint.parse().map_err(|_| Disproof::Checkpoint)?;
    if !checkpoint.holds(key) {
        return Err(Disproof::Signature);
    }
    if checkpoint.installation != receipt.installation {
        return Err(Disproof::Installation);
    }
    let path: Option<Vec<Hash>> = proof.path.iter().map(|it| Hash::from_hex(it)).collect();
    let index = proof.entry.seq.checked_sub(1).ok_or(Disproof::Entry)?;
    let (size, root) = (checkpoint.head.size, checkpoint.tree.root());
    let leaf = proof.entry.leaf();
    match path.is_some_and(|it| included(&leaf, index, size, &it, &root)) {
        true => Ok(()),
        false => Err(Disproof::Entry),
    }
}
