//! A source record as the texts that the settings of enterprises read.

use domain::agency::Agency;
use domain::id::RecordId;
use domain::place;
use domain::record::{Field, SourceRecord};

use super::Texts;

/// A source record together with what its agency tells of it: its columns are those of [`Field`], `agency`, and
/// `kecamatan_of_agency`.
#[derive(Debug)]
pub struct Written<'a> {
    record: &'a SourceRecord,
    kecamatan: Option<&'static str>,
    recorded_on: Option<String>,
}

impl<'a> Written<'a> {
    /// A record as `agency` wrote it.
    pub fn new(record: &'a SourceRecord, agency: &Agency) -> Written<'a> {
        let kecamatan = agency.kecamatan.and_then(place::kecamatan_by_code);
        let own = record.fields.get(Field::RecordedOn).is_some();
        Written {
            record,
            kecamatan: kecamatan.map(|it| it.name.as_str()),
            recorded_on: record.recorded_on.filter(|_| !own).map(|it| it.to_string()),
        }
    }
}

impl Texts for Written<'_> {
    fn id(&self) -> RecordId {
        self.record.id
    }

    fn text(&self, column: &str) -> Option<&str> {
        match column {
            "agency" => Some(self.record.agency.as_str()),
            "kecamatan_of_agency" => self.kecamatan,
            "recorded_on" if self.recorded_on.is_some() => self.recorded_on.as_deref(),
            _ => self.record.fields.get(Field::from_code(column)?),
        }
    }
}
