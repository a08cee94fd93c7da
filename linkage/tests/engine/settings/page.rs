//! `docs/settings.md` says of kinds, parts of keys, comparators and levels what the engine does.

use std::fmt::Write;
use std::path::Path;

use linkage::compare::Comparator;
use linkage::settings::{
    BlockSettings, ClassSettings, ComparisonSettings, FieldSettings, Kind, Settings,
};
use serde::de::DeserializeOwned;

/// What a kind reads, column by column.
fn read_from(kind: Kind) -> &'static str {
    match kind {
        Kind::PersonName => "a person's name, in one or several columns",
        Kind::BusinessName => "business name; owner's name",
        Kind::Nik => "NIK; NPWP, which may be a NIK",
        Kind::Nib => "NIB",
        Kind::Npwp => "NPWP that is no NIK",
        Kind::Identifier => "any number or code, letters allowed",
        Kind::Phone => "telephone numbers, two at most",
        Kind::Email => "e-mail address",
        Kind::Trade => "trade in words; KBLI code; business name",
        Kind::Street => "street, number and block; RT and RW together; RT; RW",
        Kind::Place => "kelurahan; kecamatan; street; kecamatan whose office wrote the row",
        Kind::Date => "day, month or year; the day the row was written, after which nothing began",
        Kind::Amount => "amount a year; amount a month",
        Kind::Count => "count; two that add up to it, in two columns",
        Kind::Category => "a value of a list",
        Kind::Text => "words, in one or several columns",
    }
}

/// Every value of an enumeration, by the names that its reader says it knows.
fn all<T: DeserializeOwned>() -> Vec<(String, T)> {
    let refusal = serde_json::from_str::<T>("\"?\"").err().unwrap().to_string();
    let (_, known) = refusal.split_once("expected one of").unwrap();
    let names = known.split('`').skip(1).step_by(2);
    names.map(|it| (it.to_owned(), serde_json::from_str(&format!("\"{it}\"")).unwrap())).collect()
}

/// Settings with one field of this kind, one part of a key and one comparison.
fn one(kind: Kind, part: &str, by: Comparator) -> Settings {
    let shares = vec![0.5; by.levels().len() - 1];
    Settings {
        field: vec![FieldSettings { name: "it".into(), kind, from: vec!["it".into()] }],
        block: BlockSettings { keys: vec![format!("it{part}")], refine: vec![] },
        class: vec![ClassSettings {
            name: "one".into(),
            same: true,
            person: false,
            rarer_bits: 0.0,
        }],
        compare: vec![ComparisonSettings {
            name: "it".into(),
            by,
            field: "it".into(),
            anchor: true,
            only_if: None,
            start: [("*".to_owned(), shares.clone())].into(),
            unrelated: shares,
        }],
        ..Settings::umkm()
    }
}

/// What can stand behind a field's name in a key.
const PARTS: [(&str, &str); 14] = [
    ("", "the whole value"),
    ("/4", "a number without its last four digits; any count of digits"),
    ("%7", "the last seven digits of a number; any count of digits"),
    (".word", "each word"),
    (".sound", "the consonants of each word"),
    (".pair", "each two words, in any order"),
    (".only", "the word, where there is only one"),
    (".start", "the first seven letters, words run together"),
    (".name", "what stands before the @"),
    (".kind", "each kind of trade, up to three"),
    (".number", "house number and block together"),
    (".rt_rw", "RT and RW together"),
    (".kelurahan", "the kelurahan"),
    (".kecamatan", "the kecamatan"),
];
const PARTS_OF_DATES: [(&str, &str); 2] = [(".month", "year and month"), (".year", "the year")];

fn parts() -> impl Iterator<Item = (&'static str, &'static str)> {
    PARTS.into_iter().chain(PARTS_OF_DATES)
}

fn kinds() -> String {
    let mut text =
        String::from("| Kind | Columns | Parts of keys | Comparators |\n|---|---|---|---|\n");
    let comparators = all::<Comparator>();
    for (name, kind) in all::<Kind>() {
        let suits: Vec<&(String, Comparator)> =
            comparators.iter().filter(|it| suits(kind, it.1)).collect();
        let in_key = |part: &&str| one(kind, part, suits[0].1).check().is_ok();
        let keys: Vec<String> = parts()
            .map(|it| it.0)
            .filter(in_key)
            .map(|it| if it.is_empty() { "whole".into() } else { format!("`{it}`") })
            .collect();
        let keys = if keys.is_empty() { "none".into() } else { keys.join(" ") };
        let by: Vec<String> = suits.iter().map(|it| format!("`{}`", it.0)).collect();
        writeln!(text, "| `{name}` | {} | {keys} | {} |", read_from(kind), by.join(" ")).unwrap();
    }
    text
}

/// Whether a field of this kind can be compared so, by what the engine refuses.
fn suits(kind: Kind, by: Comparator) -> bool {
    let keyless =
        Settings { block: BlockSettings { keys: vec![], refine: vec![] }, ..one(kind, "", by) };
    match keyless.check() {
        Ok(()) => true,
        Err(refusal) => {
            assert!(refusal.0.contains("cannot be compared so"), "{refusal}");
            false
        }
    }
}

fn keys() -> String {
    let mut text = String::from("| Part | What two rows share |\n|---|---|\n");
    for (part, meaning) in parts() {
        let part =
            if part.is_empty() { "the field's name alone".into() } else { format!("`{part}`") };
        writeln!(text, "| {part} | {meaning} |").unwrap();
    }
    text
}

/// What a comparator looks at.
fn meaning(by: Comparator) -> &'static str {
    match by {
        Comparator::Number => "the digits of a number or code",
        Comparator::Nik => "a NIK, of which the first twelve digits are region, birthday and sex",
        Comparator::KnownDigits => "the digits a spreadsheet left of one NIK against the other",
        Comparator::Phone => "telephone numbers, the best of all",
        Comparator::Email => "e-mail addresses",
        Comparator::PersonName => "words of a person's name",
        Comparator::Brand => "distinctive words of a business name",
        Comparator::BrandOfOwner => "the same where the owners agree: the owner's name is no brand",
        Comparator::Named => "whether either business has a name",
        Comparator::NameTrade => "trade words of the business name",
        Comparator::Sector => "trades in the senders' words, by what was learned of them",
        Comparator::Code => "KBLI codes",
        Comparator::Street => "street, block and number",
        Comparator::RtRw => "RT and RW",
        Comparator::Place => "kelurahan and kecamatan",
        Comparator::Began => "when something began, to the day or to the year",
        Comparator::Day => "a whole date",
        Comparator::Magnitude => "amounts or counts",
        Comparator::Category => "values as wholes",
        Comparator::Text => "words of a text",
    }
}

fn comparators() -> String {
    let mut text = String::from("| Comparator | Of | Levels |\n|---|---|---|\n");
    for (name, by) in all::<Comparator>() {
        assert_eq!(by.levels()[0], "missing");
        let levels: Vec<String> = by.levels()[1..].iter().map(|it| format!("`{it}`")).collect();
        writeln!(text, "| `{name}` | {} | {} |", meaning(by), levels.join(", ")).unwrap();
    }
    text
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_tables_of_the_page_on_settings_are_up_to_date() {
    let page = page();
    for table in [kinds(), keys(), comparators()] {
        let stale = table.lines().find(|it| !page.lines().any(|of| of == *it));
        assert_eq!(stale, None, "docs/settings.md is stale; the table is\n{table}");
        assert!(
            page.contains(&format!("\n\n{table}\n")),
            "docs/settings.md has more than\n{table}"
        );
    }
}

#[test]
fn the_example_of_the_page_is_settings() {
    let page = page();
    let mut examples = page.split("```toml\n").skip(1).map(|it| it.split("```").next().unwrap());
    let settings = Settings::parse(examples.next().unwrap()).unwrap();
    assert_eq!(settings.compare.len(), 3);
    assert!(examples.all(|it| it.parse::<toml::Table>().is_ok()));
}

#[test]
fn the_numbers_of_the_page_are_those_of_the_engine() {
    // Of settings that leave every number out, and of all that there are.
    let page = page();
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let settings = serde_json::to_value(Settings::parse(example).unwrap()).unwrap();
    for (name, value) in settings.as_object().unwrap() {
        if value.is_number() {
            let entry = format!("\n| `{name}` | {value} | ");
            assert!(page.contains(&entry), "docs/settings.md lacks {entry:?}");
        }
    }
}
