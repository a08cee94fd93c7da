//! Whose turn it is, who sees it, and who may stop it.

use domain::viewer::Role;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tunggal::clock;
use tunggal::service::pull::Order;
use tunggal::service::schedule;

use super::agency::{Agency, System};
use super::{WATERMARK, connected, fault, load, minute, pull, rows};
use crate::hub::{Kind, TestHub, eventually, kinds, run};
use crate::socket::{Heard, Socket, subscribe};

#[test]
fn of_several_nodes_one_pulls() {
    for kind in kinds() {
        run(async {
            let agency = Agency::start(System::Sqlite).await;
            agency.fill(1..20, "2026-01-01 08:00:00").await;
            let hub = connected(kind, &agency, WATERMARK).await;
            let other = hub.another_node().await;
            for round in 0..5 {
                agency
                    .write(
                        1,
                        &format!("Kedai {round}"),
                        &format!("2026-01-0{} 08:00:00", round + 2),
                    )
                    .await;
                let now = minute(round);
                let (one, two) =
                    tokio::join!(schedule::tick(&hub.app, now), schedule::tick(&other.app, now));
                assert_eq!(one.unwrap().len() + two.unwrap().len(), 1);
            }
            assert_eq!(rows(&hub).await.len(), 19);
        });
    }
}

#[test]
fn what_a_node_brings_after_its_turn_was_taken_over_is_not_kept() {
    for kind in kinds() {
        run(async {
            let agency = Agency::start(System::Sqlite).await;
            agency.fill(1..4, "2026-01-01 08:00:00").await;
            let hub = connected(kind, &agency, WATERMARK).await;
            let mut late = schedule::due(&hub.app, minute(0)).await.unwrap();
            // It does not say anything for longer than its lease holds.
            let other = hub.another_node().await;
            assert_eq!(schedule::tick(&other.app, minute(2)).await.unwrap()[0].counts.new, 3);
            agency.write(4, "Usaha 4", "2026-01-02 08:00:00").await;
            let pulled = schedule::run(&hub.app, late.remove(0)).await.unwrap();
            assert_eq!((fault(&pulled), pulled.files.len()), ("SOURCE_HUB_FAILED", 0));
            assert_eq!(rows(&hub).await.len(), 3);
            assert_eq!(pull(&other, 3).await.counts.new, 1, "whoever has the turn brings it");
        });
    }
}

#[test]
fn a_pull_that_hangs_is_seen_and_stopped_by_whoever_may() {
    for kind in kinds() {
        run(async {
            // It lets everybody in and says nothing.
            let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("postgres://x@{}/x", silent.local_addr().unwrap());
            let text = format!(
                "agency = \"kominfo\"\nkind = \"postgres\"\nurl = \"{url}\"\nquery = \"SELECT 1\"\nevery = \"1h\"\n"
            );
            let sources = load(&[("umkm.toml", &text)], "").unwrap();
            let hub = TestHub::start_with(kind, |it| it.sources = sources).await;
            let order = "mutation { cancelJob(source: \"umkm\") { state } }";
            let early = hub.operator("kominfo", order, Value::Null).await;
            assert_eq!(early.code(), "CONFLICT", "nothing is at work");

            let claimed = schedule::claim(
                &hub.app,
                &hub.app.config.sources[0],
                clock::now(),
                Order::default(),
                true,
            );
            let claimed = claimed.await.unwrap().unwrap();
            let app = hub.app.clone();
            let running = async move { schedule::run(&app, claimed).await.unwrap() };
            let stopping = async {
                let jobs = "{ jobs { source agency kind state } }";
                let seen = hub.operator("kominfo", jobs, Value::Null).await;
                let expected = json!([{ "source": "umkm", "agency": "kominfo", "kind": "postgres", "state": "RUNNING" }]);
                assert_eq!(seen.at("/jobs"), &expected);
                let others = hub.operator("pariwisata", jobs, Value::Null).await;
                assert_eq!(others.at("/jobs"), &json!([]));
                assert_eq!(
                    hub.operator("pariwisata", order, Value::Null).await.code(),
                    "NOT_FOUND"
                );
                assert_eq!(hub.ask_as(Role::Auditor, order, Value::Null).await.code(), "FORBIDDEN");
                assert_eq!(hub.ask_as(Role::Lender, jobs, Value::Null).await.code(), "FORBIDDEN");
                let stopped = hub.operator("kominfo", order, Value::Null).await;
                assert!(stopped.body.get("errors").is_none(), "{stopped:?}");
            };
            let (pulled, ()) = tokio::join!(running, stopping);
            assert_eq!(fault(&pulled), "SOURCE_CANCELLED");
            let result = hub
                .operator("kominfo", "{ jobs { state failures result { code } } }", Value::Null)
                .await;
            let expected = json!([{ "state": "WAITING", "failures": 0, "result": { "code": "SOURCE_CANCELLED" } }]);
            assert_eq!(result.at("/jobs"), &expected);
            let log = hub.access_log().await;
            assert!(log.iter().any(|it| it.1 == "cancelJob" && it.3), "{log:?}");
            assert!(log.iter().any(|it| it.1 == "cancelJob" && !it.3), "refusals too: {log:?}");
        });
    }
}

#[test]
fn a_source_that_fails_is_asked_less_and_less_often() {
    run(async {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let text = format!(
            "agency = \"kominfo\"\nkind = \"mysql\"\nurl = \"mysql://x@{closed}/x\"\nquery = \"SELECT 1\"\nevery = \"5s\"\n"
        );
        let sources = load(&[("umkm.toml", &text)], "").unwrap();
        let hub = TestHub::start_with(Kind::Sqlite, |it| it.sources = sources).await;
        let (mut at, mut delays) = (minute(0), Vec::new());
        for _ in 0..14 {
            let pulled = schedule::tick(&hub.app, at).await.unwrap();
            assert_eq!(fault(&pulled[0]), "SOURCE_UNREACHABLE");
            let next = hub.app.store.live_source("umkm").await.unwrap().next_at;
            delays.push((next - at.timestamp_millis()) as f64 / 1_000.0);
            at = chrono::DateTime::from_timestamp_millis(next).unwrap();
        }
        for (number, delay) in delays.iter().enumerate() {
            let most = (5.0 * 2_f64.powi(number as i32)).min(3_600.0);
            assert!(most / 2.0 <= *delay && *delay <= most, "{delays:?}");
        }
    });
}

#[test]
fn a_question_about_columns_waits_for_its_answer() {
    for kind in kinds() {
        run(async {
            let agency = Agency::start(System::Sqlite).await;
            agency.fill(1..4, "2026-01-01 08:00:00").await;
            let text = agency
                .declared(WATERMARK)
                .replace("nama = \"business_name\"\npemilik = \"owner_name\"\n", "");
            let text = text.replace(
                "SELECT * FROM umkm",
                "SELECT id, nama AS ket_a, pemilik AS ket_b, kecamatan, omzet, diubah FROM umkm",
            );
            let sources = load(&[("umkm.toml", &text)], "").unwrap();
            let hub = TestHub::start_with(kind, |it| it.sources = sources).await;
            let asked = pull(&hub, 0).await;
            assert_eq!((fault(&asked), asked.counts.rows), ("SOURCE_ASKING", 0), "{asked:?}");
            assert_eq!(fault(&pull(&hub, 5).await), "SOURCE_ASKING", "not asked twice");
            assert_eq!(hub.rows("source_file").await, 1);
            let answer = "mutation($file: ID!) { confirmMapping(file: $file, mapping: [
                { heading: \"ket_a\", field: \"business_name\" }, { heading: \"ket_b\", field: \"owner_name\" }
            ]) { counts { new } } }";
            let file = json!({ "file": asked.files[0].to_string() });
            let answered = hub.operator("kominfo", answer, file).await;
            assert_eq!(answered.at("/confirmMapping/counts/new"), 3, "{answered:?}");
            // From here on it is known.
            agency.write(2, "Kedai Baru", "2026-01-01 09:00:00").await;
            let pulled = pull(&hub, 10).await;
            assert_eq!((fault(&pulled), pulled.counts.changed), ("", 1), "{pulled:?}");
            assert_eq!(rows(&hub).await["2"].0, "Kedai Baru");
        });
    }
}

#[test]
fn the_server_pulls_by_itself() {
    run(async {
        let agency = Agency::start(System::Sqlite).await;
        agency.fill(1..4, "2026-01-01 08:00:00").await;
        let hub = connected(Kind::Sqlite, &agency, WATERMARK).await;
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let keeping = tokio::spawn(schedule::keep(hub.app.clone(), stopping));
        eventually(async || rows(&hub).await.len() == 3).await;
        let hurry = "mutation { pullSource(source: \"umkm\") { next } }";
        agency.write(4, "Usaha 4", "2026-01-01 09:00:00").await;
        let hurried = hub.operator("kominfo", hurry, Value::Null).await;
        assert!(hurried.body.get("errors").is_none(), "{hurried:?}");
        eventually(async || rows(&hub).await.len() == 4).await;

        let mut socket = Socket::introduced(&hub, Some(hub.token(Role::Steward, None))).await;
        let query = "subscription { progress { job subject agency finished } }";
        socket.say(subscribe(query)).await;
        let hearing = tokio::spawn(async move {
            let end =
                json!({ "job": "pull", "subject": "umkm", "agency": "kominfo", "finished": true });
            while let Heard::Text(heard) = socket.hear().await {
                if heard["payload"]["data"]["progress"] == end {
                    return;
                }
            }
            panic!("closed");
        });
        // It listens a moment after it was asked to.
        eventually(async || {
            hub.operator("kominfo", hurry, Value::Null).await;
            hearing.is_finished()
        })
        .await;
        hearing.await.unwrap();
        stop.send(true).unwrap();
        keeping.await.unwrap();
    });
}

#[test]
fn a_source_that_says_nothing_is_given_up_in_time() {
    run(async {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        for kind in [
            format!(
                "\"postgres\"\nurl = \"postgres://x@127.0.0.1:{port}/x\"\nquery = \"SELECT 1\""
            ),
            format!("\"mysql\"\nurl = \"mysql://x@127.0.0.1:{port}/x\"\nquery = \"SELECT 1\""),
            format!(
                "\"http\"\nurl = \"http://127.0.0.1:{port}/x\"\n[mapping]\nnama = \"business_name\""
            ),
        ] {
            let text =
                format!("agency = \"kominfo\"\nevery = \"1m\"\npatience = \"1s\"\nkind = {kind}\n");
            let sources = load(&[("umkm.toml", &text)], "").unwrap();
            let hub = TestHub::start_with(Kind::Sqlite, |it| it.sources = sources).await;
            assert_eq!(fault(&pull(&hub, 0).await), "SOURCE_TIMED_OUT", "{text}");
        }
    });
}
