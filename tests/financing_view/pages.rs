//! What a page takes.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use serde_json::{Value, json};

use domain::viewer::Role;

use super::{MICRO, VIEW, WHOLE, agree, filled, ids, list};
use crate::hub::{Kind, TestHub, on_every_database, run};

/// At most four statements for a page, whatever its size: one finds, one reads the rows, one the consents, one
/// the links.
#[test]
fn a_page_of_a_bank_takes_four_statements_whatever_its_size() {
    run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let rows: Vec<String> = (0..40).map(|it| {
            let letters = [b'A' + it / 10, b'a' + it % 10, b'k', b'i'].map(char::from);
            let name: String = letters.iter().collect();
            format!("K-{it},Warung {name} Nomor {it},{name} Wulandari,36730145078500{it:02},0812345678{it:02},Jl. {name} {it},Sumur Pecung,Serang,,,2011,120000000")
        }).collect();
        hub.ingest("kominfo", &list(&rows.iter().map(String::as_str).collect::<Vec<_>>())).await;
        hub.link().await;
        let text = "mutation { addConsentText(version: \"uji-1\", content: \"Saya setuju data usaha ini dibaca bank.\") { version } }";
        hub.ask_as(Role::Steward, text, Value::Null).await;
        let ids = ids(&hub).await;
        assert!(30 < ids.len(), "{}", ids.len());
        for id in ids.values() {
            agree(&hub, id, &WHOLE).await;
        }
        let query = VIEW.replace("totalCount", "");
        let mut taken = BTreeMap::new();
        for size in [1, 10, 30] {
            let mut least = u64::MAX;
            for _ in 0..3 {
                let before = hub.app.store.statements();
                let token = hub.token(Role::Lender, None);
                let page = hub
                    .ask(Some(token), &query, json!({ "programme": MICRO, "first": size }))
                    .await;
                assert_eq!(
                    page.at("/financingView/nodes").as_array().unwrap().len(),
                    size,
                    "{page:?}"
                );
                least = least.min(hub.app.store.statements() - before);
            }
            taken.insert(size, least);
        }
        assert!(taken.values().all(|it| *it <= 4), "{taken:?}");
    });
}

on_every_database! {
    /// The owner applied at the bank and names the bank's own number: the bank finds her by it, and by nobody else's.
    async fn a_bank_finds_whoever_applied_by_its_own_number(hub: TestHub) {
        filled(&hub).await;
        let ids = ids(&hub).await;
        let give = "mutation($input: ConsentInput!) { giveConsent(input: $input) { id reference live } }";
        let input = |institution: &str, reference: &str, days: i64| json!({ "input": {
            "enterprise": ids["Sate Bandeng Barokah"], "institution": institution, "purpose": "FINANCING",
            "fields": WHOLE, "textVersion": "uji-1", "channel": "COUNTER", "evidence": "map 12/2026 lembar 4",
            "reference": reference, "expiresAt": (tunggal::clock::now() + TimeDelta::days(days)).to_rfc3339(),
        } });
        for (reference, days, field) in [
            ("", 30, "reference"),
            ("KUR 1", 30, "reference"),
            ("3673014507850001", 30, "reference"),
            ("KUR-2026-1", 200, "expiresAt"),
        ] {
            let refused = hub.operator("kominfo", give, input("bank", reference, days)).await;
            assert_eq!(refused.code(), "INVALID_INPUT", "{reference}: {refused:?}");
            assert!(refused.body.to_string().contains(field), "{refused:?}");
        }
        let given = hub.operator("kominfo", give, input("bank", "KUR-2026-1", 30)).await;
        assert_eq!(given.at("/giveConsent/reference"), "KUR-2026-1", "{given:?}");
        agree(&hub, &ids["Bengkel Sinar Jaya"], &WHOLE).await;
        let other = hub.operator("kominfo", give, input("koperasi", "KOP-9", 30)).await;
        assert_eq!(other.at("/giveConsent/live"), true);

        let query = "query($filter: FinancingFilter) { financingView(programme: \"kur_micro\", filter: $filter) {
            totalCount nodes { references enterprise { id } } } }";
        let bank = async |filter: Value| {
            hub.ask(Some(hub.token(Role::Lender, None)), query, json!({ "filter": filter })).await
        };
        let found = bank(json!({ "reference": "KUR-2026-1" })).await;
        let nodes = found.at("/financingView/nodes").as_array().unwrap();
        assert_eq!((nodes.len(), found.at("/financingView/totalCount")), (1, &json!(1)), "{found:?}");
        assert_eq!(nodes[0]["enterprise"]["id"], ids["Sate Bandeng Barokah"]);
        // Numbers of other institutions are not told, nor looked for.
        assert_eq!(nodes[0]["references"], json!(["KUR-2026-1"]));
        let all = bank(Value::Null).await;
        assert_eq!(all.at("/financingView/totalCount"), 2);
        for unknown in ["KOP-9", "KUR-2026-2"] {
            let none = bank(json!({ "reference": unknown })).await;
            assert_eq!(none.at("/financingView/nodes"), &json!([]), "{none:?}");
        }
        let steward = hub.ask_as(Role::Steward, query, json!({ "filter": { "reference": "KUR-2026-1" } })).await;
        assert_eq!(steward.code(), "INVALID_INPUT", "{steward:?}");
        // Taken back, it is not found any more.
        let withdraw = "mutation($id: ID!) { withdrawConsent(id: $id) { live } }";
        hub.operator("kominfo", withdraw, json!({ "id": given.at("/giveConsent/id") })).await;
        let gone = bank(json!({ "reference": "KUR-2026-1" })).await;
        assert_eq!(gone.at("/financingView/nodes"), &json!([]), "{gone:?}");
    }
}
