//! The rows of a file, one by one, each with its kind.
//!
//! A thread reads ahead by a few hundred rows, so that reading and whatever the caller does with the
//! rows go on side by side; memory does not grow with the file.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::vec;

use crate::classify::{Classifier, Group};
use crate::file::{Format, PhysicalRow, Refusal, RefusalCode, SourceFile};
use crate::plan::{Plan, SheetPlan};
use crate::pulled;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// A row of the list.
    Record,
    /// Nothing in it.
    Blank,
    /// A line above the headings, or one of these repeated on a later page.
    Title,
    /// The headings.
    Header,
    /// The headings again, or the numbers of the columns.
    RepeatedHeader,
    /// A line such as `KELURAHAN UNYUR` that holds for the rows below it.
    Group,
    /// Sums and counts.
    Total,
    /// Who signed, where and when, and what else stands below a list.
    Signature,
    /// A row of a sheet that is passed over.
    OutsideSheet,
}

/// A row as the sender wrote it, and what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The name of its sheet; empty for a text file.
    pub sheet: String,
    /// Which sheet of the plan it is in, from 0.
    pub sheet_index: usize,
    /// Its number as a spreadsheet shows it, from 1.
    pub number: u32,
    /// What it is.
    pub kind: RowKind,
    /// The texts of its cells from the left; empty ones at the end may be absent.
    pub cells: Vec<String>,
    /// For columns whose number ends in digits nobody knows, the number as its sender sees it.
    pub(crate) shown: Vec<(usize, String)>,
    /// The kelurahan of the group line above it, if any.
    pub group_kelurahan: Option<String>,
    /// The kecamatan of the group line above it, if any.
    pub group_kecamatan: Option<String>,
    pub(crate) quote_unclosed: bool,
    pub(crate) cut: bool,
}

impl std::fmt::Debug for RawRow {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cells = self.cells.len();
        write!(out, "RawRow({:?} row {} {:?}, {cells} cells)", self.sheet, self.number, self.kind)
    }
}

/// Rows handed over at once, and the bytes at which fewer are.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 1 << 20;
/// Batches read ahead.
const AHEAD: usize = 4;

/// The rows of a file in order, sheet after sheet. After an error there are no more.
pub struct Rows {
    batches: Receiver<Result<Vec<RawRow>, Refusal>>,
    current: vec::IntoIter<RawRow>,
    finished: bool,
}

/// Reads every row of `file` as `plan` says.
///
/// Fails when the file cannot be opened any more; a row fails when the file turns out to be damaged there.
pub fn rows(file: &SourceFile, plan: &Plan) -> Result<Rows, Refusal> {
    let (sender, batches) = sync_channel(AHEAD);
    let (file, sheets): (SourceFile, Arc<[SheetPlan]>) = (file.clone(), plan.sheets.clone().into());
    thread::Builder::new().name("rows".to_owned()).spawn(move || {
        let result = read(&file, &sheets, &sender);
        // An empty batch says that the end was reached; nobody may be listening any more.
        let _ = sender.send(result.map(|()| Vec::new()));
    })?;
    Ok(Rows { batches, current: Vec::new().into_iter(), finished: false })
}

impl Iterator for Rows {
    type Item = Result<RawRow, Refusal>;

    fn next(&mut self) -> Option<Result<RawRow, Refusal>> {
        loop {
            if let Some(row) = self.current.next() {
                return Some(Ok(row));
            }
            if self.finished {
                return None;
            }
            match self.batches.recv() {
                Ok(Ok(batch)) if batch.is_empty() => self.finished = true,
                Ok(Ok(batch)) => self.current = batch.into_iter(),
                Ok(Err(refusal)) => {
                    self.finished = true;
                    return Some(Err(refusal));
                }
                Err(_) => {
                    self.finished = true;
                    return Some(Err(Refusal::new(RefusalCode::Damaged)));
                }
            }
        }
    }
}

type Sender = SyncSender<Result<Vec<RawRow>, Refusal>>;

fn read(file: &SourceFile, sheets: &[SheetPlan], sender: &Sender) -> Result<(), Refusal> {
    for (index, plan) in sheets.iter().enumerate() {
        let mut batch = Vec::with_capacity(BATCH);
        let (mut gone, mut bytes) = (false, 0);
        visit(file, index, plan, &mut |row| {
            bytes += row.cells.iter().map(String::len).sum::<usize>();
            batch.push(row);
            if batch.len() == BATCH || BATCH_BYTES < bytes {
                bytes = 0;
                gone = sender
                    .send(Ok(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))))
                    .is_err();
            }
            if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if gone || !batch.is_empty() && sender.send(Ok(batch)).is_err() {
            break;
        }
    }
    Ok(())
}

/// Hands the rows of one sheet to `take`, each with its kind.
pub(crate) fn visit(
    file: &SourceFile,
    index: usize,
    plan: &SheetPlan,
    take: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
) -> Result<(), Refusal> {
    let mut classifier = Classifier::new(plan);
    let rows = file.format() == Format::Rows;
    file.visit(index, &mut |row: PhysicalRow| {
        let kind = match plan.used {
            true if rows => pulled::kind(&row),
            true => classifier.kind(&row),
            false => RowKind::OutsideSheet,
        };
        let group = if kind == RowKind::Record { classifier.group() } else { Group::default() };
        take(RawRow {
            sheet: plan.name.clone(),
            sheet_index: index,
            number: row.number,
            kind,
            cells: row.cells,
            shown: row.shown,
            group_kelurahan: group.kelurahan,
            group_kecamatan: group.kecamatan,
            quote_unclosed: row.quote_unclosed,
            cut: row.cut,
        })
    })
}
