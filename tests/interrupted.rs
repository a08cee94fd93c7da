//! Law 2: an import or a link run that is killed anywhere and started again ends in the state of one
//! that was left alone.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tunggal-under-test");
/// Per step, and there are three.
const POINTS: u64 = 20;

/// How a watched command ended.
struct Stopped {
    killed: bool,
    most: u64,
}

/// A data directory of its own with the two lists an agency sent, one after the other.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        Place { directory: tempfile::tempdir().unwrap() }
    }

    /// Another place in the same state.
    fn copy(&self) -> Place {
        let copy = Place::new();
        for name in ["first.csv", "second.csv"] {
            std::fs::copy(self.path().join(name), copy.path().join(name)).unwrap();
        }
        std::fs::create_dir(copy.path().join("data")).unwrap();
        for entry in std::fs::read_dir(self.path().join("data")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path().join("data").join(entry.file_name())).unwrap();
        }
        copy
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(self.path().join("data"))
            .env_remove("DATABASE_URL")
            .env("TUNGGAL_LOG", "off")
            .env("TUNGGAL_IMPORT_BATCH_ROWS", "40")
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&stderr).into_owned();
        assert!(status.success(), "{arguments:?}: {told}");
        String::from_utf8(stdout).unwrap()
    }

    /// Bytes written to the database since its last checkpoint: how far the work has come.
    fn written(&self) -> u64 {
        let log = self.path().join("data/tunggal.sqlite-wal");
        std::fs::metadata(log).map_or(0, |it| it.len())
    }

    /// Runs a command, kills it as soon as it has written `limit` bytes, and tells the most it wrote.
    fn run_until(&self, arguments: &[&str], limit: u64) -> Stopped {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut most = 0;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{arguments:?} failed");
                return Stopped { killed: false, most };
            }
            most = most.max(self.written());
            if limit <= most {
                child.kill().unwrap();
                child.wait().unwrap();
                return Stopped { killed: true, most };
            }
            std::thread::yield_now();
        }
    }

    /// Everything the register holds but for times.
    fn state(&self) -> String {
        let mut state = String::new();
        for table in ["source-records", "enterprises", "links"] {
            let text = self.run(&["export", table]);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let time = reader.headers().unwrap().iter().position(|it| it == "updated_at");
            for row in reader.records().map(Result::unwrap) {
                let cells = row.iter().enumerate().filter(|it| Some(it.0) != time);
                let cells: Vec<&str> = cells.map(|it| it.1).collect();
                state += &cells.join("\u{1f}");
                state.push('\n');
            }
        }
        state
    }
}

/// The first 400 rows of a sample list, and 400 rows of it that overlap by half with some telephones gone.
fn lists(directory: &Path) {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../sample/kominfo.csv");
    let text = std::fs::read_to_string(sample).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(directory.join("first.csv"), lines[..=400].join("\n")).unwrap();
    let mut later = vec![lines[0].to_owned()];
    later.extend(lines[201..=600].iter().map(|it| it.replace(",RT ", ",Rt ")));
    std::fs::write(directory.join("second.csv"), later.join("\n")).unwrap();
}

const STEPS: [&[&str]; 3] = [
    &["ingest", "first.csv", "--agency", "kominfo"],
    &["ingest", "second.csv", "--agency", "kominfo", "--complete"],
    &["link"],
];

/// Kills the step at `index` at [`POINTS`] points spread over what it writes, starts it again, and holds the
/// outcome against that of undisturbed steps.
fn check(index: usize) {
    let ready = Place::new();
    lists(ready.path());
    ready.run(&["migrate"]);
    for step in &STEPS[..index] {
        ready.run(step);
    }
    let undisturbed = ready.copy();
    let most = undisturbed.run_until(STEPS[index], u64::MAX).most;
    for step in &STEPS[index + 1..] {
        undisturbed.run(step);
    }
    let expected = undisturbed.state();
    assert!(400 < expected.lines().count(), "the lists were not imported");

    let mut killed = 0;
    for point in 0..POINTS {
        let place = ready.copy();
        killed += u64::from(place.run_until(STEPS[index], 1 + most * point / POINTS).killed);
        for step in &STEPS[index..] {
            place.run(step);
        }
        assert!(place.state() == expected, "another state after a kill at point {point}");
    }
    assert!(POINTS * 3 / 4 < killed, "only {killed} runs were killed before their end");
}

#[test]
fn a_first_import_killed_anywhere_goes_on() {
    check(0);
}

#[test]
fn a_later_import_killed_anywhere_goes_on() {
    check(1);
}

#[test]
fn a_link_run_killed_anywhere_is_made_again() {
    check(2);
}
