//! `tunggal source`.

use std::process::ExitCode;

use chrono::DateTime;
use clap::Subcommand;
use ingest::problem::Lang;

use crate::app::App;
use crate::clock;
use crate::config::Config;
use crate::config::sources::{self, Kind, Source};
use crate::connect::{Fault, FaultKind};
use crate::error::Error;
use crate::service::pull::{self, Order};
use crate::service::schedule::{self, JobState};
use crate::store::live_sources::SourceRow;

/// What to do with live sources.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists the declared sources: where each stands, its last result, its next pull.
    List,
    /// Connects to sources, reads their first rows and says whether their columns are understood. Takes nothing.
    #[command(after_help = "Example: tunggal source check disnaker")]
    Check {
        /// The sources; without any, all.
        names: Vec<String>,
    },
    /// Pulls a source now and links what is new.
    #[command(after_help = "Example: tunggal source pull disnaker --full")]
    Pull {
        /// The source.
        name: String,
        /// Read the whole list, whatever was read before.
        #[arg(long)]
        full: bool,
        /// Take a whole list however much shorter it is than what is known.
        #[arg(long)]
        accept_shorter: bool,
    },
}

/// Does it. The exit code is 1 when a source could not be read to its end.
pub async fn run(config: Config, verb: Verb) -> Result<ExitCode, Error> {
    if config.sources.is_empty() && !matches!(verb, Verb::Pull { .. }) {
        super::print(
            "belum ada sumber; sources_dir menunjuk direktori deklarasinya (docs/sources.md)\n",
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let sound = match verb {
        Verb::List => list(&App::start(config).await?).await?,
        Verb::Check { names } => check(&App::start(config).await?.config, &names).await?,
        Verb::Pull { name, full, accept_shorter } => {
            let app = App::start(config).await?;
            pull_one(&app, &name, Order { full, accept_shorter }).await?
        }
    };
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn list(app: &App) -> Result<bool, Error> {
    let now = clock::now();
    for job in schedule::all_jobs(app, now).await? {
        let (source, row) = (&job.source, &job.row);
        let state = match job.state {
            JobState::Waiting => "menunggu",
            JobState::Running => "sedang ditarik",
            JobState::BackingOff => "dicoba lagi",
        };
        let text = format!(
            "{}: {} ({}), {state}; terakhir {}; berikutnya {}; {}\n",
            source.name,
            source.agency,
            source.kind.code(),
            time(row.finished_at),
            time(Some(row.next_at)),
            told(row),
        );
        super::print(&text)?;
    }
    Ok(true)
}

fn told(row: &SourceRow) -> String {
    let result = row.result.as_deref().unwrap_or("belum pernah ditarik");
    match FaultKind::from_code(result) {
        None => format!("{result}, {} baris", row.rows),
        Some(kind) => {
            let fault = Fault { kind, detail: row.detail.clone(), wait: None };
            format!("GAGAL {} kali. {}", row.failures, describe(&fault))
        }
    }
}

fn time(millis: Option<i64>) -> String {
    let time = millis.filter(|it| 0 < *it).and_then(DateTime::from_timestamp_millis);
    time.map_or_else(|| "-".to_owned(), |it| it.format("%Y-%m-%d %H:%M:%SZ").to_string())
}

async fn check(config: &Config, names: &[String]) -> Result<bool, Error> {
    let mut sound = true;
    let chosen: Vec<&Source> = match names {
        [] => config.sources.iter().collect(),
        _ => names.iter().map(|it| named(config, it)).collect::<Result<_, _>>()?,
    };
    for source in chosen {
        let text = match found(source).await {
            Ok(text) => text,
            Err(fault) => {
                sound = false;
                format!("GAGAL. {}", describe(&fault))
            }
        };
        super::print(&format!("{}: {text}\n", source.name))?;
    }
    Ok(sound)
}

/// What of a source is understood.
async fn found(source: &Source) -> Result<String, Fault> {
    if let Kind::Directory { path, .. } = &source.kind {
        std::fs::read_dir(path).map_err(|_| Fault::of(FaultKind::Unreachable))?;
        return Ok("direktori dapat dibaca".to_owned());
    }
    let (columns, rows) = pull::look(source).await?;
    if columns.is_empty() {
        return Ok("terhubung; belum ada baris, jadi kolomnya belum terlihat".to_owned());
    }
    let understood = pull::understood(source, &columns, &rows)?;
    let columns: Vec<String> = understood
        .columns
        .iter()
        .map(|(column, fields)| format!("{column} = {}", fields.as_deref().unwrap_or("?")))
        .collect();
    let mut text = format!("{} baris pertama terbaca; {}", rows.len(), columns.join(", "));
    for question in &understood.questions {
        text += &format!("\n  {}", question.message(Lang::Indonesian));
    }
    Ok(text)
}

async fn pull_one(app: &App, name: &str, order: Order) -> Result<bool, Error> {
    let source = named(&app.config, name)?;
    let claimed = schedule::claim(app, source, clock::now(), order, false).await?;
    let Some(claimed) = claimed else {
        return Err(Error::Conflict(format!("{name} is being pulled already")));
    };
    let shown = super::progress::show(app);
    let pulled = schedule::run(app, claimed).await;
    drop(shown);
    let pulled = pulled?;
    let it = &pulled.counts;
    super::print(&format!(
        "{name}: {} baris ditarik; {} diterima ({} dengan peringatan), {} ditolak; \
         {} baru, {} berubah, {} sama, {} lebih lama, {} tidak ada lagi\n",
        pulled.rows,
        it.accepted,
        it.warned,
        it.rejected,
        it.new,
        it.changed,
        it.unchanged,
        it.older,
        it.absent,
    ))?;
    if let Some(fault) = &pulled.fault {
        super::print(&format!("{name}: GAGAL. {}\n", describe(fault)))?;
    }
    Ok(pulled.fault.is_none())
}

fn named<'a>(config: &'a Config, name: &str) -> Result<&'a Source, Error> {
    let known = || config.sources.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
    sources::find(&config.sources, name).ok_or_else(|| {
        Error::invalid("source", format!("no source of this name; there are: {}", known()))
    })
}

fn describe(fault: &Fault) -> String {
    let (meaning, remedy) = fault.kind.told(Lang::Indonesian);
    let about = fault.detail.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    format!("{}: {meaning}{about}. {remedy}", fault.kind.code())
}
