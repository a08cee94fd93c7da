//! Files as an analyst would get them wrong: each mistake is told with its place, and then nothing is loaded.

use chrono::NaiveDate;
use financing::catalogue::{Catalogue, Mark, Problem, RuleKind, SHIPPED};
use financing::fact::Fact;
use financing::value::{Possible, Values};
use financing::verdict::{Assessor, Status};

const READING: &str = "[reading]\nsku_valid_months = 12\nrecent_sales_years = 1\n";

const PAPERS: &str = r#"[[paper]]
id = "npwp"
gives = "has_npwp"
name = { id = "NPWP", en = "Tax number" }
how = { id = "Daftar", en = "Register" }
where = { id = "Kantor", en = "Office" }
cost = { id = "Gratis", en = "Free" }
source = "PP 55/2022"
mark = "verified"
"#;

const RULES: &str = r#"[[rule]]
id = "adult"
kind = "condition"
when = "age >= 21"
met = { id = "Dewasa.", en = "Of age." }
not_met = { id = "Belum dewasa.", en = "Under age." }
unknown = { id = "Umur belum jelas.", en = "Age unclear." }
source = "Bank"
mark = "verified"

[[rule]]
id = "npwp"
kind = "paper"
when = "has_npwp"
papers = ["npwp"]
met = { id = "Ada.", en = "There." }
not_met = { id = "Tidak ada.", en = "Not there." }
unknown = { id = "Belum jelas.", en = "Unclear." }
source = "Bank"
mark = "verified"
"#;

const CITY: &str = r#"[programme]
id = "city"
name = { id = "Dana kota", en = "City fund" }

[[version]]
id = "one"
valid_from = 2025-01-01
valid_to = 2025-12-31
source = "Perda"
mark = "verified"
rules = ["adult"]

[[version.ceiling]]
amount = 5_000_000
source = "Perda"
mark = "verified"

[[version]]
id = "two"
valid_from = 2026-01-01
source = "Perda"
mark = "verified"
rules = ["adult"]

[[version.ceiling]]
amount = 5_000_000
source = "Perda"
mark = "verified"

[[version.ceiling]]
amount = 9_000_000
requires = ["npwp"]
source = "Perda"
mark = "verified"
"#;

fn load(files: &[(&str, &str)]) -> Result<Catalogue, Vec<Problem>> {
    Catalogue::load(files).map_err(|it| it.0)
}

/// The city's files with one text replaced by another in the file where it stands first.
fn with(text: &str, instead: &str) -> Result<Catalogue, Vec<Problem>> {
    let mut files = [
        ("reading.toml", READING.to_owned()),
        ("papers.toml", PAPERS.to_owned()),
        ("rules.toml", RULES.to_owned()),
        ("city.toml", CITY.to_owned()),
    ];
    let file = files.iter_mut().find(|it| it.1.contains(text)).unwrap();
    file.1 = file.1.replacen(text, instead, 1);
    let files: Vec<(&str, &str)> = files.iter().map(|it| (it.0, it.1.as_str())).collect();
    load(&files)
}

fn told(text: &str, instead: &str, expected: &[(&str, &str, usize, usize)]) {
    let problems = with(text, instead).unwrap_err();
    let found: Vec<_> =
        problems.iter().map(|it| (it.code, it.file.as_str(), it.line, it.column)).collect();
    assert_eq!(found, expected, "{problems:#?}");
    assert!(problems.iter().all(|it| !it.text.is_empty() && !it.remedy.is_empty()));
}

#[test]
fn the_city_s_own_programme_is_taken_as_it_is() {
    let catalogue = with("Dana kota", "Dana kota").unwrap();
    let city = catalogue.programme("city").unwrap();
    assert_eq!(city.versions.len(), 2);
    let on = |year, month, day| {
        let in_force = catalogue.on(NaiveDate::from_ymd_opt(year, month, day).unwrap());
        in_force.versions.first().map(|it| it.1.id.clone())
    };
    assert_eq!(on(2024, 12, 31), None);
    assert_eq!(on(2025, 1, 1).as_deref(), Some("one"));
    assert_eq!(on(2025, 12, 31).as_deref(), Some("one"));
    assert_eq!(on(2026, 1, 1).as_deref(), Some("two"));
    assert_eq!(on(2099, 1, 1).as_deref(), Some("two"));
}

#[test]
fn mistakes_in_expressions_are_told_at_their_place_in_the_file() {
    told("age >= 21", "aeg >= 21", &[("UNKNOWN_FACT", "rules.toml", 4, 9)]);
    told("age >= 21", "has_nib && age", &[("WRONG_TYPE", "rules.toml", 4, 20)]);
    told("age >= 21", "age >= 21 &&", &[("RULE_SYNTAX", "rules.toml", 4, 21)]);
    told("age >= 21", "size_class == 'mikro'", &[("UNKNOWN_VALUE", "rules.toml", 4, 23)]);
    told("age >= 21", "age / 0 > 1", &[("DIVISION_BY_ZERO", "rules.toml", 4, 15)]);
    told("age >= 21", "[1].all(x, x < age)", &[("RULE_NOT_ALLOWED", "rules.toml", 4, 16)]);
    told(
        "\"age >= 21\"",
        "\"\"\"\nage >= 21 &&\n  nothing\"\"\"",
        &[("UNKNOWN_FACT", "rules.toml", 6, 3)],
    );
}

#[test]
fn a_paper_may_not_do_harm() {
    told(
        "\"has_npwp\"\npapers",
        "\"!has_npwp\"\npapers",
        &[("PAPER_NEGATED", "rules.toml", 14, 9)],
    );
    told(
        "\"has_npwp\"\npapers",
        "\"(has_npwp ? age : 3) > 5\"\npapers",
        &[("PAPER_NEGATED", "rules.toml", 14, 9)],
    );
}

#[test]
fn references_lead_somewhere() {
    told("[\"adult\"]", "[\"adlut\"]", &[("UNKNOWN_RULE", "city.toml", 11, 10)]);
    told("[\"npwp\"]\nmet", "[\"nwpw\"]\nmet", &[("UNKNOWN_PAPER", "rules.toml", 15, 11)]);
    told(
        "gives = \"has_npwp\"",
        "gives = \"npwp\"",
        &[("UNKNOWN_FACT", "papers.toml", 3, 9), ("PAPER_WITHOUT_EFFECT", "rules.toml", 15, 11)],
    );
    told(
        "gives = \"has_npwp\"",
        "gives = \"age\"",
        &[
            ("WRONG_TYPE", "papers.toml", 3, 9),
            ("PAPER_NEGATED", "rules.toml", 4, 9),
            ("PAPER_WITHOUT_EFFECT", "rules.toml", 15, 11),
        ],
    );
    told(
        "City fund\" }",
        "City fund\" }\nnext = \"town\"",
        &[("UNKNOWN_PROGRAMME", "city.toml", 4, 8)],
    );
    told(
        "City fund\" }",
        "City fund\" }\nnext = \"city\"",
        &[("UNKNOWN_PROGRAMME", "city.toml", 4, 8)],
    );
    told("[\"adult\"]", "[\"adult\", \"adult\"]", &[("DUPLICATE_ID", "city.toml", 11, 19)]);
}

#[test]
fn both_languages_are_there() {
    told(
        "{ id = \"Dewasa.\", en = \"Of age.\" }",
        "{ id = \"Dewasa.\" }",
        &[("SENTENCE_MISSING", "rules.toml", 5, 7)],
    );
    told("en = \"Of age.\"", "en = \"  \"", &[("SENTENCE_MISSING", "rules.toml", 5, 7)]);
    told(
        "unknown = { id = \"Umur belum jelas.\", en = \"Age unclear.\" }\n",
        "",
        &[("SENTENCE_MISSING", "rules.toml", 2, 6)],
    );
    told("source = \"Bank\"", "source = \"\"", &[("SOURCE_MISSING", "rules.toml", 8, 10)]);
}

#[test]
fn no_day_is_left_out_or_taken_twice() {
    told(
        "valid_to = 2025-12-31",
        "valid_to = 2025-12-30",
        &[("VALIDITY_GAP", "city.toml", 20, 14)],
    );
    told(
        "valid_to = 2025-12-31",
        "valid_to = 2026-01-01",
        &[("VALIDITY_OVERLAP", "city.toml", 20, 14)],
    );
    told("valid_to = 2025-12-31\n", "", &[("VALIDITY_OVERLAP", "city.toml", 19, 14)]);
    told(
        "valid_to = 2025-12-31",
        "valid_to = 2024-12-31",
        &[("VALIDITY_REVERSED", "city.toml", 8, 12), ("VALIDITY_GAP", "city.toml", 20, 14)],
    );
    told("2025-01-01", "2025-01-01T10:00:00", &[("DATE_MALFORMED", "city.toml", 7, 14)]);
    let gap = with("valid_to = 2025-12-31", "valid_to = 2025-12-30").unwrap_err();
    assert!(gap[0].remedy.contains("2025-12-31"), "{}", gap[0].remedy);
}

#[test]
fn ids_are_given_once() {
    told(
        "id = \"npwp\"\nkind",
        "id = \"adult\"\nkind",
        &[("DUPLICATE_ID", "rules.toml", 12, 6), ("UNKNOWN_RULE", "city.toml", 32, 13)],
    );
    told("id = \"two\"", "id = \"one\"", &[("DUPLICATE_ID", "city.toml", 19, 6)]);
    told("id = \"city\"", "id = \"Kota Serang\"", &[("ID_MALFORMED", "city.toml", 2, 6)]);
    let files = [
        ("a.toml", READING),
        ("papers.toml", PAPERS),
        ("rules.toml", RULES),
        ("b.toml", CITY),
        ("c.toml", CITY),
    ];
    let problems = load(&files).unwrap_err();
    assert_eq!((problems[0].code, problems[0].file.as_str()), ("DUPLICATE_ID", "c.toml"));
    assert!(problems[0].text.contains("b.toml baris 2"), "{}", problems[0].text);
}

#[test]
fn ceilings_rise_and_the_lowest_asks_for_nothing_more() {
    told("9_000_000", "4_000_000", &[("CEILING_INVALID", "city.toml", 31, 10)]);
    told("5_000_000", "-1", &[("CEILING_INVALID", "city.toml", 14, 10)]);
    told(
        "amount = 5_000_000\n",
        "amount = 5_000_000\nrequires = [\"npwp\"]\n",
        &[("CEILING_INVALID", "city.toml", 15, 13)],
    );
}

#[test]
fn what_is_no_such_file_is_told_where_it_ceases_to_be_one() {
    told("mark = \"verified\"", "mark = \"sure\"", &[("FILE_MALFORMED", "papers.toml", 9, 8)]);
    told("kind = \"condition\"", "sort = \"condition\"", &[("FILE_MALFORMED", "rules.toml", 3, 1)]);
    told("amount = 5_000_000", "amount = \"5 juta\"", &[("FILE_MALFORMED", "city.toml", 14, 10)]);
    told(
        "[[version]]\nid = \"two\"",
        "[[version\nid = \"two\"",
        &[("FILE_MALFORMED", "city.toml", 18, 10)],
    );
    told(READING, "", &[("READING_MISSING", "reading.toml", 1, 1)]);
    told(
        "[programme]\nid = \"city\"\nname = { id = \"Dana kota\", en = \"City fund\" }\n",
        "",
        &[("PROGRAMME_MISSING", "city.toml", 2, 1)],
    );
    let nested = format!("a = {}", "[".repeat(100_000));
    assert_eq!(load(&[("deep.toml", &nested)]).unwrap_err()[0].code, "FILE_MALFORMED");
    let large = "#".repeat(1_000_001);
    assert_eq!(load(&[("large.toml", &large)]).unwrap_err()[0].code, "FILE_TOO_LARGE");
}

#[test]
fn a_condition_that_is_only_assumed_turns_nobody_away() {
    let status = |catalogue: &Catalogue| {
        let on = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let in_force = catalogue.on(on);
        let values = Values::UNKNOWN.with(Fact::Age, Possible::only(19));
        Assessor::new(&in_force).verdicts(&[values])[0].status
    };
    assert_eq!(status(&with("Dana kota", "Dana kota").unwrap()), Status::NotEligible);
    let assumed =
        with("source = \"Bank\"\nmark = \"verified\"", "source = \"Bank\"\nmark = \"assumed\"");
    assert_eq!(status(&assumed.unwrap()), Status::CannotSay);
}

#[test]
fn every_mistake_is_told_at_once() {
    let problems = load(&[
        ("reading.toml", READING),
        ("papers.toml", PAPERS),
        (
            "rules.toml",
            &RULES.replace("age >= 21", "aeg >= 21").replace("en = \"There.\"", "en = \"\""),
        ),
        ("city.toml", &CITY.replace("valid_to = 2025-12-31", "valid_to = 2025-12-01")),
    ])
    .unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["UNKNOWN_FACT", "SENTENCE_MISSING", "VALIDITY_GAP"]);
    assert_eq!(
        problems[0].to_string().split(": ").take(2).collect::<Vec<_>>(),
        ["rules.toml:4:9", "UNKNOWN_FACT"]
    );
}

#[test]
fn the_shipped_files_hold_together() {
    let catalogue = Catalogue::shipped().unwrap();
    assert_eq!(catalogue.programmes().len(), 6);
    let used: Vec<usize> = catalogue
        .programmes()
        .iter()
        .flat_map(|it| it.versions.iter().flat_map(|it| it.every_rule()))
        .collect();
    for (place, rule) in catalogue.rules().iter().enumerate() {
        assert!(used.contains(&place), "no version names {}", rule.id);
        // Nothing unverified turns anybody away.
        assert!(rule.mark == Mark::Verified || rule.kind != RuleKind::Condition, "{}", rule.id);
    }
    assert_eq!(
        SHIPPED.len(),
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/programmes")).unwrap().count()
    );
    assert_eq!(catalogue.fingerprint().len(), 64);
    let mut turned = SHIPPED.to_vec();
    turned.reverse();
    assert_eq!(Catalogue::load(&turned).unwrap().fingerprint(), catalogue.fingerprint());
}

#[test]
fn the_documentation_lists_the_facts_there_are() {
    let text = include_str!("../../docs/financing.md");
    for fact in Fact::ALL {
        let row = format!("| `{}` |", fact.name());
        let row = text.lines().find(|it| it.starts_with(&row));
        let row = row.unwrap_or_else(|| panic!("docs/financing.md has no row for {}", fact.name()));
        assert!(row.contains(fact.meaning()), "{}: {row}", fact.name());
    }
    let rows = text.lines().filter(|it| {
        it.starts_with("| `")
            && it.contains("| bank |") | it.contains("| register |") | it.contains("| calendar |")
    });
    assert_eq!(rows.count(), Fact::COUNT);
}
