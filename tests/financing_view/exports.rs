//! Lists as files: what the API tells, in parts that are whole, and nothing that it does not tell.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::receipts::signed;
use super::*;

/// A part as it came.
#[derive(Debug)]
struct Part {
    status: u16,
    code: String,
    next: Option<String>,
    link: Option<String>,
    receipt: Option<String>,
    media: String,
    bytes: Vec<u8>,
}

async fn part(hub: &TestHub, token: Option<&str>, path: &str) -> Part {
    let mut request = hub.client.get(format!("{}{path}", hub.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
    let (status, media) = (answer.status().as_u16(), header("content-type").unwrap_or_default());
    let (next, link, receipt) = (header("tunggal-next"), header("link"), header("tunggal-receipt"));
    let bytes = answer.bytes().await.unwrap().to_vec();
    let error: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let code = error.pointer("/errors/0/extensions/code").and_then(Value::as_str);
    Part { status, code: code.unwrap_or_default().to_owned(), next, link, receipt, media, bytes }
}

/// The rows of a part in JSON Lines.
fn rows(part: &Part) -> Vec<Value> {
    assert_eq!(part.status, 200, "{}", String::from_utf8_lossy(&part.bytes));
    let text = String::from_utf8(part.bytes.clone()).unwrap();
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// All rows, part by part as the links lead.
async fn every(hub: &TestHub, token: &str, path: &str) -> Vec<Value> {
    let (mut all, mut path) = (vec![], path.to_owned());
    loop {
        let part = part(hub, Some(token), &path).await;
        all.extend(rows(&part));
        let Some(link) = part.link else { return all };
        assert!(link.ends_with(">; rel=\"next\"") && part.next.is_some(), "{link}");
        path = link[1..link.find('>').unwrap()].to_owned();
    }
}

fn cells<'a>(rows: &'a [Value], column: &str) -> Vec<&'a Value> {
    rows.iter().map(|it| &it[column]).collect()
}

on_every_database! {
    /// Law 8: a file tells what a list tells, whole, masked or withheld, to each role.
    async fn a_file_tells_what_the_list_tells(hub: TestHub) {
        filled(&hub).await;
        let list = "{ enterprises(orderBy: { field: UPDATED_AT }) { nodes { id name { value access } nik { value access }
            phone { value access } } } }";
        for (role, agency) in [
            (Role::Steward, None),
            (Role::AgencyOperator, Some("kominfo")),
            (Role::AgencyViewer, Some("disperindakop")),
            (Role::Auditor, None),
        ] {
            let token = hub.token(role, agency);
            let told = hub.ask(Some(token.clone()), list, Value::Null).await;
            let told = told.at("/enterprises/nodes").as_array().unwrap();
            let rows = every(&hub, &token, "/enterprises/export?format=jsonl&limit=2").await;
            assert_eq!(rows.len(), told.len(), "{role:?}");
            for node in told {
                let row = rows.iter().find(|it| it["enterprise_id"] == node["id"]).unwrap();
                let withheld = row["withheld"].as_array().unwrap();
                for (field, column, value) in [
                    ("name", "business_name", &node["name"]["value"]),
                    ("nik", "nik", &node["nik"]["value"]),
                    ("phone", "phone", &node["phone"]["value"]),
                ] {
                    let access = node[field]["access"].as_str().unwrap_or("WHOLE");
                    assert_eq!(&row[column], value, "{role:?} {field}");
                    let said = withheld.contains(&json!(column));
                    assert_eq!(said, access != "WHOLE", "{role:?} {field}: {access}");
                }
            }
        }
        // Every read is an entry that names the fields.
        let log = "{ accessLog(filter: { role: \"steward\" }, last: 50) { nodes { operations reads { fields shown whose } } } }";
        let log = hub.ask_as(Role::Auditor, log, Value::Null).await;
        let entries = log.at("/accessLog/nodes").as_array().unwrap_or_else(|| panic!("{log:?}"));
        let exports: Vec<_> = entries.iter().filter(|it| it["operations"] == json!(["enterprisesExport"])).collect();
        assert_eq!(exports.len(), 3, "{log:?}");
        assert!(exports.iter().all(|it| it["reads"].to_string().contains("\"nik\"")), "{log:?}");
    }

    /// A bank's file holds what its view holds, in parts that end with the consent, and its receipt holds offline.
    async fn a_bank_takes_its_view_as_files_that_end_with_the_consent(hub: TestHub) {
        filled(&hub).await;
        let ids = ids(&hub).await;
        let names = ["Sate Bandeng Barokah", "Bengkel Sinar Jaya", "Emping Mutiara Lestari"];
        let mut consents = BTreeMap::new();
        for name in names {
            consents.insert(ids[name].clone(), agree(&hub, &ids[name], &WHOLE).await);
        }
        let bank = hub.token(Role::Lender, None);
        let path = "/financing/kur_micro/export?format=jsonl";
        let rows_of = every(&hub, &bank, &format!("{path}&limit=2")).await;
        let mut expected: Vec<&String> = names.iter().map(|it| &ids[*it]).collect();
        expected.sort();
        assert_eq!(cells(&rows_of, "enterprise_id"), expected.iter().map(|it| json!(it)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        let told = view(&hub, Role::Lender, json!({ "programme": "kur_micro" })).await;
        for node in told.at("/financingView/nodes").as_array().unwrap() {
            let row = rows_of.iter().find(|it| it["enterprise_id"] == node["enterprise"]["id"]).unwrap();
            let readiness = &node["readiness"];
            assert_eq!(row["status"].as_str().unwrap().to_uppercase(), readiness["status"].as_str().unwrap());
            assert_eq!(row["fingerprint"], readiness["fingerprint"]);
            assert_eq!(row["because"], readiness["because"]);
            let steps = readiness["steps"].as_array().unwrap();
            let papers: Vec<&Value> = steps.iter().map(|it| &it["paper"]["id"]).collect();
            assert_eq!(row["missing"].as_array().unwrap().iter().collect::<Vec<_>>(), papers);
            assert_eq!(row["consents"], json!([consents[row["enterprise_id"].as_str().unwrap()]]));
            // What she did not agree to is not in the file.
            assert_eq!(row["email"], Value::Null);
        }
        let eligible = every(&hub, &bank, &format!("{path}&status=likely_eligible")).await;
        assert!(!eligible.is_empty() && cells(&eligible, "status").iter().all(|it| **it == "likely_eligible"));

        // The first part is there when the second consent ends; the next part is without it.
        let first = part(&hub, Some(&bank), &format!("{path}&limit=1")).await;
        let next = first.next.clone().unwrap();
        let withdraw = "mutation($id: ID!) { withdrawConsent(id: $id) { live } }";
        let ended = &consents[expected[1]];
        let withdrawn = hub.operator("kominfo", withdraw, json!({ "id": ended })).await;
        assert_eq!(withdrawn.at("/withdrawConsent/live"), false, "{withdrawn:?}");
        let rest = every(&hub, &bank, &format!("{path}&after={next}")).await;
        assert_eq!(cells(&rest, "enterprise_id"), [&json!(expected[2])]);

        // A cursor of somebody else, or of another question.
        let other = Viewer { subject: "another".into(), ..viewer(Role::Lender, None) };
        let other = hub.app.keys.issue(&other, TimeDelta::hours(1)).unwrap();
        for (token, path) in [(&other, format!("{path}&after={next}")), (&bank, format!("{path}&status=missing&after={next}"))] {
            let refused = part(&hub, Some(token), &path).await;
            assert_eq!((refused.status, refused.code.as_str()), (400, "CURSOR_FOREIGN"));
        }

        // The receipt of a file.
        let key = signed(&hub).await;
        let directory = tempfile::tempdir().unwrap();
        let receipt = first.receipt.clone().unwrap();
        let given: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&receipt).unwrap()).unwrap();
        assert_eq!(given["receipt"]["consents"], json!([consents[expected[0]]]));
        let entry = given["entry"].as_str().unwrap();
        let proof = part(&hub, Some(&bank), &format!("/receipts/{entry}")).await;
        let [file, header, proven] = ["part.jsonl", "receipt.txt", "proof.json"].map(|it| directory.path().join(it));
        std::fs::write(&file, &first.bytes).unwrap();
        std::fs::write(&header, receipt).unwrap();
        std::fs::write(&proven, &proof.bytes).unwrap();
        let verify = || {
            let output = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"))
                .args(["receipt", "verify"]).arg(&file).arg("--receipt").arg(&header).arg("--proof").arg(&proven)
                .args(["--key", &key, "--data-dir", "/nonexistent/tunggal"])
                .output().unwrap();
            (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
        };
        let (holds, said) = verify();
        assert!(holds && said.contains("financingExport"), "{said}");
        std::fs::write(&file, [first.bytes.as_slice(), b" "].concat()).unwrap();
        let (holds, said) = verify();
        assert!(!holds && said.contains("was changed"), "{said}");
    }

    /// What cannot be given is refused with a code, and nothing half.
    async fn what_cannot_be_given_is_refused_whole(hub: TestHub) {
        filled(&hub).await;
        let (steward, bank) = (hub.token(Role::Steward, None), hub.token(Role::Lender, None));
        for (token, path, status, code) in [
            (None, "/enterprises/export?format=csv", 403, "FORBIDDEN"),
            (Some(&steward), "/enterprises/export?format=pdf", 400, "INVALID_INPUT"),
            (Some(&steward), "/enterprises/export", 400, "INVALID_INPUT"),
            (Some(&steward), "/enterprises/export?format=csv&nik=3673014507850001", 400, "INVALID_INPUT"),
            (Some(&steward), "/enterprises/export?format=csv&limit=0", 400, "INVALID_INPUT"),
            (Some(&steward), "/enterprises/export?format=csv&limit=20001", 400, "INVALID_INPUT"),
            (Some(&steward), "/enterprises/export?format=csv&kecamatan=1", 400, "INVALID_INPUT"),
            (Some(&steward), "/enterprises/export?format=csv&agency=nobody", 400, "INVALID_INPUT"),
            (Some(&steward), "/enterprises/export?format=csv&after=x", 400, "INVALID_INPUT"),
            (Some(&bank), "/financing/kur_none/export?format=csv", 400, "UNKNOWN_PROGRAMME"),
            (Some(&bank), "/financing/kur_micro/export?format=csv&status=rich", 400, "INVALID_INPUT"),
            (Some(&bank), "/financing/kur_micro/export?format=csv&missing=diploma", 400, "INVALID_INPUT"),
        ] {
            let refused = part(&hub, token.map(String::as_str), path).await;
            assert_eq!((refused.status, refused.code.as_str()), (status, code), "{path}");
            let said = String::from_utf8_lossy(&refused.bytes).into_owned();
            assert!(!said.contains("36730145"), "{said}");
            assert!(refused.receipt.is_none() && refused.next.is_none());
        }
    }
}

/// No name leaves such that a spreadsheet would compute it; each form says what it is.
#[test]
fn a_file_is_what_it_says_and_computes_nothing() {
    crate::hub::run(async {
        let hub = TestHub::start(crate::hub::Kind::Sqlite).await;
        let hostile = "Kode Peserta,Nama UMKM,Nama Owner,Kelurahan,Kecamatan\n\
            K-1,\"=HYPERLINK(\"\"http://x\"\")\",Ani,Sumur Pecung,Serang\n\
            K-2,@SUM(A1) Jaya,Budi,Sumur Pecung,Serang\n";
        hub.ingest("kominfo", hostile).await;
        hub.link().await;
        let steward = hub.token(Role::Steward, None);
        let path = |form: &str| format!("/enterprises/export?format={form}");
        let csv = part(&hub, Some(&steward), &path("csv")).await;
        assert!(csv.media.starts_with("text/csv"), "{}", csv.media);
        let mut reader = csv::Reader::from_reader(csv.bytes.as_slice());
        let at = reader.headers().unwrap().iter().position(|it| it == "business_name").unwrap();
        for row in reader.records() {
            let name = row.unwrap()[at].to_owned();
            assert!(!name.starts_with(['=', '@', '+', '-']), "{name}");
        }
        let xlsx = part(&hub, Some(&steward), &path("xlsx")).await;
        let mut book: calamine::Xlsx<_> =
            calamine::Reader::new(std::io::Cursor::new(xlsx.bytes)).unwrap();
        assert_eq!(calamine::Reader::sheet_names(&book), ["Data", "Metadata"]);
        let said = calamine::Reader::worksheet_range(&mut book, "Metadata").unwrap();
        let names: Vec<String> = said.rows().map(|it| it[0].to_string()).collect();
        for name in
            ["producer", "period", "method", "definition", "unit", "classification", "licence"]
        {
            assert!(names.iter().any(|it| it == name), "{name}: {names:?}");
        }
        let parquet = part(&hub, Some(&steward), &path("parquet")).await;
        assert_eq!(
            (&parquet.bytes[..4], parquet.media.as_str()),
            (&b"PAR1"[..], "application/vnd.apache.parquet")
        );
        // On the map there are numbers alone, and only for whoever finds by place.
        let map = part(&hub, Some(&steward), &path("geojson")).await;
        let map: Value = serde_json::from_slice(&map.bytes).unwrap();
        let features = map["features"].as_array().unwrap();
        let count = |it: &Value| it["properties"]["enterprises"].as_u64().unwrap();
        let counted: Vec<_> = features.iter().filter(|it| 0 < count(it)).collect();
        assert_eq!((features.len(), counted.len()), (67, 1), "{map}");
        assert_eq!(counted[0]["properties"]["name"], "Sumur Pecung");
        assert_eq!((count(counted[0]), &counted[0]["geometry"]["type"]), (2, &json!("Polygon")));
        let one = path("geojson&kelurahan=36.73.02.1001");
        let one = part(&hub, Some(&steward), &one).await;
        let one: Value = serde_json::from_slice(&one.bytes).unwrap();
        assert_eq!(one["features"].as_array().unwrap().len(), 1);
        let refused = part(&hub, None, &path("geojson")).await;
        assert_eq!((refused.status, refused.code.as_str()), (403, "FORBIDDEN"));
        let about = part(&hub, None, "/enterprises/export/metadata").await;
        let about: Value = serde_json::from_slice(&about.bytes).unwrap();
        assert_eq!(about["producer"], "Pemerintah Kota Serang");
        assert!(about["columns"].as_array().unwrap().iter().any(|it| it["name"] == "annual_sales"));
        let about = part(&hub, None, "/financing/kur_micro/export/metadata").await;
        let about: Value = serde_json::from_slice(&about.bytes).unwrap();
        assert!(about["title"].as_str().unwrap().ends_with(": KUR mikro"), "{about}");
        assert!(about["definition"].as_str().unwrap().contains("not a credit decision"), "{about}");
        assert!(about["columns"].as_array().unwrap().iter().any(|it| it["name"] == "because"));
        let unknown = part(&hub, None, "/financing/kur_mikro/export/metadata").await;
        assert_eq!(unknown.code, "UNKNOWN_PROGRAMME");
    });
}
