//! A bank keeps what it was given, and can show it: receipts, and what the signed log says of them.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::hub::Kind;

const ONE: &str =
    "query($id: ID!) { enterprise(id: $id) { id name { value } financing { status } } }";

/// The whole answer to a request that asks for a receipt.
async fn with_receipt(hub: &TestHub, token: &str, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables, "extensions": { "receipt": true } });
    let request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(token).json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

/// The status and the body of the proof of an answer's receipt.
async fn proof(hub: &TestHub, token: &str, answer: &Value) -> (u16, Value) {
    let entry = answer["extensions"]["receipt"]["entry"].as_str().unwrap();
    let request = hub.client.get(format!("{}/receipts/{entry}", hub.url)).bearer_auth(token);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Signs what the log holds.
pub async fn signed(hub: &TestHub) -> String {
    let key = tunggal::service::checkpoints::signer(&hub.app).await.unwrap().unwrap();
    tunggal::service::checkpoints::sign(&hub.app, &key, 1).await.unwrap().unwrap();
    key.public().to_string()
}

/// What `tunggal receipt verify` says, with nothing of the hub but its public key.
fn verified(directory: &Path, answer: &Value, proof: &Value, key: &str) -> (bool, String) {
    let paths = [("answer.json", answer), ("proof.json", proof)].map(|(name, it)| {
        let path = directory.join(name);
        std::fs::write(&path, it.to_string()).unwrap();
        path
    });
    let output = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"))
        .args(["receipt", "verify"])
        .arg(&paths[0])
        .arg("--proof")
        .arg(&paths[1])
        .args(["--key", key, "--data-dir", "/nonexistent/tunggal"])
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(told).unwrap())
}

on_every_database! {
    /// A page of the view, a page of the feed and one enterprise each have a receipt that holds offline, and
    /// nothing that was changed afterwards does.
    async fn what_a_bank_was_given_can_be_shown_and_nothing_else_can(hub: TestHub) {
        filled(&hub).await;
        let ids = ids(&hub).await;
        let consents = [
            agree(&hub, &ids["Sate Bandeng Barokah"], &WHOLE).await,
            agree(&hub, &ids["Bengkel Sinar Jaya"], &WHOLE).await,
        ];
        let bank = hub.token(Role::Lender, None);
        let programme = json!({ "programme": "kur_micro" });
        let feed = "query($programme: String!) { financingChanges(programme: $programme) {
            cursor changes { kind enterpriseId row { enterprise { name { value } } readiness { status } } } } }";
        let one = json!({ "id": ids["Sate Bandeng Barokah"] });
        let mut answers = vec![];
        for (query, variables, relied) in [
            (VIEW, programme.clone(), &consents[..]),
            (feed, programme.clone(), &consents[..]),
            (ONE, one.clone(), &consents[..1]),
        ] {
            let answer = with_receipt(&hub, &bank, query, variables).await;
            let receipt = &answer["extensions"]["receipt"]["receipt"];
            let told = receipt["consents"].as_array().unwrap_or_else(|| panic!("{answer}"));
            let told: BTreeSet<&str> = told.iter().filter_map(Value::as_str).collect();
            assert_eq!(told, relied.iter().map(String::as_str).collect(), "{answer}");
            assert_eq!(receipt["institution"], "bank");
            assert_eq!(receipt["purpose"], "financing");
            assert!(!receipt["rules"].as_str().unwrap().is_empty());
            let (status, waiting) = proof(&hub, &bank, &answer).await;
            let code = &waiting["errors"][0]["extensions"]["code"];
            assert_eq!((status, code), (409, &json!("NOT_SIGNED_YET")), "{waiting}");
            answers.push(answer);
        }
        // Later entries belong to later checkpoints.
        let key = signed(&hub).await;
        hub.ask_as(Role::Steward, ONE, one.clone()).await;
        answers.push(with_receipt(&hub, &bank, VIEW, programme.clone()).await);
        assert_eq!(signed(&hub).await, key);

        let directory = tempfile::tempdir().unwrap();
        let mut proofs = vec![];
        for answer in &answers {
            let (status, proof) = proof(&hub, &bank, answer).await;
            assert_eq!(status, 200, "{proof}");
            let (holds, told) = verified(directory.path(), answer, &proof, &key);
            assert!(holds && told.starts_with("the receipt holds: entry "), "{told}");
            proofs.push(proof);
        }
        let (answer, proof) = (&answers[0], &proofs[0]);
        let fails = |answer: &Value, proof: &Value, key: &str, reason: &str| {
            let (holds, told) = verified(directory.path(), answer, proof, key);
            assert!(!holds && told.contains(reason), "{reason}: {told}");
        };
        let changed = |it: &Value, place: &str, to: Value| {
            let mut it = it.clone();
            *it.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = to;
            it
        };
        let name = "/data/financingView/nodes/0/enterprise/name/value";
        fails(&changed(answer, name, json!("Another")), proof, &key, "its data was changed");
        let rules = "/extensions/receipt/receipt/rules";
        fails(&changed(answer, rules, json!("other")), proof, &key, "not of this receipt");
        fails(answer, &proofs[1], &key, "not of this receipt");
        fails(answer, &changed(proof, "/entry/seq", json!(1)), &key, "not in the log");
        fails(answer, &changed(proof, "/entry/act/subject", json!("x")), &key, "not in the log");
        fails(answer, &changed(proof, "/path", json!([])), &key, "not in the log");
        fails(answer, &changed(proof, "/checkpoint", json!("")), &key, "no checkpoint");
        fails(answer, proof, &"0".repeat(64), "not signed with this key");
        fails(&changed(answer, "/extensions/receipt", json!(null)), proof, &key, "is not an answer with a receipt");
    }

    /// A proof is for whoever was given the receipt, her institution and auditors; to others it is not there, and
    /// neither is that of an answer without a receipt.
    async fn a_proof_is_told_to_whom_it_concerns(hub: TestHub) {
        filled(&hub).await;
        let ids = ids(&hub).await;
        agree(&hub, &ids["Sate Bandeng Barokah"], &WHOLE).await;
        let bank = hub.token(Role::Lender, None);
        let answer = with_receipt(&hub, &bank, VIEW, json!({ "programme": "kur_micro" })).await;
        let steward = hub.token(Role::Steward, None);
        let one = json!({ "id": ids["Sate Bandeng Barokah"] });
        let hers = with_receipt(&hub, &steward, ONE, one.clone()).await;
        signed(&hub).await;
        let colleague = Viewer { subject: "analyst".into(), ..viewer(Role::Lender, None) };
        let other = Viewer { institution: Some("bjb".into()), ..viewer(Role::Lender, None) };
        let another = Viewer { subject: "another".into(), ..viewer(Role::Steward, None) };
        let token = |it: &Viewer| hub.app.keys.issue(it, TimeDelta::hours(1)).unwrap();
        let (auditor, operator) =
            (hub.token(Role::Auditor, None), hub.token(Role::AgencyOperator, Some("kominfo")));
        for (token, status, of_steward) in [
            (bank, 200, 404),
            (token(&colleague), 200, 404),
            (auditor, 200, 200),
            (steward, 404, 200),
            (token(&another), 404, 404),
            (token(&other), 404, 404),
            (operator, 404, 404),
        ] {
            assert_eq!(proof(&hub, &token, &answer).await.0, status);
            assert_eq!(proof(&hub, &token, &hers).await.0, of_steward);
        }
        let bare = hub.client.get(format!("{}/receipts/1", hub.url));
        assert_eq!(bare.send().await.unwrap().status(), 404);
        let none = json!({ "extensions": { "receipt": { "entry": "1" } } });
        assert_eq!(proof(&hub, &hub.token(Role::Lender, None), &none).await.0, 404);
        // Nothing of persons, no receipt; and none that was not asked for.
        let query = "{ viewer { role } }";
        let public = with_receipt(&hub, &hub.token(Role::Steward, None), query, Value::Null).await;
        assert_eq!(public["extensions"], json!({ "receipt": null }), "{public}");
        let plain = hub.ask_as(Role::Steward, ONE, one).await;
        assert_eq!(plain.body.get("extensions"), None);
    }
}

/// A log that was changed before it was signed has no proof.
#[test]
fn a_receipt_whose_entry_was_changed_is_not_vouched_for() {
    crate::hub::run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        filled(&hub).await;
        let ids = ids(&hub).await;
        let steward = hub.token(Role::Steward, None);
        let one = json!({ "id": ids["Sate Bandeng Barokah"] });
        let answer = with_receipt(&hub, &steward, ONE, one).await;
        signed(&hub).await;
        let entry = answer["extensions"]["receipt"]["entry"].as_str().unwrap();
        let (_, database) = hub.database().await;
        let statement = format!("UPDATE access_log SET purpose = 'audit' WHERE seq = {entry}");
        sea_orm::ConnectionTrait::execute_unprepared(&database, &statement).await.unwrap();
        let (status, told) = proof(&hub, &steward, &answer).await;
        let code = &told["errors"][0]["extensions"]["code"];
        assert_eq!((status, code), (500, &json!("EVIDENCE_BROKEN")), "{told}");
    });
}
