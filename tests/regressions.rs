//! What other keepers of master records were found to get wrong (HAPI FHIR MDM's published defects), one
//! story each.

use domain::enterprise::Attribute;
use domain::id::RecordId;
use domain::viewer::{Role, Scope};
use serde_json::json;
use tunggal::app::App;
use tunggal::service::decisions::{self, Answer};
use tunggal::service::link;

use crate::hub::{TestHub, on_every_database};
use crate::register::{
    check_invariants, check_relinking, decide, home, kominfo, of_kominfo, of_pariwisata,
    pariwisata, steward,
};

async fn filled(hub: &TestHub) {
    let some: Vec<usize> = (0..20).collect();
    hub.ingest("kominfo", &kominfo(&some, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&some, 0)).await;
    hub.link().await;
}

/// The values of an attribute in the enterprise of a record, with the records that say so.
async fn said(app: &App, record: RecordId, attribute: Attribute) -> Vec<Vec<RecordId>> {
    let id = home(app, record).await;
    let found = app.store.enterprises(&Scope::All, &[id]).await.unwrap().remove(0);
    let Some(it) = found.profile.attributes.get(&attribute) else { return vec![] };
    let claims = std::iter::once(&it.chosen).chain(&it.alternatives);
    claims.map(|it| it.sources.iter().map(|it| it.record).collect()).collect()
}

on_every_database! {
    async fn a_source_record_is_never_linked_to_two_profiles(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let record = of_kominfo(4);
        let wandering = [of_kominfo(14), of_kominfo(19), of_kominfo(9)];
        for other in wandering {
            let said = decide(app, Answer::Same, record, other).await.unwrap();
            hub.ingest("kominfo", &kominfo(&[4], 1)).await;
            decisions::undo(app, &steward("a"), said).await.unwrap();
            let all: Vec<_> = app.store.members().await.unwrap().values().map(|it| it.enterprise).collect();
            let profiles = app.store.enterprises(&Scope::All, &all).await.unwrap();
            let having = profiles.iter().filter(|it| it.profile.records.contains(&record));
            assert_eq!(having.count(), 1);
            check_invariants(app).await;
        }
    }

    async fn no_duplicate_mark_stays_after_a_merge_either_way(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        for (a, b) in [(of_kominfo(4), of_kominfo(14)), (of_kominfo(19), of_kominfo(9))] {
            for (one, two) in [(a, b), (b, a)] {
                let said = decide(app, Answer::Same, one, two).await.unwrap();
                let home = home(app, a).await;
                let together = app.store.members_of(home).await.unwrap();
                for pair in app.store.pairs().await.unwrap() {
                    let ends = [RecordId(pair.a), RecordId(pair.b)];
                    let inside = ends.iter().all(|it| together.contains(it));
                    assert_eq!(pair.linked, inside || pair.linked && !together.contains(&ends[0]));
                }
                for item in app.store.review_items(None).await.unwrap() {
                    let ends = [RecordId(item.a), RecordId(item.b)];
                    assert!(!(ends.contains(&a) && ends.contains(&b)), "asked although answered");
                    let inside = ends.iter().all(|it| together.contains(it));
                    let apart = matches!(item.reason.as_str(), "doubtful" | "link_refused");
                    assert!(!(inside && apart), "a mark of a duplicate that is merged");
                }
                decisions::undo(app, &steward("a"), said).await.unwrap();
            }
        }
    }

    async fn a_profile_is_rebuilt_when_a_record_leaves(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let (stays, leaves) = (of_kominfo(2), of_pariwisata(2));
        assert_eq!(home(app, stays).await, home(app, leaves).await);
        decisions::split_out(app, &steward("a"), leaves, "another shop").await.unwrap();
        for &attribute in Attribute::ALL {
            for records in said(app, stays, attribute).await {
                assert_eq!(records, [stays], "{attribute:?}");
            }
            for records in said(app, leaves, attribute).await {
                assert_eq!(records, [leaves], "{attribute:?}");
            }
        }
        // It is found by its own names alone, and its agency no longer finds the other.
        let query = "query($id: ID!) { enterprise(id: $id) { id recordCount } }";
        let id = home(app, stays).await.to_string();
        let seen = hub.operator("pariwisata", query, json!({ "id": id })).await;
        assert_eq!(seen.body["data"]["enterprise"], json!(null));
    }

    async fn an_override_outlives_the_next_match(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let by = steward("a");
        let record = of_kominfo(4);
        decisions::override_value(app, &by, record, Attribute::Phone, "081399990000", "called")
            .await.unwrap();
        decide(app, Answer::Same, record, of_kominfo(14)).await.unwrap();
        hub.ingest("pariwisata", &pariwisata(&[4, 14], 1)).await;
        hub.link().await;
        link::link_everything(app).await.unwrap();
        let query = "query($id: ID!) { enterprise(id: $id) { phone { value } } }";
        let id = home(app, of_kominfo(14)).await.to_string();
        let seen = hub.ask_as(Role::Steward, query, json!({ "id": id })).await;
        assert_eq!(seen.at("/enterprise/phone/value"), "+6281399990000");
    }

    async fn survivorship_keeps_each_identifier_once(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        decide(app, Answer::Same, of_kominfo(4), of_kominfo(14)).await.unwrap();
        for edition in 0..3 {
            hub.ingest("kominfo", &kominfo(&[4, 14], edition)).await;
            hub.ingest("pariwisata", &pariwisata(&[4, 14], edition)).await;
            hub.link().await;
            // Among it that no attribute holds a value twice.
            check_invariants(app).await;
        }
    }

    async fn history_and_decisions_outlive_a_change_of_the_model(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let (a, b, c) = (of_kominfo(4), of_kominfo(14), of_pariwisata(2));
        decide(app, Answer::Same, a, b).await.unwrap();
        decisions::split_out(app, &steward("a"), c, "another shop").await.unwrap();
        let query = "query($id: ID!) { enterprise(id: $id) { history { kind at cause { kind modelId } } } }";
        let told = async |record| {
            let id = home(app, record).await.to_string();
            let reply = hub.ask_as(Role::Steward, query, json!({ "id": id })).await;
            reply.at("/enterprise/history").as_array().unwrap().clone()
        };
        let before = told(a).await;
        let ids = (home(app, a).await, home(app, c).await, home(app, of_kominfo(2)).await);
        let mut model = link::required(app).await.unwrap().model().clone();
        model.link_bits += 0.5;
        app.store.activate_model(&model, tunggal::clock::now()).await.unwrap();
        link::link_everything(app).await.unwrap();
        assert_eq!((home(app, a).await, home(app, c).await, home(app, of_kominfo(2)).await), ids);
        assert_eq!(home(app, b).await, ids.0);
        let after = told(a).await;
        assert!(after.ends_with(&before), "{after:?}");
        assert!(after.iter().any(|it| it["kind"] == "MODEL_CHANGED"), "{after:?}");
        check_invariants(app).await;
        check_relinking(app).await;
    }

    async fn rows_that_arrive_while_everything_is_relinked_are_not_lost(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let relink = async {
            for _ in 0..4 {
                link::link_everything(app).await.unwrap();
            }
        };
        let arrive = async {
            for number in 20..30 {
                hub.ingest("kominfo", &kominfo(&[number], 0)).await;
                hub.ingest("pariwisata", &pariwisata(&[number, number - 20], 1)).await;
            }
        };
        tokio::join!(relink, arrive);
        hub.link().await;
        let members = app.store.members().await.unwrap();
        for number in 20..30 {
            assert!(members.contains_key(&of_kominfo(number)));
            assert!(members.contains_key(&of_pariwisata(number)));
        }
        assert_eq!(members.len(), 60);
        check_invariants(app).await;
        check_relinking(app).await;
    }
}
