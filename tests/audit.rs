//! Auditors: who read whose data, what is out of the ordinary, and whether the log is whole.

use std::path::Path;
use std::process::{Command, Stdio};

use domain::viewer::{Role, Viewer};
use evidence::{Checkpoint, Head};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::evidence_log::{KOMINFO, LIST, NIK, entries, filled, stating};
use crate::hub::{TestHub, kinds, on_every_database, run, viewer};

/// Runs `tunggal` on the register of a hub: whether it succeeded, and what it said.
fn tunggal(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
    command.args(arguments).arg("--data-dir").arg(&hub.app.config.data_dir);
    command.env_remove("DATABASE_URL").env("USER", "sri").stdin(Stdio::null());
    if let Some(url) = &hub.app.config.database_url {
        command.args(["--database-url", url]);
    }
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&told).into_owned())
}

fn done(hub: &TestHub, arguments: &[&str]) -> String {
    let (done, told) = tunggal(hub, arguments);
    assert!(done, "{arguments:?}: {told}");
    told
}

async fn alter(database: &DatabaseConnection, statement: &str) {
    assert_eq!(
        database.execute_unprepared(statement).await.unwrap().rows_affected(),
        1,
        "{statement}"
    );
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

on_every_database! {
    /// Whoever can write to the register can change the log, and is found out with a checkpoint kept
    /// elsewhere, from the register as from an exported log.
    async fn a_changed_log_is_found_out_offline(hub: TestHub) {
        filled(&hub).await;
        for _ in 0..6 {
            hub.ask_as(Role::Steward, LIST, Value::Null).await;
        }
        let directory = tempfile::tempdir().unwrap();
        let [checkpoint, log, changed] = ["c.txt", "l.jsonl", "x.jsonl"].map(|it| directory.path().join(it));
        std::fs::write(&checkpoint, done(&hub, &["audit", "checkpoint"])).unwrap();
        done(&hub, &["audit", "export", "--out", text(&log)]);
        let key = done(&hub, &["audit", "key"]);
        // Offline: of the register nothing is there but the public key.
        let offline = |log: &Path, checkpoint: &Path| {
            let output = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"))
                .args(["audit", "verify", "--checkpoint", text(checkpoint), "--log", text(log)])
                .args(["--key", key.trim(), "--data-dir", "/nonexistent/tunggal"])
                .output()
                .unwrap();
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
        };
        let whole = "the access log is whole: 6 entries, 6 of them vouched for by 1 checkpoints";
        assert!(offline(&log, &checkpoint).starts_with(whole));
        let here = ["audit", "verify", "--checkpoint", text(&checkpoint)];
        assert!(done(&hub, &here).starts_with(whole));
        let lines = std::fs::read_to_string(&log).unwrap();
        std::fs::write(&changed, lines.replacen("steward@test", "steward@best", 3)).unwrap();
        assert!(offline(&changed, &checkpoint).contains("NOT whole: entry 1 was changed"));
        // A checkpoint that another key signed.
        let other = TestHub::start(crate::hub::Kind::Sqlite).await;
        filled(&other).await;
        other.ask_as(Role::Steward, LIST, Value::Null).await;
        let foreign = directory.path().join("foreign.txt");
        std::fs::write(&foreign, done(&other, &["audit", "checkpoint"])).unwrap();
        assert!(offline(&log, &foreign).contains("is of another installation"));

        let (_, database) = hub.database().await;
        let broken = |told: &str| {
            let (whole, found) = tunggal(&hub, &here);
            assert!(!whole && found.contains(told), "{told}: {found}");
        };
        alter(&database, "UPDATE access_log SET subject = 'nobody' WHERE seq = 4").await;
        broken("entry 4 was changed");
        alter(&database, "UPDATE access_log SET subject = 'steward@test' WHERE seq = 4").await;
        alter(&database, "UPDATE access_log SET seq = 99 WHERE seq = 3").await;
        broken("entry 3 is missing");
        alter(&database, "UPDATE access_log SET seq = 3 WHERE seq = 99").await;
        assert!(done(&hub, &here).starts_with(whole));
        // A file without a checkpoint is named, and never passed over.
        let empty = checkpoint.with_file_name("empty.txt");
        std::fs::write(&empty, "").unwrap();
        let (_, told) = tunggal(&hub, &["audit", "verify", "--checkpoint", text(&empty)]);
        assert!(told.contains("empty.txt: not a checkpoint"), "{told}");
        let behind = "INSERT INTO access_log SELECT seq + 1, at, behind, request, subject, role, agency, institution, \
            client, purpose, reason, operation, rights, outcome, receipt, reads, hash FROM access_log WHERE seq = 6";
        alter(&database, behind).await;
        broken("entry 7 stands behind the end of the log");
        alter(&database, "DELETE FROM access_log WHERE seq = 7").await;
        // Reads that are not found are hidden, though the log has them.
        let index = "DELETE FROM access_whose WHERE seq = 2 AND whose = (SELECT MIN(whose) FROM access_whose)";
        alter(&database, index).await;
        broken("the index of whose data was read is NOT what the log says");
        done(&hub, &["audit", "reindex"]);
        assert!(done(&hub, &here).starts_with(whole));
        rewrite(&hub, &database).await;
        broken("entry 5 was changed");
        alter(&database, "DELETE FROM access_log WHERE seq = 6").await;
        alter(&database, "DELETE FROM access_log WHERE seq = 5").await;
        alter(&database, "UPDATE access_head SET seq = 4 WHERE id = 1").await;
        broken("the log ends before entry 5, though the checkpoint vouches for 6 entries");
        // What does not follow from the last checkpoint is not signed.
        let (signed, told) = tunggal(&hub, &["audit", "checkpoint"]);
        assert!(!signed && told.contains("entry 5 of the access log is not what it was"), "{told}");
    }

    async fn a_checkpoint_that_was_replaced_in_the_register_is_not_built_upon(hub: TestHub) {
        filled(&hub).await;
        hub.ask_as(Role::Steward, LIST, Value::Null).await;
        let signed = done(&hub, &["audit", "checkpoint"]);
        let replaced = signed.replacen("\nat 1", "\nat 2", 1);
        assert_ne!(signed, replaced);
        let (_, database) = hub.database().await;
        alter(&database, &format!("UPDATE access_checkpoint SET content = '{replaced}'")).await;
        let (whole, told) = tunggal(&hub, &["audit", "verify"]);
        assert!(!whole && told.contains("checkpoint 1 does not carry this key's signature"), "{told}");
        hub.ask_as(Role::Steward, LIST, Value::Null).await;
        let (made, told) = tunggal(&hub, &["audit", "checkpoint"]);
        assert!(!made && told.contains("is not what it was: no checkpoint is signed"), "{told}");
    }

    /// UU PDP article 32: who looked at my data?
    async fn one_query_tells_who_read_of_a_person(hub: TestHub) {
        filled(&hub).await;
        let owners = "{ owners { nodes { id name { value } } } }";
        let owners = hub.ask_as(Role::Steward, owners, Value::Null).await;
        let siti = owners.at("/owners/nodes").as_array().unwrap().iter()
            .find(|it| it["name"]["value"] == "Siti Aminah").unwrap()["id"].clone();
        hub.operator("kominfo", "{ enterprises(search: \"emping\") { nodes { nik { value } } } }", Value::Null).await;
        hub.operator("kominfo", "{ enterprises(search: \"sate\") { nodes { nik { value } } } }", Value::Null).await;
        done(&hub, &["export", "enterprises"]);
        // What was done with her row was done with her, though the entry names the row alone.
        let rows = hub.ask_as(Role::Steward, "{ enterprises { nodes { sourceRecords { id } } } }", Value::Null).await;
        let [a, b] = [0, 1].map(|it| rows.at(&format!("/enterprises/nodes/{it}/sourceRecords/0/id")));
        let decide = "mutation($a: ID!, $b: ID!) { decide(kind: NEVER, a: $a, b: $b, reason: \"two\") { kind } }";
        hub.steward("ratna", decide, json!({ "a": a, "b": b })).await;
        let named = entries(&hub.app).await.pop().unwrap().0.act.reads;
        assert!(named.iter().flat_map(|it| &it.whose).all(|it| !it.starts_with("ent_")), "{named:?}");
        let query = "query($whose: ID!) { accessLog(filter: { whose: $whose }) { totalCount nodes {
            seq subject role agency purpose operations outcome reads { shown fields whose }
        } } }";
        let seen = hub.ask_as(Role::Auditor, query, json!({ "whose": siti })).await;
        let subjects: Vec<&str> = seen.at("/accessLog/nodes").as_array().unwrap().iter()
            .map(|it| it["subject"].as_str().unwrap()).collect();
        assert_eq!(subjects, ["ratna", "steward@test", "cli:sri", "agency_operator@test", "steward@test"], "{seen:?}");
        assert_eq!(seen.at("/accessLog/nodes/2/operations"), &json!(["export", "enterprises"]));
        assert_eq!(seen.at("/accessLog/nodes/3/purpose"), "PUBLIC_SERVICE");
        assert!(!seen.body.to_string().contains(NIK));
        let own = entries(&hub.app).await.pop().unwrap().0;
        assert_eq!((own.act.operation.as_str(), own.act.purpose.as_str()), ("accessLog", "audit"));
        for role in [Role::Steward, Role::Lender, Role::CentralBank] {
            let refused = hub.ask_as(role, "{ accessLog { totalCount } }", Value::Null).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{}", role.code());
        }
        let page = "{ accessLog(first: 1, filter: { role: \"steward\" }) { nodes { seq } pageInfo { hasNextPage } } }";
        let page = hub.ask_as(Role::Auditor, page, Value::Null).await;
        assert_eq!(page.at("/accessLog/pageInfo/hasNextPage"), true, "{page:?}");
    }

    /// Law 9, at the command line.
    async fn commands_that_read_past_the_roles_are_written_down(hub: TestHub) {
        let directory = tempfile::tempdir().unwrap();
        let [list, truth, mistakes] = ["l.csv", "t.csv", "m.csv"].map(|it| directory.path().join(it));
        std::fs::write(&list, KOMINFO).unwrap();
        std::fs::write(&truth, "record_id,enterprise_id\nK-1,a\nK-2,b\n").unwrap();
        let workbook = directory.path().join("back");
        done(&hub, &["ingest", text(&list), "--agency", "kominfo", "--workbook", text(&workbook)]);
        done(&hub, &["link"]);
        done(&hub, &["evaluate", "--truth", text(&truth), "--mistakes", text(&mistakes)]);
        for table in ["source-records", "enterprises", "links"] {
            done(&hub, &["export", table]);
        }
        let log = entries(&hub.app).await;
        let told: Vec<&str> = log.iter().map(|it| it.0.act.operation.as_str()).collect();
        let exports = ["export source-records", "export enterprises", "export links"];
        assert_eq!(told, [&["ingest --workbook", "evaluate"], &exports[..]].concat());
        assert!(log[0].0.act.reads[0].whose[0].starts_with("fil_"));
        assert!(log[1..].iter().all(|it| it.0.act.reads[0].whose == ["*"]));
        assert!(log.iter().all(|it| it.0.act.subject == "cli:sri"));
    }

    /// The thinnest form of breaking the glass: one query, a reason, a review.
    async fn glass_is_broken_for_one_query_and_reviewed_afterwards(hub: TestHub) {
        filled(&hub).await;
        let plain = hub.ask_as(Role::Administrator, LIST, Value::Null).await;
        assert!(!plain.body.to_string().contains(NIK));
        let glass = ("tunggal-purpose", "break_glass");
        let reason = ("tunggal-reason", "flood in Kasemen, owners to be reached");
        let bare = stating(&hub, Role::Administrator, &[glass], LIST).await;
        assert_eq!(bare.code(), "PURPOSE_REFUSED");
        let mutation = "mutation { link { id } }";
        let changing = stating(&hub, Role::Administrator, &[glass, reason], mutation).await;
        assert_eq!(changing.code(), "PURPOSE_REFUSED");
        let operator = stating(&hub, Role::Auditor, &[glass, reason], LIST).await;
        assert_eq!(operator.code(), "PURPOSE_REFUSED");
        let broken = stating(&hub, Role::Administrator, &[glass, reason], LIST).await;
        assert!(broken.body.to_string().contains(NIK), "{broken:?}");
        let waiting = "{ accessLog(filter: { settled: false }) { nodes { seq role purpose reason review { note } } } }";
        let found = hub.ask_as(Role::Auditor, waiting, Value::Null).await;
        let one = found.at("/accessLog/nodes/0").clone();
        assert_eq!((&one["role"], &one["purpose"]), (&json!("administrator"), &json!("BREAK_GLASS")), "{found:?}");
        assert_eq!(one["reason"], reason.1);
        let settle = "mutation($seq: ID!) { settleBreakGlass(seq: $seq, justified: true, note: \"seen\") {
            review { justified settledBy } } }";
        let seq = json!({ "seq": one["seq"] });
        let named = settle.replace("seen", "NIK 3673021801769511 seen");
        assert_eq!(hub.ask_as(Role::Auditor, &named, seq.clone()).await.code(), "INVALID_INPUT");
        let other = hub.ask_as(Role::Administrator, settle, seq.clone()).await;
        assert_eq!(other.code(), "FORBIDDEN");
        // Who broke it and has since become an auditor does not settle it either.
        let herself = Viewer { subject: "administrator@test".into(), ..viewer(Role::Auditor, None) };
        let herself = hub.app.keys.issue(&herself, chrono::TimeDelta::hours(1)).unwrap();
        assert_eq!(hub.ask(Some(herself), settle, seq.clone()).await.code(), "CONFLICT");
        assert_eq!(hub.ask_as(Role::Auditor, waiting, Value::Null).await.at("/accessLog/nodes/0/seq"), &one["seq"]);
        let settled = hub.ask_as(Role::Auditor, settle, seq.clone()).await;
        assert_eq!(settled.at("/settleBreakGlass/review/settledBy"), "auditor@test", "{settled:?}");
        assert_eq!(hub.ask_as(Role::Auditor, settle, seq).await.code(), "CONFLICT");
        let none = hub.ask_as(Role::Auditor, settle, json!({ "seq": 1 })).await;
        assert_eq!(none.code(), "NOT_FOUND");
        let left = hub.ask_as(Role::Auditor, waiting, Value::Null).await;
        assert_eq!(left.at("/accessLog/nodes"), &json!([]));
    }

    async fn use_out_of_the_ordinary_is_told(hub: TestHub) {
        filled(&hub).await;
        hub.ask_as(Role::Steward, LIST, Value::Null).await;
        hub.operator("kominfo", LIST, Value::Null).await;
        let act = entries(&hub.app).await.remove(0).0.act;
        // Sunday, 4 January 2026, at noon in Serang; then a Monday at noon, and one at eleven in the evening.
        let sunday = 1_767_502_800_000;
        let (monday, night) = (sunday + 86_400_000, sunday + 86_400_000 + 39_600_000);
        for (subject, at) in [("sunday", sunday), ("monday", monday), ("night", night)] {
            let act = evidence::Act { subject: subject.to_owned(), ..act.clone() };
            // The log is at the present day already; what an older register holds is written into it.
            hub.app.store.append_acts(vec![act], at, None).await.unwrap();
            let (_, database) = hub.database().await;
            alter(&database, &format!("UPDATE access_log SET at = {at} WHERE subject = '{subject}'")).await;
        }
        let query = "{ accessExcess(since: \"2026-01-04T00:00:00Z\", until: \"2026-01-06T00:00:00Z\", bulk: 2) {
            bulkReads { subject day ids everyone } oddHours { subject requests }
            mostRead { whose requests readers } unusedRights { subject rights }
        } }";
        let found = hub.ask_as(Role::Auditor, query, Value::Null).await;
        let list = |name: &str, field: &str| -> Vec<Value> {
            let all = found.at(&format!("/accessExcess/{name}")).as_array().unwrap().clone();
            all.into_iter().map(|it| it[field].clone()).collect()
        };
        assert_eq!(list("bulkReads", "day"), ["2026-01-05", "2026-01-05", "2026-01-04"].map(Value::from), "{found:?}");
        assert_eq!(list("oddHours", "subject"), ["night", "sunday"].map(Value::from));
        assert_eq!(list("mostRead", "readers"), [3, 3].map(Value::from));
        assert!(found.at("/accessExcess/unusedRights/0/rights").as_array().unwrap().contains(&json!("read owners")));
        let wrong = "{ accessExcess(since: \"2026-01-04T00:00:00Z\", until: \"2020-01-06T00:00:00Z\") { since } }";
        assert_eq!(hub.ask_as(Role::Auditor, wrong, Value::Null).await.code(), "INVALID_INPUT");
        assert_eq!(hub.ask_as(Role::Steward, query, Value::Null).await.code(), "FORBIDDEN");
    }

    /// Law 11.
    async fn everybody_learns_what_data_is_used_for_but_no_small_count(hub: TestHub) {
        filled(&hub).await;
        let query = "{ dataUse { reader purpose reads suppressed } }";
        assert_eq!(hub.public(query, Value::Null).await.at("/dataUse"), &json!([]));
        for _ in 0..5 {
            hub.operator("kominfo", LIST, Value::Null).await;
        }
        hub.ask_as(Role::Steward, LIST, Value::Null).await;
        let expected = json!([
            { "reader": "kominfo", "purpose": "PUBLIC_SERVICE", "reads": 5, "suppressed": false },
            { "reader": "hub", "purpose": "DATA_QUALITY", "reads": null, "suppressed": true },
        ]);
        assert_eq!(hub.public(query, Value::Null).await.at("/dataUse"), &expected);
        assert_eq!(hub.public(query, Value::Null).await.at("/dataUse"), &expected, "counted once");
    }
}

/// Changes entry 5 and makes its hash, and all that follow, anew: all that someone with the database can do.
async fn rewrite(hub: &TestHub, database: &DatabaseConnection) {
    let log = entries(&hub.app).await;
    let start = &log[3];
    let mut head = Head { size: 4, hash: start.1, at: start.0.at };
    for (entry, _) in &log[4..] {
        let mut act = entry.act.clone();
        act.subject = "nobody".to_owned();
        let entry = head.append(act, entry.at);
        let bytes = match database.get_database_backend() {
            sea_orm::DbBackend::Postgres => format!("'\\x{}'", head.hash),
            _ => format!("x'{}'", head.hash),
        };
        let change = format!(
            "UPDATE access_log SET subject = 'nobody', hash = {bytes} WHERE seq = {}",
            entry.seq
        );
        alter(database, &change).await;
        alter(database, &format!("UPDATE access_head SET hash = {bytes} WHERE id = 1")).await;
    }
}

/// Checkpoints leave the machine as soon as so many entries have come, each signed and in order.
#[test]
fn checkpoints_are_exported_on_their_own() {
    for kind in kinds() {
        run(async move {
            let taker = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/take", taker.local_addr().unwrap());
            let directory = tempfile::tempdir().unwrap();
            let kept = directory.path().to_owned();
            let hub = TestHub::start_with(kind, |it| {
                it.checkpoint_entries = 2;
                it.checkpoint_dir = Some(kept);
                it.checkpoint_url = Some(url);
            })
            .await;
            filled(&hub).await;
            for _ in 0..2 {
                hub.ask_as(Role::Steward, LIST, Value::Null).await;
            }
            let taken = take(&taker).await;
            let checkpoint = Checkpoint::read_all(&taken).unwrap().remove(0);
            assert_eq!((checkpoint.number, checkpoint.head.size), (1, 2));
            let key = done(&hub, &["audit", "key"]).trim().parse().unwrap();
            assert!(checkpoint.holds(&key));
            let file = directory.path().join("checkpoint-000000001.txt");
            assert_eq!(std::fs::read_to_string(file).unwrap(), taken);
            let told = done(&hub, &["audit", "verify", "--checkpoint", text(directory.path())]);
            assert!(told.starts_with("the access log is whole"), "{told}");
        });
    }
}

/// Takes one POST and returns its body.
async fn take(taker: &TcpListener) -> String {
    let comes = tokio::time::timeout(std::time::Duration::from_secs(20), taker.accept());
    let (mut stream, _) = comes.await.expect("no checkpoint is posted").unwrap();
    let mut heard = String::new();
    loop {
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).await.unwrap();
        heard.push_str(std::str::from_utf8(&part[..count]).unwrap());
        let Some((head, body)) = heard.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            let body = body.to_owned();
            stream
                .write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                .await
                .unwrap();
            return body;
        }
    }
}
