//! An agency connects its system once and its changes flow in: loses nothing, doubles nothing, and says so when it
//! cannot.

mod agency;
mod cut;
mod declared;
mod directory;
mod jobs;
pub mod web;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::config::sources::{self, Source};
use tunggal::service::pull::{Order, Pulled};
use tunggal::service::schedule;

use self::agency::{Agency, System, systems};
use crate::hub::{Kind, TestHub, kinds, run};

/// A source that cannot be read.
pub fn one_that_is_gone() -> Vec<Source> {
    let text = "agency = \"kominfo\"\nkind = \"sqlite\"\npath = \"/nowhere/umkm.db\"\nevery = \"1m\"\n\
                query = \"SELECT * FROM umkm\"\n";
    load(&[("umkm.toml", text)], "").unwrap()
}

/// The source `umkm` of these declarations, and others.
fn load(files: &[(&str, &str)], password: &str) -> Result<Vec<Source>, Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    sources::load(directory.path(), &|it| (it == "SANDI").then(|| password.to_owned()))
}

/// A hub that pulls an agency's table, with `more` lines in its declaration.
async fn connected(kind: Kind, agency: &Agency, more: &str) -> TestHub {
    let declared = load(&[("umkm.toml", &agency.declared(more))], &agency.password).unwrap();
    TestHub::start_with(kind, |it| it.sources = declared).await
}

/// So many minutes after a moment that all these stories begin at.
fn minute(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

/// Pulls what is due then; one source.
async fn pull(hub: &TestHub, minutes: i64) -> Pulled {
    let mut pulled = schedule::tick(&hub.app, minute(minutes)).await.unwrap();
    assert_eq!(pulled.len(), 1, "it is due");
    pulled.remove(0)
}

/// Pulls as the command does.
async fn pull_with(hub: &TestHub, minutes: i64, order: Order) -> Pulled {
    let source = &hub.app.config.sources[0];
    let claimed = schedule::claim(&hub.app, source, minute(minutes), order, false).await.unwrap();
    schedule::run(&hub.app, claimed.unwrap()).await.unwrap()
}

/// The code of the fault of a pull; empty without one.
fn fault(pulled: &Pulled) -> &'static str {
    pulled.fault.as_ref().map_or("", |it| it.kind.code())
}

/// The rows a steward finds, by number: the business's name, and whether the row is still in its list.
async fn rows(hub: &TestHub) -> BTreeMap<String, (String, bool)> {
    let query = "query($after: String) { enterprises(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { sourceRecords { absentFrom texts { field text } } }
    } }";
    let (mut rows, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let page = hub.ask_as(Role::Steward, query, json!({ "after": after })).await;
        assert!(page.body.get("errors").is_none(), "{page:?}");
        let records = page.at("/enterprises/nodes").as_array().unwrap().iter();
        for row in records.flat_map(|it| it["sourceRecords"].as_array().unwrap()) {
            let text = |field: &str| {
                let texts = row["texts"].as_array().unwrap().iter();
                let found =
                    texts.filter(|it| it["field"] == field).find_map(|it| it["text"].as_str());
                found.unwrap_or_default().to_owned()
            };
            let row = (text("own_number"), (text("business_name"), row["absentFrom"].is_null()));
            assert_eq!(rows.insert(row.0, row.1), None, "a row is there twice");
        }
        if page.at("/enterprises/pageInfo/hasNextPage") != true {
            return rows;
        }
        after = page.at("/enterprises/pageInfo/endCursor").clone();
    }
}

/// Runs a story on each database of the hub with each system of an agency. MariaDB is started anew each time, so it is
/// told on one.
fn everywhere<Story: Future<Output = ()>>(story: impl Fn(Kind, System) -> Story) {
    for kind in kinds() {
        for system in systems() {
            if system != System::Mariadb || kind == Kind::Sqlite {
                run(story(kind, system));
            }
        }
    }
}

const WATERMARK: &str = "watermark = \"diubah\"";

#[test]
fn an_agencys_table_flows_in_and_its_changes_follow() {
    everywhere(async |kind, system| {
        let agency = Agency::start(system).await;
        agency.fill(1..4, "2026-01-01 08:00:00").await;
        let hub = connected(kind, &agency, WATERMARK).await;
        let first = pull(&hub, 0).await;
        assert_eq!((fault(&first), first.counts.new), ("", 3), "{system:?} {first:?}");
        let named = |name: &str| (name.to_owned(), true);
        assert_eq!(rows(&hub).await["2"], named("Usaha 2"));

        // Every minute, and nothing is kept where nothing is new.
        assert!(schedule::tick(&hub.app, minute(0)).await.unwrap().is_empty(), "not due again");
        assert_eq!(pull(&hub, 1).await.files, []);
        agency.write(2, "Kedai Baru", "2026-01-01 09:00:00").await;
        agency.write(4, "Kedai Empat", "2026-01-01 09:00:00").await;
        let second = pull(&hub, 2).await;
        assert_eq!((second.counts.new, second.counts.changed, second.rows), (1, 1, 4));
        let now = rows(&hub).await;
        assert_eq!(
            (&now["2"], &now["4"], now.len()),
            (&named("Kedai Baru"), &named("Kedai Empat"), 4)
        );
        assert_eq!(pull(&hub, 3).await.files, []);

        // What changes back has changed.
        agency.write(2, "Usaha 2", "2026-01-01 10:00:00").await;
        pull(&hub, 4).await;
        agency.write(2, "Kedai Baru", "2026-01-01 11:00:00").await;
        pull(&hub, 5).await;
        assert_eq!(rows(&hub).await["2"], named("Kedai Baru"));
        // A row's value knows the pull that it came with.
        let files = "{ sourceFiles(first: 9) { nodes { source agency format receivedBy counts { rejected } } } }";
        let files = hub.operator("kominfo", files, Value::Null).await;
        let file = files.at("/sourceFiles/nodes/0");
        let expected = json!({
            "source": "umkm", "agency": "kominfo", "format": "rows", "receivedBy": "source umkm",
            "counts": { "rejected": 0 }
        });
        assert_eq!(
            (file, files.at("/sourceFiles/nodes").as_array().unwrap().len()),
            (&expected, 4)
        );
    });
}

#[test]
fn late_rows_and_equal_times_are_not_lost() {
    everywhere(async |kind, system| {
        let agency = Agency::start(system).await;
        // Files of two rows: five rows of one time lie across their edges.
        agency.fill(1..6, "2026-01-01 08:00:00").await;
        let hub =
            connected(kind, &agency, &format!("{WATERMARK}\nfile_rows = 2\noverlap = \"5m\""))
                .await;
        let first = pull(&hub, 0).await;
        assert_eq!((first.counts.new, first.files.len()), (5, 3), "{system:?} {first:?}");
        // One of the same time comes later, one of an earlier time was committed late.
        agency.fill(6..7, "2026-01-01 08:00:00").await;
        agency.fill(7..8, "2026-01-01 07:56:00").await;
        // And one without any.
        agency.run("INSERT INTO umkm (id, nama, kecamatan) VALUES (8, 'Usaha 8', 'Serang')").await;
        let second = pull(&hub, 1).await;
        assert_eq!((fault(&second), second.counts.new, second.counts.changed), ("", 3, 0));
        assert_eq!(rows(&hub).await.len(), 8);
        assert_eq!(pull(&hub, 2).await.files, []);
    });
}

#[test]
fn what_is_gone_is_marked_absent_but_a_list_suddenly_short_is_refused() {
    everywhere(async |kind, system| {
        let agency = Agency::start(system).await;
        agency.fill(1..11, "2026-01-01 08:00:00").await;
        let more = format!("{WATERMARK}\ndeletes = true\nfull_every = \"1h\"");
        let hub = connected(kind, &agency, &more).await;
        pull(&hub, 0).await;
        // The agency's other lists are no business of this one.
        hub.ingest("kominfo", "Kode Peserta,Nama UMKM,Kecamatan\nS-1,Warung Lama,Serang\n").await;
        agency.run("DELETE FROM umkm WHERE id = 10").await;
        assert_eq!(pull(&hub, 1).await.counts.absent, 0, "not a whole list");
        let full = pull(&hub, 60).await;
        assert_eq!((fault(&full), full.counts.absent), ("", 1), "{full:?}");
        let now = rows(&hub).await;
        assert!(!now["10"].1 && now["9"].1 && now["S-1"].1, "{now:?}");

        agency.run("DELETE FROM umkm WHERE id > 2").await;
        let refused = pull(&hub, 120).await;
        assert_eq!((fault(&refused), refused.counts.rows), ("SOURCE_LIST_TOO_SHORT", 0));
        agency.run("DELETE FROM umkm").await;
        let empty = pull_with(&hub, 180, Order::default()).await;
        assert_eq!(fault(&empty), "SOURCE_LIST_TOO_SHORT", "an empty list is not believed");
        assert!(rows(&hub).await["5"].1);
        let accepted = pull_with(&hub, 181, Order { full: true, accept_shorter: true }).await;
        assert_eq!((fault(&accepted), accepted.counts.absent), ("", 9), "{accepted:?}");
        // It comes back as what it was.
        agency.fill(5..6, "2026-01-02 08:00:00").await;
        assert_eq!(fault(&pull(&hub, 182).await), "");
        let now = rows(&hub).await;
        assert!(now["5"].1 && !now["6"].1 && now["S-1"].1, "{now:?}");
    });
}

#[test]
fn a_changed_schema_or_a_wrong_type_is_told_and_spoils_nothing() {
    everywhere(async |kind, system| {
        let agency = Agency::start(system).await;
        agency.fill(1..4, "2026-01-01 08:00:00").await;
        let hub = connected(kind, &agency, WATERMARK).await;
        pull(&hub, 0).await;
        agency.run("ALTER TABLE umkm RENAME COLUMN nama TO nama_usaha").await;
        let changed = pull(&hub, 1).await;
        assert_eq!(fault(&changed), "SOURCE_COLUMNS_CHANGED", "{system:?}");
        let jobs =
            "{ jobs { state failures next result { code about message remedy(lang: EN) } } }";
        let told = hub.operator("kominfo", jobs, Value::Null).await;
        let result = told.at("/jobs/0/result");
        assert_eq!((&result["about"], told.at("/jobs/0/failures")), (&json!("nama"), &json!(1)));
        assert_eq!(result["message"], "Kolom yang diharapkan tidak ada lagi pada sumber");
        assert_eq!(
            result["remedy"],
            "Bring query and mapping in line with the columns of the source."
        );
        let health = hub.client.get(format!("{}/health/ready", hub.url)).send().await.unwrap();
        let health: Value = health.json().await.unwrap();
        assert_eq!(health["sources"], json!({ "declared": 1, "failing": 1 }));

        agency.run("ALTER TABLE umkm RENAME COLUMN nama_usaha TO nama").await;
        agency.write(2, "Kedai Baru", "2026-01-01 09:00:00").await;
        assert_eq!(fault(&pull(&hub, 5).await), "");
        assert_eq!(rows(&hub).await["2"].0, "Kedai Baru");
        agency.run("DROP TABLE umkm").await;
        assert_eq!(fault(&pull(&hub, 9).await), "SOURCE_QUERY_REFUSED");
        agency.run("CREATE TABLE umkm (id INTEGER, nama VARCHAR(80), pemilik VARCHAR(80), kecamatan VARCHAR(40), omzet VARCHAR(20), diubah VARCHAR(40))").await;
        agency.run("INSERT INTO umkm VALUES (9, 'Usaha 9', 'Pemilik 9', 'Serang', 'banyak', 'zzz kemarin')").await;
        assert_eq!(fault(&pull(&hub, 13).await), "SOURCE_WATERMARK_UNREADABLE");
        assert_eq!(rows(&hub).await.len(), 3);
        // A value that is none is told of in its row, as in a sheet.
        agency.run("UPDATE umkm SET diubah = '2026-01-03 08:00:00'").await;
        let pulled = pull(&hub, 17).await;
        assert_eq!(
            (fault(&pulled), pulled.counts.new, pulled.counts.warned),
            ("", 1, 1),
            "{pulled:?}"
        );
    });
}

#[test]
fn a_source_is_only_read() {
    everywhere(async |kind, system| {
        let agency = Agency::start(system).await;
        agency.fill(1..2, "2026-01-01 08:00:00").await;
        if system != System::Postgres {
            return;
        }
        // A query that writes, by a function.
        agency.run("CREATE FUNCTION takes() RETURNS INTEGER LANGUAGE SQL AS 'DELETE FROM umkm RETURNING id'").await;
        let text = agency.declared("").replace("SELECT * FROM umkm", "SELECT *, takes() FROM umkm");
        let declared = load(&[("umkm.toml", &text)], &agency.password).unwrap();
        let hub = TestHub::start_with(kind, |it| it.sources = declared).await;
        let refused = pull(&hub, 0).await;
        let about = refused.fault.as_ref().unwrap().detail.as_deref();
        assert_eq!((fault(&refused), about), ("SOURCE_QUERY_REFUSED", Some("25006")));
        let text = agency.declared("").replace("SELECT * FROM umkm", "SELECT 1; DELETE FROM umkm");
        let mistakes = load(&[("umkm.toml", &text)], &agency.password).unwrap_err();
        assert!(mistakes[0].contains("one statement"), "{mistakes:?}");
    });
}

#[test]
fn two_tables_of_one_agency_keep_apart() {
    for kind in kinds() {
        run(async {
            let (one, other) =
                (Agency::start(System::Sqlite).await, Agency::start(System::Sqlite).await);
            one.fill(1..4, "2026-01-01 08:00:00").await;
            other.fill(1..4, "2026-01-01 08:00:00").await;
            let whole = "deletes = true\nlargest_shrink_percent = 50";
            let files = |more: &str| {
                let (one, other) =
                    (one.declared(whole), other.declared(&format!("{whole}\n{more}")));
                load(&[("a.toml", &one), ("b.toml", &other)], "")
            };
            let mistakes = files("").unwrap_err();
            assert!(mistakes[0].contains("number_prefix"), "{mistakes:?}");
            let declared = files("number_prefix = \"pasar-\"").unwrap();
            let hub = TestHub::start_with(kind, |it| it.sources = declared).await;
            assert_eq!(schedule::tick(&hub.app, minute(0)).await.unwrap().len(), 2);
            one.run("DELETE FROM umkm WHERE id = 3").await;
            schedule::tick(&hub.app, minute(1)).await.unwrap();
            let now = rows(&hub).await;
            let here: Vec<&str> = now.iter().filter(|it| it.1.1).map(|it| it.0.as_str()).collect();
            assert_eq!(here, ["1", "2", "pasar-1", "pasar-2", "pasar-3"], "{now:?}");
        });
    }
}
