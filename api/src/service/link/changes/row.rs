//! The stored row of an enterprise: what it is found, ordered and shown by.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::agency::{Agency, AgencyCode};
use domain::enterprise::{Attribute, EnterpriseProfile, SizeBasis, SizeClass, Value};
use domain::id::RecordId;
use domain::identifier::Sex;
use domain::view::without_person_numbers;
use linkage::normalise::NormalisedRecord;

use crate::store::linking::EnterpriseRow;
use crate::store::{profile_json, search_words};

/// The row of a profile whose stored form is `json`, as it stands `since`, written at `at`.
pub(super) fn row(
    profile: &EnterpriseProfile,
    json: String,
    since: DateTime<Utc>,
    at: DateTime<Utc>,
    by_id: &HashMap<RecordId, (&NormalisedRecord, &Agency)>,
) -> EnterpriseRow {
    let written = |attribute| profile.value(attribute).map(profile_json::write_value);
    let sales = profile.value(Attribute::AnnualSales).and_then(|it| match it {
        Value::Sales(it) => Some(it.annual),
        _ => None,
    });
    let capital = profile.value(Attribute::Capital).and_then(|it| match it {
        Value::Rupiah(it) => Some(*it),
        _ => None,
    });
    let size = SizeClass::of(sales, capital);
    let kbli = profile.value(Attribute::Kbli).and_then(|it| match it {
        Value::Kbli(it) => Some(*it),
        _ => None,
    });
    let kelurahan = profile.value(Attribute::Kelurahan).and_then(|it| match it {
        Value::Kelurahan(it) => Some(*it),
        _ => None,
    });
    let kecamatan = match profile.value(Attribute::Kecamatan) {
        Some(Value::Kecamatan(it)) => Some(*it),
        _ => kelurahan.map(|it| it.kecamatan()),
    };
    let mut agencies: BTreeMap<AgencyCode, i32> = BTreeMap::new();
    for (record, _) in profile.records.iter().filter_map(|it| by_id.get(it)) {
        *agencies.entry(record.agency.clone()).or_default() += 1;
    }
    let mut words = BTreeSet::new();
    for (attribute, source) in [(Attribute::BusinessName, 0), (Attribute::OwnerName, 1)] {
        let Some(it) = profile.attributes.get(&attribute) else { continue };
        for claim in std::iter::once(&it.chosen).chain(&it.alternatives) {
            let text = without_person_numbers(&profile_json::write_value(&claim.value));
            words.extend(search_words::words(&text).into_iter().map(|word| (word, source)));
        }
    }
    let name = text_of(profile, Attribute::BusinessName);
    EnterpriseRow {
        columns: entity::enterprise::Model {
            id: profile.id.0,
            sort_name: sort_name(&name),
            name,
            nib: written(Attribute::Nib),
            has_npwp: profile.attributes.contains_key(&Attribute::Npwp),
            kbli: kbli.map(|it| it.to_string()),
            section: kbli.map(|it| it.section().letter.to_string()),
            kecamatan: kecamatan.map(|it| it.0.cast_signed()),
            kelurahan: kelurahan.map(|it| it.0.cast_signed()),
            size_class: size.map(|it| it.0 as i16),
            size_basis: size.map(|it| match it.1 {
                SizeBasis::Sales => "sales".to_owned(),
                SizeBasis::Capital => "capital".to_owned(),
            }),
            owner_sex: sex_of(profile).map(|it| match it {
                Sex::Female => 0,
                Sex::Male => 1,
            }),
            records: count(profile.records.len()),
            profile: vec![],
            updated_at: since,
            written_at: at,
        },
        profile: json,
        agencies,
        words,
    }
}

/// The sex that the owner's NIK states.
fn sex_of(profile: &EnterpriseProfile) -> Option<Sex> {
    match profile.value(Attribute::Nik) {
        Some(Value::Nik(it)) => Some(it.sex()),
        _ => None,
    }
}

/// The chosen value of `attribute` as stored; empty without one.
pub(super) fn text_of(profile: &EnterpriseProfile, attribute: Attribute) -> String {
    profile.value(attribute).map(profile_json::write_value).unwrap_or_default()
}

/// A name as lists are ordered: in one case, with single spaces, and without a person's number, which not
/// everybody sees who orders by it.
pub(super) fn sort_name(name: &str) -> String {
    let name = without_person_numbers(name);
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A number of things as stored.
pub(super) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
