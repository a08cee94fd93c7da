//! Enterprises under pseudonyms.

use std::collections::{BTreeMap, BTreeSet};

use domain::viewer::{Role, Viewer};
use serde_json::{Value, json};

use super::answers::told;
use super::city::{analyst, ask_of};
use super::{THRESHOLD, filled};
use crate::hub::{Kind, TestHub, on_every_database, run, viewer};

const ROWS: &str = "query($programme: String!, $first: Int, $after: String) {
    inclusionRows(programme: $programme, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        nodes { pseudonym withheld group { kecamatan section size hasNib ownerSex status missing } } } }";

/// Every row that somebody is told, by pseudonym.
async fn rows(hub: &TestHub, who: &Viewer, programme: &str) -> BTreeMap<String, Value> {
    let (mut all, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let asked = json!({ "programme": programme, "first": 150, "after": after });
        let page = ask_of(hub, who, ROWS, asked).await;
        assert_eq!(page.code(), "", "{page:?}");
        for it in page.at("/inclusionRows/nodes").as_array().unwrap() {
            let name = it["pseudonym"].as_str().unwrap().to_owned();
            let row = json!([it["group"], it["withheld"]]);
            assert!(all.insert(name, row).is_none(), "twice");
        }
        if page.at("/inclusionRows/pageInfo/hasNextPage") != true {
            assert_eq!(page.at("/inclusionRows/totalCount"), all.len());
            return all;
        }
        after = page.at("/inclusionRows/pageInfo/endCursor").clone();
    }
}

fn groups(rows: &BTreeMap<String, Value>) -> BTreeMap<String, u64> {
    let mut groups = BTreeMap::new();
    for it in rows.values() {
        *groups.entry(it.to_string()).or_default() += 1;
    }
    groups
}

on_every_database! {
    /// Law 11.
    async fn law_11_no_row_is_alone_and_rows_tell_no_more_than_the_figures(hub: TestHub) {
        filled(&hub).await;
        let bank = analyst("bank");
        let all = rows(&hub, &bank, "kur_micro").await;
        let tables = told(&hub).await;
        assert_eq!(Some(all.len() as u64), tables[&vec![]][&vec![]]);
        let groups = groups(&all);
        assert!(groups.values().all(|it| THRESHOLD <= *it), "{groups:?}");
        assert!(3 < groups.len(), "{groups:?}");
        // As many are told to be somewhere and to stand somehow as the table tells.
        let mut counts: BTreeMap<Vec<Option<String>>, u64> = BTreeMap::new();
        for row in all.values().filter(|it| !it[1].as_array().unwrap().contains(&json!("STATUS"))) {
            let text = |field: &str| row[0][field].as_str().map(str::to_owned);
            *counts.entry(["kecamatan", "status"].map(text).to_vec()).or_default() += 1;
        }
        let cells = &tables[&["KECAMATAN", "STATUS:kur_micro"].map(str::to_owned).to_vec()];
        let mut compared = 0;
        for (cell, count) in &counts {
            assert_eq!(cells[cell], Some(*count), "{cell:?}");
            compared += 1;
        }
        assert!(0 < compared);
    }

    async fn rows_of_two_recipients_or_two_programmes_do_not_join(hub: TestHub) {
        filled(&hub).await;
        let (one, other) = (analyst("bank"), analyst("koperasi"));
        let known = [
            rows(&hub, &one, "kur_micro").await,
            rows(&hub, &other, "kur_micro").await,
            rows(&hub, &one, "umi").await,
        ];
        let names: BTreeSet<&String> = known.iter().flat_map(|it| it.keys()).collect();
        assert_eq!(names.len(), known.iter().map(BTreeMap::len).sum::<usize>());
        assert_eq!(groups(&known[0]), groups(&known[1]));
        // Nor does their order tell who is who.
        let groups: Vec<Vec<&Value>> = known[..2].iter().map(|it| it.values().collect()).collect();
        assert_ne!(groups[0], groups[1]);
        assert_eq!(rows(&hub, &one, "kur_micro").await, known[0]);
        // No name is an id of the register, nor made of one in a way that anybody else could.
        let ids = "{ enterprises(first: 200) { nodes { id } } }";
        let ids = hub.ask_as(Role::Steward, ids, Value::Null).await.body.to_string();
        assert!(names.iter().all(|it| !ids.contains(it.as_str())));
        // A cursor is the recipient's, the programme's and the edition's.
        let first = |programme: &str, after: Value| json!({ "programme": programme, "first": 2, "after": after });
        let page = ask_of(&hub, &one, ROWS, first("kur_micro", Value::Null)).await;
        let cursor = page.at("/inclusionRows/pageInfo/endCursor").clone();
        for (who, programme) in [(&other, "kur_micro"), (&one, "umi")] {
            let foreign = ask_of(&hub, who, ROWS, first(programme, cursor.clone())).await;
            assert_eq!(foreign.code(), "CURSOR_FOREIGN", "{foreign:?}");
        }
        hub.ingest("kominfo", &super::list(420, 30, 5)).await;
        hub.link().await;
        let stale = ask_of(&hub, &one, ROWS, first("kur_micro", cursor)).await;
        assert_eq!(stale.code(), "INVALID_INPUT", "{stale:?}");
        let renewed = rows(&hub, &one, "kur_micro").await;
        assert!(renewed.keys().all(|it| !names.contains(it)), "two editions are put together");
    }

    /// Law 9.
    async fn who_was_told_of_under_a_pseudonym_is_written_down(hub: TestHub) {
        filled(&hub).await;
        ask_of(&hub, &analyst("bank"), ROWS, json!({ "programme": "umi", "first": 3 })).await;
        let last = hub.access_log().await.pop().unwrap();
        assert_eq!(last, ("central_bank".into(), "inclusionRows".into(), "inclusion pseudonym".into(), true));
        for who in [viewer(Role::Steward, None), viewer(Role::Lender, None)] {
            let reply = ask_of(&hub, &who, ROWS, json!({ "programme": "umi" })).await;
            assert_eq!(reply.code(), "FORBIDDEN", "{}", who.role.code());
        }
    }

    async fn what_is_restricted_is_under_no_pseudonym(hub: TestHub) {
        filled(&hub).await;
        let bank = analyst("bank");
        let before = rows(&hub, &bank, "umi").await;
        let id = hub.operator("kominfo", "{ enterprises(first: 1) { nodes { id } } }", Value::Null).await;
        let demand = "mutation($input: RightInput!) { askRight(input: $input) { id } }";
        let id = id.at("/enterprises/nodes/0/id");
        let input = json!({ "input": { "kind": "RESTRICTION", "enterprise": id, "reason": "keliru" } });
        let asked = hub.operator("kominfo", demand, input).await;
        let settle = "mutation($id: ID!) { settleRight(id: $id, carryOut: true) { status } }";
        let settled = hub.steward("tuti@serang", settle, json!({ "id": asked.at("/askRight/id") })).await;
        assert_eq!(settled.at("/settleRight/status"), "DONE", "{settled:?}");
        let mut after = BTreeSet::new();
        let mut cursor = Value::Null;
        loop {
            let page = ask_of(&hub, &bank, ROWS, json!({ "programme": "umi", "first": 200, "after": cursor })).await;
            let nodes = page.at("/inclusionRows/nodes").as_array().unwrap();
            after.extend(nodes.iter().map(|it| it["pseudonym"].as_str().unwrap().to_owned()));
            if page.at("/inclusionRows/pageInfo/hasNextPage") != true {
                break;
            }
            cursor = page.at("/inclusionRows/pageInfo/endCursor").clone();
        }
        assert_eq!(before.keys().filter(|it| !after.contains(*it)).count(), 1);
        assert!(after.iter().all(|it| before.contains_key(it)), "the edition is the same");
    }
}

#[test]
fn a_page_of_rows_takes_at_most_four_statements_whatever_its_size() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        filled(&hub).await;
        let bank = analyst("bank");
        rows(&hub, &bank, "umi").await;
        for size in [1, 20, 200] {
            let mut least = u64::MAX;
            for _ in 0..3 {
                let before = hub.app.store.statements();
                let page =
                    ask_of(&hub, &bank, ROWS, json!({ "programme": "umi", "first": size })).await;
                assert_eq!(
                    page.at("/inclusionRows/nodes").as_array().unwrap().len(),
                    size,
                    "{page:?}"
                );
                least = least.min(hub.app.store.statements() - before);
            }
            assert!(least <= 4, "{least} for {size}");
        }
    });
}
