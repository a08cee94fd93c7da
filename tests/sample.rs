//! A part of the bundled sample city: several agencies that know the same enterprises.

use std::path::Path;

use domain::viewer::Role;
use serde_json::Value;

use crate::hub::TestHub;

/// The first rows of an agency's list, with what stands above them.
pub fn rows(agency: &str, count: usize) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../sample/{agency}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().take(count).collect::<Vec<_>>().join("\n")
}

/// Takes the first rows of three agencies' lists and links them.
pub async fn city(hub: &TestHub) {
    for (agency, count) in [("kominfo", 900), ("hipmikindo", 900), ("pariwisata", 600)] {
        hub.ingest(agency, &rows(agency, count)).await;
    }
    hub.link().await;
}

/// Which enterprise each row is in, by the row's id.
pub async fn homes(hub: &TestHub) -> std::collections::BTreeMap<String, String> {
    let query = "query($after: String) { enterprises(first: 200, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { id sourceRecords { id } } } }";
    let mut homes = std::collections::BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let variables = serde_json::json!({ "after": after });
        let page = hub.ask_as(Role::Steward, query, variables).await;
        for enterprise in page.at("/enterprises/nodes").as_array().unwrap() {
            let id = enterprise["id"].as_str().unwrap();
            for record in enterprise["sourceRecords"].as_array().unwrap() {
                homes.insert(record["id"].as_str().unwrap().to_owned(), id.to_owned());
            }
        }
        if page.at("/enterprises/pageInfo/hasNextPage") == false {
            return homes;
        }
        after = page.at("/enterprises/pageInfo/endCursor").clone();
    }
}
