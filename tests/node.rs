//! Programs of Node that tests run beside the hub: their packages, and what they say.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// The longest a program may take to say what a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder of this crate in which the sources of a program are.
pub fn source(place: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(place).join(name)
}

/// Installs the packages of the lock file in `place` below the target directory, once for all tests.
pub fn packages(place: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(place);
    std::fs::create_dir_all(&target).unwrap();
    let lock = std::fs::File::create(target.join("lock")).unwrap();
    lock.lock().unwrap();
    let wanted = std::fs::read(source(place, "package-lock.json")).unwrap();
    let installed = target.join("node_modules/installed");
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        for name in ["package.json", "package-lock.json", ".npmrc"] {
            std::fs::copy(source(place, name), target.join(name)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--prefer-offline"]).current_dir(&target);
        let output = npm.output().expect("Node 20 with npm runs the programs of these tests");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::write(&installed, wanted).unwrap();
    }
    target.join("node_modules")
}

/// A program of `place` beside its packages, with all other files there: they import each other and the packages
/// by name, as they do for whoever starts from them.
pub fn program(place: &str, name: &str) -> PathBuf {
    let target = packages(place).parent().unwrap().to_owned();
    let lock = std::fs::File::create(target.join("lock")).unwrap();
    lock.lock().unwrap();
    copy(&source(place, ""), &target);
    target.join(name)
}

/// Copies what is in `from` and not the same in `to`. Whoever reads a file meanwhile reads the one or the other.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            if ["node_modules", "built", "generated"].iter().all(|it| !path.ends_with(it)) {
                std::fs::create_dir_all(&copied).unwrap();
                copy(&path, &copied);
            }
        } else if std::fs::read(&path).ok() != std::fs::read(&copied).ok() {
            let new = copied.with_extension("new");
            std::fs::copy(&path, &new).unwrap();
            std::fs::rename(&new, &copied).unwrap();
        }
    }
}

/// What a program prints that is given `input` and these arguments.
pub fn output(
    (place, name): (&str, &str),
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: &str,
) -> Result<String, String> {
    let mut node = Command::new("node");
    node.arg(program(place, name)).args(arguments).envs(environment.iter().copied());
    node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = node.spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = process.wait_with_output().unwrap();
    // One that reads nothing may have ended before.
    let _ = writer.join().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A program that serves, running until it is dropped. It prints a line of JSON for whatever happens, and first
/// one with its address.
pub struct Server {
    process: Child,
    pub url: String,
    told: Receiver<Value>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Server {
    /// Starts it on a port that is free.
    pub fn start(
        (place, name): (&str, &str),
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Server {
        let mut node = Command::new("node");
        node.arg(program(place, name)).arg("0").args(arguments);
        node.envs(environment.iter().copied()).stdout(Stdio::piped());
        let mut process = node.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let lines = lines.map_while(Result::ok);
            // Nobody listens any more when the test is over.
            lines.filter_map(|it| serde_json::from_str(&it).ok()).try_for_each(|it| tell.send(it))
        });
        let mut server = Server { process, url: String::new(), told };
        let ready = server.until("ready").pop().unwrap();
        server.url = ready["ready"].as_str().unwrap().to_owned();
        server
    }

    /// What it told until it told `what`, that included.
    pub fn until(&self, what: &str) -> Vec<Value> {
        let mut all = vec![];
        loop {
            let line = self.told.recv_timeout(PATIENCE).expect("the program still runs");
            let last = line.get(what).is_some();
            all.push(line);
            if last {
                return all;
            }
        }
    }

    /// Ends it.
    pub fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
