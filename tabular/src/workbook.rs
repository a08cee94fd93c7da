use std::fs::File;
use std::io::{Seek, SeekFrom};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use crate::cell::moment;
use crate::{Cell, Column, Error, Table};

/// Rows of a sheet, its header among them (Excel's specification).
const ROWS: u32 = 1_048_576;
/// Characters of a cell (Excel's specification).
const CHARACTERS: usize = 32_767;

/// A workbook: as many sheets as the rows take, and one that says what they are.
pub(crate) struct Sheets {
    book: Workbook,
    table: Table,
    sheet: usize,
    next: u32,
    day: Format,
}

impl Sheets {
    pub(crate) fn begin(table: Table) -> Result<Sheets, Error> {
        let (book, day) = (Workbook::new(), Format::new().set_num_format("yyyy-mm-dd"));
        let mut sheets = Sheets { book, table, sheet: 0, next: 0, day };
        sheets.add_sheet()?;
        Ok(sheets)
    }

    fn add_sheet(&mut self) -> Result<(), Error> {
        let name = match self.book.worksheets().len() {
            0 => "Data".to_owned(),
            before => format!("Data {}", before + 1),
        };
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        header(sheet, self.table.columns.iter().map(|it| it.name.as_str()))?;
        self.sheet = self.book.worksheets().len() - 1;
        self.next = 1;
        Ok(())
    }

    pub(crate) fn block(&mut self, rows: &[Vec<Cell>]) -> Result<(), Error> {
        for row in rows {
            if self.next == ROWS {
                self.add_sheet()?;
            }
            let sheet = self.book.worksheet_from_index(self.sheet)?;
            for (at, cell) in (0..).zip(row) {
                write(sheet, self.next, at, cell, &self.day)?;
            }
            self.next += 1;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<File, Error> {
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name("Metadata")?;
        header(sheet, ["", ""])?;
        let notes = self.table.notes.iter().map(|it| (it.0.as_str(), it.1.as_str()));
        let meanings = self
            .table
            .columns
            .iter()
            .map(|Column { name, meaning, .. }| (name.as_str(), meaning.as_str()));
        for (row, (name, text)) in (1..).zip(notes.chain(meanings)) {
            sheet.write_string(row, 0, name)?;
            sheet.write_string(row, 1, shortened(text))?;
        }
        let mut file = tempfile::tempfile()?;
        self.book.save_to_writer(&mut file)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}

fn header<'a>(
    sheet: &mut Worksheet,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), Error> {
    let bold = Format::new().set_bold();
    for (at, name) in (0..).zip(names) {
        sheet.write_string_with_format(0, at, name, &bold)?;
    }
    Ok(())
}

/// A text is written as a text, so that nothing computes it.
fn write(sheet: &mut Worksheet, row: u32, at: u16, cell: &Cell, day: &Format) -> Result<(), Error> {
    match cell {
        Cell::Nothing => {}
        Cell::Text(it) => {
            sheet.write_string(row, at, shortened(it))?;
        }
        Cell::Texts(_) => {
            sheet.write_string(row, at, shortened(&cell.text()))?;
        }
        // A number in Excel has fifteen digits.
        Cell::Whole(it) if it.unsigned_abs() < 1_000_000_000_000_000 => {
            #[expect(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
            sheet.write_number(row, at, *it as f64)?;
        }
        Cell::Whole(it) => {
            sheet.write_string(row, at, it.to_string())?;
        }
        Cell::Decimal(it) if it.is_finite() => {
            sheet.write_number(row, at, *it)?;
        }
        Cell::Decimal(_) => {}
        Cell::Boolean(it) => {
            sheet.write_boolean(row, at, *it)?;
        }
        // Excel's calendar begins in 1900.
        Cell::Date(it) => match ExcelDateTime::parse_from_str(&it.to_string()) {
            Ok(it) => {
                sheet.write_datetime_with_format(row, at, it, day)?;
            }
            Err(_) => {
                sheet.write_string(row, at, it.to_string())?;
            }
        },
        Cell::Moment(it) => {
            sheet.write_string(row, at, moment(it))?;
        }
    }
    Ok(())
}

fn shortened(text: &str) -> &str {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
