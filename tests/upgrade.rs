//! An older program leaves a newer register alone and says so.

use std::process::{Command, Stdio};

use sea_orm::{ConnectionTrait, Database};

fn migrate(directory: &std::path::Path) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"))
        .args(["migrate", "--data-dir"])
        .arg(directory)
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn an_older_program_refuses_a_newer_register() {
    let directory = tempfile::tempdir().unwrap();
    assert!(migrate(directory.path()).0);
    assert!(migrate(directory.path()).0, "a second start finds the tables up to date");

    let file = directory.path().join("tunggal.sqlite");
    let register = Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    let change = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)";
    register.execute_unprepared(change).await.unwrap();
    register.close().await.unwrap();

    let (done, told) = migrate(directory.path());
    assert!(!done);
    assert!(told.contains("newer version of Tunggal"), "{told}");
    assert!(told.contains("m9999_future"), "{told}");
}

/// A register does not go on without the evidence of who read it.
#[tokio::test]
async fn a_register_without_its_access_log_is_not_opened() {
    let directory = tempfile::tempdir().unwrap();
    assert!(migrate(directory.path()).0);
    let log = directory.path().join("evidence.sqlite");
    let kept = std::fs::read(&log).unwrap();
    std::fs::remove_file(&log).unwrap();
    let (done, told) = migrate(directory.path());
    assert!(!done && told.contains("put it back from the same backup"), "{told}");
    assert!(!log.exists());
    std::fs::write(&log, kept).unwrap();
    assert!(migrate(directory.path()).0);
}
