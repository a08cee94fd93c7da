//! How fast a list is read, interpreted and normalised, without a database:
//! `cargo bench -p tests --bench read_and_normalise`. Prints one line of JSON.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use domain::agency::{Agency, AgencyCode, AgencyKind};
use domain::id::{FileId, RecordId};
use domain::record::{Field, SourceRecord};
use ingest::file::Limits;
use ingest::interpret::{RowOutcome, interpret};
use ingest::plan::Plan;
use ingest::read::RawRow;
use linkage::normalise::normalise;
use rayon::prelude::*;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: u64 = 1_000_000;
const AT_ONCE: usize = 8_192;

fn main() -> Result<(), Box<dyn Error>> {
    let path = long_list()?;
    let agency = Agency {
        code: AgencyCode::parse("kecamatan_taktakan")?,
        name: String::new(),
        kind: AgencyKind::Kecamatan,
        kecamatan: "36.73.06".parse().ok(),
    };
    let started = Instant::now();
    let mut source = ingest::file::open(&path, "list.csv", &limits())?;
    let plan = ingest::plan::plan(&mut source, None)?;
    let mut rows = ingest::read::rows(&source, &plan)?;
    let (mut read, mut normalised) = (0, 0);
    loop {
        let waiting = rows.by_ref().take(AT_ONCE).collect::<Result<Vec<RawRow>, _>>()?;
        if waiting.is_empty() {
            break;
        }
        read += waiting.len();
        let one = |it: &RawRow| normalise_row(&plan, it, &agency);
        normalised += waiting.par_iter().map(one).filter(|it| *it).count();
    }
    let seconds = started.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    let (per_second, memory) = ((read as f64 / seconds) as u64, peak_memory_mb().unwrap_or(0));
    writeln!(
        std::io::stdout(),
        "{{\"rows\":{read},\"normalised\":{normalised},\"seconds\":{seconds:.2},\
         \"rows_per_second\":{per_second},\"peak_memory_mb\":{memory}}}"
    )?;
    Ok(())
}

fn normalise_row(plan: &Plan, row: &RawRow, agency: &Agency) -> bool {
    let RowOutcome::Accepted { fields, .. } = interpret(plan, row) else { return false };
    let number = fields.get(Field::OwnNumber).unwrap_or_default();
    let record = SourceRecord {
        id: RecordId::of_row(&agency.code, number),
        agency: agency.code.clone(),
        file: FileId::of_content(&agency.code, &[0; 32]),
        sheet: row.sheet.clone(),
        row: row.number,
        fields,
        recorded_on: None,
    };
    std::hint::black_box(normalise(&record, agency)).id == record.id
}

fn limits() -> Limits {
    Limits { bytes: u64::MAX, ..Limits::default() }
}

/// The rows of a sample list over and over, each with a number of its own.
fn long_list() -> Result<PathBuf, Box<dyn Error>> {
    let sample = include_str!("../../sample/kecamatan_taktakan.csv");
    let path = std::env::temp_dir().join(format!("tunggal-bench-{}.csv", std::process::id()));
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let mut lines = sample.lines();
    for heading in lines.by_ref().take(2) {
        writeln!(out, "{heading}")?;
    }
    let rests: Vec<&str> = lines.filter_map(|it| it.splitn(3, ',').nth(2)).collect();
    for (number, rest) in (1..=ROWS).zip(rests.iter().cycle()) {
        writeln!(out, "{number},TKT-{number:07},{rest}")?;
    }
    out.flush()?;
    Ok(path)
}

fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}
