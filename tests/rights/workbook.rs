//! What an agency is given back of a workbook with the rows of an erased person.

use serde_json::json;
use tunggal::service;

use super::{KOMINFO, ask, carry_out, owner, row, tunggal};
use crate::hub::{Kind, TestHub};

/// A workbook is kept without her rows, and says the rest.
#[test]
fn an_erased_person_is_in_no_kept_workbook() {
    crate::hub::run(async {
        let hub = TestHub::start(Kind::Sqlite).await;
        let path = hub.app.config.data_dir.join("daftar.xlsx");
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (line, row) in KOMINFO.lines().enumerate() {
            for (column, cell) in row.split(',').enumerate() {
                sheet.write_string(line as u32, column as u16, cell).unwrap();
            }
        }
        book.save(&path).unwrap();
        let (taken, told) =
            tunggal(&hub, &["ingest", path.to_str().unwrap(), "--agency", "kominfo"], "");
        assert!(taken, "{told}");
        std::fs::remove_file(&path).unwrap();
        hub.link().await;
        let (first, _) = row(&hub, "kominfo", "K-1").await;
        let asked =
            ask(&hub, owner(&hub, &first), json!({ "kind": "ERASURE", "reason": "tutup usaha" }))
                .await;
        assert_eq!(carry_out(&hub, &asked["id"]).await.at("/settleRight/status"), "DONE");
        let files = hub.app.store.file_ids().await.unwrap();
        let mut bytes = vec![];
        hub.app.store.restore_file(files[0], &mut bytes).await.unwrap();
        std::fs::write(&path, &bytes).unwrap();
        let mut kept: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
        let range = calamine::Reader::worksheet_range_at(&mut kept, 0).unwrap().unwrap();
        let rows: Vec<String> = range
            .rows()
            .map(|it| it.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            .collect();
        assert!(rows.iter().any(|it| it.starts_with("K-3,Emping Mutiara Lestari")), "{rows:?}");
        assert!(!rows.concat().contains("Zubaidah") && !rows.concat().contains("3673014507850001"));
        let back = tempfile::NamedTempFile::new().unwrap();
        let id = ingest::problem::Lang::Indonesian;
        service::ingest::report(&hub.app, files[0], id, back.path()).await.unwrap();
        let mut told: calamine::Xlsx<_> = calamine::open_workbook(back.path()).unwrap();
        let sheet = calamine::Reader::worksheet_range_at(&mut told, 0).unwrap().unwrap();
        let told: Vec<String> = sheet
            .rows()
            .map(|it| it.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            .collect();
        let gone: Vec<&String> = told.iter().filter(|it| it.contains("telah dihapus")).collect();
        assert_eq!(gone.len(), 3, "{told:?}");
        assert!(
            gone.iter().all(|it| it.trim_start_matches(',').starts_with("DITOLAK,Data orang")),
            "{told:?}"
        );
        assert!(!told.concat().contains("Zubaidah") && told[3].contains(",DITERIMA"), "{told:?}");
        assert_eq!(rows.len(), 4, "each row stands where it stood: {rows:?}");
        assert!(rows[1].trim_matches(',').is_empty());
    });
}
