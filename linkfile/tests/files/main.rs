//! Files in, clusters out: through [`linkfile::run`], on lists whose truth is known.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod another_register;
mod forms;
mod quality;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use linkage::settings::Settings;
use linkfile::{Job, Report};
use tempfile::TempDir;

/// The labelled lists beside the engine's tests.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../linkage/tests/data").join(name)
}

/// The rows of the small city, heading first.
fn city() -> Vec<String> {
    std::fs::read_to_string(data("records.csv")).unwrap().lines().map(str::to_owned).collect()
}

/// A directory that is gone after the test.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }
}

/// One list under shipped settings, rows named by `record_id`.
fn job(settings: &str, a: PathBuf) -> Job {
    Job {
        settings: Settings::shipped(settings).unwrap(),
        a,
        b: None,
        out: None,
        truth: None,
        id_column: None,
    }
}

/// Links and reads what was written: the cluster of each row, no row twice.
fn linked(place: &Place, mut job: Job) -> (Report, BTreeMap<String, String>) {
    let out = place.path("clusters.csv");
    job.out = Some(out.clone());
    let report = linkfile::run(&job).unwrap();
    let mut table = csv::Reader::from_path(out).unwrap();
    let heading = ["record_id", "cluster_id", "file"];
    assert_eq!(table.headers().unwrap(), heading[..if job.b.is_some() { 3 } else { 2 }].to_vec());
    let mut clusters = BTreeMap::new();
    for line in table.records().map(Result::unwrap) {
        let before = clusters.insert(line[0].to_owned(), line[1].to_owned());
        assert_eq!(before, None, "{} is written twice", &line[0]);
    }
    assert_eq!(clusters.len(), report.records);
    assert_eq!(sets(&clusters).len(), report.clusters);
    (report, clusters)
}

/// The clusters, whatever they are called.
fn sets(clusters: &BTreeMap<String, String>) -> BTreeSet<BTreeSet<&str>> {
    let mut sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (row, cluster) in clusters {
        sets.entry(cluster).or_default().insert(row);
    }
    sets.into_values().collect()
}

/// Numbers that are the same in every run of the tests.
struct Lot(u64);

impl Lot {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) as usize % end
    }

    fn shuffle<T>(&mut self, of: &mut [T]) {
        for index in (1..of.len()).rev() {
            of.swap(index, self.below(index + 1));
        }
    }
}
