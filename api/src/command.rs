//! What each command of `tunggal` does, and what commands have in common.

pub mod audit;
pub mod client;
pub mod data_key;
pub mod demo;
pub mod document;
pub mod evaluate;
pub mod evidence;
pub mod export;
pub mod financing;
pub mod form;
pub mod ingest;
pub mod key;
pub mod link;
pub mod link_file;
pub mod migrate;
pub mod model;
pub mod progress;
pub mod receipt;
pub mod report;
pub mod rights;
pub mod sandbox;
pub mod schema;
pub mod serve;
pub mod source;
pub mod subject_report;
pub mod token;
pub mod user;
pub mod webhook;

use std::io::{IsTerminal, Write};

use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::error::Error;

/// A variable of the environment. The only place that reads it.
pub fn environment(key: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    std::env::var(key).ok()
}

/// The runtime of every command.
pub fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Sends log lines to standard error; `TUNGGAL_LOG` chooses which, as in `info,tunggal=debug`.
pub fn logging(config: &Config) {
    let choice = environment("TUNGGAL_LOG").unwrap_or_else(|| "warn,tunggal=info".into());
    let filter = EnvFilter::try_new(choice).unwrap_or_else(|_| EnvFilter::new("warn,tunggal=info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    // A second call, in tests, changes nothing.
    let _ = if config.log_json { lines.json().try_init() } else { lines.try_init() };
}

/// Writes to standard output, where the reader may have gone away.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints [`print()`]'s text and a line end.
pub fn print_line(text: &str) -> Result<(), Error> {
    print(&format!("{text}\n"))
}

/// Tells the user at the terminal what went wrong and, for a failure of ours, why.
pub fn print_error(error: &Error) {
    let mut lines = format!("error: {error}\n");
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        lines += &format!("  because: {inner}\n");
        cause = inner.source();
    }
    if error.code().starts_with("DATA_") {
        lines += crate::error::catalogue::find(error.code())
            .map_or("", |it| it.remedy(::ingest::problem::Lang::English));
    }
    print_mistake(lines.trim_end());
}

/// Prints a line to standard error; nobody is left to tell when that is closed.
pub fn print_mistake(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
