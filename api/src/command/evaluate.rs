//! `tunggal evaluate`: how good the links are, against a file of the truth.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Instant;

use domain::id::RecordId;
use domain::record::{Field, SourceRecord};
use linkage::evaluate::{Evaluation, Quality, evaluate};
use linkage::reliability::{Band, bands};
use serde::Serialize;

use super::{evidence, report};
use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::service;

/// One row of the file of the truth.
struct Truth {
    enterprise: String,
    owner: Option<String>,
}

#[derive(Serialize)]
struct Figures {
    precision: f64,
    recall: f64,
    f1: f64,
}

impl From<Quality> for Figures {
    fn from(it: Quality) -> Figures {
        Figures { precision: it.precision, recall: it.recall, f1: it.f1 }
    }
}

#[derive(Serialize)]
struct Found {
    records: usize,
    pairwise: Figures,
    bcubed: Figures,
    candidate_recall: f64,
    owners_pairwise: Option<Figures>,
    false_links: usize,
    missed_links: usize,
    reliability: Vec<Reliability>,
}

/// Whether the probabilities of one band hold.
#[derive(Serialize)]
struct Reliability {
    from: f64,
    to: f64,
    pairs: usize,
    expected_share_true: f64,
    actual_share_true: f64,
}

impl From<Band> for Reliability {
    fn from(it: Band) -> Reliability {
        Reliability {
            from: it.from,
            to: it.to,
            pairs: it.pairs,
            expected_share_true: it.expected,
            actual_share_true: it.actual,
        }
    }
}

/// Measures the current clusters against `truth`, whose record ids are the agencies' own numbers, and
/// writes the false and missed links to `mistakes`.
pub async fn run(
    config: Config,
    truth: &Path,
    mistakes: &Path,
    format: Option<report::Format>,
) -> Result<(), Error> {
    let started = Instant::now();
    let app = App::start(config).await?;
    let truth = read_truth(truth)?;
    let members = app.store.members().await?;
    let mut records: HashMap<RecordId, SourceRecord> = HashMap::new();
    let mut known: HashMap<RecordId, &Truth> = HashMap::new();
    for current in app.store.current_records().await? {
        let number = current.record.fields.get(Field::OwnNumber).map(str::trim);
        if let Some(row) = number.and_then(|it| truth.get(it)) {
            known.insert(current.record.id, row);
        }
        records.insert(current.record.id, current.record);
    }
    if known.is_empty() {
        return Err(Error::invalid("truth", "no record_id is the own number of a linked record"));
    }
    let grouped = |name: &dyn Fn(RecordId, &Truth) -> Option<String>| {
        let mut groups: BTreeMap<String, Vec<RecordId>> = BTreeMap::new();
        for (&record, &row) in &known {
            let name = name(record, row).unwrap_or_else(|| record.to_string());
            groups.entry(name).or_default().push(record);
        }
        groups.into_values().collect::<Vec<_>>()
    };
    let enterprise = |it: RecordId| members.get(&it).map(|it| it.enterprise.to_string());
    let owner = |it: RecordId| members.get(&it).and_then(|it| it.owner).map(|it| it.to_string());
    let candidates = service::link::candidates(&app).await?;
    let found = grouped(&|it, _| enterprise(it));
    let expected = grouped(&|_, row| Some(row.enterprise.clone()));
    let measured = evaluate(&found, &expected, Some(&candidates));
    let owners = known.values().any(|it| it.owner.is_some()).then(|| {
        let found = grouped(&|it, _| owner(it));
        let expected = grouped(&|_, row| row.owner.clone());
        evaluate(&found, &expected, None)
    });
    evidence::record(&app.store, "evaluate", &["cells"], vec![]).await?;
    write_mistakes(mistakes, &measured, &records)?;
    let (false_links, missed_links) = (measured.false_links.len(), measured.missed_links.len());
    let figures = Found {
        records: known.len(),
        pairwise: measured.pairwise.into(),
        bcubed: measured.b_cubed.into(),
        candidate_recall: measured.candidate_recall.unwrap_or(0.0),
        owners_pairwise: owners.map(|it| it.pairwise.into()),
        false_links,
        missed_links,
        reliability: reliability(&app, &known).await?,
    };
    if format.is_some() {
        return report::print("evaluate", &figures, started);
    }
    let line = |name: &str, it: &Figures| {
        format!(
            "{name:12} precision {:.4}  recall {:.4}  F1 {:.4}\n",
            it.precision, it.recall, it.f1
        )
    };
    let mut text = format!("{} labelled records\n", figures.records);
    text += &line("pairwise", &figures.pairwise);
    text += &line("B-cubed", &figures.bcubed);
    if let Some(owners) = &figures.owners_pairwise {
        text += &line("owners", owners);
    }
    text += &format!("candidate recall {:.4}\n", figures.candidate_recall);
    text += &format!(
        "{false_links} false links and {missed_links} missed links are listed in {}\n",
        mistakes.display()
    );
    text += "probability        pairs    expected true    actually true\n";
    for it in &figures.reliability {
        text += &format!(
            "{:.3} to {:.3} {:10}  {:15.4}  {:15.4}\n",
            it.from, it.to, it.pairs, it.expected_share_true, it.actual_share_true
        );
    }
    super::print(&text)
}

/// The pairs that were worth keeping, by band of their probability.
async fn reliability(
    app: &App,
    known: &HashMap<RecordId, &Truth>,
) -> Result<Vec<Reliability>, Error> {
    let pairs = app.store.pairs().await?;
    let judged = pairs.iter().filter_map(|it| {
        let (a, b) = (known.get(&RecordId(it.a))?, known.get(&RecordId(it.b))?);
        Some((it.probability, a.enterprise == b.enterprise))
    });
    Ok(bands(judged).into_iter().map(Reliability::from).collect())
}

fn read_truth(path: &Path) -> Result<HashMap<String, Truth>, Error> {
    let wrong = |it: String| Error::invalid("truth", format!("{}: {it}", path.display()));
    let mut reader = csv::Reader::from_path(path).map_err(|it| wrong(it.to_string()))?;
    let header = reader.headers().map_err(|it| wrong(it.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|it| it == name);
    let record = column("record_id").ok_or_else(|| wrong("no column record_id".into()))?;
    let enterprise =
        column("enterprise_id").ok_or_else(|| wrong("no column enterprise_id".into()))?;
    let owner = column("owner_id");
    let mut truth = HashMap::new();
    for row in reader.records() {
        let row = row.map_err(|it| wrong(it.to_string()))?;
        let cell = |it: usize| row.get(it).unwrap_or_default().to_owned();
        let owner = owner.map(cell).filter(|it| !it.is_empty());
        truth.insert(cell(record), Truth { enterprise: cell(enterprise), owner });
    }
    Ok(truth)
}

fn write_mistakes(
    path: &Path,
    measured: &Evaluation,
    records: &HashMap<RecordId, SourceRecord>,
) -> Result<(), Error> {
    let shown = [
        Field::OwnNumber,
        Field::OwnerName,
        Field::BusinessName,
        Field::Trade,
        Field::Kelurahan,
        Field::Street,
    ];
    let mut out = csv::Writer::from_path(path).map_err(Error::internal)?;
    let mut header = vec!["mistake".to_owned()];
    for side in ["a", "b"] {
        header.extend(shown.iter().map(|it| format!("{side}_{}", it.code())));
    }
    out.write_record(&header).map_err(Error::internal)?;
    for (mistake, pairs) in
        [("false link", &measured.false_links), ("missed link", &measured.missed_links)]
    {
        for (a, b) in pairs {
            let mut row = vec![mistake];
            for id in [a, b] {
                let fields = records.get(id).map(|it| &it.fields);
                row.extend(shown.iter().map(|it| fields.and_then(|f| f.get(*it)).unwrap_or("")));
            }
            out.write_record(&row).map_err(Error::internal)?;
        }
    }
    Ok(out.flush()?)
}
