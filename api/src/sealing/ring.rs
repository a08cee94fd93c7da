//! The ring of data keys: the one that seals, those that still open, and one that waits. It is a file
//! that its owner alone may read, made beside the embedded register at the first start, or a text that
//! the environment gives.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::{KEY, Sealer, Secret};
use crate::auth::{replace, write_once};
use crate::error::Error;

/// The ring's file in the data directory.
pub const FILE: &str = "data-keys.json";
/// How long the ring is taken to be as it was read; another process may have rotated it.
pub const FRESH: Duration = Duration::from_secs(1);

/// Where the ring is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The file in this data directory, which a new register makes.
    Beside(PathBuf),
    /// A file that is there.
    File(PathBuf),
    /// The text of the ring.
    Given(Secret),
}

/// A key as `tunggal key data list` tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It seals.
    Seals,
    /// It is newer than the one that seals, and waits for a rotation.
    Waits,
    /// It opens what it sealed.
    Opens,
}

/// The ring as text.
#[derive(Clone, Serialize, Deserialize)]
struct Written {
    /// The version of the key that seals.
    seals: u32,
    /// What ids are derived with, in base64: never changed.
    ids: String,
    keys: Vec<WrittenKey>,
}

#[derive(Clone, Serialize, Deserialize)]
struct WrittenKey {
    /// From 1; never given twice.
    version: u32,
    /// 32 random bytes in base64.
    key: String,
}

#[derive(Clone)]
struct Reading {
    sealer: Arc<Sealer>,
    stamp: Option<SystemTime>,
    looked: Instant,
}

/// The ring, read again when its file changes.
pub struct Ring {
    source: Option<Source>,
    read: RwLock<Reading>,
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Ring")
    }
}

impl Ring {
    /// Reads the ring, or makes it where it lies beside a register that is `new`.
    ///
    /// Fails with [`Error::DataKeysUnreadable`] when there is none.
    pub fn open(source: Source, new: bool) -> Result<Ring, Error> {
        if let (Source::Beside(directory), true) = (&source, new) {
            std::fs::create_dir_all(directory)?;
            if !directory.join(FILE).exists() {
                write_once(&directory.join(FILE), &serde_json::to_vec(&Written::fresh()?)?)?;
            }
        }
        let read = RwLock::new(source.reading()?);
        Ok(Ring { source: Some(source), read })
    }

    /// No key at all: everything is kept in the open, to measure what sealing costs.
    pub(crate) fn none() -> Result<Ring, Error> {
        let sealer = Arc::new(Sealer::new(&[], &[0; KEY])?);
        let reading = Reading { sealer, stamp: None, looked: Instant::now() };
        Ok(Ring { source: None, read: RwLock::new(reading) })
    }

    /// The keys as they are.
    pub fn sealer(&self) -> Arc<Sealer> {
        let last = self.read.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(path) = self.source.as_ref().and_then(Source::path) else { return last.sealer };
        if last.looked.elapsed() < FRESH {
            return last.sealer;
        }
        if stamp(&path) == last.stamp {
            self.keep(Reading { looked: Instant::now(), ..last.clone() });
            return last.sealer;
        }
        match self.source.as_ref().map(Source::reading) {
            Some(Ok(reading)) => {
                self.keep(reading.clone());
                reading.sealer
            }
            // A file that cannot be read is no reason to stop serving with the keys that were read.
            _ => {
                tracing::warn!("the ring of data keys cannot be read");
                last.sealer
            }
        }
    }

    fn keep(&self, reading: Reading) {
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = reading;
    }

    /// The keys, the newest first.
    pub fn list(&self) -> Result<Vec<(u32, State)>, Error> {
        let Some(source) = &self.source else { return Ok(vec![]) };
        let written = source.written()?;
        let mut all: Vec<(u32, State)> = written
            .keys
            .iter()
            .map(|it| it.version)
            .map(|it| {
                let state = match it.cmp(&written.seals) {
                    std::cmp::Ordering::Less => State::Opens,
                    std::cmp::Ordering::Equal => State::Seals,
                    std::cmp::Ordering::Greater => State::Waits,
                };
                (it, state)
            })
            .collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.0));
        Ok(all)
    }

    /// Lets the key of this version seal from now on; it is in the ring.
    pub fn activate(&self, version: u32) -> Result<(), Error> {
        let Some(source) = &self.source else { return Ok(()) };
        source.change(|ring| ring.seals = version)?;
        self.keep(source.reading()?);
        Ok(())
    }

    /// Takes the key of this version out of the ring.
    pub fn remove(&self, version: u32) -> Result<(), Error> {
        let Some(source) = &self.source else { return Ok(()) };
        source.change(|ring| ring.keys.retain(|it| it.version != version))?;
        self.keep(source.reading()?);
        Ok(())
    }

    /// Whether the ring is a file, which the program may change.
    pub fn is_file(&self) -> bool {
        self.source.as_ref().and_then(Source::path).is_some()
    }
}

/// Adds a key that waits, and tells its version. A ring that is not there is made with its first key. Where
/// the ring is given as a text, the new text is returned: it goes to where that one is kept.
pub fn add(source: &Source) -> Result<(u32, Option<Secret>), Error> {
    let Some(path) = source.path() else {
        let mut ring = source.written()?;
        let version = ring.add()?;
        return Ok((version, Some(Secret::new(serde_json::to_string(&ring)?))));
    };
    if !path.exists() {
        write_once(&path, &serde_json::to_vec(&Written::fresh()?)?)?;
        return Ok((1, None));
    }
    let mut version = Ok(0);
    source.change(|ring| version = ring.add())?;
    Ok((version?, None))
}

impl Source {
    /// Whether it is a file that is not there.
    pub fn is_absent(&self) -> bool {
        self.path().is_some_and(|it| !it.exists())
    }

    fn path(&self) -> Option<PathBuf> {
        match self {
            Source::Beside(directory) => Some(directory.join(FILE)),
            Source::File(path) => Some(path.clone()),
            Source::Given(_) => None,
        }
    }

    fn written(&self) -> Result<Written, Error> {
        let text = match (self, self.path()) {
            (Source::Given(text), _) => text.reveal().to_owned(),
            (_, Some(path)) => std::fs::read_to_string(path).map_err(|_| {
                Error::DataKeysUnreadable("there is no such file, or it may not be read")
            })?,
            _ => String::new(),
        };
        let ring: Written = serde_json::from_str(&text)
            .map_err(|_| Error::DataKeysUnreadable("it is not a ring of data keys"))?;
        ring.check()?;
        Ok(ring)
    }

    fn reading(&self) -> Result<Reading, Error> {
        let (looked, stamp) = (Instant::now(), self.path().and_then(|it| stamp(&it)));
        let ring = self.written()?;
        let mut keys = vec![];
        for it in &ring.keys {
            keys.push((it.version, secret(&it.key)?));
        }
        keys.sort_by_key(|it| (it.0 != ring.seals, std::cmp::Reverse(it.0)));
        let sealer = Arc::new(Sealer::new(&keys, &secret(&ring.ids)?)?);
        Ok(Reading { sealer, stamp, looked })
    }

    fn change(&self, change: impl FnOnce(&mut Written)) -> Result<(), Error> {
        let Some(path) = self.path() else {
            return Err(Error::Conflict(
                "the ring is given by the environment: change it there, on every node, and start again".into(),
            ));
        };
        let lock = std::fs::File::create(path.with_extension("lock"))?;
        lock.lock()?;
        let mut ring = self.written()?;
        change(&mut ring);
        ring.check()?;
        replace(&path, &serde_json::to_vec(&ring)?)
    }
}

impl Written {
    fn fresh() -> Result<Written, Error> {
        let keys = vec![WrittenKey { version: 1, key: random()? }];
        Ok(Written { seals: 1, ids: random()?, keys })
    }

    fn add(&mut self) -> Result<u32, Error> {
        let version = self.keys.iter().map(|it| it.version).max().unwrap_or(0) + 1;
        self.keys.push(WrittenKey { version, key: random()? });
        Ok(version)
    }

    fn check(&self) -> Result<(), Error> {
        let mut versions: Vec<u32> = self.keys.iter().map(|it| it.version).collect();
        versions.sort_unstable();
        let several = versions.windows(2).any(|it| it[0] == it[1]);
        if several || versions.first() == Some(&0) {
            return Err(Error::DataKeysUnreadable("its versions must be different, from 1"));
        }
        if !versions.contains(&self.seals) {
            return Err(Error::DataKeysUnreadable("the key that seals is not in it"));
        }
        Ok(())
    }
}

fn random() -> Result<String, Error> {
    let mut key = [0; KEY];
    rand::fill(&mut key).map_err(|_| Error::internal("no random key"))?;
    Ok(BASE64_STANDARD.encode(key))
}

fn secret(text: &str) -> Result<[u8; KEY], Error> {
    let bytes = BASE64_STANDARD.decode(text).ok().and_then(|it| it.try_into().ok());
    bytes.ok_or(Error::DataKeysUnreadable("a key is not 32 bytes in base64"))
}

fn stamp(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|it| it.modified()).ok()
}
