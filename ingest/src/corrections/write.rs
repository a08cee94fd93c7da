//! Writing the list of corrections.
//!
//! Every cell is a text, so that nothing in it is computed when it is opened. What stands above the headings,
//! the headings and the group lines are written as they were; of the rows only those of which something is
//! asked.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::path::Path;

use domain::record::Field;
use rust_xlsxwriter::{Color, Format, FormatBorder, Note, Workbook, Worksheet, XlsxError};

use super::{ANSWER, ASKED, REASON, SUGGESTED, TICKET};
use crate::file::{Refusal, SourceFile};
use crate::plan::{Plan, SheetPlan};
use crate::read::{RawRow, RowKind, visit};
use crate::report::{not_written, page_name};

/// Notes put on cells; each costs memory, and nobody reads thousands.
const NOTES: usize = 3_000;
/// Characters of what is asked of one row.
const LONGEST: usize = 2_000;

/// What is asked of one row.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The text of its ticket.
    pub ticket: String,
    /// Each thing that is asked, and the field it is about.
    pub sentences: Vec<(Field, String)>,
    /// What is suggested, by field.
    pub suggested: Vec<(Field, String)>,
}

/// One file of the agency, and what is asked of its rows, by sheet and row.
pub struct Page {
    /// The file.
    pub file: SourceFile,
    /// How it is read.
    pub plan: Plan,
    /// What is asked.
    pub asked: HashMap<(String, u32), Asked>,
}

struct Styles {
    heading: Format,
    doubtful: Format,
    suggested: Format,
    open: Format,
    wrapped: Format,
}

/// Writes the list of corrections to `out` as XLSX; a file of which nothing is asked has no sheet.
///
/// Fails when a file cannot be read again or `out` not be written.
pub fn write(pages: Vec<Page>, out: &Path) -> Result<(), Refusal> {
    let filled = |color: u32| {
        let format = Format::new().set_background_color(Color::RGB(color));
        format.set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00BF_BFBF))
    };
    let styles = Styles {
        heading: filled(0x00D9_E1F2).set_bold(),
        doubtful: filled(0x00FF_EB9C),
        suggested: filled(0x00C6_EFCE),
        open: filled(0x00FF_FFFF),
        wrapped: Format::new().set_text_wrap(),
    };
    let (mut book, mut names, mut notes) = (Workbook::new(), BTreeSet::new(), NOTES);
    for Page { file, plan, asked } in pages {
        for (index, sheet) in plan.sheets.iter().enumerate() {
            let any = asked.keys().any(|it| it.0 == sheet.name);
            // Without headings there is nowhere to say what the added columns are.
            let Some(header) = sheet.header.filter(|_| any) else { continue };
            let page = book.add_worksheet_with_constant_memory().map_err(not_written)?;
            let name = free_name(&page_name(&file, sheet, index), &mut names);
            page.set_name(name).map_err(not_written)?;
            let own = own_columns(&file, index, sheet)?;
            let mut writer = Writer { page, styles: &styles, asked: &asked, own, notes, next: 0 };
            writer.set_widths().map_err(not_written)?;
            let mut failure = None;
            visit(&file, index, sheet, &mut |row| match writer.row(sheet, header, &row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(cause) => {
                    failure = Some(cause);
                    ControlFlow::Break(())
                }
            })?;
            if let Some(cause) = failure {
                return Err(not_written(cause));
            }
            notes = writer.notes;
        }
    }
    if names.is_empty() {
        let page = book.add_worksheet();
        page.write_string(0, 0, "Tidak ada yang perlu diperbaiki.").map_err(not_written)?;
    }
    book.save(out).map_err(not_written)
}

/// A name that no other sheet has: Excel does not tell upper from lower case.
fn free_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    for number in 2.. {
        if taken.insert(free.to_lowercase()) {
            break;
        }
        free = format!("{} {number}", name.chars().take(24).collect::<String>());
    }
    free
}

/// How many columns are the agency's own.
fn own_columns(file: &SourceFile, index: usize, sheet: &SheetPlan) -> Result<u16, Refusal> {
    let own = match &sheet.corrections {
        Some(marked) => marked.first(),
        None => {
            let mut width = sheet.columns.len();
            file.visit(index, &mut |row| {
                let filled = row.cells.iter().rposition(|it| !it.trim().is_empty());
                width = width.max(filled.map_or(0, |it| it + 1));
                ControlFlow::Continue(())
            })?;
            width
        }
    };
    let added = SUGGESTED.len() + 4;
    Ok(u16::try_from(own).unwrap_or(u16::MAX).min(16_384 - u16::try_from(added).unwrap_or(0)))
}

struct Writer<'a> {
    page: &'a mut Worksheet,
    styles: &'a Styles,
    asked: &'a HashMap<(String, u32), Asked>,
    /// How many columns are the agency's own.
    own: u16,
    notes: usize,
    /// The line that is written next, from 0.
    next: u32,
}

impl Writer<'_> {
    fn set_widths(&mut self) -> Result<(), XlsxError> {
        for column in 0..self.own {
            self.page.set_column_width(column, 16)?;
        }
        let widths = [20, 60].into_iter().chain([24; SUGGESTED.len()]).chain([20, 40]);
        for (column, width) in (self.own..).zip(widths) {
            self.page.set_column_width(column, width)?;
        }
        Ok(())
    }

    fn row(
        &mut self,
        sheet: &SheetPlan,
        header: (u32, u32),
        row: &RawRow,
    ) -> Result<(), XlsxError> {
        let asked = match row.kind {
            _ if row.number <= header.1 => None,
            RowKind::Group => None,
            RowKind::Record => {
                let Some(it) = self.asked.get(&(row.sheet.clone(), row.number)) else {
                    return Ok(());
                };
                Some(it)
            }
            _ => return Ok(()),
        };
        // The headings stay where they were; the rows follow one another.
        let line = if row.number <= header.1 { row.number - 1 } else { self.next };
        self.next = line + 1;
        for (column, text) in (0..self.own).zip(&row.cells) {
            let here = asked.map(|it| sentences_of(sheet, column, it)).unwrap_or_default();
            if !here.is_empty() {
                self.page.write_string_with_format(line, column, text, &self.styles.doubtful)?;
                self.note(line, column, &here)?;
            } else if !text.is_empty() {
                self.page.write_string(line, column, text)?;
            }
        }
        if row.number == header.0 {
            let headings = [TICKET, ASKED].into_iter().chain(SUGGESTED.iter().map(|it| it.1));
            for (column, text) in (self.own..).zip(headings.chain([ANSWER, REASON])) {
                self.page.write_string_with_format(line, column, text, &self.styles.heading)?;
            }
        }
        asked.map_or(Ok(()), |it| self.added(line, it))
    }

    /// The hub's own cells of a row.
    fn added(&mut self, line: u32, asked: &Asked) -> Result<(), XlsxError> {
        self.page.write_string(line, self.own, &asked.ticket)?;
        let sentences: Vec<&str> = asked.sentences.iter().map(|it| it.1.as_str()).collect();
        let text: String = sentences.join(" ").chars().take(LONGEST).collect();
        self.page.write_string_with_format(line, self.own + 1, text, &self.styles.wrapped)?;
        let mut column = self.own + 2;
        for (field, _) in SUGGESTED {
            if let Some((_, text)) = asked.suggested.iter().find(|it| it.0 == field) {
                self.page.write_string_with_format(line, column, text, &self.styles.suggested)?;
            }
            column += 1;
        }
        for column in [column, column + 1] {
            self.page.write_string_with_format(line, column, "", &self.styles.open)?;
        }
        Ok(())
    }

    fn note(&mut self, line: u32, column: u16, text: &str) -> Result<(), XlsxError> {
        if 0 < self.notes {
            self.notes -= 1;
            self.page.insert_note(line, column, &Note::new(text).set_author("Tunggal"))?;
        }
        Ok(())
    }
}

/// What is asked of the cell in a column.
fn sentences_of(sheet: &SheetPlan, column: u16, asked: &Asked) -> String {
    let fields = sheet.columns.get(usize::from(column)).map_or(&[][..], |it| &it.fields);
    let here = asked.sentences.iter().filter(|it| fields.contains(&it.0));
    here.map(|it| it.1.as_str()).collect::<Vec<_>>().join(" ")
}
