//! The same rows in another form are the same rows.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use linkfile::Job;

use crate::{Lot, Place, city, data, job, linked, sets};

#[test]
fn every_row_is_in_the_answer_once() {
    let (_, clusters) = linked(&Place::new(), job("umkm", data("records.csv")));
    let rows = city();
    let wanted: Vec<&str> = rows[1..].iter().map(|it| it.split(',').next().unwrap()).collect();
    assert_eq!(clusters.len(), wanted.len());
    assert!(wanted.iter().all(|it| clusters.contains_key(*it)));
}

#[test]
fn the_order_of_rows_and_columns_is_nothing_to_the_answer() {
    let place = Place::new();
    let (_, as_sent) = linked(&place, job("umkm", data("records.csv")));
    let mut table = csv::Reader::from_path(data("records.csv")).unwrap();
    let heading = table.headers().unwrap().clone();
    let mut rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    Lot(7).shuffle(&mut rows);
    rows.insert(0, heading);
    let mut turned = csv::Writer::from_path(place.path("turned.csv")).unwrap();
    for row in &rows {
        turned.write_record(row.iter().collect::<Vec<_>>().into_iter().rev()).unwrap();
    }
    turned.flush().unwrap();
    let (_, as_turned) = linked(&place, job("umkm", place.path("turned.csv")));
    assert_eq!(sets(&as_turned), sets(&as_sent));
}

#[test]
fn packed_marked_and_windows_lines_read_like_plain_ones() {
    let place = Place::new();
    let (_, plain) = linked(&place, job("umkm", data("records.csv")));
    let packed = |content: &[u8]| {
        let mut packed = GzEncoder::new(vec![], Compression::fast());
        packed.write_all(content).unwrap();
        packed.finish().unwrap()
    };
    let bytes = std::fs::read(data("records.csv")).unwrap();
    let (one, two) = bytes.split_at(bytes.len() / 3);
    let rows = city();
    let quoted = format!("\"{}\"", rows[0].replace(',', "\",\""));
    let body = rows[1..].join("\r\n");
    let cut_by = |delimiter: char| {
        let mut other = csv::WriterBuilder::new().delimiter(delimiter as u8).from_writer(vec![]);
        let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
        table.records().for_each(|it| other.write_record(&it.unwrap()).unwrap());
        String::from_utf8(other.into_inner().unwrap()).unwrap()
    };
    let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{}", cut_by('\t')).encode_utf16().flat_map(bytes).collect()
    };
    for (name, content) in [
        ("packed.csv.gz", packed(&bytes)),
        ("in_two_parts.csv.gz", [packed(one), packed(two)].concat()),
        ("windows.csv", format!("{}\r\n{body}\r\n", rows[0]).into_bytes()),
        ("marked.csv", format!("\u{feff}{}\r\n{body}", rows[0]).into_bytes()),
        ("quoted.csv", format!("\u{feff}{quoted}\r\n{body}").into_bytes()),
        ("semicolons.csv", cut_by(';').into_bytes()),
        ("tabs.txt", cut_by('\t').into_bytes()),
        ("bars.csv", cut_by('|').into_bytes()),
        ("told.csv", format!("sep=;\r\n{}", cut_by(';')).into_bytes()),
        ("old_mac.csv", rows.join("\r").into_bytes()),
        ("packed_without_saying.csv", packed(&bytes)),
        ("plain_though_called.csv.gz", bytes.clone()),
        ("wide.txt", wide(u16::to_le_bytes)),
        ("wide_too.txt", wide(u16::to_be_bytes)),
        ("wide.csv.gz", packed(&wide(u16::to_le_bytes))),
        ("spaced.csv", format!("{}\n{body}", rows[0].replace(',', " , ")).into_bytes()),
    ] {
        let (_, other) = linked(&place, job("umkm", place.file(name, content)));
        assert!(plain == other, "{name}");
    }
}

#[test]
fn rows_without_names_are_numbered_from_one() {
    let place = Place::new();
    let rows = city();
    let unnamed: Vec<&str> = rows.iter().map(|it| it.split_once(',').unwrap().1).collect();
    let mut truth = "record_id,truth\n".to_owned();
    let known = std::fs::read_to_string(data("truth.csv")).unwrap();
    for (row, line) in known.lines().enumerate().skip(1) {
        let mut cells = line.split(',');
        // The truth lists the rows in the order of the list.
        assert!(rows[row].starts_with(&format!("{},", cells.next().unwrap())));
        truth += &format!("{row},{}\n", cells.next().unwrap());
    }
    let (found, clusters) = linked(
        &place,
        Job {
            truth: Some(place.file("truth.csv", truth)),
            ..job("umkm", place.file("unnamed.csv", unnamed.join("\n")))
        },
    );
    assert!((1..rows.len()).all(|it| clusters.contains_key(&it.to_string())));
    assert!(found.pairwise.as_ref().is_some_and(|it| 0.88 <= it.f1), "{found:?}");
}

#[test]
fn rows_can_be_named_by_any_column() {
    let place = Place::new();
    let (_, by_record_id) = linked(&place, job("umkm", data("records.csv")));
    let renamed = city().join("\n").replacen("record_id", "nomor", 1);
    let numbered =
        Job { id_column: Some("nomor".into()), ..job("umkm", place.file("numbered.csv", renamed)) };
    assert!(by_record_id == linked(&place, numbered).1);
}

#[test]
fn rows_shorter_or_longer_than_the_heading_are_read_as_far_as_they_go() {
    let place = Place::new();
    let mut rows = city();
    rows[1] += ",more,cells";
    rows.push("SHORT-1,kominfo,Warung Pendek".into());
    let (found, clusters) = linked(&place, job("umkm", place.file("ragged.csv", rows.join("\n"))));
    assert_eq!(found.records, 960);
    assert!(clusters.contains_key("SHORT-1"));
}

#[test]
fn letters_of_windows_are_read_as_written() {
    let place = Place::new();
    let rows: Vec<String> = city()[..40].iter().map(|it| it.replace("Warung", "Café")).collect();
    let known = linked(&place, job("umkm", place.file("known.csv", rows.join("\n")))).1;
    // Some rows of the list came from an older program.
    let windows = |(number, row): (usize, &String)| match number % 3 {
        0 => row
            .replace('é', "\u{1}")
            .into_bytes()
            .iter()
            .map(|it| if *it == 1 { 0xe9 } else { *it })
            .collect(),
        _ => row.clone().into_bytes(),
    };
    let bytes: Vec<Vec<u8>> = rows.iter().enumerate().map(windows).collect();
    let list = place.file("windows.csv", bytes.join(&b'\n'));
    assert!(known == linked(&place, job("umkm", list)).1);
    let heading = "record_id,source,owner_name,Catatan d\u{e9}sa";
    let latin: Vec<u8> = heading.chars().map(|it| it as u32 as u8).collect();
    let truth = place.file("latin.csv", latin);
    let refused = linkfile::run(&Job { truth: Some(truth.clone()), ..job("umkm", truth) });
    assert!(refused.unwrap_err().to_string().contains("no rows"));
}

#[test]
fn two_lists_are_linked_across_only() {
    let place = Place::new();
    let read = |name: &str| {
        let mut text = String::new();
        let packed = std::fs::File::open(data(name)).unwrap();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed), &mut text)
            .unwrap();
        text
    };
    let (originals, duplicates) = (read("febrl/febrl4a.csv.gz"), read("febrl/febrl4b.csv.gz"));
    // The duplicates of the first half are the second list; those of the other half are in the first list too.
    let number = |row: &str| row.split('-').nth(1).map(str::to_owned);
    let mut first: Vec<String> = originals.lines().take(1_201).map(str::to_owned).collect();
    let (one, other): (BTreeSet<_>, BTreeSet<_>) = (
        first[1..601].iter().map(|it| number(it)).collect(),
        first[601..].iter().map(|it| number(it)).collect(),
    );
    let of = |half: &BTreeSet<Option<String>>| -> Vec<String> {
        let rows = duplicates.lines().skip(1).filter(|it| half.contains(&number(it)));
        rows.map(str::to_owned).collect()
    };
    first.extend(of(&other).iter().map(|it| it.replacen("dup", "copy", 1)));
    let second = [vec![first[0].clone()], of(&one)].concat();
    assert_eq!((first.len(), second.len()), (1_801, 601));
    let a = place.file("a.csv", first.join("\n"));
    let b = place.file("b.csv", second.join("\n"));

    let (within, _) = linked(&place, job("person", a.clone()));
    assert!(within.clusters.abs_diff(1_200) <= 2, "each copy is found within the list: {within:?}");
    let (found, clusters) = linked(&place, Job { b: Some(b), ..job("person", a) });
    assert_eq!(found.records, 2_400);
    let sets = sets(&clusters);
    let across: Vec<_> = sets.iter().filter(|it| 1 < it.len()).collect();
    for set in &across {
        assert!(set.iter().any(|it| it.contains("dup")), "{set:?} is of one list alone");
    }
    assert!(across.len().abs_diff(600) <= 2, "{}", across.len());
}
