//! Makes the two files of a city.

mod agency;
mod city;
mod corrupt;
mod random;
mod record;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs;
use std::path::Path;

use self::agency::{AGENCIES, holders};
use self::city::Lists;
use self::random::Random;
use self::record::record;

const HEADINGS: [&str; 20] = [
    "record_id",
    "source",
    "business_name",
    "owner_name",
    "nik",
    "nib",
    "npwp",
    "phone",
    "email",
    "street",
    "rt_rw",
    "kelurahan",
    "kecamatan",
    "kbli",
    "sector",
    "established",
    "annual_sales",
    "capital",
    "workers",
    "updated_at",
];

/// One row before it has its place in the file.
struct Row {
    source: &'static str,
    prefix: &'static str,
    /// Its cells after id and source, one line of CSV.
    cells: Vec<u8>,
    enterprise: u32,
    person: usize,
}

/// Writes `records.csv` and `truth.csv` of a city with so many records into `directory`.
pub(crate) fn city(directory: &Path, records: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    let mut random = Random::new(seed);
    let mut rows = rows(records, &mut random)?;
    // Enterprises and rows are numbered and kept in an order that tells nothing.
    let mut enterprises: Vec<u32> = (1..=rows.last().map_or(0, |it| it.enterprise)).collect();
    random.shuffle(&mut enterprises);
    random.shuffle(&mut rows);
    rows.truncate(records);
    write(directory, &rows, &enterprises)
}

/// Somewhat more rows than asked for: enterprises are made until there are enough.
fn rows(records: usize, random: &mut Random) -> Result<Vec<Row>, csv::Error> {
    let lists = Lists::new();
    let offices: Vec<String> = (0..60).map(|_| city::phone(random)).collect();
    let mut rows = Vec::with_capacity(records + 16);
    let (mut enterprise, mut household) = (0, 0);
    while rows.len() < records {
        household += 1;
        for one in lists.household(household * 16, random) {
            enterprise += 1;
            for by in holders(&one, random) {
                let (cells, person) = record(&one, by, &offices, random);
                let mut line = csv::WriterBuilder::new().from_writer(Vec::with_capacity(160));
                line.write_record(&cells)?;
                let cells = line.into_inner().map_err(|it| it.into_error())?;
                rows.push(Row { source: by.code, prefix: by.prefix, cells, enterprise, person });
            }
        }
    }
    Ok(rows)
}

fn write(directory: &Path, rows: &[Row], enterprises: &[u32]) -> Result<(), Box<dyn Error>> {
    use std::io::{BufWriter, Write};

    fs::create_dir_all(directory)?;
    let mut records = BufWriter::new(fs::File::create(directory.join("records.csv"))?);
    let mut truth = BufWriter::new(fs::File::create(directory.join("truth.csv"))?);
    writeln!(records, "{}", HEADINGS.join(","))?;
    writeln!(truth, "record_id,enterprise_id,owner_id")?;
    let mut numbers: BTreeMap<&str, usize> = AGENCIES.iter().map(|it| (it.prefix, 0)).collect();
    let mut persons: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        let number = numbers.entry(row.prefix).or_default();
        *number += 1;
        let id = format!("{}-{number:07}", row.prefix);
        write!(records, "{id},{},", row.source)?;
        records.write_all(&row.cells)?;
        let new = persons.len() + 1;
        let person = persons.entry(row.person).or_insert(new);
        let enterprise = enterprises[row.enterprise as usize - 1];
        writeln!(truth, "{id},E{enterprise:07},P{person:07}")?;
    }
    records.flush()?;
    Ok(truth.flush()?)
}
