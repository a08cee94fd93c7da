//! Every link, and every pair that was not linked, explains itself.

use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database};
use crate::sample::city;

const WHY: &str = "query($a: ID!, $b: ID!) { why(a: $a, b: $b) {
    priorBits movedOrTwoOwnersBits otherBusinessBits contextBits weight linked verdict cause decision linkBits reviewBits
    fields { field level m u termFrequency bits rarityBits totalBits a { field text access } b { text access } } } }";

async fn why(hub: &TestHub, role: Role, a: &Value, b: &Value) -> Reply {
    hub.ask_as(role, WHY, json!({ "a": a, "b": b })).await
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The parts add up to the weight, and each field's bits are those of its m and u.
fn adds_up(why: &Value) {
    let mut sum = number(&why["priorBits"]);
    sum += number(&why["movedOrTwoOwnersBits"]) + number(&why["otherBusinessBits"]);
    sum += number(&why["contextBits"]);
    for field in why["fields"].as_array().unwrap() {
        sum += number(&field["totalBits"]);
        if field["level"] == "missing" {
            assert_eq!((&field["m"], &field["totalBits"]), (&Value::Null, &json!(0.0)), "{field}");
            continue;
        }
        let bits = (number(&field["m"]) / number(&field["u"])).log2();
        assert!((bits - number(&field["bits"])).abs() < 1e-6, "{field}");
        if number(&field["rarityBits"]) != 0.0 {
            let share = (-number(&field["rarityBits"])).exp2();
            assert!((share - number(&field["termFrequency"])).abs() < 1e-9, "{field}");
        }
        // An agency may stand for the sector, and the sheet for the kecamatan: then a side has no text.
        let shown = |side: &str| field[side].as_array().is_some_and(|it| !it.is_empty());
        let of_list = ["agency", "sector", "place", "street_place"]
            .contains(&field["field"].as_str().unwrap());
        assert!(of_list || (shown("a") && shown("b")), "{field} shows no value");
    }
    assert!((sum - number(&why["weight"])).abs() < 1e-6, "{why}");
}

const ENTERPRISES: &str = "query($after: String) { enterprises(first: 100, after: $after) {
    pageInfo { endCursor } nodes { id recordCount sourceRecords { id } links { a b weight linked }
    how { linkBits steps { left right a b pairBits bits cause decision }
          weakest { step link { a b bits } one other } } } } }";

async fn enterprises(hub: &TestHub) -> Vec<Value> {
    let mut all = vec![];
    let mut after = Value::Null;
    for _ in 0..6 {
        let page = hub.ask_as(Role::Steward, ENTERPRISES, json!({ "after": after })).await;
        all.extend(
            page.at("/enterprises/nodes").as_array().unwrap_or_else(|| panic!("{page:?}")).clone(),
        );
        after = page.at("/enterprises/pageInfo/endCursor").clone();
    }
    all
}

on_every_database! {
    /// Law 7.
    async fn why_adds_up_and_names_the_cause_of_every_outcome(hub: TestHub) {
        city(&hub).await;
        let all = enterprises(&hub).await;
        let mut verdicts = std::collections::BTreeSet::new();
        for enterprise in all.iter().filter(|it| 1 < it["links"].as_array().unwrap().len()).take(10) {
            for link in enterprise["links"].as_array().unwrap() {
                let reply = why(&hub, Role::Steward, &link["a"], &link["b"]).await;
                let told = reply.at("/why");
                adds_up(told);
                assert!((number(&told["weight"]) - number(&link["weight"])).abs() < 1e-6);
                let above = number(&told["linkBits"]) <= number(&told["weight"]);
                let expected = if above { "LINKED" } else { "LINKED_THROUGH_OTHERS" };
                assert_eq!(told["verdict"], expected, "{told}");
                verdicts.insert(expected);
            }
        }
        assert!(verdicts.contains("LINKED"));
        // What waits is between the thresholds, or was refused.
        let query = "{ reviewQueue(first: 50, filter: { kind: PAIR, reason: \"doubtful\" }) { nodes { a b weight } } }";
        let queue = hub.ask_as(Role::Steward, query, Value::Null).await;
        let doubtful = &queue.at("/reviewQueue/nodes")[0];
        let told = why(&hub, Role::Steward, &doubtful["a"], &doubtful["b"]).await;
        adds_up(told.at("/why"));
        assert_eq!(told.at("/why/verdict"), "IN_DOUBT", "{told:?}");
        assert_eq!(told.at("/why/weight"), &doubtful["weight"]);
        // Two rows that have nothing to do with each other were never compared, and that is told.
        let lone: Vec<&Value> = all.iter().filter(|it| it["recordCount"] == 1).map(|it| &it["sourceRecords"][0]["id"]).collect();
        let mut never_compared = 0;
        for pair in lone.chunks(2).take(20).filter(|it| it.len() == 2) {
            let told = why(&hub, Role::Steward, pair[0], pair[1]).await;
            adds_up(told.at("/why"));
            assert_eq!(told.at("/why/linked"), false);
            never_compared += usize::from(told.at("/why/verdict") == "NOT_PROPOSED");
        }
        assert!(10 < never_compared, "{never_compared}");
        // A steward's word is the cause once she has spoken.
        let decide = "mutation($a: ID!, $b: ID!) { decide(kind: NEVER, a: $a, b: $b, reason: \"seen\") { id } }";
        let variables = json!({ "a": doubtful["a"], "b": doubtful["b"] });
        let decided = hub.ask_as(Role::Steward, decide, variables).await;
        let told = why(&hub, Role::Steward, &doubtful["a"], &doubtful["b"]).await;
        assert_eq!(told.at("/why/verdict"), "NEVER");
        assert_eq!(told.at("/why/decision"), decided.at("/decide/id"));
    }

    /// Law 8: what a role does not see of a row it does not see in the explanation either.
    async fn why_shows_an_auditor_masked_values_and_others_nothing(hub: TestHub) {
        city(&hub).await;
        let all = enterprises(&hub).await;
        let link = all.iter().flat_map(|it| it["links"].as_array().unwrap()).next().unwrap();
        let seen = async |role| {
            let reply = why(&hub, role, &link["a"], &link["b"]).await;
            let fields = reply.at("/why/fields").as_array().unwrap().clone();
            let owner = fields.iter().find(|it| it["field"] == "owner").unwrap()["a"][0].clone();
            (owner["text"].clone(), owner["access"].clone())
        };
        let (whole, access) = seen(Role::Steward).await;
        assert_eq!(access, "WHOLE");
        let (masked, access) = seen(Role::Auditor).await;
        assert_eq!(access, "MASKED");
        assert_ne!(masked, whole);
        for role in [Role::Administrator, Role::CentralBank, Role::Lender] {
            assert_eq!(why(&hub, role, &link["a"], &link["b"]).await.code(), "FORBIDDEN", "{}", role.code());
        }
        let log = hub.access_log().await;
        assert!(log.iter().any(|it| it.0 == "auditor" && it.1 == "why" && it.2.contains("owner_name")), "{log:?}");
        assert_eq!(why(&hub, Role::Steward, &link["a"], &link["a"]).await.code(), "INVALID_INPUT");
        let unknown = json!("rec_00000000000000000000000000000001");
        assert_eq!(why(&hub, Role::Steward, &link["a"], &unknown).await.code(), "NOT_FOUND");
    }

    /// Law 7.
    async fn how_tells_the_joins_in_order_and_the_weakest(hub: TestHub) {
        city(&hub).await;
        let all = enterprises(&hub).await;
        for enterprise in &all {
            let how = &enterprise["how"];
            let steps = how["steps"].as_array().unwrap();
            let records = enterprise["recordCount"].as_u64().unwrap() as usize;
            assert_eq!(steps.len() + 1, records, "{enterprise}");
            let Some(last) = steps.last() else {
                assert_eq!(how["weakest"], Value::Null);
                continue;
            };
            let whole = last["left"].as_array().unwrap().len() + last["right"].as_array().unwrap().len();
            assert_eq!(whole, records);
            let least = steps.iter().map(|it| number(&it["bits"])).fold(f64::INFINITY, f64::min);
            assert_eq!(number(&how["weakest"]["link"]["bits"]), least);
            let parts = [&how["weakest"]["one"], &how["weakest"]["other"]];
            let parts = parts.map(|it| it.as_array().unwrap().clone());
            assert!(parts.iter().all(|it| !it.is_empty()));
            assert_eq!(parts[0].len() + parts[1].len(), records);
            for step in steps {
                assert_eq!(step["cause"], "EVIDENCE", "{step}");
                assert!(number(&how["linkBits"]) <= number(&step["bits"]), "{step}");
            }
        }
        // A steward's join comes last, names her decision, and is no weak link.
        let pair: Vec<&Value> = all.iter().filter(|it| it["recordCount"] == 2).take(2).collect();
        let row = |at: usize| pair[at]["sourceRecords"][0]["id"].clone();
        let decide = "mutation($a: ID!, $b: ID!) { decide(kind: SAME, a: $a, b: $b, reason: \"seen\") { id status enterprises { recordCount how {
            steps { cause decision } weakest { one other } } } } }";
        let decided = hub.ask_as(Role::Steward, decide, json!({ "a": row(0), "b": row(1) })).await;
        let joined = decided.at("/decide/enterprises");
        if joined.as_array().unwrap().len() == 1 {
            let last = &joined[0]["how"]["steps"][2];
            assert_eq!(last["cause"], "STEWARD", "{decided:?}");
            assert_eq!(last["decision"], *decided.at("/decide/id"));
            let one = joined[0]["how"]["weakest"]["one"].as_array().unwrap().len();
            assert_ne!(one, 2, "the bond is not where it parts");
        }
    }
}
