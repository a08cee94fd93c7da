//! What is said of each change.

use domain::viewer::Role;
use serde_json::{Value, json};
use tunggal::service::decisions::{self, Answer};
use tunggal::store::decisions::Status;

use super::{Copy, TEXT, WHOLE, agree, expire, withdraw};
use crate::hub::{TestHub, on_every_database};
use crate::register::{decide, home, steward};
use crate::rights;

const HEADINGS: &str = "Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan,NIB,Omzet per Tahun\n";
const ROWS: [&str; 5] = [
    "K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang,0807229043975,120000000",
    "K-2,Emping Mutiara Lestari,Budi Santoso,3673021203790002,081234567802,Jl. Raya Kasemen 7,Kasemen,Kasemen,,90000000",
    "K-3,Bengkel Sinar Jaya,Ahmad Fauzi,3673032203820003,081234567803,Jl. Veteran 9,Cipare,Serang,0220932935677,80000000",
    "K-4,Batik Kencana Wungu,Ratna Sari,3673015508880005,081234567805,Jl. Ampera 5,Lopang,Serang,0911220033445,70000000",
    "K-5,Keripik Singkong Rangkas,Hendra Wijaya,3673030101800006,081234567806,Jl. Banten 5,Banten,Kasemen,,60000000",
];

fn row(number: usize) -> domain::id::RecordId {
    crate::register::of_kominfo(number)
}

async fn id(hub: &TestHub, number: usize) -> String {
    home(&hub.app, row(number)).await.to_string()
}

on_every_database! {
    async fn each_change_says_what_happened(hub: TestHub) {
        hub.ingest("kominfo", &format!("{HEADINGS}{}\n", ROWS.join("\n"))).await;
        hub.link().await;
        hub.ask_as(Role::Steward, TEXT, Value::Null).await;
        let mut bank = Copy::of(&hub, "bank");
        bank.drain(&hub, 50).await;
        assert_eq!(bank.told, Vec::<Value>::new());

        let mut ids = vec![String::new()];
        let mut consents = vec![String::new()];
        for number in 1..=5 {
            ids.push(id(&hub, number).await);
            consents.push(agree(&hub, &ids[number], "bank", &WHOLE).await);
        }
        bank.drain(&hub, 2).await;
        assert_eq!(bank.kinds().len(), 5);
        assert!(bank.kinds().values().all(|it| it == "ENTERED"), "{:?}", bank.told);

        // Her list comes again with another phone and other sales.
        let again = ROWS[0].replace("081234567801", "081299990000").replace("120000000", "130000000");
        hub.ingest("kominfo", &format!("{HEADINGS}{again}\n")).await;
        hub.link().await;
        bank.drain(&hub, 50).await;
        assert_eq!(bank.told.len(), 1, "{:?}", bank.told);
        assert_eq!((&bank.told[0]["kind"], &bank.told[0]["enterpriseId"]), (&json!("CHANGED"), &json!(ids[1])));
        let matters = bank.told[0]["matters"].as_array().unwrap();
        assert!(matters.contains(&json!("PROFILE")) && matters.contains(&json!("EVIDENCE")), "{matters:?}");
        assert!(!matters.contains(&json!("PAPERS")), "{matters:?}");
        assert_eq!(bank.held[&ids[1]]["enterprise"]["phone"]["value"], "+6281299990000");

        // Two rows are one enterprise, as a steward says: it is never counted twice.
        let said = decide(&hub.app, Answer::Same, row(2), row(3)).await.unwrap();
        if hub.app.store.decision(said).await.unwrap().unwrap().status == Status::Pending {
            // Where a consent is at stake, another steward has to agree.
            decisions::approve(&hub.app, &steward("second"), said).await.unwrap();
        }
        let (heir, retired) = match id(&hub, 2).await == ids[2] {
            true => (ids[2].clone(), ids[3].clone()),
            false => (ids[3].clone(), ids[2].clone()),
        };
        bank.drain(&hub, 50).await;
        let merged = bank.told.iter().find(|it| it["enterpriseId"] == retired.as_str()).unwrap();
        assert_eq!((&merged["kind"], &merged["otherId"]), (&json!("MERGED_INTO"), &json!(heir)));
        assert_eq!(bank.kinds()[&heir], "CHANGED");
        assert_eq!(bank.told[0], *merged, "what went comes first");
        bank.check(&hub, "merged").await;

        // That is taken back: the id that was retired is in use again.
        decisions::undo(&hub.app, &steward("walidata"), said).await.unwrap();
        bank.drain(&hub, 50).await;
        let made = retired.clone();
        let split = bank.told.iter().find(|it| it["enterpriseId"] == made.as_str()).unwrap_or_else(|| panic!("{:?}", bank.told));
        assert_eq!((&split["kind"], &split["otherId"]), (&json!("SPLIT_FROM"), &json!(heir)));
        bank.check(&hub, "split").await;

        withdraw(&hub, &consents[1]).await;
        expire(&hub, &consents[4]).await;
        bank.drain(&hub, 50).await;
        let kinds = bank.kinds();
        assert_eq!((kinds[&ids[1]].as_str(), kinds[&ids[4]].as_str()), ("CONSENT_WITHDRAWN", "CONSENT_EXPIRED"));
        assert_eq!(kinds.len(), 2, "{kinds:?}");

        // She agrees again, and has the use restricted; then she is erased.
        agree(&hub, &ids[1], "bank", &WHOLE).await;
        bank.drain(&hub, 50).await;
        assert_eq!(bank.kinds()[&ids[1]], "ENTERED");
        let hers = rights::owner(&hub, &json!(row(1).to_string()));
        let asked = rights::ask(&hub, hers, json!({ "kind": "RESTRICTION", "reason": "datanya keliru" })).await;
        rights::carry_out(&hub, &asked["id"]).await;
        bank.drain(&hub, 50).await;
        assert_eq!(bank.kinds()[&ids[1]], "LEFT");
        let hers = rights::owner(&hub, &json!(row(5).to_string()));
        let asked = rights::ask(&hub, hers, json!({ "kind": "ERASURE", "reason": "berhenti berusaha" })).await;
        rights::carry_out(&hub, &asked["id"]).await;
        bank.drain(&hub, 50).await;
        assert_eq!(bank.kinds()[&ids[5]], "ERASED", "{:?}", bank.told);
        bank.check(&hub, "erased").await;
        // What is kept tells nothing of what she was.
        assert_eq!(hub.rows("financing_told WHERE kind > 1 AND parts <> ''").await, 0);
        // Every enterprise that was told is in the access log.
        let log = hub.access_log().await;
        let reads = log.iter().filter(|it| it.0 == "lender" && it.1 == "financingChanges");
        assert!(reads.clone().any(|it| it.2.split(' ').any(|field| field == "annual_sales")), "{log:?}");
    }
}
