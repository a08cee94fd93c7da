//! Evidence of who read whose data, such that whoever changes it later is found out.
//!
//! Every act on personal data is an [`Entry`]. Entries form a hash [`chain`]; now and then a
//! [`Checkpoint`] signs how long the chain is, its last hash and the root of a Merkle tree over all
//! entries (RFC 6962, section 2.1), and is kept where those who can write to the register cannot reach.
//! A [`Verifier`] needs the entries, the checkpoints and the public key, and nothing of the hub.
//!
//! Nothing here reads a clock, a file or a network. The law: UU PDP 27/2022 articles 31 (a record of
//! processing), 32 (its subject may see it) and 35 (security of processing).

pub mod chain;
pub mod checkpoint;
pub mod entry;
pub mod hash;
pub mod key;
pub mod log;
pub mod merkle;
pub mod receipt;
pub mod verify;

pub use chain::Head;
pub use checkpoint::Checkpoint;
pub use entry::{Act, Entry, Outcome, Read};
pub use hash::{Hash, to_hex};
pub use key::{PublicKey, SigningKey};
pub use receipt::{Proof, Receipt};
pub use verify::{Fault, Report, Verifier};
