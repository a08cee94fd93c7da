//! An erasure that dies between its steps is finished by the next run or start.

use domain::viewer::Role;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use serde_json::{Value, json};
use tunggal::app::App;
use tunggal::service;

use super::{HERS, ask, carry_out, filled, invariants, owner, places, row, share};
use crate::hub::{TestHub, on_every_database};

/// Has every such statement fail, as a process fails that dies there.
async fn fail(database: &DatabaseConnection, table: &str, event: &str, row: &str, when: &str) {
    let orders = match database.get_database_backend() {
        DbBackend::Sqlite => vec![format!(
            "CREATE TRIGGER stop BEFORE {event} ON {table} WHEN {row}.{when} \
             BEGIN SELECT RAISE(ABORT, 'stop'); END"
        )],
        _ => vec![
            "CREATE OR REPLACE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'stop'; END $$"
                .to_owned(),
            format!(
                "CREATE TRIGGER stop BEFORE {event} ON {table} FOR EACH ROW WHEN ({row}.{when}) \
                 EXECUTE FUNCTION stop()"
            ),
        ],
    };
    for order in orders {
        database.execute_unprepared(&order).await.unwrap();
    }
}

/// What [`fail`] had fail works again.
async fn mend(database: &DatabaseConnection, table: &str) {
    let order = match database.get_database_backend() {
        DbBackend::Sqlite => "DROP TRIGGER stop".to_owned(),
        _ => format!("DROP TRIGGER stop ON {table}"),
    };
    database.execute_unprepared(&order).await.unwrap();
}

async fn cut_short(hub: &TestHub, stop: (&str, &str, &str, &str), starts: bool) {
    filled(hub).await;
    share(hub).await;
    let (first, _) = row(hub, "kominfo", "K-1").await;
    let hers = owner(hub, &first);
    let asked = ask(hub, hers, json!({ "kind": "ERASURE", "reason": "berhenti berusaha" })).await;
    let (_, database) = hub.database().await;
    fail(&database, stop.0, stop.1, stop.2, stop.3).await;
    assert_eq!(carry_out(hub, &asked["id"]).await.code(), "INTERNAL");
    let state = "{ rightsRequests { nodes { status settledBy } } }";
    let waits = hub.ask_as(Role::Steward, state, Value::Null).await;
    assert_eq!(waits.at("/rightsRequests/nodes/0/status"), "CARRYING_OUT", "{waits:?}");
    mend(&database, stop.0).await;
    if starts {
        let started = App::start((*hub.app.config).clone()).await.unwrap();
        service::erasure::finish_at_start(&started).await.unwrap();
    } else {
        service::link::link(&hub.app).await.unwrap();
    }
    let done = hub.ask_as(Role::Steward, state, Value::Null).await;
    let settled = done.at("/rightsRequests/nodes/0");
    assert_eq!(settled, &json!({ "status": "DONE", "settledBy": "tunggal" }), "{done:?}");
    assert_eq!(places(hub, &HERS).await, Vec::<String>::new());
    invariants(hub, 2).await;
    // Of the two enterprises that were hers alone nothing comes back either.
    assert_eq!(hub.rows("tombstone WHERE kind = 'enterprise'").await, 2);
    assert_eq!(hub.rows("setting WHERE key = 'erasure_begun'").await, 0);
    // Nothing is left to do.
    service::erasure::finish_at_start(&hub.app).await.unwrap();
    assert_eq!(carry_out(hub, &asked["id"]).await.code(), "CONFLICT");
}

on_every_database! {
    async fn an_erasure_cut_short_behind_its_run_is_finished_by_the_next(hub: TestHub) {
        cut_short(&hub, ("tombstone", "INSERT", "NEW", "kind = 'enterprise'"), false).await;
    }

    async fn an_erasure_cut_short_before_the_rows_go_is_finished_by_the_next_start(hub: TestHub) {
        cut_short(&hub, ("source_record", "DELETE", "OLD", "state = 3"), true).await;
    }
}
