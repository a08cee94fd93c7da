//! What speaks for and against a pair, and that the sum is the weight (law 7).

use domain::record::Field::*;
use linkage::link::{ReviewReason, link};

use crate::city::CITY;
use crate::{Record, features, record, why, why_beside};

#[test]
fn the_evidence_adds_up_to_the_stored_weight() {
    let linkage = link(&CITY.features, &CITY.model, &[], &|_, _| {});
    assert!(500 < linkage.pairs.len());
    let of = |id| CITY.records.iter().find(|it| it.id == id).unwrap();
    for pair in linkage.pairs.iter().step_by(7) {
        let beside = [pair.a, pair.b].iter().any(|it| linkage.beside.contains(it));
        let why = why_beside(of(pair.b), of(pair.a), &CITY.model, beside);
        assert_eq!(why.weight_bits, pair.weight_bits);
        assert!((why.sum() - pair.weight_bits).abs() < 1e-6, "{why:?}");
        assert_eq!(why.context_bits, pair.context_bits);
        assert!(why.other_business_bits <= 0.0 && 0.0 <= why.moved_or_two_owners_bits);
    }
}

fn weight(a: &Record, b: &Record) -> f64 {
    why(a, b, &CITY.model).weight_bits
}

/// A record of Siti Komariah's, changed by `fields`.
fn siti(number: u32, fields: &[(domain::record::Field, &str)]) -> Record {
    let mut all = vec![
        (OwnerName, "Siti Komariah"),
        (Street, "Kp. Angsoka"),
        (RtRw, "003/004"),
        (Kelurahan, "Terumbu"),
        (Kecamatan, "Kasemen"),
    ];
    all.retain(|it| fields.iter().all(|other| other.0 != it.0));
    all.extend(fields);
    record(number, "disperindakop", &all)
}

#[test]
fn another_business_of_the_same_person_stays_apart() {
    let both = [(Nik, "3673024110589030"), (Phone, "081290908877")];
    let batik = siti(1, &[both[0], both[1], (BusinessName, "Batik Mekar Wangi"), (Trade, "batik")]);
    let again = siti(2, &[both[0], both[1], (BusinessName, "Mekar Wangi"), (Trade, "Fashion")]);
    let other = siti(3, &[both[0], both[1], (BusinessName, "Seblak Juara"), (Trade, "Kuliner")]);
    assert!(CITY.model.link_bits < weight(&batik, &again));
    assert!(weight(&batik, &other) < CITY.model.review_bits);
}

#[test]
fn a_business_name_made_of_the_owners_name_is_no_further_evidence() {
    let a = siti(1, &[(BusinessName, "Warung Bu Komariah")]);
    let b = siti(2, &[(BusinessName, "Warung Komariah")]);
    let named = |it: &str| why(&a, &b, &CITY.model).fields.iter().find(|f| f.field == it).cloned();
    let business = named("owned_business").unwrap();
    assert_eq!((business.level, business.rarity_bits), ("owners_name", 0.0));
}

#[test]
fn spellings_of_one_name_weigh_nearly_as_much_as_the_name() {
    let one = siti(1, &[(BusinessName, "Keripik Surosowan")]);
    for name in [
        "SITI KOMARIYAH",
        "Hj. St. Komariah, S.Pd",
        "KOMARIAH SITI",
        "SITIKOMARIAH",
        "Siti Komaraih",
    ] {
        let other = siti(2, &[(BusinessName, "KERIPIK SUROSOWAN"), (OwnerName, name)]);
        assert!(CITY.model.link_bits < weight(&one, &other), "{name} {}", weight(&one, &other));
    }
}

#[test]
fn a_common_name_weighs_less_than_a_rare_one() {
    let pair = |name| {
        let of = |number| record(number, "kominfo", &[(BusinessName, name), (Kecamatan, "Curug")]);
        weight(&of(1), &of(2))
    };
    assert!(pair("Berkah") < pair("Wirakencana"));
}

#[test]
fn one_wrong_digit_in_a_nik_is_evidence_for_and_another_nik_against() {
    let evidence = |field: &str, nik| {
        let (one, two) = (siti(1, &[(Nik, "3673024110589030")]), siti(2, &[(Nik, nik)]));
        let why = why(&one, &two, &CITY.model);
        let nik = why.fields.into_iter().find(|it| it.field == field).unwrap();
        (nik.level, nik.level_bits + nik.rarity_bits)
    };
    let (level, bits) = evidence("nik", "3673024110859030");
    assert!(level == "one_digit_off" && 2.0 < bits, "{level} {bits}");
    let (level, bits) = evidence("nik", "3604110203719012");
    assert!(level == "different" && bits < -1.0, "{level} {bits}");
    let (level, bits) = evidence("nik_digits", "3,67302E+15");
    assert!(level == "equal" && 0.0 < bits && bits < 4.0, "{level} {bits}");
}

/// A wife's and a husband's entry for one business.
fn spouses() -> [Record; 2] {
    let business = [
        (BusinessName, "Rengginang Sinar Surosowan"),
        (Phone, "081290908877"),
        (Trade, "rengginang"),
        (Established, "2015"),
    ];
    let entry = |number, owner, nik| {
        siti(number, &[&business[..], &[(OwnerName, owner), (Nik, nik)]].concat())
    };
    [
        entry(1_000_001, "Siti Komariah", "3673024110589030"),
        entry(1_000_002, "Dadang Wirakusuma", "3673020203559012"),
    ]
}

#[test]
fn spouses_who_each_register_the_business_are_linked() {
    let [wife, husband] = spouses();
    let bits = weight(&wife, &husband);
    assert!(CITY.model.link_bits < bits, "{bits}");
}

#[test]
fn two_nik_in_one_enterprise_are_put_to_a_steward_and_stay_two_owners() {
    let [wife, husband] = spouses();
    let linkage = link(&features(&[wife.clone(), husband.clone()]), &CITY.model, &[], &|_, _| {});
    assert_eq!(linkage.enterprises.len(), 1);
    assert_eq!(linkage.owners.len(), 2);
    assert_eq!(linkage.review.len(), 1);
    assert_eq!(linkage.review[0].reason, ReviewReason::TwoNik);
}

#[test]
fn one_persons_two_businesses_are_two_enterprises_of_one_owner() {
    let person = [(Nik, "3673024110589030"), (Phone, "081290908877")];
    let of = |number, name, trade| {
        siti(number, &[&person[..], &[(BusinessName, name), (Trade, trade)]].concat())
    };
    let records = [of(1, "Batik Mekar Wangi", "batik"), of(2, "Seblak Juara", "seblak")];
    let linkage = link(&features(&records), &CITY.model, &[], &|_, _| {});
    assert_eq!((linkage.enterprises.len(), linkage.owners.len()), (2, 1));
}

#[test]
fn another_business_that_is_known_makes_a_nameless_row_less_sure_of_this_one() {
    let named = siti(1, &[(Nik, "3673024110589030"), (BusinessName, "Batik Mekar Wangi")]);
    let nameless = siti(2, &[(Nik, "3673024110589030"), (BusinessName, "-")]);
    let alone = why_beside(&named, &nameless, &CITY.model, false);
    let beside = why_beside(&named, &nameless, &CITY.model, true);
    assert!(0.0 < alone.context_bits && beside.context_bits < 0.0, "{alone:?} {beside:?}");
    assert!(beside.weight_bits < alone.weight_bits);
}
