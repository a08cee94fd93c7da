//! What befalls the hub from outside: it is killed while it writes, its database goes away and comes back, the
//! connections between them are cut. Nothing that was answered as stored is lost, and nothing is there twice.

use std::collections::BTreeSet;
use std::net::TcpListener as Port;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use domain::viewer::Role;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::hub::{Kind, Reply, TestHub, kinds, reply, run, within};

const UPLOAD: &str =
    "mutation($file: Upload!) { uploadSourceFile(agency: \"kominfo\", file: $file) {
    known file { status } } }";
const FILES: &str = "{ sourceFiles { totalCount } }";
const PATIENCE: Duration = Duration::from_secs(60);

/// Where requests go, and as whom.
#[derive(Clone)]
struct Door {
    url: String,
    client: reqwest::Client,
    operator: String,
    steward: String,
}

impl Door {
    fn of(hub: &TestHub) -> Door {
        Door {
            url: hub.url.clone(),
            client: hub.client.clone(),
            operator: hub.token(Role::AgencyOperator, Some("kominfo")),
            steward: hub.token(Role::Steward, None),
        }
    }

    /// Sends a list that holds this row alone; nothing is told when the connection broke.
    async fn send(&self, row: usize) -> Option<Reply> {
        let list =
            format!("Kode Peserta,Nama UMKM,Nama Owner\nK-{row},Sate Bandeng {row},Ani {row}\n");
        let operations = json!({ "query": UPLOAD, "variables": { "file": null } });
        let form = Form::new()
            .text("operations", operations.to_string())
            .text("map", r#"{"0":["variables.file"]}"#)
            .part("0", Part::bytes(list.into_bytes()).file_name("daftar.csv"));
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(&self.operator);
        let sent = request.header("graphql-preflight", "1").multipart(form).send().await.ok()?;
        Some(reply(sent).await)
    }

    async fn asked(&self, query: &str) -> Option<Reply> {
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(&self.steward);
        Some(reply(request.json(&json!({ "query": query })).send().await.ok()?).await)
    }

    async fn is_ready(&self) -> bool {
        let asked = self.client.get(format!("{}/health/ready", self.url)).send().await;
        asked.is_ok_and(|it| it.status() == 200)
    }

    /// Whether exactly these rows are there: each list once, with each of its rows once.
    async fn holds(&self, rows: usize) {
        let files = self.asked(FILES).await.unwrap();
        assert_eq!(files.at("/sourceFiles/totalCount"), rows, "{files:?}");
    }
}

fn is_stored(answer: &Reply) -> bool {
    answer.at("/uploadSourceFile/file/status") == "imported"
}

/// Refusals say what happened and may be sent again: none is a failure of the hub's own.
fn is_coded(answer: &Reply) {
    let again = [
        "",
        "UNAVAILABLE",
        "OVERLOADED",
        "EVIDENCE_UNAVAILABLE",
        "ACCOUNTS_UNREADABLE",
        "BUSY",
        "TIMEOUT",
    ];
    assert!(again.contains(&answer.code()), "{answer:?}");
    is_silent(answer);
}

/// Nothing of what lies behind the hub is told.
fn is_silent(answer: &Reply) {
    let message = answer.body.to_string().to_lowercase();
    for leak in ["select ", "insert ", "sqlx", "connection refused", "127.0.0.1"] {
        assert!(!message.contains(leak), "{message}");
    }
}

/// The program itself, on a port of its own.
struct Program {
    child: Child,
    door: Door,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
    command.args(arguments).arg("--data-dir").arg(directory).current_dir(directory);
    command.env_remove("DATABASE_URL").env("TUNGGAL_LOG", "off").stdin(Stdio::null());
    command
}

fn token(directory: &Path, arguments: &[&str]) -> String {
    let output = program(directory, &[&["token", "--role"], arguments].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Program {
    async fn start(directory: &Path) -> Program {
        let address = Port::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = program(directory, &["serve", "--listen", &address.to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let door = Door {
            url: format!("http://{address}"),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            operator: token(directory, &["agency_operator", "--agency", "kominfo"]),
            steward: token(directory, &["steward"]),
        };
        let program = Program { child, door };
        within(PATIENCE, async || program.door.is_ready().await).await;
        program
    }
}

/// Law 2.
#[test]
fn a_hub_that_is_killed_while_it_writes_loses_nothing_it_has_acknowledged() {
    const KILLS: usize = 6;
    const ROWS: usize = 12;
    run(async {
        let directory = tempfile::tempdir().unwrap();
        let mut acknowledged = BTreeSet::new();
        for kill in 0..KILLS {
            let mut program = Program::start(directory.path()).await;
            let door = program.door.clone();
            let done = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&done);
            let writing = tokio::spawn(async move {
                let mut stored = vec![];
                for row in kill * ROWS..(kill + 1) * ROWS {
                    let Some(answer) = door.send(row).await else { break };
                    assert!(is_stored(&answer), "{answer:?}");
                    stored.push(row);
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                stored
            });
            // In the midst of the one after.
            within(PATIENCE, async || kill < done.load(Ordering::Relaxed)).await;
            program.child.kill().unwrap();
            program.child.wait().unwrap();
            acknowledged.extend(writing.await.unwrap());
        }
        assert!(acknowledged.len() < KILLS * ROWS, "no run was killed before its end");
        let program = Program::start(directory.path()).await;
        for row in 0..KILLS * ROWS {
            let answer = program.door.send(row).await.unwrap();
            assert!(is_stored(&answer), "{answer:?}");
            let known = answer.at("/uploadSourceFile/known") == true;
            assert!(
                known || !acknowledged.contains(&row),
                "row {row} was acknowledged and is lost"
            );
        }
        program.door.holds(KILLS * ROWS).await;
    });
}

/// What stands between the hub and its database, and can be cut.
struct Wire {
    port: u16,
    open: Arc<AtomicBool>,
    cut: watch::Sender<()>,
}

impl Wire {
    async fn to(server: String) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cut, cuts) = watch::channel(());
        let open = Arc::new(AtomicBool::new(true));
        let passes = Arc::clone(&open);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if !passes.load(Ordering::Relaxed) {
                    continue;
                }
                let (server, mut cuts) = (server.clone(), cuts.clone());
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        Wire { port, open, cut }
    }

    /// Ends every connection; whether others are let through afterwards.
    fn cut(&self, open: bool) {
        self.open.store(open, Ordering::Relaxed);
        self.cut.send_replace(());
    }
}

/// A hub on a database beside it, through a wire.
async fn behind_a_wire() -> (TestHub, Wire) {
    let mut config = TestHub::config(Kind::Postgres).await;
    let url = config.database_url.take().unwrap();
    let (head, rest) = url.rsplit_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let wire = Wire::to(server.to_owned()).await;
    config.database_url = Some(format!("{head}@127.0.0.1:{}/{database}", wire.port));
    (TestHub::of(config).await, wire)
}

#[test]
fn connections_that_are_cut_under_load_lose_nothing_and_double_nothing() {
    const CUTS: usize = 8;
    const ROWS: usize = 40;
    if !kinds().contains(&Kind::Postgres) {
        return;
    }
    run(async {
        let (hub, wire) = behind_a_wire().await;
        let door = Door::of(&hub);
        let done = Arc::new(AtomicUsize::new(0));
        let (reader, counted) = (door.clone(), Arc::clone(&done));
        let reading = tokio::spawn(async move {
            while counted.load(Ordering::Relaxed) < ROWS {
                is_coded(&reader.asked("{ enterprises { nodes { id } } }").await.unwrap());
            }
        });
        let (writer, counted) = (door.clone(), Arc::clone(&done));
        let writing = tokio::spawn(async move {
            let mut stored = BTreeSet::new();
            for row in 0..ROWS {
                let answer = writer.send(row).await.unwrap();
                is_coded(&answer);
                if is_stored(&answer) {
                    stored.insert(row);
                }
                counted.fetch_add(1, Ordering::Relaxed);
            }
            stored
        });
        for cut in 1..=CUTS {
            within(PATIENCE, async || cut * ROWS / (CUTS + 2) <= done.load(Ordering::Relaxed))
                .await;
            wire.cut(true);
        }
        let stored = writing.await.unwrap();
        reading.await.unwrap();
        within(PATIENCE, async || door.is_ready().await).await;
        for row in 0..ROWS {
            let is_there = async || {
                // A connection that the last cut ended may be found out by this very request.
                let answer = door.send(row).await.unwrap();
                is_coded(&answer);
                let known = answer.at("/uploadSourceFile/known") == true;
                assert!(known || !is_stored(&answer) || !stored.contains(&row), "{row}");
                is_stored(&answer)
            };
            within(PATIENCE, is_there).await;
        }
        door.holds(ROWS).await;
    });
}

#[test]
fn a_database_that_is_away_is_told_of_and_served_from_when_it_is_back() {
    if !kinds().contains(&Kind::Postgres) {
        return;
    }
    run(async {
        let (hub, wire) = behind_a_wire().await;
        let door = Door::of(&hub);
        assert!(is_stored(&door.send(1).await.unwrap()) && door.is_ready().await);
        wire.cut(false);
        within(PATIENCE, async || !door.is_ready().await).await;
        let live = door.client.get(format!("{}/health/live", door.url)).send().await.unwrap();
        assert_eq!(live.status(), 200, "whoever restarts it would not help");
        let refused = door.asked(FILES).await.unwrap();
        is_coded(&refused);
        assert_eq!(
            (refused.status, refused.headers.contains_key("retry-after")),
            (503, true),
            "{refused:?}"
        );
        wire.cut(true);
        within(PATIENCE, async || door.is_ready().await).await;
        let answers = async || door.asked(FILES).await.unwrap().at("/sourceFiles/totalCount") == 1;
        within(PATIENCE, answers).await;
        assert!(is_stored(&door.send(2).await.unwrap()));
        door.holds(2).await;
    });
}

/// A small file system of its own; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// None where it may not be made.
    fn of(size: &str) -> Option<SmallDisk> {
        let directory = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=0777");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tunggal-test"])
            .arg(directory.path())
            .stderr(Stdio::null())
            .status();
        mount.is_ok_and(|it| it.success()).then_some(SmallDisk(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// What does not fit is refused with a code and leaves nothing, and the hub goes on when there is room again.
#[test]
fn a_full_disk_is_told_of_and_takes_nothing_by_half() {
    const ROWS: usize = 400;
    let Some(disk) = SmallDisk::of("48m") else {
        // Only a privileged user makes one; the test command's machine has such a user.
        return;
    };
    run(async {
        let program = Program::start(disk.0.path()).await;
        let door = &program.door;
        assert!(is_stored(&door.send(0).await.unwrap()));
        let mut stored = 1;
        // All the room that is left but for a little.
        let ballast = disk.0.path().join("ballast");
        let filled = Command::new("sh")
            .args([
                "-c",
                "dd if=/dev/zero of=\"$0\" bs=16k 2>/dev/null; truncate -s -262144 \"$0\"",
            ])
            .arg(&ballast)
            .status();
        assert!(filled.unwrap().success());
        let mut refused = None;
        while refused.is_none() && stored < ROWS {
            let answer = door.send(stored).await.expect("the hub answers");
            if is_stored(&answer) {
                stored += 1;
            } else {
                refused = Some(answer);
            }
        }
        let refused = refused.expect("the disk is full before all lists are taken");
        assert!(["STORAGE_FULL", "EVIDENCE_UNAVAILABLE"].contains(&refused.code()), "{refused:?}");
        is_silent(&refused);
        // What was acknowledged is there, as soon as it can be told; nothing that was refused is there by half.
        std::fs::remove_file(&ballast).unwrap();
        for row in stored..stored + 3 {
            let answer = door.send(row).await.unwrap();
            assert!(is_stored(&answer), "{answer:?}");
        }
        door.holds(stored + 3).await;
        let again = door.send(0).await.unwrap();
        assert_eq!(again.at("/uploadSourceFile/known"), true, "{again:?}");
        assert!(door.is_ready().await);
    });
}
