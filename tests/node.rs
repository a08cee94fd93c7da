//! Programs of Node that tests run beside the hub: their packages, and what they say.

use std::path::{Path, PathBuf};
use std::process::Command;

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
