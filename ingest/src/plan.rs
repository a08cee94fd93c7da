//! Planning: where the tables of a file are and what their columns mean.
//!
//! A heading is looked up, checked against the contents of its column, and settled with its rivals.
//! What cannot be known becomes a [`Question`]; the answer, a [`Mapping`], is given with the next call.

mod mapping;
mod question;
mod settle;
mod wording;

use std::ops::ControlFlow;

use domain::place::KecamatanCode;
use domain::place::locate::locate;
use domain::record::Field;
pub use mapping::{IGNORE, Mapping};
pub use question::{Question, QuestionColumn, QuestionKind};
pub use wording::name as field_name;

use crate::columns::{Meaning, meaning};
use crate::content::Content;
use crate::corrections::Marked;
use crate::file::{Format, PhysicalRow, Refusal, RefusalCode, Sheet, SourceFile};
use crate::header::{self, Header};
use crate::heading::{unit, words};
use crate::problem::{Problem, ProblemCode, letters};

/// What a file holds and how to read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Every sheet of the file, in order.
    pub sheets: Vec<SheetPlan>,
    /// What the sender must say first; the columns in question are not read as long as it is open.
    pub questions: Vec<Question>,
    /// What is worth knowing before the rows are read.
    pub notes: Vec<Problem>,
}

/// How to read one sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetPlan {
    /// Its name; empty for a text file.
    pub name: String,
    /// It holds a list; another kind of sheet is passed over.
    pub used: bool,
    /// First and last row of the headings; `None` for a list without.
    pub header: Option<(u32, u32)>,
    /// The kecamatan that its titles name: where its rows lie unless they say otherwise.
    pub kecamatan: Option<KecamatanCode>,
    /// Its columns from the left.
    pub columns: Vec<Column>,
    /// The columns of a list of corrections that came back; `None` for any other list.
    pub corrections: Option<Marked>,
}

/// One column and its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// From 0.
    pub index: u32,
    /// The heading, what stands over it first; the letter of the column in a list without headings.
    pub heading: String,
    /// What it means: none, one field, or two that share a cell.
    pub fields: Vec<Field>,
    /// It is known to say nothing of an enterprise.
    pub ignored: bool,
    /// How sure the meaning is, 0 to 1.
    pub confidence: f32,
    /// What else it may mean, the likeliest first, with how sure that is.
    pub candidates: Vec<(Field, f32)>,
    /// The unit its heading gives to bare figures: `juta`, `ribu`, `miliar`.
    pub unit: Option<&'static str>,
}

/// Rows looked at before the meaning of the columns is settled.
const SAMPLE: usize = 600;

/// Plans the reading of `file`. `confirmed` outranks whatever the headings and contents say.
///
/// Refuses a file in which no sheet holds a list.
pub fn plan(file: &mut SourceFile, confirmed: Option<&Mapping>) -> Result<Plan, Refusal> {
    let mut plan = Plan { sheets: Vec::new(), questions: Vec::new(), notes: Vec::new() };
    plan.notes.extend(file.notes().iter().map(|it| Problem::of_row(*it, "", 0)));
    let mut tables = Vec::new();
    for (index, sheet) in file.sheets().iter().enumerate() {
        tables.push((sheet, table(file, index)?));
    }
    let is_list = |it: &(&Sheet, Option<Table>)| it.1.is_some() && !is_summary(it.0);
    let lists = tables.iter().filter(|it| is_list(it)).count();
    for (sheet, table) in tables {
        // A summary is read only when the file has nothing better.
        let table = table.filter(|_| lists == 0 || !is_summary(sheet));
        let Some(table) = table else {
            plan.notes.push(Problem::of_row(ProblemCode::SheetIgnored, &sheet.name, 0));
            plan.sheets.push(SheetPlan::unused(&sheet.name));
            continue;
        };
        let mut columns = table.columns;
        let questions = settle::settle(&sheet.name, &mut columns, &table.contents, confirmed);
        if 1 < lists && questions.iter().any(|it| it.kind == QuestionKind::NameMissing) {
            // Beside real lists a table without names is another kind of table.
            plan.notes.push(Problem::of_row(ProblemCode::SheetIgnored, &sheet.name, 0));
            plan.sheets.push(SheetPlan::unused(&sheet.name));
            continue;
        }
        plan.questions.extend(questions);
        plan.notes.extend(unknown_headings(&sheet.name, &columns));
        let name = sheet.name.clone();
        plan.sheets.push(SheetPlan {
            name,
            used: true,
            header: table.header,
            kecamatan: table.kecamatan,
            corrections: Marked::among(&columns),
            columns,
        });
    }
    if !plan.sheets.iter().any(|it| it.used) {
        return Err(Refusal::new(RefusalCode::NoTable));
    }
    if let Some(mapping) = confirmed {
        plan.notes.extend(unmatched(&plan, mapping));
    }
    Ok(plan)
}

/// The headings of `mapping` that the file does not have. A mapping remembered from other files of the
/// agency may name many; they are told when it answers nothing here, or leaves something open.
fn unmatched(plan: &Plan, mapping: &Mapping) -> Vec<Problem> {
    let absent = plan.unmatched(mapping);
    if plan.questions.is_empty() && absent.len() < mapping.columns.len() {
        return Vec::new();
    }
    let note = |heading: &str| Problem {
        heading: Some(heading.to_owned()),
        ..Problem::of_row(ProblemCode::MappingHeadingNotFound, "", 0)
    };
    absent.into_iter().map(note).collect()
}

impl Plan {
    /// The headings that `mapping` names and no sheet of the file has.
    pub fn unmatched<'a>(&self, mapping: &'a Mapping) -> Vec<&'a str> {
        let columns = self.sheets.iter().flat_map(|it| &it.columns);
        mapping.not_among(&columns.map(|it| it.heading.as_str()).collect::<Vec<_>>())
    }

    /// What the columns mean, to be remembered and given to the next call; columns in question or
    /// unknown are left out.
    pub fn mapping(&self) -> Mapping {
        let mut mapping = Mapping::default();
        let used = self.sheets.iter().filter(|it| it.used);
        for column in used.flat_map(|it| &it.columns) {
            if column.ignored || !column.fields.is_empty() {
                mapping.set(&column.heading, &column.fields);
            }
        }
        mapping
    }
}

impl SheetPlan {
    fn unused(name: &str) -> SheetPlan {
        SheetPlan {
            name: name.to_owned(),
            used: false,
            header: None,
            kecamatan: None,
            columns: Vec::new(),
            corrections: None,
        }
    }
}

struct Table {
    header: Option<(u32, u32)>,
    kecamatan: Option<KecamatanCode>,
    columns: Vec<Column>,
    contents: Vec<Content>,
}

/// A sheet whose name says that it sums up or explains.
fn is_summary(sheet: &Sheet) -> bool {
    const MARKS: &[&str] = &[
        "rekap",
        "rekapitulasi",
        "pivot",
        "grafik",
        "chart",
        "petunjuk",
        "referensi",
        "ref",
        "master",
        "summary",
        "resume",
        "keterangan",
        "kamus",
        "dashboard",
    ];
    sheet.hidden || words(&sheet.name).split(' ').any(|it| MARKS.contains(&it))
}

/// "DATA UMKM KEC. CIPOCOK JAYA - 2025": the kecamatan of the office that wrote the title.
fn kecamatan_in(title: &str) -> Option<KecamatanCode> {
    let words = words(title);
    let mut words = words.split(' ').skip_while(|it| !matches!(*it, "kec" | "kecamatan")).skip(1);
    let (first, second) = (words.next()?, words.next().unwrap_or(""));
    let named = |text: &str| locate(None, Some(text), None, None);
    let found = [named(&format!("{first} {second}")), named(first)];
    found.into_iter().find(|it| !it.unknown).and_then(|it| it.kecamatan)
}

/// The table of a sheet, its columns read by their headings alone.
fn table(file: &SourceFile, sheet: usize) -> Result<Option<Table>, Refusal> {
    let mut rows: Vec<PhysicalRow> = Vec::new();
    let (mut blank, mut bytes) = (0, 0);
    file.visit(sheet, &mut |row: PhysicalRow| {
        bytes += row.cells.iter().map(String::len).sum::<usize>();
        if row.cells.iter().all(|it| it.trim().is_empty()) {
            blank += 1;
        } else {
            rows.push(row);
        }
        let enough = SAMPLE <= rows.len() || 20_000 < blank || 8 << 20 < bytes;
        if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if rows.is_empty() {
        return Ok(None);
    }
    let known = match file.format() {
        // The source names its columns itself.
        Format::Rows => header::of(&rows[0]),
        _ => header::find(&rows),
    };
    let unknown = known.is_none();
    let header = known.or_else(|| header::find_unknown(&rows));
    let data: Vec<&PhysicalRow> = match &header {
        Some(header) => rows.iter().filter(|it| header.last < it.number).collect(),
        None => rows.iter().collect(),
    };
    let width = data.iter().map(|it| it.cells.len()).max().unwrap_or(0);
    let width = width.max(header.as_ref().map_or(0, |it| it.columns.len()));
    let contents: Vec<Content> = (0..width)
        .map(|at| Content::of(data.iter().filter_map(|it| it.cells.get(at)).map(String::as_str)))
        .collect();
    Ok(match header {
        // Headings that nobody knows prove no list; its contents must.
        Some(_) if unknown && !tells_of_an_enterprise(&contents) => None,
        Some(header) => {
            let columns = columns(&header, &contents);
            let titles = rows.iter().filter(|it| it.number < header.first);
            let kecamatan = titles.flat_map(|it| &it.cells).find_map(|it| kecamatan_in(it));
            let header = Some((header.first, header.last));
            Some(Table { header, kecamatan, columns, contents })
        }
        None => without_header(contents),
    })
}

fn columns(header: &Header, contents: &[Content]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (index, (group, heading)) in (0..).zip(&header.columns) {
        let told = meaning(group, heading).filter(|_| !heading.is_empty());
        let mut name =
            if group.is_empty() { heading.clone() } else { format!("{group} / {heading}") };
        let same = columns.iter().filter(|it| it.heading == name && !name.is_empty()).count();
        if same != 0 {
            name = format!("{name} #{}", same + 1);
        }
        let (fields, ignored, confidence) = match told {
            Some(Meaning::Fields(first, second, sure)) => {
                (std::iter::once(first).chain(second).collect(), false, sure)
            }
            Some(Meaning::Nothing) => (Vec::new(), true, 1.0),
            None => (Vec::new(), false, 0.0),
        };
        let candidates = contents.get(index as usize).map(Content::likely).unwrap_or_default();
        let unit = unit(&format!("{group} {heading}"));
        columns.push(Column {
            index,
            heading: name,
            fields,
            ignored,
            confidence,
            candidates,
            unit,
        });
    }
    columns
}

/// Whether a column can be nothing but a number of a person, a licence or a telephone.
fn tells_of_an_enterprise(contents: &[Content]) -> bool {
    const SURE: &[Field] = &[Field::Nik, Field::Nib, Field::Phone, Field::Npwp];
    let telling = |it: &Content| {
        2 <= it.filled && it.likely().iter().any(|it| SURE.contains(&it.0) && 0.7 <= it.1)
    };
    2 <= contents.len() && contents.iter().any(telling)
}

/// A list without headings, known by a column that can be nothing else.
fn without_header(contents: Vec<Content>) -> Option<Table> {
    if !tells_of_an_enterprise(&contents) || contents.iter().all(|it| it.filled < 3) {
        return None;
    }
    let column = |(index, content): (u32, &Content)| Column {
        index,
        heading: letters(index),
        fields: Vec::new(),
        ignored: false,
        confidence: 0.0,
        candidates: content.likely(),
        unit: None,
    };
    let columns = (0..).zip(&contents).map(column).collect();
    Some(Table { header: None, kecamatan: None, columns, contents })
}

fn unknown_headings(sheet: &str, columns: &[Column]) -> Vec<Problem> {
    let unknown = columns.iter().filter(|it| it.fields.is_empty() && !it.ignored);
    let unknown = unknown.filter(|it| !it.heading.is_empty());
    let note = |it: &Column| Problem {
        column: Some(it.index),
        heading: Some(it.heading.clone()),
        ..Problem::of_row(ProblemCode::HeadingUnknown, sheet, 0)
    };
    unknown.map(note).collect()
}
