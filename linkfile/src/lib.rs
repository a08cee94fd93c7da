//! Links the rows of plain CSV files, within one or between two, without a database.

mod read;
mod report;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use linkage::evaluate::measure;
use linkage::link::{Stage, link_whole};
use linkage::settings::Settings;
use rustc_hash::FxHashMap;

pub use report::{Model, Report, Seconds, Shares};

/// What is to be linked.
#[derive(Debug, Clone)]
pub struct Job {
    /// How rows are read, blocked and compared.
    pub settings: Settings,
    /// The list: CSV cut by commas, semicolons, tabs or bars, in UTF-8, UTF-16 or Windows-1252, gzipped or not.
    pub a: PathBuf,
    /// A second list; then only pairs across the two are compared.
    pub b: Option<PathBuf>,
    /// Where to write `record_id,cluster_id`.
    pub out: Option<PathBuf>,
    /// The true clusters, to measure the found ones; with two lists only pairs across them count.
    pub truth: Option<PathBuf>,
    /// The column that names a row. Without one it is `record_id`, and in a file that lacks it the rows are
    /// numbered from 1.
    pub id_column: Option<String>,
}

impl Job {
    fn id_column(&self) -> &str {
        self.id_column.as_deref().unwrap_or("record_id")
    }
}

/// Why files could not be linked; names the file, the row and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LinkFileError {
    /// It is not there or may not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not the table it should be.
    #[error("{path}: {problem}")]
    Table {
        /// Which.
        path: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
}

impl LinkFileError {
    fn file(path: &Path, source: std::io::Error) -> LinkFileError {
        LinkFileError::File { path: path.display().to_string(), source }
    }

    fn table(path: &Path, problem: impl ToString) -> LinkFileError {
        LinkFileError::Table { path: path.display().to_string(), problem: problem.to_string() }
    }
}

/// Links the rows of a job's files, writes the clusters and tells how it went.
///
/// # Errors
/// When a file cannot be read or written, has no rows or no column that the settings read, lacks the column
/// that names the rows, names a row twice, or opens a quotation mark that it does not close.
pub fn run(job: &Job) -> Result<Report, LinkFileError> {
    let clock = Clock::default();
    clock.stage("read");
    let rows = read::rows(job)?;
    let truth = job.truth.as_ref().map(|it| read::truth(it, &rows)).transpose()?;
    let read::Rows { features, names, side, ragged } = rows;
    let side = side.as_deref();
    let asked = truth.as_ref().map(|it| true_pairs(it, side)).unwrap_or_default();
    let stage = |stage: Stage, _: f32| clock.stage(code(stage));
    let whole = link_whole(features, &job.settings, side, &asked, &stage);
    clock.stage("write");
    let mut cluster_of = vec![0_u32; names.len()];
    for (number, members) in whole.clusters.iter().enumerate() {
        for member in members {
            cluster_of[*member as usize] = number as u32;
        }
    }
    if let Some(out) = &job.out {
        read::write(out, &names, side, &cluster_of)?;
    }
    clock.stage("evaluate");
    let quality = truth.map(|it| measure(&cluster_of, &it, side));
    clock.stage("");
    let seconds = clock.seconds.into_inner().unwrap_or_default();
    Ok(Report::new(names.len(), &whole, quality, asked.len(), ragged, seconds))
}

fn code(stage: Stage) -> &'static str {
    match stage {
        Stage::Prepare => "prepare",
        Stage::Block => "block",
        Stage::Train => "train",
        Stage::Score => "score",
        _ => "cluster",
    }
}

/// Every pair of positions in one true cluster; with two files those across them.
fn true_pairs(truth: &[u32], side: Option<&[bool]>) -> Vec<(u32, u32)> {
    let mut members: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (position, cluster) in truth.iter().enumerate() {
        members.entry(*cluster).or_default().push(position as u32);
    }
    let mut pairs = vec![];
    for group in members.values() {
        for (index, a) in group.iter().enumerate() {
            let later = group[index + 1..].iter();
            let wanted =
                later.filter(|b| side.is_none_or(|it| it[*a as usize] != it[**b as usize]));
            pairs.extend(wanted.map(|b| (*a, *b)));
        }
    }
    pairs
}

/// Seconds by stage, in the order the stages came.
#[derive(Default)]
struct Clock {
    now: Mutex<Option<(&'static str, Instant)>>,
    seconds: Mutex<Vec<(&'static str, f64)>>,
}

impl Clock {
    fn stage(&self, name: &'static str) {
        let (Ok(mut now), Ok(mut seconds)) = (self.now.lock(), self.seconds.lock()) else { return };
        if now.is_some_and(|it| it.0 == name) {
            return;
        }
        if let Some((before, since)) = *now {
            seconds.push((before, since.elapsed().as_secs_f64()));
        }
        *now = Some((name, Instant::now()));
    }
}
