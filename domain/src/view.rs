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
use crate::visibility::{Access, Relation, access};

mod mask;

pub use mask::{mask_words, without_person_numbers};

/// A value as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disclosure {
    /// The value as it is.
    Whole(Value),
    /// Enough of it to recognise one already has it.
    Masked(String),
    /// It is known and withheld.
    Hidden,
}

impl Disclosure {
    /// How much is shown.
    pub fn access(&self) -> Access {
        match self {
            Disclosure::Whole(_) => Access::Whole,
            Disclosure::Masked(_) => Access::Masked,
            Disclosure::Hidden => Access::Hidden,
        }
    }
}

/// A claim as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimView {
    /// The value.
    pub shown: Disclosure,
    /// Who says so; empty when the value is hidden.
    pub sources: Vec<Provenance>,
}

/// An attribute as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeView {
    /// What the hub stands by.
    pub chosen: ClaimView,
    /// What others say instead, without those that are hidden.
    pub alternatives: Vec<ClaimView>,
    /// An alternative contradicts the chosen value; false when neither is shown.
    pub disputed: bool,
}

/// The size class as far as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeView {
    /// Neither sales nor capital are known.
    Unknown,
    /// The figure it rests on is withheld.
    Hidden,
    /// The class and the figure it rests on.
    Shown(SizeClass, SizeBasis),
}

/// One enterprise cut to what a viewer may see.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    let mut records = profile.records.clone();
    records.retain(|it| hears_of(viewer, ties, it));
    let owners_shown = access(viewer.role, Relation::Others, Attribute::OwnerName) == Access::Whole;
    ProfileView {
        id: profile.id,
        owners: if owners_shown { profile.owners.clone() } else { vec![] },
        attributes: attributes
            .map(|(key, it)| (*key, cut_attribute(viewer, ties, *key, it)))
            .collect(),
        size: cut_size(viewer, ties, profile),
        records,
    }
}

/// Whether `viewer` hears of a row at all, given what ties her to its enterprise.
pub fn hears_of(viewer: &Viewer, ties: &Ties, record: &RecordId) -> bool {
    !matches!(viewer.role, Role::Lender | Role::Owner) || ties.reach(record)
}

fn cut_attribute(
    viewer: &Viewer,
    ties: &Ties,
    attribute: Attribute,
    all: &Attributed,
) -> AttributeView {
    let chosen = cut_claim(viewer, ties, attribute, &all.chosen);
    let mut alternatives: Vec<ClaimView> =
        all.alternatives.iter().map(|it| cut_claim(viewer, ties, attribute, it)).collect();
    alternatives.retain(|it| it.shown != Disclosure::Hidden);
    let seen = chosen.shown != Disclosure::Hidden || !alternatives.is_empty();
    AttributeView { chosen, alternatives, disputed: all.disputed && seen }
}

fn cut_claim(viewer: &Viewer, ties: &Ties, attribute: Attribute, claim: &Claim) -> ClaimView {
    let relation = Relation::to(viewer, ties, attribute, claim);
    let shown = disclose(viewer, relation, attribute, &claim.value);
    let mut sources = if shown == Disclosure::Hidden { vec![] } else { claim.sources.clone() };
    sources.retain(|it| hears_of(viewer, ties, &it.record));
    ClaimView { shown, sources }
}

/// `value` of `attribute` as far as `viewer` may see it.
pub fn disclose(
    viewer: &Viewer,
    relation: Relation,
    attribute: Attribute,
    value: &Value,
) -> Disclosure {
    match (access(viewer.role, relation, attribute), value) {
        (Access::Hidden, _) => Disclosure::Hidden,
        (Access::Masked, it) => mask::masked(it).map_or(Disclosure::Hidden, Disclosure::Masked),
        // A name or a street may hold a number that is not for this viewer.
        (Access::Whole, Value::Text(text))
            if access(viewer.role, relation, Attribute::Nik) != Access::Whole =>
        {
            Disclosure::Whole(Value::Text(without_person_numbers(text)))
        }
        (Access::Whole, it) => Disclosure::Whole(it.clone()),
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
    let relation = chosen.map(|it| Relation::to(viewer, ties, attribute, it));
    match access(viewer.role, relation.unwrap_or(Relation::Others), attribute) {
        Access::Whole => SizeView::Shown(class, basis),
        Access::Masked | Access::Hidden => SizeView::Hidden,
    }
}

/// One text of a record as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextView {
    /// As the agency wrote it.
    Whole(String),
    /// Enough of it to recognise.
    Masked(String),
    /// Written and withheld.
    Hidden,
}

/// One source record cut to what a viewer may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// The row's id.
    pub id: RecordId,
    /// Who wrote it.
    pub agency: AgencyCode,
    /// The file it came in.
    pub file: FileId,
    /// The sheet; empty for a text file.
    pub sheet: String,
    /// The row in the sheet, from 1.
    pub row: u32,
    /// When the agency wrote the row.
    pub recorded_on: Option<NaiveDate>,
    /// Everything of it may be seen as written, its cells included.
    pub whole: bool,
    /// The texts by meaning.
    pub texts: BTreeMap<Field, TextView>,
}

/// Cuts `record` to what `viewer` may see, given what ties her to its enterprise.
pub fn cut_record(viewer: &Viewer, ties: &Ties, record: &SourceRecord) -> RecordView {
    let own = viewer.agency.as_ref() == Some(&record.agency) || ties.own.contains(&record.id);
    let relation = |attribute| match own {
        true => Relation::Own,
        false if ties.consents(attribute, [record.id].iter()) => Relation::Consented,
        false => Relation::Others,
    };
    let seen = |attribute| access(viewer.role, relation(attribute), attribute);
    let whole = Attribute::ALL.iter().all(|it| seen(*it) == Access::Whole);
    let persons = seen(Attribute::Nik) == Access::Whole;
    let text = |field, text: &str| match seen(attribute_of(field)) {
        Access::Whole if persons => TextView::Whole(text.to_owned()),
        Access::Whole => TextView::Whole(without_person_numbers(text)),
        Access::Masked => TextView::Masked(mask_words(text)),
        Access::Hidden => TextView::Hidden,
    };
    RecordView {
        id: record.id,
        agency: record.agency.clone(),
        file: record.file,
        sheet: record.sheet.clone(),
        row: record.row,
        recorded_on: record.recorded_on,
        whole,
        texts: record.fields.iter().map(|(field, it)| (field, text(field, it))).collect(),
    }
}

/// The attribute whose visibility a field of a record shares.
///
/// A field without an attribute of its own takes one of the sensitivity of what it may hold; a remark
/// may hold anything.
pub fn attribute_of(field: Field) -> Attribute {
    match field {
        Field::OwnerName => Attribute::OwnerName,
        Field::Nik | Field::FamilyCard | Field::Sex | Field::BirthDate | Field::Remark => {
            Attribute::Nik
        }
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
