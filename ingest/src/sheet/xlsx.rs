//! Workbooks of Excel 2007 and later, streamed cell by cell.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{Rows, guarded};
use crate::cell::{as_shown, text_of_ref};
use crate::file::{Limits, Refusal, RefusalCode, Sheet, Visitor};

fn open(path: &Path) -> Result<Xlsx<BufReader<File>>, Refusal> {
    Xlsx::new(BufReader::new(File::open(path)?)).map_err(refusal)
}

fn refusal(cause: XlsxError) -> Refusal {
    match cause {
        XlsxError::Password => Refusal::new(RefusalCode::Encrypted),
        _ => Refusal::new(RefusalCode::Damaged),
    }
}

/// The sheets of the workbook, charts left out.
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
        let mut cells = book.worksheet_cells_reader(sheet).map_err(refusal)?;
        let mut rows = Rows::new(limits, visitor);
        while let Some(cell) = cells.next_cell().map_err(refusal)? {
            let (row, column) = cell.get_position();
            let text = text_of_ref(cell.get_value());
            if rows.cell(row.saturating_add(1), column, text)? == ControlFlow::Break(()) {
                return Ok(());
            }
            rows.shown(column, as_shown(cell.get_value()));
        }
        rows.finish();
        Ok(())
    })
}
