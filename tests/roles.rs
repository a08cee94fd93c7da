//! Laws 8 and 9: each role sees its rows and its fields by every path, and every reading is written down.

use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::{TestHub, on_every_database};

const KOMINFO: &str = "\
Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan,NIB,Omzet per Tahun
K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang,0807229043975,120000000
K-2,Emping Mutiara Lestari,Budi Santoso,3673021203790002,081234567802,Jl. Raya Kasemen 7,Kasemen,Kasemen,,90000000
";

const PARIWISATA: &str = "\
No. TDUP,Nama Usaha,Penanggung Jawab,NIK,No. Telp,Alamat,Kelurahan,Kecamatan
P-1,Penginapan Karangantu Indah,Dewi Lestari,3673025503880003,081234567803,Jl. Pelabuhan 1,Banten,Kasemen
";

async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", KOMINFO).await;
    hub.ingest("pariwisata", PARIWISATA).await;
    hub.link().await;
}

const LIST: &str = "query($search: String, $filter: EnterpriseFilter) {
    enterprises(search: $search, filter: $filter, first: 10) {
        totalCount
        nodes { id name { value access } nik { value access } nib { value }
                annualSales { value { annual } access } size { class access } }
    }
}";

on_every_database! {
    /// Law 8.
    async fn an_agency_finds_its_own_enterprises_and_no_others(hub: TestHub) {
        filled(&hub).await;
        let all = hub.ask_as(Role::Steward, LIST, Value::Null).await;
        assert_eq!(all.at("/enterprises/totalCount"), 3, "{all:?}");
        let own = hub.operator("kominfo", LIST, Value::Null).await;
        assert_eq!(own.at("/enterprises/totalCount"), 2);
        let other = hub.operator("pariwisata", LIST, Value::Null).await;
        assert_eq!(other.at("/enterprises/totalCount"), 1);
        // By id, by node and by way of an owner the answer is the same.
        let id = other.at("/enterprises/nodes/0/id").clone();
        let query = "query($id: ID!) { enterprise(id: $id) { id } node(id: $id) { id } }";
        let found = hub.operator("pariwisata", query, json!({ "id": id })).await;
        assert_eq!(found.at("/enterprise/id"), &id);
        assert_eq!(found.at("/node/id"), &id);
        let hidden = hub.operator("kominfo", query, json!({ "id": id })).await;
        assert_eq!(hidden.body["data"], json!({ "enterprise": null, "node": null }));
        assert!(hidden.body.get("errors").is_none());
    }

    /// Law 8.
    async fn the_public_and_the_central_bank_get_figures_and_no_enterprise(hub: TestHub) {
        filled(&hub).await;
        for role in [None, Some(Role::CentralBank), Some(Role::Lender), Some(Role::Developer)] {
            let token = role.map(|it| hub.token(it, None));
            let reply = hub.ask(token, LIST, Value::Null).await;
            let found = reply.at("/enterprises/nodes/0/id");
            assert_eq!(found, &Value::Null, "{role:?}: {reply:?}");
            if matches!(role, None | Some(Role::CentralBank)) {
                assert_eq!(reply.code(), "FORBIDDEN");
            }
        }
        let figures = hub.public("{ statistics { threshold enterprises byKecamatan { count } } }", Value::Null).await;
        assert_eq!(figures.at("/statistics/threshold"), 5);
        // Three enterprises are fewer than five.
        assert_eq!(figures.at("/statistics/enterprises"), &Value::Null);
        assert_eq!(figures.at("/statistics/byKecamatan/0/count"), &Value::Null);
        let query = "{ statistics { threshold sourceRecords enterprises } }";
        let exact = hub.ask_as(Role::Steward, query, Value::Null).await;
        assert_eq!(exact.at("/statistics"), &json!({
            "threshold": null, "sourceRecords": 3, "enterprises": 3
        }));
    }

    /// Law 8.
    async fn a_nik_is_whole_for_its_operator_and_masked_for_an_auditor(hub: TestHub) {
        filled(&hub).await;
        let search = json!({ "search": "emping" });
        let seen = async |token: String| {
            let reply = hub.ask(Some(token), LIST, search.clone()).await;
            reply.at("/enterprises/nodes/0/nik").clone()
        };
        let whole = json!({ "value": "3673021203790002", "access": "WHOLE" });
        assert_eq!(seen(hub.token(Role::AgencyOperator, Some("kominfo"))).await, whole);
        assert_eq!(seen(hub.token(Role::Steward, None)).await, whole);
        let masked = json!({ "value": "36**********0002", "access": "MASKED" });
        assert_eq!(seen(hub.token(Role::AgencyViewer, Some("kominfo"))).await, masked);
        assert_eq!(seen(hub.token(Role::Auditor, None)).await, masked);
        let hidden = json!({ "value": null, "access": "HIDDEN" });
        assert_eq!(seen(hub.token(Role::Administrator, None)).await, hidden);
    }

    /// Law 8.
    async fn a_filter_does_not_tell_what_the_profile_withholds(hub: TestHub) {
        filled(&hub).await;
        for filter in [json!({ "hasNpwp": true }), json!({ "sizeClass": "MICRO" })] {
            let variables = json!({ "filter": filter });
            let reply = hub.operator("kominfo", LIST, variables.clone()).await;
            assert_eq!(reply.code(), "WITHHELD", "{filter}");
            let reply = hub.ask_as(Role::Steward, LIST, variables).await;
            assert_eq!(reply.code(), "", "{filter}: {reply:?}");
        }
        let filter = json!({ "filter": { "hasNib": true } });
        let reply = hub.ask_as(Role::Administrator, LIST, filter).await;
        assert_eq!(reply.code(), "WITHHELD");
        // An administrator does not see owners' names, so she does not find by them.
        let search = json!({ "search": "santoso" });
        let found = hub.ask_as(Role::Steward, LIST, search.clone()).await;
        assert_eq!(found.at("/enterprises/totalCount"), 1);
        let found = hub.ask_as(Role::Administrator, LIST, search).await;
        assert_eq!(found.at("/enterprises/totalCount"), 0);
    }

    async fn filters_and_search_find_what_they_say(hub: TestHub) {
        filled(&hub).await;
        for (variables, total) in [
            (json!({ "search": "sate bandeng" }), 1),
            (json!({ "search": "bandneg" }), 1),
            (json!({ "search": "brokah sate" }), 1),
            (json!({ "search": "bakso" }), 0),
            (json!({ "search": "pengin" }), 1),
            (json!({ "filter": { "kecamatan": "36.73.02" } }), 2),
            (json!({ "filter": { "kelurahan": "36.73.01.1003" } }), 1),
            (json!({ "filter": { "agency": "pariwisata" } }), 1),
            (json!({ "filter": { "hasNib": true } }), 1),
            (json!({ "filter": { "hasNib": false } }), 2),
            (json!({ "filter": { "nib": "0807229043975" } }), 1),
            (json!({ "filter": { "sizeClass": "MICRO" } }), 2),
            (json!({ "filter": { "updatedSince": "2100-01-01T00:00:00Z" } }), 0),
        ] {
            let reply = hub.ask_as(Role::Steward, LIST, variables.clone()).await;
            assert_eq!(reply.at("/enterprises/totalCount"), total, "{variables}: {reply:?}");
        }
        let query = "{ enterprise(nib: \"0807229043975\") { name { value } } }";
        let reply = hub.ask_as(Role::Steward, query, Value::Null).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        for filter in [json!({ "kecamatan": "x" }), json!({ "kbli": "5x" }), json!({ "section": "z" })] {
            let reply = hub.ask_as(Role::Steward, LIST, json!({ "filter": filter })).await;
            assert_eq!(reply.code(), "INVALID_INPUT", "{filter}");
        }
    }

    async fn pages_walk_the_whole_list_in_either_direction(hub: TestHub) {
        filled(&hub).await;
        for field in ["NAME", "UPDATED_AT"] {
            for direction in ["ASC", "DESC"] {
                let query = format!("query($first: Int, $after: String, $last: Int, $before: String) {{
                    enterprises(orderBy: {{ field: {field}, direction: {direction} }},
                        first: $first, after: $after, last: $last, before: $before) {{
                        edges {{ cursor node {{ id }} }}
                        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
                    }}
                }}");
                let ask = async |variables: Value| hub.ask_as(Role::Steward, &query, variables).await;
                let whole = ask(json!({ "first": 10 })).await;
                let ids: Vec<Value> = whole.at("/enterprises/edges").as_array().unwrap().iter()
                    .map(|it| it["node"]["id"].clone()).collect();
                assert_eq!(ids.len(), 3, "{whole:?}");
                let (mut forwards, mut after) = (vec![], Value::Null);
                loop {
                    let page = ask(json!({ "first": 1, "after": after })).await;
                    forwards.push(page.at("/enterprises/edges/0/node/id").clone());
                    after = page.at("/enterprises/pageInfo/endCursor").clone();
                    if page.at("/enterprises/pageInfo/hasNextPage") == false { break }
                }
                assert_eq!(forwards, ids);
                let (mut backwards, mut before) = (vec![], Value::Null);
                loop {
                    let page = ask(json!({ "last": 2, "before": before })).await;
                    let found = page.at("/enterprises/edges").as_array().unwrap().clone();
                    backwards.splice(0..0, found.iter().map(|it| it["node"]["id"].clone()));
                    before = page.at("/enterprises/pageInfo/startCursor").clone();
                    if page.at("/enterprises/pageInfo/hasPreviousPage") == false { break }
                }
                assert_eq!(backwards, ids);
            }
        }
        for arguments in ["first: 201", "first: -1", "last: -1", "first: 1, last: 1", "after: \"00\""] {
            let query = format!("{{ enterprises({arguments}) {{ nodes {{ id }} }} }}");
            let reply = hub.ask_as(Role::Steward, &query, Value::Null).await;
            assert_eq!(reply.code(), "INVALID_INPUT", "{arguments}");
        }
    }

    /// Law 9.
    async fn every_reading_is_written_down_before_it_is_answered(hub: TestHub) {
        filled(&hub).await;
        hub.ask_as(Role::Steward, "{ viewer { role } kecamatan { name } }", Value::Null).await;
        hub.public("{ statistics { enterprises } }", Value::Null).await;
        assert_eq!(hub.access_log().await, []);
        let query = "{ enterprises(first: 2) { nodes { nik { value } ownerName { value } } } }";
        hub.ask_as(Role::Steward, query, Value::Null).await;
        let whole = ("steward".into(), "enterprises".into(), "nik owner_name".into(), true);
        assert_eq!(hub.access_log().await, [whole]);
        hub.public(query, Value::Null).await;
        let refused = ("public".into(), "enterprises".into(), String::new(), false);
        assert_eq!(hub.access_log().await.last(), Some(&refused));
        let query = "{ enterprises(first: 1) { nodes { nik { value } } } }";
        hub.ask_as(Role::Administrator, query, Value::Null).await;
        let withheld = ("administrator".into(), "enterprises".into(), "nik".into(), false);
        assert_eq!(hub.access_log().await.last(), Some(&withheld));
    }

    /// Law 6 and law 8.
    async fn a_profile_tells_where_it_comes_from(hub: TestHub) {
        filled(&hub).await;
        let query = "{ enterprises(search: \"sate bandeng\") { nodes {
            id updatedAt recordCount name { value provenance { recordId agency } }
            kelurahan { value { code name kecamatan { name } } } phone { value }
            annualSales { value { annual fromMonth } } size { class basis access }
            owners { id name { value } enterprises { id } }
            sourceRecords { id agency row texts { field text access } cells }
            links { weight why { weight } } history { kind } retiredIds
        } } }";
        let reply = hub.ask_as(Role::Steward, query, Value::Null).await;
        assert!(reply.body.get("errors").is_none(), "{reply:?}");
        let one = reply.at("/enterprises/nodes/0");
        assert_eq!(one["name"]["provenance"][0]["agency"], "kominfo");
        assert_eq!(one["kelurahan"]["value"]["kecamatan"]["name"], "Serang");
        assert_eq!(one["annualSales"]["value"]["annual"], 120_000_000);
        assert_eq!(one["size"], json!({ "class": "MICRO", "basis": "SALES", "access": "WHOLE" }));
        assert_eq!(one["owners"][0]["enterprises"][0]["id"], one["id"]);
        assert_eq!(one["sourceRecords"][0]["agency"], "kominfo");
        assert!(one["sourceRecords"][0]["cells"].is_array());
        assert_eq!(one["history"][0]["kind"], "CREATED");
        let auditor = hub.ask_as(Role::Auditor, query, Value::Null).await;
        assert_eq!(auditor.at("/enterprises/nodes/0/sourceRecords/0/cells"), &Value::Null);
        assert!(!auditor.body.to_string().contains("3673014507850001"));
        assert!(!auditor.body.to_string().contains("081234567801"));
    }

    async fn a_filter_by_an_agency_that_is_none_is_an_error_and_not_an_empty_list(hub: TestHub) {
        let query = "query A($of: String!) { enterprises(filter: { agency: $of }) { totalCount } }";
        let of = async |code: &str| hub.ask_as(Role::Steward, query, json!({ "of": code })).await;
        assert_eq!(of("kominfo").await.at("/enterprises/totalCount"), 0);
        let refused = of("nope").await;
        assert_eq!(refused.code(), "INVALID_INPUT", "{refused:?}");
        let message = refused.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("agency: must be one of") && message.contains("kominfo"), "{message}");
    }
}
