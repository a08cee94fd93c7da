//! What may not come back, known by keyed hashes alone: without the key nobody can try which NIK a mark is of.

use std::collections::HashSet;
use std::path::Path;

use aws_lc_rs::hmac;
use domain::id::{EnterpriseId, RecordId};
use domain::identifier::Phone;
use domain::record::{Field, RecordFields};

use crate::app::App;
use crate::auth::file::write_once;
use crate::error::Error;

/// Where the key lies: in the data directory, which a dump of the database does not hold.
const KEY_FILE: &str = "tombstone-key";
/// The setting that says which key the marks were made with.
const SETTING: &str = "tombstone_key";

/// The marks, and the key that makes them.
pub struct Tombs {
    key: hmac::Key,
    marks: HashSet<String>,
}

impl Tombs {
    /// The marks, unless nobody was ever erased.
    ///
    /// Fails with [`Error::TombstoneKeyMissing`] when there are marks and their key is not here: a row that
    /// must not come back could not be told from others.
    pub async fn standing(app: &App) -> Result<Option<Tombs>, Error> {
        match app.store.setting(SETTING).await? {
            None => Ok(None),
            Some(_) => Tombs::open(app).await.map(Some),
        }
    }

    /// The marks, with the key they are made with; the first time it is made here.
    pub async fn open(app: &App) -> Result<Tombs, Error> {
        let path = app.config.data_dir.join(KEY_FILE);
        let known = app.store.setting(SETTING).await?;
        if known.is_none() && !path.exists() {
            let mut fresh = [0; 32];
            aws_lc_rs::rand::fill(&mut fresh).map_err(|_| Error::internal("no random key"))?;
            write_once(&path, &fresh)?;
        }
        let key = read(&path)?;
        let print = hash(&key, "fingerprint", "");
        match known {
            None => app.store.set_setting(SETTING, &print).await?,
            Some(known) if known == print => {}
            Some(_) => return Err(Error::TombstoneKeyMissing),
        }
        Ok(Tombs { key, marks: app.store.tombstones().await? })
    }

    /// The mark of a row.
    pub fn of_row(&self, record: RecordId) -> String {
        hash(&self.key, "row", &record.to_string())
    }

    /// The mark of a number of a person.
    pub fn of_number(&self, digits: &str) -> String {
        hash(&self.key, "number", digits)
    }

    /// The marks of whom a row names, where no number of sixteen digits need be in it: her name with each
    /// telephone and e-mail. Neither alone is hers for ever.
    pub fn of_person(&self, fields: &RecordFields) -> Vec<String> {
        let name = fields.get(Field::OwnerName).unwrap_or_default();
        let mut name: Vec<String> =
            linkage::text::words(name).iter().map(|it| linkage::text::canonical(it)).collect();
        if name.is_empty() {
            return vec![];
        }
        name.sort();
        let (phones, _) = Phone::read_all(fields.get(Field::Phone).unwrap_or_default());
        let phones = phones.iter().map(|it| it.reveal().to_owned());
        let mail = fields.get(Field::Email).map(|it| it.trim().to_lowercase());
        let reached = phones.chain(mail.filter(|it| !it.is_empty()));
        let person = |it: String| hash(&self.key, "person", &format!("{}\0{it}", name.join(" ")));
        reached.map(person).collect()
    }

    /// The mark of an enterprise.
    pub fn of_enterprise(&self, id: EnterpriseId) -> String {
        hash(&self.key, "enterprise", &id.to_string())
    }

    /// Whether the row may not come back.
    pub fn bars_row(&self, record: RecordId) -> bool {
        self.marks.contains(&self.of_row(record))
    }

    /// Whether the row names somebody who may not come back.
    pub fn bars_person(&self, fields: &RecordFields) -> bool {
        self.of_person(fields).iter().any(|it| self.marks.contains(it))
    }

    /// Whether a cell holds a number that may not come back.
    pub fn bars_cells(&self, cells: &[String]) -> bool {
        cells.iter().flat_map(|it| numbers(it)).any(|it| self.marks.contains(&self.of_number(&it)))
    }

    /// Takes marks for known that were just kept.
    pub fn add(&mut self, marks: impl IntoIterator<Item = String>) {
        self.marks.extend(marks);
    }
}

fn read(path: &Path) -> Result<hmac::Key, Error> {
    let bytes = std::fs::read(path).map_err(|_| Error::TombstoneKeyMissing)?;
    if bytes.len() != 32 {
        return Err(Error::TombstoneKeyMissing);
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn hash(key: &hmac::Key, kind: &str, text: &str) -> String {
    let tag = hmac::sign(key, format!("{kind}\0{text}").as_bytes());
    tag.as_ref().iter().map(|it| format!("{it:02x}")).collect()
}

/// The numbers of sixteen digits in a cell, as a NIK is written: in one piece, or parted by spaces, dots and
/// the like.
fn numbers(cell: &str) -> Vec<String> {
    if cell.bytes().filter(u8::is_ascii_digit).count() < 16 {
        return vec![];
    }
    let parting = |it: char| matches!(it, ' ' | '.' | '-' | '\'' | '\u{a0}' | '`' | '_');
    let mut found = vec![];
    let mut run = String::new();
    for it in cell.chars().chain(std::iter::once('\n')) {
        match it {
            '0'..='9' => run.push(it),
            it if parting(it) => {}
            _ => {
                if run.len() == 16 {
                    found.push(std::mem::take(&mut run));
                }
                run.clear();
            }
        }
    }
    let pieces = cell.split(|it: char| !it.is_ascii_digit()).filter(|it| it.len() == 16);
    found.extend(pieces.map(str::to_owned));
    found
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn a_nik_is_found_however_it_is_written() {
        let nik = "3673014507850001";
        for cell in [
            "3673014507850001",
            "'3673014507850001",
            "3673 0145 0785 0001",
            "367301.450785.0001",
            "NIK: 3673014507850001 (istri)",
            "3673014507850001 081234567801",
        ] {
            assert!(numbers(cell).iter().any(|it| it == nik), "{cell}");
        }
        assert!(numbers("081234567801").is_empty());
    }
}
