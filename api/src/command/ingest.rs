//! `tunggal ingest`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use domain::agency::AgencyCode;
use domain::viewer::{Role, Viewer};
use ingest::plan::Mapping;
use ingest::problem::Lang;
use serde::Serialize;

use super::{evidence, progress, report};
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service;
use crate::service::ingest::{Options, Receipt};
use crate::store::source_files::{FileStatus, RowCounts};

/// What to take and how.
#[derive(Debug)]
pub struct Order {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Who sends them.
    pub agency: AgencyCode,
    /// What the headings mean.
    pub mapping: Option<PathBuf>,
    /// The form of a national system that says what they mean.
    pub form: Option<String>,
    /// Each file is the agency's whole list.
    pub complete: bool,
    /// Where the annotated workbooks go.
    pub workbook: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Taken {
    file: String,
    id: Option<String>,
    status: &'static str,
    known: bool,
    error: Option<String>,
    #[serde(flatten)]
    counts: RowCounts,
}

/// Takes each file and says what became of its rows. The exit code is 1 when a file was refused or
/// must be answered first; the other files are taken all the same.
pub async fn run(
    config: Config,
    order: Order,
    format: Option<report::Format>,
) -> Result<ExitCode, Error> {
    let started = Instant::now();
    let app = App::start(config).await?;
    let mapping = match &order.form {
        Some(code) => Some(service::ingest::mapping_of_form(&app, code)?),
        None => order.mapping.as_deref().map(read_mapping).transpose()?,
    };
    let mut taken = Vec::with_capacity(order.files.len());
    let mut all_taken = true;
    for path in &order.files {
        let options = Options {
            complete_list: order.complete,
            mapping: mapping.clone(),
            ..Options::default()
        };
        let shown = format.is_none().then(|| progress::show(&app));
        let outcome = take(&app, &order.agency, path, options).await;
        drop(shown);
        if let (Ok(receipt), Some(directory)) = (&outcome, &order.workbook)
            && receipt.status == FileStatus::Imported
        {
            let whose = vec![receipt.file.to_string()];
            evidence::record(&app.store, "ingest --workbook", &["cells"], whose).await?;
            std::fs::create_dir_all(directory)?;
            let stem = path.file_stem().unwrap_or(path.as_os_str());
            let out = directory.join(stem).with_extension("xlsx");
            service::ingest::report(&app, receipt.file, Lang::Indonesian, &out).await?;
        }
        all_taken &= outcome.as_ref().is_ok_and(|it| it.status == FileStatus::Imported);
        if format.is_none() {
            super::print(&describe(path, &outcome))?;
        }
        taken.push(summary(path, outcome));
    }
    if format.is_some() {
        #[derive(Serialize)]
        struct Files {
            files: Vec<Taken>,
        }
        report::print("ingest", &Files { files: taken }, started)?;
    }
    Ok(if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes one file as the person at the terminal.
pub async fn take(
    app: &App,
    agency: &AgencyCode,
    path: &Path,
    options: Options,
) -> Result<Receipt, Error> {
    match std::fs::metadata(path) {
        Ok(it) if it.is_file() => {}
        Ok(_) => return Err(Error::invalid("file", "not a file")),
        Err(error) => return Err(Error::invalid("file", error.to_string())),
    }
    let by = at_terminal(agency);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    service::ingest::receive(app, &by, agency, path, &name, options).await
}

/// Whoever runs the program: an operator of the agency whose files she takes.
pub fn at_terminal(agency: &AgencyCode) -> Viewer {
    Viewer {
        subject: "command line".into(),
        role: Role::AgencyOperator,
        agency: Some(agency.clone()),
        ..Viewer::public()
    }
}

fn read_mapping(path: &Path) -> Result<Mapping, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|it| Error::invalid("mapping", format!("{}: {it}", path.display())))?;
    let parsed = if path.extension().is_some_and(|it| it == "json") {
        serde_json::from_str(&text).map_err(|it| it.to_string())
    } else {
        toml::from_str(&text).map_err(|it| it.to_string())
    };
    parsed.map_err(|it| Error::invalid("mapping", format!("{}: {it}", path.display())))
}

fn describe(path: &Path, outcome: &Result<Receipt, Error>) -> String {
    let name = path.display();
    match outcome {
        Err(Error::FileRefused(refusal)) => {
            let (why, remedy) =
                (refusal.message(Lang::Indonesian), refusal.remedy(Lang::Indonesian));
            format!("{name}: DITOLAK. {why}. {remedy}.\n")
        }
        Err(error) => format!("{name}: GAGAL. {error}\n"),
        Ok(receipt) if receipt.known => {
            format!("{name}: sudah pernah dikirim; tidak ada yang berubah.\n")
        }
        Ok(receipt) if receipt.status == FileStatus::Asking => {
            let mut text = format!("{name}: PERLU JAWABAN sebelum dapat diproses.\n");
            for question in &receipt.questions {
                text += &format!("  {}\n", question.message(Lang::Indonesian));
            }
            text + "  Jawab dengan --mapping BERKAS (lihat `tunggal ingest --help`).\n"
        }
        Ok(receipt) => {
            let it = &receipt.counts;
            format!(
                "{name}: {} baris = {} diterima ({} dengan peringatan) + {} ditolak + {} judul/kosong; \
                 {} baru, {} berubah, {} sama, {} lebih lama, {} tidak ada lagi\n",
                it.rows,
                it.accepted,
                it.warned,
                it.rejected,
                it.structural,
                it.new,
                it.changed,
                it.unchanged,
                it.older,
                it.absent,
            )
        }
    }
}

fn summary(path: &Path, outcome: Result<Receipt, Error>) -> Taken {
    let file = path.display().to_string();
    match outcome {
        Ok(receipt) => Taken {
            file,
            id: Some(receipt.file.to_string()),
            status: receipt.status.code(),
            known: receipt.known,
            error: None,
            counts: receipt.counts,
        },
        Err(error) => Taken {
            file,
            id: None,
            status: "refused",
            known: false,
            error: Some(error.to_string()),
            counts: RowCounts::default(),
        },
    }
}
