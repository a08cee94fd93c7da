//! Views: a profile or a record cut to what one viewer may see.
//!
//! This is the only way from a stored value to a reader. [`visibility`](crate::visibility) says how
//! much of an attribute is shown; here the value itself is kept, masked or dropped accordingly.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::agency::AgencyCode;
use crate::consent::Ties;
use crate::enterprise::{
    Attribute, Attributed, Claim, EnterpriseProfile, Provenance, SizeBasis, SizeClass, Value,
};
use crate::id::{EnterpriseId, FileId, OwnerId, RecordId};
use crate::record::{Field, SourceRecord};
use crate::viewer::{Role, Viewer};
use crate::visibility::{Access, Origin, Reason, Ruling, Standing, origin};

mod dated;
mod mask;

pub use mask::{mask_words, without_person_numbers};

/// A value as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Disclosure {
    /// The value as it is.
    Whole(Value),
    /// Enough of it to recognise one already has it, and why no more.
    Masked(String, Reason),
    /// It is known and withheld, and why.
    Hidden(Reason),
}

impl Disclosure {
    /// How much is shown, and why no more.
    pub fn ruling(&self) -> Ruling {
        let (access, reason) = match self {
            Disclosure::Whole(_) => (Access::Whole, None),
            Disclosure::Masked(_, reason) => (Access::Masked, Some(*reason)),
            Disclosure::Hidden(reason) => (Access::Hidden, Some(*reason)),
        };
        Ruling { access, reason }
    }

    /// Whether anything of it is shown.
    pub fn is_seen(&self) -> bool {
        !matches!(self, Disclosure::Hidden(_))
    }
}

/// A claim as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimView {
    /// The value.
    pub shown: Disclosure,
    /// Who says so; empty when the value is hidden.
    pub sources: Vec<Provenance>,
}

/// An attribute as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributeView {
    /// What the hub stands by.
    pub chosen: ClaimView,
    /// What others say instead, without those that are hidden.
    pub alternatives: Vec<ClaimView>,
    /// An alternative contradicts the chosen value; false when neither is shown.
    pub disputed: bool,
}

/// The size class as far as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SizeView {
    /// Neither sales nor capital are known.
    Unknown,
    /// The figure it rests on is withheld, and why.
    Hidden(Reason),
    /// The class and the figure it rests on.
    Shown(SizeClass, SizeBasis),
}

/// One enterprise cut to what a viewer may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProfileView {
    /// Its id.
    pub id: EnterpriseId,
    /// The persons named as owners; empty for those who may not see owners' names whole.
    pub owners: Vec<OwnerId>,
    /// The attributes some record speaks of.
    pub attributes: BTreeMap<Attribute, AttributeView>,
    /// Its size class.
    pub size: SizeView,
    /// Its records, by id.
    pub records: Vec<RecordId>,
}

/// Cuts `profile` to what `viewer` may see, given what ties her to it. Whom only her ties let in hears of
/// no row that they do not reach.
pub fn cut(viewer: &Viewer, ties: &Ties, profile: &EnterpriseProfile) -> ProfileView {
    let attributes = profile.attributes.iter();
    let attributes: BTreeMap<Attribute, AttributeView> =
        attributes.map(|(key, it)| (*key, attribute(viewer, ties, *key, it))).collect();
    let mut records = profile.records.clone();
    records.retain(|it| hears_of(viewer, ties, it));
    let owners = viewer.sees_of_everybody(Attribute::OwnerName) && !ties.restricted;
    let view = ProfileView {
        id: profile.id,
        owners: if owners { profile.owners.clone() } else { vec![] },
        attributes,
        size: cut_size(viewer, ties, profile),
        records,
    };
    match origin(viewer.role) {
        Origin::Rows => view,
        Origin::Dated => dated::cut(viewer, ties, view),
    }
}

/// Whether `viewer` hears of a row at all, given what ties her to its enterprise.
pub fn hears_of(viewer: &Viewer, ties: &Ties, record: &RecordId) -> bool {
    !matches!(viewer.role, Role::Lender | Role::Owner) || ties.reach(record)
}

fn attribute(
    viewer: &Viewer,
    ties: &Ties,
    attribute: Attribute,
    all: &Attributed,
) -> AttributeView {
    let claim = |it: &Claim| {
        let standing = Standing::to_claim(viewer, ties, it);
        let shown = disclose(viewer, &standing, attribute, &it.value);
        let mut sources = if shown.is_seen() { it.sources.clone() } else { vec![] };
        sources.retain(|it| hears_of(viewer, ties, &it.record));
        ClaimView { shown, sources }
    };
    let chosen = claim(&all.chosen);
    let mut alternatives: Vec<ClaimView> = all.alternatives.iter().map(claim).collect();
    alternatives.retain(|it| it.shown.is_seen());
    let seen = chosen.shown.is_seen() || !alternatives.is_empty();
    AttributeView { chosen, alternatives, disputed: all.disputed && seen }
}

/// `value` of `attribute`, to which `viewer` stands as `standing` says, as far as she may see it.
pub fn disclose(
    viewer: &Viewer,
    standing: &Standing,
    attribute: Attribute,
    value: &Value,
) -> Disclosure {
    let ruling = viewer.sees(standing, attribute);
    match (ruling.reason, value) {
        (Some(reason), it) if ruling.access == Access::Masked => {
            let text = mask::masked(it);
            text.map_or(Disclosure::Hidden(reason), |it| Disclosure::Masked(it, reason))
        }
        (Some(reason), _) => Disclosure::Hidden(reason),
        // A name or a street may hold a number that is not for this viewer.
        (None, Value::Text(text))
            if viewer.sees(standing, Attribute::Nik).access != Access::Whole =>
        {
            Disclosure::Whole(Value::Text(without_person_numbers(text)))
        }
        (None, it) => Disclosure::Whole(it.clone()),
    }
}

fn cut_size(viewer: &Viewer, ties: &Ties, profile: &EnterpriseProfile) -> SizeView {
    let sales = match profile.value(Attribute::AnnualSales) {
        Some(Value::Sales(it)) => Some(it.annual),
        _ => None,
    };
    let capital = match profile.value(Attribute::Capital) {
        Some(Value::Rupiah(it)) => Some(*it),
        _ => None,
    };
    let Some((class, basis)) = SizeClass::of(sales, capital) else { return SizeView::Unknown };
    let attribute = match basis {
        SizeBasis::Sales => Attribute::AnnualSales,
        SizeBasis::Capital => Attribute::Capital,
    };
    let chosen = profile.attributes.get(&attribute).map(|it| &it.chosen);
    let standing = chosen.map(|it| Standing::to_claim(viewer, ties, it)).unwrap_or_default();
    match viewer.sees(&standing, attribute).reason {
        None => SizeView::Shown(class, basis),
        Some(reason) => SizeView::Hidden(reason),
    }
}

/// One text of a record as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextView {
    /// As the agency wrote it.
    Whole(String),
    /// Enough of it to recognise, and why no more.
    Masked(String, Reason),
    /// Written and withheld, and why.
    Hidden(Reason),
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file it came in.
    pub file: FileId,
    /// The sheet; empty for a text file.
    pub sheet: String,
    /// The row in the sheet, from 1.
    pub row: u32,
}

/// One source record cut to what a viewer may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// The row's id.
    pub id: RecordId,
    /// Who wrote it.
    pub agency: AgencyCode,
    /// Where it stands; none for who is told of a row no more than its agency and date.
    pub place: Option<Place>,
    /// When the agency wrote the row.
    pub recorded_on: Option<NaiveDate>,
    /// Everything of it may be seen as written, its cells included.
    pub whole: bool,
    /// The texts by meaning.
    pub texts: BTreeMap<Field, TextView>,
}

/// Cuts `record` to what `viewer` may see, given what ties her to its enterprise.
pub fn cut_record(viewer: &Viewer, ties: &Ties, record: &SourceRecord) -> RecordView {
    let standing = Standing::to(viewer, ties, [(&record.agency, &record.id)].into_iter());
    let sees = |attribute| viewer.sees(&standing, attribute);
    let whole = Attribute::ALL.iter().all(|it| sees(*it).access == Access::Whole);
    let persons = sees(Attribute::Nik).access == Access::Whole;
    let text = |field, text: &str| {
        let ruling = sees(attribute_of(field));
        match ruling.reason {
            None if persons => TextView::Whole(text.to_owned()),
            None => TextView::Whole(without_person_numbers(text)),
            Some(it) if ruling.access == Access::Masked => TextView::Masked(mask_words(text), it),
            Some(it) => TextView::Hidden(it),
        }
    };
    let place = || Place { file: record.file, sheet: record.sheet.clone(), row: record.row };
    let told = origin(viewer.role) == Origin::Rows;
    let texts = record.fields.iter().map(|(field, it)| (field, text(field, it)));
    RecordView {
        id: record.id,
        agency: record.agency.clone(),
        place: told.then(place),
        recorded_on: record.recorded_on,
        whole,
        texts: texts
            .filter(|(field, it)| {
                told || is_an_attribute(*field) && !matches!(it, TextView::Hidden(_))
            })
            .collect(),
    }
}

/// Whether a field says what its attribute does, and not something else of the same sensitivity: an owner agrees
/// to attributes.
fn is_an_attribute(field: Field) -> bool {
    !matches!(
        field,
        Field::OwnNumber
            | Field::RecordedOn
            | Field::Status
            | Field::Remark
            | Field::CorrectionAnswer
            | Field::BusinessLetter
            | Field::FamilyCard
            | Field::Sex
            | Field::BirthDate
            | Field::Website
    )
}

/// The attribute whose visibility a field of a record shares.
///
/// A field without an attribute of its own takes one of the sensitivity of what it may hold; a remark
/// may hold anything.
pub fn attribute_of(field: Field) -> Attribute {
    match field {
        Field::OwnerName => Attribute::OwnerName,
        Field::Nik
        | Field::FamilyCard
        | Field::Sex
        | Field::BirthDate
        | Field::Remark
        | Field::CorrectionAnswer => Attribute::Nik,
        Field::BusinessName => Attribute::BusinessName,
        Field::Trade | Field::Status | Field::RecordedOn => Attribute::Trade,
        Field::Kbli => Attribute::Kbli,
        Field::LegalForm => Attribute::LegalForm,
        Field::Nib | Field::OwnNumber | Field::BusinessLetter => Attribute::Nib,
        Field::Npwp => Attribute::Npwp,
        Field::Pirt => Attribute::Pirt,
        Field::Halal => Attribute::Halal,
        Field::Phone => Attribute::Phone,
        Field::Email | Field::Website => Attribute::Email,
        Field::Street | Field::Latitude | Field::Longitude => Attribute::Street,
        Field::RtRw | Field::Rt | Field::Rw => Attribute::RtRw,
        Field::Kelurahan => Attribute::Kelurahan,
        Field::Kecamatan | Field::City => Attribute::Kecamatan,
        Field::Established => Attribute::Established,
        Field::AnnualSales | Field::MonthlySales => Attribute::AnnualSales,
        Field::Capital | Field::LoanCapital | Field::Assets => Attribute::Capital,
        Field::Workers | Field::WorkersMale | Field::WorkersFemale => Attribute::Workers,
    }
}
