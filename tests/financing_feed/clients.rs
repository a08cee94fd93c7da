//! The clients that banks may begin from keep a copy and bring it up to date.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::permission::Action;
use domain::viewer::Role;
use serde_json::Value;
use tunggal::service::accounts;
use tunggal::store::accounts::Standing;

use super::{Copy, TEXT, WHOLE, agree, withdraw};
use crate::hub::{TestHub, on_every_database};
use crate::register::kominfo;

/// The examples: in Rust, and for a shell with curl and jq.
pub fn clients() -> [PathBuf; 2] {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts");
    [PathBuf::from(env!("CARGO_BIN_EXE_nightly")), scripts.join("nightly.sh")]
}

/// What a client says, and whether it is content.
async fn run(
    hub: &TestHub,
    client: &Path,
    secret: &str,
    programme: &str,
    copy: &Path,
) -> (bool, String) {
    let mut command = Command::new(client);
    command.arg(programme).arg(copy).env("TUNGGAL_URL", &hub.url);
    command.env("TUNGGAL_CLIENT", "bank-malam").env("TUNGGAL_SECRET", secret);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The ids in a copy.
pub fn held(copy: &Path) -> BTreeSet<String> {
    let copy: Value = serde_json::from_slice(&std::fs::read(copy).unwrap()).unwrap();
    copy["rows"].as_object().unwrap().keys().cloned().collect()
}

on_every_database! {
    async fn the_example_clients_hold_what_the_view_gives(hub: TestHub) {
        hub.ingest("kominfo", &kominfo(&[1, 4, 7, 11], 0)).await;
        hub.link().await;
        hub.ask_as(Role::Steward, TEXT, Value::Null).await;
        let found = hub.ask_as(Role::Steward, "{ enterprises { nodes { id } } }", Value::Null).await;
        let mut consents = vec![];
        for it in found.at("/enterprises/nodes").as_array().unwrap() {
            consents.push(agree(&hub, it["id"].as_str().unwrap(), "bank", &WHOLE).await);
        }
        let lender = Standing { role: Role::Lender, agency: None, institution: Some("bank".to_owned()), person: None };
        let scopes = BTreeSet::from([Action::ReadEnterprises, Action::FollowFinancing]);
        let secret = accounts::add_client(&hub.app, "bank-malam", lender, Some(scopes), None).await.unwrap();
        let place = tempfile::tempdir().unwrap();
        let reference = Copy::of(&hub, "bank");
        for round in 0..3 {
            let whole: BTreeSet<String> = reference.whole(&hub).await.into_keys().collect();
            assert_eq!(whole.len(), consents.len());
            for (number, client) in clients().iter().enumerate() {
                let copy = place.path().join(format!("copy-{number}.json"));
                let (content, said) = run(&hub, client, &secret, "kur_micro", &copy).await;
                assert!(content, "{}: {said}", client.display());
                assert_eq!(said.trim(), format!("{} enterprises", whole.len()));
                assert_eq!(held(&copy), whole, "{}, round {round}", client.display());
            }
            if round == 0 {
                withdraw(&hub, &consents.pop().unwrap()).await;
            }
        }
        // They say why they cannot, and keep what they have.
        for (number, client) in clients().iter().enumerate() {
            let copy = place.path().join(format!("copy-{number}.json"));
            let before = held(&copy);
            let (content, said) = run(&hub, client, &secret, "kur_small", &copy).await;
            assert!(!content && said.contains("CURSOR_FOREIGN"), "{}: {said}", client.display());
            assert!(!said.contains(&secret));
            assert_eq!(held(&copy), before);
            let (content, _) = run(&hub, client, "tgs_wrong", "kur_micro", &copy).await;
            assert!(!content);
        }
    }
}
