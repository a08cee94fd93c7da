//! A cursor is good for whom it was given to, and says when it is not.

use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::data_keys;

use super::{Copy, TEXT, WHOLE, agree, changes, machine};
use crate::hub::{TestHub, on_every_database};
use crate::register::kominfo;

const MICRO: &str = "kur_micro";

async fn filled(hub: &TestHub) -> Vec<String> {
    hub.ingest("kominfo", &kominfo(&[1, 4, 7, 11], 0)).await;
    hub.link().await;
    hub.ask_as(Role::Steward, TEXT, Value::Null).await;
    let found = hub.ask_as(Role::Steward, "{ enterprises { nodes { id } } }", Value::Null).await;
    let all = found.at("/enterprises/nodes").as_array().unwrap();
    let ids: Vec<String> = all.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    for id in &ids {
        agree(hub, id, "bank", &WHOLE).await;
    }
    ids
}

on_every_database! {
    async fn a_cursor_of_another_is_refused_and_nothing_is_told(hub: TestHub) {
        filled(&hub).await;
        let mut bank = Copy::of(&hub, "bank");
        bank.page(&hub, 2).await;
        let asked = json!({ "programme": MICRO, "since": bank.cursor });
        for (institution, name) in [("bank", "siang"), ("koperasi", "malam")] {
            let refused = changes(&hub, &machine(&hub, institution, name), asked.clone()).await;
            assert_eq!(refused.code(), "CURSOR_FOREIGN", "{refused:?}");
            assert_eq!(refused.at("/financingChanges"), &Value::Null);
        }
        let other = json!({ "programme": "kur_small", "since": bank.cursor });
        assert_eq!(changes(&hub, &bank.token, other).await.code(), "CURSOR_FOREIGN");
        let mut altered = bank.cursor.as_str().unwrap().to_owned();
        let other = if altered.as_bytes()[30] == b'A' { "B" } else { "A" };
        altered.replace_range(30..31, other);
        let altered = json!({ "programme": MICRO, "since": altered });
        assert_eq!(changes(&hub, &bank.token, altered).await.code(), "CURSOR_FOREIGN");
        for since in ["", "x", "%%%"] {
            let malformed = json!({ "programme": MICRO, "since": since });
            assert_eq!(changes(&hub, &bank.token, malformed).await.code(), "INVALID_INPUT", "{since}");
        }
        for first in [-1, 0, 201] {
            let asked = json!({ "programme": MICRO, "first": first });
            assert_eq!(changes(&hub, &bank.token, asked).await.code(), "INVALID_INPUT", "{first}");
        }
        let unknown = json!({ "programme": "kur_raksasa" });
        assert_eq!(changes(&hub, &bank.token, unknown).await.code(), "UNKNOWN_PROGRAMME");
        // It is of an institution alone, and of what owners agree to.
        let asked = json!({ "programme": MICRO });
        for role in [Role::Steward, Role::CentralBank, Role::Administrator] {
            let refused = changes(&hub, &hub.token(role, None), asked.clone()).await;
            assert!(refused.at("/financingChanges").is_null(), "{}: {refused:?}", role.code());
        }
        let query = json!({ "query": "{ financingChanges(programme: \"kur_micro\") { cursor } }" });
        let request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(&bank.token);
        let request = request.header("Tunggal-Purpose", "statistics").json(&query);
        let refused = crate::hub::reply(request.send().await.unwrap()).await;
        assert_eq!(refused.code(), "PURPOSE_REFUSED", "{refused:?}");
        bank.drain(&hub, 50).await;
        bank.check(&hub, "after all refusals").await;
    }

    /// A rotation leaves cursors good; that their key went, or that the register is of an earlier day, is said.
    async fn a_cursor_does_not_expire_silently(hub: TestHub) {
        filled(&hub).await;
        let mut bank = Copy::of(&hub, "bank");
        bank.page(&hub, 2).await;
        let begun = bank.clone();
        data_keys::rotate(&hub.app).await.unwrap();
        bank.drain(&hub, 2).await;
        bank.check(&hub, "rotated").await;
        data_keys::retire(&hub.app, 1).await.unwrap();
        let again = hub.another_node().await;
        let asked = json!({ "programme": MICRO, "since": begun.cursor });
        let stale = changes(&again, &bank.token, asked).await;
        assert_eq!(stale.code(), "CURSOR_STALE", "{stale:?}");
        // One of the present key goes on, and what did not change is not told again.
        bank.drain(&again, 2).await;
        assert_eq!(bank.told, Vec::<Value>::new());
        bank.check(&again, "after the former key went").await;

        let (_, database) = hub.database().await;
        for earlier in ["DELETE FROM financing_told", "DELETE FROM financing_feed"] {
            sea_orm::ConnectionTrait::execute_unprepared(&database, earlier).await.unwrap();
        }
        let asked = json!({ "programme": MICRO, "since": bank.cursor });
        let stale = changes(&again, &bank.token, asked).await;
        assert_eq!(stale.code(), "CURSOR_STALE", "{stale:?}");
        let mut anew = Copy::of(&again, "bank");
        anew.drain(&again, 3).await;
        anew.check(&again, "anew").await;
    }
}
