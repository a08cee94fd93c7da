//! Files: rows in, clusters out.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use domain::id::RecordId;
use linkage::features::{Features, Reader, Texts};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use uuid::Uuid;

use crate::table::{Row, Table};
use crate::{Job, LinkFileError};

/// What was read.
pub(crate) struct Rows {
    pub(crate) features: Features,
    /// How each row is called, in the order of the features.
    pub(crate) names: Vec<Box<str>>,
    /// From which of two files it comes.
    pub(crate) side: Option<Vec<bool>>,
    /// How many rows have not as many cells as the heading, and the first of them.
    pub(crate) ragged: (usize, Option<usize>),
}

/// Columns that hold the cluster in a file of true clusters.
const CLUSTER_COLUMNS: [&str; 3] = ["enterprise_id", "cluster_id", "truth"];

/// Rows read before they are turned into features.
const BATCH: usize = 1 << 15;

struct Listed<'a> {
    id: RecordId,
    line: &'a Row,
    columns: &'a HashMap<String, usize>,
    /// For each column that is read, its place in the file.
    places: &'a [Vec<usize>],
}

impl Texts for Listed<'_> {
    fn id(&self) -> RecordId {
        self.id
    }

    fn text(&self, column: &str) -> Option<&str> {
        self.line.get(*self.columns.get(column)?)
    }

    fn texts<'a>(&'a self, _: &[Vec<&str>], found: &mut Vec<Option<&'a str>>) {
        found.extend(self.places.iter().map(|it| it.iter().find_map(|it| self.line.get(*it))));
    }
}

/// The id that the engine knows a row by; rows of two files never share one.
fn id(side: bool, name: &str) -> RecordId {
    let space = if side { &Uuid::NAMESPACE_URL } else { &Uuid::NAMESPACE_OID };
    RecordId(Uuid::new_v5(space, name.as_bytes()))
}

/// The rows of all files, as they are called.
#[derive(Default)]
struct Names {
    /// The engine's id, from which file, and which row of it, the heading being row 1.
    rows: Vec<(RecordId, bool, usize)>,
    names: Vec<Box<str>>,
    ragged: (usize, Option<usize>),
}

pub(crate) fn rows(job: &Job) -> Result<Rows, LinkFileError> {
    let mut reader = Reader::new(&job.settings);
    let mut known = Names::default();
    for (side, path) in [(false, Some(&job.a)), (true, job.b.as_ref())] {
        if let Some(path) = path {
            read_file(job, side, path, &mut reader, &mut known)?;
        }
    }
    let features = reader.finish();
    let Names { rows, names, ragged } = known;
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.par_sort_unstable_by_key(|it| rows[*it as usize]);
    for pair in order.windows(2) {
        let (one, two) = (rows[pair[0] as usize], rows[pair[1] as usize]);
        if one.0 == two.0 {
            let path = if one.1 { job.b.as_ref().unwrap_or(&job.a) } else { &job.a };
            let (name, column) = (&names[pair[0] as usize], job.id_column());
            let problem = format!(
                "rows {} and {} have the same {column}, {name:?}; each row needs its own, or name \
                 another column with --id",
                one.2, two.2
            );
            return Err(LinkFileError::table(path, problem));
        }
    }
    let sides = job.b.is_some().then(|| order.iter().map(|it| rows[*it as usize].1).collect());
    let mut names = names;
    let taken = |it: &u32| std::mem::take(&mut names[*it as usize]);
    Ok(Rows { features, names: order.iter().map(taken).collect(), side: sides, ragged })
}

fn read_file(
    job: &Job,
    side: bool,
    path: &Path,
    reader: &mut Reader,
    known: &mut Names,
) -> Result<(), LinkFileError> {
    let mut table = Table::open(path)?;
    let columns = table.columns();
    let has = table.headings.join(", ");
    if !job.settings.columns().any(|it| columns.contains_key(it)) {
        let read: Vec<&str> = job.settings.columns().collect();
        return Err(table.error(format!(
            "none of the columns that the settings read is here; it has {has}; they read {}; rename \
             columns, or give settings that name these",
            read.join(", ")
        )));
    }
    let places: Vec<Vec<usize>> = reader
        .columns()
        .map(|it| it.split('|').filter_map(|name| columns.get(name).copied()).collect())
        .collect();
    let id_place = columns.get(job.id_column()).copied();
    if let (Some(asked), None) = (&job.id_column, id_place) {
        return Err(table.error(format!(
            "there is no column {asked:?} to name the rows by; it has {has}; name one of these with --id"
        )));
    }
    let width = table.headings.len();
    let mut count = 0_usize;
    let mut fill = |batch: &mut Vec<Row>| -> Result<(), LinkFileError> {
        // The records of the batch before are filled again, so that no room is made anew.
        for place in 0..BATCH {
            if batch.len() == place {
                batch.push(Row::default());
            }
            if !table.read(&mut batch[place])? {
                batch.truncate(place);
                break;
            }
        }
        Ok(())
    };
    let (mut batch, mut next) = (vec![], Vec::with_capacity(BATCH));
    fill(&mut batch)?;
    if batch.is_empty() {
        return Err(LinkFileError::table(
            path,
            "there are headings but no rows; add the list's rows",
        ));
    }
    while !batch.is_empty() {
        for line in &batch {
            count += 1;
            known.names.push(match id_place {
                Some(place) => line.get(place).unwrap_or_default().into(),
                None => count.to_string().into(),
            });
            if known.names.last().is_some_and(|it| it.is_empty()) {
                let problem = format!(
                    "row {} has no {}; each row needs one, or name another column with --id",
                    count + 1,
                    job.id_column()
                );
                return Err(LinkFileError::table(path, problem));
            }
            if line.len() != width {
                known.ragged.0 += 1;
                known.ragged.1 = known.ragged.1.or(Some(count + 1));
            }
        }
        let names = &known.names[known.names.len() - batch.len()..];
        let ids: Vec<RecordId> = names.par_iter().map(|it| id(side, it)).collect();
        let first = count + 2 - batch.len();
        known.rows.extend(ids.iter().enumerate().map(|(row, id)| (*id, side, first + row)));
        let rows: Vec<Listed> = batch
            .iter()
            .zip(&ids)
            .map(|(line, id)| Listed { id: *id, line, columns: &columns, places: &places })
            .collect();
        // The next rows are parsed while these are turned into features.
        let ((), filled) = rayon::join(|| reader.add(&rows), || fill(&mut next));
        filled?;
        drop(rows);
        std::mem::swap(&mut batch, &mut next);
    }
    Ok(())
}

/// The true cluster of each row, in the order of the features; a row of which the truth says nothing stands
/// alone.
pub(crate) fn truth(path: &Path, rows: &Rows) -> Result<Vec<u32>, LinkFileError> {
    let mut table = Table::open(path)?;
    let columns = table.columns();
    let lacks = |column: &str| {
        table
            .error(format!("there must be a column {column}; it has {}", table.headings.join(", ")))
    };
    let record = columns.get("record_id").ok_or_else(|| lacks("record_id"))?;
    let cluster = CLUSTER_COLUMNS.iter().find_map(|it| columns.get(*it));
    let cluster = cluster.ok_or_else(|| lacks("enterprise_id, cluster_id or truth"))?;
    let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
    let mut found: Vec<Option<u32>> = vec![None; rows.names.len()];
    let sides: &[bool] = if rows.side.is_some() { &[false, true] } else { &[false] };
    let mut line = Row::default();
    while table.read(&mut line)? {
        let text = |place: usize| line.get(place).unwrap_or_default();
        let number = match numbers.get(text(*cluster)) {
            Some(number) => *number,
            None => {
                let next = numbers.len() as u32;
                numbers.insert(text(*cluster).to_owned(), next);
                next
            }
        };
        for side in sides {
            if let Some(position) = rows.features.position(id(*side, text(*record))) {
                found[position] = Some(number);
            }
        }
    }
    if !numbers.is_empty() && found.iter().all(Option::is_none) {
        let problem =
            "no record_id in it names a row of the list; --id says which column of the list does";
        return Err(table.error(problem));
    }
    let mut alone = numbers.len() as u32;
    Ok(found
        .into_iter()
        .map(|it| {
            it.unwrap_or_else(|| {
                alone += 1;
                alone - 1
            })
        })
        .collect())
}

/// Writes `record_id,cluster_id`, rows of one cluster together; with two files also which of them, `a` or `b`.
pub(crate) fn write(
    path: &Path,
    names: &[Box<str>],
    side: Option<&[bool]>,
    cluster_of: &[u32],
) -> Result<(), LinkFileError> {
    let file = File::create(path).map_err(|it| LinkFileError::file(path, it))?;
    let mut out = csv::Writer::from_writer(BufWriter::with_capacity(1 << 18, file));
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|it| (cluster_of[*it], *it));
    let heading = ["record_id", "cluster_id", "file"];
    let width = if side.is_some() { 3 } else { 2 };
    out.write_record(&heading[..width]).map_err(|it| LinkFileError::table(path, it))?;
    for position in order {
        let cluster = cluster_of[position].to_string();
        let file = side.map_or("", |it| if it[position] { "b" } else { "a" });
        let cells = [&*names[position], &cluster, file];
        out.write_record(&cells[..width]).map_err(|it| LinkFileError::table(path, it))?;
    }
    let mut file = out.into_inner().map_err(|it| LinkFileError::table(path, it))?;
    file.flush().map_err(|it| LinkFileError::file(path, it))
}
