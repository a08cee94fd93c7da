//! A search through everything the hub keeps.

use sea_orm::{ConnectionTrait, Statement};

use crate::hub::TestHub;

/// Where any of `needles` stands in what the hub keeps: tables or files, by name.
pub async fn places(hub: &TestHub, needles: &[&str]) -> Vec<String> {
    let mut found = vec![];
    let directory = &hub.app.config.data_dir;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // The lists that the test itself wrote.
        if name.ends_with(".csv") || path.is_dir() {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase();
        found.extend(
            needles.iter().filter(|it| text.contains(**it)).map(|it| format!("{name}: {it}")),
        );
    }
    // Files are kept compressed.
    for file in hub.app.store.file_ids().await.unwrap() {
        let mut copy = tempfile::NamedTempFile::new().unwrap();
        hub.app.store.restore_file(file, copy.as_file_mut()).await.unwrap();
        let text = String::from_utf8_lossy(&std::fs::read(copy.path()).unwrap()).to_lowercase();
        found.extend(
            needles.iter().filter(|it| text.contains(**it)).map(|it| format!("{file}: {it}")),
        );
    }
    if hub.app.config.database_url.is_some() {
        let (_, database) = hub.database().await;
        let all = |text: String| Statement::from_string(database.get_database_backend(), text);
        let tables = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'";
        for table in database.query_all_raw(all(tables.to_owned())).await.unwrap() {
            let table: String = table.try_get("", "name").unwrap();
            for needle in needles {
                let hex: String = needle.bytes().map(|it| format!("{it:02x}")).collect();
                let query = format!(
                    "SELECT COUNT(*) AS rows FROM {table} t WHERE t::text ILIKE '%{needle}%' OR t::text ILIKE '%{hex}%'"
                );
                let rows = database.query_one_raw(all(query)).await.unwrap().unwrap();
                if 0 < rows.try_get::<i64>("", "rows").unwrap() {
                    found.push(format!("{table}: {needle}"));
                }
            }
        }
    }
    found
}
