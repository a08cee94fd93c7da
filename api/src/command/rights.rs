//! `tunggal rights` and `tunggal subject-report`: persons' rights at the command line.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use chrono::DateTime;
use clap::{Args, Subcommand, ValueEnum};
use domain::agency::AgencyCode;
use domain::id::{IdError, OwnerId, RequestId};
use domain::identifier::Nik;
use domain::viewer::Scope;
use entity::retention;

use super::evidence;
use super::user::minute;
use crate::app::App;
use crate::clock;
use crate::config::Config;
use crate::error::Error;
use crate::service::rights::{self, Overdue};
use crate::service::subject::{self, Asked};
use crate::store::rights::{RequestFilter, request_key};
use crate::store::slice::Slice;

/// What is done.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Lists what persons asked for and is not settled, what is due first in front.
    #[command(after_help = "Example: tunggal rights list --overdue")]
    List {
        /// Only what should have been settled by now.
        #[arg(long)]
        overdue: bool,
    },
    /// Sets how long the rows of an agency are kept after the last list that has them.
    #[command(
        after_help = "Example: tunggal rights keep kominfo --months 60 --ground 'Perwal 12/2026 Pasal 9'"
    )]
    Keep {
        /// Whose rows.
        #[arg(value_parser = crate::cli::agency)]
        agency: AgencyCode,
        /// For so many months.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_200))]
        months: u32,
        /// The rule that says so.
        #[arg(long)]
        ground: String,
    },
    /// Erases the rows whose time is over.
    #[command(after_help = "Example: tunggal rights retire --dry-run")]
    Retire {
        /// Only tell which they are.
        #[arg(long)]
        dry_run: bool,
    },
}

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

fn owner(text: &str) -> Result<OwnerId, String> {
    text.parse().map_err(|it: IdError| it.to_string())
}

/// Writes everything that is held of a person. That it was read is written down before anything leaves.
pub async fn report(config: Config, asked: ReportArgs) -> Result<(), Error> {
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
        let whose = Some(owner.to_string());
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

/// Does what is ordered.
pub async fn run(config: Config, order: Order) -> Result<(), Error> {
    let app = App::start(config).await?;
    match order {
        Order::List { overdue } => list(&app, overdue).await,
        Order::Keep { agency, months, ground } => {
            app.store.agency(&agency).await?;
            app.store
                .set_retention(retention::Model {
                    agency: agency.to_string(),
                    months: i32::try_from(months).unwrap_or(i32::MAX),
                    ground,
                    set_by: "cli".to_owned(),
                    set_at: clock::now().timestamp_millis(),
                })
                .await
        }
        Order::Retire { dry_run: true } => {
            let found = rights::kept_too_long(&app).await?;
            super::print(&found.iter().map(|it| line(it, "would be erased")).collect::<String>())
        }
        Order::Retire { dry_run: false } => {
            let done = rights::retire(&app, "cli").await?;
            super::print(&done.iter().map(|it| line(&it.0, "erased")).collect::<String>())
        }
    }
}

fn line(it: &Overdue, what: &str) -> String {
    format!(
        "{:24} {:>4} months: {} rows of {} enterprises {what}\n",
        it.agency.as_str(),
        it.months,
        it.records.len(),
        it.enterprises
    )
}

async fn list(app: &App, overdue: bool) -> Result<(), Error> {
    let now = clock::now().timestamp_millis();
    let filter = RequestFilter {
        status: Some(vec!["open", "sent", "carrying_out"]),
        overdue: overdue.then_some(now),
    };
    let mut text = format!("{:36} {:14} {:20} {:24} due\n", "request", "kind", "status", "agency");
    let mut after = None;
    loop {
        let slice = Slice { descending: false, after, before: None, limit: 200, backwards: false };
        let (rows, more) = app.store.request_page(&Scope::All, &filter, &slice).await?;
        for it in &rows {
            let due = DateTime::from_timestamp_millis(it.due_at).unwrap_or_default();
            let late = if it.due_at < now { " OVERDUE" } else { "" };
            let agency = it.agency.as_deref().unwrap_or("-");
            text += &format!(
                "{:36} {:14} {:20} {agency:24} {}{late}\n",
                RequestId(it.id).to_string(),
                it.kind,
                it.status,
                minute(due)
            );
        }
        if !more {
            return super::print(&text);
        }
        after = rows.last().map(request_key);
    }
}
