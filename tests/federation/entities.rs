//! Entities by their keys: as many as a gateway asks for, and as strict as every other path.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{everything, nib, shops};
use crate::hub::{Reply, TestHub, on_every_database};

const ENTITIES: &str = "query($them: [_Any!]!) { _entities(representations: $them) { __typename
    ... on Enterprise { id name { value access } nib { value access } owners { id } }
    ... on Owner { id name { value } } ... on Agency { id name }
    ... on Kelurahan { code name } ... on Kecamatan { code name } ... on Kbli { code title } } }";

async fn entities(hub: &TestHub, role: Role, them: &[Value]) -> Reply {
    hub.ask_as(role, ENTITIES, json!({ "them": them })).await
}

fn by_id(of: &str, id: &str) -> Value {
    json!({ "__typename": of, "id": id })
}

fn by_nib(nib: &str) -> Value {
    json!({ "__typename": "Enterprise", "nibKey": nib })
}

fn codes(reply: &Reply) -> Vec<(Value, &str)> {
    let errors = reply.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors
        .iter()
        .map(|it| (it["path"].clone(), it["extensions"]["code"].as_str().unwrap()))
        .collect()
}

on_every_database! {
    async fn a_thousand_entities_take_as_many_statements_as_two(hub: TestHub) {
        hub.ingest("kominfo", &shops(0..120)).await;
        hub.link().await;
        let all = everything(&hub).await;
        assert_eq!(all.len(), 120);
        let of_both = |count: usize| -> Vec<Value> {
            let here = all.iter().take(count / 4);
            let here = here.flat_map(|it| [by_id("Enterprise", &it.0), by_nib(&it.1)]);
            // What is not there is looked for with the rest.
            let none = (0..count).map(|it| match it % 2 {
                0 => by_id("Enterprise", &format!("ent_{:032x}", it + 1)),
                _ => by_nib(&nib(it + 50_000)),
            });
            here.chain(none).take(count).collect()
        };
        let query = "query($them: [_Any!]!) { _entities(representations: $them) {
            ... on Enterprise { id name { value } nib { value } kecamatan { value { name } } } } }";
        let mut taken = vec![];
        for count in [4, 1_000] {
            let mut least = u64::MAX;
            // Something else may ask the database meanwhile, so the least of some counts.
            for _ in 0..3 {
                let before = hub.app.store.statements();
                let reply = hub.ask_as(Role::Steward, query, json!({ "them": of_both(count) })).await;
                least = least.min(hub.app.store.statements() - before);
                let found = reply.at("/_entities").as_array().unwrap();
                assert!(found.len() == count && codes(&reply).is_empty(), "{:?}", reply.code());
                let there = found.iter().filter(|it| !it.is_null()).count();
                assert_eq!(there, if count == 4 { 2 } else { 240 });
            }
            taken.push(least);
        }
        assert!(taken[0] == taken[1] && taken[1] <= 6, "{taken:?}");
        let many: Vec<Value> = (0..1_001).map(|it| by_nib(&nib(it))).collect();
        let refused = hub.ask_as(Role::Steward, query, json!({ "them": many })).await;
        assert_eq!(codes(&refused), [(json!(["_entities"]), "INVALID_INPUT")]);
    }

    async fn entities_come_in_order_the_retired_as_their_heirs_and_the_unknown_as_null(hub: TestHub) {
        hub.ingest("kominfo", &shops(0..3)).await;
        hub.ingest("pariwisata", &shops(3..6).replace("K-", "P-")).await;
        hub.link().await;
        let query = "{ enterprises { nodes { id nib { value } owners { id name { value } } sourceRecords { id } } } }";
        let before = hub.ask_as(Role::Steward, query, Value::Null).await;
        let nodes = before.at("/enterprises/nodes").as_array().unwrap();
        let of = |number: usize| nodes.iter().find(|it| it["nib"]["value"] == nib(number)).unwrap();
        let join = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"seen the shop\") { id status } }";
        let pair = json!({ "a": of(0)["sourceRecords"][0]["id"], "b": of(3)["sourceRecords"][0]["id"] });
        let decided = hub.steward("tuti@serang", join, pair).await;
        let approve = "mutation($id: ID!) { approveDecision(id: $id) { status } }";
        let approved = hub.steward("rudi@serang", approve, json!({ "id": decided.at("/decide/id") })).await;
        assert_eq!(approved.at("/approveDecision/status"), "STANDING", "{approved:?}");
        let (one, other) = (of(0)["id"].as_str().unwrap(), of(3)["id"].as_str().unwrap());
        let owner = of(1)["owners"][0]["id"].as_str().unwrap();
        let them = [
            by_id("Enterprise", one),
            by_id("Enterprise", "ent_00000000000000000000000000000001"),
            by_id("Enterprise", other),
            by_nib(&nib(1)),
            by_nib(&nib(99)),
            by_id("Owner", owner),
            by_id("Owner", "own_00000000000000000000000000000001"),
            by_id("Agency", "agy_kominfo"),
            by_id("Agency", "agy_nobody"),
            json!({ "__typename": "Kelurahan", "code": "36.73.01.1003" }),
            json!({ "__typename": "Kelurahan", "code": "31.71.01.1001" }),
            json!({ "__typename": "Kecamatan", "code": "36.73.02" }),
            json!({ "__typename": "Kbli", "code": "56103" }),
            // What another graph does not know, or was not shown.
            json!({ "__typename": "Enterprise", "nibKey": null }),
        ];
        let reply = entities(&hub, Role::Steward, &them).await;
        assert!(codes(&reply).is_empty(), "{reply:?}");
        let found = reply.at("/_entities");
        assert_eq!(found[0], found[2], "both lead to the heir");
        let heir = found[0]["id"].as_str().unwrap();
        assert!([one, other].contains(&heir));
        assert_eq!(found[3]["id"], of(1)["id"]);
        assert_eq!((&found[5]["id"], &found[5]["name"]), (&json!(owner), &of(1)["owners"][0]["name"]));
        assert_eq!(found[7], json!({ "__typename": "Agency", "id": "agy_kominfo", "name": found[7]["name"] }));
        assert_eq!(found[9]["code"], "36.73.01.1003");
        assert_eq!((&found[11]["name"], &found[12]["code"]), (&json!("Kasemen"), &json!("56103")));
        for nothing in [1, 4, 6, 8, 10, 13] {
            assert_eq!(found[nothing], Value::Null, "{nothing}");
        }
    }

    async fn what_is_no_key_is_refused_alone(hub: TestHub) {
        hub.ingest("kominfo", &format!("{}K-9,Toko Kedua,Siti Aminah,3673014507850001,Jl. Kesatu 1,Banten,Kasemen,{}\n", shops(0..2), nib(1))).await;
        hub.link().await;
        let them = [
            by_id("Enterprise", "ent_1"),
            by_nib(&nib(0)),
            // One NIB of two enterprises names neither.
            by_nib(&nib(1)),
            by_nib("123"),
            json!({ "__typename": "Viewer", "subject": "ani" }),
            json!("ent"),
            json!({ "__typename": "Enterprise" }),
            json!({ "id": "agy_kominfo" }),
            json!({ "__typename": "Kbli", "code": 56103 }),
        ];
        let reply = entities(&hub, Role::Steward, &them).await;
        let at = |place: usize| json!(["_entities", place]);
        let mut told = codes(&reply);
        told.sort_by_key(|it| it.0[1].as_u64());
        let wrong = |place: usize| (at(place), "INVALID_INPUT");
        assert_eq!(told, [wrong(0), (at(2), "CONFLICT"), wrong(3), wrong(4), wrong(5), wrong(6), wrong(7), wrong(8)]);
        assert!(reply.at("/_entities/1/id").is_string(), "{reply:?}");
    }

    async fn whoever_may_not_ask_by_a_key_is_refused_and_it_is_written_down(hub: TestHub) {
        hub.ingest("kominfo", &shops(0..1)).await;
        hub.link().await;
        let (id, its_nib) = everything(&hub).await.pop().unwrap();
        let kbli = json!({ "__typename": "Kbli", "code": "56103" });
        let them = [by_id("Enterprise", &id), by_nib(&its_nib), by_id("Owner", "own_1"), kbli];
        for (role, expected) in [
            // A masked NIB would be told by trying some.
            (Role::Auditor, vec![(json!(["_entities", 1]), "WITHHELD")]),
            (Role::Administrator, vec![(json!(["_entities", 1]), "WITHHELD")]),
            (Role::CentralBank, vec![(json!(["_entities", 0]), "FORBIDDEN"), (json!(["_entities", 1]), "FORBIDDEN")]),
        ] {
            let reply = entities(&hub, role, &them).await;
            let told = codes(&reply);
            for it in &expected {
                assert!(told.contains(it), "{}: {told:?}", role.code());
            }
            assert_eq!(reply.at("/_entities/1"), &Value::Null);
            assert_eq!(reply.at("/_entities/3/code"), "56103");
        }
        let nobody = hub.public(ENTITIES, json!({ "them": them })).await;
        assert_eq!(nobody.at("/_entities/0"), &Value::Null);
        assert!(codes(&nobody).contains(&(json!(["_entities", 0]), "FORBIDDEN")), "{nobody:?}");
        let log = hub.access_log().await;
        assert!(log.iter().any(|it| it.0 == "auditor" && it.1 == "_entities" && !it.3), "{log:?}");
        assert!(log.iter().any(|it| it.0 == "public" && it.1 == "_entities" && !it.3), "{log:?}");
        let read = entities(&hub, Role::Steward, &them[1..2]).await;
        assert_eq!(read.at("/_entities/0/id"), &json!(id));
        let log = hub.access_log().await;
        let last = log.last().unwrap();
        assert!(last.1 == "_entities" && last.2.split(' ').any(|it| it == "nib") && last.3, "{last:?}");
    }

    async fn the_schema_to_compose_from_is_told_to_whoever_may_introspect(hub: TestHub) {
        let query = "{ _service { sdl } }";
        let told = hub.ask_as(Role::Developer, query, Value::Null).await;
        assert_eq!(told.at("/_service/sdl"), tunggal::graphql::subgraph::sdl());
        for query in [query, "{ ...F } fragment F on Query { _service { sdl } }", "{ ... { _service { __typename } } }"] {
            let refused = hub.public(query, Value::Null).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{refused:?}");
        }
    }
}
