//! What cannot be read is refused, and the refusal says where to look and what would be right.

use linkfile::Job;

use crate::{Place, city, data, job};

/// Linking fails and says all of `wanted`.
fn refused(job: Job, wanted: &[&str]) {
    let error = linkfile::run(&job).unwrap_err().to_string();
    for part in wanted {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

#[test]
fn a_file_that_is_not_there() {
    let missing = data("nowhere.csv");
    refused(job("umkm", missing.clone()), &["nowhere.csv", "No such file"]);
    let records = data("records.csv");
    refused(Job { b: Some(missing.clone()), ..job("umkm", records.clone()) }, &["nowhere.csv"]);
    refused(Job { truth: Some(missing), ..job("umkm", records) }, &["nowhere.csv"]);
}

#[test]
fn a_place_where_nothing_can_be_written() {
    let place = Place::new();
    let list = place.file("few.csv", city()[..3].join("\n"));
    let out = Some(place.path("nowhere").join("clusters.csv"));
    refused(Job { out, ..job("umkm", list) }, &["nowhere/clusters.csv", "No such file"]);
}

#[test]
fn a_table_without_a_column_that_the_settings_read() {
    let place = Place::new();
    let list = place.file("trees.csv", "record_id,species,height\n1,mangga,4\n");
    refused(
        job("umkm", list.clone()),
        &[
            "trees.csv",
            "none of the columns",
            "has record_id, species, height;",
            "owner_name",
            "nik",
        ],
    );
    refused(job("person", list), &["trees.csv", "surname"]);
    refused(job("umkm", place.file("empty.csv", "")), &["empty.csv", "no headings"]);
}

#[test]
fn two_rows_of_one_name_are_both_told() {
    let place = Place::new();
    let mut rows = city();
    let again = rows[4].clone();
    rows.push(again);
    let last = rows.len().to_string();
    let list = place.file("twice.csv", rows.join("\n"));
    let name = rows[4].split(',').next().unwrap();
    refused(job("umkm", list), &["twice.csv", "rows 5 and ", &last, "record_id", name]);
}

#[test]
fn the_list_that_has_two_rows_of_one_name_is_told() {
    let place = Place::new();
    let rows = city();
    let one = place.file("one.csv", rows[..3].join("\n"));
    let two = place.file("two.csv", [&rows[..4], &rows[3..4]].concat().join("\n"));
    refused(Job { b: Some(two), ..job("umkm", one) }, &["two.csv", "rows 4 and 5"]);
}

#[test]
fn a_truth_without_clusters_or_names() {
    let place = Place::new();
    let list = place.file("few.csv", city()[..3].join("\n"));
    let truth = Some(place.file("truth.csv", "record_id,group\nSRG-000001,1\n"));
    let wanted = ["truth.csv", "enterprise_id, cluster_id or truth"];
    refused(Job { truth, ..job("umkm", list.clone()) }, &wanted);
    let truth = Some(place.file("truth.csv", "row,cluster_id\n1,1\n"));
    refused(Job { truth, ..job("umkm", list.clone()) }, &["truth.csv", "record_id"]);
    let truth = Some(place.file("truth.csv", "record_id,cluster_id\nANOTHER-1,1\n"));
    refused(Job { truth, ..job("umkm", list) }, &["truth.csv", "names a row", "--id"]);
}

#[test]
fn a_column_that_is_to_name_the_rows_and_is_not_there() {
    let place = Place::new();
    let list = place.file("few.csv", city()[..3].join("\n"));
    let wanted = ["few.csv", "no column \"nomor\"", "has record_id, source", "--id"];
    refused(Job { id_column: Some("nomor".into()), ..job("umkm", list) }, &wanted);
}

#[test]
fn a_packed_file_that_ends_too_early() {
    let place = Place::new();
    let packed = std::fs::read(data("febrl/febrl3.csv.gz")).unwrap();
    let half = place.file("half.csv.gz", &packed[..packed.len() / 2]);
    refused(job("person", half), &["half.csv.gz"]);
}
