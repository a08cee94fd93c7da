//! `tunggal link-file`: links plain CSV files by any settings, without a register.

use std::path::PathBuf;
use std::time::Instant;

use linkage::settings::{SHIPPED, Settings};
use linkfile::{Job, Shares};

use super::report;
use crate::error::Error;

/// What is asked for.
pub struct Order {
    /// The name of shipped settings, or a file of settings.
    pub settings: String,
    /// The list.
    pub a: PathBuf,
    /// A second list.
    pub b: Option<PathBuf>,
    /// Where clusters are written.
    pub out: Option<PathBuf>,
    /// The true clusters.
    pub truth: Option<PathBuf>,
    /// The column that names a row.
    pub id: Option<String>,
}

/// Links the files and says what was found, and how good it is where the truth is known.
pub fn run(order: Order, format: Option<report::Format>) -> Result<(), Error> {
    let started = Instant::now();
    let settings = settings(&order.settings)?;
    let Order { a, b, out, truth, id, .. } = order;
    let job = Job { settings, a, b, out, truth, id_column: id };
    let found = linkfile::run(&job).map_err(|it| Error::invalid("file", it.to_string()))?;
    if format.is_some() {
        return report::print("link-file", &found, started);
    }
    super::print_line(&format!(
        "{} rows are {} clusters ({:.1} s).",
        found.records, found.clusters, found.seconds.total
    ))?;
    if let Some(row) = found.first_ragged_row {
        super::print_mistake(&format!(
            "warning: {} rows have not as many cells as the heading, row {row} first; look there for a \
             delimiter or a quotation mark too many",
            found.ragged_rows
        ));
    }
    if !found.model.converged {
        super::print_line(&format!(
            "The estimate did not come to rest in {} rounds; take its probabilities as unproven.",
            found.model.rounds
        ))?;
    }
    if let (Some(pairwise), Some(b_cubed)) = (&found.pairwise, &found.b_cubed) {
        let line = |name: &str, it: &Shares| {
            format!(
                "{name}: precision {:.4}, recall {:.4}, F1 {:.4}",
                it.precision, it.recall, it.f1
            )
        };
        super::print_line(&line("pairwise", pairwise))?;
        super::print_line(&line("B-cubed", b_cubed))?;
    }
    Ok(())
}

/// Prints the file of the shipped settings called `name`.
pub fn print_settings(name: &str) -> Result<(), Error> {
    let text = Settings::shipped_text(name);
    super::print(text.map_err(|it| Error::invalid("print-settings", it.to_string()))?)
}

fn settings(name: &str) -> Result<Settings, Error> {
    let refused = |it: &dyn std::fmt::Display| Error::invalid("settings", format!("{name}: {it}"));
    if SHIPPED.contains(&name) {
        return Settings::shipped(name).map_err(|it| refused(&it));
    }
    let text = std::fs::read_to_string(name).map_err(|it| refused(&it))?;
    Settings::parse(&text).map_err(|it| refused(&it))
}
