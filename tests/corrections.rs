//! What flows back to an agency: its own rows with what is to be corrected, sent in again.

use calamine::{Data, Reader};
use domain::viewer::Role;
use reqwest::multipart::{Form, Part};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database, reply};

const KOMINFO: &str = "\
No,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan
1,Sate Bandeng Barokah,Siti Aminah,\"3,67301E+15\",081234567801,Jl. Ayip Usman 3,,Serang
2,Emping Mutiara Lestari,Budi Santoso,3673021207800002,081234567802,\"Jl. Raya Kasemen 7, Kel. Kasemen\",,Kasemen
3,=HYPERLINK(\"x\"),Dewi Lestari,3673011203850003,081234567803,Jl. Veteran 9,Cipare,Serang
";

/// The same shop, with the NIK that kominfo lost and a kelurahan.
const PARIWISATA: &str = "\
No. TDUP,Nama Usaha,Nama Pemilik,NIK,No HP,Alamat,Kelurahan,Kecamatan
P-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang
";

const LIST: &str = "{ corrections(agency: \"kominfo\", first: 50) { totalCount nodes {
    kind status field suggestion reason record row message(lang: EN) remedy(lang: EN) } } }";

async fn listed(hub: &TestHub) -> Vec<Value> {
    let token = Some(hub.token(Role::AgencyOperator, Some("kominfo")));
    let told = hub.ask(token, LIST, Value::Null).await;
    assert!(told.body.get("errors").is_none(), "{told:?}");
    told.at("/corrections/nodes").as_array().unwrap().clone()
}

fn of<'a>(all: &'a [Value], kind: &str, field: &str) -> Vec<&'a Value> {
    all.iter().filter(|it| it["kind"] == kind && it["field"] == field).collect()
}

/// The cells of the list of corrections.
async fn workbook(hub: &TestHub) -> Vec<Vec<String>> {
    let url = format!("{}/agencies/kominfo/corrections.xlsx", hub.url);
    let token = hub.token(Role::AgencyOperator, Some("kominfo"));
    let got = hub.client.get(&url).bearer_auth(token).send().await.unwrap();
    assert_eq!(got.status(), 200);
    cells_of(got.bytes().await.unwrap().to_vec())
}

fn cells_of(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    assert!(book.worksheet_formula(&name).unwrap().is_empty(), "a cell computes something");
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |it: &Data| it.to_string();
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

/// Sends cells in again as the agency's operator.
async fn send(hub: &TestHub, cells: &[Vec<String>], complete: bool) -> Reply {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip(cells) {
        for (column, text) in (0..).zip(row) {
            sheet.write_string(line, column, text).unwrap();
        }
    }
    let query = "mutation($file: Upload!, $complete: Boolean!) {
        uploadSourceFile(agency: \"kominfo\", file: $file, completeList: $complete) {
            counts { new changed unchanged rejected } } }";
    let operations = json!({ "query": query, "variables": { "file": null, "complete": complete } });
    let file = Part::bytes(book.save_to_buffer().unwrap()).file_name("perbaikan.xlsx");
    let form = Form::new()
        .text("operations", operations.to_string())
        .text("map", r#"{"0":["variables.file"]}"#)
        .part("0", file);
    let token = hub.token(Role::AgencyOperator, Some("kominfo"));
    let request = hub.client.post(format!("{}/graphql", hub.url)).bearer_auth(token);
    reply(request.header("graphql-preflight", "1").multipart(form).send().await.unwrap()).await
}

fn set(cells: &mut [Vec<String>], name: &str, heading: &str, text: &str) {
    let at = |it: &Vec<String>, text: &str| it.iter().position(|it| it == text);
    let column = cells.iter().find_map(|it| at(it, heading)).expect("no such heading");
    let row = cells.iter_mut().find(|it| it.iter().any(|it| it == name)).expect("no such row");
    row[column] = text.to_owned();
}

const SCORES: &str =
    "query($from: Date, $to: Date) { qualityScorecard(agency: \"kominfo\", from: $from, to: $to) {
    day rows completeness { count of share } validity { count of } uniqueness { count of }
    timeliness { count of } agreement { count of share } } }";

on_every_database! {
    /// What the list is worth is worked out here by hand, cell by cell.
    async fn an_agency_sees_how_good_its_list_is_and_was(hub: TestHub) {
        hub.ingest("kominfo", KOMINFO).await;
        hub.link().await;
        let token = || Some(hub.token(Role::AgencyOperator, Some("kominfo")));
        let told = hub.ask(token(), SCORES, Value::Null).await;
        let score = told.at("/qualityScorecard/0");
        assert_eq!(score["rows"], 3, "{told:?}");
        // Nobody wrote a trade, and two rows no kelurahan: 18 less 3 less 2.
        assert_eq!(score["completeness"], json!({ "count": 13, "of": 18, "share": 13.0 / 18.0 }));
        // Three NIKs and three telephones, of which one NIK lost digits.
        assert_eq!(score["validity"], json!({ "count": 5, "of": 6 }));
        assert_eq!(score["uniqueness"], json!({ "count": 3, "of": 3 }));
        // No row says when it was written; they were sent today.
        assert_eq!(score["timeliness"], json!({ "count": 3, "of": 3 }));
        assert_eq!(score["agreement"], json!({ "count": 0, "of": 0, "share": null }));

        // Another agency knows one of the three, and its list comes with one row twice.
        hub.ingest("pariwisata", PARIWISATA).await;
        hub.ingest("kominfo", &KOMINFO.replace("3,=HYPERLINK", "4,Emping Mutiara Lestari,Budi Santoso,3673021207800002,081234567802,\"Jl. Raya Kasemen 7, Kel. Kasemen\",Kasemen,Kasemen\n3,=HYPERLINK")).await;
        hub.link().await;
        let told = hub.ask(token(), SCORES, Value::Null).await;
        let scores = told.at("/qualityScorecard").as_array().unwrap();
        assert_eq!(scores.len(), 1, "of one day the last alone");
        assert_eq!(scores[0]["uniqueness"], json!({ "count": 3, "of": 4 }), "{told:?}");
        assert_eq!(scores[0]["agreement"]["of"], 1, "{told:?}");

        // What was measured on other days stays, and a span is cut.
        let (_, database) = hub.database().await;
        let earlier = "INSERT INTO agency_quality SELECT agency, '2026-01-31', 9, filled, wanted, valid, checked, \
                       \"unique\", recent, agreeing, shared FROM agency_quality WHERE agency = 'kominfo'";
        sea_orm::ConnectionTrait::execute_unprepared(&database, earlier).await.unwrap();
        let all = hub.ask(token(), SCORES, Value::Null).await;
        let days = all.at("/qualityScorecard").as_array().unwrap();
        assert_eq!((days.len(), &days[0]["day"], &days[0]["rows"]), (2, &json!("2026-01-31"), &json!(9)));
        let old = hub.ask(token(), SCORES, json!({ "to": "2026-06-01" })).await;
        assert_eq!(old.at("/qualityScorecard").as_array().unwrap().len(), 1);

        // It is an agency's own, and a steward's.
        let other = Some(hub.token(Role::AgencyOperator, Some("pariwisata")));
        assert_eq!(hub.ask(other, SCORES, Value::Null).await.code(), "FORBIDDEN");
        let viewer = Some(hub.token(Role::AgencyViewer, Some("kominfo")));
        assert_eq!(hub.ask(viewer, SCORES, Value::Null).await.code(), "FORBIDDEN");
        let steward = hub.ask_as(Role::Steward, SCORES, Value::Null).await;
        assert_eq!(steward.at("/qualityScorecard").as_array().unwrap().len(), 2);

        // Every list is measured once a day without anybody asking.
        tunggal::service::corrections::measure(&hub.app).await.unwrap();
        assert_eq!(hub.rows("agency_quality WHERE agency = 'pariwisata'").await, 1);
    }

    async fn an_agency_corrects_its_rows_in_its_own_columns_and_nothing_is_doubled(hub: TestHub) {
        hub.ingest("kominfo", KOMINFO).await;
        hub.ingest("pariwisata", PARIWISATA).await;
        hub.link().await;
        let asked = listed(&hub).await;
        let nik = of(&asked, "UNREADABLE", "nik");
        assert_eq!(nik.len(), 1, "{asked:?}");
        // The other agency has the whole number; it is not told.
        assert_eq!(nik[0]["suggestion"], Value::Null);
        assert!(!json!(asked).to_string().contains("3673014507850001"));
        let places = of(&asked, "KELURAHAN_MISSING", "kelurahan");
        let suggested: Vec<&Value> = places.iter().map(|it| &it["suggestion"]).collect();
        assert!(suggested.contains(&&json!("Kasemen")), "{asked:?}");
        assert!(suggested.contains(&&json!("Sumur Pecung")), "{asked:?}");

        let mut cells = workbook(&hub).await;
        let own: Vec<&str> = KOMINFO.lines().next().unwrap().split(',').collect();
        assert_eq!(cells[0][..own.len()], own);
        assert!(!cells.iter().flatten().any(|it| it == "3673014507850001"));
        // One is taken, one refused with a reason, and the number is read from the card.
        set(&mut cells, "Sate Bandeng Barokah", "NIK", "3673014507850001");
        set(&mut cells, "Sate Bandeng Barokah", "DITERIMA (YA/TIDAK)", "YA");
        set(&mut cells, "Emping Mutiara Lestari", "DITERIMA (YA/TIDAK)", "TIDAK");
        set(&mut cells, "Emping Mutiara Lestari", "ALASAN BILA TIDAK", "pindah ke luar kota");
        let whole = send(&hub, &cells, true).await;
        assert_eq!(whole.code(), "INVALID_INPUT", "{whole:?}");
        let sent = send(&hub, &cells, false).await;
        assert_eq!(sent.at("/uploadSourceFile/counts/new"), 0, "{sent:?}");
        assert_eq!(sent.at("/uploadSourceFile/counts/changed"), 2, "{sent:?}");
        let again = send(&hub, &cells, false).await;
        assert_eq!(again.at("/uploadSourceFile/counts/new"), 0, "{again:?}");
        hub.link().await;

        let told = listed(&hub).await;
        assert_eq!(of(&told, "UNREADABLE", "nik")[0]["status"], "ACCEPTED");
        let places = of(&told, "KELURAHAN_MISSING", "kelurahan");
        let status = |it: &str| places.iter().filter(|at| at["status"] == it).count();
        assert_eq!((status("ACCEPTED"), status("REJECTED")), (1, 1), "{told:?}");
        let refused = places.iter().find(|it| it["status"] == "REJECTED").unwrap();
        assert_eq!(refused["reason"], "pindah ke luar kota");
        let count = "{ enterprises { totalCount } }";
        assert_eq!(hub.ask_as(Role::Steward, count, Value::Null).await.at("/enterprises/totalCount"), 3);
    }

    async fn nobody_reads_or_answers_what_another_agency_is_asked(hub: TestHub) {
        hub.ingest("kominfo", KOMINFO).await;
        hub.ingest("pariwisata", PARIWISATA).await;
        hub.link().await;
        let other = hub.token(Role::AgencyOperator, Some("pariwisata"));
        let told = hub.ask(Some(other.clone()), LIST, Value::Null).await;
        assert_eq!(told.code(), "FORBIDDEN");
        let url = format!("{}/agencies/kominfo/corrections.xlsx", hub.url);
        let refused = hub.client.get(&url).bearer_auth(other).send().await.unwrap();
        assert_eq!(refused.status(), 404);
        // A ticket of another hand is no ticket: the row is known by its own words, and is what it was.
        let mut cells = workbook(&hub).await;
        for row in cells.iter_mut().skip(1) {
            for cell in row.iter_mut().filter(|it| it.starts_with("rec_")) {
                *cell = format!("rec_{:032x}.{} 00", 7, "0".repeat(24));
            }
        }
        let sent = send(&hub, &cells, false).await;
        assert_eq!(sent.at("/uploadSourceFile/counts/new"), 0, "{sent:?}");
    }

    async fn what_others_write_is_suggested_where_a_signboard_says_it_and_nothing_of_a_person(hub: TestHub) {
        let heading = "Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan\n";
        let row = |number: &str, nik: &str, place: &str| {
            format!("{number},Kriya Bambu Kanari,Wulan Kanari,{nik},081234567811,Jl. Bambu 4,{place}\n")
        };
        let hers = "3673014507850001";
        // Twice in one list, and elsewhere than three others say.
        let list = format!("{heading}{}{}", row("K-1", hers, "Cipare,Serang"), row("K-2", hers, "Cipare,Serang"));
        hub.ingest("kominfo", &list).await;
        for agency in ["disperindakop", "pariwisata", "hipmikindo"] {
            let list = format!("{heading}{}", row(agency, hers, "Unyur,Serang"));
            hub.ingest(agency, &list).await;
        }
        hub.link().await;
        let told = listed(&hub).await;
        let twice = of(&told, "DUPLICATE", "own_number");
        assert_eq!(twice.len(), 1, "{told:?}");
        let places = of(&told, "CONFLICT", "kelurahan");
        assert_eq!(places.len(), 2, "{told:?}");
        assert!(places.iter().all(|it| it["suggestion"] == "Unyur"), "{told:?}");

        // A copy of a row with its code is refused; the row itself is taken.
        let mut cells = workbook(&hub).await;
        set(&mut cells, "K-1", "DITERIMA (YA/TIDAK)", "TIDAK");
        set(&mut cells, "K-1", "ALASAN BILA TIDAK", "sudah diperiksa");
        let copy = cells.iter().find(|it| it.iter().any(|it| it == "K-1")).unwrap().clone();
        cells.push(copy);
        let sent = send(&hub, &cells, false).await;
        assert_eq!(sent.at("/uploadSourceFile/counts/rejected"), 1, "{sent:?}");
        assert_eq!(sent.at("/uploadSourceFile/counts/new"), 0, "{sent:?}");
        hub.link().await;
        let status = |all: &[Value], it: &str| {
            of(all, "CONFLICT", "kelurahan").iter().filter(|at| at["status"] == it).count()
        };
        let told = listed(&hub).await;
        assert_eq!((status(&told, "OPEN"), status(&told, "REJECTED")), (1, 1), "{told:?}");

        // With another value the refusal is spent; when the others think better of it, nothing is asked.
        let list = format!("{heading}{}{}", row("K-1", hers, "Lopang,Serang"), row("K-2", hers, "Cipare,Serang"));
        hub.ingest("kominfo", &list).await;
        hub.link().await;
        let told = listed(&hub).await;
        assert_eq!(
            (status(&told, "OPEN"), status(&told, "REJECTED"), status(&told, "OVERTAKEN")),
            (2, 0, 1),
            "{told:?}"
        );
        let whose = places[0]["record"].as_str().unwrap();
        let query = format!(
            "{{ accessLog(filter: {{ whose: \"{whose}\" }}) {{ nodes {{ operations reads {{ fields }} }} }} }}"
        );
        let log = hub.ask_as(Role::Auditor, &query, Value::Null).await;
        let entries = log.at("/accessLog/nodes").as_array().unwrap();
        let read = |field: &str| {
            let of = |it: &&Value| it["operations"].to_string().contains("corrections");
            entries.iter().filter(of).any(|it| it["reads"].to_string().contains(field))
        };
        assert!(read("kelurahan") && read("cells"), "{log:?}");
    }

    async fn a_ticket_holds_for_its_agency_alone(hub: TestHub) {
        hub.ingest("kominfo", KOMINFO).await;
        let heading = "No,Nama UMKM,Nama Owner,NIK,No WhatsApp,Alamat,Kelurahan,Kecamatan\n";
        let theirs = "1,Sate Bandeng Barokah,Siti Aminah,12345,081234567801,Jl. Ayip Usman 3,Unyur,Serang\n";
        hub.ingest("pariwisata", &format!("{heading}{theirs}")).await;
        hub.link().await;
        let token = hub.token(Role::Steward, None);
        let url = format!("{}/agencies/pariwisata/corrections.xlsx", hub.url);
        let got = hub.client.get(&url).bearer_auth(token).send().await.unwrap();
        let mut cells = cells_of(got.bytes().await.unwrap().to_vec());
        set(&mut cells, "Sate Bandeng Barokah", "NIK", "3673014507850001");
        // Kominfo sends what was pariwisata's: it becomes a row of its own, and theirs stays what it was.
        let before = hub.rows("source_record").await;
        let sent = send(&hub, &cells, false).await;
        assert_eq!(sent.at("/uploadSourceFile/counts/new"), 1, "{sent:?}");
        assert_eq!(hub.rows("source_record").await, before + 1);
        hub.link().await;
        let query = "{ corrections(agency: \"pariwisata\", first: 9) { nodes { status field } } }";
        let told = hub.ask_as(Role::Steward, query, Value::Null).await;
        let nodes = told.at("/corrections/nodes").as_array().unwrap();
        assert!(nodes.iter().any(|it| it["field"] == "nik" && it["status"] == "OPEN"), "{told:?}");
    }
}
