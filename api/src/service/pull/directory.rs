//! A directory into which an agency's files come. A file is read once it has been left alone for a while and is still
//! the same afterwards; it stays where it is.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::app::App;
use crate::config::sources::Source;
use crate::connect::{Fault, FaultKind};
use crate::error::Error;
use crate::service::ingest::{self, Options};
use crate::store::live_sources::Moves;
use crate::store::source_files::FileStatus;

use super::{Pulled, Turn, ours, puller, tell};

/// Files of a directory that are looked at.
const MOST_FILES: usize = 10_000;

/// Endings of files that are still being written.
const UNFINISHED: [&str; 6] = ["part", "partial", "tmp", "filepart", "crdownload", "swp"];

struct Arrived {
    path: PathBuf,
    name: String,
    /// Name, size and time of change, as a keyed digest.
    known_by: String,
    settled: bool,
}

pub(super) async fn pull(
    app: &App,
    source: &Source,
    turn: &Turn,
    (directory, settle): (&Path, Duration),
    pulled: &mut Pulled,
) -> Result<(), Fault> {
    let state = app.store.live_source(&source.name).await.map_err(ours)?;
    let known: BTreeSet<&str> = state.seen.as_deref().unwrap_or("").split(' ').collect();
    let listed = directory.to_owned();
    let settled = SystemTime::from(turn.now).checked_sub(settle).unwrap_or(SystemTime::UNIX_EPOCH);
    let sealer = app.store.sealer();
    let name = move |it: &str| {
        sealer.name(&[b"arrived", it.as_bytes()])[..8]
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect()
    };
    let arrived = ingest::blocking(move || Ok(list(&listed, settled, &name)?)).await;
    let arrived = arrived.map_err(|_| Fault::of(FaultKind::Unreachable))?;
    let mut done: Vec<String> = Vec::new();
    let (mut refused, mut asking) = (Vec::new(), false);
    let mut ended = Ok(());
    for file in arrived {
        if known.contains(file.known_by.as_str()) {
            done.push(file.known_by);
            continue;
        }
        if !file.settled || ended.is_err() {
            continue;
        }
        if *turn.stop.borrow() {
            ended = Err(Fault::of(FaultKind::Cancelled));
            continue;
        }
        match take(app, source, &file).await {
            Ok(Some(receipt)) => {
                done.push(file.known_by);
                pulled.rows += receipt.counts.rows;
                asking |= receipt.status == FileStatus::Asking;
                if !receipt.known {
                    pulled.add(receipt.file, &receipt.counts);
                }
            }
            // It changed while it was read: its turn comes again.
            Ok(None) => {}
            Err(Error::FileRefused(refusal)) => {
                done.push(file.known_by);
                refused.push(format!("{} {}", file.name, refusal.code.as_str()));
            }
            Err(error) => ended = Err(ours(error)),
        }
        tell(app, source, "pulling", pulled.rows, false);
    }
    // A file is known by its content too, so what is not written down here is not taken twice.
    let moves = Moves { seen: Some(done.join(" ")), ..Moves::default() };
    app.store.move_source(&turn.lease, &moves).await.map_err(ours)?;
    ended?;
    if !refused.is_empty() {
        return Err(Fault::about(FaultKind::FilesRefused, refused.join(", ")));
    }
    if asking { Err(Fault::of(FaultKind::Asking)) } else { Ok(()) }
}

/// Takes a copy of a file, so that what is kept is what was looked at.
async fn take(
    app: &App,
    source: &Source,
    file: &Arrived,
) -> Result<Option<ingest::Receipt>, Error> {
    let path = file.path.clone();
    let copy = ingest::blocking(move || {
        let before = std::fs::symlink_metadata(&path)?;
        let copy = tempfile::NamedTempFile::new()?;
        std::fs::copy(&path, copy.path())?;
        let after = std::fs::symlink_metadata(&path)?;
        let same = before.len() == after.len() && before.modified()? == after.modified()?;
        Ok(same.then_some(copy))
    });
    let Some(copy) = copy.await? else { return Ok(None) };
    let mapping = Some(source.mapping.clone()).filter(|it| !it.columns.is_empty());
    let options = Options { complete_list: source.deletes, mapping, ..Options::default() };
    let by = puller(source);
    ingest::receive(app, &by, &source.agency, copy.path(), &file.name, options).await.map(Some)
}

/// The files of a directory, the oldest first.
fn list(
    directory: &Path,
    settled: SystemTime,
    known_by: &dyn Fn(&str) -> String,
) -> std::io::Result<Vec<Arrived>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)?.take(MOST_FILES) {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Not through links: they could lead anywhere.
        let Ok(metadata) = std::fs::symlink_metadata(entry.path()) else { continue };
        if !metadata.is_file() || metadata.len() == 0 || is_unfinished(&name) {
            continue;
        }
        let modified = metadata.modified()?;
        let known_by = known_by(&format!("{name}\0{}", stamp(&metadata, modified)));
        files.push((
            modified,
            Arrived { path: entry.path(), name, known_by, settled: modified <= settled },
        ));
    }
    files.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    Ok(files.into_iter().map(|it| it.1).collect())
}

fn stamp(metadata: &Metadata, modified: SystemTime) -> String {
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{}\0{}", metadata.len(), since.as_nanos())
}

fn is_unfinished(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|it| it.to_str()).unwrap_or("");
    let locked = name.starts_with(['.', '~']) || name.ends_with('~');
    locked || UNFINISHED.contains(&ending.to_ascii_lowercase().as_str())
}
