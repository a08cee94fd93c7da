//! What is a person's by right: an answer, a correction, a pause, and to be forgotten everywhere.

mod cut_short;
mod desk;
mod places;
mod workbook;

use std::process::{Command, Stdio};

use domain::viewer::{Role, Viewer};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tunggal::service;

pub use places::places;

use crate::hub::{Reply, TestHub, kinds, on_every_database, run, viewer};

/// Three enterprises of one person; a text of each is found nowhere else.
pub const KOMINFO: &str = "\
Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan,NIB,Omzet per Tahun
K-1,Sambal Wulung,Zubaidah Qistina,3673014507850001,081299887766,Jl. Kenanga Wulung 77,Sumur Pecung,Serang,0807229043975,120000000
K-2,Bakso Pelangi Wulung,Zubaidah Qistina,3673014507850001,081299887766,Jl. Veteran 9,Cipare,Serang,,80000000
K-3,Emping Mutiara Lestari,Budi Santoso,3673021203790002,081234567802,Jl. Raya Kasemen 7,Kasemen,Kasemen,,90000000
K-4,Warung Bersama Jaya,Zubaidah Qistina,3673014507850001,081299887766,Jl. Ampera 5,Lopang,Serang,,70000000
";

const PARIWISATA: &str = "\
No. TDUP,Nama Usaha,Penanggung Jawab,NIK,No. Telp,Alamat,Kelurahan,Kecamatan
P-1,Warung Bersama Jaya,Rahmat Hidayat,3673010101800009,081355554444,Jl. Ampera 5,Lopang,Serang
";

/// What says something of her, in any writing of the hub's.
const HERS: [&str; 6] =
    ["3673014507850001", "zubaidah", "qistina", "81299887766", "kenanga wulung", "sambal wulung"];

pub async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", KOMINFO).await;
    hub.ingest("pariwisata", PARIWISATA).await;
    hub.link().await;
}

/// The row and the enterprise of an agency's own number, as a steward finds them.
pub async fn row(hub: &TestHub, agency: &str, number: &str) -> (Value, Value) {
    let query = "{ enterprises(first: 50) { nodes { id sourceRecords { id agency texts { field text } } } } }";
    let found = hub.ask_as(Role::Steward, query, Value::Null).await;
    for enterprise in found.at("/enterprises/nodes").as_array().unwrap() {
        for row in enterprise["sourceRecords"].as_array().unwrap() {
            let texts = row["texts"].as_array().unwrap();
            let own = texts.iter().find(|it| it["field"] == "own_number");
            if row["agency"] == agency && own.is_some_and(|it| it["text"] == number) {
                return (row["id"].clone(), enterprise["id"].clone());
            }
        }
    }
    panic!("{agency} {number}: {found:?}")
}

/// A token of the person whom a row names.
pub fn owner(hub: &TestHub, row: &Value) -> String {
    let person = row.as_str().unwrap().parse().unwrap();
    let owner = Viewer { person: Some(person), ..viewer(Role::Owner, None) };
    hub.app.keys.issue(&owner, chrono::TimeDelta::hours(1)).unwrap()
}

const ASK: &str = "mutation($input: RightInput!) { askRight(input: $input) { id status dueAt madeAt agency overdue } }";
const SETTLE: &str = "mutation($id: ID!, $yes: Boolean!, $answer: String! = \"\") {
    settleRight(id: $id, carryOut: $yes, answer: $answer) { status person settledBy answer } }";

pub async fn ask(hub: &TestHub, token: String, input: Value) -> Value {
    let asked = hub.ask(Some(token), ASK, json!({ "input": input })).await;
    assert!(asked.at("/askRight/id").is_string(), "{asked:?}");
    asked.at("/askRight").clone()
}

pub async fn carry_out(hub: &TestHub, id: &Value) -> Reply {
    hub.steward("sri", SETTLE, json!({ "id": id, "yes": true })).await
}

/// Makes one enterprise of her row K-4 and of his row P-1, as two stewards say.
async fn share(hub: &TestHub) {
    let (hers, one) = row(hub, "kominfo", "K-4").await;
    let (his, other) = row(hub, "pariwisata", "P-1").await;
    if one == other {
        return;
    }
    let decide = "mutation($a: ID!, $b: ID!) {
        decide(kind: SAME, a: $a, b: $b, reason: \"run together\") { id status } }";
    let said = hub.steward("ani", decide, json!({ "a": hers, "b": his })).await;
    let approve = "mutation($id: ID!) { approveDecision(id: $id) { status } }";
    if said.at("/decide/status") == "PENDING" {
        let id = said.at("/decide/id");
        let approved = hub.steward("budi", approve, json!({ "id": id })).await;
        assert_eq!(approved.at("/approveDecision/status"), "STANDING", "{approved:?}");
    }
    assert_eq!(row(hub, "kominfo", "K-4").await.1, row(hub, "pariwisata", "P-1").await.1);
}

pub fn tunggal(hub: &TestHub, arguments: &[&str], input: &str) -> (bool, String) {
    use std::io::Write;
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
    command.args(arguments).arg("--data-dir").arg(&hub.app.config.data_dir);
    command.env_remove("DATABASE_URL").env("USER", "sri");
    command.env("TUNGGAL_INSTITUTIONS", "bank=Bank Uji, koperasi=Koperasi Uji");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(url) = &hub.app.config.database_url {
        command.args(["--database-url", url]);
    }
    let mut running = command.spawn().unwrap();
    // A command that does not read may have ended.
    let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
    let output = running.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&told).into_owned())
}

/// UU PDP 27/2022 articles 8 and 43: nothing of her stays, everything of others does.
///
/// No search finds what is sealed; so the story is also told in a register that seals nothing, where the search
/// finds her before. No command opens such a register.
#[test]
fn an_erased_person_is_nowhere_and_does_not_come_back() {
    for kind in kinds() {
        run(async move {
            erased(&TestHub::start(kind).await, true).await;
            erased(&TestHub::start_unsealed(kind).await, false).await;
        });
    }
}

async fn erased(hub: &TestHub, is_sealed: bool) {
    filled(hub).await;
    share(hub).await;
    let (first, only) = row(hub, "kominfo", "K-1").await;
    let (_, shared) = row(hub, "pariwisata", "P-1").await;
    // What a steward set by her word, what she agreed to, and a profile of the past.
    let set = "mutation($record: ID!) { overrideValue(record: $record, attribute: \"street\",
                value: \"Jl. Kenanga Wulung 79\", reason: \"called\") { id } }";
    let over = hub.steward("ani", set, json!({ "record": first })).await;
    assert!(over.at("/overrideValue/id").is_string(), "{over:?}");
    let text = "mutation { addConsentText(version: \"uji-1\", content: \"Saya setuju data usaha saya dibaca.\") { version } }";
    hub.ask_as(Role::Steward, text, Value::Null).await;
    let soon = (tunggal::clock::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let give = "mutation($input: ConsentInput!) { giveConsent(input: $input) { id } }";
    let hers = owner(hub, &first);
    let given = hub.ask(Some(hers.clone()), give, json!({ "input": {
                "institution": "bank", "purpose": "FINANCING", "fields": ["phone"], "textVersion": "uji-1",
                "channel": "HERSELF", "expiresAt": soon } })).await;
    assert!(given.at("/giveConsent/id").is_string(), "{given:?}");
    for needle in HERS {
        let there = !places(hub, &[needle]).await.is_empty();
        assert!(there || is_sealed, "the search finds {needle} before");
    }

    ask(hub, hers.clone(), json!({ "kind": "RESTRICTION", "reason": "datanya keliru" })).await;
    let asked =
        ask(hub, hers.clone(), json!({ "kind": "ERASURE", "reason": "berhenti berusaha" })).await;
    let by_operator =
        hub.operator("kominfo", SETTLE, json!({ "id": asked["id"], "yes": true })).await;
    assert!(matches!(by_operator.code(), "NOT_FOUND" | "FORBIDDEN"), "{by_operator:?}");
    let done = carry_out(hub, &asked["id"]).await;
    assert_eq!(
        done.at("/settleRight"),
        &json!({
                "status": "DONE", "person": null, "settledBy": "sri", "answer": null }),
        "{done:?}"
    );

    let requests = "{ rightsRequests { nodes { kind status } } }";
    let requests = hub.ask_as(Role::Steward, requests, Value::Null).await;
    let restriction = json!({ "kind": "RESTRICTION", "status": "DONE" });
    let nodes = requests.at("/rightsRequests/nodes").as_array().unwrap();
    assert!(nodes.contains(&restriction), "nothing is left to restrict: {requests:?}");

    assert_eq!(places(hub, &HERS).await, Vec::<String>::new());
    // Hers alone is gone, by every way; the shared one goes on with what he said.
    let one =
        "query($id: ID!) { enterprise(id: $id) { id ownerName { value } phone { value } recordCount
                history { kind } } }";
    let gone = hub.ask_as(Role::Steward, one, json!({ "id": only })).await;
    assert_eq!(gone.at("/enterprise"), &Value::Null, "{gone:?}");
    let stays = hub.ask_as(Role::Steward, one, json!({ "id": shared })).await;
    assert_eq!(stays.at("/enterprise/ownerName/value"), "Rahmat Hidayat", "{stays:?}");
    assert_eq!(stays.at("/enterprise/phone/value"), "+6281355554444");
    assert_eq!(stays.at("/enterprise/recordCount"), 1);
    invariants(hub, 2).await;
    let lender = hub
        .ask_as(
            Role::Lender,
            "{ enterprises { totalCount }
                consentChanges { changes { kind } } }",
            Value::Null,
        )
        .await;
    assert_eq!(lender.at("/enterprises/totalCount"), 0);
    assert_eq!(lender.at("/consentChanges/changes/1/kind"), "WITHDRAWN", "{lender:?}");
    let empty = hub.ask(Some(hers), "{ enterprises { totalCount } }", Value::Null).await;
    assert_eq!(empty.at("/enterprises/totalCount"), 0);

    // The same list again, and another list of another agency that names her by NIK or by name and telephone, bring
    // nothing back.
    hub.ingest("kominfo", &format!("{KOMINFO}K-5,Keripik Pisang Rasa,Tono Wibowo,3673021203790077,081234567899,Jl. Baru 1,Kasemen,Kasemen,,1\n")).await;
    hub.ingest("pariwisata", "No. TDUP,Nama Usaha,Penanggung Jawab,NIK,No. Telp,Alamat,Kelurahan,Kecamatan
P-8,Penginapan Zubaidah,Zubaidah Qistina,'3673 0145 0785 0001,081299887766,Jl. Pelabuhan 1,Banten,Kasemen
P-10,Losmen Wulung,QISTINA Zubaidah,,0812-9988-7766,Jl. Pelabuhan 3,Banten,Kasemen
P-9,Penginapan Lain,Sari Melati,3673010101800010,081355554445,Jl. Pelabuhan 2,Banten,Kasemen\n").await;
    hub.link().await;
    assert_eq!(
        places(hub, &["3673014507850001", "zubaidah", "qistina", "81299887766"]).await,
        Vec::<String>::new()
    );
    invariants(hub, 4).await;
    let problems = hub.steward("ani", "{ sourceFiles(first: 1, agency: \"pariwisata\") { nodes {
                redactedAt counts { rejected accepted } problems(first: 5) { nodes { code } } } } }", Value::Null).await;
    let file = problems.at("/sourceFiles/nodes/0");
    assert_eq!(file["counts"], json!({ "rejected": 2, "accepted": 1 }), "{problems:?}");
    assert_eq!(file["problems"]["nodes"][0]["code"], "PERSON_ERASED", "{problems:?}");
    assert!(file["redactedAt"].is_string(), "{problems:?}");

    // Linking everything afresh finds the same, and the log of who read of her is whole.
    let before = crate::sample::homes(hub).await;
    service::link::link_everything(&hub.app).await.unwrap();
    assert_eq!(crate::sample::homes(hub).await, before);
    if !is_sealed {
        return;
    }
    let (whole, told) = tunggal(hub, &["audit", "checkpoint"], "");
    assert!(whole, "{told}");
    let (whole, told) = tunggal(hub, &["audit", "verify"], "");
    assert!(whole && told.contains("is whole"), "{told}");

    // Without the key nothing is taken: what may not come back would not be known again.
    std::fs::remove_file(hub.app.config.data_dir.join("tombstone-key")).unwrap();
    let list = hub.app.config.data_dir.join("again.csv");
    std::fs::write(&list, KOMINFO).unwrap();
    let (taken, told) =
        tunggal(hub, &["ingest", list.to_str().unwrap(), "--agency", "kominfo"], "");
    assert!(!taken && told.contains("tombstone-key"), "{told}");
}

on_every_database! {
    /// UU PDP 27/2022 article 41: held, and used by nobody but those who keep it.
    async fn what_is_restricted_is_not_used_until_that_is_lifted(hub: TestHub) {
        filled(&hub).await;
        let (first, _) = row(&hub, "kominfo", "K-1").await;
        let hers = owner(&hub, &first);
        let list = "{ enterprises { totalCount } }";
        assert_eq!(hub.operator("kominfo", list, Value::Null).await.at("/enterprises/totalCount"), 4);
        let asked = ask(&hub, hers.clone(), json!({ "kind": "RESTRICTION", "reason": "datanya keliru" })).await;
        assert_eq!(carry_out(&hub, &asked["id"]).await.at("/settleRight/status"), "DONE");
        assert_eq!(hub.operator("kominfo", list, Value::Null).await.at("/enterprises/totalCount"), 1);
        assert_eq!(hub.ask(Some(hers), list, Value::Null).await.at("/enterprises/totalCount"), 3);
        assert_eq!(hub.ask_as(Role::Steward, list, Value::Null).await.at("/enterprises/totalCount"), 5);
        let lift = "mutation($id: ID!) { liftRestriction(id: $id) { id } }";
        let refused = hub.operator("kominfo", lift, json!({ "id": asked["id"] })).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        hub.steward("sri", lift, json!({ "id": asked["id"] })).await;
        assert_eq!(hub.operator("kominfo", list, Value::Null).await.at("/enterprises/totalCount"), 4);
    }

    /// UU PDP 27/2022 article 30: it travels to the agency and comes back when the agency's row says so.
    async fn a_rectification_travels_to_the_agency_and_back(hub: TestHub) {
        filled(&hub).await;
        let (first, _) = row(&hub, "kominfo", "K-1").await;
        let (other, _) = row(&hub, "kominfo", "K-3").await;
        let hers = owner(&hub, &first);
        let input = |record: &Value| json!({ "kind": "RECTIFICATION", "record": record, "field": "street",
            "proposed": "Jl. Melati 1", "reason": "alamat lama" });
        let strangers = hub.ask(Some(hers.clone()), ASK, json!({ "input": input(&other) })).await;
        assert_eq!(strangers.code(), "NOT_FOUND");
        // What no row can have never reaches the agency.
        let mut impossible = input(&first);
        impossible["field"] = json!("nik");
        let refused = hub.ask(Some(hers.clone()), ASK, json!({ "input": impossible })).await;
        assert_eq!(refused.code(), "INVALID_INPUT");
        let asked = ask(&hub, hers.clone(), input(&first)).await;
        assert_eq!((&asked["status"], &asked["agency"]), (&json!("SENT"), &json!("kominfo")));
        let made: chrono::DateTime<chrono::Utc> = asked["madeAt"].as_str().unwrap().parse().unwrap();
        let due: chrono::DateTime<chrono::Utc> = asked["dueAt"].as_str().unwrap().parse().unwrap();
        assert_eq!(due - made, chrono::TimeDelta::hours(72));
        let list = "{ rightsRequests { nodes { id proposed record } } }";
        let seen = hub.operator("kominfo", list, Value::Null).await;
        assert_eq!(seen.at("/rightsRequests/nodes/0/proposed"), "Jl. Melati 1", "{seen:?}");
        let others = hub.operator("pariwisata", list, Value::Null).await;
        assert_eq!(others.at("/rightsRequests/nodes"), &json!([]));
        let yes = json!({ "id": asked["id"], "yes": true });
        assert_eq!(hub.operator("kominfo", SETTLE, yes.clone()).await.code(), "CONFLICT");
        hub.ingest("kominfo", &KOMINFO.replace("Jl. Kenanga Wulung 77", "Jl. Melati 1")).await;
        let settled = hub.operator("kominfo", SETTLE, yes.clone()).await;
        assert_eq!(settled.at("/settleRight/status"), "DONE", "{settled:?}");
        assert_eq!(hub.operator("kominfo", SETTLE, yes).await.code(), "CONFLICT", "once only");
        // She sees what became of it.
        let mine = hub.ask(Some(hers), "{ rightsRequests { nodes { status } } }", Value::Null).await;
        assert_eq!(mine.at("/rightsRequests/nodes/0/status"), "DONE");
    }

    async fn a_number_is_corrected_in_whatever_way_it_is_written(hub: TestHub) {
        filled(&hub).await;
        let (first, _) = row(&hub, "kominfo", "K-1").await;
        let settle = async |field: &str, proposed: &str| {
            let input = json!({ "kind": "RECTIFICATION", "record": first, "field": field,
                "proposed": proposed, "reason": "salah tulis" });
            let asked = ask(&hub, owner(&hub, &first), input).await;
            hub.operator("kominfo", SETTLE, json!({ "id": asked["id"], "yes": true })).await
        };
        for (field, same) in [("phone", "+62 812-9988-7766"), ("nib", "0807 2290 43975")] {
            let settled = settle(field, same).await;
            assert_eq!(settled.at("/settleRight/status"), "DONE", "{field}: {settled:?}");
        }
        for (field, other) in [("phone", "+62 812-9988-7767"), ("family_card", "tidak punya")] {
            assert_eq!(settle(field, other).await.code(), "CONFLICT", "{field}");
        }
    }

    async fn what_is_overdue_is_listed_and_a_refusal_needs_a_reason(hub: TestHub) {
        filled(&hub).await;
        let (first, _) = row(&hub, "kominfo", "K-1").await;
        let asked = ask(&hub, owner(&hub, &first), json!({ "kind": "ERASURE", "reason": "tidak mau lagi" })).await;
        let (_, none) = tunggal(&hub, &["rights", "list", "--overdue"], "");
        assert!(!none.contains("req_"), "{none}");
        let (_, database) = hub.database().await;
        database.execute_unprepared("UPDATE rights_request SET due_at = due_at - 259200001").await.unwrap();
        let (_, late) = tunggal(&hub, &["rights", "list", "--overdue"], "");
        assert!(late.contains(asked["id"].as_str().unwrap()) && late.contains("OVERDUE"), "{late}");
        let query = "{ rightsRequests(filter: { overdue: true }) { totalCount } }";
        assert_eq!(hub.ask_as(Role::Auditor, query, Value::Null).await.at("/rightsRequests/totalCount"), 1);
        let no = json!({ "id": asked["id"], "yes": false });
        assert_eq!(hub.steward("sri", SETTLE, no).await.code(), "INVALID_INPUT");
        let no = json!({ "id": asked["id"], "yes": false, "answer": "wajib disimpan menurut Pasal 15" });
        assert_eq!(hub.steward("sri", SETTLE, no).await.at("/settleRight/status"), "REFUSED");
        assert_eq!(hub.ask_as(Role::Auditor, query, Value::Null).await.at("/rightsRequests/totalCount"), 0);
    }

    async fn rows_whose_time_is_over_are_told_first_and_then_erased(hub: TestHub) {
        filled(&hub).await;
        let keep = ["rights", "keep", "kominfo", "--months", "60", "--ground", "Perwal 12/2026"];
        assert!(tunggal(&hub, &keep, "").0);
        let (_, told) = tunggal(&hub, &["rights", "retire", "--dry-run"], "");
        assert!(told.contains("0 rows"), "{told}");
        let (_, database) = hub.database().await;
        let old = "UPDATE source_file SET received_at = '2001-01-01 00:00:00+00:00' WHERE agency = 'kominfo'";
        database.execute_unprepared(old).await.unwrap();
        let (_, told) = tunggal(&hub, &["rights", "retire", "--dry-run"], "");
        assert!(told.contains("4 rows of 4 enterprises would be erased"), "{told}");
        invariants(&hub, 5).await;
        let (done, told) = tunggal(&hub, &["rights", "retire"], "");
        assert!(done && told.contains("4 rows of 4 enterprises erased"), "{told}");
        invariants(&hub, 1).await;
        assert_eq!(places(&hub, &HERS).await, Vec::<String>::new());
        // Their time was over; a new list brings them again.
        hub.ingest("kominfo", &format!("{KOMINFO}\n")).await;
        hub.link().await;
        invariants(&hub, 5).await;
    }
}

/// Every linked row is in one enterprise that is there, and every retired id leads to one that is, or to one
/// that was erased.
async fn invariants(hub: &TestHub, enterprises: i64) {
    let (_, database) = hub.database().await;
    let count = async |query: &str| -> i64 {
        let query = format!("SELECT COUNT(*) AS rows FROM {query}");
        let query = Statement::from_string(database.get_database_backend(), query);
        database.query_one_raw(query).await.unwrap().unwrap().try_get("", "rows").unwrap()
    };
    assert_eq!(count("enterprise").await, enterprises);
    let homeless = "membership WHERE enterprise_id NOT IN (SELECT id FROM enterprise)";
    assert_eq!(count(homeless).await, 0);
    let unlinked =
        "source_record WHERE state = 1 AND record_id NOT IN (SELECT record_id FROM membership)";
    assert_eq!(count(unlinked).await, 0);
    assert_eq!(
        count("membership WHERE record_id NOT IN (SELECT record_id FROM source_record)").await,
        0
    );
    let ownerless =
        "membership WHERE owner_id IS NOT NULL AND owner_id NOT IN (SELECT id FROM owner)";
    assert_eq!(count(ownerless).await, 0);
    assert_eq!(
        count("owner WHERE id NOT IN (SELECT owner_id FROM membership WHERE owner_id IS NOT NULL)")
            .await,
        0
    );
    let lost = "enterprise_redirect WHERE heir NOT IN (SELECT id FROM enterprise) \
        AND heir NOT IN (SELECT retired FROM enterprise_redirect)";
    let ends = "tombstone WHERE kind = 'enterprise'";
    assert!(count(lost).await <= count(ends).await);
}
