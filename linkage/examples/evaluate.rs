//! Links a labelled city and prints how good the clusters are:
//! `evaluate DIRECTORY [HOW_MANY_ERRORS_TO_LIST] [SETTINGS_AS_JSON]`.
//!
//! The directory holds `records.csv` and `truth.csv`; labels are used for measuring alone.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::time::Instant;

use domain::agency::{Agency, AgencyCode, AgencyKind};
use domain::id::{FileId, RecordId};
use domain::place;
use domain::record::{Field, RecordFields, SourceRecord};
use linkage::evaluate::evaluate;
use linkage::link::{candidate_pairs, link};
use linkage::model::Model;
use linkage::normalise::normalise;
use linkage::settings::Settings;
use rayon::prelude::*;

type AnyError = Box<dyn std::error::Error>;

const COLUMNS: &[(&str, Field)] = &[
    ("business_name", Field::BusinessName),
    ("owner_name", Field::OwnerName),
    ("nik", Field::Nik),
    ("nib", Field::Nib),
    ("npwp", Field::Npwp),
    ("phone", Field::Phone),
    ("email", Field::Email),
    ("street", Field::Street),
    ("rt_rw", Field::RtRw),
    ("kelurahan", Field::Kelurahan),
    ("kecamatan", Field::Kecamatan),
    ("kbli", Field::Kbli),
    ("sector", Field::Trade),
    ("established", Field::Established),
    ("annual_sales", Field::AnnualSales),
    ("capital", Field::Capital),
    ("workers", Field::Workers),
];

fn agency(code: &str) -> Result<Agency, AnyError> {
    let of = code.strip_prefix("kecamatan_").map(|it| it.replace('_', " "));
    let kecamatan = of.as_ref().and_then(|name| {
        let all = place::kecamatan().iter();
        all.clone().find(|it| it.name.to_lowercase() == *name).map(|it| it.code)
    });
    let kind = if of.is_some() { AgencyKind::Kecamatan } else { AgencyKind::Office };
    Ok(Agency { code: AgencyCode::parse(code)?, name: code.to_owned(), kind, kecamatan })
}

fn main() -> Result<(), AnyError> {
    let mut out = std::io::stdout().lock();
    let arguments: Vec<String> = std::env::args().collect();
    let directory = arguments.get(1).ok_or("which directory?")?;
    let list: usize = arguments.get(2).map_or(Ok(0), |it| it.parse())?;
    let settings: Settings =
        arguments.get(3).map_or(Ok(Settings::default()), |it| serde_json::from_str(it))?;
    let mut agencies: HashMap<String, Agency> = HashMap::new();
    let mut records = vec![];
    let mut texts: HashMap<RecordId, String> = HashMap::new();
    let mut ids: HashMap<String, RecordId> = HashMap::new();
    let mut reader = csv::Reader::from_path(format!("{directory}/records.csv"))?;
    let headings = reader.headers()?.clone();
    for (row, line) in reader.records().enumerate() {
        let line = line?;
        let cell =
            |name: &str| headings.iter().position(|it| it == name).and_then(|it| line.get(it));
        let source = cell("source").unwrap_or_default().to_owned();
        let key = cell("record_id").unwrap_or_default().to_owned();
        if !agencies.contains_key(&source) {
            agencies.insert(source.clone(), agency(&source)?);
        }
        let code = AgencyCode::parse(&source)?;
        let file = FileId::of_content(&code, &[7; 32]);
        let id = RecordId::of_row(&code, &key);
        let fields: RecordFields = COLUMNS
            .iter()
            .filter_map(|(name, field)| Some((*field, cell(name)?.to_owned())))
            .collect();
        texts.insert(id, line.iter().collect::<Vec<_>>().join("|"));
        ids.insert(key, id);
        let recorded_on = cell("updated_at").and_then(|it| it.parse().ok());
        let (sheet, row) = (String::new(), row as u32 + 2);
        records.push((
            source,
            SourceRecord { id, agency: code, file, sheet, row, fields, recorded_on },
        ));
    }
    let mut truth: BTreeMap<String, Vec<RecordId>> = BTreeMap::new();
    let mut persons: BTreeMap<String, Vec<RecordId>> = BTreeMap::new();
    for line in csv::Reader::from_path(format!("{directory}/truth.csv"))?.records() {
        let line = line?;
        let id = ids[&line[0]];
        truth.entry(line[1].to_owned()).or_default().push(id);
        persons.entry(line[2].to_owned()).or_default().push(id);
    }
    let truth: Vec<Vec<RecordId>> = truth.into_values().collect();
    let persons: Vec<Vec<RecordId>> = persons.into_values().collect();

    let started = Instant::now();
    let normalised: Vec<_> =
        records.par_iter().map(|(source, record)| normalise(record, &agencies[source])).collect();
    let normalised_in = started.elapsed();
    let model = Model::train(&normalised, &settings);
    let trained_in = started.elapsed() - normalised_in;
    let linkage = link(&normalised, &model, &[], &|_, _| {});
    let linked_in = started.elapsed() - normalised_in - trained_in;
    let candidates = candidate_pairs(&normalised, &model);
    let of = evaluate(&linkage.enterprises, &truth, Some(&candidates));
    let owners = evaluate(&linkage.owners, &persons, None);
    writeln!(
        out,
        "{} records, normalised {normalised_in:.0?}, trained {trained_in:.0?} ({} rounds, converged {}), linked {linked_in:.0?}",
        records.len(),
        model.rounds,
        model.converged
    )?;
    writeln!(
        out,
        "pairwise P {:.4} R {:.4} F1 {:.4} | b-cubed P {:.4} R {:.4} F1 {:.4} | candidate recall {:.4} of {} pairs | owners P {:.4} R {:.4} F1 {:.4}",
        of.pairwise.precision,
        of.pairwise.recall,
        of.pairwise.f1,
        of.b_cubed.precision,
        of.b_cubed.recall,
        of.b_cubed.f1,
        of.candidate_recall.unwrap_or(0.0),
        candidates.len(),
        owners.pairwise.precision,
        owners.pairwise.recall,
        owners.pairwise.f1
    )?;
    writeln!(
        out,
        "link from {:.2} bits (expected precision {:.4}), review {} pairs, {} capped blocks, priors {:.1?}, {} pairs kept, {} enterprises of {}",
        model.link_bits,
        model.expected_precision,
        linkage.review.len(),
        linkage.counts.capped_blocks,
        model.priors,
        linkage.pairs.len(),
        linkage.enterprises.len(),
        truth.len()
    )?;
    if 0 < list {
        for field in &model.fields {
            write!(out, "{:12}", field.field)?;
            for level in &field.levels[1..] {
                write!(out, " {} {:.3?} u {:.4};", level.level, level.related, level.unrelated)?;
            }
            writeln!(out)?;
        }
        let by_id: HashMap<RecordId, usize> =
            normalised.iter().enumerate().map(|(i, it)| (it.id, i)).collect();
        for (title, pairs) in [("FALSE", &of.false_links), ("MISSED", &of.missed_links)] {
            let step = pairs.len().checked_div(list).unwrap_or(0).max(1);
            for (a, b) in pairs.iter().step_by(step).take(list) {
                let (one, two) = (&normalised[by_id[a]], &normalised[by_id[b]]);
                let why = linkage::score::explain(one, two, &model);
                writeln!(
                    out,
                    "{title} {:.1} (sum {:.1}, correction {:.1})\n   {}\n   {}",
                    why.weight_bits,
                    why.sum(),
                    why.correction_bits,
                    texts[a],
                    texts[b]
                )?;
                let evidence = why.fields.iter().filter(|it| it.level != "missing");
                for it in evidence {
                    write!(
                        out,
                        " {}:{}:{:.1}",
                        it.field.code(),
                        it.level,
                        it.level_bits + it.rarity_bits
                    )?;
                }
                writeln!(out)?;
            }
        }
    }
    Ok(())
}
