//! Personal data at rest. What the register holds of persons is sealed (AES-256-GCM) as it is written
//! and opened as it is read, by [`crate::store`] alone; a value is looked up by a keyed hash of it.
//!
//! A sealed value is `1`, the version of its key (four bytes, big end first), a random nonce of twelve
//! bytes, the ciphertext and a tag of sixteen bytes. The tag covers what it is and in which row it
//! stands, so one that was moved does not open.

pub mod ring;
mod secret;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use siphasher::sip::SipHasher24;
use uuid::Uuid;

use crate::error::Error;
pub use ring::Ring;
pub use secret::Secret;

/// Bytes of a key.
const KEY: usize = 32;
/// The first byte of what is sealed.
const SEALED: u8 = 1;
/// The first byte of what a register for measuring holds in the open.
const OPEN: u8 = 0;
/// Bytes in front of the nonce: one of the two above and the version of the key.
pub const HEADER: usize = 5;
const PLACE: usize = 32;

macro_rules! whats {
    ($($(#[$doc:meta])* $name:ident = $label:literal),+ $(,)?) => {
        /// What is sealed, each with a key of its own made from that of the ring.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum What { $($(#[$doc])* $name),+ }

        impl What {
            const ALL: [What; [$($label),+].len()] = [$(What::$name),+];

            /// Where it is kept: table and column.
            pub fn label(self) -> &'static str {
                match self { $(What::$name => $label),+ }
            }
        }
    };
}

whats! {
    /// The cells of a row as written.
    Cells = "source_record.cells",
    /// The texts of a row by meaning.
    Fields = "source_record.fields",
    /// A piece of an uploaded file.
    Part = "source_file_part.bytes",
    /// A profile, present or former.
    Profile = "enterprise.profile",
    /// A person's NIK.
    Nik = "owner.nik",
    /// The value a steward set, and her words.
    Said = "decision.said",
    /// The parameters of a linkage model, which hold words of addresses.
    Parameters = "linkage_model.parameters",
    /// What a person wants a row to say.
    Proposed = "rights_request.proposed",
    /// Why she asks.
    Reason = "rights_request.reason",
    /// Where each enterprise was counted in the figures that were told.
    Spots = "figures_edition.spots",
    /// A cursor of a feed of changes, which a client keeps; no table does.
    Cursor = "cursor",
}

/// In which row something stands: its id and, where that is not enough, a number or another id.
#[derive(Debug, Clone, Copy)]
pub struct Place([u8; PLACE]);

impl Place {
    /// The row with this id.
    pub fn of(id: Uuid) -> Place {
        Place::and(id, 0)
    }

    /// The row with this id and this number.
    pub fn and(id: Uuid, number: u128) -> Place {
        let mut place = [0; PLACE];
        place[..16].copy_from_slice(id.as_bytes());
        place[16..].copy_from_slice(&number.to_be_bytes());
        Place(place)
    }
}

/// One key of the ring, and the keys made from it.
struct DataKey {
    version: u32,
    sealing: Vec<LessSafeKey>,
    blocking: SipHasher24,
    proof: [u8; 16],
}

/// The keys as they were in the ring within the last second. Taken once for each statement, so that it
/// follows a rotation.
pub struct Sealer {
    /// The one that seals first; empty in a register for measuring.
    keys: Vec<DataKey>,
    naming: hmac::Key,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Sealer")
    }
}

impl Sealer {
    /// Seals with the first of `keys`; `ids` is what ids are derived with.
    fn new(keys: &[(u32, [u8; KEY])], ids: &[u8; KEY]) -> Result<Sealer, Error> {
        let keys = keys.iter().map(|(version, secret)| DataKey::new(*version, secret));
        Ok(Sealer { keys: keys.collect::<Result<_, _>>()?, naming: derived(ids, "ids") })
    }

    /// The version of the key that seals; 0 in a register for measuring.
    pub fn version(&self) -> u32 {
        self.keys.first().map_or(0, |it| it.version)
    }

    /// The versions of all keys.
    pub fn versions(&self) -> impl Iterator<Item = u32> {
        self.keys.iter().map(|it| it.version)
    }

    /// What a value begins with that is sealed as it would be now.
    pub fn header(&self) -> [u8; HEADER] {
        let mut header = [SEALED; HEADER];
        header[0] = if self.keys.is_empty() { OPEN } else { SEALED };
        header[1..].copy_from_slice(&self.version().to_be_bytes());
        header
    }

    /// By what a register knows this version of a key again; `None` for one not in the ring.
    pub(crate) fn proof(&self, version: u32) -> Option<Vec<u8>> {
        match version {
            0 => Some(hmac::sign(&self.naming, b"proof").as_ref()[..16].to_vec()),
            _ => self.key(version).map(|it| it.proof.to_vec()),
        }
    }

    /// Seals `plain`, which stands at `place`.
    pub fn seal(&self, what: What, place: Place, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let header = self.header();
        let Some(key) = self.keys.first() else { return Ok([&header, plain].concat()) };
        let unsealed = |_| Error::internal("a value could not be sealed");
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(unsealed)?;
        let at = HEADER + NONCE_LEN;
        let mut sealed = Vec::with_capacity(at + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&header);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let bound = Aad::from(bound(&header, place));
        let sealing = &key.sealing[what as usize];
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = sealing.seal_in_place_separate_tag(nonce, bound, &mut sealed[at..]);
        sealed.extend_from_slice(tag.map_err(unsealed)?.as_ref());
        Ok(sealed)
    }

    /// What was sealed at `place`, opened where it lies.
    ///
    /// Fails with [`Error::DataKeyMissing`] when its key is not in the ring, and with
    /// [`Error::DataDamaged`] when it is not what was sealed there.
    pub fn open<'a>(
        &self,
        what: What,
        place: Place,
        sealed: &'a mut [u8],
    ) -> Result<&'a [u8], Error> {
        let damaged = || Error::DataDamaged(what.label());
        let (header, rest) = sealed.split_first_chunk_mut::<HEADER>().ok_or_else(damaged)?;
        let version = version_of(header).ok_or_else(damaged)?;
        if self.keys.is_empty() {
            return if version == 0 { Ok(rest) } else { Err(damaged()) };
        }
        if header[0] != SEALED {
            return Err(damaged());
        }
        let key = self.key(version).ok_or(Error::DataKeyMissing(version))?;
        let (nonce, rest) = rest.split_first_chunk_mut::<NONCE_LEN>().ok_or_else(damaged)?;
        let bound = Aad::from(bound(header, place));
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key.sealing[what as usize].open_in_place(nonce, bound, rest);
        opened.map(|it| &*it).map_err(|_| damaged())
    }

    /// What was sealed at `place`, as a text.
    pub fn open_text(
        &self,
        what: What,
        place: Place,
        mut sealed: Vec<u8>,
    ) -> Result<String, Error> {
        let text = std::str::from_utf8(self.open(what, place, &mut sealed)?);
        text.map(str::to_owned).map_err(|_| Error::DataDamaged(what.label()))
    }

    /// How blocking keys are kept in an index that was written under this version.
    ///
    /// Fails with [`Error::DataKeyMissing`] when that key is not in the ring.
    pub fn blocking(&self, version: u32) -> Result<impl Fn(u64) -> u64 + '_, Error> {
        let key = self.key(version);
        if key.is_none() && !(self.keys.is_empty() && version == 0) {
            return Err(Error::DataKeyMissing(version));
        }
        Ok(move |it: u64| key.map_or(it, |key| key.blocking.hash(&it.to_le_bytes())))
    }

    /// A name for what ids are derived from that tells nothing of it. The key of this one never changes,
    /// because ids hold for ever.
    pub fn name(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.naming);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut name = [0; 32];
        name.copy_from_slice(context.sign().as_ref());
        name
    }

    /// What the pseudonyms of recipients are made of, used for nothing else. Like ids, they are to hold through a
    /// rotation, so this never changes either.
    pub fn pseudonyms(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret.copy_from_slice(hmac::sign(&self.naming, b"pseudonyms").as_ref());
        secret
    }

    fn key(&self, version: u32) -> Option<&DataKey> {
        self.keys.iter().find(|it| it.version == version)
    }
}

impl DataKey {
    fn new(version: u32, secret: &[u8; KEY]) -> Result<DataKey, Error> {
        let sealing = What::ALL.iter().map(|it| {
            let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), it.label().as_bytes());
            let key = UnboundKey::new(&AES_256_GCM, key.as_ref());
            key.map(LessSafeKey::new).map_err(|_| Error::internal("a data key of a wrong length"))
        });
        let part = |label: &str| {
            let whole = hmac::sign(&derived(secret, label), b"");
            let mut part = [0; 16];
            part.copy_from_slice(&whole.as_ref()[..16]);
            part
        };
        Ok(DataKey {
            version,
            sealing: sealing.collect::<Result<_, _>>()?,
            blocking: SipHasher24::new_with_key(&part("blocks")),
            proof: part("proof"),
        })
    }
}

/// The version of the key that a sealed value names; `None` when it is no such value.
pub fn version_of(sealed: &[u8]) -> Option<u32> {
    let (first, rest) = sealed.split_first()?;
    let version = rest.first_chunk::<4>()?;
    (*first <= SEALED).then(|| u32::from_be_bytes(*version))
}

fn bound(header: &[u8; HEADER], place: Place) -> [u8; HEADER + PLACE] {
    let mut bound = [0; HEADER + PLACE];
    bound[..HEADER].copy_from_slice(header);
    bound[HEADER..].copy_from_slice(&place.0);
    bound
}

/// A key for one purpose, made from `secret`, which is uniformly random.
fn derived(secret: &[u8; KEY], label: &str) -> hmac::Key {
    let made = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), label.as_bytes());
    hmac::Key::new(hmac::HMAC_SHA256, made.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(versions: &[u32]) -> Sealer {
        let keys: Vec<(u32, [u8; KEY])> =
            versions.iter().map(|it| (*it, [*it as u8; KEY])).collect();
        Sealer::new(&keys, &[9; KEY]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_where_it_was_sealed_and_nowhere_else() {
        let (keys, here) = (sealer(&[1]), Place::and(Uuid::from_u128(7), 1));
        let sealed = keys.seal(What::Fields, here, b"0812").unwrap();
        assert!(!sealed.windows(4).any(|it| it == b"0812"));
        assert_ne!(sealed, keys.seal(What::Fields, here, b"0812").unwrap());
        assert_eq!(keys.open(What::Fields, here, &mut sealed.clone()).unwrap(), b"0812");
        let refused = |what, place, mut sealed: Vec<u8>| {
            matches!(keys.open(what, place, &mut sealed), Err(Error::DataDamaged(_)))
        };
        assert!(refused(What::Cells, here, sealed.clone()));
        assert!(refused(What::Fields, Place::and(Uuid::from_u128(7), 2), sealed.clone()));
        for at in 0..sealed.len() {
            if (1..HEADER).contains(&at) {
                continue;
            }
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(refused(What::Fields, here, changed), "byte {at}");
            assert!(refused(What::Fields, here, sealed[..at].to_vec()), "cut at {at}");
        }
        let mut unsealed = sealed;
        unsealed[0] = OPEN;
        assert!(refused(What::Fields, here, unsealed));
    }

    #[test]
    fn a_key_that_is_not_in_the_ring_is_named() {
        let here = Place::of(Uuid::from_u128(7));
        let mut sealed = sealer(&[3]).seal(What::Nik, here, b"x").unwrap();
        let error = sealer(&[4]).open(What::Nik, here, &mut sealed).unwrap_err();
        assert!(matches!(error, Error::DataKeyMissing(3)));
        assert!(sealer(&[4]).blocking(3).is_err());
        // After a rotation the former key still opens.
        assert_eq!(sealer(&[4, 3]).open(What::Nik, here, &mut sealed).unwrap(), b"x");
    }

    #[test]
    fn names_and_blocking_keys_depend_on_the_key() {
        let (one, two) = (sealer(&[1]), sealer(&[2, 1]));
        assert_ne!(one.name(&[b"a", b"b"]), one.name(&[b"ab", b""]));
        assert_ne!(one.blocking(1).unwrap()(5), two.blocking(2).unwrap()(5));
        assert_eq!(one.blocking(1).unwrap()(5), two.blocking(1).unwrap()(5));
    }
}
