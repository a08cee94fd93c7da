//! A register that does not come with the engine: settings alone make it one.

use std::fmt::Write;

use linkage::settings::Settings;
use linkfile::Job;

use crate::{Lot, Place, job, linked};

const BOOKS: &str = r#"
[[field]]
name = "title"
kind = "text"
from = ["title", "subtitle"]

[[field]]
name = "isbn"
kind = "identifier"
from = ["isbn|ean"]

[[field]]
name = "year"
kind = "date"
from = ["year"]

[block]
keys = ["isbn", "isbn/2", "title.pair", "title.word & year"]
refine = ["year"]

[[class]]
name = "one_book"
same = true

# Another volume or edition.
[[class]]
name = "one_work"
rarer_bits = 2.0

[[compare]]
name = "isbn"
by = "number"
field = "isbn"
anchor = true
unrelated = [1.0, 1.0, 1.0]
[compare.start]
"one_book" = [0.90, 0.05, 0.05]
"one_work" = [0.01, 0.04, 0.95]

[[compare]]
name = "title"
by = "text"
field = "title"
unrelated = [1.0, 1.0, 1.0, 1.0, 0.99]
[compare.start]
"*" = [0.70, 0.15, 0.10, 0.04, 0.01]

[[compare]]
name = "year"
by = "began"
field = "year"
unrelated = [0.001, 0.03, 0.001, 0.10, 0.868]
[compare.start]
"one_book" = [0.001, 0.94, 0.001, 0.028, 0.03]
"one_work" = [0.001, 0.10, 0.001, 0.45, 0.448]
"#;

const WORDS: [&str; 32] = [
    "harbour", "lantern", "orchard", "winter", "compass", "velvet", "quarry", "meadow", "thunder",
    "ribbon", "castle", "ember", "falcon", "garden", "hollow", "island", "juniper", "kingdom",
    "ladder", "marble", "needle", "ocean", "pepper", "rocket", "saddle", "timber", "umbrella",
    "valley", "willow", "anchor", "bridge", "copper",
];

/// Three libraries' lists of the same books, some of them new editions of others.
fn libraries() -> (String, String) {
    let (mut lot, mut rows) = (Lot(11), vec![]);
    for book in 0..500 {
        let work = book / 2;
        let mut of_work = Lot(work as u64 * 7_919 + 5);
        let mut title: Vec<&str> = (0..3).map(|_| WORDS[of_work.below(WORDS.len())]).collect();
        let year = 1950 + of_work.below(40) + 15 * (book % 2);
        let isbn = format!("978-{:03}-{:05}-{}", of_work.below(999), 3_571 + book * 137, book % 10);
        for copy in 0..3 {
            let mut typed = title.join(" ");
            let mut number = isbn.clone();
            match copy {
                1 => {
                    typed.remove(2);
                    number = number.replace('-', "");
                }
                2 if lot.below(2) == 0 => number.clear(),
                2 => title.reverse(),
                _ => {}
            }
            rows.push((format!("L{copy}-{book},{typed},{number},{year}"), book));
        }
    }
    lot.shuffle(&mut rows);
    let (mut list, mut truth) =
        ("record_id,title,ean,year\n".to_owned(), "record_id,truth\n".to_owned());
    for (row, book) in rows {
        writeln!(list, "{row}").unwrap();
        writeln!(truth, "{},{book}", row.split(',').next().unwrap()).unwrap();
    }
    (list, truth)
}

#[test]
fn books_are_linked_by_settings_of_their_own() {
    let place = Place::new();
    let (list, truth) = libraries();
    let books = Job {
        settings: Settings::parse(BOOKS).unwrap(),
        truth: Some(place.file("truth.csv", truth)),
        ..job("umkm", place.file("books.csv", list))
    };
    let (found, clusters) = linked(&place, books);
    assert_eq!(found.records, 1_500);
    let pairwise = found.pairwise.as_ref().unwrap();
    assert!(0.98 <= pairwise.precision && 0.97 <= pairwise.f1, "{found:?}");
    assert_eq!(clusters["L0-10"], clusters["L1-10"], "a number with and without hyphens");
    assert_ne!(clusters["L0-10"], clusters["L0-11"], "two editions of one work");
}

#[test]
fn shipped_settings_do_not_read_such_a_list() {
    let place = Place::new();
    let books = place.file("books.csv", libraries().0);
    let error = linkfile::run(&job("umkm", books)).unwrap_err().to_string();
    assert!(error.contains("none of the columns"), "{error}");
}
