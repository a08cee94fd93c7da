//! The published schema keeps the rules that schemas of its kind are held to (npm `@graphql-eslint`).

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
