//! How good the clusters are; figures may rise, not fall.

use linkage::evaluate::evaluate;
use linkage::link::{candidate_pairs, link};
use linkage::model::Model;
use linkage::settings::Settings;

use crate::city::CITY;
use crate::features;

#[test]
fn the_small_city_is_linked_as_well_as_recorded() {
    let linkage = link(&CITY.features, &CITY.model, &[], &|_, _| {});
    let candidates = candidate_pairs(&CITY.features, &CITY.model);
    let found = evaluate(&linkage.enterprises, &CITY.truth, Some(&candidates));
    assert!(0.93 <= found.pairwise.precision, "{:?}", found.pairwise);
    assert!(0.88 <= found.pairwise.f1, "{:?}", found.pairwise);
    assert!(0.95 <= found.b_cubed.f1, "{:?}", found.b_cubed);
    assert!(found.candidate_recall.is_some_and(|it| 0.97 <= it), "{:?}", found.candidate_recall);
}

#[test]
fn a_model_expects_the_precision_it_was_asked_for_and_says_that_it_converged() {
    assert!(CITY.model.converged);
    assert!(Settings::default().target_precision <= CITY.model.expected_precision);
    assert!(CITY.model.review_bits <= CITY.model.link_bits);
}

#[test]
fn a_model_reads_back_from_its_stored_form() {
    let stored = serde_json::to_string(&CITY.model).unwrap();
    assert_eq!(serde_json::from_str::<Model>(&stored).unwrap(), CITY.model);
}

#[test]
fn training_and_linking_do_not_depend_on_the_order_of_rows() {
    let mut reversed = CITY.records.clone();
    reversed.reverse();
    assert_eq!(Model::train(&features(&reversed), &Settings::default()), CITY.model);
    let one = link(&CITY.features, &CITY.model, &[], &|_, _| {});
    assert_eq!(link(&features(&reversed), &CITY.model, &[], &|_, _| {}), one);
}

#[test]
fn a_list_of_one_record_or_none_can_be_linked() {
    for records in [&CITY.records[..0], &CITY.records[..1]] {
        let records = features(records);
        let model = Model::train(&records, &Settings::default());
        let linkage = link(&records, &model, &[], &|_, _| {});
        assert_eq!(linkage.enterprises.len(), records.len());
        assert_eq!(linkage.owners.len(), records.len());
    }
}
