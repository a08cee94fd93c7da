//! `tunggal export`: tables of the register as files, for whoever operates it. It reads past roles, as
//! anyone with the database file can.

use std::collections::HashMap;
use std::io::{Write, stdout};

use domain::enterprise::{Attribute, Value};
use domain::record::Field;
use entity::enterprise;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tabular::{Cell, Column, Encoder, Form, Kind};

use crate::command::evidence;
use crate::config::Config;
use crate::error::Error;
use crate::store::Store;
use crate::store::enterprises::stored;
use crate::store::profile_json;

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Table {
    /// Every current source record with its texts by meaning and its enterprise.
    SourceRecords,
    /// Every enterprise with the values the hub stands by.
    Enterprises,
    /// Every kept pair with its weight.
    Links,
}

impl Table {
    fn operation(self) -> &'static str {
        match self {
            Table::SourceRecords => "export source-records",
            Table::Enterprises => "export enterprises",
            Table::Links => "export links",
        }
    }

    /// What of it is personal, as the access log names it.
    fn fields(self) -> Vec<&'static str> {
        match self {
            Table::SourceRecords => vec!["cells"],
            Table::Enterprises => Attribute::ALL.iter().map(|it| it.code()).collect(),
            Table::Links => vec!["id"],
        }
    }
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A workbook of Excel.
    Xlsx,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    fn form(self) -> Form {
        match self {
            Format::Csv => Form::Csv,
            Format::Jsonl => Form::JsonLines,
            Format::Xlsx => Form::Xlsx,
            Format::Parquet => Form::Parquet,
        }
    }
}

/// Rows that are written together.
const BLOCK: usize = 1_000;

/// Writes the table to standard output.
pub async fn run(config: Config, table: Table, format: Format) -> Result<(), Error> {
    let store = Store::open(&config).await?;
    evidence::record(&store, table.operation(), &table.fields(), vec![]).await?;
    let written = match table {
        Table::SourceRecords => source_records(&store, format.form()).await,
        Table::Enterprises => enterprises(&store, format.form()).await,
        Table::Links => links(&store, format.form()).await,
    };
    match written {
        Err(Error::Internal(cause)) if is_broken_pipe(cause.as_ref()) => Ok(()),
        other => other,
    }
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    let io = cause.downcast_ref::<std::io::Error>();
    io.is_some_and(|it| it.kind() == std::io::ErrorKind::BrokenPipe)
}

/// A table on its way to standard output.
struct Output(Encoder);

impl Output {
    fn begin(form: Form, columns: Vec<Column>) -> Result<Output, Error> {
        let table = tabular::Table { columns, notes: vec![] };
        let (encoder, first) = Encoder::begin(form, table).map_err(Error::internal)?;
        stdout().write_all(&first)?;
        Ok(Output(encoder))
    }

    fn rows(&mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Result<(), Error> {
        let mut rows = rows.into_iter();
        loop {
            let block: Vec<Vec<Cell>> = rows.by_ref().take(BLOCK).collect();
            if block.is_empty() {
                return Ok(());
            }
            stdout().write_all(&self.0.block(block).map_err(Error::internal)?)?;
        }
    }

    fn finish(self) -> Result<(), Error> {
        let mut rest = self.0.finish().map_err(Error::internal)?;
        std::io::copy(&mut rest, &mut stdout())?;
        Ok(stdout().flush()?)
    }
}

async fn source_records(store: &Store, form: Form) -> Result<(), Error> {
    let of_hub = [
        ("record_id", Kind::Text, "The row's id in the hub"),
        ("enterprise_id", Kind::Text, "The enterprise it is of"),
        ("owner_id", Kind::Text, "The owner it names"),
        ("agency", Kind::Text, "Whose list it is in"),
        ("sheet", Kind::Text, "The list's sheet"),
        ("row", Kind::Whole, "Its place there, from 1"),
    ];
    let mut columns = of_hub.map(|(name, kind, meaning)| Column::new(name, kind, meaning)).to_vec();
    let meaning = |it: &Field| format!("What the list says, as written, as {}", it.code());
    columns.extend(Field::ALL.iter().map(|it| Column::new(it.code(), Kind::Text, meaning(it))));
    let mut out = Output::begin(form, columns)?;
    let members = store.members().await?;
    let current = store.current_records().await?;
    out.rows(current.into_iter().map(|current| {
        let record = current.record;
        let member = members.get(&record.id);
        let mut row: Vec<Cell> = vec![
            record.id.to_string().into(),
            member.map(|it| it.enterprise.to_string()).into(),
            member.and_then(|it| it.owner).map(|it| it.to_string()).into(),
            record.agency.to_string().into(),
            record.sheet.clone().into(),
            i64::from(record.row).into(),
        ];
        row.extend(Field::ALL.iter().map(|it| record.fields.get(*it).into()));
        row
    }))?;
    out.finish()
}

async fn enterprises(store: &Store, form: Form) -> Result<(), Error> {
    let of_hub = [
        ("enterprise_id", Kind::Text, "The enterprise's id"),
        ("records", Kind::Whole, "How many rows are of it"),
        ("size_class", Kind::Text, "PP 7/2021 article 35: micro, small, medium or large"),
        ("size_basis", Kind::Text, "What its class follows from"),
        ("updated_at", Kind::Moment, "When its profile last changed"),
    ];
    let mut columns = of_hub.map(|(name, kind, meaning)| Column::new(name, kind, meaning)).to_vec();
    let meaning = |it: &Attribute| format!("The value the hub stands by for {}", it.code());
    columns.extend(Attribute::ALL.iter().map(|it| Column::new(it.code(), kind(*it), meaning(it))));
    let meaning = "Whether sales of a year were told as those of a month";
    columns.push(Column::new("sales_from_month", Kind::Boolean, meaning));
    let mut out = Output::begin(form, columns)?;
    let mut after = None;
    loop {
        let mut page = enterprise::Entity::find().order_by_asc(enterprise::Column::Id).limit(1_000);
        if let Some(id) = after {
            page = page.filter(enterprise::Column::Id.gt(id));
        }
        let (rows, sealer) = (page.all(store.whole_reader()).await?, store.sealer());
        let Some(last) = rows.last() else { return out.finish() };
        after = Some(last.id);
        let mut block = Vec::with_capacity(rows.len());
        for row in rows {
            let profile = stored(row.clone(), &sealer)?.profile;
            let size = ["micro", "small", "medium", "large"];
            let class = row.size_class.and_then(|it| size.get(usize::try_from(it).ok()?));
            let mut cells: Vec<Cell> = vec![
                profile.id.to_string().into(),
                i64::from(row.records).into(),
                class.copied().into(),
                row.size_basis.into(),
                row.updated_at.into(),
            ];
            cells.extend(Attribute::ALL.iter().map(|it| cell(profile.value(*it))));
            let sales = profile.value(Attribute::AnnualSales);
            cells.push(matches!(sales, Some(Value::Sales(it)) if it.from_month).into());
            block.push(cells);
        }
        out.rows(block)?;
    }
}

fn kind(attribute: Attribute) -> Kind {
    match attribute {
        Attribute::AnnualSales => Kind::Whole,
        _ => Kind::Text,
    }
}

fn cell(value: Option<&Value>) -> Cell {
    match value {
        None => Cell::Nothing,
        Some(Value::Sales(it)) => it.annual.0.into(),
        Some(Value::Text(it)) => it.as_str().into(),
        Some(other) => profile_json::write_value(other).into(),
    }
}

async fn links(store: &Store, form: Form) -> Result<(), Error> {
    let columns = [
        ("a", Kind::Text, "The one row"),
        ("b", Kind::Text, "The other row"),
        (
            "weight_bits",
            Kind::Decimal,
            "What speaks for one enterprise less what speaks against, in bits",
        ),
        ("probability", Kind::Decimal, "How likely they are one enterprise"),
        ("linked", Kind::Boolean, "Whether they were taken for one"),
        ("review", Kind::Text, "Why a steward is asked"),
    ];
    let columns = columns.map(|(name, kind, meaning)| Column::new(name, kind, meaning));
    let mut out = Output::begin(form, columns.to_vec())?;
    let mut pairs = store.pairs().await?;
    pairs.sort_by_key(|it| (it.a, it.b));
    let waiting = store.review_items(None).await?;
    let reasons: HashMap<_, _> = waiting.iter().map(|it| ((it.a, it.b), &it.reason)).collect();
    out.rows(pairs.into_iter().map(|pair| {
        vec![
            domain::id::RecordId(pair.a).to_string().into(),
            domain::id::RecordId(pair.b).to_string().into(),
            rounded(pair.weight).into(),
            rounded(pair.probability).into(),
            pair.linked.into(),
            reasons.get(&(pair.a, pair.b)).map(ToString::to_string).into(),
        ]
    }))?;
    out.finish()
}

/// To six decimals: beyond them a float tells the order in which it was summed.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
