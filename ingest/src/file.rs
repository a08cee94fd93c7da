//! Opening a file: which format its content has, and whether it can be read safely.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::csv;
use crate::format::{self, Found};
use crate::problem::ProblemCode;
use crate::pulled;
pub use crate::refusal::{Refusal, RefusalCode};
use crate::sheet::{ods, xls, xlsx};

/// Bounds that are checked before the work they bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Columns of a sheet.
    pub columns: u32,
    /// What a workbook may grow to when unpacked, in bytes.
    pub expanded_bytes: u64,
    /// How many times its size a workbook above 64 MB unpacked may grow.
    pub expansion: u64,
    /// Characters of one cell; the rest is cut off.
    pub cell_chars: usize,
    /// Bytes of all cells of a row together; the rest is cut off.
    pub row_bytes: usize,
    /// Sheets of a workbook.
    pub sheets: usize,
    /// Texts in the table of shared texts of a workbook.
    pub shared_texts: u64,
    /// Bytes of that table.
    pub shared_text_bytes: u64,
    /// Bytes of the texts of an old `.xls` book, each counted as often as it is used.
    pub xls_text_bytes: u64,
    /// Cells, filled or not, of an old `.xls` sheet, which must be held in memory.
    pub xls_cells: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes: 100 << 20,
            columns: 500,
            expanded_bytes: 1 << 30,
            expansion: 100,
            cell_chars: 32_767,
            row_bytes: 64 << 10,
            sheets: 256,
            shared_texts: 1_000_000,
            shared_text_bytes: 32 << 20,
            xls_text_bytes: 32 << 20,
            xls_cells: 1_000_000,
        }
    }
}

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text with a delimiter.
    Csv,
    /// A workbook of Excel 2007 or later.
    Xlsx,
    /// A workbook of Excel 97 to 2003.
    Xls,
    /// A workbook of LibreOffice.
    Ods,
    /// Rows pulled from a live source.
    Rows,
}

impl Format {
    /// The usual extension: `csv`, `xlsx`, `xls`, `ods`; `rows` for rows pulled from a live source.
    pub fn code(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Xls => "xls",
            Format::Ods => "ods",
            Format::Rows => "rows",
        }
    }

    fn fits(self, extension: &str) -> bool {
        match self {
            Format::Csv => matches!(extension, "csv" | "txt" | "tsv" | "tab" | "psv" | ""),
            Format::Xlsx => matches!(extension, "xlsx" | "xlsm" | "xltx" | ""),
            Format::Xls => matches!(extension, "xls" | "xlt" | ""),
            Format::Ods => matches!(extension, "ods" | "ots" | ""),
            Format::Rows => matches!(extension, "rows" | ""),
        }
    }
}

/// A sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name; empty for a text file.
    pub name: String,
    /// The sender hid it.
    pub hidden: bool,
}

/// A file that was found readable. Nothing of its content is held.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: PathBuf,
    name: String,
    pub(crate) limits: Limits,
    content: Content,
    sheets: Vec<Sheet>,
    notes: Vec<ProblemCode>,
}

#[derive(Debug, Clone)]
enum Content {
    Csv(csv::Shape),
    Xlsx,
    Xls,
    Ods,
    Rows,
}

/// A row as it stands in the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PhysicalRow {
    /// From 1, as a spreadsheet shows it.
    pub number: u32,
    /// The texts of the cells; empty ones at the end may be absent.
    pub cells: Vec<String>,
    /// For columns whose number ends in digits nobody knows, the number as its sender sees it.
    pub shown: Vec<(usize, String)>,
    /// A quotation mark in the row is never closed.
    pub quote_unclosed: bool,
    /// A cell was cut to the limit.
    pub cut: bool,
}

/// Takes rows one after the other and says when it has enough.
pub(crate) type Visitor<'a> = dyn FnMut(PhysicalRow) -> ControlFlow<()> + 'a;

/// Opens the file at `path`, which its sender calls `file_name`.
///
/// The format comes from the content; a name that says otherwise makes a note. Refuses what is empty,
/// locked, damaged, no spreadsheet, or beyond `limits`.
pub fn open(path: &Path, file_name: &str, limits: &Limits) -> Result<SourceFile, Refusal> {
    let one = || vec![Sheet { name: String::new(), hidden: false }];
    let (content, format, sheets) = match format::find(path, limits)? {
        Found::Csv(shape) => (Content::Csv(shape), Format::Csv, one()),
        Found::Rows => (Content::Rows, Format::Rows, one()),
        Found::Xlsx => (Content::Xlsx, Format::Xlsx, xlsx::sheets(path)?),
        Found::Xls => (Content::Xls, Format::Xls, xls::sheets(path)?),
        Found::Ods => (Content::Ods, Format::Ods, ods::sheets(path)?),
    };
    if limits.sheets < sheets.len() {
        let most = format!("{} > {}", sheets.len(), limits.sheets);
        return Err(Refusal::with(RefusalCode::TooManySheets, most));
    }
    let extension = Path::new(file_name).extension().and_then(|it| it.to_str()).unwrap_or("");
    let notes = if format.fits(&extension.to_lowercase()) {
        Vec::new()
    } else {
        vec![ProblemCode::ExtensionWrong]
    };
    let (path, name, limits) = (path.to_owned(), file_name.to_owned(), limits.clone());
    Ok(SourceFile { path, name, limits, content, sheets, notes })
}

impl SourceFile {
    /// The format of the content.
    pub fn format(&self) -> Format {
        match self.content {
            Content::Csv(_) => Format::Csv,
            Content::Xlsx => Format::Xlsx,
            Content::Xls => Format::Xls,
            Content::Ods => Format::Ods,
            Content::Rows => Format::Rows,
        }
    }

    /// The name its sender gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its sheets in order; a text file has one without a name.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// What is worth knowing about the file as a whole.
    pub fn notes(&self) -> &[ProblemCode] {
        &self.notes
    }

    /// Hands the rows of one sheet to `visitor`, top down, until it has enough.
    pub(crate) fn visit(&self, sheet: usize, visitor: &mut Visitor<'_>) -> Result<(), Refusal> {
        let Some(found) = self.sheets.get(sheet) else { return Ok(()) };
        let visitor = &mut |mut row: PhysicalRow| {
            row.cells.iter_mut().for_each(drop_unseen);
            visitor(row)
        };
        match &self.content {
            Content::Csv(shape) => csv::visit(&self.path, shape, &self.limits, visitor),
            Content::Xlsx => xlsx::visit(&self.path, &found.name, &self.limits, visitor),
            Content::Xls => xls::visit(&self.path, &found.name, &self.limits, visitor),
            Content::Ods => ods::visit(&self.path, sheet, &self.limits, visitor),
            Content::Rows => pulled::visit(&self.path, &self.limits, visitor),
        }
    }
}

/// Drops the signs that nobody sees: those that turn the direction of a text, and those without width.
fn drop_unseen(text: &mut String) {
    let unseen = |it: char| {
        let turns = matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || matches!(it, '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    // In UTF-8 all of them begin with one of two bytes, which few texts have.
    if text.bytes().any(|it| matches!(it, 0xe2 | 0xef)) && text.contains(unseen) {
        text.retain(|it| !unseen(it));
    }
}

impl From<std::io::Error> for Refusal {
    fn from(cause: std::io::Error) -> Refusal {
        match cause.kind() {
            std::io::ErrorKind::UnexpectedEof
            | std::io::ErrorKind::InvalidData
            | std::io::ErrorKind::InvalidInput => Refusal::new(RefusalCode::Damaged),
            kind => Refusal::with(RefusalCode::Unreadable, kind.to_string()),
        }
    }
}
