//! Law 9: no read of personal data without evidence, which is durable before the answer leaves.

use std::sync::Arc;

use domain::id::DecisionId;
use domain::viewer::Role;
use evidence::{Entry, Hash, Report, Verifier};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tunggal::app::App;
use tunggal::service::checkpoints;

use crate::hub::{Reply, TestHub, on_every_database, reply};
use crate::socket::{Heard, Socket};

pub const KOMINFO: &str = "\
Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan,NIB
K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang,0807229043975
K-2,Emping Mutiara Lestari,Budi Santoso,3673021203790002,081234567802,Jl. Raya Kasemen 7,Kasemen,Kasemen,
";

pub const NIK: &str = "3673014507850001";
pub const LIST: &str = "{ enterprises { nodes { id nik { value } ownerName { value } } } }";

pub async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", KOMINFO).await;
    hub.link().await;
}

/// Every entry as stored, which must be readable.
pub async fn entries(app: &App) -> Vec<(Entry, Hash)> {
    let stored = app.store.log_part(0, 1_000_000).await.unwrap();
    stored.into_iter().map(Result::unwrap).collect()
}

/// Whether the log as stored is whole.
pub async fn verified(app: &App) -> Report {
    let log = app.store.log_head().await.unwrap();
    let key = checkpoints::signer(app).await.unwrap().unwrap().public();
    let mut verifier = Verifier::new(&log.installation, vec![], &key).unwrap();
    for (entry, hash) in entries(app).await {
        verifier.entry(&entry, &hash).unwrap();
    }
    let report = verifier.finish().unwrap();
    assert_eq!(report.entries, log.head.size, "the head is the last entry's");
    report
}

/// Asks with a purpose and a reason.
pub async fn stating(hub: &TestHub, role: Role, headers: &[(&str, &str)], query: &str) -> Reply {
    let mut request =
        hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(hub.token(role, None));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    reply(request.json(&json!({ "query": query })).send().await.unwrap()).await
}

async fn last(hub: &TestHub) -> Entry {
    entries(&hub.app).await.pop().unwrap().0
}

on_every_database! {
    /// Law 9.
    async fn a_request_that_touches_persons_is_one_entry_and_others_are_none(hub: TestHub) {
        filled(&hub).await;
        hub.ask_as(Role::Steward, "{ viewer { role } kecamatan { name } statistics { enterprises } }", Value::Null).await;
        assert_eq!(entries(&hub.app).await.len(), 0);
        let answer = hub.ask_as(Role::Steward, LIST, Value::Null).await;
        let entry = last(&hub).await;
        assert_eq!(entry.seq, 1);
        assert_eq!(entry.act.request, answer.headers["x-request-id"].to_str().unwrap());
        assert_eq!(entry.act.subject, "steward@test");
        assert_eq!((entry.act.purpose.as_str(), entry.act.rights.as_str()), ("data_quality", "read enterprises"));
        assert_eq!(entry.act.outcome.code(), "allowed");
        let shown: Vec<&str> = answer.at("/enterprises/nodes").as_array().unwrap().iter()
            .map(|it| it["id"].as_str().unwrap()).collect();
        let read = &entry.act.reads[0];
        assert_eq!(read.fields, ["id", "nik", "owner_name"]);
        assert!(shown.len() == 2 && shown.iter().all(|it| read.whose.iter().any(|id| id == it)));

        let refused = hub.ask_as(Role::Lender, "{ owners { nodes { id } } }", Value::Null).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        let nobody = hub.ask_as(Role::Lender, LIST, Value::Null).await;
        assert_eq!(nobody.at("/enterprises/nodes"), &json!([]));
        let outcomes: Vec<&str> = entries(&hub.app).await.iter().map(|it| it.0.act.outcome.code()).collect();
        assert_eq!(outcomes, ["allowed", "refused", "withheld"]);
        verified(&hub.app).await;
    }

    /// Law 9.
    async fn ids_alone_and_decisions_are_written_down_too(hub: TestHub) {
        filled(&hub).await;
        hub.ask_as(Role::Steward, "{ enterprises(first: 1) { nodes { id } } }", Value::Null).await;
        assert_eq!(last(&hub).await.act.reads[0].fields, ["id"]);
        let rows = "{ enterprises { nodes { sourceRecords { id } } } }";
        let rows = hub.ask_as(Role::Steward, rows, Value::Null).await;
        let row = |it: usize| rows.at(&format!("/enterprises/nodes/{it}/sourceRecords/0/id")).clone();
        assert!(last(&hub).await.act.reads[0].whose.iter().any(|it| row(0) == it.as_str()));
        let decide = "mutation($a: ID!, $b: ID!) { decide(kind: NEVER, a: $a, b: $b, reason: \"two\") { kind } }";
        let said = hub.ask_as(Role::Steward, decide, json!({ "a": row(0), "b": row(1) })).await;
        assert_eq!(said.at("/decide/kind"), "NEVER", "{said:?}");
        let entry = last(&hub).await;
        assert_eq!((entry.act.operation.as_str(), entry.act.outcome.code()), ("decide", "allowed"));
        assert_eq!((entry.act.reads[0].fields.join(" "), entry.act.reads[0].whose.len()), ("decision".to_owned(), 2));
        let unknown = DecisionId(uuid::Uuid::from_u128(7)).to_string();
        let undo = "mutation($id: ID!) { undoDecision(id: $id) { kind } }";
        let before = entries(&hub.app).await.len();
        let refused = hub.operator("kominfo", undo, json!({ "id": unknown })).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        assert_eq!(entries(&hub.app).await.len(), before + 1);
        assert_eq!(last(&hub).await.act.outcome.code(), "refused");
    }

    async fn a_persons_number_is_refused_in_an_address(hub: TestHub) {
        let query = format!("%7BsubjectReport(nik:%22{NIK}%22)%7Bpersons%7D%7D");
        let asked = hub.client.get(format!("{}/graphql?query={query}", hub.url));
        let asked = asked.bearer_auth(hub.token(Role::Auditor, None)).send().await.unwrap();
        let reply = crate::hub::reply(asked).await;
        assert_eq!((reply.status, reply.code()), (405, "METHOD_NOT_ALLOWED"));
    }

    /// Law 9.
    async fn nothing_leaves_when_it_cannot_be_written_down(hub: TestHub) {
        filled(&hub).await;
        let (_, database) = hub.database().await;
        database.execute_unprepared("DROP TABLE access_head").await.unwrap();
        let reply = hub.ask_as(Role::Steward, LIST, Value::Null).await;
        assert_eq!((reply.status, reply.code()), (503, "EVIDENCE_UNAVAILABLE"));
        assert!(!reply.body.to_string().contains(NIK));
        assert_eq!(entries(&hub.app).await.len(), 0, "what is not whole is not kept");
        let free = hub.ask_as(Role::Steward, "{ viewer { role } }", Value::Null).await;
        assert_eq!(free.at("/viewer/role"), "STEWARD", "{free:?}");
    }

    /// Law 9.
    async fn concurrent_requests_of_several_nodes_make_one_chain(hub: TestHub) {
        filled(&hub).await;
        let other = App::start((*hub.app.config).clone()).await.unwrap();
        let act = Arc::new({
            hub.ask_as(Role::Steward, LIST, Value::Null).await;
            last(&hub).await.act
        });
        let tasks: Vec<_> = (0..120)
            .map(|it| {
                let evidence = if it % 2 == 0 { hub.app.evidence.clone() } else { other.evidence.clone() };
                let act = Arc::clone(&act);
                tokio::spawn(async move { evidence.record((*act).clone()).await.is_ok() })
            })
            .collect();
        for task in tasks {
            assert!(task.await.unwrap());
        }
        assert_eq!(verified(&hub.app).await.entries, 121);
    }

    /// The clock of a machine may be set back; the log is not.
    async fn a_clock_set_back_is_told_and_does_not_take_the_log_back(hub: TestHub) {
        filled(&hub).await;
        hub.ask_as(Role::Steward, LIST, Value::Null).await;
        let first = last(&hub).await;
        hub.app.store.append_acts(vec![first.act.clone()], first.at - 3_600_000, None).await.unwrap();
        let set_back = last(&hub).await;
        assert_eq!((set_back.at, set_back.behind), (first.at, 3_600_000));
        assert_eq!(verified(&hub.app).await.clock_set_back, 1);
        let seen = "{ accessLog(first: 1) { nodes { clockBehind } } }";
        let seen = hub.ask_as(Role::Auditor, seen, Value::Null).await;
        assert_eq!(seen.at("/accessLog/nodes/0/clockBehind"), true, "{seen:?}");
    }

    /// Law 8 and law 9.
    async fn a_purpose_is_stated_checked_and_written_down(hub: TestHub) {
        filled(&hub).await;
        let steward = async |purpose: &str| stating(&hub, Role::Steward, &[("tunggal-purpose", purpose)], LIST).await;
        assert!(steward("subject_request").await.body.get("errors").is_none());
        assert_eq!(last(&hub).await.act.purpose, "subject_request");
        for purpose in ["financing", "curiosity", ""] {
            let refused = steward(purpose).await;
            assert_eq!((refused.status, refused.code()), (403, "PURPOSE_REFUSED"), "{purpose}");
            let act = last(&hub).await.act;
            assert_eq!((act.operation.as_str(), act.outcome.code()), ("purpose", "refused"));
        }
        assert_eq!(entries(&hub.app).await.len(), 4);
    }

    /// Law 8 and law 9.
    async fn a_socket_states_its_purpose_once_and_each_answer_is_an_entry(hub: TestHub) {
        filled(&hub).await;
        let open = async |purpose: Value| {
            let mut socket = Socket::open(&hub, "graphql-transport-ws").await.unwrap();
            let token = format!("Bearer {}", hub.token(Role::Steward, None));
            let payload = json!({ "Authorization": token, "purpose": purpose });
            socket.say(json!({ "type": "connection_init", "payload": payload })).await;
            assert_eq!(socket.hear().await, Heard::Text(json!({ "type": "connection_ack" })));
            socket
        };
        let mut socket = open(json!("public_service")).await;
        for id in ["1", "2"] {
            socket.say(json!({ "type": "subscribe", "id": id, "payload": { "query": LIST } })).await;
            let Heard::Text(next) = socket.hear().await else { panic!("closed") };
            assert_eq!(next["type"], "next");
            socket.hear().await;
        }
        let log = entries(&hub.app).await;
        assert_eq!(log.len(), 2);
        assert!(log.iter().all(|it| it.0.act.purpose == "public_service"));
        for purpose in [json!("financing"), json!("break_glass"), json!(7)] {
            let mut socket = open(purpose).await;
            socket.say(json!({ "type": "subscribe", "id": "1", "payload": { "query": LIST } })).await;
            let Heard::Text(error) = socket.hear().await else { panic!("closed") };
            assert_eq!(error["payload"][0]["extensions"]["code"], "PURPOSE_REFUSED", "{error}");
            assert_eq!(last(&hub).await.act.outcome.code(), "refused");
        }
    }

    /// A report is a file outside GraphQL, and a refused upload never becomes GraphQL.
    async fn what_is_not_graphql_is_written_down_too(hub: TestHub) {
        filled(&hub).await;
        let files = hub.ask_as(Role::Steward, "{ sourceFiles { nodes { id } } }", Value::Null).await;
        let id = files.at("/sourceFiles/nodes/0/id").as_str().unwrap().to_owned();
        let get = async |role: Role| {
            let address = format!("{}/files/{id}/report.xlsx", hub.url);
            let request = hub.client.get(address).bearer_auth(hub.token(role, None));
            request.header("tunggal-purpose", "subject_request").send().await.unwrap().status().as_u16()
        };
        assert_eq!(get(Role::Steward).await, 200);
        let act = last(&hub).await.act;
        assert_eq!((act.operation.as_str(), act.outcome.code()), ("report", "allowed"));
        assert_eq!((act.purpose.as_str(), act.reads[0].whose[0].as_str()), ("subject_request", id.as_str()));
        assert_eq!(get(Role::Lender).await, 403);
        assert_eq!(last(&hub).await.act.operation, "purpose report");
        // For whom it is not there, having asked is an entry too.
        let request = hub.client.get(format!("{}/files/{id}/report.xlsx", hub.url));
        let absent = request.bearer_auth(hub.token(Role::Lender, None)).send().await.unwrap();
        assert_eq!(absent.status(), 404);
        let act = last(&hub).await.act;
        assert_eq!((act.operation.as_str(), act.outcome.code(), act.reads.len()), ("report", "refused", 0));
        let form = reqwest::multipart::Form::new().text("operations", "{}");
        let request = hub.client.post(format!("{}/graphql", hub.url)).header("graphql-preflight", "1");
        let refused = reply(request.multipart(form).bearer_auth(hub.token(Role::Lender, None)).send().await.unwrap()).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        let act = last(&hub).await.act;
        assert_eq!((act.operation.as_str(), act.outcome.code()), ("uploadSourceFile", "refused"));
    }
}
