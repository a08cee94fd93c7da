//! Two cities' hubs behind one gateway of their province.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{PLACE, everything, shops};
use crate::hub::{Kind, TestHub, reply, run};
use crate::node::{Server, output};

async fn city(rows: &str) -> TestHub {
    let hub = TestHub::start(Kind::Sqlite).await;
    hub.ingest("kominfo", rows).await;
    hub.link().await;
    hub
}

#[test]
fn a_province_asks_two_cities_at_once_and_no_id_of_one_leads_to_the_other() {
    run(async {
        let serang = city(&shops(0..5)).await;
        // Another city's office numbers its rows alike, so its rows have the same ids and are of others.
        let cilegon = city(&shops(100..107).replace("K-10", "K-")).await;
        let (ours, theirs) = (everything(&serang).await, everything(&cilegon).await);
        let ids =
            |all: &[(String, String)]| all.iter().map(|it| it.0.clone()).collect::<BTreeSet<_>>();
        let both: Vec<String> = ids(&ours).intersection(&ids(&theirs)).cloned().collect();
        assert_eq!(both.len(), 5, "the test needs ids that are of both");

        let token = serang.token(Role::Developer, None);
        let (one, other) =
            (format!("serang={}/graphql", serang.url), format!("cilegon={}/graphql", cilegon.url));
        let schema = std::env::temp_dir().join(format!("{}.graphql", uuid::Uuid::new_v4()));
        std::fs::write(&schema, tunggal::graphql::subgraph::sdl()).unwrap();
        let path = std::env::temp_dir().join(format!("{}.graphql", uuid::Uuid::new_v4()));
        let (kept, other) = (path.clone(), format!("{other},{}", schema.display()));
        let gateway = tokio::task::spawn_blocking(move || {
            let named = [("TUNGGAL_TOKEN", token.as_str())];
            let composed = output((PLACE, "province.mjs"), &[&one, &other], &named, "").unwrap();
            std::fs::write(&kept, composed).unwrap();
            Server::start((PLACE, "gateway.mjs"), &[kept.to_str().unwrap()], &[])
        })
        .await
        .unwrap();
        let ask = async |token: Option<String>, query: &str| {
            let request = reqwest::Client::builder().no_proxy().build().unwrap().post(&gateway.url);
            let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
            let told = reply(request.json(&json!({ "query": query })).send().await.unwrap()).await;
            gateway.until("answered");
            told
        };

        // Published figures of both, for everybody.
        let figures = "{ serang_statistics { enterprises sourceRecords } cilegon_statistics { enterprises sourceRecords } }";
        let told = ask(None, figures).await;
        assert_eq!(
            (
                told.at("/serang_statistics/sourceRecords"),
                told.at("/cilegon_statistics/sourceRecords")
            ),
            (&json!(5), &json!(7)),
            "{told:?}"
        );

        // Each id leads to its own city's enterprise, and its type says which.
        for id in &both {
            let query = format!("{{ serang_enterprise(id: \"{id}\") {{ __typename id nib {{ value }} }}
                cilegon_node(id: \"{id}\") {{ __typename ... on Cilegon_Enterprise {{ id nib {{ value }} kelurahan {{ value {{ __typename code }} }} }} }} }}");
            // The token is Serang's; Cilegon does not know it.
            let told = ask(Some(serang.token(Role::Steward, None)), &query).await;
            let of = |all: &[(String, String)]| json!(all.iter().find(|it| it.0 == *id).unwrap().1);
            assert_eq!(told.at("/serang_enterprise/nib/value"), &of(&ours), "{told:?}");
            assert_eq!(told.at("/serang_enterprise/__typename"), "Serang_Enterprise");
            assert_eq!(
                (told.at("/cilegon_node"), told.code()),
                (&Value::Null, "UNAUTHENTICATED"),
                "{told:?}"
            );
            let told = ask(Some(cilegon.token(Role::Steward, None)), &query).await;
            assert_eq!(told.at("/cilegon_node/nib/value"), &of(&theirs), "{told:?}");
            assert_eq!(told.at("/cilegon_node/__typename"), "Cilegon_Enterprise");
            assert_eq!(told.at("/cilegon_node/kelurahan/value/__typename"), "Kelurahan");
            assert_ne!(of(&ours), of(&theirs));
        }
        // What keeps a register is not the province's.
        let told =
            ask(Some(serang.token(Role::Steward, None)), "{ serang_reviewQueue { totalCount } }")
                .await;
        assert!(told.body["errors"].is_array(), "{told:?}");
        for path in [schema, path] {
            std::fs::remove_file(path).unwrap();
        }
    });
}
