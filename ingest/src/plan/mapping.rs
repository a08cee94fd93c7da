//! What an agency confirmed its headings to mean.

use std::collections::BTreeMap;

use domain::record::Field;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::heading::words;

/// What headings mean: a field's code, two joined by `+` for two values in one cell, or `ignore`.
///
/// Headings match whatever their case, signs and spaces. Remembered per agency and used again.
/// Written as a flat table from heading to code; one under the key `columns` is read too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Mapping {
    /// Heading, as the plan writes it, to code.
    pub columns: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for Mapping {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Mapping, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Entry {
            Code(String),
            Table(BTreeMap<String, String>),
        }
        let mut columns = BTreeMap::new();
        for (key, entry) in BTreeMap::<String, Entry>::deserialize(input)? {
            match entry {
                Entry::Code(code) => drop(columns.insert(key, code)),
                Entry::Table(table) if key == "columns" => columns.extend(table),
                Entry::Table(_) => {
                    return Err(D::Error::custom(format!("{key}: expected the code of a field")));
                }
            }
        }
        Ok(Mapping { columns })
    }
}

/// The code of a column that is not to be read.
pub const IGNORE: &str = "ignore";

impl Mapping {
    /// Says what `heading` means.
    pub fn set(&mut self, heading: &str, fields: &[Field]) {
        let codes: Vec<&str> = fields.iter().map(|it| it.code()).collect();
        let code = if codes.is_empty() { IGNORE.to_owned() } else { codes.join("+") };
        self.columns.insert(heading.to_owned(), code);
    }

    /// The fields of `heading`, none for one to be ignored; `None` when the mapping does not say, or
    /// says what is no field.
    pub fn get(&self, heading: &str) -> Option<Vec<Field>> {
        let wanted = words(heading);
        let direct = self.columns.get(heading);
        let code = direct.or_else(|| {
            self.columns.iter().find(|(it, _)| words(it) == wanted).map(|(_, code)| code)
        })?;
        fields_of(code)
    }

    /// The headings that are none of `present`.
    pub fn not_among<'a>(&'a self, present: &[&str]) -> Vec<&'a str> {
        let present: Vec<String> = present.iter().map(|it| words(it)).collect();
        let absent = |it: &&String| !present.contains(&words(it));
        self.columns.keys().filter(absent).map(String::as_str).collect()
    }

    /// The codes that are neither a field nor `ignore`.
    pub fn unknown_codes(&self) -> Vec<&str> {
        self.columns.values().map(String::as_str).filter(|it| fields_of(it).is_none()).collect()
    }
}

fn fields_of(code: &str) -> Option<Vec<Field>> {
    if code.trim() == IGNORE {
        return Some(Vec::new());
    }
    let fields: Option<Vec<Field>> =
        code.split('+').map(|it| Field::from_code(it.trim())).collect();
    fields.filter(|it| matches!(it.len(), 1 | 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_found_again_under_other_spellings() {
        let mut mapping = Mapping::default();
        mapping.set("NAMA PEMILIK / NIK", &[Field::OwnerName, Field::Nik]);
        mapping.set("Paraf", &[]);
        let stored = serde_json::to_string(&mapping).unwrap();
        let mapping: Mapping = serde_json::from_str(&stored).unwrap();
        assert_eq!(mapping.get("nama_pemilik/nik"), Some(vec![Field::OwnerName, Field::Nik]));
        assert_eq!(mapping.get("PARAF"), Some(Vec::new()));
        assert_eq!(mapping.get("Alamat"), None);
    }

    #[test]
    fn codes_that_are_no_field_are_told() {
        let mapping: Mapping =
            serde_json::from_str(r#"{"columns":{"A":"nikk","B":"nik"}}"#).unwrap();
        let flat: Mapping = serde_json::from_str(r#"{"A":"nikk","B":"nik"}"#).unwrap();
        assert_eq!(flat, mapping);
        assert_eq!(serde_json::to_string(&flat).unwrap(), r#"{"A":"nikk","B":"nik"}"#);
        assert!(serde_json::from_str::<Mapping>(r#"{"other":{"A":"nik"}}"#).is_err());
        assert_eq!(mapping.not_among(&["a", "C"]), ["B"]);
        assert_eq!(mapping.unknown_codes(), ["nikk"]);
        assert_eq!(mapping.get("A"), None);
    }
}
