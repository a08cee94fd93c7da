//! `tunggal audit`: checkpoints of the access log, its export, and whether it is whole.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use evidence::verify::verify_log;
use evidence::{Checkpoint, Fault, PublicKey, Report, Verifier, log};

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service::checkpoints;
use crate::store::Store;
use crate::store::access::index::IndexDigest;

/// Entries read from the register at once.
const PART: u64 = 5_000;

/// What is done with the access log.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Signs the log as it is now, exports the checkpoint and prints it.
    #[command(after_help = "Example: tunggal audit checkpoint > checkpoint.txt")]
    Checkpoint,
    /// Writes the log to a file, one entry a line, for verification elsewhere.
    #[command(after_help = "Example: tunggal audit export --out log.jsonl")]
    Export {
        /// The file; standard output when left out.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Tells whether the log is whole, and if not, the first bad entry. Exit code 1: it is not.
    #[command(
        after_help = "Example: tunggal audit verify --checkpoint checkpoint.txt --log log.jsonl --key KEY"
    )]
    Verify {
        /// A file of one or more checkpoints, or a directory of such files, as they were exported. Without
        /// it, those that the register keeps, which whoever can write to the register could replace.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// An exported log; then the register is not opened.
        #[arg(long, value_name = "FILE", requires = "checkpoint")]
        log: Option<PathBuf>,
        /// The public key as `tunggal audit key` prints it, or a file that holds it [default: that of the
        /// data directory].
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Makes the index of whose data was read anew from the log, where `verify` says that it is not.
    Reindex,
    /// Prints the public key that checkpoints are verified with.
    Key,
}

/// Does what is ordered.
pub async fn run(config: Config, order: Order) -> Result<ExitCode, Error> {
    match order {
        Order::Checkpoint => checkpoint(config).await?,
        Order::Export { out } => export(config, out).await?,
        Order::Verify { checkpoint, log, key } => {
            return verify(config, checkpoint.as_deref(), log.as_deref(), key).await;
        }
        Order::Reindex => {
            let store = Store::open(&config).await?;
            store.rebuild_index().await?;
        }
        Order::Key => {
            let app = App::start(config).await?;
            checkpoints::signer(&app).await?;
            super::print_line(&app.store.log_head().await?.public_key)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn checkpoint(config: Config) -> Result<(), Error> {
    let app = App::start(config).await?;
    let elsewhere = || Error::Conflict("another machine has the key of the access log".to_owned());
    let key = checkpoints::signer(&app).await?.ok_or_else(elsewhere)?;
    let last = checkpoints::sign(&app, &key, 1).await?;
    checkpoints::export(&app).await?;
    let nothing = || Error::Conflict("the access log has no entry yet".to_owned());
    super::print(&last.ok_or_else(nothing)?.to_string())
}

async fn export(config: Config, out: Option<PathBuf>) -> Result<(), Error> {
    let store = Store::open(&config).await?;
    let installation = store.log_head().await?.installation;
    let mut out: Box<dyn Write> = match out {
        Some(path) => Box::new(BufWriter::new(std::fs::File::create(path)?)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    writeln!(out, "{}", log::title(&installation))?;
    let mut after = 0;
    loop {
        let part = store.log_part(after, PART).await?;
        if part.is_empty() {
            return Ok(out.flush()?);
        }
        for stored in part {
            let (entry, hash) = stored.map_err(Error::EvidenceBroken)?;
            after = entry.seq;
            writeln!(out, "{}", log::line(&entry, &hash))?;
        }
    }
}

async fn verify(
    config: Config,
    checkpoint: Option<&Path>,
    log: Option<&Path>,
    key: Option<String>,
) -> Result<ExitCode, Error> {
    let key = match key {
        Some(text) => read_key(&text)?,
        None => checkpoints::public_key(&config.data_dir)?,
    };
    let verified = match (log, checkpoint) {
        (Some(log), Some(checkpoint)) => {
            let lines = BufReader::new(open("log", log)?).lines();
            verify_log(lines, read_checkpoints(checkpoint)?, &key)?
        }
        (_, checkpoint) => {
            let store = Store::open(&config).await?;
            let kept = match checkpoint {
                Some(path) => read_checkpoints(path)?,
                None => parse(&store.checkpoint_texts().await?)?,
            };
            let (verified, indexed) = verify_register(&store, kept, &key).await?;
            if verified.is_ok() && !indexed {
                super::print_line(
                    "the index of whose data was read is NOT what the log says, so that reads may be hidden \
                     from accessLog: run `tunggal audit reindex`",
                )?;
                return Ok(ExitCode::FAILURE);
            }
            verified
        }
    };
    match verified {
        Ok(report) => {
            super::print(&told(&report))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            super::print_line(&format!("the access log is NOT whole: {fault}"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What the register says of itself, and whether its index fits its log.
async fn verify_register(
    store: &Store,
    checkpoints: Vec<Checkpoint>,
    key: &PublicKey,
) -> Result<(Result<Report, Fault>, bool), Error> {
    let log = store.log_head().await?;
    let mut verifier = match Verifier::new(&log.installation, checkpoints, key) {
        Ok(verifier) => verifier,
        Err(fault) => return Ok((Err(fault), false)),
    };
    let (mut after, mut index) = (0, IndexDigest::default());
    while after < log.head.size {
        let part = store.log_part(after, PART.min(log.head.size - after)).await?;
        if part.is_empty() {
            let fault = Fault::Truncated { first: after + 1, size: log.head.size };
            return Ok((Err(fault), false));
        }
        for stored in part {
            let read = match stored {
                Ok((entry, hash)) => {
                    after = entry.seq;
                    index.add_entry(&entry);
                    verifier.entry(&entry, &hash)
                }
                Err(seq) => Err(Fault::Unreadable(seq)),
            };
            if let Err(fault) = read {
                return Ok((Err(fault), false));
            }
        }
    }
    let behind = store.log_part(log.head.size, 1).await?;
    // Unless it was appended since the end was read.
    if !behind.is_empty() && store.log_head().await?.head.size == log.head.size {
        return Ok((Err(Fault::BehindTheEnd(log.head.size + 1)), false));
    }
    let indexed = store.index_digest(log.head.size).await? == index;
    Ok((verifier.finish(), indexed))
}

fn told(report: &Report) -> String {
    let Report { entries, vouched, checkpoints, clock_set_back } = report;
    let mut text = format!(
        "the access log is whole: {entries} entries, {vouched} of them vouched for by {checkpoints} checkpoints\n"
    );
    if vouched < entries {
        text += &format!(
            "entries {} to {entries} came after the last checkpoint: the chain alone speaks for them\n",
            vouched + 1
        );
    }
    if 0 < *clock_set_back {
        text += &format!("{clock_set_back} entries were made while the clock was behind\n");
    }
    text
}

fn open(argument: &'static str, path: &Path) -> Result<std::fs::File, Error> {
    std::fs::File::open(path)
        .map_err(|it| Error::invalid(argument, format!("{}: {it}", path.display())))
}

fn read_checkpoints(path: &Path) -> Result<Vec<Checkpoint>, Error> {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        files =
            std::fs::read_dir(path)?.map(|it| it.map(|it| it.path())).collect::<Result<_, _>>()?;
        files.retain(|it| it.extension().is_some_and(|it| it == "txt"));
        files.sort();
    }
    let mut all = vec![];
    for file in files {
        let wrong =
            |why: String| Error::invalid("checkpoint", format!("{}: {why}", file.display()));
        let text = std::fs::read_to_string(&file).map_err(|it| wrong(it.to_string()))?;
        all.extend(Checkpoint::read_all(&text).map_err(|it| wrong(it.to_string()))?);
    }
    Ok(all)
}

fn parse(text: &str) -> Result<Vec<Checkpoint>, Error> {
    Checkpoint::read_all(text).map_err(|it| Error::invalid("checkpoint", it.to_string()))
}

/// The public key that `text` writes, or that the file of this name holds.
pub fn read_key(text: &str) -> Result<PublicKey, Error> {
    let wrong = || Error::invalid("key", "must be 64 hexadecimal digits or a file of them");
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let held = std::fs::read_to_string(text).map_err(|_| wrong())?;
    held.parse().map_err(|_| wrong())
}
