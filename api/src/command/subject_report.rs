//! `tunggal subject-report`: everything that is held of a person, for that person.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::id::OwnerId;
use domain::identifier::Nik;

use super::evidence;
use super::rights::owner;
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service::subject::{self, Asked};

/// Whose report, and in which form.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The NIK that stands in her rows. Others may see what stands on a command line: --nik-stdin is safer.
    #[arg(long, conflicts_with_all = ["nik_stdin", "owner"], required_unless_present_any = ["nik_stdin", "owner"])]
    nik: Option<String>,
    /// Take the NIK from the first line of the standard input.
    #[arg(long, conflicts_with = "owner")]
    nik_stdin: bool,
    /// The person by her id, where a NIK stands in the rows of several. Example: own_...
    #[arg(long, value_parser = owner)]
    owner: Option<OwnerId>,
    /// `json`, or `html` for a page to print, in Indonesian.
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Where it is written; standard output when left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// In which form a report is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// For machines.
    Json,
    /// For print.
    Html,
}

/// Writes everything that is held of a person. That it was read is written down before anything leaves.
pub async fn run(config: Config, asked: ReportArgs) -> Result<(), Error> {
    let number = |text: &str| {
        let nik = Nik::parse(text.trim());
        nik.map(Asked::Number).map_err(|_| Error::invalid("nik", "must have 16 digits of a NIK"))
    };
    let whose = match (asked.nik, asked.owner) {
        (Some(nik), _) => number(&nik)?,
        (None, Some(owner)) => Asked::Person(owner),
        (None, None) => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            number(&line)?
        }
    };
    let app = App::start(config).await?;
    let report = subject::report(&app, &whose).await?;
    for owner in subject::about(&report).0 {
        let whose = vec![owner.to_string()];
        evidence::record(&app.store, "subjectReport", &["subject_report"], whose).await?;
    }
    let text = match asked.format {
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
        Format::Html => subject::page(&report),
    };
    match asked.out {
        Some(path) => {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            Ok(options.open(path)?.write_all(text.as_bytes())?)
        }
        None => super::print(&text),
    }
}
