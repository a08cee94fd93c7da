//! A file as it was, but for the rows of a person whose data was erased: their cells are empty, every other
//! row stands where it stood. A text file stays one; any other book becomes XLSX, since its look and its
//! formulas are not kept.

use std::collections::HashSet;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use rust_xlsxwriter::{Format as Style, Workbook};

use crate::file::{Format, Refusal, RefusalCode, SourceFile};
use crate::plan::Plan;
use crate::pulled::Writer;
use crate::read::{RawRow, visit};
use crate::report::{not_written, page_name};

/// A row by the place of its sheet, from 0, and its number in it, from 1.
pub type Place = (usize, u32);

/// The format that a redacted file of `format` has.
pub fn format_of(format: Format) -> Format {
    match format {
        Format::Csv => Format::Csv,
        Format::Rows => Format::Rows,
        Format::Xlsx | Format::Xls | Format::Ods => Format::Xlsx,
    }
}

/// Writes `file` to `out` without what stands in the rows `dead`.
///
/// Fails when `file` cannot be read again or `out` not be written.
pub fn write(
    file: &SourceFile,
    plan: &Plan,
    dead: &HashSet<Place>,
    out: &Path,
) -> Result<(), Refusal> {
    match file.format() {
        Format::Csv => write_text(file, plan, dead, out),
        Format::Rows => write_rows(file, plan, dead, out),
        Format::Xlsx | Format::Xls | Format::Ods => write_book(file, plan, dead, out),
    }
}

fn write_text(
    file: &SourceFile,
    plan: &Plan,
    dead: &HashSet<Place>,
    out: &Path,
) -> Result<(), Refusal> {
    let failed = |_: std::io::Error| Refusal::with(RefusalCode::NotWritten, "I/O");
    let mut text = std::io::BufWriter::new(std::fs::File::create(out).map_err(failed)?);
    for (index, sheet) in plan.sheets.iter().enumerate() {
        let (mut line, mut failure) = (1, None);
        visit(file, index, sheet, &mut |row| {
            let mut put = || {
                // A line that nothing was handed out for was empty.
                while line < row.number {
                    writeln!(text)?;
                    line += 1;
                }
                line += 1;
                writeln!(text, "{}", delimited(&row, dead.contains(&(index, row.number))))
            };
            match put() {
                Ok(()) => ControlFlow::Continue(()),
                Err(cause) => {
                    failure = Some(cause);
                    ControlFlow::Break(())
                }
            }
        })?;
        if let Some(cause) = failure {
            return Err(failed(cause));
        }
    }
    text.flush().map_err(failed)
}

/// Rows that were pulled, as they were pulled but for the dead ones, which are empty.
fn write_rows(
    file: &SourceFile,
    plan: &Plan,
    dead: &HashSet<Place>,
    out: &Path,
) -> Result<(), Refusal> {
    let failed = |_: std::io::Error| Refusal::with(RefusalCode::NotWritten, "I/O");
    let mut text = Some(std::io::BufWriter::new(std::fs::File::create(out).map_err(failed)?));
    let (mut rows, mut failure) = (None, None);
    for (index, sheet) in plan.sheets.iter().enumerate() {
        visit(file, index, sheet, &mut |row| {
            let written = match (text.take(), &mut rows) {
                (Some(text), _) => Writer::new(text, &row.cells).map(|it| rows = Some(it)),
                (None, Some(rows)) if dead.contains(&(index, row.number)) => rows.row::<&str>(&[]),
                (None, Some(rows)) => rows.row(&row.cells),
                (None, None) => Ok(()),
            };
            match written {
                Ok(()) => ControlFlow::Continue(()),
                Err(cause) => {
                    failure = Some(cause);
                    ControlFlow::Break(())
                }
            }
        })?;
    }
    if let Some(cause) = failure {
        return Err(failed(cause));
    }
    rows.map_or(Ok(()), |it| it.finish().map(drop).map_err(failed))
}

/// A row as a line; of a dead one the commas alone.
fn delimited(row: &RawRow, dead: bool) -> String {
    if dead {
        return ",".repeat(row.cells.len().saturating_sub(1));
    }
    let quoted = |cell: &String| match cell.contains(['"', ',', ';', '\t', '|', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    row.cells.iter().map(quoted).collect::<Vec<_>>().join(",")
}

fn write_book(
    file: &SourceFile,
    plan: &Plan,
    dead: &HashSet<Place>,
    out: &Path,
) -> Result<(), Refusal> {
    let (mut book, whole) = (Workbook::new(), Style::new().set_num_format("0"));
    for (index, sheet) in plan.sheets.iter().enumerate() {
        let page = book.add_worksheet_with_constant_memory().map_err(not_written)?;
        page.set_name(page_name(file, sheet, index)).map_err(not_written)?;
        let mut failure = None;
        visit(file, index, sheet, &mut |row| {
            if dead.contains(&(index, row.number)) {
                return ControlFlow::Continue(());
            }
            for (column, text) in (0_u16..).zip(&row.cells) {
                let lost = row.shown.iter().find(|it| it.0 == usize::from(column));
                let written = match lost.and_then(|it| it.1.parse::<f64>().ok()) {
                    _ if text.is_empty() => continue,
                    // It stays the number its sender sees, whose lost digits are found out again.
                    Some(it) => {
                        page.write_number_with_format(row.number - 1, column, it, &whole).map(drop)
                    }
                    None => page.write_string(row.number - 1, column, text).map(drop),
                };
                if let Err(cause) = written {
                    failure = Some(cause);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        if let Some(cause) = failure {
            return Err(not_written(cause));
        }
    }
    book.save(out).map_err(not_written)
}
