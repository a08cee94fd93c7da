//! Interpreting: one row becomes the texts of a record and the problems met. Pure, row by row, so rows
//! can be interpreted side by side.

mod check;
mod split;

use domain::date::PartialDate;
use domain::identifier::{is_error_value, is_placeholder};
use domain::record::{Field, RecordFields};

use crate::classify::is_figure;
use crate::corrections::Ticket;
use crate::plan::{Column, Plan, SheetPlan};
use crate::problem::{Problem, ProblemCode};
use crate::read::{RawRow, RowKind};

pub use check::{check as flaw, is_checked};

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum RowOutcome {
    /// It is no record: blank, a title, a total, ...
    Structural,
    /// It is a record; `problems` are warnings and notes.
    Accepted {
        /// The texts by what they mean; texts that only say "nothing" are left out.
        fields: RecordFields,
        /// The cells as written.
        cells: Vec<String>,
        /// What is wrong with single values.
        problems: Vec<Problem>,
        /// Which row it is by the hub's own word, in a list of corrections that came back.
        ticket: Option<Ticket>,
    },
    /// It cannot be a record; one of `problems` is the error that says why.
    Rejected {
        /// Why, and what else is wrong.
        problems: Vec<Problem>,
    },
}

/// Interprets one row of the file that `plan` describes.
pub fn interpret(plan: &Plan, row: &RawRow) -> RowOutcome {
    let Some(sheet) = plan.sheets.get(row.sheet_index).filter(|_| row.kind == RowKind::Record)
    else {
        return RowOutcome::Structural;
    };
    let mut record = Record { row, fields: RecordFields::default(), problems: Vec::new() };
    record.take_cells(sheet);
    record.take_group();
    let ticket = sheet.corrections.as_ref().and_then(|it| it.take(row, &mut record.fields));
    record.check_place(sheet);
    record.check_dates(sheet);
    record.check_shape(sheet);
    let Record { fields, mut problems, .. } = record;
    if !names_an_enterprise(&fields) {
        problems.push(Problem::of_row(ProblemCode::RowWithoutName, &row.sheet, row.number));
        return RowOutcome::Rejected { problems };
    }
    RowOutcome::Accepted { fields, cells: row.cells.clone(), problems, ticket }
}

fn names_an_enterprise(fields: &RecordFields) -> bool {
    const NAMING: &[Field] =
        &[Field::OwnerName, Field::BusinessName, Field::Nik, Field::Nib, Field::Npwp, Field::Phone];
    NAMING.iter().any(|it| fields.get(*it).is_some())
}

struct Record<'a> {
    row: &'a RawRow,
    fields: RecordFields,
    problems: Vec<Problem>,
}

impl Record<'_> {
    fn take_cells(&mut self, sheet: &SheetPlan) {
        for column in &sheet.columns {
            let Some(text) = self.row.cells.get(column.index as usize) else { break };
            let text = text.trim();
            match column.fields.as_slice() {
                _ if text.is_empty() => {}
                [] => {}
                [field] => self.take(column, *field, text),
                [first, second, ..] => {
                    let (one, other) = split::split(text, *second);
                    self.take(column, *first, one);
                    self.take(column, *second, other);
                }
            }
        }
    }

    fn take(&mut self, column: &Column, field: Field, text: &str) {
        let remarks = matches!(field, Field::Remark | Field::Status | Field::Sex);
        if is_error_value(text) {
            self.tell(ProblemCode::CellHasFormulaError, Some(column), Some(field));
            return;
        }
        if text.is_empty() || !remarks && is_placeholder(text) {
            return;
        }
        if field == Field::OwnerName && is_figure(text) {
            // A figure must not stand for a person anywhere further on.
            self.tell(ProblemCode::NameNotAName, Some(column), Some(field));
            return;
        }
        let (field, text) = split::period(field, text);
        let (text, unit_problem) = split::with_unit(field, text, column.unit);
        let problem = unit_problem.or_else(|| check::check(field, &text));
        if let Some(code) = problem {
            self.tell(code, Some(column), Some(field));
        }
        match (field, self.fields.get(field)) {
            (Field::Phone, Some(before)) => {
                let both = format!("{before} / {text}");
                self.fields.set(field, both);
            }
            _ => self.fields.set(field, text),
        }
    }

    /// A group line speaks where the row itself is silent.
    fn take_group(&mut self) {
        let groups = [
            (Field::Kelurahan, &self.row.group_kelurahan),
            (Field::Kecamatan, &self.row.group_kecamatan),
        ];
        for (field, text) in groups {
            if let Some(text) = text
                && self.fields.get(field).is_none()
            {
                self.fields.set(field, text.as_str());
            }
        }
    }

    fn check_place(&mut self, sheet: &SheetPlan) {
        let text = |field| self.fields.get(field);
        let (kelurahan, kecamatan) = (text(Field::Kelurahan), text(Field::Kecamatan));
        if let Some(code) = check::place(kelurahan, kecamatan, sheet.kecamatan) {
            let of = |field: Field| sheet.columns.iter().find(|it| it.fields.contains(&field));
            let (field, column) = match (of(Field::Kelurahan), of(Field::Kecamatan)) {
                (Some(column), _) if kelurahan.is_some() => (Field::Kelurahan, Some(column)),
                (_, Some(column)) if kecamatan.is_some() => (Field::Kecamatan, Some(column)),
                _ => (Field::Kelurahan, None),
            };
            self.tell(code, column, Some(field));
        }
    }

    /// Neither a business nor its owner is younger than the row.
    fn check_dates(&mut self, sheet: &SheetPlan) {
        let read = |field| PartialDate::read(self.fields.get(field)?).whole();
        let Some(recorded) = read(Field::RecordedOn) else { return };
        let late = [Field::Established, Field::BirthDate]
            .into_iter()
            .filter(|it| read(*it).is_some_and(|it| it.is_after(recorded)));
        for field in late.collect::<Vec<_>>() {
            let column = sheet.columns.iter().find(|it| it.fields.contains(&field));
            self.tell(ProblemCode::DateInFuture, column, Some(field));
        }
    }

    fn check_shape(&mut self, sheet: &SheetPlan) {
        let beyond = self.row.cells.iter().skip(sheet.columns.len());
        if sheet.header.is_some() && beyond.into_iter().any(|it| !it.trim().is_empty()) {
            self.tell(ProblemCode::RowTooWide, None, None);
        }
        if self.row.quote_unclosed {
            self.tell(ProblemCode::QuoteUnclosed, None, None);
        }
        if self.row.cut {
            self.tell(ProblemCode::CellTooLong, None, None);
        }
    }

    fn tell(&mut self, code: ProblemCode, column: Option<&Column>, field: Option<Field>) {
        self.problems.push(Problem {
            column: column.map(|it| it.index),
            heading: column.map(|it| it.heading.clone()),
            field,
            ..Problem::of_row(code, &self.row.sheet, self.row.number)
        });
    }
}
