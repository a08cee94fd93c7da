//! How good the clusters are; figures may rise, not fall.

use std::collections::BTreeSet;
use std::io::Read;

use linkfile::{Job, Report};

use crate::{Place, data, job, linked};

fn check(found: &Report, f1: f64, candidate_recall: f64) {
    let pairwise = found.pairwise.as_ref().unwrap();
    assert!(f1 <= pairwise.f1, "{found:?}");
    let b_cubed = found.b_cubed.as_ref().unwrap();
    assert!(f1 <= b_cubed.f1, "{found:?}");
    assert!(found.candidate_recall.is_some_and(|it| candidate_recall <= it), "{found:?}");
    assert!(found.model.converged, "{found:?}");
}

#[test]
fn the_persons_of_one_list_are_found() {
    let persons = Job {
        truth: Some(data("febrl/febrl3_truth.csv.gz")),
        ..job("person", data("febrl/febrl3.csv.gz"))
    };
    let (found, _) = linked(&Place::new(), persons);
    assert_eq!(found.records, 5_000);
    check(&found, 0.999, 0.999);
}

#[test]
fn the_persons_of_two_lists_are_found() {
    let persons = Job {
        b: Some(data("febrl/febrl4b.csv.gz")),
        truth: Some(data("febrl/febrl4_truth.csv.gz")),
        ..job("person", data("febrl/febrl4a.csv.gz"))
    };
    let (found, _) = linked(&Place::new(), persons);
    assert_eq!(found.records, 10_000);
    check(&found, 0.9997, 0.999);
}

#[test]
fn the_enterprises_of_a_city_are_found() {
    let city = Job { truth: Some(data("truth.csv")), ..job("umkm", data("records.csv")) };
    let (found, _) = linked(&Place::new(), city);
    assert_eq!(found.records, 959);
    check(&found, 0.88, 0.97);
}

#[test]
fn without_a_truth_nothing_is_claimed_about_quality() {
    let (found, _) = linked(&Place::new(), job("umkm", data("records.csv")));
    assert!(found.pairwise.is_none() && found.b_cubed.is_none());
    assert!(found.candidate_recall.is_none());
    assert!(found.records < found.candidate_pairs, "{found:?}");
}

#[test]
fn a_row_that_the_truth_leaves_out_stands_alone() {
    let place = Place::new();
    let truth = std::fs::read_to_string(data("truth.csv")).unwrap();
    let heading = truth.lines().next().unwrap();
    let nothing = place.file("truth.csv", format!("{heading}\n"));
    let city = Job { truth: Some(nothing), ..job("umkm", data("records.csv")) };
    let (found, _) = linked(&place, city);
    // Then every link is a false one.
    let pairwise = found.pairwise.unwrap();
    assert_eq!(pairwise.precision, 0.0);
    assert!(found.clusters < found.records);
}

#[test]
fn rows_that_are_copies_of_each_other_are_linked() {
    // Nothing in such a list is doubtful, so nothing but the threshold's own bounds decides.
    let place = Place::new();
    let rows = crate::city();
    let copies = rows[1..301].iter().map(|it| format!("COPY-{it}"));
    let list: Vec<String> = rows[..301].iter().cloned().chain(copies).collect();
    let (_, clusters) = linked(&place, job("umkm", place.file("copies.csv", list.join("\n"))));
    let of = |row: &String| row.split(',').next().unwrap().to_owned();
    let parted = rows[1..301].iter().map(of);
    let parted = parted.filter(|it| clusters[it] != clusters[&format!("COPY-{it}")]).count();
    assert!(parted <= 15, "{parted} of 300");
}

#[test]
fn persons_that_are_copies_of_each_other_are_linked() {
    let place = Place::new();
    let mut list = String::new();
    let packed = std::fs::File::open(data("febrl/febrl4a.csv.gz")).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed), &mut text).unwrap();
    for (number, line) in text.lines().take(601).enumerate() {
        list += &format!("{line}\n");
        if 0 < number {
            list += &format!("copy-{line}\n");
        }
    }
    let (found, _) = linked(&place, job("person", place.file("copies.csv", list)));
    assert_eq!((found.records, found.clusters), (1_200, 600), "{found:?}");
}

#[test]
fn rows_alike_within_one_of_two_lists_are_not_asked_for() {
    let place = Place::new();
    let mut text = String::new();
    for name in ["febrl/febrl4a.csv.gz", "febrl/febrl4b.csv.gz"] {
        let packed = std::fs::File::open(data(name)).unwrap();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    }
    let (heading, rows) = text.split_once('\n').unwrap();
    let rows =
        |wanted: &str| -> Vec<&str> { rows.lines().filter(|it| it.contains(wanted)).collect() };
    let person = |row: &str| row.split('-').nth(1).unwrap().to_owned();
    let originals = rows("-org");
    let list =
        |name: &str, rows: &[&str]| place.file(name, format!("{heading}\n{}", rows.join("\n")));
    // One person has one row in each list; of a hundred others the first list has both rows.
    let duplicates = rows("-dup-0");
    let twice: BTreeSet<String> = originals[..100].iter().map(|it| person(it)).collect();
    let (within, across): (Vec<&str>, Vec<&str>) =
        duplicates.iter().partition(|it| twice.contains(&person(it)));
    assert_eq!(within.len(), 100);
    let mut truth = "record_id,truth".to_owned();
    for row in originals.iter().chain(&duplicates) {
        truth += &format!("\n{},{}", row.split(',').next().unwrap(), person(row));
    }
    let persons = Job {
        b: Some(list("b.csv", &across)),
        truth: Some(place.file("truth.csv", truth)),
        ..job("person", list("a.csv", &[&originals[..], &within].concat()))
    };
    let (found, _) = linked(&place, persons);
    assert_eq!(found.records, 10_000);
    check(&found, 0.999, 0.999);
}
