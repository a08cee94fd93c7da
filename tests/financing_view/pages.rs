//! What a page takes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use domain::viewer::Role;

use super::{MICRO, VIEW, WHOLE, agree, ids, list};
use crate::hub::{Kind, TestHub, run};

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
