//! Documents that are known by their digest, and those that a client is held to.

use std::process::Command;

use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::accounts;
use tunggal::service::documents::digest;

use super::{TestHub, VIEWER, get, post};
use crate::hub::{Kind, eventually, run};
use crate::sign_in::{standing, token, with_secret};
use crate::socket::{Heard, Socket, subscribe};

fn persisted(document: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": digest(document) } })
}

#[test]
fn a_document_that_was_sent_once_is_known_by_its_digest() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let named = json!({ "extensions": persisted(VIEWER) });
        let unknown = post(&hub, None, &named).await;
        assert_eq!((unknown.status, unknown.code()), (200, "PERSISTED_QUERY_NOT_FOUND"));
        assert_eq!(unknown.body["errors"][0]["message"], "PersistedQueryNotFound");
        let forged = json!({ "query": "{ kecamatan { name } }", "extensions": persisted(VIEWER) });
        assert_eq!(post(&hub, None, &forged).await.code(), "PERSISTED_QUERY_MISMATCH");
        let whole = json!({ "query": VIEWER, "extensions": persisted(VIEWER) });
        assert_eq!(post(&hub, None, &whole).await.at("/viewer/role"), "PUBLIC");
        assert_eq!(post(&hub, None, &named).await.at("/viewer/role"), "PUBLIC");
        let extensions = persisted(VIEWER).to_string();
        assert_eq!(get(&hub, &[("extensions", &extensions)]).await.at("/viewer/role"), "PUBLIC");
        let mut socket = Socket::introduced(&hub, None).await;
        socket.say(json!({ "type": "subscribe", "id": "1", "payload": named })).await;
        let Heard::Text(message) = socket.hear().await else { panic!("closed") };
        assert_eq!(message["payload"]["data"]["viewer"]["role"], "PUBLIC");
        // What is above a limit is not kept, and no digest makes a change of a GET.
        let bomb = format!("{{ node(id: {}{}) {{ id }} }}", "[".repeat(50), "]".repeat(50));
        let sent = json!({ "query": bomb, "extensions": persisted(&bomb) });
        assert_eq!(post(&hub, None, &sent).await.code(), "TOO_DEEP");
        let again = json!({ "extensions": persisted(&bomb) });
        assert_eq!(post(&hub, None, &again).await.code(), "PERSISTED_QUERY_NOT_FOUND");
        let change = "mutation { link { enterprises } }";
        let sent = json!({ "query": change, "extensions": persisted(change) });
        assert_eq!(post(&hub, None, &sent).await.code(), "FORBIDDEN");
        assert_eq!(get(&hub, &[("extensions", &persisted(change).to_string())]).await.status, 405);
        for wrong in [
            json!({ "version": 2, "sha256Hash": digest(VIEWER) }),
            json!({ "version": 1 }),
            json!(1),
        ] {
            let body = json!({ "query": VIEWER, "extensions": { "persistedQuery": wrong } });
            assert_eq!(post(&hub, None, &body).await.code(), "INVALID_REQUEST");
        }
    });
}

fn tunggal(hub: &TestHub, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
    command.args(arguments).arg("--data-dir").arg(&hub.app.config.data_dir);
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_client_that_is_held_to_documents_asks_with_no_other() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let secret =
            accounts::add_client(&hub.app, "peta-umkm", standing(Role::Steward), None, None);
        let bearing = token(&with_secret(&hub, "peta-umkm", &secret.await.unwrap()).await);
        let asks = async |body: Value| post(&hub, Some(&bearing), &body).await;
        let other = "{ kecamatan { name } }";
        assert_eq!(asks(json!({ "query": other })).await.code(), "", "not held to anything yet");
        let (plain, manifest) =
            (hub.app.config.data_dir.join("a.graphql"), hub.app.config.data_dir.join("b.json"));
        std::fs::write(&plain, format!("{VIEWER}\n")).unwrap();
        let third = "{ agencies { code } }";
        let listed = json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id": "x", "name": "A", "type": "query", "body": third }] });
        std::fs::write(&manifest, listed.to_string()).unwrap();
        let (plain, manifest) = (plain.to_str().unwrap(), manifest.to_str().unwrap());
        assert!(tunggal(&hub, &["document", "add", "peta-umkm", plain, manifest]).0);
        eventually(async || asks(json!({ "query": other })).await.code() == "DOCUMENT_NOT_TRUSTED")
            .await;
        assert_eq!(asks(json!({ "query": VIEWER })).await.at("/viewer/role"), "STEWARD");
        assert_eq!(asks(json!({ "extensions": persisted(third) })).await.code(), "");
        let registered = json!({ "query": other, "extensions": persisted(other) });
        assert_eq!(asks(registered).await.code(), "DOCUMENT_NOT_TRUSTED");
        let mut socket = Socket::introduced(&hub, Some(bearing.clone())).await;
        socket.say(subscribe(other)).await;
        let Heard::Text(message) = socket.hear().await else { panic!("closed") };
        assert_eq!(message["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");
        // Others are not held to it.
        assert_eq!(hub.ask_as(Role::Steward, other, Value::Null).await.code(), "");
        let told = tunggal(&hub, &["document", "list"]).1;
        assert!(
            told.contains("peta-umkm: 2 documents") && told.contains(&digest(VIEWER)),
            "{told}"
        );
        assert!(!tunggal(&hub, &["document", "remove", "peta-umkm", "0000"]).0);
        for document in [VIEWER, third] {
            assert!(tunggal(&hub, &["document", "remove", "peta-umkm", &digest(document)[..12]]).0);
        }
        // With none left it may ask nothing, until it is let go.
        eventually(async || {
            asks(json!({ "query": VIEWER })).await.code() == "DOCUMENT_NOT_TRUSTED"
        })
        .await;
        assert!(tunggal(&hub, &["document", "free", "peta-umkm"]).0);
        eventually(async || asks(json!({ "query": other })).await.code().is_empty()).await;
        std::fs::write(plain, "{ a(").unwrap();
        assert!(!tunggal(&hub, &["document", "add", "peta-umkm", plain]).0);
    });
}
