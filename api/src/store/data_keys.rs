//! Which data keys the register was written with, so that a ring that lacks one or has another under its
//! version is found at the start and not at the first row that does not open.

use std::collections::HashMap;

use entity::data_key;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::embedded::REGISTER;
use super::{Location, Store};
use crate::config::Config;
use crate::error::Error;
use crate::sealing::ring::Source;
use crate::sealing::{Ring, Sealer};

/// The version under which a register that seals nothing says so.
const UNSEALED: i32 = -1;

/// The ring of the register, which a new one makes. Keys that it does not know yet are made known.
pub(super) async fn ring_of<C: ConnectionTrait>(
    connection: &C,
    source: Source,
) -> Result<Ring, Error> {
    let known = known(connection).await?;
    if known.contains_key(&UNSEALED) {
        return Err(Error::Conflict(
            "this register was made for measuring and seals nothing".into(),
        ));
    }
    let first = known.keys().copied().filter(|it| 0 < *it).max();
    if let Some(version) = first
        && source.is_absent()
    {
        return Err(Error::DataKeyMissing(version.unsigned_abs()));
    }
    let ring = Ring::open(source, known.is_empty())?;
    let sealer = ring.sealer();
    check(&known, &sealer)?;
    for version in [0, sealer.version()] {
        make_known(connection, &sealer, version).await?;
    }
    // Another process may have been first, with another ring.
    check(&self::known(connection).await?, &sealer)?;
    Ok(ring)
}

/// No ring, for a register that never had one.
pub(super) async fn no_ring<C: ConnectionTrait>(connection: &C) -> Result<Ring, Error> {
    let known = known(connection).await?;
    if known.keys().any(|it| *it != UNSEALED) {
        return Err(Error::Conflict("this register is sealed".into()));
    }
    let row = data_key::ActiveModel { version: Set(UNSEALED), proof: Set(vec![]) };
    insert(connection, row).await?;
    Ring::none()
}

impl Store {
    /// The newest key that the register was written with; none where there is no register yet.
    pub async fn sealed_by(config: &Config) -> Result<Option<u32>, Error> {
        let location = config.location();
        if let Location::Embedded(directory) = &location
            && !directory.join(REGISTER).exists()
        {
            return Ok(None);
        }
        let database = Store::connect(&location, config.limits.request_time).await?;
        // The table is absent in a new register.
        let known = known(&database.reader).await.unwrap_or_default();
        Ok(known.into_keys().filter(|it| 0 < *it).max().map(i32::unsigned_abs))
    }
}

async fn known<C: ConnectionTrait>(connection: &C) -> Result<HashMap<i32, Vec<u8>>, Error> {
    let rows = data_key::Entity::find().all(connection).await?;
    Ok(rows.into_iter().map(|it| (it.version, it.proof)).collect())
}

fn check(known: &HashMap<i32, Vec<u8>>, sealer: &Sealer) -> Result<(), Error> {
    let mut versions: Vec<(&i32, &Vec<u8>)> = known.iter().collect();
    versions.sort();
    for (version, proof) in versions {
        let version = version.unsigned_abs();
        match sealer.proof(version) {
            None => return Err(Error::DataKeyMissing(version)),
            Some(ours) if ours != *proof => return Err(Error::DataKeyWrong(version)),
            Some(_) => {}
        }
    }
    Ok(())
}

async fn make_known<C: ConnectionTrait>(
    connection: &C,
    sealer: &Sealer,
    version: u32,
) -> Result<(), Error> {
    let proof = sealer.proof(version).ok_or(Error::DataKeyMissing(version))?;
    let row = data_key::ActiveModel { version: Set(version.cast_signed()), proof: Set(proof) };
    insert(connection, row).await
}

async fn insert<C: ConnectionTrait>(
    connection: &C,
    row: data_key::ActiveModel,
) -> Result<(), Error> {
    let known = OnConflict::column(data_key::Column::Version).do_nothing().to_owned();
    data_key::Entity::insert(row).on_conflict(known).exec_without_returning(connection).await?;
    Ok(())
}

impl Store {
    /// The ring of data keys.
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Makes the key of this version, which is in the ring, known to the register before it seals.
    pub async fn make_key_known(&self, version: u32) -> Result<(), Error> {
        make_known(self.writer(), &self.sealer(), version).await
    }

    /// Forgets a key that nothing is sealed with.
    pub async fn forget_key(&self, version: u32) -> Result<(), Error> {
        data_key::Entity::delete_by_id(version.cast_signed()).exec(self.writer()).await?;
        Ok(())
    }
}
