//! Lists nobody should send: time stays linear, no cluster grows without bound, no row is lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use linkage::settings::Settings;
use linkfile::{Job, LinkFileError, Report, run};

const HEADING: &str = "record_id,source,business_name,owner_name,nik,phone,street,rt_rw,kelurahan,\
                       kecamatan,updated_at";

/// What one row says, column by column; what is left empty is not known.
#[derive(Default)]
struct Row {
    business: String,
    owner: String,
    nik: String,
    phone: String,
    street: String,
    rt_rw: String,
    kelurahan: String,
}

impl Row {
    fn line(&self, number: usize) -> String {
        let Row { business, owner, nik, phone, street, rt_rw, kelurahan } = self;
        format!(
            "R{number:06},kominfo,{business},{owner},{nik},{phone},{street},{rt_rw},{kelurahan},\
             Kasemen,2025-03-25"
        )
    }
}

/// The same numbers every time.
struct Lot(u64);

impl Lot {
    fn draw(&mut self, of: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)) >> 33) as usize % of
    }

    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 24] = [
            "ba", "bi", "bu", "da", "di", "ka", "ku", "la", "li", "lu", "ma", "mi", "mu", "na",
            "ni", "pa", "ra", "ri", "ru", "sa", "su", "ta", "ti", "wa",
        ];
        (0..3).map(|_| SYLLABLES[self.draw(SYLLABLES.len())]).collect()
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    /// An ordinary row of an enterprise like no other.
    fn row(&mut self) -> Row {
        const KELURAHAN: [&str; 5] =
            ["Terumbu", "Sawahluhur", "Kasemen", "Margaluyu", "Warung Jaud"];
        Row {
            business: self.words(2),
            owner: self.words(2),
            nik: String::new(),
            phone: format!("08{:010}", self.draw(1 << 30) as u64 * 9),
            street: format!("Jl. {}", self.word()),
            rt_rw: format!("{:03}/{:03}", 1 + self.draw(9), 1 + self.draw(20)),
            kelurahan: KELURAHAN[self.draw(KELURAHAN.len())].to_owned(),
        }
    }
}

fn list(rows: usize, of: &dyn Fn(&mut Lot) -> Row) -> String {
    let mut lot = Lot(7);
    let mut text = HEADING.to_owned();
    for number in 0..rows {
        text += "\n";
        text += &of(&mut lot).line(number);
    }
    text
}

/// The clusters of a list, and the report.
fn linked(list: &[u8]) -> Result<(BTreeMap<String, Vec<String>>, Report), LinkFileError> {
    let place = tempfile::tempdir().unwrap();
    let (a, out) = (place.path().join("list.csv"), place.path().join("clusters.csv"));
    fs::write(&a, list).unwrap();
    let job = Job {
        settings: Settings::umkm(),
        a,
        b: None,
        out: Some(out.clone()),
        truth: None,
        id_column: None,
    };
    let report = run(&job)?;
    Ok((clusters(&out), report))
}

fn clusters(out: &Path) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in fs::read_to_string(out).unwrap().lines().skip(1) {
        let (record, cluster) = line.rsplit_once(',').unwrap();
        found.entry(cluster.to_owned()).or_default().push(record.to_owned());
    }
    found
}

/// Links 1,000 and 4,000 such rows; the largest cluster of either holds at most `largest`.
fn check(largest: usize, of: &dyn Fn(&mut Lot) -> Row) {
    let per_record = [1_000, 4_000].map(|rows| {
        let (clusters, report) = linked(list(rows, of).as_bytes()).unwrap();
        let told: Vec<&String> = clusters.values().flatten().collect();
        assert_eq!((told.len(), report.records), (rows, rows), "every row is written once");
        assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), rows, "and in one cluster");
        assert_eq!(report.clusters, clusters.len());
        let found = clusters.values().map(Vec::len).max().unwrap();
        assert!(found <= largest, "a cluster of {found} rows");
        report.candidate_pairs as f64 / rows as f64
    });
    let [few, many] = per_record;
    assert!(many <= 2.0 * few.max(5.0), "pairs per record grew from {few} to {many}");
}

#[test]
fn rows_with_nothing_but_a_name() {
    check(4, &|lot| Row { business: lot.words(2), ..Row::default() });
    check(4, &|lot| Row { owner: lot.words(2), ..Row::default() });
}

#[test]
fn one_phone_in_every_row() {
    check(2, &|lot| Row { phone: "081234509876".to_owned(), ..lot.row() });
}

#[test]
fn one_nik_in_every_row() {
    for nik in ["3673000000000000", "3673014405850002"] {
        check(2, &|lot| Row { nik: nik.to_owned(), ..lot.row() });
    }
}

#[test]
fn thousands_of_warung_berkah() {
    let berkah = || "Warung Berkah".to_owned();
    check(2, &|lot| Row { business: berkah(), ..lot.row() });
    check(2, &|lot| Row { business: berkah(), owner: String::new(), ..lot.row() });
    check(2, &|lot| Row { business: berkah(), owner: "Siti".to_owned(), ..lot.row() });
}

#[test]
fn one_street_and_rt() {
    check(2, &|lot| Row {
        street: "Jl. Raya Pandeglang KM 4".to_owned(),
        rt_rw: "003/004".to_owned(),
        kelurahan: "Sawahluhur".to_owned(),
        ..lot.row()
    });
}

#[test]
fn every_field_missing() {
    check(1, &|_| Row::default());
}

#[test]
fn nothing_but_signs() {
    check(1, &|lot| Row {
        business: "\u{1f600}".repeat(1 + lot.draw(7)),
        owner: "\u{202e}\u{200f}\u{7}".to_owned(),
        ..Row::default()
    });
}

#[test]
fn names_of_many_words_and_of_ten_thousand_bytes() {
    let mut lot = Lot(7);
    let mut text = HEADING.to_owned();
    for number in 0..60 {
        let mut row = lot.row();
        match number % 3 {
            0 => (row.business, row.owner) = (lot.words(200), lot.words(200)),
            1 => row.business = "A".repeat(10_000),
            _ => row.owner = lot.words(1_400),
        }
        text += "\n";
        text += &row.line(number);
    }
    let (clusters, report) = linked(text.as_bytes()).unwrap();
    assert_eq!(clusters.values().flatten().count(), 60);
    assert_eq!(report.records, 60);
    assert!(clusters.values().all(|it| it.len() < 3));
}

#[test]
fn nul_and_control_characters_are_not_the_end_of_a_row() {
    let mut lot = Lot(7);
    let mut text = HEADING.to_owned();
    for number in 0..60 {
        let mut row = lot.row();
        row.owner.insert(number % 5, '\0');
        row.business.insert_str(number % 5, "\u{1b}[31m");
        row.street.push_str("\u{202e}\u{8}");
        text += "\n";
        text += &row.line(number);
    }
    let (clusters, report) = linked(text.as_bytes()).unwrap();
    assert_eq!((clusters.len(), report.records), (60, 60));
}

#[test]
fn a_list_of_one_row_is_one_enterprise() {
    let (clusters, report) = linked(list(1, &|lot| lot.row()).as_bytes()).unwrap();
    assert_eq!((clusters.len(), report.records, report.candidate_pairs), (1, 1, 0));
}

/// Linking is refused with all of these words.
fn refused(list: &str, wanted: &[&str]) {
    let refused = linked(list.as_bytes()).unwrap_err().to_string();
    for part in wanted.iter().chain(&["list.csv"]) {
        assert!(refused.contains(part), "{refused:?} lacks {part:?}");
    }
}

#[test]
fn no_list_is_refused_with_what_would_be_right() {
    refused("", &["no headings", "empty"]);
    refused("\u{feff}\n", &["no headings"]);
    refused(HEADING, &["headings but no rows"]);
    refused("merek,harga\nBerkah,10", &["has merek, harga;", "read owner_name, business_name"]);
    refused("PK\x03\x04\0\0xl/workbook.xml", &["workbook", "save its sheet as CSV"]);
    refused("\u{1}\0\0record_id\nx", &["no text"]);
    refused("record_id,nik\nA,1\n,2\nB,3\n,4", &["row 3 has no record_id", "--id"]);
}

#[test]
fn an_unclosed_quote_is_told_with_its_line_and_swallows_nothing() {
    let rows = |marked: &str| {
        let mut lines: Vec<String> =
            list(60, &|lot| lot.row()).lines().map(str::to_owned).collect();
        lines[20] = lines[20].replacen("kominfo,", marked, 1);
        lines
    };
    let line_21 = ["line 21:", "quotation mark", "close it"];
    refused(&rows("kominfo,\"").join("\n"), &line_21);
    // The next rows have quoted cells, at which the swallowed one seems to end.
    for (closing, at) in [("kominfo,\"Warung\" ", 21), ("kominfo\",", 23), ("kominfo,\"\"", 24)] {
        let mut lines = rows("kominfo,\"");
        lines[at] = lines[at].replacen("kominfo,", closing, 1);
        refused(&lines.join("\n"), &line_21);
    }
    let mut lines = rows("kominfo,");
    *lines.last_mut().unwrap() += ",\"more";
    refused(&lines.join("\n"), &["line 61:"]);
    // A mark amid a cell is a letter, and a cell may have lines of its own.
    let lines = rows("kominfo,Warung \"Ani");
    assert_eq!(linked(lines.join("\n").as_bytes()).unwrap().1.records, 60);
    let lines = rows("\"komin\nfo\",");
    let (_, report) = linked(lines.join("\n").as_bytes()).unwrap();
    assert_eq!((report.records, report.ragged_rows), (60, 0));
}

/// The small city and some rows more, of which each is told by `copy` and its number.
fn city_and(copies: &[String]) -> String {
    let city = include_str!("../../linkage/tests/data/records.csv").trim_end().to_owned();
    let copies = copies.iter().enumerate().map(|(number, row)| format!("\nCOPY-{number},{row}"));
    city + &copies.collect::<String>()
}

/// How many of the rows added to the city are in each cluster that has any.
fn of_copies(clusters: &BTreeMap<String, Vec<String>>) -> Vec<usize> {
    let copies = |it: &Vec<String>| it.iter().filter(|it| it.starts_with("COPY-")).count();
    clusters.values().map(copies).filter(|it| 0 < *it).collect()
}

#[test]
fn many_copies_of_one_full_row_are_one_enterprise() {
    let city = city_and(&[]);
    let full = city.lines().max_by_key(|it| it.split(',').filter(|it| !it.is_empty()).count());
    let copy = full.unwrap().split_once(',').unwrap().1.to_owned();
    for count in [13, 50] {
        let (clusters, report) = linked(city_and(&vec![copy.clone(); count]).as_bytes()).unwrap();
        assert_eq!(report.records, 959 + count);
        assert_eq!(of_copies(&clusters), [count], "{copy}");
    }
}

#[test]
fn thousands_of_rows_that_say_warung_berkah_and_no_more_stay_apart() {
    let heading = city_and(&[]).lines().next().unwrap().to_owned();
    let at = heading.split(',').skip(1).position(|it| it == "business_name").unwrap();
    let cells = heading.split(',').skip(1).enumerate();
    let cells = cells.map(|(place, _)| if place == at { "Warung Berkah" } else { "" });
    let row = cells.collect::<Vec<_>>().join(",");
    let (_, alone) = linked(city_and(&[]).as_bytes()).unwrap();
    let (clusters, report) = linked(city_and(&vec![row; 10_000]).as_bytes()).unwrap();
    assert!(of_copies(&clusters).iter().all(|it| *it == 1));
    assert!(report.candidate_pairs < 3 * alone.candidate_pairs, "{}", report.candidate_pairs);
}
