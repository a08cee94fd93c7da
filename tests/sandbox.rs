//! The sandbox: an invented city with every case a bank meets, under the ids that docs/banking.md tells.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::financing_feed::clients::{clients, held};
use crate::hub::{Reply, reply, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tunggal-under-test");
const DOCS: &str = include_str!("../docs/banking.md");

/// A running sandbox, which ends with the test.
struct Sandbox {
    child: Child,
    /// What it told at its start.
    told: BTreeMap<String, String>,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sandbox {
    /// Starts it in a directory of its own, beside the settings of a register that must not be touched.
    fn start(place: &Path) -> Sandbox {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--sandbox", "--listen", "127.0.0.1:0"]).current_dir(place);
        command.env("DATABASE_URL", "postgres://tunggal@127.0.0.1:1/real").env("TMPDIR", place);
        command.env("TUNGGAL_DATA_DIR", place.join("real")).env("TUNGGAL_LOG", "off");
        let child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut sandbox = Sandbox { child, told: BTreeMap::new() };
        let said = sandbox.child.stdout.take().unwrap();
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            if line == "# ready" {
                return sandbox;
            }
            if let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
                sandbox.told.insert(name.to_owned(), value.to_owned());
            }
        }
        panic!("it ended before it was ready");
    }

    fn told(&self, name: &str) -> &str {
        &self.told[name]
    }

    async fn token(&self) -> String {
        let request =
            reqwest::Client::new().post(format!("{}/oauth/token", self.told("TUNGGAL_URL")));
        let (client, secret) = (self.told("TUNGGAL_CLIENT"), self.told("TUNGGAL_SECRET"));
        let form = [("grant_type", "client_credentials")];
        let answer = request.basic_auth(client, Some(secret)).form(&form).send().await.unwrap();
        assert_eq!(answer.headers()["tunggal-data"], "synthetic");
        let answer: Value = answer.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks, and holds the answer to be marked twice.
    async fn ask(&self, query: &str, variables: Value) -> Reply {
        let request = reqwest::Client::new().post(format!("{}/graphql", self.told("TUNGGAL_URL")));
        let body = json!({ "query": query, "variables": variables });
        let request = request.bearer_auth(self.token().await).json(&body);
        let reply = reply(request.send().await.unwrap()).await;
        assert!(reply.body.get("errors").is_none(), "{reply:?}");
        assert_eq!(reply.headers["tunggal-data"], "synthetic");
        assert_eq!(reply.body["extensions"]["synthetic"], true, "{reply:?}");
        reply
    }

    /// Status and ceiling of each enterprise in the view of KUR micro, by id.
    async fn view(&self) -> BTreeMap<String, String> {
        let query = "{ financingView(programme: \"kur_micro\", first: 100) {
            nodes { enterprise { id } readiness { status ceiling } } } }";
        let found = self.ask(query, Value::Null).await;
        let rows = found.at("/financingView/nodes").as_array().unwrap().clone();
        let standing = |it: &Value| {
            let ceiling = it["readiness"]["ceiling"].as_u64().map(|it| format!(" {it}"));
            text(&it["readiness"]["status"]) + &ceiling.unwrap_or_default()
        };
        rows.iter().map(|it| (text(&it["enterprise"]["id"]), standing(it))).collect()
    }

    /// What happened to each enterprise since the cursor that was told.
    async fn changes(&self) -> BTreeMap<String, String> {
        let query = "query($since: String) { financingChanges(programme: \"kur_micro\", since: $since, first: 100) {
            hasNextPage changes { kind enterpriseId } } }";
        let since = json!({ "since": self.told("TUNGGAL_CURSOR_KUR_MICRO") });
        let found = self.ask(query, since).await;
        assert_eq!(found.at("/financingChanges/hasNextPage"), false);
        let changes = found.at("/financingChanges/changes").as_array().unwrap().clone();
        changes.iter().map(|it| (text(&it["enterpriseId"]), text(&it["kind"]))).collect()
    }
}

fn text(it: &Value) -> String {
    it.as_str().unwrap_or_default().to_owned()
}

/// The table of scenarios in the documentation: id, standing and change.
fn documented() -> Vec<[String; 3]> {
    let rows = DOCS.lines().filter(|it| it.starts_with("| S-"));
    let cell = |it: &str| it.trim().trim_matches('`').to_owned();
    let rows = rows.map(|it| it.split('|').map(cell).collect::<Vec<_>>());
    rows.map(|it| [it[3].clone(), it[4].clone(), it[5].clone()]).collect()
}

#[test]
fn a_bank_finds_every_documented_scenario_under_its_id_at_every_start() {
    run(async {
        let scenarios = documented();
        assert_eq!(scenarios.len(), 20);
        let column = |at: usize| -> BTreeMap<String, String> {
            let told = scenarios.iter().filter(|it| it[at] != "no");
            told.map(|it| (it[0].clone(), it[at].clone())).collect()
        };
        for _ in 0..2 {
            let place = tempfile::tempdir().unwrap();
            let sandbox = Sandbox::start(place.path());
            assert_eq!(sandbox.view().await, column(1));
            assert_eq!(sandbox.changes().await, column(2));
            let one = "query($id: ID!) { enterprise(id: $id) { id } }";
            let never = sandbox.ask(one, json!({ "id": scenarios[19][0] })).await;
            assert!(never.at("/enterprise").is_null(), "{never:?}");
            // It is told again to whoever asks again.
            assert_eq!(sandbox.changes().await, column(2));
        }
    });
}

#[test]
fn the_example_clients_run_against_the_sandbox() {
    run(async {
        let place = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(place.path());
        let view: Vec<String> = sandbox.view().await.into_keys().collect();
        for (number, client) in clients().iter().enumerate() {
            let copy = place.path().join(format!("copy-{number}.json"));
            let mut command = Command::new(client);
            command.arg("kur_micro").arg(&copy).envs(&sandbox.told);
            let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await;
            let output = output.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(held(&copy).into_iter().collect::<Vec<_>>(), view, "{}", client.display());
        }
    });
}

#[test]
fn a_sandbox_is_never_the_real_register() {
    let place = tempfile::tempdir().unwrap();
    for (flag, value) in [("--data-dir", "real"), ("--database-url", "postgres://127.0.0.1:1/real")]
    {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--sandbox", "--listen", "127.0.0.1:0", flag, value]);
        let output = command.current_dir(place.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("a register of its own"), "{said}");
    }
    let mut sandbox = Sandbox::start(place.path());
    let made = || -> Vec<String> {
        let all = std::fs::read_dir(place.path()).unwrap();
        all.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    };
    // What it made lies in a directory of its own, and goes when it is told to stop.
    assert!(matches!(&made()[..], [one] if one.starts_with("tunggal-sandbox-")), "{:?}", made());
    run(async { assert!(!sandbox.view().await.is_empty()) });
    let stop = Command::new("kill").arg(sandbox.child.id().to_string()).status().unwrap();
    assert!(stop.success() && sandbox.child.wait().unwrap().success());
    assert_eq!(made(), Vec::<String>::new());
}
