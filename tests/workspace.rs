//! The arrows between the crates, read from their manifests.

use std::collections::BTreeSet;
use std::path::Path;

/// The crates of the workspace, and those each may depend on.
const ARROWS: [(&str, &[&str]); 12] = [
    ("disclosure", &[]),
    ("domain", &[]),
    ("entity", &[]),
    ("evidence", &[]),
    ("migration", &[]),
    ("tabular", &[]),
    ("linkage", &["domain"]),
    ("linkfile", &["domain", "linkage"]),
    ("ingest", &["domain"]),
    ("financing", &["domain"]),
    (
        "api",
        &[
            "disclosure",
            "domain",
            "entity",
            "evidence",
            "financing",
            "ingest",
            "linkage",
            "linkfile",
            "migration",
            "tabular",
        ],
    ),
    ("tests", &["api", "domain", "evidence", "financing", "ingest", "linkage", "tabular"]),
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
    for name in [
        "disclosure",
        "domain",
        "evidence",
        "financing",
        "linkage",
        "linkfile",
        "ingest",
        "tabular",
    ] {
        let used = dependencies(name);
        for crate_name in IMPURE {
            assert!(!used.contains(crate_name), "{name} depends on {crate_name}");
        }
    }
}

/// What npm brings in is as permissive as what cargo does (deny.toml), and known by its digest.
#[test]
fn what_the_page_is_built_of_is_permissive_and_known_by_its_digest() {
    // CC-BY-4.0 is of a list of browsers, not of a program.
    const ALLOWED: [&str; 11] = [
        "(MIT OR Apache-2.0)",
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BlueOak-1.0.0",
        "CC-BY-4.0",
        "ISC",
        "MIT",
        "PSF-2.0",
        "Python-2.0",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (place, least) in [
        ("api/graphiql", 20),
        ("tests/provider", 20),
        ("tests/clients", 5),
        ("tests/rules", 20),
        ("tests/federation", 50),
        ("tests/composition", 20),
        ("tests/typescript", 50),
    ] {
        let text = std::fs::read_to_string(root.join(place).join("package-lock.json")).unwrap();
        let lock: serde_json::Value = serde_json::from_str(&text).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(least < packages.len(), "{place}");
        for (name, package) in packages.iter().filter(|it| !it.0.is_empty()) {
            let licence = package["license"].as_str().unwrap_or_default();
            // Apollo's composition is under a licence that forbids offering it as a service. It is a measure
            // that the tests hold the schema to, and no part of the program.
            let measure = place == "tests/composition" && name.contains("/@apollo/");
            let allowed = ALLOWED.contains(&licence) || (measure && licence == "Elastic-2.0");
            assert!(allowed, "{place}: {name} is under {licence:?}");
            let digest = package["integrity"].as_str().unwrap_or_default();
            assert!(digest.starts_with("sha512-"), "{place}: {name} has no digest");
        }
    }
}

/// A document that names a test promises that it is there.
#[test]
fn every_test_that_a_document_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = vec![];
    let places = [
        "tests",
        "api/src",
        "disclosure",
        "domain/src",
        "evidence",
        "ingest",
        "linkage",
        "linkfile",
    ];
    for place in places {
        rust_files(&root.join(place), &mut sources);
    }
    let functions: BTreeSet<(String, String)> = sources
        .iter()
        .flat_map(|path| {
            let module = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(path).unwrap();
            let names: Vec<String> = text.split("fn ").skip(1).filter_map(name).collect();
            names.into_iter().map(move |it| (module.clone(), it))
        })
        .collect();
    let mut named = 0;
    let mut missing = vec![];
    for document in [
        "security",
        "evidence",
        "identity",
        "privacy",
        "rights",
        "at-rest",
        "front-door",
        "integrating",
    ] {
        let document = format!("docs/{document}.md");
        let text = std::fs::read_to_string(root.join(&document)).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let exists = if word.ends_with(".rs") && !word.contains(' ') {
                root.join(word).is_file()
            } else if let Some((module, test)) = sentence(word) {
                let of = |it: &&(String, String)| module.is_none_or(|name| it.0 == name);
                functions.iter().filter(of).any(|it| it.1 == test)
            } else {
                continue;
            };
            named += 1;
            if !exists {
                missing.push(format!("{document}: {word}"));
            }
        }
    }
    assert!(40 < named, "only {named} names were found");
    assert!(missing.is_empty(), "named, but not there:\n{}", missing.join("\n"));
}

fn rust_files(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The name at the beginning of a text, where a function is declared.
fn name(text: &str) -> Option<String> {
    let end = text.find(|it: char| !it.is_ascii_alphanumeric() && it != '_')?;
    text[end..].starts_with(['(', '<']).then(|| text[..end].to_owned())
}

/// Module and name of a test: tests are named by sentences, of five words or more.
fn sentence(word: &str) -> Option<(Option<&str>, &str)> {
    let (module, test) = match word.rsplit_once("::") {
        Some((module, test)) => (module.rsplit("::").next(), test),
        None => (None, word),
    };
    let plain = test.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
    (plain && 4 <= test.matches('_').count()).then_some((module, test))
}
