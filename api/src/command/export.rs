//! `tunggal export`: tables of the register as text, for whoever operates it. It reads past roles, as
//! anyone with the database file can.

use std::collections::HashMap;
use std::io::Write;

use domain::enterprise::{Attribute, Value};
use domain::record::Field;
use entity::enterprise;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

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
}

/// Writes the table to standard output.
pub async fn run(config: Config, table: Table, format: Format) -> Result<(), Error> {
    let Format::Csv = format;
    let store = Store::open(&config).await?;
    evidence::record(&store, table.operation(), &table.fields(), vec![]).await?;
    let out = csv::Writer::from_writer(std::io::stdout().lock());
    let written = match table {
        Table::SourceRecords => source_records(&store, out).await,
        Table::Enterprises => enterprises(&store, out).await,
        Table::Links => links(&store, out).await,
    };
    match written {
        Err(Error::Internal(cause)) if is_broken_pipe(cause.as_ref()) => Ok(()),
        other => other,
    }
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    let io = cause.downcast_ref::<csv::Error>().map(|it| it.kind());
    matches!(io, Some(csv::ErrorKind::Io(it)) if it.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn source_records<W: Write>(store: &Store, mut out: csv::Writer<W>) -> Result<(), Error> {
    let mut header = vec!["record_id", "enterprise_id", "owner_id", "agency", "sheet", "row"];
    header.extend(Field::ALL.iter().map(|it| it.code()));
    out.write_record(&header).map_err(Error::internal)?;
    let members = store.members().await?;
    for current in store.current_records().await? {
        let record = current.record;
        let member = members.get(&record.id);
        let mut row = vec![
            record.id.to_string(),
            member.map(|it| it.enterprise.to_string()).unwrap_or_default(),
            member.and_then(|it| it.owner).map(|it| it.to_string()).unwrap_or_default(),
            record.agency.to_string(),
            record.sheet.clone(),
            record.row.to_string(),
        ];
        let texts = Field::ALL.iter().map(|it| record.fields.get(*it).unwrap_or_default());
        row.extend(texts.map(harmless));
        out.write_record(&row).map_err(Error::internal)?;
    }
    out.flush().map_err(Error::from)
}

async fn enterprises<W: Write>(store: &Store, mut out: csv::Writer<W>) -> Result<(), Error> {
    let mut header = vec!["enterprise_id", "records", "size_class", "size_basis", "updated_at"];
    header.extend(Attribute::ALL.iter().map(|it| it.code()));
    header.push("sales_from_month");
    out.write_record(&header).map_err(Error::internal)?;
    let mut after = None;
    loop {
        let mut page = enterprise::Entity::find().order_by_asc(enterprise::Column::Id).limit(1_000);
        if let Some(id) = after {
            page = page.filter(enterprise::Column::Id.gt(id));
        }
        let (rows, sealer) = (page.all(store.whole_reader()).await?, store.sealer());
        let Some(last) = rows.last() else { return out.flush().map_err(Error::from) };
        after = Some(last.id);
        for row in rows {
            let stored = stored(row.clone(), &sealer)?;
            let (id, profile) = (stored.profile.id, stored.profile);
            let size = ["micro", "small", "medium", "large"];
            let class = row.size_class.and_then(|it| size.get(usize::try_from(it).ok()?));
            let mut cells = vec![
                id.to_string(),
                row.records.to_string(),
                class.copied().unwrap_or_default().to_owned(),
                row.size_basis.unwrap_or_default(),
                row.updated_at.to_rfc3339(),
            ];
            cells.extend(Attribute::ALL.iter().map(|it| cell(profile.value(*it))));
            let sales = profile.value(Attribute::AnnualSales);
            cells.push(matches!(sales, Some(Value::Sales(it)) if it.from_month).to_string());
            out.write_record(&cells).map_err(Error::internal)?;
        }
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Sales(it)) => it.annual.0.to_string(),
        Some(Value::Text(it)) => harmless(it),
        Some(other) => profile_json::write_value(other),
    }
}

/// A text that no spreadsheet takes for a formula (OWASP, CSV injection).
fn harmless(text: &str) -> String {
    let mut letters = text.chars();
    let formula = match letters.next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => letters.next().is_some_and(|it| !it.is_ascii_digit()),
        _ => false,
    };
    if formula { format!("'{text}") } else { text.to_owned() }
}

async fn links<W: Write>(store: &Store, mut out: csv::Writer<W>) -> Result<(), Error> {
    out.write_record(["a", "b", "weight_bits", "probability", "linked", "review"])
        .map_err(Error::internal)?;
    let mut pairs = store.pairs().await?;
    pairs.sort_by_key(|it| (it.a, it.b));
    let waiting = store.review_items(None).await?;
    let reasons: HashMap<_, _> = waiting.iter().map(|it| ((it.a, it.b), &it.reason)).collect();
    for pair in pairs {
        out.write_record([
            domain::id::RecordId(pair.a).to_string(),
            domain::id::RecordId(pair.b).to_string(),
            format!("{:.6}", pair.weight),
            format!("{:.6}", pair.probability),
            pair.linked.to_string(),
            reasons.get(&(pair.a, pair.b)).map(ToString::to_string).unwrap_or_default(),
        ])
        .map_err(Error::internal)?;
    }
    out.flush().map_err(Error::from)
}
