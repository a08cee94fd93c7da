//! Refusals speak the language that is asked for; their codes do not change with it.

use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::error::catalogue;

use crate::contract::root;
use crate::hub::{Reply, TestHub, on_every_database, reply};
use crate::socket::{Heard, Socket};

async fn asking(hub: &TestHub, lang: Option<&str>, token: Option<&str>, query: &str) -> Reply {
    let mut request = hub.client.post(format!("{}/graphql", hub.url));
    if let Some(lang) = lang {
        request = request.header("accept-language", lang);
    }
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    reply(request.json(&json!({ "query": query })).send().await.unwrap()).await
}

on_every_database! {
    async fn a_refusal_is_indonesian_for_whoever_prefers_it_and_english_for_programs(hub: TestHub) {
        let lender = hub.token(Role::Lender, None);
        for (token, query, code, indonesian) in [
            (Some("x.y.z"), "{ viewer { role } }", "UNAUTHENTICATED", "Token tidak berlaku atau tidak ada"),
            (Some(lender.as_str()), "{ owners { nodes { id } } }", "FORBIDDEN", "Peran Anda tidak berhak melakukan ini"),
            (None, "{ nothing }", "INVALID_REQUEST", "Permintaan tidak dapat dibaca atau tidak sesuai dengan schema"),
            (None, "", "INVALID_REQUEST", "Permintaan tidak dapat dibaca atau tidak sesuai dengan schema"),
        ] {
            let english = asking(&hub, None, token, query).await;
            let told = asking(&hub, Some("id-ID, en;q=0.5"), token, query).await;
            assert_eq!((english.code(), told.code()), (code, code));
            let (english_error, error) = (&english.body["errors"][0], &told.body["errors"][0]);
            assert_eq!(error["message"], indonesian);
            let detail = error["extensions"]["detail"].as_str().unwrap_or_default();
            assert_ne!(english_error["message"], detail, "said in English");
            assert!(!detail.is_empty(), "{told:?}");
            let entry = catalogue::find(code).unwrap();
            assert_eq!(error["extensions"]["remedy"], entry.remedy(ingest::problem::Lang::Indonesian));
            assert_eq!(english_error["extensions"]["remedy"], entry.remedy(ingest::problem::Lang::English));
            assert_eq!((&told.headers["content-language"], &english.headers["content-language"]), (&"id".parse().unwrap(), &"en".parse().unwrap()));
            assert_eq!(told.status, english.status);
            assert_eq!(error["path"], english_error["path"]);
        }
    }

    async fn glass_that_is_broken_without_a_reason_is_told_to_need_one(hub: TestHub) {
        let request = hub.client.post(format!("{}/graphql", hub.url));
        let request = request.bearer_auth(hub.token(Role::Steward, None)).header("accept-language", "id");
        let request = request.header("Tunggal-Purpose", "break_glass");
        let told = reply(request.json(&json!({ "query": "{ enterprises { totalCount } }" })).send().await.unwrap()).await;
        assert_eq!(told.code(), "PURPOSE_REFUSED");
        let message = told.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("perlu alasan") && !message.contains("peran"), "{message}");
    }

    async fn the_argument_that_is_wrong_is_named_in_either_language(hub: TestHub) {
        let steward = hub.token(Role::Steward, None);
        let query = "{ enterprises(first: -1) { nodes { id } } }";
        let told = asking(&hub, Some("id"), Some(&steward), query).await;
        assert_eq!(told.code(), "INVALID_INPUT", "{told:?}");
        let message = told.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("Isian tidak benar: "), "{message}");
        let query = "query { enterprise(id: \"ent_1\", asOf: \"kemarin\") { id } }";
        let told = asking(&hub, Some("id"), Some(&steward), query).await;
        let detail = &told.body["errors"][0]["extensions"]["detail"];
        assert!(detail.as_str().unwrap().contains("tulis tanggal seperti 2025-09-30"), "{told:?}");
    }

    async fn signing_in_and_sockets_speak_it_too(hub: TestHub) {
        let request = hub.client.post(format!("{}/oauth/token", hub.url)).header("accept-language", "id");
        let grant = [("grant_type", "password"), ("username", "ani"), ("password", "x")];
        let refused = reply(request.form(&grant).send().await.unwrap()).await;
        assert_eq!(refused.body["error"], "invalid_grant");
        assert!(refused.body["error_description"].as_str().unwrap().starts_with("Nama atau kata sandi salah"));
        let mut socket = Socket::introduced(&hub, None).await;
        socket.say(json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ nothing }" } })).await;
        let Heard::Text(told) = socket.hear().await else { panic!("closed") };
        assert_eq!(told["payload"][0]["extensions"]["code"], "INVALID_REQUEST", "English unless asked");
        assert_eq!(told["payload"][0]["extensions"].get("detail"), None);
        let nowhere = hub.client.get(format!("{}/nowhere", hub.url)).header("accept-language", "id");
        let nowhere = reply(nowhere.send().await.unwrap()).await;
        assert_eq!((nowhere.code(), &nowhere.body["errors"][0]["message"]), ("NOT_FOUND", &Value::from("Tidak ditemukan")));
    }
}

/// What a service or the edge says is wrong is there in Indonesian too.
#[test]
fn every_reason_is_said_in_indonesian() {
    let mut unsaid = vec![];
    let mut seen = 0;
    for part in ["service", "graphql", "auth", "store", "http"] {
        let mut folders = vec![root().join("api/src").join(part)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                if path.extension().is_none_or(|it| it != "rs") {
                    continue;
                }
                for (call, place) in [
                    ("Error::invalid(", 1),
                    ("Error::Unauthenticated(", 0),
                    ("Error::PurposeRefused(", 0),
                    ("Error::SignatureRefused(", 0),
                    ("Error::Conflict(", 0),
                    ("InputValueError::custom(", 0),
                ] {
                    for told in text.split(call).skip(1) {
                        let end = told.find(";\n").unwrap_or(told.len());
                        let said = told[..end].split('"').skip(1).step_by(2).nth(place);
                        let Some(said) = said.filter(|it| it.contains(' ')) else { continue };
                        seen += 1;
                        let filled = filled(said);
                        if tunggal::error::indonesian::said(&filled).is_none() {
                            unsaid.push(format!("{}: {filled}", path.display()));
                        }
                    }
                }
            }
        }
    }
    assert!(80 < seen, "{seen}");
    assert!(unsaid.is_empty(), "{unsaid:#?}");
}

/// A text with something in the place of each `{...}`.
fn filled(text: &str) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        filled.push('7');
        filled += part.split_once('}').map_or("", |it| it.1);
    }
    filled
}

/// Every code that the sources write has its texts.
#[test]
fn every_code_is_in_the_catalogue() {
    let mut found = vec![];
    for (file, begin, end) in [
        ("api/src/error.rs", "pub fn code(&self)", "\n    }\n"),
        ("api/src/graphql/error.rs", "pub mod code {", "\n}\n"),
        ("api/src/http/token.rs", "const INVALID_CLIENT", "/// Answers with a token"),
    ] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let part = &text[text.find(begin).unwrap()..];
        let part = &part[..part.find(end).unwrap()];
        let codes = part.split('"').skip(1).step_by(2);
        found.extend(codes.map(str::to_owned));
    }
    assert!(25 < found.len(), "{found:?}");
    for code in found {
        assert!(catalogue::find(&code).is_some(), "{code} is not in the catalogue");
    }
}
