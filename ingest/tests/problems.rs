//! `docs/problems.md` lists every problem and every refusal, `docs/mapping.md` every field, as they are.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail the test")]

use std::path::Path;

use domain::record::Field;
use ingest::plan::{Mapping, field_name};
use ingest::problem::{Lang, ProblemCode};
use ingest::refusal::RefusalCode;

fn expected() -> String {
    let mut text = String::from(
        "# What can be wrong with a file\n\n\
         Two lists the senders of files meet. The codes are stable: programs may rely on them.\n\
         No message ever holds a value from the file.\n\n\
         ## Problems of rows and cells\n\n\
         A row with an *error* is not taken. With a *warning* it is taken and the value in question is \
         not relied on. A *note* asks for nothing.\n\n\
         | Code | Severity | Message and remedy (Indonesian) | Message and remedy (English) |\n\
         |---|---|---|---|\n",
    );
    for &code in ProblemCode::ALL {
        let both = |lang| format!("{}. *{}.*", code.message(lang), code.remedy(lang));
        let (id, en) = (both(Lang::Indonesian), both(Lang::English));
        text += &format!("| `{}` | {} | {id} | {en} |\n", code.as_str(), code.severity().code());
    }
    text += "\n## Files that are not taken\n\n\
             | Code | Message and remedy (Indonesian) | Message and remedy (English) |\n|---|---|---|\n";
    for &code in RefusalCode::ALL {
        let both = |lang| format!("{}. *{}.*", code.message(lang), code.remedy(lang));
        let (id, en) = (both(Lang::Indonesian), both(Lang::English));
        text += &format!("| `{}` | {id} | {en} |\n", code.as_str());
    }
    text
}

const EXAMPLE: &str = r#"{
  "Nama Pemilik / NIK": "owner_name+nik",
  "Merek": "business_name",
  "Paraf": "ignore"
}"#;

fn mapping() -> String {
    let toml = EXAMPLE.trim_matches(['{', '}', '\n']).replace("\": ", "\" = ").replace(",\n", "\n");
    let toml: Vec<&str> = toml.lines().map(str::trim).collect();
    let mut text = format!(
        "# Saying what columns mean\n\n\
         When a file asks what a column means, a mapping answers: a table from heading to field code, as \
         TOML or JSON. Two codes joined by `+` are two values in one cell; `ignore` passes a column over. \
         Headings match whatever their case and signs; a heading of two rows is written \
         `PEMILIK / NAMA`; a list without headings has the letters of its columns. A heading that the \
         file does not have is told as `MAPPING_HEADING_NOT_FOUND` when the question stays open.\n\n\
         ```toml\n{}\n```\n\n```json\n{EXAMPLE}\n```\n\n\
         ## Field codes\n\n| Code | Indonesian | English |\n|---|---|---|\n",
        toml.join("\n")
    );
    for &field in Field::ALL {
        let name = |lang| field_name(field, lang);
        let (id, en) = (name(Lang::Indonesian), name(Lang::English));
        text += &format!("| `{}` | {id} | {en} |\n", field.code());
    }
    text
}

/// Compares a file of `docs/` with what it must say.
fn check(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(file);
    let written = std::fs::read_to_string(&path).unwrap();
    let differs = wanted.lines().zip(written.lines()).find(|it| it.0 != it.1);
    assert_eq!(differs, None, "docs/{file} is stale");
    assert_eq!(wanted, written);
}

#[test]
fn the_list_of_problems_is_up_to_date() {
    check("problems.md", &expected());
}

#[test]
fn the_list_of_field_codes_is_up_to_date_and_its_example_is_a_mapping() {
    check("mapping.md", &mapping());
    let example: Mapping = serde_json::from_str(EXAMPLE).unwrap();
    assert_eq!(example.unknown_codes(), [""; 0]);
    assert_eq!(example.columns.len(), 3);
}
