//! The engine through its public functions, on invented records.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

mod bad_input;
mod city;
mod decisions;
mod evidence;
mod incremental;
mod laws;
mod merging;
mod normalising;
mod quality;
mod register;
mod settings;

use std::sync::LazyLock;

use domain::agency::{Agency, AgencyCode, AgencyKind};
use domain::id::{FileId, RecordId};
use domain::place;
use domain::record::{Field, SourceRecord};
use linkage::features::{Features, Written};
use linkage::model::Model;
use linkage::normalise::{NormalisedRecord, normalise};
use linkage::score::{Explanation, explain};
use linkage::settings::Settings;
use uuid::Uuid;

/// The agency with this code; `kecamatan_kasemen` serves Kasemen.
fn agency(code: &str) -> Agency {
    let name = code.strip_prefix("kecamatan_").map(|it| it.replace('_', " "));
    let kecamatan = name.and_then(|name| {
        let mut all = place::kecamatan().iter();
        all.find(|it| it.name.to_lowercase() == name).map(|it| it.code)
    });
    let kind = match code {
        "hipmikindo" => AgencyKind::Association,
        _ if kecamatan.is_some() => AgencyKind::Kecamatan,
        _ => AgencyKind::Office,
    };
    Agency { code: AgencyCode::parse(code).unwrap(), name: code.to_owned(), kind, kecamatan }
}

fn id(number: u32) -> RecordId {
    // Spread, so that the order of ids is not the order of rows.
    RecordId(Uuid::new_v5(&Uuid::NAMESPACE_OID, &number.to_be_bytes()))
}

/// A record as `agency` wrote it.
fn source(number: u32, from: &str, fields: &[(Field, &str)]) -> SourceRecord {
    let code = agency(from).code;
    SourceRecord {
        id: id(number),
        agency: code.clone(),
        file: FileId::of_content(&code, &[0; 32]),
        sheet: String::new(),
        row: number,
        fields: fields.iter().map(|(field, text)| (*field, (*text).to_owned())).collect(),
        recorded_on: None,
    }
}

/// A record and who wrote it.
#[derive(Debug, Clone)]
struct Record {
    id: RecordId,
    source: SourceRecord,
    agency: Agency,
}

impl Record {
    /// The same content in another row.
    fn renamed(mut self, id: RecordId) -> Record {
        (self.id, self.source.id) = (id, id);
        self
    }
}

/// A record as `agency` wrote it, with its writer.
fn record(number: u32, from: &str, fields: &[(Field, &str)]) -> Record {
    Record { id: id(number), source: source(number, from, fields), agency: agency(from) }
}

/// Records as the engine reads them.
fn features(records: &[Record]) -> Features {
    let written: Vec<Written> =
        records.iter().map(|it| Written::new(&it.source, &it.agency)).collect();
    static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::umkm);
    Features::read(&SETTINGS, &written)
}

/// Why two records weigh what they weigh, alone or `beside` another business of their owner.
fn why_beside(a: &Record, b: &Record, model: &Model, beside: bool) -> Explanation {
    let (a, b) = (Written::new(&a.source, &a.agency), Written::new(&b.source, &b.agency));
    explain(&a, &b, model, beside)
}

/// Why two records weigh what they weigh.
fn why(a: &Record, b: &Record, model: &Model) -> Explanation {
    why_beside(a, b, model, false)
}

/// A record normalised for merging.
fn normalised(number: u32, from: &str, fields: &[(Field, &str)]) -> NormalisedRecord {
    normalise(&source(number, from, fields), &agency(from))
}
