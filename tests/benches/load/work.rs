//! What the roles do with the hub, and how often each comes.

use serde_json::{Value, json};

use crate::hub::Hub;

const BY_ID: &str = "query($id: ID!) { enterprise(id: $id) { id name { value } nik { value } \
                     ownerName { value } phone { value } kelurahan { value { name } } } }";

/// A steward's questions for one enterprise, about many by turns.
pub fn by_id(hub: &Hub) -> Vec<Vec<u8>> {
    let ids = hub.ids.iter();
    ids.map(|it| hub.request("steward", BY_ID, &json!({ "id": it }))).collect()
}

/// One kind of work, with its name, its share of all, and requests to take in turn.
pub struct Work {
    pub name: &'static str,
    pub share: usize,
    pub requests: Vec<Vec<u8>>,
}

/// What goes on in the hub all day, but for what is done with an earlier answer.
pub fn all(hub: &Hub) -> Vec<Work> {
    let one = |who: &str, query: &str| vec![hub.request(who, query, &Value::Null)];
    let words = ["warung berkah", "sate bandeng", "batik", "toko sumber rejeki", "kripik singkong"];
    let search = "query($text: String!) { enterprises(search: $text, first: 10) { nodes { id name { value } } } }";
    let page = "query($in: String!) { enterprises(filter: { kecamatan: $in }, first: 50) { nodes { id name { value } \
                sourceRecords { id agency row } } } }";
    let kecamatan = (1..=6).map(|it| format!("36.73.0{it}"));
    let own = "query($id: ID!) { enterprise(id: $id) { id name { value } kelurahan { value { name } } } }";
    vec![
        Work { name: "steward: one enterprise", share: 40, requests: by_id(hub) },
        Work {
            name: "viewer: one enterprise",
            share: 15,
            requests: hub
                .ids
                .iter()
                .map(|it| hub.request("viewer", own, &json!({ "id": it })))
                .collect(),
        },
        Work {
            name: "operator: a page",
            share: 10,
            requests: kecamatan
                .map(|it| hub.request("operator", page, &json!({ "in": it })))
                .collect(),
        },
        Work {
            name: "steward: search",
            share: 8,
            requests: words
                .iter()
                .map(|it| hub.request("steward", search, &json!({ "text": it })))
                .collect(),
        },
        Work {
            name: "public: statistics",
            share: 15,
            requests: one("", "{ statistics { enterprises byKecamatan { code count } } }"),
        },
        Work {
            name: "lender: view",
            share: 4,
            requests: one(
                "lender",
                "{ financingView(programme: \"kur_micro\", first: 20) { nodes { enterprise { id } readiness { status } } } }",
            ),
        },
        Work {
            name: "central bank: inclusion",
            share: 2,
            requests: one("central_bank", "{ inclusion(by: [KECAMATAN]) { cells { count } } }"),
        },
        Work {
            name: "steward: queue",
            share: 3,
            requests: one("steward", "{ reviewQueue(first: 10) { nodes { a b probability } } }"),
        },
        Work {
            name: "auditor: log",
            share: 1,
            requests: one("auditor", "{ accessLog(last: 20) { nodes { seq subject outcome } } }"),
        },
        Work { name: "operator: upload", share: 1, requests: uploads(hub) },
    ]
}

/// Lists of twenty rows each, no two alike.
fn uploads(hub: &Hub) -> Vec<Vec<u8>> {
    let query = "mutation($file: Upload!) { uploadSourceFile(agency: \"kominfo\", file: $file) { file { status } } }";
    let operations = json!({ "query": query, "variables": { "file": null } });
    let upload = |list: usize| {
        let row = |it: usize| {
            let number = list * 20 + it;
            format!("S-{number},Warung Soak {number},Ani Soak {number},0812{:08}\n", number * 37)
        };
        let rows: String = (0..20).map(row).collect();
        let body = format!(
            "--part\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
             --part\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
             --part\r\nContent-Disposition: form-data; name=\"0\"; filename=\"daftar.csv\"\r\n\
             Content-Type: text/csv\r\n\r\nKode Peserta,Nama UMKM,Nama Owner,No HP\n{rows}\r\n--part--\r\n"
        );
        hub.posted(
            "operator",
            "multipart/form-data; boundary=part",
            "GraphQL-Preflight: 1\r\n",
            body.as_bytes(),
        )
    };
    (0..2_000).map(upload).collect()
}
