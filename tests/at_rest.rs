//! Personal data at rest: a stolen database shows none of it, keys are rotated while the register is
//! served, and a ring that is not the register's is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use domain::agency::AgencyCode;
use domain::enterprise::Attribute;
use domain::identifier::{Nik, Reading};
use domain::viewer::Role;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tunggal::app::App;
use tunggal::service::{data_keys, decisions, ingest};

use crate::hub::{Kind, TestHub, eventually, kinds, on_every_database, run, viewer};
use crate::register::{
    check_invariants, check_relinking, home, kominfo, of_kominfo, pariwisata, steward, view,
};

mod thief;

use thief::Loot;

const NIKS: &str = "{ enterprises(first: 50) { nodes { id nik { value } } } }";
const ROWS: &str = "{ enterprises(first: 50) { nodes { sourceRecords { id texts { text } } } } }";

/// The bundled sample.
const SAMPLE: [&str; 10] = [
    "kominfo.csv",
    "pariwisata.csv",
    "kecamatan_serang.csv",
    "kecamatan_taktakan.csv",
    "kecamatan_cipocok_jaya.csv",
    "kecamatan_curug.csv",
    "kecamatan_walantaka.csv",
    "kecamatan_kasemen.xlsx",
    "hipmikindo.csv",
    "disperindakop.xlsx",
];

/// Takes these lists of the bundled sample and links them.
async fn city(hub: &TestHub, lists: &[&str]) {
    for list in lists {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "sample", list].iter().collect();
        let agency = AgencyCode::parse(list.split_once('.').unwrap().0).unwrap();
        let by = viewer(Role::AgencyOperator, Some(agency.as_str()));
        let options = ingest::Options::default();
        ingest::receive(&hub.app, &by, &agency, &path, list, options).await.unwrap();
    }
    hub.link().await;
}

fn tunggal(hub: &TestHub, arguments: &[&str], ring: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
    command.args(arguments).arg("--data-dir").arg(&hub.app.config.data_dir);
    command.env_remove("DATABASE_URL").stdin(Stdio::null());
    command.envs(ring.map(|it| ("TUNGGAL_DATA_KEYS", it)));
    if let Some(url) = &hub.app.config.database_url {
        command.args(["--database-url", url]);
    }
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn done(hub: &TestHub, arguments: &[&str]) -> String {
    let output = tunggal(hub, arguments, None);
    assert!(output.status.success(), "{arguments:?}: {}", told(&output));
    told(&output)
}

fn ring(hub: &TestHub) -> PathBuf {
    hub.app.config.data_dir.join("data-keys.json")
}

async fn businesses(hub: &TestHub) {
    let some: Vec<usize> = (0..24).collect();
    hub.ingest("kominfo", &kominfo(&some, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&some, 0)).await;
    hub.link().await;
}

async fn alter(hub: &TestHub, statement: &str) -> u64 {
    let (_, database) = hub.database().await;
    database.execute_unprepared(statement).await.unwrap().rows_affected()
}

/// Nothing of a person is found in the database file and its log, or in a dump, whatever the form.
#[test]
fn a_stolen_register_shows_no_personal_data() {
    for kind in kinds() {
        run(async move {
            let hub = TestHub::start(kind).await;
            // All lists on SQLite; on PostgreSQL, where the same is written, some.
            let lists = if kind == Kind::Sqlite { &SAMPLE[..] } else { &SAMPLE[..4] };
            city(&hub, lists).await;
            // What a steward sets and says is personal too.
            let record = *hub.app.store.members().await.unwrap().keys().min().unwrap();
            let (phone, reason) = ("081987650123", "she called from 081987650124");
            let by = steward("walidata");
            let set =
                decisions::override_value(&hub.app, &by, record, Attribute::Phone, phone, reason);
            set.await.unwrap();

            let records = hub.app.store.current_records().await.unwrap();
            assert!(1_000 * lists.len() < records.len(), "the sample is not loaded");
            let mut secrets = thief::secrets(&records);
            secrets.extend([phone, &phone[1..], reason].map(|it| it.as_bytes().to_vec()));
            assert!(10 * records.len() < secrets.len(), "the sample has no secrets");
            let loot = Loot::of(&hub).await;
            secrets.extend(thief::hashes(&records));
            let found = loot.finds(&secrets);
            let some = &found[..found.len().min(8)];
            assert!(found.is_empty(), "{} found on {kind:?}: {some:#?}", found.len());
            assert_eq!(thief::open_block_keys(&hub, &records).await, 0);
            assert_eq!(thief::amounts_in_columns(&hub, &records).await, [""; 0]);
        });
    }
}

/// The search above would find what is not sealed: in a register that seals nothing it does.
#[test]
fn what_is_not_sealed_is_found() {
    for kind in kinds() {
        run(async move {
            let hub = TestHub::start_unsealed(kind).await;
            city(&hub, &["kecamatan_taktakan.csv"]).await;
            let records = hub.app.store.current_records().await.unwrap();
            let found = Loot::of(&hub).await.finds(&thief::secrets(&records));
            assert!(records.len() < found.len(), "{} found on {kind:?}", found.len());
            assert!(records.len() < thief::open_block_keys(&hub, &records).await);
            // Such a register is never taken for one that is sealed.
            let refused = App::start((*hub.app.config).clone()).await.err().unwrap();
            assert_eq!(refused.code(), "CONFLICT");
            let sealed = TestHub::start(kind).await;
            let refused = App::start_unsealed((*sealed.app.config).clone()).await.err().unwrap();
            assert_eq!(refused.code(), "CONFLICT");
        });
    }
}

on_every_database! {
    /// A sealed value opens in its own row alone, and what does not open is told without what is in it.
    async fn a_value_moved_from_another_row_is_found(hub: TestHub) {
        businesses(&hub).await;
        let fine = hub.ask_as(Role::Steward, ROWS, Value::Null).await;
        assert_eq!(fine.code(), "", "{fine:?}");
        let swap = "UPDATE source_record SET fields = (SELECT o.fields FROM source_record o WHERE o.seq = 2) WHERE seq = 1";
        assert_eq!(alter(&hub, swap).await, 1);
        let reply = hub.ask_as(Role::Steward, ROWS, Value::Null).await;
        assert_eq!(reply.code(), "DATA_DAMAGED", "{reply:?}");
        let remedy = reply.body["errors"][0]["extensions"]["remedy"].as_str().unwrap();
        assert!(remedy.contains("backup"), "{remedy}");

        // A profile of another enterprise.
        let [one, other] = [0, 5].map(of_kominfo);
        let [one, other] = [home(&hub.app, one).await, home(&hub.app, other).await];
        assert_ne!(one, other);
        let (_, database) = hub.database().await;
        let backend = database.get_database_backend();
        let (a, b) = match backend {
            sea_orm::DbBackend::Postgres => ("$1", "$2"),
            _ => ("?", "?"),
        };
        let text = format!("UPDATE enterprise SET profile = (SELECT o.profile FROM enterprise o WHERE o.id = {a}) WHERE id = {b}");
        let swap = Statement::from_sql_and_values(backend, text, [other.0.into(), one.0.into()]);
        database.execute_raw(swap).await.unwrap();
        let query = "query($id: ID!) { enterprise(id: $id) { nik { value } } }";
        let reply = hub.ask_as(Role::Steward, query, json!({ "id": one.to_string() })).await;
        assert_eq!(reply.code(), "DATA_DAMAGED", "{reply:?}");
        let reply = hub.ask_as(Role::Steward, query, json!({ "id": other.to_string() })).await;
        assert_eq!(reply.code(), "", "{reply:?}");
    }

    /// Keys are rotated while the register is read and written by others; afterwards the former key can go,
    /// and the register is as it was.
    async fn a_rotation_goes_on_while_the_register_is_served(hub: TestHub) {
        businesses(&hub).await;
        let before = view(&hub).await;
        let refused = tunggal(&hub, &["key", "data", "retire", "1"], None);
        assert!(!refused.status.success() && told(&refused).contains("key 1 seals"), "{}", told(&refused));
        let rotated = AtomicBool::new(false);
        let rotate = async {
            let config = (*hub.app.config).clone();
            let elsewhere = App::start(config).await.unwrap();
            let done = data_keys::rotate(&elsewhere).await.unwrap();
            rotated.store(true, Ordering::SeqCst);
            done
        };
        let read = async {
            let mut reads = 0;
            while !rotated.load(Ordering::SeqCst) {
                assert!(view(&hub).await == before || 0 < reads, "another view before any write");
                reads += 1;
            }
            reads
        };
        let write = async {
            let mut edition = 1;
            while !rotated.load(Ordering::SeqCst) {
                let some: Vec<usize> = (edition..edition + 6).collect();
                hub.ingest("kominfo", &kominfo(&some, edition)).await;
                hub.link().await;
                edition += 1;
            }
            edition
        };
        let (done, reads, writes) = tokio::join!(rotate, read, write);
        assert_eq!((done.version, done.damaged), (2, 0));
        assert!(100 < done.sealed && 1 < reads && 1 < writes, "{done:?} {reads} {writes}");
        let uses = data_keys::list(&hub.app).await.unwrap();
        assert_eq!(uses.iter().map(|it| (it.version, 0 < it.values)).collect::<Vec<_>>(), [(2, true), (1, false)]);
        assert!(done_list(&hub).starts_with("2  seals"));
        let after = view(&hub).await;
        assert!(done_retire(&hub, "1").contains("may be destroyed"));
        let ring = std::fs::read_to_string(ring(&hub)).unwrap();
        assert!(!ring.contains("\"version\":1") && ring.contains("\"version\":2"));
        let again = hub.another_node().await;
        assert!(view(&again).await == after, "another view after the former key went");
        check_invariants(&again.app).await;
        // The blocking index is of the new key, and finds what linking everything finds.
        check_relinking(&again.app).await;
    }

    /// A rotation that is cut short goes on to the same key.
    async fn a_rotation_cut_short_goes_on(hub: TestHub) {
        businesses(&hub).await;
        let before = view(&hub).await;
        let begun = async || hub.app.store.setting("data_key_rotation").await.unwrap().is_some();
        tokio::select! {
            done = data_keys::rotate(&hub.app) => panic!("{done:?} before it was cut short"),
            () = eventually(begun) => {}
        }
        let refused = data_keys::retire(&hub.app, 1).await.unwrap_err();
        assert_eq!(refused.code(), "CONFLICT");
        let done = data_keys::rotate(&hub.app).await.unwrap();
        assert_eq!(done.version, 2);
        assert_eq!(hub.app.store.ring().list().unwrap().len(), 2);
        assert!(view(&hub).await == before);
        data_keys::retire(&hub.app, 1).await.unwrap();
        assert!(view(&hub).await == before);
    }

    /// Without the register's ring nothing starts, and it is said which key is missing; another ring is told
    /// from it.
    async fn a_ring_that_is_not_the_registers_is_refused(hub: TestHub) {
        businesses(&hub).await;
        let (ring, config) = (ring(&hub), (*hub.app.config).clone());
        let kept = std::fs::read(&ring).unwrap();
        let start = async || App::start(config.clone()).await.err();

        std::fs::remove_file(&ring).unwrap();
        let refused = start().await.unwrap();
        assert_eq!((refused.code(), refused.to_string().contains("key 1")), ("DATA_KEY_MISSING", true));
        assert!(!ring.exists(), "a second ring was made");
        let output = told(&tunggal(&hub, &["migrate"], None));
        assert!(output.contains("key 1") && output.contains("docs/at-rest.md"), "{output}");
        let output = tunggal(&hub, &["key", "data", "add"], None);
        assert!(!output.status.success() && told(&output).contains("key 1"), "{output:?}");
        assert!(!ring.exists(), "a second ring was made");

        std::fs::write(&ring, "[]").unwrap();
        assert_eq!(start().await.unwrap().code(), "DATA_KEYS_UNREADABLE");
        std::fs::write(&ring, another_ring(1)).unwrap();
        assert_eq!(start().await.unwrap().code(), "DATA_KEY_WRONG");

        // From the environment, with no file at all.
        std::fs::remove_file(&ring).unwrap();
        let given = String::from_utf8(kept.clone()).unwrap();
        let output = tunggal(&hub, &["export", "enterprises"], Some(&given));
        assert!(output.status.success() && told(&output).contains("Siti Aminah"));
        assert!(!told(&tunggal(&hub, &["migrate"], Some("secret"))).contains("secret"));
        assert!(!ring.exists());

        std::fs::write(&ring, kept).unwrap();
        assert!(start().await.is_none());
    }

    /// A key that vanishes from the ring of a running server is told as such, and nothing else is.
    async fn a_key_that_vanishes_is_told(hub: TestHub) {
        businesses(&hub).await;
        let kept = std::fs::read(ring(&hub)).unwrap();
        replace(&ring(&hub), another_ring(2).as_bytes());
        let refused = async || hub.ask_as(Role::Steward, NIKS, Value::Null).await;
        eventually(async || refused().await.code() == "DATA_KEY_MISSING").await;
        let reply = refused().await;
        let message = reply.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("key 1") && !reply.body.to_string().contains("3673"), "{reply:?}");
        replace(&ring(&hub), &kept);
        eventually(async || refused().await.code().is_empty()).await;
    }

    /// A person is found by her NIK although no column holds it, before a rotation and after.
    async fn a_person_is_found_by_her_nik(hub: TestHub) {
        businesses(&hub).await;
        let Reading::Whole(nik) = Nik::read("3673010101600001") else { panic!("not a NIK") };
        let ids = async || {
            let found = tunggal::service::persons::by_nik(&hub.app, &nik).await.unwrap();
            found.into_iter().filter_map(|it| it.owner).collect::<Vec<_>>()
        };
        let found = ids().await;
        assert!(!found.is_empty());
        data_keys::rotate(&hub.app).await.unwrap();
        data_keys::retire(&hub.app, 1).await.unwrap();
        assert_eq!(ids().await, found);
    }
}

fn done_list(hub: &TestHub) -> String {
    done(hub, &["key", "data", "list"])
}

fn done_retire(hub: &TestHub, version: &str) -> String {
    done(hub, &["key", "data", "retire", version])
}

/// A ring of other keys.
fn another_ring(version: u32) -> String {
    let key = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
    json!({ "seals": version, "ids": key, "keys": [{ "version": version, "key": key }] })
        .to_string()
}

/// Puts a file in the place of another at once, as whoever administers secrets does.
fn replace(path: &Path, bytes: &[u8]) {
    let draft = path.with_extension("draft");
    std::fs::write(&draft, bytes).unwrap();
    std::fs::rename(draft, path).unwrap();
}

/// The ring is made with the register, and its owner alone may read it.
#[cfg(unix)]
#[test]
fn a_new_register_makes_its_ring() {
    use std::os::unix::fs::PermissionsExt;
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let mode = std::fs::metadata(ring(&hub)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(done_list(&hub), "1  seals  0 values\n");
        assert!(done(&hub, &["key", "data", "add"]).contains("Key 2"));
        assert!(done_list(&hub).starts_with("2  waits  0 values\n1  seals"));
    });
}
