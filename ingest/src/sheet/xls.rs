//! Workbooks of Excel 97 to 2003. They cannot be streamed, so their extent is checked first.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Reader, SheetType, SheetVisible, Xls, XlsError};

use super::{Rows, guarded};
use crate::cell::{as_shown_in_memory, text_of};
use crate::file::{Limits, Refusal, RefusalCode, Sheet, Visitor};

fn open(path: &Path) -> Result<Xls<BufReader<File>>, Refusal> {
    Xls::new(BufReader::new(File::open(path)?)).map_err(|cause| match cause {
        XlsError::Password => Refusal::new(RefusalCode::Encrypted),
        _ => Refusal::new(RefusalCode::Damaged),
    })
}

/// The sheets of the workbook.
pub fn sheets(path: &Path) -> Result<Vec<Sheet>, Refusal> {
    guarded(|| {
        let book = open(path)?;
        let sheets = book.sheets_metadata().iter();
        let sheets = sheets.filter(|it| it.typ == SheetType::WorkSheet);
        let sheets: Vec<Sheet> = sheets
            .map(|it| Sheet { name: it.name.clone(), hidden: it.visible != SheetVisible::Visible })
            .collect();
        if sheets.is_empty() { Err(Refusal::new(RefusalCode::NoTable)) } else { Ok(sheets) }
    })
}

/// Hands the rows of one sheet to `visitor`.
pub fn visit(
    path: &Path,
    sheet: &str,
    limits: &Limits,
    visitor: &mut Visitor<'_>,
) -> Result<(), Refusal> {
    guarded(|| {
        let mut book = open(path)?;
        let range = book.worksheet_range(sheet).map_err(|_| Refusal::new(RefusalCode::Damaged))?;
        let (top, left) = range.start().unwrap_or((0, 0));
        let mut rows = Rows::new(limits, visitor);
        for (row, cells) in (top + 1..).zip(range.rows()) {
            for (column, value) in (left..).zip(cells) {
                if rows.cell(row, column, text_of(value))? == ControlFlow::Break(()) {
                    return Ok(());
                }
                rows.shown(column, as_shown_in_memory(value));
            }
        }
        rows.finish();
        Ok(())
    })
}
