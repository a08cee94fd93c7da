use std::io::{Cursor, Read};

use crate::parquet::Groups;
use crate::workbook::Sheets;
use crate::{Cell, Column, Error, Form, delimited, lines};

/// What a table is: its columns, and what is said of it as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// What is said of it, by name: who made it, of which period. A workbook has a sheet of it, Parquet carries
    /// it in its footer; beside CSV and JSON Lines it goes apart.
    pub notes: Vec<(String, String)>,
}

/// Writes one table in one form.
pub struct Encoder {
    columns: Vec<Column>,
    to: To,
}

enum To {
    Csv,
    JsonLines,
    Xlsx(Box<Sheets>),
    Parquet(Box<Groups>),
}

impl Encoder {
    /// Begins a table, with the bytes that come before its first row.
    pub fn begin(form: Form, table: Table) -> Result<(Encoder, Vec<u8>), Error> {
        let (mut first, columns) = (vec![], table.columns.clone());
        let to = match form {
            Form::Csv => {
                first = delimited::header(&columns)?;
                To::Csv
            }
            Form::JsonLines => To::JsonLines,
            Form::Xlsx => To::Xlsx(Box::new(Sheets::begin(table)?)),
            Form::Parquet => To::Parquet(Box::new(Groups::begin(&table)?)),
        };
        Ok((Encoder { columns, to }, first))
    }

    /// Takes rows, and gives the bytes that are ready to go out: of CSV and JSON Lines these rows, of the others
    /// what was full.
    ///
    /// Fails, and has written none of them, when a row has not the columns' cells.
    pub fn block(&mut self, rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, Error> {
        for row in &rows {
            if row.len() != self.columns.len() {
                return Err(Error::Width { found: row.len(), columns: self.columns.len() });
            }
            for (column, cell) in self.columns.iter().zip(row) {
                if !cell.fits(column.kind) {
                    return Err(Error::Kind { column: column.name.clone() });
                }
            }
        }
        match &mut self.to {
            To::Csv => delimited::block(&rows),
            To::JsonLines => lines::block(&self.columns, &rows),
            To::Xlsx(sheets) => sheets.block(&rows).map(|()| vec![]),
            To::Parquet(groups) => groups.block(rows),
        }
    }

    /// Ends the table, and gives what is left of it.
    pub fn finish(self) -> Result<Box<dyn Read + Send>, Error> {
        match self.to {
            To::Csv | To::JsonLines => Ok(Box::new(std::io::empty())),
            To::Xlsx(sheets) => Ok(Box::new(sheets.finish()?)),
            To::Parquet(groups) => Ok(Box::new(Cursor::new(groups.finish()?))),
        }
    }
}
