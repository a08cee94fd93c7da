//! The workbook that goes back to the sender: the cells as written, a status behind each row, the
//! doubtful cells coloured, and what to do about them.
//!
//! Every cell is a text, so that no NIK loses digits again; a number that lost them before stays the number
//! its sender sees, and is found out again when it comes back. Values stand where they stood, but merged
//! cells come apart, formulas give way to their results, and the look of the sheet is not kept. The two columns added at the right are
//! known to [`crate::plan`] and passed over, so the workbook can be mended and sent again.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use rust_xlsxwriter::{Color, Format, FormatBorder, Note, Workbook, Worksheet, XlsxError};

use crate::file::{Refusal, RefusalCode, SourceFile};
use crate::heading::words;
use crate::plan::{Plan, SheetPlan};
use crate::problem::{Lang, Problem, ProblemCode, Severity, letters};
use crate::read::{RawRow, RowKind, visit};

/// Heading of the column that says what became of a row.
pub const STATUS: &str = "STATUS TUNGGAL";
/// Heading of the column that says what to do.
pub const REMEDY: &str = "PERBAIKAN";

/// Notes put on cells; each costs memory, and nobody reads thousands.
const NOTES: usize = 3_000;
/// Characters of a remedy.
const LONGEST: usize = 2_000;

type Found<'a> = HashMap<(&'a str, u32), Vec<&'a Problem>>;

/// Writes the workbook of `file` to `out` as XLSX, with what `problems` say of its rows.
///
/// A row with an error is one that was not taken. Fails when `file` cannot be read again or `out` not
/// be written.
pub fn write(
    file: &mut SourceFile,
    plan: &Plan,
    problems: &[Problem],
    lang: Lang,
    out: &Path,
) -> Result<(), Refusal> {
    let mut found: Found<'_> = HashMap::new();
    for problem in problems.iter().filter(|it| it.row != 0) {
        found.entry((problem.sheet.as_str(), problem.row)).or_default().push(problem);
    }
    let mut book = Workbook::new();
    let styles = Styles::new();
    let mut notes = NOTES;
    for (index, sheet) in plan.sheets.iter().enumerate() {
        let (status, width) = status_column(file, index, sheet)?;
        let page = book.add_worksheet_with_constant_memory().map_err(not_written)?;
        page.set_name(page_name(file, sheet, index)).map_err(not_written)?;
        let erased = erased_rows(&found, &sheet.name);
        let mut writer =
            Writer { page, styles: &styles, found: &found, erased, lang, status, notes };
        if sheet.used {
            writer.set_widths(width)?;
        }
        let mut failure = None;
        visit(file, index, sheet, &mut |row| match writer.row(sheet, &row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(cause) => {
                failure = Some(cause);
                ControlFlow::Break(())
            }
        })?;
        if let Some(cause) = failure {
            return Err(not_written(cause));
        }
        writer.erased_before(sheet, u32::MAX).map_err(not_written)?;
        notes = writer.notes;
    }
    book.save(out).map_err(not_written)
}

/// The rows of a sheet whose cells are gone, the last first: the file need not have them any more.
fn erased_rows(found: &Found<'_>, sheet: &str) -> Vec<u32> {
    let erased = |all: &[&Problem]| all.iter().any(|it| it.code == ProblemCode::PersonErased);
    let rows = found.iter().filter(|it| it.0.0 == sheet && erased(it.1));
    let mut rows: Vec<u32> = rows.map(|it| it.0.1).collect();
    rows.sort_unstable_by(|one, other| other.cmp(one));
    rows
}

pub(crate) fn not_written(cause: XlsxError) -> Refusal {
    let detail = match cause {
        XlsxError::RowColumnLimitError => "> 1.048.576",
        XlsxError::IoError(_) => "I/O",
        _ => "XLSX",
    };
    Refusal::with(RefusalCode::NotWritten, detail)
}

/// Where the status goes, and how many columns the sender's table has: the column of an earlier
/// status, or the first one that is free in every row.
fn status_column(
    file: &SourceFile,
    index: usize,
    sheet: &SheetPlan,
) -> Result<(u16, u16), Refusal> {
    let earlier = sheet.columns.iter().find(|it| words(&it.heading) == words(STATUS));
    if let Some(column) = earlier {
        let column = u16::try_from(column.index).unwrap_or(u16::MAX);
        return Ok((column, column));
    }
    let mut width = sheet.columns.len();
    file.visit(index, &mut |row| {
        let filled = row.cells.iter().rposition(|it| !it.trim().is_empty()).map_or(0, |it| it + 1);
        width = width.max(filled);
        ControlFlow::Continue(())
    })?;
    let width = u16::try_from(width).unwrap_or(u16::MAX - 2);
    Ok((width, width))
}

/// A name that Excel takes: that of the sheet, or that of a text file without its extension.
pub(crate) fn page_name(file: &SourceFile, sheet: &SheetPlan, index: usize) -> String {
    let stem = Path::new(file.name()).file_stem().and_then(|it| it.to_str()).unwrap_or("");
    let name = if sheet.name.is_empty() { stem } else { &sheet.name };
    let allowed =
        |it: &char| !matches!(it, '[' | ']' | ':' | '*' | '?' | '/' | '\\') && !it.is_control();
    let name: String = name.chars().filter(allowed).take(28).collect();
    let name = name.trim_matches('\'').trim();
    if name.is_empty() { format!("Sheet{}", index + 1) } else { name.to_owned() }
}

struct Styles {
    heading: Format,
    doubtful: Format,
    wrong: Format,
    wrapped: Format,
    whole: Format,
}

/// What is written into a cell of the sender's table.
enum Value<'a> {
    Text(&'a str),
    Number(f64),
}

impl Styles {
    fn new() -> Styles {
        let filled = |color: u32| {
            Format::new()
                .set_background_color(Color::RGB(color))
                .set_border(FormatBorder::Thin)
                .set_border_color(Color::RGB(0x00BF_BFBF))
        };
        Styles {
            heading: filled(0x00D9_E1F2).set_bold(),
            doubtful: filled(0x00FF_EB9C),
            wrong: filled(0x00FF_C7CE),
            wrapped: Format::new().set_text_wrap(),
            whole: Format::new().set_num_format("0"),
        }
    }
}

struct Writer<'a> {
    page: &'a mut Worksheet,
    styles: &'a Styles,
    found: &'a Found<'a>,
    /// Rows that were erased and are not written yet, the last first.
    erased: Vec<u32>,
    lang: Lang,
    status: u16,
    notes: usize,
}

impl Writer<'_> {
    fn set_widths(&mut self, columns: u16) -> Result<(), Refusal> {
        for column in 0..columns.min(self.status) {
            self.page.set_column_width(column, 16).map_err(not_written)?;
        }
        self.page.set_column_width(self.status, 20).map_err(not_written)?;
        self.page.set_column_width(self.status + 1, 80).map_err(not_written)?;
        Ok(())
    }

    /// Says of the erased rows above `row` that they were; rows are written from the top.
    fn erased_before(&mut self, sheet: &SheetPlan, row: u32) -> Result<(), XlsxError> {
        while let Some(number) = self.erased.pop_if(|it| *it < row) {
            self.judged(sheet.name.as_str(), number)?;
        }
        Ok(())
    }

    fn row(&mut self, sheet: &SheetPlan, row: &RawRow) -> Result<(), XlsxError> {
        self.erased_before(sheet, row.number)?;
        if self.erased.pop_if(|it| *it == row.number).is_some() {
            return self.judged(&row.sheet, row.number);
        }
        let line = row.number - 1;
        let none = Vec::new();
        let problems = self.found.get(&(row.sheet.as_str(), row.number)).unwrap_or(&none);
        for (column, text) in (0_u16..).zip(&row.cells) {
            if sheet.used && (column == self.status || column == self.status + 1) {
                continue; // what an earlier report said
            }
            let lost = row.shown.iter().find(|it| it.0 == usize::from(column));
            let value = match lost.and_then(|it| it.1.parse::<f64>().ok()) {
                Some(number) => Value::Number(number),
                None => Value::Text(text),
            };
            let here = |it: &&&Problem| it.column == Some(column.into());
            match problems.iter().find(here) {
                Some(problem) => self.marked(line, column, value, problem)?,
                None if text.is_empty() => {}
                None => match value {
                    Value::Text(it) => drop(self.page.write_string(line, column, it)?),
                    Value::Number(it) => {
                        let style = &self.styles.whole;
                        self.page.write_number_with_format(line, column, it, style)?;
                    }
                },
            }
        }
        let (status, remedy) = (self.status, self.status + 1);
        match row.kind {
            RowKind::Header if sheet.header.is_some_and(|it| it.0 == row.number) => {
                self.page.write_string_with_format(line, status, STATUS, &self.styles.heading)?;
                self.page.write_string_with_format(line, remedy, REMEDY, &self.styles.heading)?;
            }
            RowKind::Record => self.judged(&row.sheet, row.number)?,
            _ => {}
        }
        Ok(())
    }

    /// Writes what became of a row, and what to do.
    fn judged(&mut self, sheet: &str, number: u32) -> Result<(), XlsxError> {
        let (line, status, remedy) = (number - 1, self.status, self.status + 1);
        let none = Vec::new();
        let problems = self.found.get(&(sheet, number)).unwrap_or(&none);
        let wrong = problems.iter().any(|it| it.severity == Severity::Error);
        let doubtful = problems.iter().any(|it| it.severity == Severity::Warning);
        let text = status_text(wrong, doubtful, self.lang);
        let style = match (wrong, doubtful) {
            (true, _) => Some(&self.styles.wrong),
            (_, true) => Some(&self.styles.doubtful),
            _ => None,
        };
        match style {
            Some(style) => self.page.write_string_with_format(line, status, text, style)?,
            None => self.page.write_string(line, status, text)?,
        };
        if !problems.is_empty() {
            let text = remedies(problems, self.lang);
            self.page.write_string_with_format(line, remedy, text, &self.styles.wrapped)?;
        }
        Ok(())
    }

    fn marked(
        &mut self,
        line: u32,
        column: u16,
        value: Value<'_>,
        problem: &Problem,
    ) -> Result<(), XlsxError> {
        let style = match problem.severity {
            Severity::Error => &self.styles.wrong,
            Severity::Warning | Severity::Note => &self.styles.doubtful,
        };
        match value {
            Value::Text(it) => self.page.write_string_with_format(line, column, it, style)?,
            Value::Number(it) => {
                let style = style.clone().set_num_format("0");
                self.page.write_number_with_format(line, column, it, &style)?
            }
        };
        if 0 < self.notes {
            self.notes -= 1;
            let text = format!("{}. {}", problem.message(self.lang), problem.remedy(self.lang));
            self.page.insert_note(line, column, &Note::new(text).set_author("Tunggal"))?;
        }
        Ok(())
    }
}

fn status_text(wrong: bool, doubtful: bool, lang: Lang) -> &'static str {
    match (wrong, doubtful, lang) {
        (true, _, Lang::Indonesian) => "DITOLAK",
        (true, _, Lang::English) => "REJECTED",
        (_, true, Lang::Indonesian) => "DITERIMA, PERIKSA",
        (_, true, Lang::English) => "ACCEPTED, CHECK",
        (_, _, Lang::Indonesian) => "DITERIMA",
        (_, _, Lang::English) => "ACCEPTED",
    }
}

/// What is wrong and what to do, problem after problem.
fn remedies(problems: &[&Problem], lang: Lang) -> String {
    let sentences = problems.iter().map(|it| {
        let place = it.column.map(|column| match &it.heading {
            Some(heading) => format!("{} ({heading}): ", letters(column)),
            None => format!("{}: ", letters(column)),
        });
        format!("{}{}. {}.", place.unwrap_or_default(), it.message(lang), it.remedy(lang))
    });
    let all = sentences.collect::<Vec<_>>().join(" ");
    all.chars().take(LONGEST).collect()
}
