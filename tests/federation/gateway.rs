//! The hub, the tourism office's graph and the retail placement's behind one gateway (npm Hive Gateway).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{PLACE, everything, shops};
use crate::hub::{Kind, Reply, TestHub, reply, run};
use crate::matrix::city::{Of, fill};
use crate::node::{Server, output};

/// Everything that runs behind the gateway, and the gateway.
pub struct Federation {
    pub tourism: Server,
    pub retail: Server,
    gateway: Server,
    client: reqwest::Client,
    folder: PathBuf,
}

impl Drop for Federation {
    fn drop(&mut self) {
        // What is left in the temporary directory harms nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Federation {
    /// Starts both graphs with these lists, composes them with the hub's, and serves the whole.
    pub async fn start(hub: &TestHub, establishments: Value, placements: Value) -> Federation {
        let folder = std::env::temp_dir().join(format!("federation-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).unwrap();
            folder.join(name)
        };
        let address = format!("{}/graphql", hub.url);
        let token = hub.token(Role::Developer, None);
        let lists = (
            file("tourism.json", &establishments.to_string()),
            file("retail.json", &placements.to_string()),
            folder.join("supergraph.graphql"),
        );
        let folder = folder.clone();
        // The hub serves on this runtime, so nothing here may hold it up.
        tokio::task::spawn_blocking(move || {
            let hub = [("TUNGGAL_URL", address.as_str()), ("TUNGGAL_TOKEN", token.as_str())];
            let tourism = Server::start((PLACE, "tourism.mjs"), &[text(&lists.0)], &hub[..1]);
            let retail = Server::start((PLACE, "retail.mjs"), &[text(&lists.1)], &hub[..1]);
            let graphs = [
                format!("tunggal={address}"),
                format!("tourism={}", tourism.url),
                format!("retail={}", retail.url),
            ];
            let named: Vec<&str> = graphs.iter().map(String::as_str).collect();
            let supergraph = output((PLACE, "compose.mjs"), &named, &hub, "").unwrap();
            std::fs::write(&lists.2, supergraph).unwrap();
            let gateway = Server::start((PLACE, "gateway.mjs"), &[text(&lists.2)], &[]);
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            Federation { tourism, retail, gateway, client, folder }
        })
        .await
        .unwrap()
    }

    /// Asks the gateway, with a token or without, and how often it asked each graph for that.
    pub async fn ask(
        &self,
        token: Option<String>,
        query: &str,
    ) -> (Reply, BTreeMap<String, usize>) {
        let request = self.client.post(&self.gateway.url);
        let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let reply = reply(request.json(&json!({ "query": query })).send().await.unwrap()).await;
        let mut asked = BTreeMap::new();
        for line in self.gateway.until("answered") {
            if let Some(graph) = line["asks"].as_str() {
                *asked.entry(graph.to_owned()).or_default() += 1;
            }
        }
        (reply, asked)
    }
}

/// What the tourism office knows of each enterprise, by its NIB.
fn establishments(of: &[(String, String)]) -> Value {
    let all = of.iter().enumerate().map(|(at, (_, nib))| {
        json!({ "nib": nib, "visits": 100 + at, "ratings": [4, 5], "nightsSold": 10 + at,
                "rooms": [{ "name": "Melati", "beds": 2 }] })
    });
    all.collect()
}

/// Where each is sold, by its id.
fn placements(of: &[(String, String)]) -> Value {
    let channels = ["INDOMARET", "ALFAMART", "DEKRANASDA_GALLERY"];
    let all = of.iter().enumerate().map(|(at, (id, _))| {
        json!({ "enterprise": id, "channel": channels[at % 3], "shops": at, "since": "2026-03-01",
                "soldLastMonth": "14250000" })
    });
    all.collect()
}

const FIFTY: &str = "{ enterprises(first: 50) { nodes { id name { value }
    establishment { visits rating rooms { name beds } } placements { channel shops } } } }";

#[test]
fn fifty_enterprises_with_fields_of_three_graphs_take_at_most_three_requests_to_each() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        hub.ingest("kominfo", &shops(0..60)).await;
        hub.link().await;
        let all = everything(&hub).await;
        assert_eq!(all.len(), 60);
        let graphs = Federation::start(&hub, establishments(&all), placements(&all)).await;
        let (told, asked) = graphs.ask(Some(hub.token(Role::Steward, None)), FIFTY).await;
        assert!(told.body.get("errors").is_none(), "{told:?}");
        let nodes = told.at("/enterprises/nodes").as_array().unwrap();
        assert_eq!(nodes.len(), 50);
        for it in nodes {
            let at = all.iter().position(|(id, _)| it["id"] == id.as_str()).unwrap();
            assert_eq!(it["establishment"]["visits"], 100 + at);
            assert_eq!(it["establishment"]["rating"], 4.5);
            assert_eq!(it["placements"][0]["shops"], at);
            assert!(it["name"]["value"].is_string());
        }
        let graphs_asked: Vec<&str> = asked.keys().map(String::as_str).collect();
        assert_eq!(graphs_asked, ["retail", "tourism", "tunggal"]);
        assert!(asked.values().all(|it| *it <= 3), "{asked:?}");

        // The other way: from an establishment by its NIB and from a placement by an id to the profile, and on.
        let back = "{ establishments(first: 60) { visits nightsSold enterprise { id name { value } placements { shops } } }
            placements { shops soldLastMonth enterprise { id name { value } establishment { visits } } } }";
        let (told, asked) = graphs.ask(Some(hub.token(Role::Steward, None)), back).await;
        assert!(told.body.get("errors").is_none(), "{told:?}");
        let found = told.at("/establishments").as_array().unwrap();
        assert_eq!(found.len(), 60);
        for it in found {
            let at = usize::try_from(it["visits"].as_u64().unwrap()).unwrap() - 100;
            assert_eq!(it["enterprise"]["id"], all[at].0);
            assert_eq!(
                (&it["nightsSold"], &it["enterprise"]["placements"][0]["shops"]),
                (&json!(10 + at), &json!(at))
            );
        }
        for it in told.at("/placements").as_array().unwrap() {
            let at = usize::try_from(it["shops"].as_u64().unwrap()).unwrap();
            assert_eq!(it["enterprise"]["establishment"]["visits"], 100 + at);
            assert_eq!(it["soldLastMonth"], "14250000");
        }
        assert!(asked.values().all(|it| *it <= 3), "{asked:?}");
    });
}

#[test]
fn nobody_sees_more_through_the_gateway_than_at_the_hub() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let city = fill(&hub).await;
        let all = everything(&hub).await;
        let graphs = Federation::start(&hub, establishments(&all), placements(&all)).await;
        let query = "{ enterprises { nodes { id nib { value access } ownerName { value access }
                establishment { visits nightsSold } placements { shops } } }
            establishments { visits nightsSold enterprise { id ownerName { value access } } }
            placements { shops soldLastMonth enterprise { id ownerName { value access } } } }";
        // Without a token: what the other graphs tell everybody, and nothing of the hub's.
        let (nobody, _) = graphs.ask(None, query).await;
        assert_eq!(nobody.at("/enterprises"), &Value::Null);
        for (graph, secret) in [("establishments", "nightsSold"), ("placements", "soldLastMonth")] {
            let told = nobody.at(&format!("/{graph}")).as_array().unwrap();
            assert_eq!(told.len(), 3, "{nobody:?}");
            assert!(told.iter().all(|it| it[secret].is_null()), "{nobody:?}");
            let of = told.iter().map(|it| &it["enterprise"]["ownerName"]);
            assert!(of.into_iter().all(Value::is_null), "{nobody:?}");
        }
        assert_eq!(nobody.code(), "FORBIDDEN");
        // The key of the other graph tells nobody a NIB.
        for field in ["nibKey", "nib { value }"] {
            let (told, _) = graphs
                .ask(None, &format!("{{ establishments {{ enterprise {{ {field} }} }} }}"))
                .await;
            let leaked = all.iter().any(|it| told.body.to_string().contains(&it.1));
            assert!(!leaked && told.body["errors"].is_array(), "{told:?}");
        }
        // An agency finds what it knows, and the caller's token went on: the hub wrote down who read.
        let token = || hub.token(Role::AgencyOperator, Some("kominfo"));
        let (own, _) = graphs.ask(Some(token()), query).await;
        let known = [&city.enterprises[&Of::Kominfo], &city.enterprises[&Of::Both]];
        let direct = hub
            .ask(
                Some(token()),
                "{ enterprises { nodes { id nib { value access } ownerName { value access } } } }",
                Value::Null,
            )
            .await;
        let nodes = own.at("/enterprises/nodes").as_array().unwrap();
        assert_eq!(nodes.len(), 2, "{own:?}");
        for (through, at_hub) in
            nodes.iter().zip(direct.at("/enterprises/nodes").as_array().unwrap())
        {
            for field in ["id", "nib", "ownerName"] {
                assert_eq!(through[field], at_hub[field]);
            }
            assert!(through["placements"][0]["shops"].is_number());
        }
        for graph in ["establishments", "placements"] {
            for it in own.at(&format!("/{graph}")).as_array().unwrap() {
                let id = &it["enterprise"]["id"];
                let finds = known.iter().any(|known| *id == known.as_str());
                let told = &it["enterprise"]["ownerName"];
                assert_eq!(told.is_null(), !finds, "{it}");
            }
        }
        assert!(
            own.at("/placements/0/soldLastMonth").is_string(),
            "an office sees what others' graphs keep for offices"
        );
        let log = hub.access_log().await;
        assert!(
            log.iter().any(|it| it.0 == "agency_operator"
                && it.1.contains("_entities")
                && it.2.contains("owner_name")),
            "{log:?}"
        );
        // A bank was shown no NIB, so what is known by the NIB is not found; what is known by the id is.
        let (bank, _) = graphs.ask(Some(hub.token(Role::Lender, None)), query).await;
        let nodes = bank.at("/enterprises/nodes").as_array().unwrap();
        assert_eq!(nodes.len(), 1, "{bank:?}");
        assert_eq!(
            (&nodes[0]["establishment"], &nodes[0]["nib"]["access"]),
            (&Value::Null, &json!("HIDDEN"))
        );
        assert!(
            nodes[0]["placements"][0]["shops"].is_number()
                && bank.at("/establishments/0/nightsSold").is_null()
        );
    });
}

#[test]
fn what_was_placed_under_a_retired_id_is_found_under_its_heir_both_ways() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let city = fill(&hub).await;
        let heir = &city.enterprises[&Of::Both];
        let query = format!("{{ enterprise(id: \"{heir}\") {{ retiredIds }} }}");
        let told = hub.ask_as(Role::Steward, &query, Value::Null).await;
        let retired = told.at("/enterprise/retiredIds/0").as_str().unwrap().to_owned();
        let placed = placements(&[(retired, String::new())]);
        let graphs = Federation::start(&hub, json!([]), placed).await;
        let query = format!("{{ enterprise(id: \"{heir}\") {{ placements {{ shops enterprise {{ name {{ value }} }} }} }}
            placements {{ enterprise {{ name {{ value }} recordCount }} }} }}");
        let (told, _) = graphs.ask(Some(hub.token(Role::Steward, None)), &query).await;
        assert!(told.body.get("errors").is_none(), "{told:?}");
        assert_eq!(told.at("/enterprise/placements").as_array().unwrap().len(), 1);
        assert_eq!(told.at("/placements/0/enterprise/recordCount"), 2);
    });
}

#[test]
fn when_a_graph_is_down_the_others_answer_and_the_error_has_a_code() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        hub.ingest("kominfo", &shops(0..3)).await;
        hub.link().await;
        let all = everything(&hub).await;
        let mut graphs = Federation::start(&hub, establishments(&all), placements(&all)).await;
        graphs.tourism.stop();
        let query = "{ enterprises { nodes { id name { value } establishment { visits } placements { shops } } }
            establishments { visits } placements { shops } }";
        let (told, _) = graphs.ask(Some(hub.token(Role::Steward, None)), query).await;
        let nodes = told.at("/enterprises/nodes").as_array().unwrap();
        assert_eq!(nodes.len(), 3, "{told:?}");
        for it in nodes {
            assert!(it["name"]["value"].is_string() && it["placements"][0]["shops"].is_number());
            assert_eq!(it["establishment"], Value::Null);
        }
        assert_eq!(
            (told.at("/establishments"), told.at("/placements").as_array().unwrap().len()),
            (&Value::Null, 3)
        );
        let errors = told.body["errors"].as_array().unwrap();
        for error in errors {
            let code = (&error["extensions"]["code"], &error["extensions"]["graph"]);
            assert_eq!(code, (&json!("GRAPH_UNAVAILABLE"), &json!("tourism")));
            assert!(error["extensions"]["remedy"].is_string());
        }
        // Neither where it was nor what it was asked.
        assert!(!told.body.to_string().contains("127.0.0.1"), "{told:?}");
        let asked =
            all.iter().any(|it| errors.iter().any(|error| error.to_string().contains(&it.1)));
        assert!(!asked, "{told:?}");

        graphs.retail.stop();
        let (told, _) = graphs.ask(Some(hub.token(Role::Steward, None)), query).await;
        assert_eq!(told.at("/enterprises/nodes").as_array().unwrap().len(), 3, "{told:?}");
    });
}
