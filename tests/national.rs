//! Extracts of national systems taken in, and lists written in their forms.

use std::process::Command;

use domain::viewer::Role;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::hub::{Reply, TestHub, on_every_database, reply};

const HEADINGS: &str = "Kode Peserta,Nama UMKM,Nama Owner,NIK,No WhatsApp,Email,Alamat,RT/RW,Kelurahan,Kecamatan,KBLI,Jenis Usaha,NIB,NPWP,Tahun Berdiri,Omzet per Tahun,Modal,Jumlah Tenaga Kerja\n";
/// A maker of food, a shop, and one whose NIK nobody wrote down.
const ROWS: [&str; 3] = [
    "K-1,Sate Bandeng Barokah,Siti Aminah,3673014507850001,081234567801,siti@example.id,Jl. Ayip Usman 3,001/002,Sumur Pecung,Serang,10211,Sate bandeng,0807229043975,092542943431016,2011,120000000,40000000,3",
    "K-2,Toko Besi Maju Perkasa,Budi Santoso,3673021203790002,081234567802,,Jl. Raya Kasemen 7,003/001,Kasemen,Kasemen,47521,Toko besi,0812309554411,,2012,90000000,30000000,2",
    "K-3,Emping Mutiara Lestari,Ratna Sari,,081234567803,,Jl. Banten 5,,Banten,Kasemen,10799,Emping melinjo,,,2015,60000000,,1",
];

async fn filled(hub: &TestHub) {
    hub.ingest("kominfo", &format!("{HEADINGS}{}\n", ROWS.join("\n"))).await;
    hub.link().await;
}

/// A file, how many rows were left out of it, and what was refused.
struct Given {
    status: u16,
    left_out: String,
    text: String,
}

async fn given(hub: &TestHub, token: String, path: &str) -> Given {
    let answer = hub.client.get(format!("{}{path}", hub.url)).bearer_auth(token);
    let answer = answer.send().await.unwrap();
    let left_out = answer.headers().get("tunggal-left-out").map(|it| it.to_str().unwrap().into());
    let (status, left_out) = (answer.status().as_u16(), left_out.unwrap_or_default());
    Given { status, left_out, text: answer.text().await.unwrap() }
}

impl Given {
    /// The rows of a file of comma-separated values, by heading.
    fn rows(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        let mut reader =
            csv::Reader::from_reader(self.text.trim_start_matches('\u{feff}').as_bytes());
        let headings = reader.headers().unwrap().clone();
        let row = |row: csv::StringRecord| {
            headings
                .iter()
                .zip(row.iter())
                .map(|(heading, cell)| (heading.to_owned(), json!(cell)))
                .collect()
        };
        reader.records().map(|it| row(it.unwrap())).collect()
    }
}

const UPLOAD: &str = "mutation($file: Upload!, $agency: String!, $form: String) {
    uploadSourceFile(agency: $agency, file: $file, form: $form) {
        counts { accepted new } file { status } } }";

async fn upload(hub: &TestHub, agency: &str, form: &str, list: &str) -> Reply {
    let variables = json!({ "file": null, "agency": agency, "form": form });
    let operations = json!({ "query": UPLOAD, "variables": variables });
    let sent = Form::new()
        .text("operations", operations.to_string())
        .text("map", r#"{"0":["variables.file"]}"#)
        .part("0", Part::bytes(list.as_bytes().to_vec()).file_name("ekstrak.csv"));
    let request = hub.client.post(format!("{}/graphql", hub.url));
    let request = request.bearer_auth(hub.token(Role::AgencyOperator, Some(agency)));
    reply(request.header("graphql-preflight", "1").multipart(sent).send().await.unwrap()).await
}

const SIDT: &str = "/enterprises/export?format=csv&form=sidt-kumkm";

on_every_database! {
    async fn a_list_goes_out_in_a_form_and_comes_in_again_whole(hub: TestHub) {
        filled(&hub).await;
        let steward = || hub.token(Role::Steward, None);
        let sent = given(&hub, steward(), SIDT).await;
        let rows = sent.rows();
        assert_eq!((rows.len(), sent.left_out.as_str()), (2, "1"), "who has no NIK cannot be sent in");
        let siti = rows.iter().find(|it| it["NIK"] == "3673014507850001").unwrap();
        for (heading, cell) in [
            ("Nama Pemilik", "Siti Aminah"),
            ("Jenis Kelamin", "P"),
            ("Tanggal Lahir", "05/07/1985"),
            ("Kelurahan", "Sumur Pecung"),
            ("Kecamatan", "Serang"),
            ("Kode KBLI", "10211"),
            ("NIB", "0807229043975"),
            ("Omzet per Tahun (Rp)", "120000000"),
            ("Modal Sendiri (Rp)", "40000000"),
            ("Skala Usaha", "Mikro"),
        ] {
            assert_eq!(siti[heading], cell, "{heading}: {siti}");
        }
        // What it lacks is told apart, and nothing of it is invented.
        let apart = given(&hub, steward(), &format!("{SIDT}&lacking=true")).await;
        let apart_rows = apart.rows();
        assert_eq!((apart_rows.len(), apart.left_out.as_str()), (1, "2"));
        assert_eq!((&apart_rows[0]["lacking"], &apart_rows[0]["withheld"]), (&json!("NIK"), &json!("")));

        // Another city takes the file in and writes the same.
        let other = TestHub::start(crate::hub::Kind::Sqlite).await;
        let taken = upload(&other, "disperindakop", "sidt-kumkm", &sent.text).await;
        assert_eq!(taken.at("/uploadSourceFile/counts/new"), 2, "{taken:?}");
        assert_eq!(taken.at("/uploadSourceFile/file/status"), "imported");
        other.link().await;
        let again = given(&other, other.token(Role::Steward, None), SIDT).await;
        let without_numbers = |rows: Vec<Value>| {
            let mut rows = rows;
            rows.iter_mut().for_each(|it| drop(it.as_object_mut().unwrap().remove("Nomor Registrasi")));
            rows.sort_by_key(|it| it["NIK"].to_string());
            rows
        };
        assert_eq!(without_numbers(again.rows()), without_numbers(rows));
    }

    async fn a_form_holds_what_its_reader_sees_whole_and_says_what_it_does_not(hub: TestHub) {
        filled(&hub).await;
        // Another agency knows of the same enterprise, and its viewer does not see the NIK that she did not write.
        hub.ingest("pariwisata", "Nomor TDUP,Nama Usaha,Nama Pemilik,No HP,Alamat,Kelurahan,Kecamatan\nT-1,Sate Bandeng Barokah,Siti Aminah,081234567801,Jl. Ayip Usman 3,Sumur Pecung,Serang\n").await;
        hub.link().await;
        let viewer = || hub.token(Role::AgencyViewer, Some("pariwisata"));
        let sent = given(&hub, viewer(), SIDT).await;
        assert_eq!((sent.rows().len(), sent.left_out.as_str()), (0, "1"));
        assert!(!sent.text.contains("3673014507850001"));
        let apart = given(&hub, viewer(), &format!("{SIDT}&lacking=true")).await.rows();
        assert_eq!((&apart[0]["lacking"], &apart[0]["withheld"]), (&json!(""), &json!("NIK")));

        // The register of industry takes section C alone, and what has an NIB.
        let steward = || hub.token(Role::Steward, None);
        let industry = given(&hub, steward(), "/enterprises/export?format=csv&form=siinas").await;
        let names: Vec<Value> = industry.rows().iter().map(|it| it["Nama Perusahaan"].clone()).collect();
        assert_eq!((names, industry.left_out.as_str()), (vec![json!("Sate Bandeng Barokah")], "1"));

        // Candidates of a programme are told from its view.
        let candidates = given(&hub, hub.token(Role::AgencyOperator, Some("kominfo")), "/financing/kur_micro/export?format=csv&form=sikp").await;
        let rows = candidates.rows();
        assert!(rows.iter().all(|it| it["Skema"] == "kur_micro" && it["NIK"] != ""), "{rows:?}");
        let place = |it: &Value| it["Kode Wilayah"].as_str().unwrap().starts_with("36.73.");
        assert!(!rows.is_empty() && rows.iter().all(place), "{rows:?}");

        for (path, words) in [
            ("/enterprises/export?format=csv&form=sikp", "sidt-kumkm"),
            ("/enterprises/export?format=csv&form=oss-nib", "sidt-kumkm"),
            ("/financing/kur_micro/export?format=csv&form=siinas", "sikp"),
            ("/enterprises/export?format=csv&lacking=true", "form"),
        ] {
            let refused = given(&hub, steward(), path).await;
            assert_eq!(refused.status, 400, "{path}");
            assert!(refused.text.contains("INVALID_INPUT") && refused.text.contains(words), "{}", refused.text);
        }
        // Every row that left is in the access log with what it told.
        let log = hub.access_log().await;
        let told = log.iter().filter(|it| it.0 == "steward" && it.1 == "enterprisesExport");
        assert!(told.clone().any(|it| it.2.split(' ').any(|field| field == "nik")), "{log:?}");
    }

    async fn an_extract_of_oss_is_taken_by_its_form(hub: TestHub) {
        let extract = "ID Proyek,NIB,Nama Pelaku Usaha,NIK,Nama Usaha,Jenis Perusahaan,NPWP,Nomor Telepon,Email,Alamat Usaha,Kelurahan,Kecamatan,Kab/Kota,KBLI,Judul KBLI,Jumlah Investasi,Jumlah Tenaga Kerja,Tanggal Terbit OSS,Skala Usaha,Risiko Proyek\n\
            R-202601-1,0807229043975,SITI AMINAH,3673014507850001,SATE BANDENG BAROKAH,Perseorangan,092542943431016,081234567801,siti@example.id,Jl. Ayip Usman 3,Sumur Pecung,Serang,Kota Serang,10211,Industri Penggaraman/Pengeringan Ikan,40000000,3,12/03/2026,Mikro,Rendah\n\
            R-202601-2,0807229043975,SITI AMINAH,3673014507850001,WARUNG SITI,Perseorangan,092542943431016,081234567801,,Jl. Ayip Usman 3,Sumur Pecung,Serang,Kota Serang,56102,Rumah/Warung Makan,10000000,1,12/03/2026,Mikro,Rendah\n";
        let taken = upload(&hub, "disperindakop", "oss-nib", extract).await;
        let receipt = taken.at("/uploadSourceFile");
        assert_eq!((&receipt["counts"]["new"], &receipt["file"]["status"]), (&json!(2), &json!("imported")), "{taken:?}");
        hub.link().await;
        let list = "{ enterprises { nodes { name { value } nib { value } kbli { value { code } } capital { value } } } }";
        let found = hub.ask_as(Role::Steward, list, Value::Null).await;
        let nodes = found.at("/enterprises/nodes").as_array().unwrap();
        // One NIB is of one actor, who may run several businesses.
        assert_eq!(nodes.len(), 2, "{nodes:?}");
        assert!(nodes.iter().all(|it| it["nib"]["value"] == "0807229043975"), "{nodes:?}");
        let refused = upload(&hub, "disperindakop", "sikp", extract).await;
        assert_eq!(refused.code(), "INVALID_INPUT", "{refused:?}");
    }
}

#[test]
fn a_city_has_forms_of_its_own() {
    let place = tempfile::tempdir().unwrap();
    let forms = place.path().join("forms");
    std::fs::create_dir(&forms).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        command.args(arguments).arg("--data-dir").arg(place.path().join("data"));
        command.env("TUNGGAL_NATIONAL_FORMS_DIR", &forms).env("TUNGGAL_LOG", "off");
        let output = command.env_remove("DATABASE_URL").current_dir(place.path()).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), text)
    };
    let (done, listed) = run(&["form"]);
    assert!(
        done && ["oss-nib", "sidt-kumkm", "siinas", "sikp"].iter().all(|it| listed.contains(it)),
        "{listed}"
    );
    let (done, shipped) = run(&["form", "oss-nib"]);
    assert!(done && shipped.contains("heading = \"ID Proyek\""), "{shipped}");
    // It stands in the place of the shipped one.
    let own = shipped
        .replace("heading = \"NIB\"", "heading = \"Nomor Induk\"")
        .replace("2026-11", "2027-01");
    std::fs::write(forms.join("oss.toml"), own).unwrap();
    let (_, listed) = run(&["form"]);
    assert!(listed.contains("2027-01"), "{listed}");
    let list = "ID Proyek,Nomor Induk,Nama Usaha,Nama Pelaku Usaha\nR-1,0807229043975,Sate Bandeng Barokah,Siti Aminah\n";
    std::fs::write(place.path().join("ekstrak.csv"), list).unwrap();
    let (done, said) =
        run(&["ingest", "ekstrak.csv", "--agency", "disperindakop", "--form", "oss-nib"]);
    assert!(done, "{said}");
    let (done, said) =
        run(&["ingest", "ekstrak.csv", "--agency", "disperindakop", "--form", "sikp"]);
    assert!(!done && said.contains("oss-nib"), "{said}");
    std::fs::write(forms.join("b.toml"), "code = \"b\"\ncolour = 1\n").unwrap();
    let (done, said) = run(&["form"]);
    assert!(!done && said.contains("b.toml") && said.contains("line 2"), "{said}");
}
