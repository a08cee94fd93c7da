//! Stories told by a seed.

use std::collections::BTreeSet;

use domain::id::DecisionId;
use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::decisions;

use super::{Copy, TEXT, WHOLE, expire, give, withdraw};
use crate::hub::{Kind, TestHub, kinds, run};
use crate::laws::say;
use crate::register::{Dice, kominfo, pariwisata, steward};
use crate::rights;

const BUSINESSES: usize = 24;
const STEPS: usize = 40;

/// The ids of all enterprises.
pub async fn everything(hub: &TestHub) -> Vec<String> {
    let query = "{ enterprises(first: 100) { nodes { id } } }";
    let found = hub.ask_as(Role::Steward, query, json!(null)).await;
    let all = found.at("/enterprises/nodes").as_array().unwrap();
    all.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

/// A person asks for her right, and it is carried out; the request's id.
pub async fn right(hub: &TestHub, enterprise: &str, kind: &str) -> Value {
    let rows = "query($id: ID!) { enterprise(id: $id) { sourceRecords { id } } }";
    let asked = json!({ "id": enterprise });
    let found = hub.ask_as(Role::Steward, rows, asked).await;
    let row = found.at("/enterprise/sourceRecords/0/id").clone();
    let hers = rights::owner(hub, &row);
    let asked =
        rights::ask(hub, hers, json!({ "kind": kind, "reason": "berhenti berusaha" })).await;
    let done = rights::carry_out(hub, &asked["id"]).await;
    assert_eq!(done.at("/settleRight/status"), "DONE", "{done:?}");
    asked["id"].clone()
}

/// Lifts a restriction, unless nothing of it is left.
pub async fn lift(hub: &TestHub, request: &Value) {
    let lift = "mutation($id: ID!) { liftRestriction(id: $id) { id } }";
    let done = hub.ask_as(Role::Steward, lift, json!({ "id": request })).await;
    assert!(["", "CONFLICT"].contains(&done.code()), "{done:?}");
}

/// What kinds of change were told.
async fn story(kind: Kind, seed: u64) -> BTreeSet<String> {
    let hub = TestHub::start(kind).await;
    let other = hub.another_node().await;
    let mut dice = Dice::of(seed);
    let first: Vec<usize> = (0..BUSINESSES).collect();
    hub.ingest("kominfo", &kominfo(&first, 0)).await;
    hub.ingest("pariwisata", &pariwisata(&first, 0)).await;
    hub.link().await;
    hub.ask_as(Role::Steward, TEXT, json!(null)).await;
    let mut consents: Vec<String> = vec![];
    let mut said: Vec<DecisionId> = vec![];
    let mut restrictions: Vec<Value> = vec![];
    let mut kinds = BTreeSet::new();
    let mut steady = [Copy::of(&hub, "bank"), Copy::of(&hub, "koperasi")];
    let (mut slow, mut kept) = (Copy::of(&hub, "bank"), Copy::of(&hub, "bank"));
    for one in everything(&hub).await.iter().step_by(3) {
        let given = give(&hub, one, "bank", &WHOLE).await;
        consents.extend(given.at("/giveConsent/id").as_str().map(str::to_owned));
    }
    for step in 0..STEPS {
        match dice.below(20) {
            0..=6 => {
                let all = everything(&hub).await;
                let one = &all[dice.below(all.len())];
                let institution = ["bank", "bank", "koperasi"][dice.below(3)];
                let fields = &WHOLE[dice.below(6)..];
                // Refused where it has several owners and none of them is named.
                let given = give(&hub, one, institution, fields).await;
                consents.extend(given.at("/giveConsent/id").as_str().map(str::to_owned));
            }
            7 | 8 if !consents.is_empty() => {
                let one = consents.swap_remove(dice.below(consents.len()));
                withdraw(&hub, &one).await;
            }
            9 if !consents.is_empty() => {
                let one = consents.swap_remove(dice.below(consents.len()));
                expire(&hub, &one).await;
            }
            10..=13 => {
                if let Some(id) = say(&hub.app, &mut dice).await {
                    // Where a consent is at stake a second steward agrees, or it contradicts what was said since.
                    drop(decisions::approve(&hub.app, &steward("second"), id).await);
                    said.push(id);
                }
            }
            14 | 15 if !said.is_empty() => {
                let id = said.swap_remove(dice.below(said.len()));
                drop(decisions::undo(&hub.app, &steward("second"), id).await);
            }
            16 if step % 2 == 0 => {
                let all = everything(&hub).await;
                let one = &all[dice.below(all.len())];
                if dice.below(3) == 0 {
                    right(&hub, one, "ERASURE").await;
                    // A consent goes with the person.
                    consents.clear();
                } else {
                    restrictions.push(right(&hub, one, "RESTRICTION").await);
                }
            }
            17 if !restrictions.is_empty() => {
                lift(&hub, &restrictions.swap_remove(dice.below(restrictions.len()))).await;
            }
            _ => {
                let some: Vec<usize> = (0..6).map(|_| dice.below(BUSINESSES)).collect();
                hub.ingest("kominfo", &kominfo(&some, step)).await;
                hub.link().await;
            }
        }
        let node = if dice.below(2) == 0 { &hub } else { &other };
        match dice.below(4) {
            0 => {
                // Two nodes at once, and again after an interruption that lost what was taken.
                let [bank, koperasi] = &mut steady;
                tokio::join!(bank.drain(&hub, 3), koperasi.drain(&other, 5));
                kinds.extend(bank.kinds().into_values());
                bank.check(node, &format!("seed {seed}, step {step}")).await;
                koperasi.check(node, &format!("seed {seed}, step {step}")).await;
            }
            1 => drop(slow.page(node, 1 + dice.below(3)).await),
            2 => {
                let before = slow.clone();
                slow.page(node, 4).await;
                slow = before;
            }
            _ => {}
        }
    }
    let mut late = Copy::of(&hub, "bank");
    tokio::join!(slow.drain(&hub, 2), late.drain(&other, 7), kept.drain(&other, 200));
    for copy in [&slow, &late, &kept] {
        copy.check(&hub, &format!("seed {seed}, at the end")).await;
    }
    assert!(
        late.kinds().values().all(|it| it == "ENTERED" || it == "SPLIT_FROM"),
        "{:?}",
        late.kinds()
    );
    let [bank, koperasi] = &mut steady;
    bank.drain(&hub, 50).await;
    bank.check(&other, &format!("seed {seed}, at the end")).await;
    koperasi.drain(&hub, 50).await;
    koperasi.check(&other, &format!("seed {seed}, at the end")).await;
    // Nothing changed since, so there is nothing to tell.
    bank.drain(&hub, 50).await;
    assert_eq!(bank.told, Vec::<Value>::new());
    kinds
}

#[test]
fn who_applies_the_changes_holds_what_the_whole_view_gives() {
    for kind in kinds() {
        let stories = if kind == Kind::Sqlite { 5 } else { 2 };
        let mut told = BTreeSet::new();
        for seed in 0..stories {
            run(async { told.extend(story(kind, 77 + seed).await) });
        }
        // Every kind of change has a test of its own; that stories come to these is sure.
        let sure = ["CHANGED", "CONSENT_WITHDRAWN", "ENTERED"];
        assert!(sure.iter().all(|it| told.contains(*it)), "{told:?}");
    }
}
