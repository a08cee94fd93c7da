//! Rows nobody should send, arriving under a model that was trained before them.

use std::collections::{BTreeSet, HashSet};

use domain::record::Field::{self, *};
use linkage::link::{Linkage, Ready, link};
use linkage::model::Model;
use linkage::settings::Settings;

use crate::city::CITY;
use crate::register::{Linked, afresh, same_answer};
use crate::{Record, features, id, record};

/// The rows alone, under the model of the small city; every row is in one enterprise.
fn linked(rows: &[Record]) -> Linkage {
    let linkage = link(&features(rows), &CITY.model, &[], &|_, _| {});
    let all: Vec<_> = linkage.enterprises.iter().flatten().collect();
    assert_eq!(all.len(), rows.len());
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), rows.len());
    linkage
}

fn largest(linkage: &Linkage) -> usize {
    linkage.enterprises.iter().map(Vec::len).max().unwrap()
}

/// So many rows, told apart by what `of` adds.
fn rows(count: u32, of: &dyn Fn(u32) -> Vec<(Field, String)>) -> Vec<Record> {
    let row = |number: u32| {
        let fields = of(number);
        let fields: Vec<_> = fields.iter().map(|it| (it.0, it.1.as_str())).collect();
        record(number, "kominfo", &fields)
    };
    (0..count).map(row).collect()
}

/// A word like no other's.
fn word(number: u32) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "du", "ki", "lo", "ma", "nu", "pi", "ro", "sa", "tu", "wi", "yo", "ga", "hu", "ji",
        "co",
    ];
    let mixed = number.wrapping_mul(0x9e37_79b1);
    (0..5).map(|it| SYLLABLES[(mixed >> (4 * it + 8)) as usize % 16]).collect()
}

#[test]
fn a_block_above_the_limit_is_left_out_and_told() {
    let rows = rows(2_100, &|it| vec![(OwnerName, word(it)), (Phone, "081234509876".to_owned())]);
    let linkage = linked(&rows);
    assert!(0 < linkage.counts.capped_blocks);
    assert!(linkage.counts.candidate_pairs < 40 * rows.len(), "{:?}", linkage.counts);
    assert!(largest(&linkage) < 3);
}

#[test]
fn one_phone_of_many_owners_joins_nobody() {
    let rows = rows(300, &|it| {
        let name = format!("{} {}", word(it), word(it + 7_000));
        vec![(OwnerName, name), (BusinessName, word(it + 90_000)), (Phone, "081234509876".into())]
    });
    assert!(largest(&linked(&rows)) < 3);
}

#[test]
fn hundreds_of_warung_berkah_stay_apart() {
    let rows = rows(300, &|it| {
        let name = format!("{} {}", word(it), word(it + 7_000));
        vec![
            (BusinessName, "Warung Berkah".into()),
            (OwnerName, name),
            (Kelurahan, "Terumbu".into()),
        ]
    });
    assert!(largest(&linked(&rows)) < 3);
}

#[test]
fn rows_that_say_nothing_stay_apart_and_cost_nothing() {
    let linkage = linked(&rows(3_000, &|_| vec![]));
    assert_eq!((largest(&linkage), linkage.counts.candidate_pairs), (1, 0));
}

#[test]
fn one_row_many_times_over_is_one_enterprise() {
    let rows = rows(50, &|_| {
        let of = |field, text: &str| (field, text.to_owned());
        vec![
            of(BusinessName, "Keripik Surosowan"),
            of(OwnerName, "Siti Komariah"),
            of(Phone, "081290908877"),
            of(Street, "Kp. Angsoka"),
            of(Kelurahan, "Terumbu"),
        ]
    });
    assert_eq!(linked(&rows).enterprises.len(), 1);
}

#[test]
fn copies_that_a_model_was_trained_on_are_one_enterprise_whenever_they_come() {
    let full = CITY.records.iter().max_by_key(|it| it.source.fields.iter().count()).unwrap();
    let copies: Vec<Record> = (0..50).map(|it| full.clone().renamed(id(10_000 + it))).collect();
    let mut records = [&CITY.records[..], &copies].concat();
    let model = Model::train(&features(&records), &Settings::default());
    let ready = Ready::new(model.clone());
    let mut register = Linked::new(&ready, &CITY.records, &[]);
    register.follow(&records[..CITY.records.len() + 20], &HashSet::new(), &[]);
    register.follow(&records, &HashSet::new(), &[]);
    records.reverse();
    same_answer(&register.linkage, &afresh(&records, &model, &[]), "copies");
    let together = |it: &Vec<_>| copies.iter().all(|copy| it.contains(&copy.id));
    assert!(register.linkage.enterprises.iter().any(together));
}
