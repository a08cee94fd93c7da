//! The one JSON line that `--report json` prints: counts, seconds, CPU seconds and peak memory.

use std::time::Instant;

use serde::Serialize;

use crate::error::Error;

/// In which form a command reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One line of JSON.
    Json,
}

/// What the process took.
#[derive(Debug, Serialize)]
struct Measured<'a, T> {
    command: &'a str,
    #[serde(flatten)]
    counts: &'a T,
    wall_seconds: f64,
    cpu_seconds: f64,
    peak_memory_mb: f64,
}

/// Prints `counts` of `command` with what the process has taken since `started`.
pub fn print<T: Serialize>(command: &str, counts: &T, started: Instant) -> Result<(), Error> {
    let measured = Measured {
        command,
        counts,
        wall_seconds: rounded(started.elapsed().as_secs_f64()),
        cpu_seconds: rounded(cpu_seconds().unwrap_or(0.0)),
        peak_memory_mb: rounded(peak_memory_mb().unwrap_or(0.0)),
    };
    super::print_line(&serde_json::to_string(&measured)?)
}

fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

/// User and system time of this process, from Linux's `/proc`; `None` elsewhere.
pub fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may hold spaces; utime and stime are fields 14 and 15.
    let after_name = stat.rsplit_once(')')?.1;
    let mut fields = after_name.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    // Linux counts these in hundredths of a second on every platform it exposes them (USER_HZ).
    Some((user + system) / 100.0)
}

/// The largest resident size so far, from Linux's `/proc`; `None` elsewhere.
fn peak_memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
