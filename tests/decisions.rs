//! Law 5: what stewards say binds until it is taken back, and taking it back leaves nothing behind.

use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::decisions::{self, Answer};

use crate::hub::{TestHub, on_every_database};
use crate::register::{
    decide, home, kominfo, of_kominfo, of_pariwisata, pariwisata, steward, view,
};

const TWENTY: [usize; 20] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", &kominfo(&TWENTY, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&TWENTY, 0)).await;
    hub.link().await;
}

const DECISION: &str = "query($id: ID!) { decision(id: $id) {
    kind status madeBy settledBy undoneBy others attribute enterprises { id } } }";

on_every_database! {
    async fn undoing_a_same_restores_the_view_byte_for_byte(hub: TestHub) {
        filled(&hub).await;
        // Two businesses without a NIK: nobody else need approve.
        let (a, b) = (of_kominfo(4), of_kominfo(14));
        let before = view(&hub).await;
        let (one, two) = (home(&hub.app, a).await, home(&hub.app, b).await);
        assert_ne!(one, two);
        let id = decide(&hub.app, Answer::Same, a, b).await.unwrap();
        assert_eq!(home(&hub.app, a).await, home(&hub.app, b).await);
        assert_ne!(view(&hub).await, before);
        decisions::undo(&hub.app, &steward("other"), id).await.unwrap();
        assert_eq!(view(&hub).await, before);
        assert_eq!((home(&hub.app, a).await, home(&hub.app, b).await), (one, two));
        // What remains is the decision itself and, for who asks, the record of doing and undoing.
        let decision = hub.ask_as(Role::Steward, DECISION, json!({ "id": id.to_string() })).await;
        assert_eq!(decision.at("/decision/status"), "UNDONE");
        assert_eq!(decision.at("/decision/undoneBy"), "other");
        let query = "query($id: ID!) { enterprise(id: $id) {
            history(includeUndone: true) { kind undone cause { kind decisionId by } } } }";
        let gone = if home(&hub.app, a).await == one { two } else { one };
        let reply = hub.ask_as(Role::Steward, query, json!({ "id": gone.to_string() })).await;
        let undone: Vec<&Value> = reply.at("/enterprise/history").as_array().unwrap().iter()
            .filter(|it| it["undone"] == true).collect();
        assert_eq!(undone.len(), 2, "{reply:?}");
        assert_eq!(undone[0]["cause"]["kind"], "UNDO");
        assert_eq!(undone[0]["cause"]["by"], "other");
        assert_eq!(undone[1]["cause"]["kind"], "DECISION");
        assert_eq!(undone[1]["cause"]["decisionId"], id.to_string());
    }

    async fn undoing_a_split_restores_the_view_byte_for_byte(hub: TestHub) {
        filled(&hub).await;
        let (a, b) = (of_kominfo(2), of_pariwisata(2));
        let whole = home(&hub.app, a).await;
        assert_eq!(whole, home(&hub.app, b).await);
        let before = view(&hub).await;
        let id = decisions::split_out(&hub.app, &steward("walidata"), b, "moved away").await.unwrap();
        assert_ne!(home(&hub.app, a).await, home(&hub.app, b).await);
        // It binds: linking everything afresh keeps them apart.
        tunggal::service::link::link_everything(&hub.app).await.unwrap();
        let apart = home(&hub.app, b).await;
        assert_ne!(home(&hub.app, a).await, apart);
        decisions::undo(&hub.app, &steward("walidata"), id).await.unwrap();
        assert_eq!(view(&hub).await, before);
        // The id that came and went still leads to a live enterprise.
        let query = "query($id: ID!) { enterprise(id: $id) { id retiredIds(includeUndone: true) } }";
        let gone = if apart == whole { return } else { apart };
        let reply = hub.ask_as(Role::Steward, query, json!({ "id": gone.to_string() })).await;
        assert_eq!(reply.at("/enterprise/id"), &json!(whole.to_string()));
        assert_eq!(reply.at("/enterprise/retiredIds/0"), &json!(gone.to_string()));
    }

    async fn undoing_an_override_restores_the_view_byte_for_byte(hub: TestHub) {
        filled(&hub).await;
        let before = view(&hub).await;
        let set = "mutation($record: ID!, $value: String!) {
            overrideValue(record: $record, attribute: \"phone\", value: $value, reason: \"called\") {
                id kind status attribute enterprises { phone { value provenance { recordId } disputed } } } }";
        let record = of_kominfo(3).to_string();
        let wrong = hub.steward("a", set, json!({ "record": record, "value": "none" })).await;
        assert_eq!(wrong.code(), "INVALID_INPUT");
        let reply = hub.steward("a", set, json!({ "record": record, "value": "0813 9999 0000" })).await;
        let phone = reply.at("/overrideValue/enterprises/0/phone");
        assert_eq!(phone, &json!({ "value": "+6281399990000", "provenance": [], "disputed": false }));
        // It outlives a new version of the row and a whole relinking.
        hub.ingest("pariwisata", &pariwisata(&[3], 1)).await;
        hub.link().await;
        tunggal::service::link::link_everything(&hub.app).await.unwrap();
        let query = "query($id: ID!) { enterprise(id: $id) { phone { value } history { kind attribute } } }";
        let id = home(&hub.app, of_kominfo(3)).await.to_string();
        let seen = hub.ask_as(Role::Steward, query, json!({ "id": id })).await;
        assert_eq!(seen.at("/enterprise/phone/value"), "+6281399990000");
        let told = seen.at("/enterprise/history").as_array().unwrap().iter()
            .any(|it| it == &json!({ "kind": "VALUE_OVERRIDDEN", "attribute": "phone" }));
        assert!(told, "{seen:?}");
        let id = reply.at("/overrideValue/id").clone();
        let undo = "mutation($id: ID!) { undoDecision(id: $id) { status } }";
        hub.steward("a", undo, json!({ "id": id })).await;
        let seen = view(&hub).await;
        assert_ne!(seen, before, "the new version of the row is there");
        assert!(!seen.contains("81399990000"));
    }

    async fn what_nobody_can_tell_leaves_the_queue_until_its_evidence_changes(hub: TestHub) {
        filled(&hub).await;
        let query = "{ reviewQueue(first: 50) { nodes { a b reason } } }";
        let queue = async || {
            let reply = hub.ask_as(Role::Steward, query, Value::Null).await;
            let all = reply.at("/reviewQueue/nodes").as_array().unwrap().clone();
            // What the engine is in no doubt of is asked of so few rows too.
            let doubted = |it: &Value| !it["reason"].as_str().unwrap().starts_with("confirm");
            all.into_iter().filter(doubted).collect::<Vec<Value>>()
        };
        assert_eq!(queue().await, Vec::<Value>::new());
        // Two enterprises of two persons are made one: whether that is right is a question from then on.
        let joined = decide(&hub.app, Answer::Same, of_kominfo(0), of_kominfo(10)).await.unwrap();
        decisions::approve(&hub.app, &steward("second"), joined).await.unwrap();
        let asked = queue().await;
        let pair = asked.first().unwrap().clone();
        let before = view(&hub).await;
        let decide = "mutation($a: ID!, $b: ID!) {
            decide(kind: NOT_SURE, a: $a, b: $b, reason: \"cannot tell\") { id kind status } }";
        // Whichever way round the two are named.
        let reply = hub.steward("a", decide, json!({ "a": pair["b"], "b": pair["a"] })).await;
        assert_eq!(reply.at("/decide/kind"), "NOT_SURE", "{reply:?}");
        assert!(!queue().await.contains(&pair));
        assert_eq!(view(&hub).await, before);
        tunggal::service::link::link_everything(&hub.app).await.unwrap();
        assert!(!queue().await.contains(&pair));
        // Taken back, the question is open again.
        let undo = "mutation($id: ID!) { undoDecision(id: $id) { status } }";
        hub.steward("a", undo, json!({ "id": reply.at("/decide/id") })).await;
        assert_eq!(queue().await, asked);
        // Said again, it stays out only while the evidence is what it was.
        hub.steward("a", decide, json!({ "a": pair["a"], "b": pair["b"] })).await;
        assert!(!queue().await.contains(&pair));
        let (first, tenth) = ("081230000000", "081230000370");
        hub.ingest("kominfo", &kominfo(&[0], 1).replace(first, tenth)).await;
        hub.ingest("pariwisata", &pariwisata(&[0], 0).replace(first, tenth)).await;
        hub.link().await;
        assert_ne!(queue().await, Vec::<Value>::new(), "the pair is open again");
    }

    async fn different_niks_are_joined_by_two_persons(hub: TestHub) {
        filled(&hub).await;
        let (a, b) = (of_kominfo(0).to_string(), of_kominfo(10).to_string());
        let before = view(&hub).await;
        let decide = "mutation($a: ID!, $b: ID!) {
            decide(kind: SAME, a: $a, b: $b, reason: \"husband and wife\") { id status enterprises { id } } }";
        let propose = async || {
            let reply = hub.steward("ani", decide, json!({ "a": a, "b": b })).await;
            assert_eq!(reply.at("/decide/status"), "PENDING", "{reply:?}");
            assert!(reply.at("/decide/enterprises/1/id").is_string());
            json!({ "id": reply.at("/decide/id") })
        };
        let id = propose().await;
        assert_eq!(view(&hub).await, before);
        let pending = "{ decisions(status: PENDING) { totalCount nodes { id madeBy } } }";
        let listed = hub.steward("budi", pending, Value::Null).await;
        assert_eq!(listed.at("/decisions/nodes/0"), &json!({ "id": id["id"], "madeBy": "ani" }));
        let of = |verb: &str| format!("mutation($id: ID!) {{ {verb}Decision(id: $id) {{ status settledBy }} }}");
        for (who, verb) in [("ani", "approve"), ("ani", "reject"), ("budi", "withdraw"), ("budi", "undo")] {
            let refused = hub.steward(who, &of(verb), id.clone()).await;
            assert_eq!(refused.code(), "CONFLICT", "{who} {verb}: {refused:?}");
        }
        let refused = hub.ask_as(Role::Administrator, &of("approve"), id.clone()).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        let rejected = hub.steward("budi", &of("reject"), id.clone()).await;
        assert_eq!(rejected.at("/rejectDecision"), &json!({ "status": "REJECTED", "settledBy": "budi" }));
        assert_eq!(hub.steward("budi", &of("approve"), id).await.code(), "CONFLICT");
        let withdrawn = hub.steward("ani", &of("withdraw"), propose().await).await;
        assert_eq!(withdrawn.at("/withdrawDecision/status"), "WITHDRAWN", "{withdrawn:?}");
        assert_eq!(view(&hub).await, before);

        let id = propose().await;
        let approved = hub.steward("budi", &of("approve"), id.clone()).await;
        assert_eq!(approved.at("/approveDecision"), &json!({ "status": "STANDING", "settledBy": "budi" }));
        assert_eq!(home(&hub.app, of_kominfo(0)).await, home(&hub.app, of_kominfo(10)).await);
        hub.steward("ani", &of("undo"), id).await;
        assert_eq!(view(&hub).await, before);
    }

    async fn an_answer_that_contradicts_one_in_force_is_refused(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let (a, b, c) = (of_kominfo(4), of_kominfo(14), of_kominfo(19));
        let first = decide(app, Answer::Same, a, b).await.unwrap();
        decide(app, Answer::Same, b, c).await.unwrap();
        let before = view(&hub).await;
        for (x, y) in [(a, b), (b, a), (a, c)] {
            let refused = decide(app, Answer::Never, x, y).await.unwrap_err();
            assert_eq!(refused.code(), "CONFLICT");
        }
        let refused = decisions::split_out(app, &steward("a"), a, "no").await.unwrap_err();
        assert_eq!(refused.code(), "CONFLICT");
        assert_eq!(view(&hub).await, before);
        decisions::undo(app, &steward("a"), first).await.unwrap();
        decide(app, Answer::Never, a, c).await.unwrap();
        assert_eq!(decide(app, Answer::Same, a, b).await.unwrap_err().code(), "CONFLICT");
        assert_ne!(home(app, a).await, home(app, c).await);
    }

    /// Undone out of turn, what other decisions did stays.
    async fn a_decision_is_undone_from_among_later_ones(hub: TestHub) {
        filled(&hub).await;
        let app = &hub.app;
        let (a, b, c) = (of_kominfo(4), of_kominfo(14), of_pariwisata(2));
        let (one, two) = (home(app, a).await, home(app, b).await);
        let first = decide(app, Answer::Same, a, b).await.unwrap();
        let second = decisions::split_out(app, &steward("a"), c, "moved").await.unwrap();
        let moved = home(app, c).await;
        hub.ingest("kominfo", &kominfo(&[4, 20, 21], 1)).await;
        hub.link().await;
        decisions::undo(app, &steward("a"), first).await.unwrap();
        assert_eq!((home(app, a).await, home(app, b).await), (one, two));
        assert_eq!(home(app, c).await, moved);
        decisions::undo(app, &steward("a"), second).await.unwrap();
        let refused = decisions::undo(app, &steward("a"), second).await.unwrap_err();
        assert_eq!(refused.code(), "CONFLICT");
        assert_eq!(home(app, c).await, home(app, of_kominfo(2)).await);
        let found = tunggal::service::link::link_everything(app).await.unwrap();
        assert_eq!((found.changed, found.retired), (0, 0));
    }
}
