//! A steward's queue: what is in it, in which order, whose it is, and what her answers say of the links.

use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database};
use crate::register::steward;
use crate::sample::city;

const QUEUE: &str = "query($filter: ReviewFilter, $after: String) { reviewQueue(filter: $filter, first: 200, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { kind reason a b weight probability recordsAtStake aidAtStake financingAtStake nearness priority
            assignee assignedBy } } }";

const QUALITY: &str = "{ linkageQuality { precision { value low high } recall { value low high }
    linksDrawn linksAnswered apartDrawn apartAnswered statement } }";

async fn queue(hub: &TestHub, filter: Value) -> Vec<Value> {
    let mut all = vec![];
    let mut after = Value::Null;
    loop {
        let page =
            hub.ask_as(Role::Steward, QUEUE, json!({ "filter": filter, "after": after })).await;
        all.extend(
            page.at("/reviewQueue/nodes").as_array().unwrap_or_else(|| panic!("{page:?}")).clone(),
        );
        if page.at("/reviewQueue/pageInfo/hasNextPage") == false {
            assert_eq!(page.at("/reviewQueue/totalCount"), all.len());
            return all;
        }
        after = page.at("/reviewQueue/pageInfo/endCursor").clone();
    }
}

async fn assign(hub: &TestHub, role: Role, pairs: &[&Value], assignee: Value) -> Reply {
    let text = "mutation($pairs: [PairInput!]!, $to: String) { assignReview(pairs: $pairs, assignee: $to) { a assignee assignedBy } }";
    let pairs: Vec<Value> = pairs.iter().map(|it| json!({ "a": it["b"], "b": it["a"] })).collect();
    hub.ask_as(role, text, json!({ "pairs": pairs, "to": assignee })).await
}

async fn together(
    hub: &TestHub,
    role: Role,
    kind: &str,
    pairs: &[&Value],
    expected: usize,
    probability: f64,
) -> Reply {
    let text = "mutation($kind: DecisionKind!, $pairs: [PairInput!]!, $expected: Int!, $probability: Float!) {
        decideTogether(kind: $kind, pairs: $pairs, expected: $expected, probability: $probability, reason: \"seen\") {
            decisions { id kind runId changes { mergedCount } } run { id cause }
            changes { mergedCount merged { from to } splitCount split { from to } createdCount touched } } }";
    let pairs: Vec<Value> = pairs.iter().map(|it| json!({ "a": it["a"], "b": it["b"] })).collect();
    let variables =
        json!({ "kind": kind, "pairs": pairs, "expected": expected, "probability": probability });
    hub.ask_as(role, text, variables).await
}

async fn runs(hub: &TestHub) -> i64 {
    let reply = hub.ask_as(Role::Steward, "{ linkRuns { totalCount } }", Value::Null).await;
    reply.at("/linkRuns/totalCount").as_i64().unwrap()
}

async fn quality(hub: &TestHub) -> Value {
    hub.ask_as(Role::Auditor, QUALITY, Value::Null).await.at("/linkageQuality").clone()
}

on_every_database! {
    async fn the_queue_is_ordered_by_what_hangs_on_the_answer(hub: TestHub) {
        city(&hub).await;
        let all = queue(&hub, Value::Null).await;
        assert!(20 < all.len());
        let priority = |it: &Value| it["priority"].as_f64().unwrap();
        assert!(all.windows(2).all(|it| priority(&it[1]) <= priority(&it[0])));
        for it in all.iter().filter(|it| !it["reason"].as_str().unwrap().starts_with("confirm")) {
            let stakes = 1.0 + f64::from(it["aidAtStake"] == true) + f64::from(it["financingAtStake"] == true);
            let expected = it["recordsAtStake"].as_f64().unwrap() * stakes + it["nearness"].as_f64().unwrap();
            assert!((priority(it) - expected).abs() < 1e-9, "{it}");
        }
        let pairs = queue(&hub, json!({ "kind": "PAIR" })).await;
        let clusters = queue(&hub, json!({ "kind": "CLUSTER" })).await;
        assert_eq!(pairs.len() + clusters.len(), all.len());
        assert!(clusters.iter().all(|it| ["two_nib", "two_nik", "inner_conflict", "weak_bridge", "confirm_link"]
            .contains(&it["reason"].as_str().unwrap())));
        let likely = queue(&hub, json!({ "minProbability": 0.5, "maxProbability": 0.9 })).await;
        assert!(likely.iter().all(|it| (0.5..=0.9).contains(&it["probability"].as_f64().unwrap())));
        let reply = hub.operator("kominfo", QUEUE, Value::Null).await;
        assert_eq!(reply.code(), "FORBIDDEN");
    }

    async fn an_enterprise_with_two_nib_waits_for_a_person(hub: TestHub) {
        city(&hub).await;
        // A steward joins an enterprise to a row, without a NIB, of another that holds another NIB.
        let query = "{ enterprises(first: 200, filter: { hasNib: true }) { nodes { id sourceRecords { id texts { field text } } } } }";
        let read = hub.ask_as(Role::Steward, query, Value::Null).await;
        let holds = |row: &Value| row["texts"].as_array().unwrap().iter().any(|it| it["field"] == "nib");
        let all: Vec<Vec<Value>> = read.at("/enterprises/nodes").as_array().unwrap().iter()
            .map(|it| it["sourceRecords"].as_array().unwrap().clone()).collect();
        let one = all.iter().find(|it| it.iter().any(holds) && !it.iter().all(holds)).unwrap();
        let bare = one.iter().find(|it| !holds(it)).unwrap();
        let two = all.iter().find(|it| it.len() == 1 && holds(&it[0]) && it[0]["id"] != one[0]["id"]).unwrap();
        assert!(queue(&hub, json!({ "reason": "two_nib" })).await.is_empty());
        let same = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"seen\") { id status } }";
        let done = hub.ask_as(Role::Steward, same, json!({ "a": bare["id"], "b": two[0]["id"] })).await;
        if done.at("/decide/status") == "PENDING" {
            let id = done.at("/decide/id").as_str().unwrap().parse().unwrap();
            tunggal::service::decisions::approve(&hub.app, &steward("second"), id).await.unwrap();
        }
        let found = queue(&hub, json!({ "reason": "two_nib" })).await;
        assert_eq!(found.len(), 1, "{done:?}");
        assert_eq!((&found[0]["kind"], &found[0]["financingAtStake"]), (&json!("CLUSTER"), &json!(true)));
        assert!([&found[0]["a"], &found[0]["b"]].contains(&&two[0]["id"]), "{found:?}");
        // Once a person has said that it is right nobody is asked again.
        let pair = json!({ "a": found[0]["a"], "b": found[0]["b"] });
        let done = hub.ask_as(Role::Steward, same, pair).await;
        if done.at("/decide/status") == "PENDING" {
            let id = done.at("/decide/id").as_str().unwrap().parse().unwrap();
            tunggal::service::decisions::approve(&hub.app, &steward("second"), id).await.unwrap();
        }
        assert!(queue(&hub, json!({ "reason": "two_nib" })).await.is_empty(), "{done:?}");
    }

    async fn an_item_is_given_to_a_steward_and_taken_back(hub: TestHub) {
        city(&hub).await;
        let all = queue(&hub, Value::Null).await;
        let (one, two) = (&all[0], &all[1]);
        // To somebody the hub knows as a steward: she has asked as one.
        let nobody = assign(&hub, Role::Steward, &[one], json!("rina@serang")).await;
        assert_eq!(nobody.code(), "INVALID_INPUT", "{nobody:?}");
        hub.operator("kominfo", "{ enterprises(first: 1) { nodes { id } } }", Value::Null).await;
        let operator = assign(&hub, Role::Steward, &[one], json!("agency_operator@test")).await;
        assert_eq!(operator.code(), "INVALID_INPUT");
        assert!(queue(&hub, json!({ "assigned": true })).await.is_empty());
        hub.steward("rina@serang", "{ enterprises(first: 1) { nodes { id } } }", Value::Null).await;
        let own = assign(&hub, Role::Steward, &[one], json!("steward@test")).await;
        assert_eq!(own.at("/assignReview/0/assignee"), "steward@test");
        let given = assign(&hub, Role::Steward, &[one, two], json!("rina@serang")).await;
        assert_eq!(given.at("/assignReview/0/assignee"), "rina@serang", "{given:?}");
        assert_eq!(given.at("/assignReview/0/assignedBy"), "steward@test");
        assert_eq!(queue(&hub, json!({ "assignee": "rina@serang" })).await.len(), 2);
        assert_eq!(queue(&hub, json!({ "assigned": false })).await.len() + 2, all.len());
        // It stays hers when everything is linked again.
        let link = "mutation { link { enterprises } }";
        hub.ingest("disperindakop", "Nama Usaha,Nama Pemilik,Kecamatan\nBakso Barokah,Siti Aminah,Serang\n").await;
        assert_eq!(hub.ask_as(Role::Steward, link, Value::Null).await.code(), "");
        assert_eq!(queue(&hub, json!({ "assignee": "rina@serang" })).await.len(), 2);
        assign(&hub, Role::Steward, &[one], Value::Null).await;
        assert_eq!(queue(&hub, json!({ "assigned": true })).await.len(), 1);
        // All of them or none.
        let unknown = json!({ "a": "rec_00000000000000000000000000000001", "b": one["b"] });
        let refused = assign(&hub, Role::Steward, &[one, &unknown], json!("steward@test")).await;
        assert_eq!(refused.code(), "NOT_FOUND");
        assert_eq!(queue(&hub, json!({ "assignee": "steward@test" })).await.len(), 0);
        assert_eq!(assign(&hub, Role::Auditor, &[one], json!("tuti")).await.code(), "FORBIDDEN");
        // What is settled leaves the queue and whoever had it.
        let decide = "mutation($a: ID!, $b: ID!) { decide(kind: NEVER, a: $a, b: $b, reason: \"seen\") { id } }";
        let decided = hub.ask_as(Role::Steward, decide, json!({ "a": two["a"], "b": two["b"] })).await;
        assert_eq!(decided.code(), "");
        assert!(queue(&hub, json!({ "assigned": true })).await.is_empty());
    }

    async fn many_answers_come_into_force_in_one_run_or_not_at_all(hub: TestHub) {
        city(&hub).await;
        let likely = queue(&hub, json!({ "kind": "PAIR", "reason": "doubtful", "minProbability": 0.6 })).await;
        let unlikely = queue(&hub, json!({ "kind": "PAIR", "maxProbability": 0.4 })).await;
        let some: Vec<&Value> = likely.iter().take(3).collect();
        let before = runs(&hub).await;
        let refused = async |kind, pairs: &[&Value], expected, probability, code: &str| {
            let reply = together(&hub, Role::Steward, kind, pairs, expected, probability).await;
            assert_eq!(reply.code(), code, "{reply:?}");
        };
        refused("SAME", &some, 4, 0.6, "INVALID_INPUT").await;
        refused("SAME", &some, 3, 0.3, "INVALID_INPUT").await;
        refused("NOT_SURE", &some, 3, 0.6, "INVALID_INPUT").await;
        refused("SAME", &[], 0, 0.6, "INVALID_INPUT").await;
        refused("SAME", &[some[0], &unlikely[0]], 2, 0.6, "CONFLICT").await;
        refused("NEVER", &[some[0], &unlikely[0]], 2, 0.4, "CONFLICT").await;
        let settled = json!({ "a": some[0]["a"], "b": unlikely[0]["b"] });
        refused("SAME", &[some[0], &settled], 2, 0.6, "CONFLICT").await;
        let reply = together(&hub, Role::Administrator, "SAME", &some, 3, 0.6).await;
        assert_eq!(reply.code(), "FORBIDDEN");
        assert_eq!(runs(&hub).await, before, "nothing was done");
        assert_eq!(queue(&hub, json!({ "reason": "doubtful", "minProbability": 0.6 })).await.len(), likely.len());

        // One that needs a second person stays out; the others go together.
        let mut joined = None;
        for pairs in likely.chunks(3) {
            let pairs: Vec<&Value> = pairs.iter().collect();
            let done = together(&hub, Role::Steward, "SAME", &pairs, pairs.len(), 0.6).await;
            match done.code() {
                "" => {
                    joined = Some((done, pairs.len()));
                    break;
                }
                code => assert_eq!(code, "CONFLICT", "{done:?}"),
            }
        }
        let (done, size) = joined.unwrap();
        assert_eq!(runs(&hub).await, before + 1, "all in one run");
        let decisions = done.at("/decideTogether/decisions").as_array().unwrap();
        assert_eq!(decisions.len(), size);
        assert!(decisions.iter().all(|it| it["runId"] == *done.at("/decideTogether/run/id")));
        // What changed is told, and is so.
        let merged = done.at("/decideTogether/changes/merged").as_array().unwrap();
        assert!(!merged.is_empty(), "{done:?}");
        for it in merged {
            let query = "query($id: ID!) { enterprise(id: $id) { id retiredIds } }";
            let found = hub.ask_as(Role::Steward, query, json!({ "id": it["from"] })).await;
            assert_eq!(found.at("/enterprise/id"), &it["to"]);
        }
        // One of them can be taken back by itself.
        let undo = "mutation($id: ID!) { undoDecision(id: $id) {
            status changes { mergedCount } undoChanges { splitCount mergedCount } } }";
        let undone = hub.ask_as(Role::Steward, undo, json!({ "id": decisions[0]["id"] })).await;
        assert_eq!(undone.at("/undoDecision/status"), "UNDONE", "{undone:?}");
        assert_eq!(undone.at("/undoDecision/undoChanges/mergedCount"), 0, "taking back joins nothing");
        let back: Vec<&Value> = merged.iter().map(|it| &it["from"]).collect();
        let mut live = 0;
        for id in back {
            let query = "query($id: ID!) { enterprise(id: $id) { id } }";
            let found = hub.ask_as(Role::Steward, query, json!({ "id": id })).await;
            live += usize::from(found.at("/enterprise/id") == id);
        }
        assert!(live <= 1 || size == 1, "only what it joined comes apart again");
        let apart = undone.at("/undoDecision/undoChanges/splitCount").as_u64().unwrap();
        assert!(size != 1 || apart == 1, "what came apart is told: {undone:?}");
    }

    async fn answers_to_pairs_drawn_by_lot_say_how_good_the_links_are(hub: TestHub) {
        city(&hub).await;
        let before = quality(&hub).await;
        assert_eq!((&before["precision"], &before["recall"]), (&Value::Null, &Value::Null));
        assert!(before["statement"].as_str().unwrap().contains("Too few"), "{before}");
        let drawn = before["linksDrawn"].as_i64().unwrap();
        assert!(30 < drawn && 0 < before["apartDrawn"].as_i64().unwrap(), "{before}");
        // The queue mixes them in: not at its end, and with nothing that says so but what the engine did.
        let all = queue(&hub, Value::Null).await;
        let places: Vec<usize> = all.iter().enumerate()
            .filter(|it| it.1["reason"].as_str().unwrap().starts_with("confirm")).map(|it| it.0).collect();
        assert!(places.iter().any(|it| *it < all.len() / 2));
        assert_eq!(hub.ask_as(Role::Lender, QUALITY, Value::Null).await.code(), "FORBIDDEN");
        // Answered, they say how many of the links are right, with an interval; others say nothing of it.
        for (kind, least, most, probability) in [("SAME", 0.5, 1.0, 0.5), ("NEVER", 0.0, 0.5, 0.5)] {
            let filter = json!({ "reason": "confirm_link", "minProbability": least, "maxProbability": most });
            let items = queue(&hub, filter).await;
            for chunk in items.chunks(50) {
                let chunk: Vec<&Value> = chunk.iter().collect();
                let done = together(&hub, Role::Steward, kind, &chunk, chunk.len(), probability).await;
                assert_eq!(done.code(), "", "{done:?}");
            }
        }
        let after = quality(&hub).await;
        assert!(0 < after["linksAnswered"].as_i64().unwrap(), "{after}");
        assert_eq!(after["linksAnswered"], after["linksDrawn"], "every drawn link was in the queue: {after}");
        let share = |of: &str| after["precision"][of].as_f64().unwrap_or_else(|| panic!("{after}"));
        let (low, value, high) = (share("low"), share("value"), share("high"));
        assert!(0.0 < low && low < value && value <= high && high <= 1.0, "{after}");
        assert_eq!(after["recall"], Value::Null, "nobody answered the pairs left apart");
        // The same register gives the same sample.
        let again = TestHub::start(crate::hub::Kind::Sqlite).await;
        city(&again).await;
        assert_eq!(quality(&again).await, before);
    }
}
