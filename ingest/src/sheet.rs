//! The sheets of workbooks, row by row.

pub mod ods;
pub mod xls;
pub mod xlsx;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::csv::cut_cells;
use crate::file::{Limits, PhysicalRow, Refusal, RefusalCode, Visitor};

/// The last row a spreadsheet has.
const LAST_ROW: u32 = 1_048_576;

/// Runs `work`, which hands the file to a library; a panic there means that the file is damaged.
fn guarded<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(_) => Err(Refusal::new(RefusalCode::Damaged)),
    }
}

/// Gathers cells into rows and hands them on, the rows a file leaves out as blank ones.
struct Rows<'a, 'v> {
    limits: &'a Limits,
    visitor: &'a mut Visitor<'v>,
    /// Row number and cells under construction.
    row: u32,
    cells: Vec<String>,
    /// Bytes of the cells so far, and whether some were cut.
    bytes: usize,
    cut: bool,
    shown: Vec<(usize, String)>,
    stopped: bool,
}

impl<'a, 'v> Rows<'a, 'v> {
    fn new(limits: &'a Limits, visitor: &'a mut Visitor<'v>) -> Rows<'a, 'v> {
        Rows {
            limits,
            visitor,
            row: 1,
            cells: Vec::new(),
            bytes: 0,
            cut: false,
            shown: Vec::new(),
            stopped: false,
        }
    }

    /// Adds a cell; rows count from 1, columns from 0. Break when the visitor has enough.
    fn cell(
        &mut self,
        row: u32,
        column: u32,
        mut text: String,
    ) -> Result<ControlFlow<()>, Refusal> {
        if text.is_empty() {
            return Ok(self.flow());
        }
        if row < self.row || LAST_ROW < row {
            return Err(Refusal::new(RefusalCode::Damaged));
        }
        if self.limits.columns <= column {
            let cell = format!("{}{row}", crate::problem::letters(column));
            return Err(Refusal::with(RefusalCode::StrayCell, cell));
        }
        self.advance(row);
        let room = self.limits.row_bytes.saturating_sub(self.bytes);
        if room.min(self.limits.cell_chars) < text.len() {
            let limits = Limits { row_bytes: room, ..self.limits.clone() };
            self.cut |= cut_cells(std::slice::from_mut(&mut text), &limits);
        }
        self.bytes += text.len();
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
        Ok(self.flow())
    }

    /// Keeps what the sender sees in the cell that was added last.
    fn shown(&mut self, column: u32, number: Option<String>) {
        self.shown.extend(number.map(|it| (column as usize, it)));
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Hands on every row above `row`.
    fn advance(&mut self, row: u32) {
        while self.row < row && !self.stopped {
            let cells = std::mem::take(&mut self.cells);
            self.cells.reserve(cells.len());
            let cut = std::mem::take(&mut self.cut);
            self.bytes = 0;
            let number = self.row;
            let shown = std::mem::take(&mut self.shown);
            let row = PhysicalRow { number, cells, cut, shown, ..PhysicalRow::default() };
            self.stopped = (self.visitor)(row) == ControlFlow::Break(());
            self.row += 1;
        }
    }

    /// Hands on the last row.
    fn finish(mut self) {
        if !self.cells.is_empty() {
            self.advance(self.row + 1);
        }
    }
}
