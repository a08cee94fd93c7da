//! Somebody with a copy of the database and nothing else: what she finds in it.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use domain::id::{NAMESPACE, RecordId};
use domain::record::{Field, RecordFields};
use linkage::features::{Features, Written};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::{Digest, Sha256};
use tunggal::store::linking::CurrentRecord;
use uuid::Uuid;

use crate::hub::TestHub;

/// Fields whose texts nobody finds.
const PERSONAL: [Field; 12] = [
    Field::Nik,
    Field::FamilyCard,
    Field::BirthDate,
    Field::Npwp,
    Field::Phone,
    Field::Email,
    Field::Street,
    Field::AnnualSales,
    Field::MonthlySales,
    Field::Capital,
    Field::LoanCapital,
    Field::Assets,
];
/// Texts below this many bytes occur anywhere by chance.
const SHORTEST: usize = 8;
/// The same for digits alone, which hexadecimal ids are full of.
const SHORTEST_DIGITS: usize = 10;

/// What was taken: the bytes of the database, by where they are from.
pub struct Loot(Vec<(String, Vec<u8>)>);

impl Loot {
    /// Everything there is but the keys.
    pub async fn of(hub: &TestHub) -> Loot {
        let Some(url) = &hub.app.config.database_url else {
            let files = std::fs::read_dir(&hub.app.config.data_dir).unwrap();
            let files = files.map(|it| it.unwrap().path());
            let files = files.filter(|it| {
                let name = it.file_name().unwrap().to_string_lossy().into_owned();
                name.contains(".sqlite")
            });
            let read = |it: PathBuf| (it.display().to_string(), std::fs::read(&it).unwrap());
            let loot: Vec<(String, Vec<u8>)> = files.map(read).collect();
            assert!(loot.iter().any(|it| it.0.ends_with("-wal") && !it.1.is_empty()), "no WAL");
            return Loot(loot);
        };
        let dump = Command::new(pg_dump()).args(["--no-owner", "-d", url]).output().unwrap();
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        // What is bytes is written in hexadecimal, in which digits are no news; it is read as bytes.
        let (mut texts, mut blobs) = (vec![], vec![]);
        for field in dump.stdout.split(|it| matches!(it, b'\t' | b'\n')) {
            if let Some(hex) = field.strip_prefix(b"\\\\x") {
                let value = |it: u8| if it <= b'9' { it - b'0' } else { it - b'a' + 10 };
                blobs.extend(hex.chunks_exact(2).map(|it| value(it[0]) << 4 | value(it[1])));
                blobs.push(0);
            } else {
                texts.extend_from_slice(field);
                texts.push(b'\n');
            }
        }
        assert!(1_000 < blobs.len(), "the dump has no bytes");
        Loot(vec![("texts".to_owned(), texts), ("bytes".to_owned(), blobs)])
    }

    /// Those of `secrets` that are in it, and where.
    pub fn finds(&self, secrets: &BTreeSet<Vec<u8>>) -> Vec<String> {
        let mut by_begin: HashMap<u64, Vec<&[u8]>> = HashMap::new();
        let mut filter = vec![false; 1 << 22];
        let slot = |it: u64| (it.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 42) as usize;
        for secret in secrets {
            let begin = u64::from_le_bytes(secret[..8].try_into().unwrap());
            by_begin.entry(begin).or_default().push(secret);
            filter[slot(begin)] = true;
        }
        let mut found = vec![];
        for (from, bytes) in &self.0 {
            let mut window = 0_u64;
            for (at, byte) in bytes.iter().enumerate() {
                window = window >> 8 | u64::from(*byte) << 56;
                if at < 7 || !filter[slot(window)] {
                    continue;
                }
                let here = &bytes[at - 7..];
                let secrets = by_begin.get(&window).into_iter().flatten();
                found.extend(secrets.filter(|it| here.starts_with(it)).map(|it| {
                    let around = &bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())];
                    let (it, around) =
                        (String::from_utf8_lossy(it), String::from_utf8_lossy(around));
                    format!("{it} in {from}: {around}")
                }));
            }
        }
        found
    }
}

fn pg_dump() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = installed
        .map(|it| it.unwrap().path().join("bin/pg_dump"))
        .filter(|it| it.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pg_dump".into())
}

/// The personal texts of records in every form they might be kept in; but for those that are part of a name,
/// such as a street that is called like an owner.
pub fn secrets(records: &[CurrentRecord]) -> BTreeSet<Vec<u8>> {
    let named = [Field::OwnerName, Field::BusinessName];
    let names = records.iter().flat_map(|it| named.map(|field| it.record.fields.get(field)));
    let mut parts: BTreeSet<String> = BTreeSet::new();
    for name in names.flatten() {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        for from in 0..words.len() {
            parts.extend((from..words.len()).map(|to| words[from..=to].join(" ")));
        }
    }
    let all: BTreeSet<String> = records.iter().flat_map(|it| texts(&it.record.fields)).collect();
    let (count, is_name) = (all.len(), |it: &String| parts.contains(&it.to_lowercase()));
    let all: Vec<String> =
        all.into_iter().filter(|it| it.len() < SHORTEST || !is_name(it)).collect();
    assert!(count < all.len() + 1 + count / 50, "{} of {count} texts left out", count - all.len());
    let mut secrets = BTreeSet::new();
    for text in all {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let local = digits.trim_start_matches("62").trim_start_matches('0').to_owned();
        for digits in [local, format!("+62{digits}"), digits] {
            if SHORTEST_DIGITS <= digits.len() {
                secrets.insert(digits.into_bytes());
            }
        }
        let bare = text.bytes().all(|it| it.is_ascii_digit());
        if text.len() < if bare { SHORTEST_DIGITS } else { SHORTEST } {
            continue;
        }
        let json = serde_json::to_string(&text).unwrap();
        secrets.insert(json.as_bytes()[1..json.len() - 1].to_vec());
        secrets.insert(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        secrets.insert(hex(text.as_bytes()).into_bytes());
        secrets.insert(hex(text.as_bytes()).to_uppercase().into_bytes());
        // Wherever it begins in what is encoded, some of its letters depend on it alone.
        for before in 0..3 {
            let padded = [&b"\0\0"[..before], text.as_bytes()].concat();
            let coded = BASE64_STANDARD_NO_PAD.encode(padded);
            let (first, last) = ([0, 2, 3][before], coded.len() - 2);
            if SHORTEST + first <= last {
                secrets.insert(coded.as_bytes()[first..last].to_vec());
            }
        }
        secrets.insert(text.into_bytes());
    }
    secrets
}

/// Hashes that anyone can compute of personal texts, and the ids that were once derived from them.
pub fn hashes(records: &[CurrentRecord]) -> BTreeSet<Vec<u8>> {
    let mut hashes = BTreeSet::new();
    for CurrentRecord { record, .. } in records {
        for text in texts(&record.fields) {
            let digest = Sha256::digest(text.as_bytes());
            hashes.insert(hex(&digest).into_bytes());
            hashes.insert(digest.to_vec());
            hashes.insert(Uuid::new_v5(&NAMESPACE, text.as_bytes()).as_bytes().to_vec());
        }
        let fold =
            |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        let mut digest = Sha256::new();
        for field in [Field::OwnerName, Field::BusinessName, Field::Kelurahan, Field::Street] {
            digest.update(record.fields.get(field).map(fold).unwrap_or_default());
            digest.update([0]);
        }
        let key = format!("digest {}", hex(&digest.finalize()[..16]));
        let id = RecordId::of_row(&record.agency, &key).0;
        hashes.insert(id.as_bytes().to_vec());
        hashes.insert(id.to_string().into_bytes());
    }
    hashes
}

/// How many entries of the blocking index are the keys that anyone can compute of the records.
pub async fn open_block_keys(hub: &TestHub, records: &[CurrentRecord]) -> usize {
    let store = &hub.app.store;
    let model = store.active_model_id().await.unwrap().unwrap();
    let model = store.model(model).await.unwrap().unwrap();
    let agencies = store.agencies().await.unwrap();
    let agency = |it: &CurrentRecord| agencies.iter().find(|a| a.code == it.record.agency).unwrap();
    let written: Vec<Written> =
        records.iter().map(|it| Written::new(&it.record, agency(it))).collect();
    let keys = linkage::link::keys(&Features::read(&model.settings, &written), &model);
    let keys: BTreeSet<[u8; 6]> = keys
        .iter()
        .flat_map(|it| &it.1)
        .map(|it| it.to_le_bytes()[..6].try_into().unwrap())
        .collect();
    let (_, database) = hub.database().await;
    let query =
        Statement::from_string(database.get_database_backend(), "SELECT entries FROM block_page");
    let pages = database.query_all_raw(query).await.unwrap();
    let pages = pages.iter().map(|it| it.try_get::<Vec<u8>>("", "entries").unwrap());
    let found =
        pages.map(|page| page.chunks_exact(12).filter(|it| keys.contains(&it[..6])).count());
    found.sum()
}

/// Turnovers that stand as numbers in some column of the register.
pub async fn amounts_in_columns(hub: &TestHub, records: &[CurrentRecord]) -> Vec<String> {
    let fields = [Field::AnnualSales, Field::MonthlySales, Field::Capital];
    let texts = records.iter().flat_map(|it| fields.map(|field| it.record.fields.get(field)));
    let digits = |it: &str| it.chars().filter(char::is_ascii_digit).collect::<String>();
    let amounts: BTreeSet<String> =
        texts.flatten().map(digits).filter(|it| 7 <= it.len() && it.len() < 13).collect();
    assert!(10 < amounts.len(), "the sample has no amounts");
    let (_, database) = hub.database().await;
    let backend = database.get_database_backend();
    let columns = match backend {
        DbBackend::Postgres => {
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns \
             WHERE table_schema = 'public' AND data_type IN ('integer', 'bigint', 'double precision', 'smallint')"
        }
        _ => {
            "SELECT m.name AS t, p.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND lower(p.type) NOT LIKE '%text%' AND lower(p.type) NOT LIKE '%blob%'"
        }
    };
    let columns = database.query_all_raw(Statement::from_string(backend, columns)).await.unwrap();
    assert!(20 < columns.len());
    let list = amounts.into_iter().collect::<Vec<_>>().join(",");
    let programmes = hub.app.rules.catalogue.programmes();
    let versions = programmes.iter().flat_map(|it| &it.versions);
    let ceilings: Vec<String> =
        versions.flat_map(|it| &it.ceilings).map(|it| it.amount.0.to_string()).collect();
    let ceilings = ceilings.join(",");
    let mut found = vec![];
    for row in columns {
        let [table, column] = ["t", "c"].map(|it| row.try_get::<String>("", it).unwrap());
        // Ceilings of programmes are no turnovers, though some are as large: nothing else may stand there.
        let query = match (table.as_str(), column.as_str()) {
            ("financing_standing", "ceiling" | "next_ceiling") => {
                format!(
                    r#"SELECT COUNT(*) AS n FROM "{table}" WHERE "{column}" NOT IN ({ceilings})"#
                )
            }
            _ => format!(r#"SELECT COUNT(*) AS n FROM "{table}" WHERE "{column}" IN ({list})"#),
        };
        let row = database.query_one_raw(Statement::from_string(backend, query)).await.unwrap();
        if 0 < row.unwrap().try_get::<i64>("", "n").unwrap() {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

fn texts(fields: &RecordFields) -> Vec<String> {
    PERSONAL.iter().filter_map(|it| fields.get(*it)).map(|it| it.trim().to_owned()).collect()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |it: u8| char::from(DIGITS[usize::from(it)]);
    bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]).collect()
}
