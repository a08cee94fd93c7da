//! Checkpoints of the access log: signed on a schedule, kept in the register, and put where whoever can
//! write to the register cannot reach.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::signature::Ed25519KeyPair;
use evidence::{Checkpoint, PublicKey, SigningKey};
use tokio::sync::watch;

use crate::app::App;
use crate::auth::write_once;
use crate::clock;
use crate::error::Error;

/// The most entries one checkpoint adds: it keeps eight bytes of each.
const ENTRIES: u64 = 10_000;
/// How long whoever takes checkpoints may take.
const PATIENCE: Duration = Duration::from_secs(30);

const KEY_FILE: &str = "evidence-key.der";

/// What this process signs checkpoints of the register with; `None` where another machine has the key.
///
/// The first process that signs makes the key and leaves its public half in the register. The key is used
/// for nothing else, so that whoever makes tokens cannot sign checkpoints.
pub async fn signer(app: &App) -> Result<Option<SigningKey>, Error> {
    let registered = app.store.log_head().await?.public_key;
    let path = app.config.data_dir.join(KEY_FILE);
    if !path.exists() {
        if !registered.is_empty() {
            return Ok(None);
        }
        std::fs::create_dir_all(&app.config.data_dir)?;
        let made = Ed25519KeyPair::generate().map_err(|_| Error::internal("no random key"))?;
        let document = made.to_pkcs8v1().map_err(|_| Error::internal("key not written"))?;
        write_once(&path, document.as_ref())?;
    }
    let key = read_key(&app.config.data_dir)?;
    let public = key.public().to_string();
    Ok((app.store.claim_log_key(&public).await? == public).then_some(key))
}

/// The key in this data directory.
fn read_key(data_dir: &Path) -> Result<SigningKey, Error> {
    let document = std::fs::read(data_dir.join(KEY_FILE))?;
    SigningKey::from_pkcs8(&document).map_err(Error::internal)
}

/// The public half of the key in this data directory.
///
/// Fails with [`Error::NotFound`] where there is none.
pub fn public_key(data_dir: &Path) -> Result<PublicKey, Error> {
    if !data_dir.join(KEY_FILE).exists() {
        return Err(Error::NotFound { noun: "key of the access log in the data directory" });
    }
    Ok(read_key(data_dir)?.public())
}

/// Signs what has come since the last checkpoint, if that is at least so many entries, and returns the
/// latest checkpoint.
///
/// Fails with [`Error::EvidenceBroken`] when the log does not follow from that checkpoint: what was
/// changed is never signed.
pub async fn sign(app: &App, key: &SigningKey, at_least: u64) -> Result<Option<Checkpoint>, Error> {
    // In this order: the log is never shorter than its checkpoints.
    let mut last = app.store.last_checkpoint().await?;
    let log = app.store.log_head().await?;
    if let Some(it) = last.as_ref().filter(|it| !it.holds(&key.public())) {
        return Err(Error::EvidenceBroken(it.marked_from()));
    }
    loop {
        let from = last.as_ref().map_or(0, |it| it.head.size);
        if log.head.size < from {
            return Err(Error::EvidenceBroken(log.head.size + 1));
        }
        let waiting = log.head.size - from;
        if waiting == 0 || (waiting < at_least && waiting < ENTRIES) {
            return Ok(last);
        }
        let stored = app.store.log_part(from, waiting.min(ENTRIES)).await?;
        let entries: Result<Vec<_>, u64> = stored.into_iter().collect();
        let signed = entries.and_then(|entries| {
            if (entries.len() as u64) < waiting.min(ENTRIES) {
                return Err(from + entries.len() as u64 + 1);
            }
            let now = clock::now().timestamp_millis();
            Checkpoint::sign(key, &log.installation, last.as_ref(), entries, now)
        });
        let checkpoint = signed.map_err(Error::EvidenceBroken)?;
        app.store.add_checkpoint(&checkpoint).await?;
        last = app.store.last_checkpoint().await?;
        if last.as_ref() != Some(&checkpoint) {
            // Another process signed the same entries first.
            return Ok(last);
        }
    }
}

/// Puts the checkpoints that are not there yet where they are exported to: a file each in a directory, a
/// POST each to a URL. What fails stays to be exported next time.
pub async fn export(app: &App) -> Result<(), Error> {
    let (directory, url) = (&app.config.checkpoint_dir, &app.config.checkpoint_url);
    if directory.is_none() && url.is_none() {
        return Ok(());
    }
    for (number, text) in app.store.checkpoints_to_export().await? {
        if let Some(directory) = directory {
            write_file(directory, number, &text)?;
        }
        if let Some(url) = url {
            post(url, text).await?;
        }
        app.store.checkpoint_exported(number).await?;
    }
    Ok(())
}

/// A file that is there already is never written over.
fn write_file(directory: &Path, number: i64, text: &str) -> Result<(), Error> {
    std::fs::create_dir_all(directory)?;
    let path = directory.join(format!("checkpoint-{number:09}.txt"));
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    match opened {
        Ok(mut file) => {
            file.write_all(text.as_bytes())?;
            Ok(file.sync_all()?)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let same = std::fs::read_to_string(&path)? == text;
            let differs = || Error::Conflict(format!("{} says something else", path.display()));
            same.then_some(()).ok_or_else(differs)
        }
        Err(error) => Err(error.into()),
    }
}

async fn post(url: &str, text: String) -> Result<(), Error> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(Error::internal)?;
    let request = client.post(url).header("content-type", "text/plain; charset=utf-8").body(text);
    let taken = request.send().await.and_then(reqwest::Response::error_for_status);
    // Without its address, which may carry a secret.
    taken.map_err(|it| Error::internal(it.without_url()))?;
    Ok(())
}

/// Signs and exports on a schedule until `stopping`.
pub async fn keep(app: App, mut stopping: watch::Receiver<bool>) {
    let key = match signer(&app).await {
        Ok(Some(key)) => key,
        Ok(None) => {
            tracing::warn!(
                "another machine has the key of the access log and signs its checkpoints"
            );
            return;
        }
        Err(error) => return tracing::error!(%error, "the access log has no key"),
    };
    let (minutes, entries) = (app.config.checkpoint_minutes, app.config.checkpoint_entries);
    let mut interval = tokio::time::interval(Duration::from_secs(60 * minutes.max(1)));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut signed = 0;
    loop {
        let written = app.evidence.written();
        let at_least = tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            _ = interval.tick() => 1,
            () = written.more.notified() => entries,
        };
        if 1 < at_least && written.size() < signed + entries {
            continue;
        }
        match sign(&app, &key, at_least).await {
            Ok(last) => signed = last.map_or(0, |it| it.head.size),
            Err(error) => tracing::error!(%error, code = error.code(), "no checkpoint was signed"),
        }
        if let Err(error) = export(&app).await {
            tracing::error!(%error, "a checkpoint was not exported; it is tried again");
        }
    }
}
