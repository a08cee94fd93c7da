//! Files that their owner alone may read, written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Writes a file, unless another process was first.
pub fn write_once(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let draft = draft(path, bytes)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a file in place of the one that is there.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Ok(std::fs::rename(draft(path, bytes)?, path)?)
}

fn draft(path: &Path, bytes: &[u8]) -> Result<PathBuf, Error> {
    let draft = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(draft)
}
