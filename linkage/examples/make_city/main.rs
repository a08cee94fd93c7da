//! Makes a labelled city of any size, to measure with: `cargo run --release -p linkage --example make_city --
//! DIRECTORY RECORDS [SEED]`.
//!
//! Writes `records.csv`, the rows of ten agencies that hold the same enterprises in other words, and
//! `truth.csv`, which rows are one enterprise and one owner. The same seed makes the same city. All
//! persons, numbers and enterprises are invented. Above about 100,000 records the city is denser in
//! namesakes than any real one: fit for measuring speed, not quality.

#[path = "make.rs"]
mod make;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(directory), Some(records)) = (arguments.next(), arguments.next()) else {
        return Err("usage: make_city DIRECTORY RECORDS [SEED]".into());
    };
    let seed = arguments.next().map_or(Ok(1), |it| it.parse())?;
    make::city(Path::new(&directory), records.replace('_', "").parse()?, seed)
}
