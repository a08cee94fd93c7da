//! Rows pulled from a live source, as a file like any other: a line that names the columns, then a line with the
//! texts of each row, both JSON. So what was pulled is kept, reported on and redacted as a sheet is, and no row is
//! taken for a title or a total.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::csv::cut_cells;
use crate::file::{Limits, PhysicalRow, Refusal, RefusalCode, Visitor};

/// How such a file begins.
pub(crate) const MARK: &[u8] = br#"{"tunggal":"rows","#;

/// Bytes of a line at most: a row is cut to far fewer.
const LONGEST_LINE: u64 = 16 << 20;

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    tunggal: &'a str,
    #[serde(borrow)]
    columns: Vec<Cow<'a, str>>,
}

/// Writes rows as they come.
#[derive(Debug)]
pub struct Writer<W: Write>(W);

impl<W: Write> Writer<W> {
    /// Begins a file of rows with these columns.
    pub fn new(mut out: W, columns: &[String]) -> io::Result<Writer<W>> {
        let columns = columns.iter().map(|it| Cow::from(it.as_str())).collect();
        serde_json::to_writer(&mut out, &Head { tunggal: "rows", columns })?;
        out.write_all(b"\n")?;
        Ok(Writer(out))
    }

    /// Adds a row: a text for each column.
    pub fn row<T: Serialize>(&mut self, cells: &[T]) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, cells)?;
        self.0.write_all(b"\n")
    }

    /// Ends the file.
    pub fn finish(mut self) -> io::Result<W> {
        self.0.flush()?;
        Ok(self.0)
    }
}

/// Hands the columns, as the first row, and every row of the file to `visitor`.
pub(crate) fn visit(
    path: &Path,
    limits: &Limits,
    visitor: &mut Visitor<'_>,
) -> Result<(), Refusal> {
    let mut lines = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut line = Vec::new();
    let mut number = 0_u32;
    loop {
        line.clear();
        Read::by_ref(&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        number = number.saturating_add(1);
        let damaged = |_| Refusal::new(RefusalCode::Damaged);
        let mut cells = match number {
            1 => {
                let head: Head<'_> = serde_json::from_slice(&line).map_err(damaged)?;
                head.columns.into_iter().map(Cow::into_owned).collect()
            }
            _ => serde_json::from_slice::<Vec<String>>(&line).map_err(damaged)?,
        };
        if limits.columns as usize <= cells.len() {
            let most = format!("{} > {}", cells.len(), limits.columns);
            return Err(Refusal::with(RefusalCode::TooManyColumns, most));
        }
        let cut = cut_cells(&mut cells, limits);
        if visitor(PhysicalRow { number, cells, cut, ..PhysicalRow::default() }).is_break() {
            return Ok(());
        }
    }
}

/// The kind of a row says itself: the columns, nothing, or a record.
pub(crate) fn kind(row: &PhysicalRow) -> crate::read::RowKind {
    use crate::read::RowKind;
    match row.number {
        1 => RowKind::Header,
        _ if row.cells.iter().all(|it| it.trim().is_empty()) => RowKind::Blank,
        _ => RowKind::Record,
    }
}
