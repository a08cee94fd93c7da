//! What a row becomes.

use domain::record::Field::*;

use domain::record::Field;
use proptest::prelude::*;

use crate::city::CITY;
use crate::{normalised, record, why};

#[test]
fn a_row_of_a_kecamatan_office_lies_there_unless_it_says_otherwise() {
    let place = |fields: &[_]| normalised(1, "kecamatan_curug", fields).place;
    assert_eq!(place(&[]).kecamatan.map(|it| it.to_string()).as_deref(), Some("36.73.04"));
    assert_eq!(
        place(&[(Kelurahan, "Sukawana")]).kelurahan.map(|it| it.to_string()).as_deref(),
        Some("36.73.04.1007")
    );
    let elsewhere = place(&[(Kelurahan, "Sukawana"), (Kecamatan, "Kec. Serang")]);
    assert_eq!(elsewhere.kecamatan.map(|it| it.to_string()).as_deref(), Some("36.73.01"));
}

#[test]
fn placeholders_become_missing() {
    let read = normalised(
        1,
        "kominfo",
        &[
            (BusinessName, "belum ada"),
            (OwnerName, "-"),
            (Street, "keliling"),
            (Nik, "0"),
            (Phone, "-"),
        ],
    );
    assert!(read.business.is_none() && read.owner.is_none() && read.street.is_none());
    assert!(read.nik.is_none() && read.nik_known.is_none() && read.phones.is_empty());
}

#[test]
fn a_destroyed_nik_keeps_its_known_digits_and_is_never_guessed_back() {
    let read = normalised(1, "disperindakop", &[(Nik, "3,67305E+15")]);
    assert!(read.nik.is_none());
    assert!(read.nik_known.is_some_and(|it| it.0.starts_with("36730")));
}

#[test]
fn monthly_sales_become_a_years_and_say_so() {
    let read = normalised(1, "hipmikindo", &[(MonthlySales, "2 jt")]);
    assert_eq!(read.annual_sales.map(|it| (it.annual.0, it.from_month)), Some((24_000_000, true)));
}

#[test]
fn a_value_the_sender_was_warned_of_is_not_used() {
    let workers = |fields: &[_]| normalised(1, "kominfo", fields).workers;
    assert_eq!(workers(&[(Workers, "L:1 P:2")]), Some(3));
    assert_eq!(workers(&[(Workers, "-5")]), None);
    assert_eq!(workers(&[(Workers, "1-2 orang")]), None);
    assert_eq!(workers(&[(WorkersMale, "2"), (WorkersFemale, "1 orang")]), Some(3));
    assert_eq!(workers(&[(WorkersMale, "2"), (WorkersFemale, "-")]), Some(2));
    assert_eq!(workers(&[(WorkersMale, "2"), (WorkersFemale, "banyak")]), None);
    let rt_rw = |fields: &[_]| {
        let read = normalised(1, "kominfo", fields);
        (read.rt, read.rw)
    };
    assert_eq!(rt_rw(&[(RtRw, "2025-02-01")]), (0, 0));
    assert_eq!(rt_rw(&[(RtRw, "01-Feb")]), (0, 0));
    assert_eq!(rt_rw(&[(Rt, "201"), (Rw, "5")]), (0, 5));
    let established = |fields: &[_]| normalised(1, "kominfo", fields).established.is_some();
    assert!(established(&[(Established, "2025"), (RecordedOn, "12/03/2025")]));
    assert!(established(&[(Established, "Maret 2025"), (RecordedOn, "2025")]));
    assert!(!established(&[(Established, "2050"), (RecordedOn, "12/03/2025")]));
}

#[test]
fn a_normalised_record_prints_no_personal_data() {
    let read = normalised(
        1,
        "kominfo",
        &[
            (OwnerName, "Siti Komariah"),
            (Nik, "3673024110589030"),
            (Email, "siti@surel.example"),
            (Street, "Kp. Angsoka"),
            (BusinessName, "Warung Komariah"),
        ],
    );
    let printed = format!("{read:?}").to_lowercase();
    for secret in ["siti", "komari", "3673024110589030", "angsoka"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "jl",
        "blok",
        "rt",
        "rw",
        "km",
        "no",
        "kel",
        "65535",
        "007/013",
        "J3",
        "3,67305E+15",
        "alias",
        "(",
        ")",
        "S.Pd.I",
        "Bu",
        "warung",
        "bakso",
        "é",
        "ß",
        "仁",
        "0",
        "/",
        ",",
        ".",
        "'",
        "siti",
        "koesoemah",
        "@",
        " ",
    ];
    let piece =
        prop_oneof![proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), ".{0,3}"];
    let spaced = (piece, any::<bool>()).prop_map(|(it, gap)| if gap { it + " " } else { it });
    proptest::collection::vec(spaced, 0..12).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_stops_the_engine(one in text(), two in text()) {
        let of = |number, text: &str| {
            let fields: Vec<(Field, &str)> = Field::ALL.iter().map(|it| (*it, text)).collect();
            record(number, "kecamatan_curug", &fields)
        };
        let why = why(&of(1, &one), &of(2, &two), &CITY.model);
        prop_assert!(why.weight_bits.is_finite());
    }
}
