//! Those who send lists, settle pairs and link.

use domain::viewer::Role;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database, reply};

const LIST: &str = "\
Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan
K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang
K-2,Emping Mutiara Lestari,Budi Santoso,12345,081234567802,Jl. Raya Kasemen 7,Kasemen,Kasemen
";

const UPLOAD: &str = "mutation($file: Upload!, $agency: String!) {
    uploadSourceFile(agency: $agency, file: $file) {
        known counts { accepted new unchanged } file { id status agency name
            problems(first: 5) { totalCount nodes { row code severity message remedy(lang: EN) } } }
    }
}";

async fn upload(hub: &TestHub, token: String, agency: &str, preflight: bool) -> Reply {
    let operations = json!({ "query": UPLOAD, "variables": { "file": null, "agency": agency } });
    let form = Form::new()
        .text("operations", operations.to_string())
        .text("map", r#"{"0":["variables.file"]}"#)
        .part("0", Part::bytes(LIST.as_bytes()).file_name("daftar.csv"));
    let mut request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(token);
    if preflight {
        request = request.header("graphql-preflight", "1");
    }
    reply(request.multipart(form).send().await.unwrap()).await
}

on_every_database! {
    async fn a_row_that_a_whole_list_lacks_is_marked_and_kept(hub: TestHub) {
        hub.ingest("kominfo", LIST).await;
        let lines: Vec<&str> = LIST.lines().collect();
        hub.ingest_whole_list("kominfo", &format!("{}\n{}\n", lines[0], lines[1])).await;
        hub.link().await;
        let query = "{ enterprises { nodes {
            name { value } sourceRecords { absentFrom } } } }";
        let seen = hub.ask_as(Role::Steward, query, Value::Null).await;
        let absent = |at: usize| {
            seen.at(&format!("/enterprises/nodes/{at}/sourceRecords/0/absentFrom")).is_string()
        };
        assert_eq!(seen.at("/enterprises/nodes/0/name/value"), "Emping Mutiara Lestari");
        assert!(absent(0), "{seen:?}");
        assert!(!absent(1), "{seen:?}");
    }

    async fn an_operator_sends_her_list_and_learns_what_is_wrong(hub: TestHub) {
        let token = || hub.token(Role::AgencyOperator, Some("kominfo"));
        let sent = upload(&hub, token(), "kominfo", true).await;
        assert!(sent.body.get("errors").is_none(), "{sent:?}");
        let receipt = sent.at("/uploadSourceFile");
        assert_eq!(receipt["counts"]["new"], 2);
        assert_eq!(receipt["file"]["status"], "imported");
        assert!(1 <= receipt["file"]["problems"]["totalCount"].as_i64().unwrap(), "{receipt}");
        assert!(receipt["file"]["problems"]["nodes"][0]["remedy"].is_string());
        // Sending it twice changes nothing.
        let again = upload(&hub, token(), "kominfo", true).await;
        assert_eq!(again.at("/uploadSourceFile/known"), true);
        assert_eq!(again.at("/uploadSourceFile/file/id"), &receipt["file"]["id"]);

        let id = receipt["file"]["id"].as_str().unwrap();
        let url = format!("{}/files/{id}/report.xlsx", hub.url);
        let own = hub.client.get(&url).bearer_auth(token()).send().await.unwrap();
        assert_eq!(own.status(), 200);
        assert!(own.bytes().await.unwrap().starts_with(b"PK"));
        let other = hub.token(Role::AgencyOperator, Some("pariwisata"));
        let other = hub.client.get(&url).bearer_auth(other).send().await.unwrap();
        assert_eq!(other.status(), 404);
        assert_eq!(hub.client.get(&url).send().await.unwrap().status(), 404);
    }

    async fn nobody_sends_in_the_name_of_another(hub: TestHub) {
        let token = hub.token(Role::AgencyOperator, Some("kominfo"));
        let refused = upload(&hub, token.clone(), "pariwisata", true).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        let refused = upload(&hub, token, "kominfo", false).await;
        assert_eq!((refused.status, refused.code()), (400, "INVALID_REQUEST"));
        for role in [Role::Steward, Role::Administrator, Role::Auditor] {
            let refused = upload(&hub, hub.token(role, None), "kominfo", true).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{}", role.code());
        }
        let files = "{ sourceFiles { totalCount } }";
        let reply = hub.ask_as(Role::Steward, files, Value::Null).await;
        assert_eq!(reply.at("/sourceFiles/totalCount"), 0);
    }

    async fn an_agency_sees_its_own_files_alone(hub: TestHub) {
        hub.ingest("kominfo", LIST).await;
        let files = "{ sourceFiles { totalCount nodes { id agency counts { rows accepted } } } }";
        let own = hub.operator("kominfo", files, Value::Null).await;
        assert_eq!(own.at("/sourceFiles/totalCount"), 1);
        let id = own.at("/sourceFiles/nodes/0/id").clone();
        let other = hub.operator("pariwisata", files, Value::Null).await;
        assert_eq!(other.at("/sourceFiles/totalCount"), 0);
        let query = "query($id: ID!) { sourceFile(id: $id) { id } node(id: $id) { id } }";
        let hidden = hub.operator("pariwisata", query, json!({ "id": id })).await;
        assert_eq!(hidden.body["data"], json!({ "sourceFile": null, "node": null }));
    }

    /// Law 5.
    async fn a_steward_decides_and_takes_it_back(hub: TestHub) {
        hub.ingest("kominfo", LIST).await;
        hub.link().await;
        let records = "{ enterprises { totalCount nodes { id sourceRecords { id } } } }";
        let before = hub.ask_as(Role::Steward, records, Value::Null).await;
        assert_eq!(before.at("/enterprises/totalCount"), 2);
        let record = |at: usize| before.at(&format!("/enterprises/nodes/{at}/sourceRecords/0/id")).clone();
        let variables = json!({ "a": record(0), "b": record(1) });
        let decide = "mutation($a: ID!, $b: ID!) {
            decide(kind: SAME, a: $a, b: $b, reason: \"seen the shop\") { id kind undoneAt } }";
        for role in [Role::Administrator, Role::Auditor, Role::Developer] {
            let refused = hub.ask_as(role, decide, variables.clone()).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{}", role.code());
        }
        let decided = hub.ask_as(Role::Steward, decide, variables).await;
        assert_eq!(decided.at("/decide/kind"), "SAME", "{decided:?}");
        let after = hub.ask_as(Role::Steward, records, Value::Null).await;
        assert_eq!(after.at("/enterprises/totalCount"), 1);
        // Both old ids still find it.
        let old = before.at("/enterprises/nodes").as_array().unwrap();
        for it in old {
            let query = "query($id: ID!) { enterprise(id: $id) { recordCount } }";
            let found = hub.ask_as(Role::Steward, query, json!({ "id": it["id"] })).await;
            assert_eq!(found.at("/enterprise/recordCount"), 2);
        }
        let undo = "mutation($id: ID!) { undoDecision(id: $id) { undoneBy } }";
        let id = decided.at("/decide/id");
        let undone = hub.ask_as(Role::Steward, undo, json!({ "id": id })).await;
        assert_eq!(undone.at("/undoDecision/undoneBy"), "steward@test", "{undone:?}");
        let restored = hub.ask_as(Role::Steward, records, Value::Null).await;
        assert_eq!(restored.at("/enterprises"), before.at("/enterprises"));
        let decisions = "{ decisions { totalCount } open: decisions(status: STANDING) { totalCount } }";
        let reply = hub.ask_as(Role::Steward, decisions, Value::Null).await;
        assert_eq!(reply.body["data"], json!({ "decisions": { "totalCount": 1 }, "open": { "totalCount": 0 } }));
    }

    async fn an_administrator_links_and_sees_the_run(hub: TestHub) {
        hub.ingest("kominfo", LIST).await;
        let link = "mutation { link { sourceRecords enterprises } }";
        assert_eq!(hub.operator("kominfo", link, Value::Null).await.code(), "FORBIDDEN");
        let linked = hub.ask_as(Role::Administrator, link, Value::Null).await;
        assert_eq!(linked.at("/link"), &json!({ "sourceRecords": 2, "enterprises": 2 }), "{linked:?}");
        let runs = "{ linkRuns { totalCount nodes { cause modelId } } linkageModel { id active } reviewQueue { totalCount } }";
        let reply = hub.ask_as(Role::Steward, runs, Value::Null).await;
        assert!(reply.body.get("errors").is_none(), "{reply:?}");
        assert_eq!(reply.at("/linkRuns/nodes/0/modelId"), reply.at("/linkageModel/id"));
    }
}
