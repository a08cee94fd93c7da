//! Who may change what: every mutation that introspection finds, in every role.

use domain::permission::Action;
use domain::viewer::{Role, Viewer};
use sea_orm::{FromQueryResult, JsonValue, Statement};
use serde_json::{Value, json};
use tunggal::graphql::declared::{Takes, takes};

use super::city::{City, Of, fill};
use super::shape::Shape;
use super::walk::everybody;
use crate::hub::{Kind, Reply, TestHub, on_every_database, reply, run};

/// How each mutation is asked; whoever adds one says here how.
fn call(city: &City, field: &str) -> String {
    let (a, b) = (&city.records["K-1"], &city.records["P-1"]);
    let pairs = format!("pairs: [{{ a: \"{a}\", b: \"{b}\" }}]");
    match field {
        "uploadSourceFile" => "(agency: \"kominfo\", file: $file)".to_owned(),
        "confirmMapping" => format!("(file: \"{}\", mapping: [])", city.files["kominfo"]),
        "link" => String::new(),
        "decide" => format!("(kind: NEVER, a: \"{a}\", b: \"{b}\", reason: \"x\")"),
        "decideTogether" => {
            format!("({pairs}, kind: NEVER, expected: 1, probability: 0.5, reason: \"x\")")
        }
        "splitOut" => format!("(record: \"{}\", reason: \"x\")", city.records["K-2"]),
        "overrideValue" => {
            format!(
                "(record: \"{a}\", attribute: \"phone\", value: \"081290010009\", reason: \"x\")"
            )
        }
        "undoDecision" | "approveDecision" | "rejectDecision" | "withdrawDecision" => {
            format!("(id: \"{}\")", city.decision)
        }
        "assignReview" => format!("({pairs}, assignee: \"steward@test\")"),
        "previewModel" => "(change: { linkBits: 80 })".to_owned(),
        "activateModel" => format!("(id: \"{}\")", city.model),
        "addConsentText" => {
            "(version: \"uji-2\", content: \"Saya setuju lagi dengan ini.\")".to_owned()
        }
        "giveConsent" => format!(
            "(input: {{ enterprise: \"{}\", institution: \"bank\", purpose: FINANCING, fields: [\"nib\"], \
             textVersion: \"uji-1\", channel: PAPER, evidence: \"map 12 lembar 5\", \
             expiresAt: \"2030-01-01T00:00:00Z\" }})",
            city.enterprises[&Of::Kominfo]
        ),
        "withdrawConsent" => format!("(id: \"{}\")", city.consent),
        "askRight" => format!(
            "(input: {{ kind: ERASURE, enterprise: \"{}\", reason: \"berhenti\" }})",
            city.enterprises[&Of::Kominfo]
        ),
        "findPersons" => "(nik: \"3673011405710017\")".to_owned(),
        "settleRight" => format!("(id: \"{}\", carryOut: true)", city.request),
        "liftRestriction" => format!("(id: \"{}\")", city.request),
        "resendWebhook" => format!("(id: \"msg_{}\")", "0".repeat(32)),
        "pullSource" | "cancelJob" => "(source: \"umkm\")".to_owned(),
        "settleBreakGlass" => "(seq: \"1\", justified: true, note: \"x\")".to_owned(),
        other => panic!("say in tests/matrix/changes.rs how {other} is asked"),
    }
}

async fn change(hub: &TestHub, who: &Viewer, city: &City, field: &str) -> Reply {
    let upload = field == "uploadSourceFile";
    let head = if upload { "mutation($file: Upload!)" } else { "mutation" };
    let query = format!("{head} {{ {field}{} {{ __typename }} }}", call(city, field));
    let mut request = hub.client.post(format!("{}/graphql", hub.url));
    if who.role != Role::Public {
        request =
            request.bearer_auth(hub.app.keys.issue(who, chrono::TimeDelta::hours(1)).unwrap());
    }
    let body = json!({ "query": query, "variables": { "file": null } });
    let request = if upload {
        let file =
            reqwest::multipart::Part::bytes(b"Nama Usaha,Kecamatan\nBakso,Serang\n".to_vec());
        let form = reqwest::multipart::Form::new()
            .text("operations", body.to_string())
            .text("map", "{\"0\":[\"variables.file\"]}")
            .part("0", file.file_name("list.csv"));
        request.header("graphql-preflight", "1").multipart(form)
    } else {
        request.json(&json!({ "query": query }))
    };
    reply(request.send().await.unwrap()).await
}

/// Everything the register holds, but for who asked.
async fn register(hub: &TestHub) -> String {
    let (_, database) = hub.database().await;
    let backend = database.get_database_backend();
    let read = async |text: &str| {
        let query = Statement::from_string(backend, text);
        JsonValue::find_by_statement(query).all(&database).await.unwrap()
    };
    let tables = read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").await;
    let mut all = String::new();
    for table in tables {
        let name = table["name"].as_str().unwrap();
        if name.starts_with("access_") || name.starts_with("sqlite_") {
            continue;
        }
        let rows = read(&format!("SELECT * FROM \"{name}\"")).await;
        all += &format!("{name} {}\n", Value::from(rows));
    }
    all
}

/// Law 8.
#[test]
fn every_mutation_is_refused_to_whoever_may_not_and_then_nothing_happens() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let city = fill(&hub).await;
        let before = register(&hub).await;
        assert!(before.contains("enterprise "), "the register is read");
        let shape = Shape::read(&hub).await;
        for field in &shape.types["Mutation"].fields {
            let Some(Takes::Right(right)) = takes("Mutation", &field.name) else {
                panic!("say in api/src/graphql/declared.rs which right {} takes", field.name);
            };
            let mut allowed = 0;
            for who in everybody(&city) {
                if who.may(right) {
                    allowed += 1;
                    // Her role may; a token that is held to everything else may not.
                    let others = Action::ALL.iter().copied().filter(|it| *it != right).collect();
                    let held = Viewer { held_to: Some(others), ..who };
                    let refused = change(&hub, &held, &city, &field.name).await;
                    assert_eq!(refused.code(), "INSUFFICIENT_SCOPE", "{} {refused:?}", field.name);
                } else {
                    let refused = change(&hub, &who, &city, &field.name).await;
                    assert_eq!(
                        refused.code(),
                        "FORBIDDEN",
                        "{} {} {refused:?}",
                        who.role.code(),
                        field.name
                    );
                }
            }
            assert!(0 < allowed, "nobody may {}", field.name);
        }
        assert!(register(&hub).await == before, "something was changed");
    });
}

on_every_database! {
    /// Law 8: two people are two people.
    async fn a_steward_neither_approves_her_own_merge_nor_activates_her_own_model(hub: TestHub) {
        let city = fill(&hub).await;
        let text = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"seen\") { id status } }";
        // Different NIKs of sole owners.
        let owners = "Nama Usaha,Nama Pemilik,NIK,Kecamatan\n";
        hub.ingest("disperindakop", &format!("{owners}Soto Rahayu,Rahayu,3673016601810034,Serang\n")).await;
        hub.ingest("hipmikindo", &format!("{owners}Warung Soto,Wartini,3673016702820035,Serang\n")).await;
        hub.link().await;
        let list = "{ enterprises(search: \"soto\") { nodes { sourceRecords { id } } } }";
        let found = hub.ask_as(Role::Steward, list, Value::Null).await;
        let row = |place: usize| found.at(&format!("/enterprises/nodes/{place}/sourceRecords/0/id")).clone();
        let proposed = hub.steward("tuti@serang", text, json!({ "a": row(0), "b": row(1) })).await;
        assert_eq!(proposed.at("/decide/status"), "PENDING", "{proposed:?}");
        let id = json!({ "id": proposed.at("/decide/id") });
        let approve = "mutation($id: ID!) { approveDecision(id: $id) { status } }";
        let own = hub.steward("tuti@serang", approve, id.clone()).await;
        assert_eq!(own.code(), "CONFLICT", "{own:?}");
        // Under another purpose she is the same person.
        let token = hub.app.keys.issue(
            &Viewer { subject: "tuti@serang".into(), ..crate::hub::viewer(Role::Steward, None) },
            chrono::TimeDelta::hours(1),
        ).unwrap();
        let request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(token);
        let request = request.header("Tunggal-Purpose", "subject_request");
        let body = json!({ "query": approve, "variables": id.clone() });
        assert_eq!(reply(request.json(&body).send().await.unwrap()).await.code(), "CONFLICT");
        let state = "query($id: ID!) { decision(id: $id) { status settledBy } }";
        let waits = hub.ask_as(Role::Steward, state, id.clone()).await;
        assert_eq!(waits.at("/decision"), &json!({ "status": "PENDING", "settledBy": null }));
        let other = hub.steward("rina@serang", approve, id).await;
        assert_eq!(other.at("/approveDecision/status"), "STANDING", "{other:?}");
        // A model links everybody anew.
        let preview = "mutation { previewModel(change: { linkBits: 85 }) { id } }";
        let made = hub.steward("tuti@serang", preview, Value::Null).await;
        let id = json!({ "id": made.at("/previewModel/id") });
        let activate = "mutation($id: ID!) { activateModel(id: $id) { model { active } } }";
        let own = hub.steward("tuti@serang", activate, id.clone()).await;
        assert_eq!(own.code(), "CONFLICT", "{own:?}");
        let other = hub.steward("rina@serang", activate, id).await;
        assert_eq!(other.at("/activateModel/model/active"), true, "{other:?}");
        assert!(!city.decision.is_empty());
    }
}
