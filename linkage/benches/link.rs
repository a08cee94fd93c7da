//! How fast lists are linked, from CSV to clusters: `cargo bench -p linkage --bench link [-- RECORDS]`. Makes a city
//! of that size, or one of 10,000 and one of 100,000 records, and prints one line of JSON for each: seconds by
//! stage, records and candidate pairs per second, peak memory.

#[path = "../examples/make_city/make.rs"]
mod make;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use csv::StringRecord;
use domain::id::RecordId;
use linkage::features::{Features, Reader, Texts};
use linkage::link::{Stage, link_whole};
use linkage::settings::Settings;
use uuid::Uuid;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const AT_ONCE: usize = 32_768;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` to what it is given.
    let asked = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let sizes = match asked {
        Some(records) => vec![records.replace('_', "").parse()?],
        None => vec![10_000, 100_000],
    };
    for records in sizes {
        let directory = std::env::temp_dir().join(format!("city-{}", std::process::id()));
        make::city(&directory, records, 1)?;
        // The peak shall be that of linking, not of making the city or of the size before.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let linked = link(&directory.join("records.csv"));
        std::fs::remove_dir_all(directory)?;
        linked?;
    }
    Ok(())
}

fn link(path: &Path) -> Result<(), Box<dyn Error>> {
    let stages = Mutex::new(vec![("read", Instant::now())]);
    let settings = Settings::umkm();
    let features = read(path, &settings)?;
    let records = features.len();
    let enter = |stage: Stage, _: f32| {
        let name = match stage {
            Stage::Prepare => "prepare",
            Stage::Block => "block",
            Stage::Train => "train",
            Stage::Score => "score",
            _ => "cluster",
        };
        if let Ok(mut stages) = stages.lock()
            && stages.last().is_none_or(|it| it.0 != name)
        {
            stages.push((name, Instant::now()));
        }
    };
    let whole = link_whole(features, &settings, None, &[], &enter);
    let end = Instant::now();
    let stages = stages.into_inner()?;
    let ends = stages.iter().skip(1).map(|it| it.1).chain([end]);
    let seconds = stages.iter().zip(ends).map(|((name, start), end)| (*name, end - *start));
    let mut out = std::io::stdout();
    write!(out, "{{\"records\":{records},\"candidate_pairs\":{}", whole.candidate_pairs)?;
    for (name, seconds) in seconds {
        write!(out, ",\"{name}\":{:.2}", seconds.as_secs_f64())?;
        if name == "score" {
            let pairs = whole.candidate_pairs as f64 / seconds.as_secs_f64();
            write!(out, ",\"pairs_per_second\":{pairs:.0}")?;
        }
    }
    let total = (end - stages[0].1).as_secs_f64();
    let (each, memory) = (records as f64 / total, peak_memory_mb().unwrap_or(0));
    writeln!(
        out,
        ",\"total\":{total:.2},\"records_per_second\":{each:.0},\"peak_memory_mb\":{memory}}}"
    )?;
    Ok(())
}

/// A row of the city's list.
struct Row<'a> {
    line: &'a StringRecord,
    headings: &'a StringRecord,
}

impl Texts for Row<'_> {
    fn id(&self) -> RecordId {
        RecordId(Uuid::new_v5(&Uuid::NAMESPACE_OID, self.line[0].as_bytes()))
    }

    fn text(&self, column: &str) -> Option<&str> {
        self.line.get(self.headings.iter().position(|it| it == column)?)
    }
}

fn read(path: &Path, settings: &Settings) -> Result<Features, csv::Error> {
    let mut table = csv::Reader::from_path(path)?;
    let headings = table.headers()?.clone();
    let mut reader = Reader::new(settings);
    loop {
        let lines = table.records().take(AT_ONCE).collect::<Result<Vec<_>, _>>()?;
        if lines.is_empty() {
            return Ok(reader.finish());
        }
        let row = |line| Row { line, headings: &headings };
        reader.add(&lines.iter().map(row).collect::<Vec<_>>());
    }
}

/// The most memory that was in use, on Linux.
fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}
