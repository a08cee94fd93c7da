//! What happened to an enterprise, and what it was.

use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::decisions::{self, Answer};

use crate::hub::{TestHub, on_every_database};
use crate::register::{decide, home, kominfo, of_kominfo, of_pariwisata, pariwisata, steward};

const HISTORY: &str = "query($id: ID!) { enterprise(id: $id) { id updatedAt
    history(includeUndone: true) { kind other records attribute at undone
        cause { kind runId modelId decisionId by files } } } }";

const PAST: &str = "query($id: ID!, $at: DateTime, $day: Date) {
    enterprise(id: $id, asOfMoment: $at, asOf: $day) {
        id updatedAt recordCount retiredIds name { value } ownerName { value } nik { value access }
        phone { value } links { a } sourceRecords { id fileId texts { field text } }
        history { kind } } }";

async fn filled(hub: &TestHub) {
    let some: Vec<usize> = (0..20).collect();
    hub.ingest("kominfo", &kominfo(&some, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&some[3..], 0)).await;
    hub.link().await;
}

async fn history(hub: &TestHub, id: &str) -> Vec<Value> {
    let reply = hub.ask_as(Role::Steward, HISTORY, json!({ "id": id })).await;
    assert!(reply.body.get("errors").is_none(), "{reply:?}");
    reply.at("/enterprise/history").as_array().unwrap().clone()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|it| it["kind"].as_str().unwrap()).collect()
}

on_every_database! {
    async fn an_enterprise_tells_what_happened_to_it_and_why(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let id = home(app, of_kominfo(2)).await.to_string();
        let told = history(&hub, &id).await;
        assert_eq!(kinds(&told), ["CREATED"]);
        assert_eq!(told[0]["records"], json!([of_kominfo(2).to_string()]));
        assert_eq!(told[0]["cause"]["kind"], "IMPORT");
        assert_eq!(told[0]["cause"]["files"].as_array().unwrap().len(), 1);

        hub.ingest("pariwisata", &pariwisata(&[2], 0)).await;
        let link = "mutation { link { sourceRecords } }";
        hub.steward("ani", link, Value::Null).await;
        let told = history(&hub, &id).await;
        assert_eq!(kinds(&told), ["RECORD_JOINED", "CREATED"]);
        assert_eq!(told[0]["records"], json!([of_pariwisata(2).to_string()]));
        assert_eq!(told[0]["cause"]["by"], "ani");
        assert_ne!(told[0]["cause"]["files"], told[1]["cause"]["files"]);

        hub.ingest("kominfo", &kominfo(&[2], 1)).await;
        hub.link().await;
        assert_eq!(kinds(&history(&hub, &id).await)[0], "CHANGED");

        let split = decisions::split_out(app, &steward("budi"), of_pariwisata(2), "moved").await.unwrap();
        let told = history(&hub, &id).await;
        let of = if told[0]["kind"] == "SPLIT_OFF" { "SPLIT_OFF" } else { "SPLIT_FROM" };
        assert_eq!(told[0]["kind"], of, "{told:?}");
        assert_eq!(told[0]["cause"]["decisionId"], split.to_string());
        assert_eq!(told[0]["cause"]["by"], "budi");
        let part = told[0]["other"].as_str().unwrap().to_owned();
        let told = history(&hub, &part).await;
        assert_eq!(kinds(&told), ["SPLIT_FROM", "CREATED"]);
        assert_eq!(told[0]["other"], json!(id));

        // Of two that are merged, the one tells where it went and the other what it took in.
        decide(app, Answer::Same, of_kominfo(4), of_kominfo(14)).await.unwrap();
        let heir = home(app, of_kominfo(4)).await.to_string();
        let told = history(&hub, &heir).await;
        assert_eq!(told[0]["kind"], "ABSORBED");
        let retired = told[0]["other"].as_str().unwrap();
        let end = told[0]["at"].clone();
        let query = "query($id: ID!, $at: DateTime) { enterprise(id: $id, asOfMoment: $at) { id } }";
        let found = hub.ask_as(Role::Steward, query, json!({ "id": retired, "at": end })).await;
        assert_eq!(found.at("/enterprise/id"), &json!(heir));
        // Lenders and agencies do not learn who the stewards are.
        let told = hub.operator("kominfo", HISTORY, json!({ "id": heir })).await;
        assert_eq!(told.at("/enterprise/history/0/cause/by"), &Value::Null, "{told:?}");
        assert_eq!(told.at("/enterprise/history/0/kind"), "ABSORBED");
    }

    async fn an_enterprise_is_shown_as_it_was(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let ask = async |id: &str, at: &Value| {
            let reply = hub.ask_as(Role::Steward, PAST, json!({ "id": id, "at": at })).await;
            assert!(reply.body.get("errors").is_none(), "{reply:?}");
            reply.at("/enterprise").clone()
        };
        let (a, b) = (of_kominfo(4), of_kominfo(14));
        let (one, two) = (home(app, a).await.to_string(), home(app, b).await.to_string());
        let created = history(&hub, &one).await[0]["at"].clone();
        let at_first = (ask(&one, &created).await, ask(&two, &created).await);
        assert_eq!(at_first.0["id"], json!(one));
        assert_eq!(at_first.0["links"], json!([]));
        assert_eq!(at_first.0["sourceRecords"].as_array().unwrap().len(), 2);

        let decision = decide(app, Answer::Same, a, b).await.unwrap();
        let heir = home(app, a).await.to_string();
        let merged = history(&hub, &heir).await[0]["at"].clone();
        let together = ask(&heir, &merged).await;
        assert_eq!(together["recordCount"], 4);
        assert_eq!(together["retiredIds"].as_array().unwrap().len(), 1);
        hub.ingest("kominfo", &kominfo(&[4], 2)).await;
        hub.link().await;
        let renewed = history(&hub, &heir).await[0]["at"].clone();
        decisions::undo(app, &steward("ani"), decision).await.unwrap();
        hub.ingest("kominfo", &kominfo(&[4], 1)).await;
        hub.link().await;

        // Whatever came after, the past stays what it was.
        assert_eq!((ask(&one, &created).await, ask(&two, &created).await), at_first);
        assert_eq!(ask(&heir, &merged).await, together);
        for id in [&one, &two] {
            assert_eq!(ask(id, &merged).await["id"], json!(heir), "then it led to the heir");
        }
        let later = ask(&heir, &renewed).await;
        assert_eq!(later["recordCount"], 4);
        let street = |it: &Value| {
            let rows = it["sourceRecords"].as_array().unwrap().iter();
            rows.filter(|it| it["id"] == a.to_string()).map(|it| it["texts"].to_string()).next().unwrap()
        };
        assert!(street(&later).contains("Blok 2") && !street(&together).contains("Blok"));
        assert!(street(&ask(&one, &json!("2100-01-01T00:00:00Z")).await).contains("Blok 1"));

        // By the day: nothing yesterday, the present today.
        let day = |days| (chrono::DateTime::parse_from_rfc3339(created.as_str().unwrap()).unwrap()
            + chrono::TimeDelta::days(days)).format("%Y-%m-%d").to_string();
        let reply = hub.ask_as(Role::Steward, PAST, json!({ "id": one, "day": day(-2) })).await;
        assert_eq!(reply.body["data"], json!({ "enterprise": null }));
        let today = hub.ask_as(Role::Steward, PAST, json!({ "id": one, "day": day(1) })).await;
        let present = hub.ask_as(Role::Steward, PAST, json!({ "id": one })).await;
        for field in ["id", "updatedAt", "recordCount", "name", "nik", "phone", "sourceRecords"] {
            let pointer = format!("/enterprise/{field}");
            assert_eq!(today.at(&pointer), present.at(&pointer), "{field}");
        }
        let both = json!({ "id": one, "day": day(0), "at": created });
        assert_eq!(hub.ask_as(Role::Steward, PAST, both).await.code(), "INVALID_INPUT");
    }

    /// Law 8: the past is cut as the present is.
    async fn the_past_is_no_way_round_what_a_role_may_see(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let id = home(app, of_kominfo(2)).await.to_string();
        let created = history(&hub, &id).await[0]["at"].clone();
        hub.ingest("pariwisata", &pariwisata(&[2], 0)).await;
        hub.link().await;
        let joined = history(&hub, &id).await[0]["at"].clone();
        let (then, now) = (json!({ "id": id, "at": created }), json!({ "id": id, "at": joined }));
        // Before its row was in it, the enterprise was none of pariwisata's.
        let seen = hub.operator("pariwisata", PAST, then.clone()).await;
        assert_eq!(seen.body["data"], json!({ "enterprise": null }));
        let seen = hub.operator("pariwisata", PAST, now.clone()).await;
        assert_eq!(seen.at("/enterprise/id"), &json!(id));
        // After its row left, it is no longer.
        decisions::split_out(app, &steward("a"), of_pariwisata(2), "another shop").await.unwrap();
        if home(app, of_kominfo(2)).await.to_string() == id {
            let seen = hub.operator("pariwisata", PAST, now.clone()).await;
            assert_eq!(seen.body["data"], json!({ "enterprise": null }));
            assert!(hub.operator("kominfo", PAST, now.clone()).await.at("/enterprise/id").is_string());
        }
        let masked = hub.ask_as(Role::Auditor, PAST, then.clone()).await;
        assert_eq!(masked.at("/enterprise/nik/access"), "MASKED");
        let hidden = hub.ask_as(Role::Administrator, PAST, then.clone()).await;
        assert_eq!(hidden.at("/enterprise/nik"), &json!({ "value": null, "access": "HIDDEN" }));
        assert_eq!(hub.public(PAST, then.clone()).await.code(), "FORBIDDEN");
        let lender = hub.ask_as(Role::Lender, PAST, then).await;
        assert_eq!(lender.body["data"], json!({ "enterprise": null }));
    }
}
