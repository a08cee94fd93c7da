//! How enterprises stand is kept with every run and every day.

use serde_json::json;
use tunggal::service::financing::standing::{renew, today};

use domain::viewer::Role;

use super::{KOMINFO, filled, ids, list, micro, view};
use crate::hub::on_every_database;

on_every_database! {
    /// What a run leaves is what assessing everything afresh gives, and it is written where it differs alone.
    async fn standing_assessments_follow_every_run_and_every_day(hub: TestHub) {
        filled(&hub).await;
        renew(&hub.app).await.unwrap();
        let standings = async || {
            let (_, database) = hub.database().await;
            let query = "SELECT programme, enterprise_id, version, status, ceiling, next_ceiling, missing, one_away, since FROM financing_standing ORDER BY programme, enterprise_id";
            let statement = sea_orm::Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(&database), query);
            let rows = sea_orm::ConnectionTrait::query_all_raw(&database, statement).await.unwrap();
            rows.iter().map(|it| {
                let key = (it.try_get::<String>("", "programme").unwrap(), it.try_get::<uuid::Uuid>("", "enterprise_id").unwrap());
                let told = (it.try_get::<i16>("", "status").unwrap(), it.try_get::<Option<i64>>("", "ceiling").unwrap(), it.try_get::<String>("", "missing").unwrap());
                (key, told, it.try_get::<i64>("", "since").unwrap())
            }).collect::<Vec<_>>()
        };
        let programmes = hub.app.rules.catalogue.on(today()).versions.len();
        let before = standings().await;
        assert_eq!(before.len(), 5 * programmes);
        // An NPWP comes for one of them.
        let row = KOMINFO[2].replace("0220932935677,,", "0220932935677,081735524431027,");
        hub.ingest("kominfo", &list(&[&row])).await;
        hub.link().await;
        let after = standings().await;
        let changed: Vec<_> = before.iter().zip(&after).filter(|it| it.0 != it.1).collect();
        assert!(!changed.is_empty() && changed.len() < programmes, "{changed:?}");
        assert!(changed.iter().all(|it| it.0.0 == it.1.0 && it.0.2 < it.1.2), "{changed:?}");
        // As if a day had begun: nothing differs, so nothing is written.
        let forget = "DELETE FROM setting WHERE key = 'financing_assessed'";
        let (_, database) = hub.database().await;
        sea_orm::ConnectionTrait::execute_unprepared(&database, forget).await.unwrap();
        renew(&hub.app).await.unwrap();
        assert_eq!(standings().await, after);
        // What a run left is not needed for that.
        sea_orm::ConnectionTrait::execute_unprepared(&database, &format!("{forget}; DELETE FROM financing_standing")).await.unwrap();
        renew(&hub.app).await.unwrap();
        let content = |all: Vec<(_, _, i64)>| all.into_iter().map(|it| (it.0, it.1)).collect::<Vec<_>>();
        assert_eq!(content(standings().await), content(after));
        // A merged enterprise is counted once; the retired id has no standing left.
        let ids = ids(&hub).await;
        let rows = "query($id: ID!) { enterprise(id: $id) { sourceRecords { id } } }";
        let row = async |name: &str| hub.ask_as(Role::Steward, rows, json!({ "id": ids[name] })).await.at("/enterprise/sourceRecords/0/id").clone();
        let same = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"seen\") { id } }";
        let pair = json!({ "a": row("Emping Mutiara Lestari").await, "b": row("Batik Kencana Wungu").await });
        let decided = hub.steward("tuti@serang", same, pair).await;
        // Their NIKs differ, so another steward approves.
        let approve = "mutation($id: ID!) { approveDecision(id: $id) { status } }";
        let approved = hub.steward("budi@serang", approve, json!({ "id": decided.at("/decide/id") })).await;
        assert_eq!(approved.at("/approveDecision/status"), "STANDING", "{approved:?}");
        let seen = view(&hub, Role::Steward, micro()).await;
        assert_eq!(seen.at("/financingView/totalCount"), 4, "{seen:?}");
        let merged = seen.at("/financingView/nodes").as_array().unwrap().len();
        assert_eq!((merged, standings().await.len()), (4, 4 * programmes));
    }
}
