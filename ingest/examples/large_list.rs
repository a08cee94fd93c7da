//! Makes a list of any length out of the sample's: `cargo run --release -p ingest --example large_list --
//! 1000000 /tmp/large.csv`. Rows repeat, each with an own number of its own.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(rows), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: large_list ROWS FILE".into());
    };
    let rows: u64 = rows.parse()?;
    let sample = include_str!("../../sample/kecamatan_taktakan.csv");
    let mut lines = sample.lines();
    let mut out = BufWriter::new(File::create(path)?);
    for heading in lines.by_ref().take(2) {
        writeln!(out, "{heading}")?;
    }
    let rests: Vec<&str> = lines.filter_map(|it| it.splitn(3, ',').nth(2)).collect();
    for (number, rest) in (1..=rows).zip(rests.iter().cycle()) {
        writeln!(out, "{number},TKT-{number:07},{rest}")?;
    }
    Ok(out.flush()?)
}
