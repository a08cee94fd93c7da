//! The published schema keeps the rules that schemas of its kind are held to (npm `@graphql-eslint`).

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::contract::root;
use crate::node::{packages, source};

const PLACE: &str = "rules";

#[test]
fn the_published_schema_keeps_the_rules() {
    let mut node = Command::new("node");
    node.arg(source(PLACE, "lint.mjs")).arg(root().join("schema.graphql")).arg(packages(PLACE));
    let output = node.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(20 < told["rules"].as_u64().unwrap(), "{told}");
    let broken = told["broken"].as_array().unwrap();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What changed from one schema to another.
fn changes(released: &Path, present: &Path) -> Value {
    let mut node = Command::new("node");
    node.arg(source(PLACE, "changes.mjs")).arg(released).arg(present);
    let output = node.arg(packages(PLACE)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// docs/changelog-schema.md says what may change and how. A release puts `schema.graphql` in the place of
/// tests/rules/released.graphql.
#[test]
fn no_consumer_of_the_released_schema_is_broken() {
    let told = changes(&source(PLACE, "released.graphql"), &root().join("schema.graphql"));
    assert!(100 < told["types"].as_u64().unwrap(), "{told}");
    let broken = told["broken"].as_array().unwrap();
    assert!(broken.is_empty(), "these were not deprecated before: {broken:#?}");
    let log = std::fs::read_to_string(root().join("docs/changelog-schema.md")).unwrap();
    for it in told["removed"].as_array().unwrap() {
        let what = it.as_str().unwrap().split_whitespace().nth(1).unwrap();
        let told = log.contains(&format!("`{what}`"));
        assert!(told, "docs/changelog-schema.md does not tell that it went: {it}");
    }
}

#[test]
fn what_would_break_a_consumer_is_found() {
    let released = std::fs::read_to_string(source(PLACE, "released.graphql")).unwrap();
    let edited = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let kept = |text: &str| -> PathBuf {
        let path = std::env::temp_dir().join(format!("{}.graphql", uuid::Uuid::new_v4()));
        std::fs::write(&path, text).unwrap();
        path
    };
    let compared = |before: &str, after: &str| {
        let (before, after) = (kept(before), kept(after));
        let told = changes(&before, &after);
        for path in [before, after] {
            std::fs::remove_file(path).unwrap();
        }
        told
    };
    for (from, to, kind) in [
        ("\tlegalForm: TextAttribute!", "\tlegalShape: TextAttribute!", "FIELD_REMOVED"),
        ("\trecordCount: Int!", "\trecordCount: String!", "FIELD_CHANGED_KIND"),
        ("\tMASKED\n", "\tVEILED\n", "VALUE_REMOVED_FROM_ENUM"),
        ("\tenterprise(\n", "\tenterprise(\n\t\tsure: Boolean!,\n", "REQUIRED_ARG_ADDED"),
    ] {
        let told = compared(&released, &edited(&released, from, to));
        let broken = told["broken"].as_array().unwrap();
        let found = broken.first().and_then(Value::as_str).is_some_and(|it| it.starts_with(kind));
        assert!(broken.len() == 1 && found, "{kind}: {told}");
    }
    // What was deprecated may go.
    let (field, value) = ("\tlegalForm: TextAttribute!", "\tMASKED\n");
    let deprecated = "@deprecated(reason: \"`kind`, from 2027-06-01\")";
    let before = edited(&released, field, &format!("{field} {deprecated}"));
    let before = edited(&before, value, &format!("\tMASKED {deprecated}\n"));
    let after = edited(&released, field, "\tkind: TextAttribute!");
    let told = compared(&before, &edited(&after, value, "\tVEILED\n"));
    assert_eq!(told["broken"], serde_json::json!([]), "{told}");
    assert_eq!(told["removed"].as_array().unwrap().len(), 2, "{told}");
    // More is no harm.
    let more = edited(&released, "\trecordCount: Int!", "\tmore: Int\n\trecordCount: Int!");
    assert_eq!(compared(&released, &more)["broken"], serde_json::json!([]));
}

/// The deprecations of a schema that do not end in the day from which what they are on may be gone.
fn undated(schema: &str) -> Vec<&str> {
    let marks = schema.split("@deprecated").skip(1);
    let dated = |it: &&str| {
        let reason = it.strip_prefix("(reason: \"").and_then(|it| it.split_once("\")"));
        let parted = reason.and_then(|it| it.0.rsplit_once(", from "));
        parted.is_some_and(|it| it.0.contains('`') && it.1.parse::<chrono::NaiveDate>().is_ok())
    };
    // The directive itself is declared where the schema is printed whole.
    marks
        .filter(|it| !it.starts_with("(\n") && !it.starts_with("(reason: String"))
        .filter(|it| !dated(it))
        .collect()
}

/// docs/changelog-schema.md promises what takes its place, the day, and a line of its own.
#[test]
fn what_is_deprecated_says_what_takes_its_place_and_from_which_day_it_may_be_gone() {
    let schema = std::fs::read_to_string(root().join("schema.graphql")).unwrap();
    assert_eq!(undated(&schema), Vec::<&str>::new());
    let field = "\tlegalForm: TextAttribute!";
    assert!(schema.contains(field));
    for (mark, wrong) in [
        ("@deprecated(reason: \"`kind`, from 2027-12-01\")", 0),
        ("@deprecated(reason: \"`kind`\")", 1),
        ("@deprecated(reason: \"`kind`, from next year\")", 1),
        ("@deprecated(reason: \"soon, from 2027-12-01\")", 1),
        ("@deprecated", 1),
    ] {
        let marked = schema.replace(field, &format!("{field} {mark}"));
        assert_eq!(undated(&marked).len(), wrong, "{mark}");
    }
}
