//! Clients whose types come from the published schema, as their developers make them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::accounts;

use crate::contract::root;
use crate::hub::{Kind, TestHub, eventually, run};
use crate::node::{packages, program};
use crate::sign_in::{standing, token, with_secret};

const PLACE: &str = "typescript";
const LIST: &str = "Kode Peserta,Nama Usaha,Nama Pemilik,NIK,Alamat,Kelurahan,Kecamatan,Tenaga Kerja\n\
    K-1,Bakso Barokah,Siti Aminah,3673014507850001,Jl. Ayip Usman 3,Sumur Pecung,Serang,4\n\
    K-2,Penginapan Karangantu,Hendra Wijaya,3673021203790002,Jl. Pelabuhan 1,Banten,Kasemen,\n\
    K-3,Emping Pandeglang,Maemunah,3673015609680003,Jl. Juhdi 8,Cipare,Serang,\n";

fn said(output: &Output) -> String {
    let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn in_folder(folder: &Path, name: &str, arguments: &[&str]) -> Output {
    let mut node = Command::new("node");
    let path = packages(PLACE).join(name);
    node.arg(path).args(arguments).current_dir(folder).output().unwrap()
}

/// The client's folder with its packages, apart from those of other tests.
fn folder() -> PathBuf {
    let shared = program(PLACE, "");
    let own = shared.join(format!("run-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(own.join("src")).unwrap();
    for name in ["codegen.json", "tsconfig.json", "package.json", "src/hub.ts", "src/main.ts"] {
        std::fs::copy(shared.join(name), own.join(name)).unwrap();
    }
    std::fs::copy(root().join("schema.graphql"), own.join("schema.graphql")).unwrap();
    own
}

fn generate(folder: &Path) -> Output {
    in_folder(folder, "@graphql-codegen/cli/esm/bin.js", &["--config", "codegen.json"])
}

fn compile(folder: &Path) -> Output {
    in_folder(folder, "typescript/bin/tsc", &[])
}

fn listed(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", said(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// What both clients print of the list.
fn expected(hub: &[Value]) -> Vec<Value> {
    let of = |name: &str, kelurahan: &str, workers: Option<i32>| {
        let id = &hub.iter().find(|it| it["name"]["value"] == name).unwrap()["id"];
        json!({ "id": id, "name": name, "kelurahan": kelurahan, "workers": workers })
    };
    vec![of("Bakso Barokah", "Sumur Pecung", Some(4)), of("Emping Pandeglang", "Cipare", None)]
}

async fn filled() -> (TestHub, Vec<Value>) {
    let hub = TestHub::start(Kind::Sqlite).await;
    hub.ingest("kominfo", LIST).await;
    hub.link().await;
    let query = "{ enterprises { nodes { id name { value } } } }";
    let told = hub.ask_as(Role::Steward, query, Value::Null).await;
    let nodes = told.at("/enterprises/nodes").as_array().unwrap().clone();
    (hub, expected(&nodes))
}

#[test]
fn a_typescript_client_is_generated_compiled_and_held_to_its_documents() {
    run(async {
        let (hub, expected) = filled().await;
        let folder = tokio::task::spawn_blocking(folder).await.unwrap();
        let at = folder.clone();
        let made =
            tokio::task::spawn_blocking(move || (generate(&at), compile(&at))).await.unwrap();
        assert!(
            made.0.status.success() && made.1.status.success(),
            "{} {}",
            said(&made.0),
            said(&made.1)
        );
        let secret =
            accounts::add_client(&hub.app, "peta-umkm", standing(Role::Steward), None, None);
        let bearing = token(&with_secret(&hub, "peta-umkm", &secret.await.unwrap()).await);
        let url = format!("{}/graphql", hub.url);
        let list = async |how: &'static [&'static str]| {
            let (at, url, bearing) = (folder.clone(), url.clone(), bearing.clone());
            let client = move || {
                let mut node = Command::new("node");
                node.arg(at.join("built/src/main.js")).arg(url).arg("36.73.01").args(how);
                node.env("TUNGGAL_TOKEN", bearing).output().unwrap()
            };
            tokio::task::spawn_blocking(client).await.unwrap()
        };
        assert_eq!(listed(&list(&[]).await), expected);
        // Its documents are known to nobody yet.
        let unknown = list(&["--by-digest"]).await;
        assert!(
            !unknown.status.success() && said(&unknown).contains("PERSISTED_QUERY_NOT_FOUND"),
            "{}",
            said(&unknown)
        );
        // What was generated goes in as it is, and then it may ask with nothing else.
        let manifest = folder.join("generated/persisted-documents.json");
        let mut add = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        add.args(["document", "add", "peta-umkm"]).arg(&manifest);
        let added = add.arg("--data-dir").arg(&hub.app.config.data_dir).output().unwrap();
        assert!(added.status.success(), "{}", said(&added));
        eventually(async || {
            let asked = hub.ask(Some(bearing.clone()), "{ viewer { role } }", Value::Null).await;
            asked.code() == "DOCUMENT_NOT_TRUSTED"
        })
        .await;
        assert_eq!(listed(&list(&["--by-digest"]).await), expected);
        std::fs::remove_dir_all(folder).unwrap();
    });
}

#[test]
fn a_typescript_client_that_asks_for_what_is_not_there_is_not_made() {
    let folder = folder();
    let main = folder.join("src/main.ts");
    let text = std::fs::read_to_string(&main).unwrap();
    // A field that is none.
    std::fs::write(&main, text.replacen("        workers {", "        wokers {", 1)).unwrap();
    assert!(!generate(&folder).status.success());
    // A value taken for what it is not.
    std::fs::write(&main, text.replace("const workers: number |", "const workers: string |"))
        .unwrap();
    assert!(generate(&folder).status.success());
    let compiled = compile(&folder);
    assert!(
        !compiled.status.success() && said(&compiled).contains("'number'"),
        "{}",
        said(&compiled)
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_rust_client_made_from_the_schema_lists_the_same() {
    run(async {
        let (hub, expected) = filled().await;
        let url = format!("{}/graphql", hub.url);
        let programs = Path::new(env!("CARGO_BIN_EXE_tunggal-under-test")).parent().unwrap();
        let mut client = Command::new(programs.join("examples/typed_client"));
        client.args([&url, "36.73.01"]).env("TUNGGAL_TOKEN", hub.token(Role::Steward, None));
        let output = tokio::task::spawn_blocking(move || client.output().unwrap()).await.unwrap();
        assert_eq!(listed(&output), expected);
    });
}
