//! The answer to a person: everything that is held of her, and who read it.

use std::collections::BTreeMap;

use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database, reply};
use crate::rights::{KOMINFO, ask, carry_out, filled, owner, places, row, tunggal};

/// Asks for a report with the purpose that a report has.
async fn report(hub: &TestHub, role: Role, variables: Value) -> Reply {
    let query = "query($nik: String, $owner: ID) { subjectReport(nik: $nik, owner: $owner) { persons reads json page } }";
    let request =
        hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(hub.token(role, None));
    let request = request.header("Tunggal-Purpose", "subject_request");
    let body = json!({ "query": query, "variables": variables });
    reply(request.json(&body).send().await.unwrap()).await
}

on_every_database! {
    /// UU PDP 27/2022 articles 5, 7 and 32: one command, and one query.
    async fn a_person_is_told_everything_that_is_held_and_who_read_it(hub: TestHub) {
        filled(&hub).await;
        let (first, only) = row(&hub, "kominfo", "K-1").await;
        let one = "query($id: ID!) { enterprise(id: $id) { phone { value } nik { value } } }";
        hub.operator("kominfo", one, json!({ "id": only })).await;
        let (done, told) = tunggal(&hub, &["subject-report", "--nik-stdin"], "3673014507850001\n");
        assert!(done, "{told}");
        let told: Value = serde_json::from_str(&told).unwrap();
        let person = &told["persons"][0];
        assert_eq!(told["persons"].as_array().unwrap().len(), 1);
        assert_eq!(person["enterprises"].as_array().unwrap().len(), 3, "{person}");
        assert_eq!(person["rows"].as_array().unwrap().len(), 3);
        assert_eq!(person["niks"], json!(["3673014507850001"]));
        let reads = person["reads"].as_array().unwrap();
        let read = reads.iter().find(|it| it["role"] == "agency_operator").unwrap();
        assert_eq!(read["shown"], json!(["nik", "phone"]));
        assert_eq!((&read["purpose"], &read["of"]), (&json!("public_service"), &json!("kominfo")));
        assert_eq!(told["names"]["bjb"], "Bank bjb");
        // What the machine worked out of her (article 10) is the same that a steward sees.
        let mut standings = 0;
        for held in person["enterprises"].as_array().unwrap() {
            let query = "query($id: ID!) { enterprise(id: $id) { financing { programme { id } status } } }";
            let seen = hub.ask_as(Role::Steward, query, json!({ "id": held["id"] })).await;
            let seen = seen.at("/enterprise/financing").as_array().unwrap().clone();
            let status = |it: &Value| it["status"].as_str().unwrap().to_lowercase();
            let seen: BTreeMap<String, String> = seen.iter()
                .map(|it| (it["programme"]["id"].as_str().unwrap().to_owned(), status(it))).collect();
            let told: BTreeMap<String, String> = held["standings"].as_array().unwrap().iter()
                .map(|it| (it["programme"].as_str().unwrap().to_owned(), status(it))).collect();
            assert_eq!(told, seen);
            standings += told.len();
        }
        assert!(3 < standings, "{person}");
        assert_eq!(told["names"]["kur_micro"], "KUR mikro");
        // The page says the same in Indonesian, and a text cannot break out of it.
        let (_, page) = tunggal(&hub, &["subject-report", "--nik-stdin", "--format", "html"], "3673014507850001\n");
        for text in ["<html lang=\"id\">", "Zubaidah Qistina", "Siapa yang melihat", "pelayanan publik",
            "<h4>Sambal Wulung", "Dinas Komunikasi dan Informatika Kota Serang", "operator data instansi",
            "Rp120.000.000 setahun", "<td>Serang</td>", "Kesiapan pembiayaan", "<td>KUR mikro</td>"] {
            assert!(page.contains(text), "{text}");
        }
        for code in ["(agency_operator", "36.73.01", ">kominfo"] {
            assert!(!page.contains(code), "{code}");
        }
        let asked = report(&hub, Role::Auditor, json!({ "nik": "3673014507850001" })).await;
        assert_eq!(asked.at("/subjectReport/persons"), 1, "{asked:?}");
        // By a query that states no such purpose, or for a role that may not, there is none.
        let query = "{ subjectReport(nik: \"3673014507850001\") { persons } }";
        assert_eq!(hub.ask_as(Role::Auditor, query, Value::Null).await.code(), "PURPOSE_REFUSED");
        assert_eq!(hub.operator("kominfo", query, Value::Null).await.code(), "FORBIDDEN");
        // She asks about herself, and about nobody else.
        let mine = "{ subjectReport { persons json } }";
        let mine = hub.ask(Some(owner(&hub, &first)), mine, Value::Null).await;
        let json: Value = serde_json::from_str(mine.at("/subjectReport/json").as_str().unwrap()).unwrap();
        assert_eq!(json["persons"][0]["rows"].as_array().unwrap().len(), 3);
        // The commands and the queries before it are among the reads.
        assert!(reads.len() + 2 < json["persons"][0]["reads"].as_array().unwrap().len());
        let others = hub.ask(Some(owner(&hub, &first)), query, Value::Null).await;
        assert_eq!(others.code(), "NOT_FOUND");
        // Of a number that stands nowhere nothing is held.
        let nobody = report(&hub, Role::Auditor, json!({ "nik": "3673010101990001" })).await;
        assert_eq!(nobody.at("/subjectReport/persons"), 0, "{nobody:?}");
    }

    /// Lists that contradict each other: a stated outcome for both.
    async fn two_numbers_of_one_person_and_one_number_of_two(hub: TestHub) {
        hub.ingest("kominfo", KOMINFO).await;
        hub.ingest("pariwisata", "No. TDUP,Nama Usaha,Penanggung Jawab,NIK,No. Telp,Alamat,Kelurahan,Kecamatan
P-1,Sambal Wulung,Zubaidah Qistina,3673014507850010,081299887766,Jl. Kenanga Wulung 77,Sumur Pecung,Serang
P-2,Bengkel Motor Maju,Hendra Gunawan,3673021203790002,081377776666,Jl. Cilegon 40,Taman,Taktakan\n").await;
        hub.link().await;
        // Her two numbers lead to the same answer, which names both.
        let mut answers = vec![];
        for nik in ["3673014507850001", "3673014507850010"] {
            let told = report(&hub, Role::Steward, json!({ "nik": nik })).await;
            let json: Value = serde_json::from_str(told.at("/subjectReport/json").as_str().unwrap()).unwrap();
            assert_eq!(json["persons"].as_array().unwrap().len(), 1, "{nik}");
            answers.push((json["persons"][0]["owner"].clone(), json["persons"][0]["niks"].clone()));
            assert!(told.at("/subjectReport/page").as_str().unwrap().contains("NIK yang berbeda"));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].1, json!(["3673014507850001", "3673014507850010"]));
        // One number of two persons: two parts and a warning; erasing one keeps the number for the other.
        let told = report(&hub, Role::Steward, json!({ "nik": "3673021203790002" })).await;
        assert_eq!(told.at("/subjectReport/persons"), 2, "{told:?}");
        assert!(told.at("/subjectReport/page").as_str().unwrap().contains("lebih dari satu orang"));
        let (budi, _) = row(&hub, "kominfo", "K-3").await;
        let asked = ask(&hub, owner(&hub, &budi), json!({ "kind": "ERASURE", "reason": "tutup usaha" })).await;
        assert_eq!(carry_out(&hub, &asked["id"]).await.at("/settleRight/status"), "DONE");
        assert_eq!(places(&hub, &["budi santoso", "emping mutiara"]).await, Vec::<String>::new());
        let told = report(&hub, Role::Steward, json!({ "nik": "3673021203790002" })).await;
        assert_eq!(told.at("/subjectReport/persons"), 1, "{told:?}");
    }
}
