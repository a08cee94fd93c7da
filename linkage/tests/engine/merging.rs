//! What survives when records become one profile (law 6).

use chrono::NaiveDate;
use domain::enterprise::{Attribute, EnterpriseProfile, Value};
use domain::id::{EnterpriseId, OwnerId};
use domain::record::Field::{self, *};
use linkage::merge::merge;
use linkage::normalise::{NormalisedRecord, normalise};

use crate::{agency, id, source};

/// Records: number, agency, day, fields.
type Row<'a> = (u32, &'a str, &'a str, &'a [(Field, &'a str)]);

fn profile(rows: &[Row]) -> EnterpriseProfile {
    let agencies: Vec<_> = rows.iter().map(|it| agency(it.1)).collect();
    let records: Vec<NormalisedRecord> = rows
        .iter()
        .zip(&agencies)
        .map(|((number, from, day, fields), agency)| {
            let mut written = source(*number, from, fields);
            written.recorded_on = day.parse::<NaiveDate>().ok();
            normalise(&written, agency)
        })
        .collect();
    let of: Vec<_> = records.iter().zip(&agencies).collect();
    let mut reversed = of.clone();
    reversed.reverse();
    let enterprise = EnterpriseId::minted_from(id(rows[0].0), 0);
    let owners = || vec![OwnerId::minted_from(id(rows[0].0), 0)];
    let merged = merge(enterprise, owners(), &of);
    assert_eq!(
        merged,
        merge(enterprise, owners(), &reversed),
        "the order of records must not matter"
    );
    merged
}

fn text(profile: &EnterpriseProfile, attribute: Attribute) -> String {
    match profile.value(attribute) {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Phone(phone)) => phone.reveal().to_owned(),
        Some(Value::Kelurahan(code)) => code.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_newest_phone_the_most_trusted_place_and_the_commonest_name_survive() {
    let merged = profile(&[
        (
            1,
            "disperindakop",
            "2020-01-05",
            &[(BusinessName, "SEBLAK JUARA"), (Phone, "081290908877"), (Kelurahan, "Terumbu")],
        ),
        (
            2,
            "kecamatan_kasemen",
            "2019-01-05",
            &[(BusinessName, "Seblak Juara"), (Kelurahan, "Kilasah")],
        ),
        (
            3,
            "hipmikindo",
            "2024-03-01",
            &[(BusinessName, "Juara"), (Phone, "085711112222"), (Kelurahan, "Terumbu")],
        ),
    ]);
    assert_eq!(text(&merged, Attribute::BusinessName), "Seblak Juara");
    assert_eq!(text(&merged, Attribute::Phone), "+6285711112222");
    assert_eq!(text(&merged, Attribute::Kelurahan), "36.73.02.1009");
    let place = &merged.attributes[&Attribute::Kelurahan];
    assert!(place.disputed);
    assert_eq!(place.alternatives[0].sources.len(), 2);
}

#[test]
fn another_way_of_writing_is_an_alternative_and_no_dispute() {
    let merged = profile(&[
        (
            1,
            "disperindakop",
            "2020-01-05",
            &[(OwnerName, "Hj. Siti Komariyah"), (BusinessName, "Wr. Juara")],
        ),
        (
            2,
            "kominfo",
            "2021-01-05",
            &[(OwnerName, "KOMARIAH SITI"), (BusinessName, "Warung Juara")],
        ),
    ]);
    for attribute in [Attribute::OwnerName, Attribute::BusinessName] {
        let of = &merged.attributes[&attribute];
        assert_eq!((of.alternatives.len(), of.disputed), (1, false), "{}", attribute.code());
    }
}

#[test]
fn two_nik_are_disputed() {
    let merged = profile(&[
        (1, "disperindakop", "2020-01-05", &[(Nik, "3673024110589030")]),
        (2, "kominfo", "2021-01-05", &[(Nik, "3604110203719012")]),
    ]);
    assert!(merged.attributes[&Attribute::Nik].disputed);
}

#[test]
fn every_value_knows_its_records_and_what_nobody_says_is_absent() {
    let merged = profile(&[
        (1, "disperindakop", "2020-01-05", &[(BusinessName, "Juara"), (Capital, "5000000")]),
        (2, "kominfo", "2021-01-05", &[(BusinessName, "JUARA")]),
    ]);
    let name = &merged.attributes[&Attribute::BusinessName].chosen;
    assert_eq!(name.sources.len(), 2);
    assert_eq!(name.sources[0].agency.as_str(), "kominfo");
    assert!(!merged.attributes.contains_key(&Attribute::Nib));
    assert!(merged.attributes.values().all(|it| !it.chosen.sources.is_empty()));
    assert!(merged.records.is_sorted() && merged.records.len() == 2);
}
