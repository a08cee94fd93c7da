//! The arrows between the crates, read from their manifests.

use std::collections::BTreeSet;
use std::path::Path;

/// The crates of the workspace, and those each may depend on.
const ARROWS: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("entity", &[]),
    ("evidence", &[]),
    ("migration", &[]),
    ("linkage", &["domain"]),
    ("linkfile", &["domain", "linkage"]),
    ("ingest", &["domain"]),
    ("financing", &["domain"]),
    ("api", &["domain", "entity", "evidence", "ingest", "linkage", "linkfile", "migration"]),
    ("tests", &["api", "domain", "evidence", "ingest", "linkage"]),
];

/// What the pure crates never touch.
const IMPURE: [&str; 7] =
    ["sea-orm", "sqlx", "tokio", "actix-web", "async-graphql", "reqwest", "sea-orm-migration"];

fn dependencies(name: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = std::fs::read_to_string(root.join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    // What a crate is tested with does not ship; only `tests` has nothing else.
    let sections: &[&str] = if name == "tests" {
        &["dev-dependencies"]
    } else {
        &["dependencies", "build-dependencies"]
    };
    let tables = sections.iter().filter_map(|it| manifest.get(*it)?.as_table());
    tables.flat_map(|it| it.keys().cloned()).collect()
}

#[test]
fn no_arrow_between_crates_but_those_drawn() {
    let all: BTreeSet<&str> = ARROWS.iter().map(|it| it.0).collect();
    for (name, allowed) in ARROWS {
        for dependency in dependencies(name).iter().filter(|it| all.contains(it.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "{name} depends on {dependency}");
        }
    }
}

#[test]
fn every_member_of_the_workspace_has_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let members: BTreeSet<&str> = members.iter().filter_map(|it| it.as_str()).collect();
    assert_eq!(members, ARROWS.iter().map(|it| it.0).collect());
}

#[test]
fn the_pure_crates_touch_neither_database_nor_network() {
    for name in ["domain", "evidence", "financing", "linkage", "linkfile", "ingest"] {
        let used = dependencies(name);
        for crate_name in IMPURE {
            assert!(!used.contains(crate_name), "{name} depends on {crate_name}");
        }
    }
}
