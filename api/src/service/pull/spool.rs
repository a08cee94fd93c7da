//! Rows on their way into a file.

use std::io::{self, BufWriter};

use ingest::pulled::Writer;
use tempfile::NamedTempFile;

/// A file that is being written; it goes when it is dropped.
pub(super) struct Spool {
    writer: Writer<BufWriter<NamedTempFile>>,
    /// How many rows it has.
    pub(super) rows: u64,
}

impl Spool {
    pub(super) fn new(columns: &[String]) -> io::Result<Spool> {
        let file = BufWriter::with_capacity(1 << 16, NamedTempFile::new()?);
        Ok(Spool { writer: Writer::new(file, columns)?, rows: 0 })
    }

    /// Adds a row, with `prefix` before its number.
    pub(super) fn row(
        &mut self,
        cells: &[String],
        number: Option<usize>,
        prefix: &str,
    ) -> io::Result<()> {
        self.rows += 1;
        match number.filter(|it| !prefix.is_empty() && !cells[*it].is_empty()) {
            None => self.writer.row(cells),
            Some(at) => {
                let mut cells = cells.to_vec();
                cells[at].insert_str(0, prefix);
                self.writer.row(&cells)
            }
        }
    }

    pub(super) fn finish(self) -> io::Result<NamedTempFile> {
        self.writer.finish()?.into_inner().map_err(|it| it.into_error())
    }
}
