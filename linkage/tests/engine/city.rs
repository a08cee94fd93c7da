//! A small invented city with its truth: `tests/data`.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use domain::id::RecordId;
use domain::record::Field;
use linkage::features::Features;
use linkage::model::Model;
use linkage::settings::Settings;

use crate::{Record, agency, features, id, source};

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

/// The records of the city and the groups that are one enterprise in truth.
pub struct City {
    pub records: Vec<Record>,
    pub features: Features,
    pub truth: Vec<Vec<RecordId>>,
    pub model: Model,
}

/// Read, normalised and trained once.
pub static CITY: LazyLock<City> = LazyLock::new(|| {
    let text = include_str!("../data/records.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let mut ids = HashMap::new();
    let mut records = vec![];
    for (row, line) in reader.records().map(Result::unwrap).enumerate() {
        let cell = |name: &str| line[headings.iter().position(|it| it == name).unwrap()].to_owned();
        let number = u32::try_from(row).unwrap();
        let fields: Vec<(Field, String)> =
            COLUMNS.iter().map(|(name, field)| (*field, cell(name))).collect();
        let fields: Vec<(Field, &str)> = fields.iter().map(|it| (it.0, it.1.as_str())).collect();
        let from = cell("source");
        let mut written = source(number, &from, &fields);
        written.recorded_on = cell("updated_at").parse().ok();
        records.push(Record { id: written.id, source: written, agency: agency(&from) });
        ids.insert(cell("record_id"), id(number));
    }
    let mut truth: BTreeMap<String, Vec<RecordId>> = BTreeMap::new();
    let text = include_str!("../data/truth.csv");
    for line in csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap) {
        truth.entry(line[1].to_owned()).or_default().push(ids[&line[0]]);
    }
    let features = features(&records);
    let model = Model::train(&features, &Settings::default());
    City { records, features, truth: truth.into_values().collect(), model }
});
