//! Two lists become clusters at the command line, without a register.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Whether it worked, what it printed, what it complained of.
fn link_file(place: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
    command.arg("link-file").args(arguments).current_dir(place);
    command.env_remove("DATABASE_URL").env("TUNGGAL_LOG", "off");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn data(name: &str) -> String {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.join("../linkage/tests/data").join(name).display().to_string()
}

#[test]
fn one_line_of_json_tells_what_was_found_how_good_it_is_and_what_it_cost() {
    let place = tempfile::tempdir().unwrap();
    let (records, truth) = (data("records.csv"), data("truth.csv"));
    let arguments = [&records, "--truth", &truth, "--out", "clusters.csv", "--report", "json"];
    let (code, out, told) = link_file(place.path(), &arguments);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(out.lines().count(), 1, "{out}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let number = |path: &str| {
        let value = found.pointer(path).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("{path} is not in {found}"))
    };
    assert_eq!(found["command"], "link-file");
    assert_eq!(number("/records"), 959.0);
    assert!(959.0 < number("/candidate_pairs"));
    assert!(0.97 <= number("/candidate_recall"));
    for measure in ["/pairwise", "/b_cubed"] {
        let [precision, recall, f1] =
            ["precision", "recall", "f1"].map(|it| number(&format!("{measure}/{it}")));
        assert!((f1 - 2.0 * precision * recall / (precision + recall)).abs() < 1e-9);
        assert!(0.88 <= f1, "{found}");
    }
    let stages = ["read", "prepare", "block", "train", "score", "cluster", "write", "evaluate"];
    let seconds: Vec<f64> = stages.iter().map(|it| number(&format!("/seconds/{it}"))).collect();
    assert!(seconds.iter().all(|it| 0.0 <= *it));
    let but_measuring: f64 = seconds[..7].iter().sum();
    assert!((but_measuring - number("/seconds/total")).abs() < 1e-6, "{found}");
    assert!(number("/seconds/total") <= number("/wall_seconds") + 0.001);
    assert!(0.0 < number("/cpu_seconds") && 0.0 < number("/peak_memory_mb"));
    let written = std::fs::read_to_string(place.path().join("clusters.csv")).unwrap();
    assert!(written.starts_with("record_id,cluster_id\n"));
    assert_eq!(written.lines().count(), 960);
    // No register was made.
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_person_reads_sentences() {
    let place = tempfile::tempdir().unwrap();
    let (a, b) = (data("febrl/febrl4a.csv.gz"), data("febrl/febrl4b.csv.gz"));
    let truth = data("febrl/febrl4_truth.csv.gz");
    let arguments = [&a, &b, "--settings", "person", "--truth", &truth];
    let (code, out, told) = link_file(place.path(), &arguments);
    assert_eq!(code, Some(0), "{told}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("10000 rows are ") && lines[0].contains(" clusters ("), "{out}");
    assert!(lines[1].starts_with("pairwise: precision ") && lines[1].contains(", F1 "), "{out}");
    assert!(lines[2].starts_with("B-cubed: precision "), "{out}");
    assert_eq!(lines.len(), 3, "{out}");
}

#[test]
fn settings_can_be_a_file_and_a_mistake_in_them_is_told_with_its_place() {
    let place = tempfile::tempdir().unwrap();
    let names = "[[field]]\nname = \"name\"\nkind = \"text\"\nfrom = [\"name\"]\n\n\
                 [block]\nkeys = [\"name.word\"]\nrefine = []\n\n\
                 [[class]]\nname = \"one\"\nsame = true\n\n\
                 [[compare]]\nname = \"name\"\nby = \"text\"\nfield = \"name\"\nanchor = true\n\
                 unrelated = [1.0, 1.0, 1.0, 1.0, 0.99]\n\
                 start = { one = [0.7, 0.1, 0.1, 0.05, 0.05] }\n";
    let list = "record_id,name\n1,Batu Hijau\n2,Batu Hijau\n3,Laut Biru\n";
    std::fs::write(place.path().join("names.toml"), names).unwrap();
    std::fs::write(place.path().join("names.csv"), list).unwrap();
    let arguments = ["names.csv", "--settings", "names.toml", "--report", "json"];
    let (code, out, told) = link_file(place.path(), &arguments);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["records"], 3);

    for (mistaken, wanted) in [
        (names.replace("name.word", "name.syllable"), "\"name.syllable\" is no part of a key"),
        (names.replace("anchor", "ancor"), "line 18"),
    ] {
        std::fs::write(place.path().join("names.toml"), mistaken).unwrap();
        let (code, out, told) = link_file(place.path(), &arguments);
        assert!(code != Some(0) && out.is_empty(), "{out}");
        assert!(told.contains("names.toml") && told.contains(wanted), "{told}");
    }
}

#[test]
fn the_shipped_settings_can_be_printed_and_used_as_a_file() {
    let place = tempfile::tempdir().unwrap();
    let (code, text, told) = link_file(place.path(), &["--print-settings", "umkm"]);
    assert_eq!(code, Some(0), "{told}");
    std::fs::write(place.path().join("own.toml"), text).unwrap();
    let (code, _, told) =
        link_file(place.path(), &[&data("records.csv"), "--settings", "own.toml"]);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn what_cannot_be_done_fails_and_says_why() {
    let place = tempfile::tempdir().unwrap();
    let records = data("records.csv");
    std::fs::write(place.path().join("trees.csv"), "record_id,species\n1,mangga\n").unwrap();
    for (arguments, wanted) in [
        (vec![records.as_str(), "--settings", "umkn"], "umkn"),
        (vec!["--print-settings", "umkn"], "shipped are umkm, person"),
        (vec!["nowhere.csv"], "nowhere.csv"),
        (vec!["trees.csv"], "none of the columns"),
        (vec![], "<A>"),
    ] {
        let (code, out, told) = link_file(place.path(), &arguments);
        assert!(code.is_some_and(|it| it != 0), "{arguments:?}");
        assert!(out.is_empty() && told.contains(wanted), "{arguments:?}: {told}");
    }
}
