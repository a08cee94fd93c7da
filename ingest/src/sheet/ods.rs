//! Workbooks of LibreOffice, streamed: a few bytes there can repeat a cell a million times, so repeats
//! are counted, not built.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::{Rows, guarded};
use crate::cell::number;
use crate::file::{Limits, Refusal, RefusalCode, Sheet, Visitor};

/// How often a filled row may be repeated by a mark instead of being written.
const SAME_ROWS: u32 = 10_000;

fn damaged<E>(_cause: E) -> Refusal {
    Refusal::new(RefusalCode::Damaged)
}

/// Hands every event of the content to `each` until it breaks.
fn events(
    path: &Path,
    mut each: impl FnMut(Event<'_>, bool) -> Result<ControlFlow<()>, Refusal>,
) -> Result<(), Refusal> {
    guarded(|| {
        let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(damaged)?;
        let content = archive.by_name("content.xml").map_err(damaged)?;
        let mut xml = Reader::from_reader(BufReader::with_capacity(1 << 16, content));
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = xml.read_event_into(&mut buffer).map_err(damaged)?;
            let (empty, end) = (matches!(event, Event::Empty(_)), matches!(event, Event::Eof));
            if end || each(event, empty)? == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    })
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|it| it.key.local_name().as_ref() == name)?;
    quick_xml::escape::unescape(found.value.as_ref()).ok().map(|it| it.into_owned())
}

fn repeats(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name).and_then(|it| it.parse().ok()).unwrap_or(1).max(1)
}

/// The tables of the document.
pub fn sheets(path: &Path) -> Result<Vec<Sheet>, Refusal> {
    let mut sheets = Vec::new();
    events(path, |event, _| {
        if let Event::Start(it) | Event::Empty(it) = &event
            && it.name().as_ref() == "table:table"
        {
            let name = attribute(it, "name").unwrap_or_default();
            sheets.push(Sheet { name, hidden: false });
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if sheets.is_empty() { Err(Refusal::new(RefusalCode::NoTable)) } else { Ok(sheets) }
}

/// Where the reading of one table stands.
struct Table<'a, 'v> {
    rows: Rows<'a, 'v>,
    row: u32,
    row_repeats: u32,
    column: u32,
    /// Text of the cell, how often it repeats, and its value where that says more than the text.
    cell: Option<(String, u32, Option<String>)>,
    in_text: u32,
    limits: &'a Limits,
    filled: Vec<(u32, String)>,
}

/// Hands the rows of the table number `sheet`, from 0, to `visitor`.
pub fn visit(
    path: &Path,
    sheet: usize,
    limits: &Limits,
    visitor: &mut Visitor<'_>,
) -> Result<(), Refusal> {
    let mut table = Table {
        rows: Rows::new(limits, visitor),
        row: 1,
        row_repeats: 1,
        column: 0,
        cell: None,
        in_text: 0,
        limits,
        filled: Vec::new(),
    };
    let (mut seen, mut depth) = (0, 0);
    events(path, |event, empty| {
        match &event {
            Event::Start(it) | Event::Empty(it) if it.name().as_ref() == "table:table" => {
                seen += usize::from(depth == 0);
                depth += usize::from(!empty);
            }
            Event::End(it) if it.name().as_ref() == "table:table" => {
                depth -= 1;
                if depth == 0 && seen == sheet + 1 {
                    return Ok(ControlFlow::Break(()));
                }
            }
            _ if depth == 1 && seen == sheet + 1 => return table.take(&event, empty),
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    })?;
    table.rows.finish();
    Ok(())
}

impl Table<'_, '_> {
    fn take(&mut self, event: &Event<'_>, empty: bool) -> Result<ControlFlow<()>, Refusal> {
        match event {
            Event::Start(it) | Event::Empty(it) => match it.name().as_ref() {
                "table:table-row" => {
                    self.row_repeats = repeats(it, "number-rows-repeated");
                    self.column = 0;
                    if empty {
                        self.row = self.row.saturating_add(self.row_repeats);
                    }
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    let times = repeats(it, "number-columns-repeated");
                    if empty && attribute(it, "value-type").is_none() {
                        self.column = self.column.saturating_add(times);
                    } else {
                        self.cell = Some((String::new(), times, value(it)));
                        if empty {
                            self.cell_ends()?;
                        }
                    }
                }
                "text:p" => {
                    if let Some((text, ..)) = &mut self.cell {
                        if !text.is_empty() {
                            text.push('\n');
                        }
                        self.in_text += u32::from(!empty);
                    }
                }
                "text:s" => self.push(" "),
                "text:tab" => self.push("\t"),
                "text:line-break" => self.push("\n"),
                "office:annotation" if !empty => self.in_text = 0,
                _ => {}
            },
            Event::Text(it) => self.push(it.xml10_content().as_ref()),
            Event::CData(it) => self.push(it.xml10_content().as_ref()),
            Event::GeneralRef(it) => {
                let name: &str = it;
                let text =
                    quick_xml::escape::unescape(&format!("&{name};")).map(|it| it.into_owned());
                self.push(&text.unwrap_or_default());
            }
            Event::End(it) => match it.name().as_ref() {
                "text:p" => self.in_text = self.in_text.saturating_sub(1),
                "table:table-cell" | "table:covered-table-cell" => self.cell_ends()?,
                "table:table-row" => return self.row_ends(),
                _ => {}
            },
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    fn push(&mut self, piece: &str) {
        if let (Some((text, ..)), 1..) = (&mut self.cell, self.in_text)
            && text.len() < 1 << 20
        {
            text.push_str(piece);
        }
    }

    fn cell_ends(&mut self) -> Result<(), Refusal> {
        let Some((text, times, value)) = self.cell.take() else { return Ok(()) };
        self.in_text = 0;
        let text = value.unwrap_or(text);
        if !text.is_empty() {
            let end = self.column.saturating_add(times);
            if self.limits.columns < end {
                return Err(Refusal::new(RefusalCode::TooManyColumns));
            }
            self.filled.extend((self.column..end).map(|it| (it, text.clone())));
        }
        self.column = self.column.saturating_add(times);
        Ok(())
    }

    fn row_ends(&mut self) -> Result<ControlFlow<()>, Refusal> {
        let filled = std::mem::take(&mut self.filled);
        let times = if filled.is_empty() { 0 } else { self.row_repeats };
        if SAME_ROWS < times {
            return Err(Refusal::new(RefusalCode::ZipBomb));
        }
        for repeat in 0..times {
            let row = self.row.saturating_add(repeat);
            for (column, text) in &filled {
                if self.rows.cell(row, *column, text.clone())? == ControlFlow::Break(()) {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        self.row = self.row.saturating_add(self.row_repeats);
        self.row_repeats = 1;
        Ok(ControlFlow::Continue(()))
    }
}

/// The value of a number or date, whose text is only how the sender chose to show it.
fn value(cell: &BytesStart<'_>) -> Option<String> {
    match attribute(cell, "value-type")?.as_str() {
        "float" | "currency" => attribute(cell, "value")?.parse().ok().map(number),
        "date" => {
            attribute(cell, "date-value").map(|it| it.replace("T00:00:00", "").replace('T', " "))
        }
        _ => None,
    }
}
