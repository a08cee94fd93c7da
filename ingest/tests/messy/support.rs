//! Reading a list that a test wrote.

use std::io::Write;

use domain::record::{Field, RecordFields};
use ingest::file::{self, Limits, SourceFile};
use ingest::interpret::{RowOutcome, interpret};
use ingest::plan::{Mapping, Plan, plan};
use ingest::problem::{Problem, ProblemCode};
use ingest::read::{RowKind, rows};
use rust_xlsxwriter::Workbook;
use tempfile::NamedTempFile;

/// A file and what was read from it.
pub struct Read {
    _kept: NamedTempFile,
    pub file: SourceFile,
    pub plan: Plan,
    pub records: Vec<RecordFields>,
    pub problems: Vec<Problem>,
    pub kinds: Vec<RowKind>,
}

pub fn read_bytes(name: &str, bytes: &[u8], mapping: Option<&Mapping>) -> Read {
    let mut kept = NamedTempFile::new().unwrap();
    kept.write_all(bytes).unwrap();
    kept.flush().unwrap();
    let mut file = file::open(kept.path(), name, &Limits::default()).unwrap();
    let plan = plan(&mut file, mapping).unwrap();
    let (mut records, mut problems, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows(&file, &plan).unwrap() {
        let row = row.unwrap();
        kinds.push(row.kind);
        match interpret(&plan, &row) {
            RowOutcome::Structural => {}
            RowOutcome::Rejected { problems: more } => problems.extend(more),
            RowOutcome::Accepted { fields, problems: more, .. } => {
                records.push(fields);
                problems.extend(more);
            }
        }
    }
    Read { _kept: kept, file, plan, records, problems, kinds }
}

pub fn read(text: &str) -> Read {
    read_bytes("daftar.csv", text.as_bytes(), None)
}

pub fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

impl Read {
    pub fn texts(&self, field: Field) -> Vec<&str> {
        self.records.iter().map(|it| it.get(field).unwrap_or("")).collect()
    }

    pub fn codes(&self) -> Vec<ProblemCode> {
        self.problems.iter().map(|it| it.code).collect()
    }
}
