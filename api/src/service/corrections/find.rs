//! What is asked of a row.

use std::collections::HashMap;

use domain::agency::Agency;
use domain::enterprise::{Attribute, Value};
use domain::id::{EnterpriseId, RecordId};
use domain::place::kelurahan;
use domain::place::locate::locate;
use domain::record::{Field, SourceRecord};
use domain::view::{AttributeView, Disclosure, ProfileView};
use ingest::interpret::flaw;
use ingest::problem::{ProblemCode, Severity};

use super::reader_of;
use crate::app::App;
use crate::error::Error;
use crate::sealing::Sealer;
use crate::service::ingest::hex;
use crate::service::profiles;
use crate::store::linking::CurrentRecord;

/// What sort of correction is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A value that cannot be what its column promises, such as a NIK that lost digits.
    Unreadable,
    /// Another row of the agency is the same enterprise.
    Duplicate,
    /// Other agencies write something else that cannot be true as well.
    Conflict,
    /// The row does not say in which kelurahan the enterprise lies.
    KelurahanMissing,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] =
        [Kind::Unreadable, Kind::Duplicate, Kind::Conflict, Kind::KelurahanMissing];

    /// The word in the table.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Unreadable => "unreadable",
            Kind::Duplicate => "duplicate",
            Kind::Conflict => "conflict",
            Kind::KelurahanMissing => "kelurahan_missing",
        }
    }

    /// The kind of this word.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// One thing that is asked of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A keyed digest of what is asked and of the values it rests on: with another value it is another.
    pub code: String,
    /// What sort it is.
    pub kind: Kind,
    /// The field it is about.
    pub field: Field,
    /// What is wrong with a value that cannot be read.
    pub problem: Option<ProblemCode>,
    /// What the hub suggests to write. Never of a person: it may come from another agency's list.
    pub suggestion: Option<String>,
    /// The row of the same agency that is the same enterprise.
    pub other: Option<RecordId>,
}

/// What others may contradict, and whether what they say is suggested: what a signboard says, and nothing of a
/// person.
const COMPARED: [(Attribute, Field, bool); 5] = [
    (Attribute::Nik, Field::Nik, false),
    (Attribute::OwnerName, Field::OwnerName, false),
    (Attribute::BusinessName, Field::BusinessName, true),
    (Attribute::Kelurahan, Field::Kelurahan, true),
    (Attribute::Kbli, Field::Kbli, true),
];

/// A row that was looked at.
pub(super) struct Looked {
    pub(super) row: CurrentRecord,
    /// What is asked of it; of a row whose use is restricted, nothing.
    pub(super) asked: Vec<Asked>,
    /// Its use is not restricted.
    pub(super) used: bool,
    /// Another agency knows its enterprise.
    pub(super) shared: bool,
}

/// What is asked of each of `rows`, all of them of `agency`.
pub(super) async fn asked_of(
    app: &App,
    agency: &Agency,
    rows: Vec<CurrentRecord>,
) -> Result<Vec<Looked>, Error> {
    let ids: Vec<RecordId> = rows.iter().map(|it| it.record.id).collect();
    let homes: HashMap<RecordId, EnterpriseId> = {
        let members = app.store.members_among(&ids).await?;
        members.into_iter().map(|it| (it.0, it.1.enterprise)).collect()
    };
    let mut enterprises: Vec<EnterpriseId> = homes.values().copied().collect();
    enterprises.sort_unstable();
    enterprises.dedup();
    let own = app.store.rows_of_agency(&agency.code, &enterprises).await?;
    let reader = reader_of(&agency.code);
    let mut shown = HashMap::new();
    for some in enterprises.chunks(500) {
        shown.extend(profiles::by_ids(app, &reader, some).await?);
    }
    let sealer = app.store.sealer();
    let asked = rows.into_iter().map(|row| {
        let home = homes.get(&row.record.id);
        let profile = home.and_then(|it| shown.get(it)).map(|it| &it.view);
        if home.is_some() && profile.is_none() {
            return Looked { row, asked: vec![], used: false, shared: false };
        }
        let first = home.and_then(|it| own.get(it)?.first().copied());
        let asked = Finder { agency, record: &row.record, profile, sealer: &sealer }.all(first);
        let shared = profile.is_some_and(|it| is_known_to_others(it, agency));
        Looked { row, asked, used: true, shared }
    });
    Ok(asked.collect())
}

/// Whether a row of another agency says something of the enterprise.
fn is_known_to_others(profile: &ProfileView, agency: &Agency) -> bool {
    let claims = |it: &AttributeView| {
        let all = std::iter::once(&it.chosen).chain(&it.alternatives);
        all.flat_map(|it| &it.sources).any(|it| it.agency != agency.code)
    };
    profile.attributes.values().any(claims)
}

struct Finder<'a> {
    agency: &'a Agency,
    record: &'a SourceRecord,
    profile: Option<&'a ProfileView>,
    sealer: &'a Sealer,
}

impl Finder<'_> {
    /// Everything that is asked; `first` is the first row of the agency that is the same enterprise.
    fn all(&self, first: Option<RecordId>) -> Vec<Asked> {
        let mut all: Vec<Asked> =
            self.record.fields.iter().filter_map(|it| self.read(it)).collect();
        let unreadable: Vec<Field> = all.iter().map(|it| it.field).collect();
        all.extend(self.place());
        let contradicted = COMPARED.iter().filter(|it| !unreadable.contains(&it.1));
        all.extend(contradicted.filter_map(|(attribute, field, suggests)| {
            self.contradicted(*attribute, *field, *suggests)
        }));
        if let Some(first) = first.filter(|it| *it != self.record.id) {
            all.push(self.ask(Kind::Duplicate, Field::OwnNumber, None, None, Some(first)));
        }
        all
    }

    fn read(&self, (field, text): (Field, &str)) -> Option<Asked> {
        let problem = flaw(field, text).filter(|it| it.severity() != Severity::Note)?;
        Some(self.ask(Kind::Unreadable, field, Some(problem), None, None))
    }

    /// The kelurahan, when the row does not say it: from the street, or from what others write.
    fn place(&self) -> Option<Asked> {
        let text = |field| self.record.fields.get(field);
        let office = self.agency.kecamatan;
        let (written, kecamatan) = (text(Field::Kelurahan), text(Field::Kecamatan));
        if locate(written, kecamatan, None, office).kelurahan.is_some() {
            return None;
        }
        let derived = locate(written, kecamatan, text(Field::Street), office).kelurahan;
        let told = self.profile.and_then(|it| it.attributes.get(&Attribute::Kelurahan));
        let told = told.and_then(|it| match &it.chosen.shown {
            Disclosure::Whole(Value::Kelurahan(code)) => Some(*code),
            _ => None,
        });
        let code = derived.or(told);
        // A name that two kelurahan have says nothing without the kecamatan.
        let name = code.and_then(|code| {
            let area = kelurahan().iter().find(|it| it.code == code)?;
            let read = locate(Some(&area.name), kecamatan, None, office).kelurahan;
            (read == Some(code)).then(|| area.name.clone())
        });
        Some(self.ask(Kind::KelurahanMissing, Field::Kelurahan, None, name, None))
    }

    /// Whether others contradict what the row says of `attribute`.
    fn contradicted(&self, attribute: Attribute, field: Field, suggests: bool) -> Option<Asked> {
        self.record.fields.get(field)?;
        let view: &AttributeView = self.profile?.attributes.get(&attribute)?;
        let hers = view.alternatives.iter().flat_map(|it| &it.sources);
        let says_otherwise =
            view.disputed && hers.into_iter().any(|it| it.record == self.record.id);
        let by_others = view.chosen.sources.iter().any(|it| it.agency != self.agency.code);
        if !says_otherwise || !by_others {
            return None;
        }
        let suggestion = match &view.chosen.shown {
            Disclosure::Whole(value) if suggests => written(value),
            _ => None,
        };
        Some(self.ask(Kind::Conflict, field, None, suggestion, None))
    }

    fn ask(
        &self,
        kind: Kind,
        field: Field,
        problem: Option<ProblemCode>,
        suggestion: Option<String>,
        other: Option<RecordId>,
    ) -> Asked {
        let text = self.record.fields.get(field).unwrap_or_default();
        let other_id = other.map(|it| it.0.as_bytes().to_vec()).unwrap_or_default();
        let parts: [&[u8]; 7] = [
            b"correction",
            self.record.id.0.as_bytes(),
            kind.code().as_bytes(),
            field.code().as_bytes(),
            text.as_bytes(),
            suggestion.as_deref().unwrap_or_default().as_bytes(),
            &other_id,
        ];
        let code = hex(&self.sealer.name(&parts)[..6]);
        Asked { code, kind, field, problem, suggestion, other }
    }
}

/// A value as an agency would write it into its cell.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Kbli(code) => Some(code.to_string()),
        Value::Kelurahan(code) => {
            kelurahan().iter().find(|it| it.code == *code).map(|it| it.name.clone())
        }
        _ => None,
    }
}
